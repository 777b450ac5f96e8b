//! What bounds the cost of a request, and of many: named limits, shares of what there is little of, counted failures.

pub(crate) mod answers;
pub(crate) mod budgets;
pub(crate) mod limits;
pub(crate) mod passwords;
pub(crate) mod quotas;
pub(crate) mod replay;
pub(crate) mod request_rates;
pub(crate) mod shares;
pub(crate) mod throttle;
