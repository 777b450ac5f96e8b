//! `keyword`: the value as one term. Source: Elasticsearch 7.10, "Keyword type family".

use serde_json::Value;

use super::column::Column;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::type_facts::TypeFacts;
use crate::exception::Exception;
use crate::value::scalar::plain;

/// Longest term in bytes, Lucene's own limit (`IndexWriter.MAX_TERM_LENGTH`).
pub const TERM_BYTES_MAX: usize = 32_766;

/// The parameters of `keyword`.
pub(super) const PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    fixed("null_value", ParameterShape::Scalar),
    updatable("eager_global_ordinals", ParameterShape::Bool(false)),
    updatable("ignore_above", ParameterShape::Int(i32::MAX as i64)),
    fixed("index_options", ParameterShape::Str("docs")),
    updatable("norms", ParameterShape::Bool(false)),
    fixed("similarity", ParameterShape::Str("BM25")),
    fixed("normalizer", ParameterShape::Str("default")),
    updatable("split_queries_on_whitespace", ParameterShape::Bool(false)),
    updatable("meta", ParameterShape::Object),
];

/// A keyword field.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyword {
    /// Values with more UTF-16 units than this are kept in `_source` only.
    pub ignore_above: Option<usize>,
    /// The normalizer's name.
    pub normalizer: Option<String>,
    /// What an explicit `null` is indexed as.
    pub null_value: Option<String>,
    /// Whether it can be searched by term.
    pub index: bool,
    /// Whether it has a column.
    pub doc_values: bool,
    /// Whether full text queries split at white space.
    pub split_queries_on_whitespace: bool,
}

impl TypeFacts for Keyword {
    fn name(&self) -> &'static str {
        "keyword"
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn column_kind(&self) -> Option<Column> {
        Some(Column::Str)
    }

    fn has_column(&self) -> bool {
        self.doc_values
    }
}

impl Keyword {
    /// A keyword field with Elasticsearch's defaults.
    pub fn plain() -> Keyword {
        Keyword {
            ignore_above: None,
            normalizer: None,
            null_value: None,
            index: true,
            doc_values: true,
            split_queries_on_whitespace: false,
        }
    }

    /// The `keyword` that dynamic mapping puts under every string: `ignore_above` 256.
    pub fn dynamic() -> Keyword {
        Keyword { ignore_above: Some(256), ..Keyword::plain() }
    }

    pub(super) fn build(name: &str, parameters: &Parameters) -> Result<Keyword, Exception> {
        if let Some(similarity) = parameters.str("similarity") {
            return Err(Exception::not_implemented(&format!(
                "similarity {similarity} of field {name}"
            )));
        }
        if parameters.bool("norms", false) {
            return Err(Exception::not_implemented(&format!("norms of keyword field {name}")));
        }
        let ignore_above = match parameters.int("ignore_above") {
            None => None,
            Some(limit) => Some(usize::try_from(limit).map_err(|_| {
                Exception::illegal_argument(format!(
                    "[ignore_above] must be positive, got [{limit}]"
                ))
            })?),
        };
        Ok(Keyword {
            ignore_above,
            normalizer: parameters.str("normalizer"),
            null_value: parameters.value("null_value").filter(|value| !value.is_null()).map(plain),
            index: parameters.bool("index", true),
            doc_values: parameters.bool("doc_values", true),
            split_queries_on_whitespace: parameters.bool("split_queries_on_whitespace", false),
        })
    }

    /// The term for one JSON value; `None` where `ignore_above` leaves it out.
    ///
    /// # Errors
    /// The cause of the parse failure: an object where a scalar belongs.
    pub fn parse(&self, value: &Value) -> Result<Option<String>, Exception> {
        let too_long = |text: &str| {
            self.ignore_above
                .is_some_and(|limit| text.len() > limit && text.encode_utf16().nth(limit).is_some())
        };
        match value {
            Value::Object(_) | Value::Array(_) => Err(not_text()),
            // Not copied before it is known to be kept.
            Value::String(text) if too_long(text) => Ok(None),
            value => Ok(Some(plain(value)).filter(|text| !too_long(text))),
        }
    }
}

/// The cause Elasticsearch names when a string field meets an object.
pub(super) fn not_text() -> Exception {
    Exception::new(
        crate::exception::ExceptionKind::IllegalState,
        "Can't get text on a START_OBJECT",
    )
}
