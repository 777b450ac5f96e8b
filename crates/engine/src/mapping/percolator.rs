//! `percolator`: a query as a value. Nothing but the document keeps it; the `percolate` query reads it there. Source:
//! Elasticsearch 7.10, "Percolator field type", and `PercolatorFieldMapper` for the texts.

use serde_json::Value;

use super::field_type::{MappedFieldType, Refusal};
use super::parameters::{Parameter, ParameterShape, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::Exception;

/// The parameters of `percolator`.
pub(super) const PARAMETERS: &[Parameter] = &[updatable("meta", ParameterShape::Object)];

/// A field of queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percolator;

impl MappedFieldType for Percolator {
    fn name(&self) -> &'static str {
        "percolator"
    }

    fn keeps_paths(&self) -> bool {
        true
    }

    fn is_indexed(&self) -> bool {
        false
    }

    fn check_term(&self, _path: &str, context: QueryContext<'_>) -> Result<(), Exception> {
        let reason = "Percolator fields are not searchable directly, use a percolate query instead";
        Err(context.refuse(reason))
    }

    fn term(
        &self,
        _path: &str,
        _value: &Value,
        _context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        Ok(TermLookup::Nothing)
    }

    fn parse_into(
        &self,
        value: &Value,
        _context: &mut ParseContext<'_>,
    ) -> Result<bool, Exception> {
        Percolator::check(value).map(|()| true)
    }

    fn refusal(&self) -> Refusal {
        Refusal::Document
    }

    fn is_kept_by_source(&self) -> bool {
        true
    }
}

impl Percolator {
    /// Refuses what cannot be a query. Whether it is one is asked before the document is written.
    ///
    /// # Errors
    /// The cause Elasticsearch names.
    fn check(value: &Value) -> Result<(), Exception> {
        match value {
            Value::Object(query) if query.is_empty() => {
                Err(Exception::illegal_argument("query malformed, empty clause found"))
            }
            Value::Object(_) => Ok(()),
            _ => Err(Exception::parsing("[_na] query malformed, must start with start_object")),
        }
    }
}
