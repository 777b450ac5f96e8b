//! `binary`: Base64. Source: Elasticsearch 7.10, "Binary field type".

use base64::Engine as _;
use serde_json::Value;

use super::column::Column;
use super::field_type::MappedFieldType;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::Exception;
use crate::value::scalar::plain;

/// The parameters of `binary`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("store", ParameterShape::Bool(false)),
    fixed("doc_values", ParameterShape::Bool(false)),
    updatable("meta", ParameterShape::Object),
];

/// A binary field; without a column nothing but `_source` keeps it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Binary {
    /// Whether it has a column.
    pub doc_values: bool,
}

impl Binary {
    pub(super) fn build(parameters: &Parameters) -> Binary {
        Binary { doc_values: parameters.bool("doc_values", false) }
    }
}

impl MappedFieldType for Binary {
    fn name(&self) -> &'static str {
        "binary"
    }

    fn is_indexed(&self) -> bool {
        false
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Bytes)
    }

    fn has_column(&self) -> bool {
        self.doc_values
    }

    fn check_term(&self, _path: &str, context: QueryContext<'_>) -> Result<(), Exception> {
        Err(context.refuse("Binary fields do not support searching"))
    }

    fn term(
        &self,
        _path: &str,
        _value: &Value,
        _context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        Ok(TermLookup::Nothing)
    }

    fn check_range(&self, path: &str, context: QueryContext<'_>) -> Result<(), Exception> {
        let kind: &dyn MappedFieldType = self;
        Err(kind.no_range(path, context))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        if value.is_null() {
            return Ok(false);
        }
        context.bytes(&read(value)?);
        Ok(true)
    }
}

/// The bytes of a value, which is Base64.
///
/// # Errors
/// The cause of the parse failure.
fn read(value: &Value) -> Result<Vec<u8>, Exception> {
    let text = plain(value);
    base64::engine::general_purpose::STANDARD
        .decode(&text)
        .map_err(|fault| Exception::illegal_argument(format!("not Base64: {fault}")))
}
