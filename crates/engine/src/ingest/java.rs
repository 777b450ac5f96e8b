//! How Java names and prints values in messages that callers know.

use serde_json::Value;

pub(super) use crate::value::java::java as text;

/// The class a value of a parsed body has.
pub(crate) fn class(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Number(number) if number.is_f64() => "java.lang.Double",
        Value::Number(number) => match number.as_i64() {
            Some(number) if i32::try_from(number).is_ok() => "java.lang.Integer",
            Some(_) => "java.lang.Long",
            None => "java.math.BigInteger",
        },
        Value::String(_) => "java.lang.String",
        Value::Array(_) => "java.util.ArrayList",
        Value::Object(_) => "java.util.HashMap",
    }
}

/// How many objects and lists are in one another; as deep as a body may be.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or(0),
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// What a value takes in memory, about.
pub(super) fn bytes(value: &Value) -> u64 {
    let inner = match value {
        Value::Object(entries) => {
            entries.iter().map(|(key, value)| key.len() as u64 + 32 + bytes(value)).sum()
        }
        Value::Array(values) => values.iter().map(bytes).sum(),
        Value::String(text) => text.len() as u64,
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    inner + size_of::<Value>() as u64
}
