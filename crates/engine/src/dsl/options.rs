//! Strict reading of a query's JSON: every key is asked for by name, and what nobody asked for is refused.

use std::cell::RefCell;

use serde_json::{Map, Value};

use crate::exception::{Exception, ExceptionKind};
use crate::rest::likeness::did_you_mean;
use crate::value;
use crate::value::scalar::{boolean_text, not_a_boolean, not_a_number};

/// The object of one query (`{"field": {…}}` already opened), and which of its keys were read.
pub(crate) struct Options<'a> {
    query: &'static str,
    object: &'a Map<String, Value>,
    read: RefCell<Vec<&'a str>>,
    /// What was asked for, there or not: the keys that the parser knows.
    asked: RefCell<Vec<String>>,
    /// Whether Elasticsearch reads this with its `ObjectParser`, which words refusals otherwise.
    declared: bool,
    /// What is missing, told once it is clear that every key is known.
    missed: RefCell<Option<Exception>>,
}

impl<'a> Options<'a> {
    /// The options of the query called `query`.
    pub(crate) fn new(query: &'static str, value: &'a Value) -> Result<Options<'a>, Exception> {
        match value.as_object() {
            Some(object) => Ok(Options {
                query,
                object,
                read: RefCell::default(),
                asked: RefCell::default(),
                declared: false,
                missed: RefCell::default(),
            }),
            None => Err(Exception::parsing(format!(
                "[{query}] query malformed, no start_object after query name"
            ))
            .at(value)),
        }
    }

    /// The options of something that Elasticsearch reads with its `ObjectParser`: aggregations, `bool`.
    pub(crate) fn declared(
        query: &'static str,
        value: &'a Value,
    ) -> Result<Options<'a>, Exception> {
        Ok(Options { declared: true, ..Options::new(query, value)? })
    }

    /// The refusal of the value of `key`, because of `cause`.
    pub(crate) fn failed(&self, key: &str, cause: Exception) -> Exception {
        if cause.kind() == ExceptionKind::NotImplemented {
            return cause;
        }
        let reason = format!("[{}] failed to parse field [{key}]", self.query);
        let failed = Exception::new(ExceptionKind::XContentParse, reason).caused_by(cause);
        match self.object.get(key) {
            Some(value) => failed.at(value),
            None => failed,
        }
    }

    /// The refusal of the value of `key` for `reason`.
    pub(crate) fn wrong(&self, key: &str, reason: impl Into<String>) -> Exception {
        let wrong = Exception::parsing(reason);
        match self.object.get(key) {
            Some(value) => wrong.at(value),
            None => wrong,
        }
    }

    /// The raw value of `key`; null counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        if self.declared && self.object.len() > self.read.borrow().len() {
            self.asked.borrow_mut().push(key.to_owned());
        }
        let (key, value) = self.object.get_key_value(key)?;
        self.read.borrow_mut().push(key);
        Some(value).filter(|value| !value.is_null())
    }

    /// Refuses a null under `key`, of those that [`Options::declared`] reads.
    ///
    /// # Errors
    /// `x_content_parse_exception`.
    pub(crate) fn not_null(&self, key: &str) -> Result<(), Exception> {
        let Some(null) = self.object.get(key).filter(|value| value.is_null()) else {
            return Ok(());
        };
        let reason = format!("[{}] {key} doesn't support values of type: VALUE_NULL", self.query);
        Err(Exception::new(ExceptionKind::XContentParse, reason).at(null))
    }

    /// A string; numbers and booleans are taken as their text, as Elasticsearch's parser does.
    pub(crate) fn text(&self, key: &str) -> Result<Option<String>, Exception> {
        self.get(key).map(|value| scalar(self.query, key, value)).transpose()
    }

    /// A string that must be there.
    pub(crate) fn required_text(&self, key: &str) -> Result<String, Exception> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    /// The refusal of an object without what it must have: keys that none of `known` is are named first, as a parser
    /// meets them before the end.
    pub(crate) fn incomplete(&self, known: &[&str], otherwise: Exception) -> Exception {
        for key in known {
            self.get(key);
        }
        self.finish().err().unwrap_or(otherwise)
    }

    /// The refusal for a key that must be there.
    pub(crate) fn missing(&self, key: &str) -> Exception {
        Exception::parsing(format!("[{}] query requires [{key}] to be set", self.query))
            .at_end_of(self.object)
    }

    /// A number.
    pub(crate) fn float(&self, key: &str) -> Result<Option<f32>, Exception> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            let cause = not_a_number(&text);
            if self.declared { self.failed(key, cause) } else { cause }
        })
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&self, key: &str) -> Result<Option<u32>, Exception> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| not_a_number(&text))
    }

    /// A whole number, of those that [`Options::declared`] reads.
    ///
    /// # Errors
    /// `x_content_parse_exception` around what is wrong with it.
    pub(crate) fn whole(&self, key: &str) -> Result<Option<i64>, Exception> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let text = value::scalar::plain(value);
        let whole = text.parse().ok().or_else(|| value.as_f64().map(|number| number as i64));
        whole.map(Some).ok_or_else(|| self.failed(key, not_a_number(&text)))
    }

    /// A number, of those that [`Options::declared`] reads.
    ///
    /// # Errors
    /// `x_content_parse_exception` around what is wrong with it.
    pub(crate) fn double(&self, key: &str) -> Result<Option<f64>, Exception> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = value::scalar::number(value);
        number.map(Some).ok_or_else(|| self.failed(key, not_a_number(&value::scalar::plain(value))))
    }

    /// A boolean, also as a string.
    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, Exception> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        boolean_text(&text).map(Some).ok_or_else(|| {
            let cause = Exception::illegal_argument(not_a_boolean(&text));
            if self.declared { self.failed(key, cause) } else { cause }
        })
    }

    /// Refuses `key` unless it holds the value that changes nothing.
    pub(crate) fn only(&self, key: &str, allowed: &[&str]) -> Result<(), Exception> {
        match self.text(key)? {
            Some(value) if !allowed.contains(&value.as_str()) => Err(Exception::not_implemented(
                &format!("[{}] query with [{key}]: [{value}]", self.query),
            )),
            _ => Ok(()),
        }
    }

    /// Every key and value; for queries whose keys are field names.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.object.iter()
    }

    /// Refuses the first array, object or null, of keys other than `beside`.
    pub(super) fn are_values(&self, beside: &[&str]) -> Result<(), Exception> {
        let mut entries = self.object.iter().filter(|(key, _)| !beside.contains(&key.as_str()));
        match entries
            .find(|(_, value)| matches!(value, Value::Null | Value::Array(_) | Value::Object(_)))
        {
            Some((key, value)) => Err(Exception::parsing(format!(
                "[{}] unknown token [{}] after [{key}]",
                self.query,
                value::scalar::token(value)
            ))
            .at(value)),
            None => Ok(()),
        }
    }

    /// Refuses at the end for `reason`, unless a key is unknown: what must be there is looked for when all was read.
    pub(crate) fn later(&self, reason: Exception) {
        self.missed.borrow_mut().get_or_insert(reason);
    }

    /// Refuses the first key that nobody read, and then what [`Options::later`] was told.
    pub(crate) fn finish(&self) -> Result<(), Exception> {
        match self.unread() {
            Some((key, _)) => Err(self.unsupported(key)),
            None => self.missed.take().map_or(Ok(()), Err),
        }
    }

    /// The first key that nobody read, with its value.
    pub(crate) fn unread(&self) -> Option<(&'a String, &'a Value)> {
        let read = self.read.borrow();
        self.object.iter().find(|(key, _)| !read.contains(&key.as_str()))
    }

    /// Refuses the first key that nobody read and that no query has, in the `words` of one that has its own.
    pub(crate) fn only_known(&self, words: impl Fn(&str) -> String) -> Result<(), Exception> {
        let mut unread =
            self.object.iter().filter(|(key, _)| !self.read.borrow().contains(&key.as_str()));
        match unread.find(|(key, _)| !matches!(key.as_str(), "boost" | "_name")) {
            Some((key, _)) => Err(self.wrong(key, words(key))),
            None => Ok(()),
        }
    }

    /// The refusal of one key.
    pub(crate) fn unsupported(&self, key: &str) -> Exception {
        let value = self.object.get(key);
        if self.declared {
            let asked = self.asked.borrow();
            let others = asked.iter().map(String::as_str).filter(|other| *other != key);
            let meant = did_you_mean(key, others);
            let reason = format!("[{}] unknown field [{key}]{meant}", self.query);
            let unknown = Exception::new(ExceptionKind::XContentParse, reason);
            return match value {
                Some(value) => unknown.at_key(value),
                None => unknown,
            };
        }
        self.wrong(key, format!("[{}] query does not support [{key}]", self.query))
    }
}

/// The text of a scalar.
pub(crate) fn scalar(query: &str, key: &str, value: &Value) -> Result<String, Exception> {
    value::scalar::text(value).ok_or_else(|| {
        Exception::parsing(format!("[{query}] unknown token after [{key}]")).at(value)
    })
}

/// A value that the real servers take as its bytes, whatever it is: of a list its last token.
///
/// # Errors
/// `parsing_exception` for an object, whose first key is taken for one of the query's.
pub(crate) fn of_bytes(query: &str, value: &Value) -> Result<Value, Exception> {
    match value {
        Value::Array(_) => Ok("]".into()),
        Value::Object(object) => match object.iter().next() {
            Some((key, inner)) => {
                let reason = format!("[{query}] query does not support [{key}]");
                Err(Exception::parsing(reason).at(inner))
            }
            None => Ok(value.clone()),
        },
        scalar => Ok(scalar.clone()),
    }
}

/// What a query over one field is given: a bare value, or an object of options.
pub(crate) enum QueryBody<'a> {
    /// `{"match": {"title": "fox"}}`
    Short(&'a Value),
    /// `{"match": {"title": {"query": "fox"}}}`
    Long(Options<'a>),
}

/// The refusal of a query over one field that names none, in the words of its builder.
fn no_field(query: &str) -> Exception {
    match query {
        "term" | "prefix" | "wildcard" | "regexp" | "range" | "span_term" => {
            Exception::illegal_argument("field name is null or empty")
        }
        "fuzzy" => Exception::illegal_argument("field name cannot be null or empty"),
        "match_phrase" | "match_phrase_prefix" | "match_bool_prefix" => {
            Exception::illegal_argument(format!("[{query}] requires fieldName"))
        }
        "terms_set" => Exception::parsing("[terms_set] unknown token [END_OBJECT]"),
        "intervals" => Exception::parsing("Expected [FIELD_NAME] but got [END_OBJECT]"),
        "match" => Exception::parsing("No text specified for text query"),
        _ => Exception::parsing(format!("[{query}] query malformed, no field specified")),
    }
}

/// The refusal of `null` where the value of a field belongs; `None` where it is refused like another value.
fn of_null(query: &str) -> Option<Exception> {
    Some(match query {
        "match" => Exception::parsing("No text specified for text query"),
        "match_phrase" | "match_phrase_prefix" | "match_bool_prefix" => {
            Exception::illegal_argument(format!("[{query}] requires query value"))
        }
        "prefix" | "regexp" => Exception::illegal_argument("value cannot be null"),
        "fuzzy" => Exception::illegal_argument("query value cannot be null"),
        "range" => Exception::illegal_argument("field name is null or empty"),
        _ => return None,
    })
}

/// Opens `{"field": …}`, which must name one field.
pub(crate) fn one_field<'a>(
    query: &'static str,
    value: &'a Value,
) -> Result<(String, QueryBody<'a>), Exception> {
    let outer = Options::new(query, value)?;
    let mut entries = outer.entries();
    let Some((field, body)) = entries.next() else {
        return Err(no_field(query).at_end(value));
    };
    if let Some((other, second)) = entries.next() {
        if query == "range" && !second.is_object() && !second.is_array() {
            return Err(outer.unsupported(other));
        }
        return Err(Exception::parsing(format!(
            "[{query}] query doesn't support multiple fields, found [{field}] and [{other}]"
        ))
        .at(second));
    }
    if let Some(refusal) = Some(query).filter(|_| body.is_null()).and_then(of_null) {
        return Err(refusal.at_end(value));
    }
    let body = if body.is_object() {
        QueryBody::Long(Options::new(query, body)?)
    } else {
        QueryBody::Short(body)
    };
    named(query, field)?;
    Ok((field.clone(), body))
}

/// Refuses a field without a name, as the builder of the query does; those of `match`, `match_phrase_prefix` and some others find
/// nothing in it.
///
/// # Errors
/// `illegal_argument_exception`.
pub(crate) fn named(query: &str, field: &str) -> Result<(), Exception> {
    if !field.is_empty() {
        return Ok(());
    }
    Err(Exception::illegal_argument(match query {
        "term" | "prefix" | "wildcard" | "regexp" | "range" | "span_term" | "exists" => {
            "field name is null or empty".to_owned()
        }
        "fuzzy" => "field name cannot be null or empty".to_owned(),
        "terms" => "field name cannot be null.".to_owned(),
        "match_phrase" | "match_bool_prefix" => format!("[{query}] requires fieldName"),
        _ => return Ok(()),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_that_nobody_read_is_refused_by_name() {
        let value = json!({"query": "x", "surprise": 1});
        let options = Options::new("match", &value).unwrap();
        options.text("query").unwrap();
        let refusal = options.finish().unwrap_err();
        assert_eq!(refusal.reason(), "[match] query does not support [surprise]");
    }

    #[test]
    fn two_fields_are_refused() {
        let value = json!({"a": "x", "b": "y"});
        let refusal = one_field("match", &value).err().unwrap();
        assert!(refusal.reason().contains("found [a] and [b]"), "{}", refusal.reason());
    }
}
