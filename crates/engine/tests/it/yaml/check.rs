//! The assertions of the suite: `match`, `length`, `is_true`, `gt` and their like, on the last response.

use regex::RegexBuilder;
use serde_json::{Map, Value};

/// What a case remembers: the last response, and what `set` put aside.
#[derive(Default)]
pub(crate) struct Stash {
    pub(crate) response: Value,
    kept: Map<String, Value>,
}

impl Stash {
    /// `value` with `$name` and `${name}` replaced by what was put aside.
    pub(crate) fn replaced(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(list) => list.iter().map(|value| self.replaced(value)).collect(),
            Value::Object(object) => {
                let replace = |(key, value): (&String, &Value)| (key.clone(), self.replaced(value));
                Value::Object(object.iter().map(replace).collect())
            }
            other => other.clone(),
        }
    }

    fn text(&self, text: &str) -> Value {
        if text == "$body" {
            return self.response.clone();
        }
        let name =
            text.strip_prefix('$').map(|name| name.trim_start_matches('{').trim_end_matches('}'));
        if let Some(value) = name.and_then(|name| self.kept.get(name)) {
            return value.clone();
        }
        let mut out = text.to_owned();
        for (name, value) in &self.kept {
            out = out.replace(&format!("${{{name}}}"), &plain(value));
        }
        out.into()
    }

    /// The value at `path` in the response: dots split, `\.` is a dot, numbers index lists.
    fn at(&self, path: &str) -> Option<Value> {
        if path.is_empty() || path == "$body" {
            return Some(self.response.clone());
        }
        let mut here = &self.response;
        for step in path.replace("\\.", "\u{1}").split('.') {
            let step = plain(&self.text(&step.replace('\u{1}', ".")));
            here = match here {
                Value::Array(list) => list.get(step.parse::<usize>().ok()?)?,
                Value::Object(object) if step == "_arbitrary_key_" => {
                    return object.keys().next().map(|key| key.clone().into());
                }
                Value::Object(object) => object.get(&step)?,
                _ => return None,
            };
        }
        Some(here.clone())
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// One assertion or `set`.
pub(crate) fn check(stash: &mut Stash, kind: &str, argument: &Value) -> Result<(), String> {
    if let ("is_true" | "is_false", Some(path)) = (kind, argument.as_str()) {
        let value = stash.at(path).unwrap_or(Value::Null);
        let truth = !matches!(plain(&value).as_str(), "null" | "false" | "0" | "");
        return if truth == (kind == "is_true") { Ok(()) } else { Err(format!("is {value}")) };
    }
    let (path, expected) =
        argument.as_object().and_then(|argument| argument.iter().next()).ok_or("needs a map")?;
    let found = stash.at(path);
    if kind == "set" {
        let value = found.ok_or("nothing there to set")?;
        stash.kept.insert(plain(expected), value);
        return Ok(());
    }
    let expected = stash.replaced(expected);
    let found = found.unwrap_or(Value::Null);
    let holds = match kind {
        "match" => matches(&found, &expected),
        "length" => {
            let length = match &found {
                Value::Array(list) => list.len(),
                Value::Object(object) => object.len(),
                Value::String(text) => text.chars().count(),
                _ => return Err(format!("{found} has no length")),
            };
            expected.as_u64() == Some(length as u64)
        }
        "contains" => {
            found.as_array().is_some_and(|list| list.iter().any(|item| includes(item, &expected)))
        }
        "gt" | "gte" | "lt" | "lte" => {
            let (Some(left), Some(right)) = (found.as_f64(), expected.as_f64()) else {
                return Err(format!("{found} is not a number"));
            };
            match kind {
                "gt" => left > right,
                "gte" => left >= right,
                "lt" => left < right,
                _ => left <= right,
            }
        }
        other => return Err(format!("unknown step {other}")),
    };
    if holds { Ok(()) } else { Err(format!("is {found}")) }
}

fn includes(item: &Value, expected: &Value) -> bool {
    match expected {
        Value::Object(keys) => {
            keys.iter().all(|(key, value)| item.get(key).is_some_and(|found| matches(found, value)))
        }
        other => matches(item, other),
    }
}

fn matches(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (_, Value::String(text))
            if text.len() > 1 && text.trim().starts_with('/') && text.trim().ends_with('/') =>
        {
            let pattern = text.trim().trim_matches('/').replace("\\/", "/");
            regex(&pattern, true).is_some_and(|regex| regex.is_match(&plain(found)))
        }
        (Value::Number(left), Value::Number(right)) => {
            let (a, b) = (left.as_f64().unwrap_or(f64::NAN), right.as_f64().unwrap_or(f64::NAN));
            left == right || (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-300)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| matches(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && right
                    .iter()
                    .all(|(key, value)| left.get(key).is_some_and(|found| matches(found, value)))
        }
        (left, right) => left == right,
    }
}

fn regex(pattern: &str, verbose: bool) -> Option<regex::Regex> {
    RegexBuilder::new(pattern).ignore_whitespace(verbose).multi_line(true).build().ok()
}

/// Whether a failure is the one that `catch` wants.
pub(crate) fn caught(catch: &str, status: u16, body: &Value) -> Result<(), String> {
    let wanted = match catch {
        "bad_request" => Some(400),
        "unauthorized" => Some(401),
        "forbidden" => Some(403),
        "missing" => Some(404),
        "request_timeout" => Some(408),
        "conflict" => Some(409),
        "unavailable" => Some(503),
        _ => None,
    };
    let named = [400, 401, 403, 404, 408, 409];
    let holds = match (catch, wanted) {
        (_, Some(wanted)) => status == wanted,
        ("request" | "param", None) => {
            status == 500 || !named.contains(&status) || catch == "param"
        }
        (pattern, None) => {
            let pattern = pattern.trim().trim_matches('/').replace("\\/", "/");
            let text = body.to_string().replace("\\\"", "\"");
            let reason = body.pointer("/error/reason").map(plain).unwrap_or_default();
            regex(&pattern, false)
                .is_some_and(|regex| regex.is_match(&text) || regex.is_match(&reason))
        }
    };
    if holds { Ok(()) } else { Err(format!("wanted {catch}, got {status} {body}")) }
}
