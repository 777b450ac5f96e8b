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
mod presigned;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod vectors;

#[cfg(test)]
use std::path::PathBuf;

/// The conformance data that lies beside the project, or `None`, said once per test, where it is
/// absent (a clone of the project alone).
#[cfg(test)]
fn conformance(name: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance");
    let path = PathBuf::from(root).join(name);
    if !path.exists() {
        eprintln!("skipped: no conformance data at ../shared/conformance/{name}");
        return None;
    }
    Some(path)
}
