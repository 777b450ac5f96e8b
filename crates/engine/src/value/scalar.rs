//! JSON scalars: numbers and booleans come as themselves and as strings.

use serde_json::Value;

use crate::exception::{Exception, ExceptionKind};

/// A scalar as text: strings without their quotes. Objects and arrays stay JSON.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The text of a string, a number or a boolean; `None` for anything else.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(plain(value)),
        _ => None,
    }
}

/// The texts of a list, or the one of a scalar.
pub(crate) fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().map(plain).collect(),
        one => vec![plain(one)],
    }
}

/// `true` or `false`, also as a string; `None` for anything else.
pub(crate) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => boolean_text(text),
        _ => None,
    }
}

/// `true` or `false`; `None` for anything else.
pub(crate) fn boolean_text(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A whole number that is not negative, also as a string; `None` for anything else.
pub(crate) fn count(value: &Value) -> Option<usize> {
    plain(value).parse().ok()
}

/// A number, also as a string; `None` for anything else.
pub(crate) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Elasticsearch's words for `shown`, which is no boolean.
pub(crate) fn not_a_boolean(shown: impl std::fmt::Display) -> String {
    format!("Failed to parse value [{shown}] as only [true] or [false] are allowed.")
}

/// `number_format_exception` for a text that is no number.
pub(crate) fn not_a_number(text: &str) -> Exception {
    Exception::new(ExceptionKind::NumberFormat, format!("For input string: \"{text}\""))
}

/// The same, of one that Java's `Double.parseDouble` was to read, which has other words for what is empty.
pub(crate) fn no_double(text: &str) -> Exception {
    match text.trim().is_empty() {
        true => Exception::new(ExceptionKind::NumberFormat, "empty String"),
        false => not_a_number(text),
    }
}

/// What Elasticsearch's parser calls the first token of a value.
pub(crate) fn token(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "START_OBJECT",
        Value::Array(_) => "START_ARRAY",
        Value::String(_) => "VALUE_STRING",
        Value::Number(_) => "VALUE_NUMBER",
        Value::Bool(_) => "VALUE_BOOLEAN",
        Value::Null => "VALUE_NULL",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_boolean_may_be_a_string_and_nothing_else() {
        for (value, read) in [
            (json!(true), Some(true)),
            (json!("false"), Some(false)),
            (json!("yes"), None),
            (json!(1), None),
            (json!(null), None),
            (json!([true]), None),
        ] {
            assert_eq!(boolean(&value), read, "{value}");
        }
    }

    #[test]
    fn a_count_may_be_a_string_and_is_whole() {
        for (value, read) in [
            (json!(7), Some(7)),
            (json!("7"), Some(7)),
            (json!(-1), None),
            (json!(1.5), None),
            (json!("x"), None),
            (json!(null), None),
        ] {
            assert_eq!(count(&value), read, "{value}");
        }
    }

    #[test]
    fn a_number_may_be_a_string() {
        for (value, read) in [
            (json!(1.5), Some(1.5)),
            (json!("1.5"), Some(1.5)),
            (json!("x"), None),
            (json!(true), None),
        ] {
            assert_eq!(number(&value), read, "{value}");
        }
    }

    #[test]
    fn only_scalars_have_a_text() {
        assert_eq!(text(&json!("a")).as_deref(), Some("a"));
        assert_eq!(text(&json!(2.5)).as_deref(), Some("2.5"));
        for value in [json!(null), json!([]), json!({})] {
            assert_eq!(text(&value), None, "{value}");
        }
    }

    #[test]
    fn one_scalar_is_a_list_of_one() {
        assert_eq!(list(&json!("a")), ["a"]);
        assert_eq!(list(&json!(["a", 1])), ["a", "1"]);
    }
}
