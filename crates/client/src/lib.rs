//! AWS credential chain and signed, streaming HTTP.

pub mod fetch;
