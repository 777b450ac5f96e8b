//! The signature layer's tests: one binary, a module per topic.

#[cfg(test)] // so that the lints know these modules for tests
mod bodies;
#[cfg(test)]
mod canonical_forms;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod hand;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod order;
#[cfg(test)]
mod own_vectors;
#[cfg(test)]
mod presigned;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod vectors;

#[cfg(test)]
use std::path::PathBuf;

/// The conformance data beside the project, which a clone of the project alone has not: a test that reads it is
/// `ignored` unless it is asked for, as `cargo xtask test` does where the data is.
#[cfg(test)]
fn conformance(name: &str) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance");
    PathBuf::from(root).join(name)
}
