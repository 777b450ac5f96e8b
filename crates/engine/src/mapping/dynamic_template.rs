//! `dynamic_templates`: definitions of one's own for new fields, by name, path and kind of value. Source: Elasticsearch
//! 7.10, "Dynamic templates". The first that matches is taken.

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value, json};

use crate::exception::Exception;
use crate::value::scalar::plain;

/// Most templates of one mapping.
const TEMPLATES_MAX: usize = 500;

/// The kinds `match_mapping_type` may name.
const KINDS: &[&str] = &["*", "object", "string", "long", "double", "boolean", "date", "binary"];

/// The keys whose values are patterns.
const PATTERNS: &[&str] = &["match", "unmatch", "path_match", "path_unmatch"];

/// Most bytes that a compiled expression of `match_pattern: regex` takes.
const REGEX_BYTES_MAX: usize = 256 * 1024;

/// One template.
#[derive(Clone, Debug)]
pub struct DynamicTemplate {
    /// Its name.
    pub name: String,
    /// As it came: what is printed.
    body: Map<String, Value>,
    /// With `match_pattern: regex`, the compiled patterns by their key.
    expressions: Vec<(&'static str, Regex)>,
}

impl PartialEq for DynamicTemplate {
    fn eq(&self, other: &DynamicTemplate) -> bool {
        self.name == other.name && self.body == other.body
    }
}

/// Reads the value of `dynamic_templates`: a list of objects with one name each.
///
/// # Errors
/// `mapper_parsing_exception` and `illegal_argument_exception` in Elasticsearch's words.
pub(super) fn parse(value: &Value) -> Result<Vec<DynamicTemplate>, Exception> {
    let wrong = || {
        Exception::mapper_parsing(
            "Dynamic template syntax error. An array of named objects is expected.",
        )
    };
    let Value::Array(entries) = value else { return Err(wrong()) };
    if entries.len() > TEMPLATES_MAX {
        return Err(Exception::illegal_argument(format!(
            "more than {TEMPLATES_MAX} dynamic templates"
        )));
    }
    let one =
        |entry: &Value| match entry.as_object().map(|entry| (entry.len(), entry.iter().next())) {
            Some((1, Some((name, Value::Object(body))))) => template(name, body),
            _ => Err(wrong()),
        };
    entries.iter().map(one).collect()
}

fn template(name: &str, body: &Map<String, Value>) -> Result<DynamicTemplate, Exception> {
    for (key, value) in body {
        match key.as_str() {
            "match" | "unmatch" | "path_match" | "path_unmatch" => {}
            "mapping" if value.is_object() => {}
            "match_pattern" if value == "simple" || value == "regex" => {}
            "match_pattern" => {
                return Err(Exception::illegal_argument(format!(
                    "No matching pattern matched on [{}]",
                    plain(value)
                )));
            }
            "match_mapping_type" if KINDS.contains(&plain(value).as_str()) => {}
            "match_mapping_type" => {
                return Err(Exception::illegal_argument(format!(
                    "No field type matched on [{}], possible values are [object, string, long, double, boolean, date, binary]",
                    plain(value)
                )));
            }
            _ => {
                return Err(Exception::illegal_argument(format!(
                    "Illegal dynamic template parameter: [{key}]"
                )));
            }
        }
    }
    if !body.contains_key("mapping") {
        return Err(Exception::mapper_parsing("template must have mapping set".to_owned()));
    }
    if !["match", "path_match", "match_mapping_type"].iter().any(|key| body.contains_key(*key)) {
        return Err(Exception::mapper_parsing(
            "template must have match, path_match or match_mapping_type set",
        ));
    }
    let expressions = expressions(name, body)?;
    Ok(DynamicTemplate { name: name.to_owned(), body: body.clone(), expressions })
}

/// The patterns of `match_pattern: regex`, each of which a name must match as a whole.
fn expressions(
    name: &str,
    body: &Map<String, Value>,
) -> Result<Vec<(&'static str, Regex)>, Exception> {
    if body.get("match_pattern").is_none_or(|kind| kind != "regex") {
        return Ok(Vec::new());
    }
    let given = PATTERNS.iter().filter_map(|key| Some((*key, plain(body.get(*key)?))));
    given
        .map(|(key, pattern)| {
            let whole = RegexBuilder::new(&format!("^(?:{pattern})$"))
                .size_limit(REGEX_BYTES_MAX)
                .dot_matches_new_line(true)
                .build();
            whole.map(|expression| (key, expression)).map_err(|_| {
                Exception::illegal_argument(format!(
                    "Pattern [{pattern}] of type [regex] is invalid. Cannot create dynamic template [{name}]."
                ))
            })
        })
        .collect()
}

impl DynamicTemplate {
    /// As it is printed.
    pub(super) fn to_json(&self) -> Value {
        let mut body = self.body.clone();
        body.retain(|key, value| key != "match_pattern" || value != "simple");
        json!({ &self.name: body })
    }

    /// The definition for a new field, if the template is for it. `kind` is Elasticsearch's name of the value's kind,
    /// `default` the type it would get without any template.
    pub(super) fn definition(
        &self,
        name: &str,
        path: &str,
        kind: &str,
        default: &str,
    ) -> Option<Value> {
        let given = |key: &str| self.body.get(key).map(plain);
        let matches = |key: &str, pattern: &str, text: &str| match self
            .expressions
            .iter()
            .find(|(known, _)| *known == key)
        {
            Some((_, expression)) => expression.is_match(text),
            None => crate::name_pattern::matches(pattern, text),
        };
        let fits =
            |key: &str, text: &str| given(key).is_none_or(|pattern| matches(key, &pattern, text));
        let misses =
            |key: &str, text: &str| given(key).is_none_or(|pattern| !matches(key, &pattern, text));
        let kind_fits =
            given("match_mapping_type").is_none_or(|wanted| wanted == "*" || wanted == kind);
        let all = kind_fits
            && fits("match", name)
            && misses("unmatch", name)
            && fits("path_match", path)
            && misses("path_unmatch", path);
        if !all {
            return None;
        }
        let mut definition = fill(self.body.get("mapping")?, name, default);
        if let Value::Object(definition) = &mut definition
            && !definition.contains_key("type")
            && !definition.contains_key("properties")
        {
            definition.insert("type".into(), default.into());
        }
        Some(definition)
    }
}

/// Puts the field's name and default type in the place of `{name}` and `{dynamic_type}`.
fn fill(value: &Value, name: &str, default: &str) -> Value {
    let text = |text: &str| text.replace("{name}", name).replace("{dynamic_type}", default);
    match value {
        Value::String(given) => text(given).into(),
        Value::Array(values) => values.iter().map(|value| fill(value, name, default)).collect(),
        Value::Object(entries) => Value::Object(
            entries.iter().map(|(key, value)| (text(key), fill(value, name, default))).collect(),
        ),
        other => other.clone(),
    }
}
