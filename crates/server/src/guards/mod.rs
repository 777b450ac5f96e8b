//! What bounds the cost of a request, and of many: named limits, shares of what there is little of, counted failures.

pub mod answers;
pub mod budgets;
pub mod limits;
pub mod passwords;
pub mod replay;
pub mod shares;
pub mod throttle;
