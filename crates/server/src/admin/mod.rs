//! What the operator watches: health pages and metrics, on a listener of their own.

pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod testing;
