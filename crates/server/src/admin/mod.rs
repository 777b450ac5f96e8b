//! What the operator watches: health pages and metrics, on a listener of their own.

pub mod health;
pub mod metrics;
