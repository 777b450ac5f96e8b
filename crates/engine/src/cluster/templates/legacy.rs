//! `_template`: every one that matches is applied, the one of highest `order` last. Source: `PutIndexTemplateRequest` and
//! `MetadataCreateIndexService` of Elasticsearch 7.10.

use serde_json::{Map, Value, json};

use super::super::registries::{Registries, Registry};
use super::super::settings;
use super::{Composed, aliases, is_for, merge, patterns};
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::type_name::{self, DOC};
use crate::value::scalar;

/// Where a kept template has the name of the type that its mappings are of.
const TYPE_NAME: &str = "type_name";

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
        if let Some(Value::Object(mappings)) = template.get("mappings")
            && !mappings.is_empty()
            && takes(composed.type_name.as_deref(), type_name_of(template))
        {
            merge::defaults(&mut composed.mappings, mappings);
            composed
                .type_name
                .get_or_insert_with(|| type_name_of(template).unwrap_or(DOC).to_owned());
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

/// A kept template as it is printed, and the name of the type that its mappings are of; `None`: it has none.
pub(crate) fn shown(template: &Value) -> (Value, Option<&str>) {
    let mut shown = template.clone();
    if let Some(shown) = shown.as_object_mut() {
        shown.shift_remove(TYPE_NAME);
    }
    let mapped =
        template.get("mappings").and_then(Value::as_object).is_some_and(|own| !own.is_empty());
    (shown, type_name_of(template).filter(|_| mapped))
}

/// What type the mappings of a kept template are of.
fn type_name_of(template: &Value) -> Option<&str> {
    template.get(TYPE_NAME).map_or(Some(DOC), Value::as_str)
}

/// Whether a mapping of the type `own` takes over one of the type `other`: of two types with names, the first stays as it is.
pub(super) fn takes(own: Option<&str>, other: Option<&str>) -> bool {
    own.is_none_or(|own| own == DOC) || other.is_none_or(|other| other == DOC) || own == other
}

/// Reads the body of `PUT _template/{name}`, `mappings` being without their type, whose name is `type_name`; what is kept
/// and, but for that name, printed. `order` is that of the URL.
///
/// # Errors
/// `parse_exception` for unknown keys; `invalid_index_template_exception`; what settings and aliases refuse.
pub(crate) fn parse(
    name: &str,
    body: &Map<String, Value>,
    order: Option<i64>,
    type_name: Option<String>,
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
    if let Some(type_name) = type_name.filter(|name| name != DOC) {
        type_name::check(&type_name)?;
        template.insert(TYPE_NAME.into(), type_name.into());
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
