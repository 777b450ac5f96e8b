//! `flat_object` (OpenSearch 2.7 and later) and `flattened` (Elasticsearch): a whole object in one field. Every value in
//! it is a word, found through the field and through its own path in the object.
//!
//! Each value is two terms: itself, and itself behind its path.

use serde_json::{Map, Value};
use tantivy::schema::SchemaBuilder;

use super::column::Column;
use super::date::DateFormat;
use super::field_type::MappedFieldType;
use super::fields;
use super::keyword::TERM_BYTES_MAX;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::Exception;
use crate::value::java::java;
use crate::value::path::each_at;
use crate::value::scalar::plain;

/// The parameters of `flat_object`: none.
pub(super) const PARAMETERS: &[Parameter] = &[];

/// The parameters of `flattened`.
pub(super) const FLATTENED_PARAMETERS: &[Parameter] = &[
    fixed("index", ParameterShape::Bool(true)),
    updatable("ignore_above", ParameterShape::Int(i32::MAX as i64)),
    updatable("depth_limit", ParameterShape::Int(20)),
    updatable("meta", ParameterShape::Object),
];

/// What a term with a path starts with, and what is between the path and the value: no text that people write.
const MARK: char = '\u{1}';

/// Deepest object in a value.
const DEPTH_MAX: usize = 20;

/// A field for whole objects.
#[derive(Clone, Debug, PartialEq)]
pub struct FlatObject {
    /// `flattened` instead of `flat_object`.
    pub flattened: bool,
    /// Values with more UTF-16 units than this are not indexed.
    pub ignore_above: usize,
    /// How many objects may be inside each other.
    pub depth_limit: usize,
    /// Whether it can be searched.
    pub index: bool,
}

impl MappedFieldType for FlatObject {
    fn name(&self) -> &'static str {
        if self.flattened { "flattened" } else { "flat_object" }
    }

    fn keeps_paths(&self) -> bool {
        true
    }

    fn is_indexed(&self) -> bool {
        self.index
    }

    fn add_to(&self, schema: &mut SchemaBuilder, name: &str) {
        fields::add(schema, name, Column::Str, self.index, false);
    }

    fn is_searched_as_text(&self) -> bool {
        true
    }

    fn no_column(&self, path: &str) -> String {
        format!("Field [{path}] of type [{}] does not support doc_value in root field", self.name())
    }

    fn whole_values(
        &self,
        path: &str,
        source: &Value,
        _format: Option<&DateFormat>,
    ) -> Option<Vec<Value>> {
        Some(each_at(source, path).map(|value| java(value).into()).collect())
    }

    fn term(
        &self,
        _path: &str,
        value: &Value,
        _context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        TermLookup::text(value).map(TermLookup::Text)
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        let terms = self.terms(&context.leaf.path, value)?;
        terms.iter().for_each(|term| context.term(term));
        Ok(!terms.is_empty())
    }
}

impl FlatObject {
    pub(super) fn build(flattened: bool, parameters: &Parameters) -> Result<FlatObject, Exception> {
        let most = |name: &str, default: usize| match parameters.int(name) {
            None => Ok(default),
            Some(given) => usize::try_from(given).map_err(|_| {
                Exception::illegal_argument(format!("[{name}] must be positive, got [{given}]"))
            }),
        };
        Ok(FlatObject {
            flattened,
            ignore_above: most("ignore_above", usize::MAX)?,
            depth_limit: most("depth_limit", DEPTH_MAX)?.min(super::MAPPING_DEPTH_MAX),
            index: parameters.bool("index", true),
        })
    }

    /// The terms of one value of a document.
    ///
    /// # Errors
    /// The cause OpenSearch names: a scalar, an object that is too deep, a value that no term can hold.
    pub(super) fn terms(&self, path: &str, value: &Value) -> Result<Vec<String>, Exception> {
        let token = match value {
            Value::Null => return Ok(Vec::new()),
            Value::Object(object) => {
                let mut terms = Vec::new();
                self.object(path, object, "", 1, &mut terms)?;
                return Ok(terms);
            }
            Value::Number(_) => "VALUE_NUMBER",
            Value::Bool(_) => "VALUE_BOOLEAN",
            Value::Array(_) => "START_ARRAY",
            Value::String(_) => "VALUE_STRING",
        };
        Err(Exception::parsing(format!(
            "[{path}] unexpected token [{token}] in {} field value",
            self.name()
        )))
    }

    fn object(
        &self,
        path: &str,
        object: &Map<String, Value>,
        prefix: &str,
        depth: usize,
        terms: &mut Vec<String>,
    ) -> Result<(), Exception> {
        if depth > self.depth_limit {
            return Err(Exception::illegal_argument(format!(
                "The provided {} field [{path}] exceeds the maximum depth limit of [{}].",
                self.name(),
                self.depth_limit
            )));
        }
        object.iter().try_for_each(|(name, value)| {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            self.value(path, value, &key, depth, terms)
        })
    }

    fn value(
        &self,
        path: &str,
        value: &Value,
        key: &str,
        depth: usize,
        terms: &mut Vec<String>,
    ) -> Result<(), Exception> {
        match value {
            Value::Null => Ok(()),
            Value::Object(object) => self.object(path, object, key, depth + 1, terms),
            // Lists in lists are as deep as objects.
            Value::Array(_) if depth > self.depth_limit => {
                self.object(path, &Map::new(), key, depth, terms)
            }
            Value::Array(values) => {
                values.iter().try_for_each(|value| self.value(path, value, key, depth + 1, terms))
            }
            scalar => {
                let text = plain(scalar);
                if text.encode_utf16().count() > self.ignore_above {
                    return Ok(());
                }
                let keyed = keyed(key, &text);
                if keyed.len() > TERM_BYTES_MAX {
                    return Err(Exception::illegal_argument(format!(
                        "{} field [{path}] contains one immense field whose keyed encoding is longer than the allowed max length of {TERM_BYTES_MAX} bytes.",
                        self.name()
                    )));
                }
                terms.push(text);
                terms.push(keyed);
                Ok(())
            }
        }
    }
}

/// The term of a value at a path in the object; at none it is the value.
pub(crate) fn keyed(key: &str, value: &str) -> String {
    if key.is_empty() { value.to_owned() } else { format!("{MARK}{key}{MARK}{value}") }
}

/// The value of a term at a path in the object; `None` for the terms of other paths.
pub(crate) fn value_of<'t>(term: &'t str, key: &str) -> Option<&'t str> {
    if key.is_empty() {
        return Some(term).filter(|term| !term.starts_with(MARK));
    }
    term.strip_prefix(MARK)?.strip_prefix(key)?.strip_prefix(MARK)
}

/// Whether a term is a value with its path.
pub(crate) fn is_of_a_path(term: &[u8]) -> bool {
    term.first() == Some(&(MARK as u8))
}

/// Whether a term is of a path that is `key` or below it.
pub(crate) fn is_below(term: &str, key: &str) -> bool {
    let rest = term.strip_prefix(MARK).and_then(|rest| rest.strip_prefix(key));
    rest.is_some_and(|rest| rest.starts_with(['.', MARK]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(depth_limit: usize) -> FlatObject {
        FlatObject { flattened: false, ignore_above: 10, depth_limit, index: true }
    }

    #[test]
    fn every_value_is_a_term_with_and_without_its_path() {
        let value = json!({"a": "x", "b": {"c": [1, true]}, "n": null, "long": "01234567890"});
        let terms = field(20).terms("f", &value).unwrap();
        assert_eq!(
            terms,
            ["x", "\u{1}a\u{1}x", "1", "\u{1}b.c\u{1}1", "true", "\u{1}b.c\u{1}true"]
        );
        assert_eq!(value_of("\u{1}b.c\u{1}1", "b.c"), Some("1"));
        assert_eq!(value_of("\u{1}b.c\u{1}1", ""), None);
        assert!(is_below("\u{1}b.c\u{1}1", "b") && !is_below("\u{1}b.c\u{1}1", "c"));
    }

    #[test]
    fn scalars_and_deep_objects_are_refused() {
        assert!(field(20).terms("f", &json!("x")).is_err());
        assert!(field(2).terms("f", &json!({"a": {"b": {"c": 1}}})).is_err());
        assert!(field(2).terms("f", &json!({"a": [[[[1]]]]})).is_err());
        assert!(field(3).terms("f", &json!({"a": {"b": {"c": 1}}})).is_ok());
    }
}
