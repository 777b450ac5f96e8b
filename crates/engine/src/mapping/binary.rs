//! `binary`: Base64 that only `_source` keeps. Source: Elasticsearch 7.10, "Binary field type".

use base64::Engine as _;
use serde_json::Value;

use super::column::Column;
use super::parameters::{Parameter, ParameterShape, fixed, updatable};
use super::type_facts::TypeFacts;
use crate::exception::Exception;
use crate::value::scalar::plain;

/// The parameters of `binary`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("store", ParameterShape::Bool(false)),
    fixed("doc_values", ParameterShape::Bool(false)),
    updatable("meta", ParameterShape::Object),
];

/// A binary field: nothing but `_source` keeps it.
pub(super) struct Binary;

impl TypeFacts for Binary {
    fn name(&self) -> &'static str {
        "binary"
    }

    fn is_indexed(&self) -> bool {
        false
    }

    fn column_kind(&self) -> Option<Column> {
        None
    }

    fn has_column(&self) -> bool {
        false
    }
}

/// Checks that a value is Base64.
///
/// # Errors
/// The cause of the parse failure.
pub fn check(value: &Value) -> Result<(), Exception> {
    let text = plain(value);
    base64::engine::general_purpose::STANDARD
        .decode(&text)
        .map(|_| ())
        .map_err(|fault| Exception::illegal_argument(format!("not Base64: {fault}")))
}
