//! AWS credential chain and signed, streaming HTTP.
