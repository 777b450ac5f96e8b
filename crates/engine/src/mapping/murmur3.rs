//! `murmur3`: of each value its hash, to be counted without looking at the values again. Source: "Mapper murmur3 plugin" of
//! Elasticsearch 7.10 and OpenSearch 2.19, which Amazon's service has, and `Murmur3FieldMapper`.

use serde_json::Value;

use super::analyzers::FieldAnalyzers;
use super::column::Column;
use super::date::DateFormat;
use super::field_type::MappedFieldType;
use super::kept::NumberValue;
use super::keyword::not_text;
use super::parameters::{Parameter, ParameterShape, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::Exception;
use crate::murmur3;
use crate::value::scalar::plain;

/// The parameters of `murmur3`.
pub(super) const PARAMETERS: &[Parameter] =
    &[fixed("store", ParameterShape::Bool(false)), updatable("meta", ParameterShape::Object)];

/// A field of hashes.
#[derive(Clone, Copy, Debug)]
pub struct Murmur3;

impl MappedFieldType for Murmur3 {
    fn name(&self) -> &'static str {
        "murmur3"
    }

    fn is_indexed(&self) -> bool {
        false
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Long)
    }

    fn has_column(&self) -> bool {
        true
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        match value {
            Value::Null => Ok(false),
            Value::Object(_) | Value::Array(_) => Err(not_text()),
            value => Ok(context
                .number(Some(NumberValue::I64(murmur3::hash(plain(value).as_bytes()) as i64)))),
        }
    }

    fn check_term(&self, path: &str, context: QueryContext<'_>) -> Result<(), Exception> {
        Err(context.refuse(format!("Murmur3 fields are not searchable: [{path}]")))
    }

    fn term(
        &self,
        _path: &str,
        _value: &Value,
        _context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        Ok(TermLookup::Nothing)
    }

    fn shown(
        &self,
        value: Value,
        _analyzers: &FieldAnalyzers,
        _format: Option<&DateFormat>,
    ) -> Option<Value> {
        Some(plain(&value).into())
    }
}
