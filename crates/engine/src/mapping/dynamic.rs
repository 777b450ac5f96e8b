//! Dynamic mapping: the definition a new field gets from its first value. Source: Elasticsearch 7.10, "Dynamic field
//! mapping", and `DocumentParser.createBuilderFromDynamicValue`.

use serde_json::{Map, Value, json};

use super::date::{self, DateFormat};
use super::{Dynamic, Mapping, Node, ObjectMapping, RootMapping};

/// The date formats tried on new strings unless `dynamic_date_formats` says otherwise.
const DATE_FORMATS: &[&str] =
    &[date::DEFAULT_FORMAT, "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis"];

/// The fields `document` would add to `mapping`, as the body of a `put mapping`; `None` when it adds none.
///
/// The document must have been read by [`super::parsed`] without fault: names are known to be good.
pub fn additions(mapping: &Mapping, document: &Map<String, Value>) -> Option<Value> {
    let root = mapping.root();
    let dynamic = root.object.dynamic.unwrap_or(Dynamic::True);
    let mut properties = Map::new();
    object(root, Some(&root.object), dynamic, document, &mut properties);
    if properties.is_empty() { None } else { Some(json!({ "properties": properties })) }
}

fn object(
    root: &RootMapping,
    known: Option<&ObjectMapping>,
    dynamic: Dynamic,
    document: &Map<String, Value>,
    properties: &mut Map<String, Value>,
) {
    for (name, value) in document {
        field(root, known, dynamic, name, value, properties);
    }
}

fn field(
    root: &RootMapping,
    known: Option<&ObjectMapping>,
    dynamic: Dynamic,
    name: &str,
    value: &Value,
    properties: &mut Map<String, Value>,
) {
    let (first, rest) = match name.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (name, None),
    };
    let node = known.and_then(|known| known.properties.get(first));
    match (node, rest) {
        (Some(Node::Field(_) | Node::Alias(_)), _) => {}
        (Some(Node::Object(inner)), _) if inner.disabled => {}
        (Some(Node::Object(inner)), _) => {
            let mut found = Map::new();
            let dynamic = inner.dynamic.unwrap_or(dynamic);
            inside(root, Some(inner), dynamic, rest, value, &mut found);
            if !found.is_empty() {
                place(properties, first, found);
            }
        }
        (None, _) if dynamic != Dynamic::True => {}
        (None, Some(_)) => {
            let mut found = Map::new();
            inside(root, None, dynamic, rest, value, &mut found);
            place(properties, first, found);
        }
        (None, None) => new_field(root, dynamic, first, value, properties),
    }
}

/// What `value` adds inside an object: through the rest of a dotted name, or as (an array of) objects.
fn inside(
    root: &RootMapping,
    known: Option<&ObjectMapping>,
    dynamic: Dynamic,
    rest: Option<&str>,
    value: &Value,
    found: &mut Map<String, Value>,
) {
    match (rest, value) {
        (Some(rest), value) => field(root, known, dynamic, rest, value, found),
        (None, Value::Object(document)) => object(root, known, dynamic, document, found),
        (None, Value::Array(values)) => {
            for value in values {
                inside(root, known, dynamic, None, value, found);
            }
        }
        _ => {}
    }
}

fn new_field(
    root: &RootMapping,
    dynamic: Dynamic,
    name: &str,
    value: &Value,
    properties: &mut Map<String, Value>,
) {
    match value {
        Value::Null => {}
        Value::Array(values) => {
            for value in values {
                new_field(root, dynamic, name, value, properties);
            }
        }
        Value::Object(document) => {
            let mut found = Map::new();
            object(root, None, dynamic, document, &mut found);
            place(properties, name, found);
        }
        scalar => {
            if !properties.contains_key(name) {
                properties.insert(name.to_owned(), definition(root, scalar));
            }
        }
    }
}

/// Puts an object's new fields under `name`, beside those that an earlier value brought.
fn place(properties: &mut Map<String, Value>, name: &str, found: Map<String, Value>) {
    let entry = properties
        .entry(name.to_owned())
        .or_insert_with(|| json!({"type": "object", "properties": {}}));
    if let Some(Value::Object(inner)) = entry.get_mut("properties") {
        for (name, definition) in found {
            match (inner.get_mut(&name), definition) {
                (None, definition) => {
                    inner.insert(name, definition);
                }
                (Some(old), Value::Object(new)) => {
                    if let (Some(Value::Object(_)), Some(Value::Object(deeper))) =
                        (old.get("properties"), new.get("properties"))
                    {
                        let deeper = deeper.clone();
                        place(inner, &name, deeper);
                    }
                }
                _ => {}
            }
        }
    }
}

/// The definition of a new field whose first value is `value`.
fn definition(root: &RootMapping, value: &Value) -> Value {
    match value {
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(number) if number.is_f64() => json!({"type": "float"}),
        Value::Number(_) => json!({"type": "long"}),
        Value::String(text) => string(root, text),
        _ => json!({"type": "object"}),
    }
}

fn string(root: &RootMapping, text: &str) -> Value {
    let (long, double) = (text.parse::<i64>().is_ok(), text.parse::<f64>().is_ok());
    if root.numeric_detection == Some(true) && (long || double) {
        return json!({"type": if long { "long" } else { "float" }});
    }
    // Pure numbers are never taken for dates: `2020` and epoch milliseconds are too often something else.
    if !long && !double && root.date_detection != Some(false) {
        let own = root.dynamic_date_formats.as_ref();
        let matching = match own {
            Some(formats) => formats.iter().map(String::as_str).find(|format| reads(format, text)),
            None => DATE_FORMATS.iter().copied().find(|format| reads(format, text)),
        };
        match matching {
            Some(date::DEFAULT_FORMAT) => return json!({"type": "date"}),
            Some(format) => return json!({"type": "date", "format": format}),
            None => {}
        }
    }
    json!({"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}})
}

fn reads(format: &str, text: &str) -> bool {
    // Every date has a digit at one of its ends; most strings are done with here.
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let maybe = digit(bytes.first()) || digit(bytes.last()) || bytes.first() == Some(&b'-');
    maybe && DateFormat::parse(format).is_ok_and(|format| format.read(text).is_ok())
}
