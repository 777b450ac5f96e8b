//! `boolean`: kept as 0 and 1. Source: Elasticsearch 7.10, "Boolean field type".

use serde_json::Value;

use super::analyzers::FieldAnalyzers;
use super::column::Column;
use super::date::DateFormat;
use super::field_type::MappedFieldType;
use super::kept::NumberValue;
use super::parameters::{BOOST, Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, RangeBounds, RangeLookup, TermLookup};
use crate::exception::{Exception, ExceptionKind};
use crate::value::scalar::{self, plain};

/// The parameters of `boolean`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("index", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    fixed("null_value", ParameterShape::Scalar),
    BOOST,
    updatable("meta", ParameterShape::Object),
];

/// A boolean field.
#[derive(Clone, Debug, PartialEq)]
pub struct Boolean {
    /// What an explicit `null` is indexed as.
    pub null_value: Option<bool>,
    /// Whether it can be searched by term.
    pub index: bool,
    /// Whether it has a column.
    pub doc_values: bool,
}

impl MappedFieldType for Boolean {
    fn name(&self) -> &'static str {
        "boolean"
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Boolean)
    }

    fn has_column(&self) -> bool {
        self.doc_values
    }

    fn is_searched_by_column(&self) -> bool {
        true
    }

    fn shown(
        &self,
        value: Value,
        _analyzers: &FieldAnalyzers,
        _format: Option<&DateFormat>,
    ) -> Option<Value> {
        // In a document, unlike in a query, the empty text is `false`.
        let flag = if value == "" { Some(0) } else { query_flag(&value).ok() };
        flag.map(|flag| Value::from(flag == 1))
    }

    fn term(
        &self,
        _path: &str,
        value: &Value,
        context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        query_flag(value).map(TermLookup::Flag).map_err(|cause| context.failed(cause))
    }

    fn range(
        &self,
        bounds: &RangeBounds,
        context: QueryContext<'_>,
    ) -> Result<RangeLookup, Exception> {
        let step = |flag: i64, up: bool| if up { flag + 1 } else { flag - 1 };
        let flags = bounds.stepped((0, 1), query_flag, step);
        flags
            .map(|(low, high)| RangeLookup::Flags(low, high))
            .map_err(|cause| context.failed(cause))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        let parsed = if value.is_null() { self.null_value } else { Some(Boolean::parse(value)?) };
        Ok(context.number(parsed.map(|flag| NumberValue::I64(flag.into()))))
    }
}

impl Boolean {
    /// A boolean field with Elasticsearch's defaults.
    pub fn plain() -> Boolean {
        Boolean { null_value: None, index: true, doc_values: true }
    }

    pub(super) fn build(parameters: &Parameters) -> Result<Boolean, Exception> {
        let null_value = match parameters.value("null_value") {
            None | Some(Value::Null) => None,
            Some(value) => Some(Boolean::parse(value)?),
        };
        Ok(Boolean {
            null_value,
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
        })
    }

    /// Reads `true`, `false`, their strings, and the empty string (false).
    ///
    /// # Errors
    /// The cause Elasticsearch names.
    pub fn parse(value: &Value) -> Result<bool, Exception> {
        match value {
            Value::String(text) if text.is_empty() => Ok(false),
            Value::Bool(_) | Value::String(_) => scalar::boolean(value)
                .ok_or_else(|| Exception::illegal_argument(scalar::not_a_boolean(plain(value)))),
            other => {
                let token = super::number::token(other);
                let reason = format!("Current token ({token}) not of boolean type");
                Err(Exception::new(ExceptionKind::JsonParse, reason))
            }
        }
    }
}

/// The value of a query as 0 or 1.
///
/// # Errors
/// `illegal_argument_exception` for what is no flag.
pub(crate) fn query_flag(value: &Value) -> Result<i64, Exception> {
    let text = scalar::text(value)
        .ok_or_else(|| Exception::parsing("[term] unknown token after [value]"))?;
    match text.as_str() {
        "true" => Ok(1),
        "false" => Ok(0),
        other => Err(Exception::illegal_argument(format!(
            "Can't parse boolean value [{other}], expected [true] or [false]"
        ))),
    }
}
