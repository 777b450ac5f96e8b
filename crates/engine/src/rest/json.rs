//! The strict JSON reader: duplicate keys, trailing data, a byte order mark, `NaN` and too deep nesting are refused, so
//! that what the authorizer reads and what the engine reads cannot differ.

use super::syntax;
use crate::exception::Exception;
use crate::limits::JSON_DEPTH_MAX;
use crate::place::Body;
use crate::work::{Cancel, Work};
use bytes::Bytes;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::sync::Arc;

/// One JSON value beside the bytes it was read from. (`_source` is answered exactly as it was sent.)
#[derive(Clone, Debug)]
pub struct Json {
    /// The bytes as they were sent.
    pub raw: Bytes,
    /// What they say.
    pub value: Arc<Value>,
}

impl Json {
    /// What it says, to be changed.
    pub fn into_value(self) -> Value {
        Arc::unwrap_or_clone(self.value)
    }

    /// Text and value, to find places in.
    pub(crate) fn body(&self) -> Body<'_> {
        Body { text: &self.raw, value: &self.value }
    }

    /// Reads exactly one value from `raw`, which is short.
    pub fn read(raw: Bytes) -> Result<Json, Exception> {
        let value = read(&raw)?;
        Ok(Json { raw, value: value.into() })
    }

    /// Reads exactly one value from `raw`, however long; `task_cancelled_exception` once `work` is called off.
    pub fn read_within(raw: Bytes, work: &Work) -> Result<Json, Exception> {
        let value = read_within(&raw, &work.cancel);
        // The reader's own error has no room for the reason.
        work.check()?;
        Ok(Json { raw, value: value?.into() })
    }
}

/// Reads exactly one JSON value from `bytes`, strictly.
pub fn read(bytes: &[u8]) -> Result<Value, Exception> {
    read_within(bytes, &Cancel::new())
}

fn read_within(bytes: &[u8], cancel: &Cancel) -> Result<Value, Exception> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    // Our own depth limit is below the library's; its counter stays as the second line of defence.
    let value = StrictValue { depth: 0, cancel }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    // Nobody waits for why a reading that was called off ended.
    let told = if cancel.is_cancelled() { &[][..] } else { bytes };
    value.map_err(|error| syntax::refusal(told, &error.to_string()))
}

/// How Elasticsearch's parser calls the first token of `value`.
pub(crate) fn token(value: &Value) -> &'static str {
    match value {
        Value::Null => "VALUE_NULL",
        Value::Bool(_) => "VALUE_BOOLEAN",
        Value::Number(_) => "VALUE_NUMBER",
        Value::String(_) => "VALUE_STRING",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    }
}

/// A value at a depth; builds a [`Value`] and refuses what JSON leaves to the reader's taste.
#[derive(Clone, Copy)]
struct StrictValue<'a> {
    depth: usize,
    cancel: &'a Cancel,
}

impl<'a> StrictValue<'a> {
    fn deeper<E: Error>(self) -> Result<StrictValue<'a>, E> {
        if self.depth >= JSON_DEPTH_MAX {
            return Err(E::custom(format_args!(
                "nested deeper than the limit of {JSON_DEPTH_MAX} levels"
            )));
        }
        Ok(StrictValue { depth: self.depth + 1, ..self })
    }

    /// A look between two members.
    fn check<E: Error>(self) -> Result<(), E> {
        if self.cancel.is_cancelled() { Err(E::custom("cancelled")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for StrictValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
            inner.check()?;
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("Duplicate field '{key}'")));
            }
            let value = entries.next_value_seed(inner)?;
            object.insert(key, value);
            inner.check()?;
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().reason().to_owned()
    }

    #[test]
    fn d28_duplicate_keys_are_refused_also_when_escaped() {
        assert!(refused(r#"{"a":1,"a":2}"#).contains("Duplicate field 'a'"));
        assert!(refused(r#"{"_index":1,"\u005findex":2}"#).contains("Duplicate field '_index'"));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in ["", "{", "{}{}", "NaN", "{\"a\":1,}", "\u{feff}{}", "1e400", "// x\n{}", "'a'"]
        {
            assert!(read(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(read(deep(JSON_DEPTH_MAX).as_bytes()).is_ok());
        assert!(refused(&deep(JSON_DEPTH_MAX + 1)).contains("deeper"));
        assert!(read("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn keys_keep_their_order_and_numbers_their_kind() {
        let value = read(br#"{"b":1,"a":1.0,"c":18446744073709551615}"#).unwrap();
        assert_eq!(value.to_string(), r#"{"b":1,"a":1.0,"c":18446744073709551615}"#);
    }
}
