//! `_source` filtering: which parts of a document a hit shows. Source: Elasticsearch 7.10, "Source filtering".

use serde_json::{Map, Value};

use crate::exception::Exception;
use crate::name_pattern::matches;

/// Most patterns of one filter.
const PATTERNS_MAX: usize = 1024;

/// Which parts of `_source` are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFilter {
    /// `false`: no source at all.
    pub enabled: bool,
    /// Paths with `*`; empty: everything.
    pub includes: Vec<String>,
    /// Paths with `*`.
    pub excludes: Vec<String>,
}

impl Default for SourceFilter {
    fn default() -> SourceFilter {
        SourceFilter { enabled: true, includes: Vec::new(), excludes: Vec::new() }
    }
}

impl SourceFilter {
    /// Reads the value of `_source`: a boolean, a path, a list of paths, or `includes` and `excludes`.
    ///
    /// # Errors
    /// `parsing_exception` for anything else.
    pub fn parse(value: &Value) -> Result<SourceFilter, Exception> {
        let all = SourceFilter::default();
        Ok(match value {
            Value::Bool(enabled) => SourceFilter { enabled: *enabled, ..all },
            Value::String(_) | Value::Array(_) => SourceFilter { includes: paths(value)?, ..all },
            Value::Object(object) => {
                let mut filter = all;
                for (key, value) in object {
                    match key.as_str() {
                        "includes" | "include" => filter.includes = paths(value)?,
                        "excludes" | "exclude" => filter.excludes = paths(value)?,
                        other => {
                            let token = crate::value::scalar::token(value);
                            let reason = format!("Unknown key for a {token} in [{other}].");
                            return Err(Exception::parsing(reason).at(value));
                        }
                    }
                }
                filter
            }
            other => {
                let token = crate::value::scalar::token(other);
                let reason =
                    format!("Expected one of [VALUE_BOOLEAN, START_OBJECT] but found [{token}]");
                return Err(Exception::parsing(reason).at(other));
            }
        })
    }

    /// Whether the whole source is shown as it is stored.
    pub fn is_everything(&self) -> bool {
        self.enabled && self.includes.is_empty() && self.excludes.is_empty()
    }

    /// The part of `source` that is shown.
    pub fn apply(&self, source: &Value) -> Value {
        match source {
            Value::Object(object) => Value::Object(self.object(object, "", false)),
            other => other.clone(),
        }
    }

    fn object(
        &self,
        object: &Map<String, Value>,
        prefix: &str,
        included: bool,
    ) -> Map<String, Value> {
        let mut kept = Map::new();
        for (key, value) in object {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            if self.excludes.iter().any(|pattern| covers(pattern, &path)) {
                continue;
            }
            let included = included
                || self.includes.is_empty()
                || self.includes.iter().any(|pattern| covers(pattern, &path));
            if let Some(value) = self.value(value, &path, included) {
                kept.insert(key.clone(), value);
            }
        }
        kept
    }

    fn value(&self, value: &Value, path: &str, included: bool) -> Option<Value> {
        let reachable = included || self.includes.iter().any(|pattern| leads_to(pattern, path));
        match value {
            Value::Object(object) if reachable => {
                let inner = self.object(object, path, included);
                (included || !inner.is_empty()).then_some(Value::Object(inner))
            }
            Value::Array(values) if reachable => {
                let kept = values.iter().filter_map(|value| self.value(value, path, included));
                // Where something below is excluded, what comes out empty is left out. (`XContentMapValues.filter`.)
                let cut = self.excludes.iter().any(|pattern| leads_to(pattern, path));
                let inner: Vec<Value> = kept.filter(|value| !cut || !is_hollow(value)).collect();
                (included || !inner.is_empty()).then_some(Value::Array(inner))
            }
            scalar => included.then(|| scalar.clone()),
        }
    }
}

/// Whether a value is an object or a list without anything.
fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

fn paths(value: &Value) -> Result<Vec<String>, Exception> {
    let one = |value: &Value| {
        crate::value::scalar::text(value).ok_or_else(|| {
            Exception::parsing("Unknown key for a value in [_source], a path must be a string")
        })
    };
    match value {
        Value::Array(values) if values.len() > PATTERNS_MAX => Err(Exception::illegal_argument(
            format!("[_source] allows at most [{PATTERNS_MAX}] paths"),
        )),
        Value::Array(values) => values.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

/// Whether `pattern` names `path` or something that holds it.
pub(crate) fn covers(pattern: &str, path: &str) -> bool {
    // A parent is what ends before a dot: one comparison, however many dots there are.
    matches(pattern, path) || matches(&format!("{pattern}.*"), path)
}

/// Whether something below `path` may be named by `pattern`.
fn leads_to(pattern: &str, path: &str) -> bool {
    let below = format!("{path}.");
    match pattern.split_once('*') {
        None => pattern.starts_with(&below),
        Some((literal, _)) => literal.starts_with(&below) || below.starts_with(literal),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(filter: Value) -> Value {
        let source = json!({"title": "x", "o": {"a": 1, "b": {"c": 2}}, "list": [{"k": 1, "v": 2}, {"k": 3}]});
        SourceFilter::parse(&filter).unwrap().apply(&source)
    }

    #[test]
    fn a_key_of_a_hundred_thousand_dots_is_compared_once_with_each_pattern() {
        // Once for each dot would be minutes.
        let source =
            Value::Object([(vec!["a"; 100_000].join("."), 1.into())].into_iter().collect());
        let includes: Vec<String> = (0..100).map(|n| format!("*b{n}*c")).collect();
        let filter = SourceFilter::parse(&json!(includes)).unwrap();
        assert_eq!(filter.apply(&source), json!({}));
        let filter = SourceFilter::parse(&json!("a.*.a")).unwrap();
        assert_eq!(filter.apply(&source), source);
    }

    #[test]
    fn a_pattern_covers_what_is_below_a_name_that_it_matches() {
        for (pattern, path, expected) in [
            ("a", "a", true),
            ("a", "a.b.c", true),
            ("a", "ab", false),
            ("a.*", "a", false),
            ("*.b", "a.b.c", true),
            ("*b", "ab.c", true),
            ("a*c", "abc.d", true),
            ("a.b.c", "a.b", false),
        ] {
            assert_eq!(covers(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn paths_name_what_they_hold() {
        assert_eq!(shown(json!("o")), json!({"o": {"a": 1, "b": {"c": 2}}}));
        assert_eq!(shown(json!(["o.b.*", "title"])), json!({"title": "x", "o": {"b": {"c": 2}}}));
        assert_eq!(shown(json!("list.k")), json!({"list": [{"k": 1}, {"k": 3}]}));
        assert_eq!(
            shown(json!({"excludes": ["o.b", "list"]})),
            json!({"title": "x", "o": {"a": 1}})
        );
        assert_eq!(
            shown(json!({"includes": "o.*", "excludes": "*.c"})),
            json!({"o": {"a": 1, "b": {}}})
        );
        assert_eq!(shown(json!("nothing")), json!({}));
    }
}
