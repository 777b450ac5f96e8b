//! What records of every kind are made of.

/// Tags in the order they were given: key, value.
pub type Tags = Vec<(String, String)>;

/// Seconds since 1970.
pub type EpochSeconds = i64;
