//! Stored scripts, and what languages there are. Source: Elasticsearch 7.10.2 and OpenSearch 2.19.1.

use serde_json::{Map, Value, json};

use super::{Task, acknowledged};
use crate::cluster::registries::Registry;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::rest::json::token;
use crate::rest::search_template;
use crate::script::context;
use crate::script::request::{self, SOURCE_BYTES_MAX};

/// The languages there are.
const LANGUAGES: &[&str] = &["expression", "mustache", "painless"];

/// `PUT /_scripts/{id}`, `PUT /_scripts/{id}/{context}`.
pub(crate) fn put_script(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let id = route.part("id").unwrap_or_default();
    if id.contains('#') {
        return Err(Exception::validation(&["id cannot contain '#' for stored script"]));
    }
    let entry = stored(task.body())?;
    let part = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let context = route.part("context").or(route.query.get("context"));
    match (part("lang"), context) {
        ("mustache", Some("template")) => drop(search_template::stored(&entry)?),
        ("mustache", Some(other)) => {
            return Err(Exception::illegal_argument(format!(
                "mustache engine does not know how to handle context [{other}]"
            )));
        }
        _ => {}
    }
    if let Some(name) = context
        && part("lang") == "painless"
    {
        let context = context::ALL
            .iter()
            .find(|known| known.name == name)
            .ok_or_else(|| Exception::illegal_argument(format!("Unknown context [{name}]")))?;
        request::compile(part("lang"), part("source"), context)?;
    }
    task.engine
        .indices
        .change_registries(|_, registries| registries.put(Registry::Scripts, id, entry))?;
    acknowledged()
}

/// The body of a stored script, as it is kept.
// long: one arm for each key
fn stored(body: &Value) -> Result<Value, Exception> {
    let Some(Value::Object(script)) = body.get("script") else {
        return Err(Exception::illegal_argument("must specify <script> for stored script"));
    };
    let mut entry = Map::new();
    for (key, value) in script {
        match (key.as_str(), value) {
            ("lang", Value::String(lang)) => {
                entry.insert("lang".into(), lang.clone().into());
            }
            ("source" | "code", Value::String(source)) => {
                entry.insert("source".into(), source.clone().into());
            }
            ("source" | "code", Value::Object(_)) => {
                entry.insert("source".into(), value.to_string().into());
                let options = json!({"content_type": "application/json; charset=UTF-8"});
                entry.insert("options".into(), options);
            }
            ("options", Value::Object(options))
                if options.keys().all(|key| key == "content_type") =>
            {
                entry.insert("options".into(), value.clone());
            }
            // Manuals of templates show them; there, too, nothing is done with them.
            ("params", _) => {}
            (known @ ("lang" | "source" | "code" | "options"), value) => {
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!(
                        "[stored script source] {known} doesn't support values of type: {}",
                        token(value)
                    ),
                ));
            }
            (unknown, _) => {
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!("[stored script source] unknown field [{unknown}]"),
                ));
            }
        }
    }
    let part = |key: &str| entry.get(key).and_then(Value::as_str);
    let (lang, source) = (part("lang"), part("source"));
    match (lang, source) {
        (None, _) => {
            return Err(Exception::illegal_argument("must specify lang for stored script"));
        }
        (_, None) => {
            return Err(Exception::illegal_argument("must specify source for stored script"));
        }
        (_, Some("")) => return Err(Exception::illegal_argument("source cannot be empty")),
        (Some(lang), _) if !LANGUAGES.contains(&lang) => {
            return Err(Exception::illegal_argument(format!(
                "unable to put stored script with unsupported lang [{lang}]"
            )));
        }
        (_, Some(source)) if source.len() > SOURCE_BYTES_MAX => {
            return Err(Exception::illegal_argument(format!(
                "exceeded max allowed stored script size in bytes [{SOURCE_BYTES_MAX}] with size [{}] for script",
                source.len()
            )));
        }
        _ => {}
    }
    // In the order in which it is printed.
    let mut ordered = Map::new();
    for key in ["lang", "source", "options"] {
        if let Some(value) = entry.get(key) {
            ordered.insert(key.into(), value.clone());
        }
    }
    Ok(Value::Object(ordered))
}

/// `GET /_scripts/{id}`.
pub(crate) fn get_script(task: &Task<'_>) -> Answer {
    let id = task.parsed.route.part("id").unwrap_or_default();
    match task.metadata.registries().get(Registry::Scripts, id) {
        Some(script) => task.json(200, &json!({"_id": id, "found": true, "script": script})),
        None => task.json(404, &json!({"_id": id, "found": false})),
    }
}

/// `DELETE /_scripts/{id}`.
pub(crate) fn delete_script(task: &Task<'_>) -> Answer {
    let id = task.parsed.route.part("id").unwrap_or_default();
    task.engine.indices.change_registries(|_, registries| {
        if registries.remove(Registry::Scripts, id) {
            return Ok(());
        }
        Err(Exception::new(
            ExceptionKind::ResourceNotFound,
            format!("stored script [{id}] does not exist and cannot be deleted"),
        ))
    })?;
    acknowledged()
}

/// `GET /_script_language`.
pub(crate) fn languages(task: &Task<'_>) -> Answer {
    // Those of which no script runs here are languages' contexts all the same.
    let others = ["similarity", "similarity_weight", "template"];
    let newer = NEWER_CONTEXTS.iter().filter(|_| task.parsed.route.flavor == Flavor::OpenSearch219);
    let own = context::ALL.iter().map(|context| context.name);
    let mut all: Vec<&str> = own.chain(others).chain(newer.copied()).collect();
    all.sort_unstable();
    task.json(
        200,
        &json!({
            "types_allowed": ["inline", "stored"],
            "language_contexts": [
                {"language": "expression", "contexts": crate::script::EXPRESSION_CONTEXTS},
                {"language": "mustache", "contexts": ["template"]},
                {"language": "painless", "contexts": all},
            ],
        }),
    )
}

/// The contexts that only OpenSearch has.
const NEWER_CONTEXTS: &[&str] = &["derived_field", "search"];

/// `GET /_script_context`: each context with the methods of its scripts, as both servers tell them.
pub(crate) fn contexts(task: &Task<'_>) -> Answer {
    let is_newer = task.parsed.route.flavor == Flavor::OpenSearch219;
    let text = include_str!("script_contexts.txt");
    let shown = text.lines().filter_map(|line| {
        let (name, methods) = line.split_once(": ")?;
        let is_here = is_newer || !NEWER_CONTEXTS.contains(&name);
        let methods: Vec<Value> =
            methods.split("; ").filter_map(|it| method(it, is_newer)).collect();
        is_here.then(|| json!({"name": name, "methods": methods}))
    });
    let shown: Vec<Value> = shown.collect();
    task.json(200, &json!({"contexts": shown}))
}

/// A method that is written `TYPE NAME(TYPE NAME, TYPE NAME)`.
fn method(text: &str, is_newer: bool) -> Option<Value> {
    let own = |class: &str| match is_newer {
        true => class.replace("org.elasticsearch.", "org.opensearch."),
        false => class.to_owned(),
    };
    let (head, rest) = text.split_once('(')?;
    let (returned, name) = head.split_once(' ')?;
    let parameters = rest.trim_end_matches(')').split(", ").filter_map(|one| one.split_once(' '));
    let parameters: Vec<Value> =
        parameters.map(|(class, name)| json!({"type": own(class), "name": name})).collect();
    Some(json!({"name": name, "return_type": own(returned), "params": parameters}))
}
