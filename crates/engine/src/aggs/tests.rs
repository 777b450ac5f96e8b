//! Aggregations on a small index.
