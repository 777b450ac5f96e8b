//! `_template`: every one that matches is applied, the one of highest `order` last. Source: `PutIndexTemplateRequest` and
//! `MetadataCreateIndexService` of Elasticsearch 7.10.

use serde_json::{Map, Value, json};

use super::super::registries::{Registries, Registry};
use super::super::settings;
use super::{Composed, aliases, is_for, merge, patterns};
use crate::exception::{Exception, ExceptionKind};
use crate::value::scalar;

/// What the legacy templates for the index `name` add up to.
pub(super) fn composed(registries: &Registries, name: &str, hidden: bool) -> Composed {
    let templates = registries.entries(Registry::LegacyTemplates);
    let mut matching: Vec<&Value> = templates
        .filter(|(_, template)| is_for(template, name, hidden))
        .map(|(_, template)| template)
        .collect();
    let order = |template: &Value| template.get("order").and_then(Value::as_i64).unwrap_or(0);
    matching.sort_by_key(|template| std::cmp::Reverse(order(template)));
    let mut composed = Composed { legacy: true, ..Composed::default() };
    for template in &matching {
        if let Some(Value::Object(mappings)) = template.get("mappings") {
            merge::defaults(&mut composed.mappings, mappings);
        }
        let aliases = template.get("aliases").and_then(Value::as_object).into_iter().flatten();
        for (alias, definition) in aliases {
            composed.aliases.entry(alias.clone()).or_insert_with(|| definition.clone());
        }
        let leaves = template.get("settings").map(settings::leaves).and_then(Result::ok);
        for (key, value) in leaves.into_iter().flatten() {
            composed.settings.entry(key).or_insert(value);
        }
    }
    composed
}

/// Reads the body of `PUT _template/{name}`, `mappings` being without a type; what is kept and printed. `order` is that
/// of the URL.
///
/// # Errors
/// `parse_exception` for unknown keys; `invalid_index_template_exception`; what settings and aliases refuse.
pub(crate) fn parse(
    name: &str,
    body: &Map<String, Value>,
    order: Option<i64>,
) -> Result<Value, Exception> {
    let mut template = Map::new();
    template.insert("order".into(), order.unwrap_or(0).into());
    let mut given = None;
    let mut own_aliases = None;
    for (key, value) in body {
        match key.as_str() {
            "order" => drop(template.insert("order".into(), whole(value)?.into())),
            "version" if value.is_i64() => drop(template.insert("version".into(), value.clone())),
            "version" => return Err(malformed("[version] value, should be an integer")),
            "index_patterns" | "template" => match value {
                Value::String(_) | Value::Array(_) => given = Some(scalar::list(value)),
                _ => {
                    let text = format!("[{key}] value, should be a string or a list of strings");
                    return Err(malformed(&text));
                }
            },
            "settings" if value.is_object() => {
                template.insert("settings".into(), settings::printed(&settings::leaves(value)?));
            }
            "settings" => {
                return Err(malformed("[settings] section, should include an inner object"));
            }
            "mappings" if value.is_object() => {
                template.insert("mappings".into(), value.clone());
            }
            "mappings" => {
                return Err(malformed(
                    "[mappings] section for type [_doc], should include an inner object describing the mapping",
                ));
            }
            "aliases" => own_aliases = Some(value),
            other => {
                return Err(Exception::new(
                    ExceptionKind::ElasticsearchParse,
                    format!("unknown key [{other}] in the template "),
                ));
            }
        }
    }
    let given = given.unwrap_or_default();
    if given.is_empty() {
        return Err(Exception::validation(&["index patterns are missing"]));
    }
    template.insert("index_patterns".into(), json!(given));
    let hidden = template.get("settings").and_then(|value| value.pointer("/index/hidden"));
    patterns::checked_name(name, &given, hidden.is_some(), Vec::new())?;
    let mut printed = match own_aliases {
        Some(value) => aliases(value, &given)?,
        None => Map::new(),
    };
    for alias in printed.values_mut().filter_map(Value::as_object_mut) {
        // A legacy template forgets it.
        alias.remove("is_write_index");
    }
    template.insert("aliases".into(), Value::Object(printed));
    for part in ["settings", "mappings"] {
        template.entry(part).or_insert_with(|| json!({}));
    }
    Ok(Value::Object(template))
}

fn whole(value: &Value) -> Result<i64, Exception> {
    let text = scalar::plain(value);
    text.parse::<i32>().map(i64::from).map_err(|_| {
        Exception::new(ExceptionKind::NumberFormat, format!("For input string: \"{text}\""))
    })
}

fn malformed(what: &str) -> Exception {
    Exception::illegal_argument(format!("Malformed {what}"))
}
