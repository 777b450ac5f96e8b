//! Why settings cannot be made into analyzers.

use std::fmt;

/// Settings that cannot be made into analyzers: Elasticsearch's `illegal_argument_exception` text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalysisError(pub String);

impl fmt::Display for AnalysisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AnalysisError {}
