//! `_component_template` and `_index_template`: the matching one of highest priority is applied alone, over the
//! components that it names. Source: `ComponentTemplate`, `ComposableIndexTemplate` and `MetadataIndexTemplateService`
//! of OpenSearch 2.19 and Elasticsearch 7.10.

use serde_json::{Map, Value, json};

use super::super::registries::{Registries, Registry};
use super::super::settings;
use super::{Composed, aliases, invalid, is_for, merge, patterns, patterns_of};
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::rest::json::token;
use crate::value::scalar;
use crate::work::Work;

/// What `data_stream` of a template says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DataStreamTemplate {
    /// The field that every document must have.
    pub(crate) timestamp_field: String,
}

/// The template that decides on a new index `name`.
pub(crate) fn matching<'a>(
    registries: &'a Registries,
    name: &str,
    hidden: bool,
) -> Option<(&'a str, &'a Value)> {
    let templates = registries.entries(Registry::IndexTemplates);
    let matching = templates.filter(|(_, template)| is_for(template, name, hidden));
    // Two of one priority do not meet; were there two, the first by name would decide.
    matching.fold(None, |best: Option<(&str, &Value)>, candidate| match best {
        Some(best) if priority(best.1) >= priority(candidate.1) => Some(best),
        _ => Some(candidate),
    })
}

/// What `template` and its components add up to.
///
/// # Errors
/// Mappings that do not go together.
pub(crate) fn composed(registries: &Registries, template: &Value) -> Result<Composed, Exception> {
    let mut composed = Composed::default();
    let components = components(template);
    let components =
        components.iter().filter_map(|name| registries.get(Registry::ComponentTemplates, name));
    let parts = components.filter_map(|part| part.get("template")).chain(template.get("template"));
    for part in parts {
        if let Some(value) = part.get("settings") {
            composed.settings.extend(settings::leaves(value)?);
        }
        if let Some(Value::Object(mappings)) = part.get("mappings") {
            merge::mapping(&mut composed.mappings, mappings)?;
        }
        if let Some(Value::Object(aliases)) = part.get("aliases") {
            composed
                .aliases
                .extend(aliases.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    Ok(composed)
}

/// What the template says of data streams; `None`: it makes plain indices.
pub(crate) fn data_stream(template: &Value) -> Option<DataStreamTemplate> {
    let name = template.get("data_stream")?.pointer("/timestamp_field/name");
    let name = name.and_then(Value::as_str).unwrap_or("@timestamp");
    Some(DataStreamTemplate { timestamp_field: name.to_owned() })
}

fn priority(template: &Value) -> i64 {
    template.get("priority").and_then(Value::as_i64).unwrap_or(0)
}

/// The names in `composed_of`.
fn components(template: &Value) -> Vec<String> {
    template.get("composed_of").map(scalar::list).unwrap_or_default()
}

/// The index templates that use one of these components, which are named too.
pub(crate) fn users<'a>(
    registries: &'a Registries,
    names: &[String],
) -> (Vec<String>, Vec<&'a str>) {
    let used = |template: &Value| -> Vec<String> {
        components(template).into_iter().filter(|name| names.contains(name)).collect()
    };
    let templates = registries.entries(Registry::IndexTemplates);
    let using: Vec<_> = templates
        .map(|(name, template)| (name, used(template)))
        .filter(|(_, used)| !used.is_empty())
        .collect();
    let mut used: Vec<String> = using.iter().flat_map(|(_, used)| used.clone()).collect();
    used.sort_unstable();
    used.dedup();
    (used, using.into_iter().map(|(name, _)| name).collect())
}

/// Refuses a template that names components which are not there.
///
/// # Errors
/// `invalid_index_template_exception`.
pub(crate) fn missing_components(
    registries: &Registries,
    name: &str,
    template: &Value,
) -> Result<(), Exception> {
    let there = |name: &String| registries.get(Registry::ComponentTemplates, name).is_some();
    let missing: Vec<String> =
        components(template).into_iter().filter(|name| !there(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(invalid(
        name,
        format!(
            "index template [{name}] specifies component templates [{}] that do not exist",
            missing.join(", ")
        ),
    ))
}

/// Refuses a template whose patterns meet those of another of its priority.
///
/// # Errors
/// `illegal_argument_exception`; `task_cancelled_exception`.
pub(crate) fn conflict(
    registries: &Registries,
    name: &str,
    template: &Value,
    work: &Work,
) -> Result<(), Exception> {
    let (own, priority) = (patterns_of(template), priority(template));
    let same = |other: &Value| self::priority(other) == priority;
    let others =
        patterns::overlapping(registries, Registry::IndexTemplates, name, &own, same, work)?;
    if others.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = others.iter().map(|(name, _)| *name).collect();
    let patterns: Vec<String> = others
        .iter()
        .map(|(name, patterns)| format!("{name} => [{}]", patterns.join(", ")))
        .collect();
    Err(Exception::illegal_argument(format!(
        "index template [{name}] has index patterns [{}] matching patterns from existing templates [{}] with patterns ({}) that have the same priority [{priority}], multiple index templates may not match during index creation, please use a different priority",
        own.join(", "),
        names.join(", "),
        patterns.join(",")
    )))
}

/// Reads the body of `PUT _component_template/{name}`; what is kept and printed.
///
/// # Errors
/// `x_content_parse_exception`; `invalid_index_template_exception`; what settings and aliases refuse.
pub(crate) fn parse_component(name: &str, body: &Map<String, Value>) -> Result<Value, Exception> {
    let parser = "component_template";
    let mut component = Map::new();
    for (key, value) in body {
        match key.as_str() {
            "template" => drop(component.insert(key.clone(), part(parser, value, &[])?)),
            "version" => drop(component.insert(key.clone(), long(parser, key, value)?)),
            "_meta" => {
                drop(component.insert(key.clone(), object(parser, key, value)?.clone().into()))
            }
            _ => return Err(unknown(parser, key, value)),
        }
    }
    if !component.contains_key("template") {
        return Err(Exception::illegal_argument("Required [template]"));
    }
    patterns::checked_name(name, &[], false, Vec::new())?;
    Ok(Value::Object(component))
}

/// Reads the body of `PUT _index_template/{name}`; what is kept and printed.
///
/// # Errors
/// As [`parse_component`].
pub(crate) fn parse(
    name: &str,
    body: &Map<String, Value>,
    flavor: Flavor,
) -> Result<Value, Exception> {
    let parser = "index_template";
    let mut template = Map::new();
    for (key, value) in body {
        let kept = match key.as_str() {
            "index_patterns" | "composed_of" => match value {
                Value::Object(_) | Value::Null => return Err(unfit(parser, key, value)),
                list => json!(scalar::list(list)),
            },
            "template" => {
                let patterns = body.get("index_patterns").map(scalar::list).unwrap_or_default();
                part(parser, value, &patterns)?
            }
            "priority" | "version" => long(parser, key, value)?,
            "_meta" => object(parser, key, value)?.clone().into(),
            "data_stream" if flavor == Flavor::OpenSearch219 => {
                let field = object(parser, key, value)?.get("timestamp_field");
                let name = field.and_then(|field| field.get("name")).and_then(Value::as_str);
                json!({"timestamp_field": {"name": name.unwrap_or("@timestamp")}})
            }
            // Elasticsearch without X-Pack knows the key and then not what to do with it.
            "data_stream" => {
                return Err(Exception::illegal_argument(format!(
                    "composable template [{name}] template after composition is invalid"
                ))
                .caused_by(Exception::new(
                    ExceptionKind::XContentParse,
                    "[index_template] unknown field [data_stream]",
                )));
            }
            _ => return Err(unknown(parser, key, value)),
        };
        template.insert(key.clone(), kept);
    }
    let Some(patterns) = template.get("index_patterns").map(scalar::list) else {
        return Err(Exception::illegal_argument("Required [index_patterns]"));
    };
    if patterns.is_empty() {
        return Err(Exception::illegal_argument("There must be at least one pattern, zero given"));
    }
    if template.get("priority").and_then(Value::as_i64).is_some_and(|priority| priority < 0) {
        return Err(Exception::validation(&["index template priority must be >= 0"]));
    }
    if template.contains_key("template") {
        template.entry("composed_of").or_insert_with(|| json!([]));
    }
    let settings = template.get("template").and_then(|part| part.get("settings"));
    let hidden = settings.is_some_and(|settings| settings.pointer("/index/hidden").is_some());
    let faults = settings.map(|settings| settings::faults(settings, flavor)).unwrap_or_default();
    patterns::checked_name(name, &patterns, hidden, faults)?;
    Ok(Value::Object(template))
}

/// The `template` of either kind: settings, mappings and aliases as they are printed.
fn part(parser: &str, value: &Value, patterns: &[String]) -> Result<Value, Exception> {
    let inside = |cause: Exception| {
        let text = format!("[{parser}] failed to parse field [template]");
        Exception::new(ExceptionKind::XContentParse, text)
            .root_cause(cause.clone())
            .caused_by(cause)
    };
    let mut part = Map::new();
    for (key, value) in object(parser, "template", value)? {
        let kept = match key.as_str() {
            "settings" => {
                let given = object("template", key, value).map_err(inside)?;
                settings::printed(&settings::leaves(&Value::Object(given.clone()))?)
            }
            "mappings" => Value::Object(object("template", key, value).map_err(inside)?.clone()),
            "aliases" => {
                object("template", key, value).map_err(inside)?;
                Value::Object(aliases(value, patterns)?)
            }
            _ => return Err(inside(unknown("template", key, value))),
        };
        part.insert(key.clone(), kept);
    }
    Ok(Value::Object(part))
}

fn object<'a>(
    parser: &str,
    key: &str,
    value: &'a Value,
) -> Result<&'a Map<String, Value>, Exception> {
    value.as_object().ok_or_else(|| unfit(parser, key, value))
}

fn long(parser: &str, key: &str, value: &Value) -> Result<Value, Exception> {
    let text = match value {
        Value::Number(_) | Value::String(_) => scalar::plain(value),
        _ => return Err(unfit(parser, key, value)),
    };
    let whole = text.parse::<i64>().ok();
    // A fraction is cut off, as long as it is one.
    #[expect(clippy::cast_possible_truncation, reason = "Java's cast of a double to a long")]
    let whole = whole.or_else(|| text.parse::<f64>().ok().map(|number| number as i64));
    whole.map(Value::from).ok_or_else(|| {
        let text = format!("For input string: \"{text}\"");
        let failed = format!("[{parser}] failed to parse field [{key}]");
        Exception::new(ExceptionKind::XContentParse, failed)
            .at(value)
            .caused_by(Exception::illegal_argument(text))
    })
}

fn unfit(parser: &str, key: &str, value: &Value) -> Exception {
    Exception::new(
        ExceptionKind::XContentParse,
        format!("[{parser}] {key} doesn't support values of type: {}", token(value)),
    )
    .at(value)
}

fn unknown(parser: &str, key: &str, value: &Value) -> Exception {
    Exception::new(ExceptionKind::XContentParse, format!("[{parser}] unknown field [{key}]"))
        .at_key(value)
}
