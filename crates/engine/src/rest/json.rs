//! The strict JSON reader: duplicate keys, trailing data, a byte order mark, `NaN` and too deep nesting are refused, so
//! that what the authorizer reads and what the engine reads cannot differ.

use super::syntax;
use crate::exception::Exception;
use crate::limits::JSON_DEPTH_MAX;
use crate::place::Body;
use crate::work::{Cancel, HeldMemory, Work};
use bytes::Bytes;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::sync::Arc;

/// One JSON value beside the bytes it was read from. (`_source` is answered exactly as it was sent.)
#[derive(Clone, Debug)]
pub struct Json {
    /// The bytes as they were sent.
    pub raw: Bytes,
    /// What they say.
    pub value: Arc<Value>,
    memory: JsonMemory,
}

/// The memory that a value takes, where its request's texts are many or long: given back when nothing holds it any more.
#[derive(Clone, Debug, Default)]
pub struct JsonMemory {
    _held: Option<Arc<HeldMemory>>,
}

/// Once the texts of a request are longer than this together, all that they say takes its memory from the budget: a list of short
/// numbers takes many times its text.
pub(crate) const COUNTED_FROM_BYTES: u64 = 256 * 1024;

/// What a value takes beside its text, and with a member's name: a [`Value`] with what vectors keep free, an entry of a map.
const VALUE_BYTES: u64 = 48;
const MEMBER_BYTES: u64 = 112;

impl Json {
    /// What it says, to be changed, and the memory that this takes: it is to be kept as long as that.
    pub fn into_value(self) -> (Value, JsonMemory) {
        (Arc::unwrap_or_clone(self.value), self.memory)
    }

    /// Text and value, to find places in.
    pub(crate) fn body(&self) -> Body<'_> {
        Body { text: &self.raw, value: &self.value }
    }

    /// What was made here.
    pub(crate) fn made(value: Value) -> Json {
        Json { raw: Bytes::new(), value: value.into(), memory: JsonMemory::default() }
    }

    /// Reads exactly one value from `raw`, which is short.
    pub fn read(raw: Bytes) -> Result<Json, Exception> {
        let value = read(&raw)?;
        Ok(Json { raw, value: value.into(), memory: JsonMemory::default() })
    }

    /// Reads exactly one value from `raw`, however long; `task_cancelled_exception` once `work` is called off,
    /// `circuit_breaking_exception` where it says more than there is memory for.
    pub fn read_within(raw: Bytes, work: &Work) -> Result<Json, Exception> {
        if !work.counts_json(raw.len()) {
            return Json::read_own(raw, work);
        }
        let counted =
            RefCell::new(JsonCount { held: work.holds_json(), waiting: 0, refused: None });
        let value = read_within(&raw, &work.cancel, Some(&counted));
        work.check()?;
        let mut counted = counted.into_inner();
        if value.is_ok() && counted.refused.is_none() {
            counted.take();
        }
        match counted.refused {
            Some(refused) => Err(refused),
            None => {
                let memory = JsonMemory { _held: Some(Arc::new(counted.held)) };
                Ok(Json { raw, value: value?.into(), memory })
            }
        }
    }

    /// As [`Json::read_within`], of an answer of our own: it was counted when it was made, and must not be refused any more.
    pub(crate) fn read_own(raw: Bytes, work: &Work) -> Result<Json, Exception> {
        let value = read_within(&raw, &work.cancel, None);
        // The reader's own error has no room for the reason.
        work.check()?;
        Ok(Json { raw, value: value?.into(), memory: JsonMemory::default() })
    }
}

/// Reads exactly one JSON value from `bytes`, strictly.
pub fn read(bytes: &[u8]) -> Result<Value, Exception> {
    read_within(bytes, &Cancel::new(), None)
}

/// Bytes that are counted before the budget is asked.
const WAITING_BYTES_MAX: u64 = 64 * 1024;

/// Memory that is taken while a value is read.
struct JsonCount {
    held: HeldMemory,
    /// What the budget was not yet asked for.
    waiting: u64,
    /// Why there was no more.
    refused: Option<Exception>,
}

impl JsonCount {
    /// Asks the budget for what waits; whether there was so much.
    fn take(&mut self) -> bool {
        let waiting = std::mem::take(&mut self.waiting);
        match self.held.grow(waiting) {
            Ok(()) => true,
            Err(refused) => {
                self.refused = Some(refused);
                false
            }
        }
    }
}

fn read_within(
    bytes: &[u8],
    cancel: &Cancel,
    counted: Option<&RefCell<JsonCount>>,
) -> Result<Value, Exception> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    // Our own depth limit is below the library's; its counter stays as the second line of defence.
    let value = StrictValue { depth: 0, cancel, counted }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    // Nobody waits for why a reading that was called off ended.
    let is_over = cancel.is_cancelled() || counted.is_some_and(|it| it.borrow().refused.is_some());
    let told = if is_over { &[][..] } else { bytes };
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
    counted: Option<&'a RefCell<JsonCount>>,
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

    /// Takes the memory of a value.
    fn takes<E: Error>(self, bytes: u64) -> Result<(), E> {
        let Some(counted) = self.counted else { return Ok(()) };
        let mut counted = counted.borrow_mut();
        counted.waiting += bytes;
        if counted.waiting < WAITING_BYTES_MAX || counted.take() {
            return Ok(());
        }
        Err(E::custom("too large"))
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

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.takes(value.len() as u64)?;
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        self.takes(value.len() as u64)?;
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
            inner.takes(VALUE_BYTES)?;
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
            inner.takes(MEMBER_BYTES + key.len() as u64)?;
            object.insert(key, value);
            inner.check()?;
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exception::ExceptionKind;
    use crate::work::Budget;

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
    fn a_long_text_takes_the_memory_of_what_it_says_for_as_long_as_that_is_there() {
        let budget = Budget::new("request", 8 << 20);
        let work = Work::new(Cancel::new(), budget.clone());
        let list = |length: usize| Bytes::from(format!("[1{}]", ",1".repeat(length - 1)));
        let read = Json::read_within(list(150_000), &work).unwrap();
        assert!(budget.bytes() >= 150_000 * VALUE_BYTES, "{}", budget.bytes());
        drop(read.clone());
        assert!(budget.bytes() > 0);
        drop(read);
        assert_eq!(budget.bytes(), 0);
        let refused = Json::read_within(list(200_000), &work).unwrap_err();
        assert_eq!((refused.kind(), refused.status()), (ExceptionKind::CircuitBreaking, 429));
        assert_eq!(budget.bytes(), 0);
        let members: Vec<String> = (0..80_000).map(|n| format!("\"{n}\":0")).collect();
        let members = Bytes::from(format!("{{{}}}", members.join(",")));
        assert!(Json::read_within(members, &work).is_err());
    }

    #[test]
    fn many_short_texts_of_a_request_take_the_memory_of_what_they_say_as_one_long_text_does() {
        let budget = Budget::new("request", 8 << 20);
        let work = Work::new(Cancel::new(), budget.clone());
        let list = || Bytes::from(format!("[1{}]", ",1".repeat(49_999)));
        let first: Vec<Json> = (0..2).map(|_| Json::read_within(list(), &work).unwrap()).collect();
        assert_eq!((first.len(), budget.bytes()), (2, 0), "so little is bounded by its length");
        let (value, memory) = {
            Json::read_within(list(), &work).unwrap();
            Json::read_within(list(), &work).unwrap().into_value()
        };
        assert_eq!(value.as_array().unwrap().len(), 50_000);
        assert!(budget.bytes() >= 50_000 * VALUE_BYTES, "{}", budget.bytes());
        let read = (0..4).map(|_| Json::read_within(list(), &work)).collect::<Result<Vec<_>, _>>();
        assert_eq!(read.unwrap_err().kind(), ExceptionKind::CircuitBreaking);
        drop(memory);
        assert_eq!(budget.bytes(), 0);
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
