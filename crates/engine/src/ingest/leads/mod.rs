//! Whether a pipeline may send a document to an index that holds a cluster's own users: told from its definition alone, for clusters
//! elsewhere that run it (decision 0182).
//!
//! Only what cannot do so passes: a processor that is known and writes fields of which the names are in the definition, none of them
//! `_index`; or one that sets `_index` to a text of which the beginning is in the definition and is no such name's. What is not known
//! does not pass. The metadata of a document and its fields are one map to Elasticsearch, so a processor that takes names of fields
//! out of the document (`kv` without `target_field`, `json` with `add_to_root`) may write `_index`.
//!
//! Source: Elasticsearch 7.10 reference, "Ingest processors"; `IngestDocument.FieldPath` for how a path is read.

mod script;

use serde_json::{Map, Value};

use crate::cluster::names;
use crate::cluster::registries::{Registries, Registry};
pub use script::{ScriptPlace, check_script, check_stored_script};

/// Refuses a pipeline that may. Others that it calls are looked at when they are put.
///
/// # Errors
/// In words: by what.
///
/// ```
/// use engine::{cluster::Metadata, ingest};
/// use serde_json::json;
/// let sent = |to: &str| json!({"processors": [{"set": {"field": "_index", "value": to}}]});
/// let none = Metadata::default();
/// assert!(ingest::check_pipeline(&sent("logs-{{service}}"), none.registries()).is_ok());
/// assert!(ingest::check_pipeline(&sent("{{service}}"), none.registries()).is_err());
/// ```
pub fn check_pipeline(definition: &Value, beside: &Registries) -> Result<(), String> {
    for list in ["processors", "on_failure"] {
        processors(definition.get(list), beside)?;
    }
    Ok(())
}

fn processors(list: Option<&Value>, beside: &Registries) -> Result<(), String> {
    let list = match list {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err("processors that are no list".to_owned()),
    };
    for entry in list {
        let entry = entry.as_object().ok_or("a processor that is no object")?;
        for (kind, options) in entry {
            match options {
                Value::Object(options) => {
                    processor(kind, options, beside)
                        .map_err(|why| format!("processor [{kind}]: {why}"))?;
                    processors(options.get("on_failure"), beside)?;
                }
                Value::String(_) if kind == "script" => {
                    check_script(options, ScriptPlace::Pipeline, beside)?
                }
                _ => return Err(format!("processor [{kind}] that is no object")),
            }
        }
    }
    Ok(())
}

/// Processors that change the field `field` where `target_field` names no other.
const IN_PLACE: &[&str] = &[
    "bytes",
    "circle",
    "convert",
    "gsub",
    "html_strip",
    "join",
    "lowercase",
    "sort",
    "split",
    "trim",
    "uppercase",
    "urldecode",
];

/// Processors that write where `target_field` says, or to a place of their own.
const TARGETED: &[&str] = &[
    "attachment",
    "community_id",
    "copy",
    "date",
    "enrich",
    "fingerprint",
    "geoip",
    "inference",
    "ip2geo",
    "network_direction",
    "registered_domain",
    "rename",
    "uri_parts",
    "user_agent",
];

/// Processors that write `field`.
const FIELD: &[&str] = &["append", "set_security_user"];

/// Processors that write nothing themselves.
const NOTHING: &[&str] = &["drop", "fail", "pipeline", "remove", "remove_by_pattern"];

/// Processors whose options name, somewhere in them, each field that they write.
const NAMED: &[&str] =
    &["sparse_encoding", "text_chunking", "text_embedding", "text_image_embedding"];

fn processor(kind: &str, options: &Map<String, Value>, beside: &Registries) -> Result<(), String> {
    let text = |key: &str| options.get(key).and_then(Value::as_str);
    match kind {
        _ if NOTHING.contains(&kind) => Ok(()),
        _ if FIELD.contains(&kind) => written(options.get("field")),
        _ if TARGETED.contains(&kind) => written(options.get("target_field")),
        _ if IN_PLACE.contains(&kind) => match options.get("target_field") {
            None | Some(Value::Null) => written(options.get("field")),
            target => written(target),
        },
        _ if NAMED.contains(&kind) => options.values().try_for_each(nowhere_index),
        "set" => set(options),
        "csv" => match options.get("target_fields") {
            Some(Value::Array(list)) => list.iter().try_for_each(|field| written(Some(field))),
            field => written(field),
        },
        "json" => match options.get("add_to_root") {
            None | Some(Value::Null | Value::Bool(false)) => written(options.get("target_field")),
            Some(Value::String(no)) if no == "false" => written(options.get("target_field")),
            Some(_) => Err("[add_to_root] takes names of fields out of documents".to_owned()),
        },
        "kv" => key_values(options),
        "grok" => ["patterns", "pattern_definitions"]
            .iter()
            .filter_map(|key| options.get(*key))
            .try_for_each(without_index),
        "dissect" => match text("pattern") {
            Some(pattern) if pattern.contains("%{*") || pattern.contains("%{&") => {
                Err("a reference key takes names of fields out of documents".to_owned())
            }
            Some(pattern) => without_index(&Value::String(pattern.to_owned())),
            None => Ok(()),
        },
        "dot_expander" => match (text("path"), text("field")) {
            (None, Some("*")) => Err("[*] takes names of fields out of documents".to_owned()),
            (path, field) => {
                let path = path.map(|path| format!("{path}."));
                let field = field.unwrap_or_default();
                written(Some(&Value::String(path.unwrap_or_default() + field)))
            }
        },
        "date_index_name" => date_index(text("index_name_prefix").unwrap_or_default()),
        "foreach" => {
            let inner = options.get("processor").cloned().unwrap_or_default();
            processors(Some(&Value::Array(vec![inner])), beside)
        }
        "script" => check_script(&Value::Object(options.clone()), ScriptPlace::Pipeline, beside),
        _ => Err("what it writes is not known".to_owned()),
    }
}

fn set(options: &Map<String, Value>) -> Result<(), String> {
    let (field, copied) = (options.get("field"), options.contains_key("copy_from"));
    match field.and_then(Value::as_str).map(root) {
        Some("_index") if !copied => beginning(options.get("value")),
        _ => written(field),
    }
}

/// `kv`: each key is a field below `target_field`, or of the document itself.
fn key_values(options: &Map<String, Value>) -> Result<(), String> {
    let text = |key: &str| options.get(key).and_then(Value::as_str).unwrap_or_default();
    let below = match options.get("target_field") {
        None | Some(Value::Null) => String::new(),
        target => {
            written(target)?;
            format!("{}.", text("target_field"))
        }
    };
    let begin = below + text("prefix");
    match options.get("include_keys").and_then(Value::as_array) {
        Some(keys) => keys.iter().try_for_each(|key| {
            let key = key.as_str().unwrap_or_default();
            written(Some(&Value::String(format!("{begin}{key}"))))
        }),
        // Which keys there are is in the documents.
        None if ends_as_index(&begin) => {
            Err("without [target_field] it takes names of fields out of documents".to_owned())
        }
        None => Ok(()),
    }
}

/// Whether something could be put behind `begin` so that it names `_index`.
fn ends_as_index(begin: &str) -> bool {
    let inside = begin.strip_prefix("_source.");
    "_source.".starts_with(begin)
        || "_index".starts_with(inside.unwrap_or(begin))
        || root(begin) == "_index"
}

/// Refuses a field that is `_index`, or whose name is in the documents.
fn written(field: Option<&Value>) -> Result<(), String> {
    match field {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(field)) if field.contains("{{") => {
            Err(format!("which field [{field}] is, is in the documents"))
        }
        Some(Value::String(field)) if root(field) == "_index" => {
            Err("it writes [_index]".to_owned())
        }
        Some(Value::String(_)) => Ok(()),
        Some(_) => Err("a field that is no text".to_owned()),
    }
}

/// The first part of a path: `_source.` in front of it means nothing.
fn root(path: &str) -> &str {
    let inside = path.strip_prefix("_source.").unwrap_or(path);
    inside.split('.').next().unwrap_or_default()
}

/// Refuses a value of `_index` that may come to a name that is kept. Names of indices are literal there, but for date math.
fn beginning(value: Option<&Value>) -> Result<(), String> {
    let value = value.and_then(Value::as_str).unwrap_or_default();
    match is_elsewhere(value) {
        true => Ok(()),
        false => {
            Err(format!("which index [{value}] is, is in the documents, or it is a cluster's own"))
        }
    }
}

/// `date_index_name`: date math, `<PREFIX{…}>`, of which the format may end the name in any way.
fn date_index(prefix: &str) -> Result<(), String> {
    let literal = prefix.split("{{").next().unwrap_or_default();
    match is_elsewhere(&format!("{literal}{{{{")) && !literal.contains(['<', '>', '{', '}']) {
        true => Ok(()),
        false => Err(format!("which index [{prefix}] leads to hangs on more than its beginning")),
    }
}

/// Whether no name that begins as `text` does, before what a template puts there, is kept.
fn is_elsewhere(text: &str) -> bool {
    let literal = text.split("{{").next().unwrap_or_default();
    let whole = literal.len() == text.len();
    let is_kept = names::holds_security_configuration(text);
    !literal.is_empty()
        && !literal.starts_with('<')
        && (!literal.starts_with('.') || whole && !is_kept)
}

/// Refuses a text in which `_index` stands for itself.
fn without_index(value: &Value) -> Result<(), String> {
    let is_named = |text: &str| {
        text.match_indices("_index").any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        })
    };
    match value {
        Value::String(text) if is_named(text) => Err("it writes [_index]".to_owned()),
        Value::Array(list) => list.iter().try_for_each(without_index),
        Value::Object(object) => object.values().try_for_each(without_index),
        _ => Ok(()),
    }
}

/// Refuses options in which `_index`, or a field of which the name is in the documents, stands anywhere.
fn nowhere_index(value: &Value) -> Result<(), String> {
    match value {
        Value::String(_) => written(Some(value)),
        Value::Array(list) => list.iter().try_for_each(nowhere_index),
        Value::Object(object) => object.iter().try_for_each(|(key, value)| {
            written(Some(&Value::String(key.clone())))?;
            nowhere_index(value)
        }),
        _ => Ok(()),
    }
}

impl Registries {
    /// A stored script, as it is kept.
    fn script(&self, id: &str) -> Option<&Value> {
        self.get(Registry::Scripts, id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(processor: Value) -> Result<(), String> {
        check_pipeline(&json!({ "processors": [processor] }), &Registries::default())
    }

    /// What may write `_index`, each in another way; the word is of the refusal.
    const LEADING: &[(&str, &str)] = &[
        (
            r#"{"date_index_name": {"field": "t", "index_name_prefix": ".sec", "index_name_format": "'urity-7'", "date_rounding": "y"}}"#,
            "more than its beginning",
        ),
        (
            r#"{"date_index_name": {"field": "t", "index_name_prefix": "{now{'.security-7'}}", "date_rounding": "y"}}"#,
            "more than its beginning",
        ),
        (r#"{"set": {"field": "_index", "value": ".security-7"}}"#, "cluster's own"),
        (r#"{"set": {"field": "_index", "value": "{{to}}"}}"#, "in the documents"),
        (r#"{"set": {"field": "_index", "value": ".sec{{to}}"}}"#, "in the documents"),
        (r#"{"set": {"field": "_index", "value": "<.security-{now/d}>"}}"#, "in the documents"),
        (r#"{"set": {"field": "_index", "copy_from": "to"}}"#, "writes [_index]"),
        (r#"{"set": {"field": "_source._index.", "value": ".security-7"}}"#, "cluster's own"),
        (r#"{"set": {"field": "{{a}}", "value": ".security-7"}}"#, "in the documents"),
        (r#"{"append": {"field": "_index", "value": "x"}}"#, "writes [_index]"),
        (r#"{"rename": {"field": "to", "target_field": "_index"}}"#, "writes [_index]"),
        (r#"{"rename": {"field": "to", "target_field": "{{{a}}}"}}"#, "in the documents"),
        (r#"{"gsub": {"field": "_index", "pattern": "x", "replacement": "."}}"#, "writes [_index]"),
        (r#"{"lowercase": {"field": "to", "target_field": "_index"}}"#, "writes [_index]"),
        (r#"{"json": {"field": "a", "add_to_root": true}}"#, "add_to_root"),
        (r#"{"json": {"field": "a", "add_to_root": "true"}}"#, "add_to_root"),
        (r#"{"json": {"field": "a", "target_field": "_index"}}"#, "writes [_index]"),
        (r#"{"kv": {"field": "a", "field_split": " ", "value_split": "="}}"#, "target_field"),
        (r#"{"kv": {"field": "a", "target_field": "_source"}}"#, "target_field"),
        (r#"{"kv": {"field": "a", "prefix": "_in"}}"#, "target_field"),
        (r#"{"kv": {"field": "a", "prefix": "_in", "include_keys": ["dex"]}}"#, "writes [_index]"),
        (r#"{"csv": {"field": "a", "target_fields": ["x", "_index"]}}"#, "writes [_index]"),
        (r#"{"grok": {"field": "a", "patterns": ["%{WORD:_index}"]}}"#, "writes [_index]"),
        (
            r#"{"grok": {"field": "a", "patterns": ["%{X}"], "pattern_definitions": {"X": "(?<_index>.*)"}}}"#,
            "writes [_index]",
        ),
        (r#"{"dissect": {"field": "a", "pattern": "%{_index} %{b}"}}"#, "writes [_index]"),
        (r#"{"dissect": {"field": "a", "pattern": "%{*k}=%{&k}"}}"#, "reference key"),
        (r#"{"dot_expander": {"field": "*"}}"#, "out of documents"),
        (r#"{"dot_expander": {"field": "_source._index"}}"#, "writes [_index]"),
        (
            r#"{"date_index_name": {"field": "t", "date_rounding": "d", "index_name_prefix": "{{to}}"}}"#,
            "more than its beginning",
        ),
        (r#"{"date_index_name": {"field": "t", "date_rounding": "d"}}"#, "more than its beginning"),
        (
            r#"{"foreach": {"field": "a", "processor": {"set": {"field": "_index", "value": "{{_ingest._value}}"}}}}"#,
            "in the documents",
        ),
        (r#"{"script": {"source": "ctx['_index'] = params.to"}}"#, "_index"),
        (r#"{"script": "ctx._index = ctx.to"}"#, "_index"),
        (
            r#"{"convert": {"field": "a", "type": "long", "on_failure": [{"set": {"field": "_index", "value": "{{a}}"}}]}}"#,
            "in the documents",
        ),
        (r#"{"set": {"field": ["_index"], "value": ".security-7"}}"#, "no text"),
        (r#"{"of_some_plugin": {}}"#, "not known"),
    ];

    #[test]
    fn a_processor_that_may_write_the_index_does_not_pass() {
        for (processor, word) in LEADING {
            let told = checked(serde_json::from_str(processor).unwrap());
            assert!(told.as_ref().is_err_and(|why| why.contains(word)), "{processor}: {told:?}");
        }
    }

    /// What clients put there: Filebeat's modules, Logstash's and Fluent Bit's set-ups, Elasticsearch's guides.
    const HARMLESS: &[&str] = &[
        r#"{"set": {"field": "event.ingested", "value": "{{_ingest.timestamp}}"}}"#,
        r#"{"set": {"field": "origin", "value": "{{_index}}"}}"#,
        r#"{"set": {"field": "_index", "value": "logs-{{service.name}}"}}"#,
        r#"{"set": {"field": "_index", "value": ".monitoring-x"}}"#,
        r#"{"set": {"field": "_id", "value": "{{user}}"}}"#,
        r#"{"set": {"field": "a._index", "value": "{{user}}"}}"#,
        r#"{"append": {"field": "tags", "value": ["a", "{{b}}"]}}"#,
        r#"{"date_index_name": {"field": "t", "index_name_prefix": "logs-", "date_rounding": "M"}}"#,
        r#"{"grok": {"field": "message", "patterns": ["%{IP:source.ip} %{WORD:cluster_index}"]}}"#,
        r#"{"dissect": {"field": "message", "pattern": "%{clientip} [%{+ts} %{+ts->}]%{?skip}"}}"#,
        r#"{"kv": {"field": "message", "field_split": " ", "value_split": "=", "target_field": "kv"}}"#,
        r#"{"kv": {"field": "message", "field_split": " ", "value_split": "=", "prefix": "kv_"}}"#,
        r#"{"kv": {"field": "message", "field_split": " ", "value_split": "=", "include_keys": ["a"]}}"#,
        r#"{"json": {"field": "message", "target_field": "json"}}"#,
        r#"{"json": {"field": "message", "add_to_root": false}}"#,
        r#"{"date": {"field": "t", "formats": ["ISO8601"], "on_failure": [{"remove": {"field": "t"}}]}}"#,
        r#"{"rename": {"field": "{{a}}", "target_field": "log.level", "ignore_missing": true}}"#,
        r#"{"convert": {"field": "n", "type": "long"}}"#,
        r#"{"geoip": {"field": "source.ip", "target_field": "source.geo"}}"#,
        r#"{"user_agent": {"field": "agent"}}"#,
        r#"{"foreach": {"field": "a", "processor": {"uppercase": {"field": "_ingest._value"}}}}"#,
        r#"{"pipeline": {"name": "{{next}}"}}"#,
        r#"{"drop": {"if": "ctx._index == '.security-7'"}}"#,
        r#"{"script": {"lang": "painless", "source": "ctx.event.duration = ctx.n * params.ms", "params": {"ms": 1000}}}"#,
    ];

    #[test]
    fn what_writes_fields_that_its_definition_names_passes() {
        for processor in HARMLESS {
            let told = checked(serde_json::from_str(processor).unwrap());
            assert_eq!(told, Ok(()), "{processor}");
        }
    }
}
