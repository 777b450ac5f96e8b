//! The engine's integration tests, one binary.

#[cfg(test)] // so that the lints know it for a test
mod reference;
#[cfg(test)]
mod yaml;
