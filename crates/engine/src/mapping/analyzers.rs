//! The analyzers of one field.

use std::sync::Arc;

use crate::analysis::{Analyzer, Analyzers};
use crate::exception::Exception;

/// What a field's texts and those of queries on it go through, by what its type names.
#[derive(Clone, Debug, Default)]
pub struct FieldAnalyzers {
    /// Of documents.
    pub documents: Option<Arc<Analyzer>>,
    /// Of queries.
    pub queries: Option<Arc<Analyzer>>,
    /// Of values that are one term.
    pub normalizer: Option<Arc<Analyzer>>,
}

/// The analyzer of `analyzers` called `name`.
///
/// # Errors
/// `illegal_argument_exception` where there is none.
pub(super) fn named(analyzers: &Analyzers, name: &str) -> Result<Arc<Analyzer>, Exception> {
    analyzers.named(name)?.ok_or_else(|| {
        Exception::illegal_argument(format!(
            "analyzer [{name}] has not been configured in mappings"
        ))
    })
}
