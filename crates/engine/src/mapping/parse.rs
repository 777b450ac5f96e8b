//! Reading the JSON of a mapping into its tree.

use serde_json::{Map, Value};

use super::object::check_depth;
use super::parsed::is_metadata_field;
use super::source_field::SourceField;
use super::{
    Dynamic, FieldMapping, Nested, Node, ObjectMapping, RootMapping, date, dynamic_template,
};
use crate::exception::{Exception, ExceptionKind};
use crate::value::java::java;
use crate::value::scalar::{self, plain};

/// Where in the tree the reader is: the path of the object with a dot at its end (empty at the root), the level of its
/// fields, and how many levels there may be.
#[derive(Clone, Copy)]
struct ReaderPosition<'a> {
    path: &'a str,
    depth: usize,
    limit: usize,
}

/// Reads the body of `mappings`, which may have `depth` levels, dots in names counted.
pub(super) fn root(body: &Value, depth: usize) -> Result<RootMapping, Exception> {
    let here = ReaderPosition { path: "", depth: 1, limit: depth };
    let mut root = super::Mapping::default().root;
    let Value::Object(body) = body else {
        return if body.is_null() { Ok(root) } else { Err(not_a_map("mappings")) };
    };
    let mut unknown = Vec::new();
    for (key, value) in body {
        match key.as_str() {
            "properties" => {
                properties(value, &mut root.object, here)?;
                let names = root.object.properties.keys();
                if let Some(name) = names.into_iter().find(|name| is_metadata_field(name)) {
                    return Err(Exception::mapper_parsing(format!(
                        "Field [{name}] is defined more than once"
                    )));
                }
            }
            "dynamic" => root.object.dynamic = Some(Dynamic::parse(value)?),
            "enabled" => root.object.disabled = !boolean(key, value)?,
            "date_detection" => root.date_detection = Some(boolean(key, value)?),
            "numeric_detection" => root.numeric_detection = Some(boolean(key, value)?),
            "_data_stream_timestamp" => {
                let name = value.pointer("/timestamp_field/name").and_then(Value::as_str);
                let on = value.get("enabled").is_some_and(crate::cluster::truth);
                root.data_stream_timestamp = on.then(|| name.unwrap_or("@timestamp").to_owned());
            }
            "dynamic_date_formats" => root.dynamic_date_formats = Some(formats(value)?),
            "dynamic_templates" => root.dynamic_templates = dynamic_template::parse(value)?,
            "_meta" => root.meta = Some(value.clone()),
            "_routing" => root.routing_required = routing(value)?,
            "_source" => root.source = Some(SourceField::parse(value)?),
            "_field_names" => {
                if let Some(kept) = metadata_field(key, value)? {
                    root.metadata.insert(key.clone(), kept);
                }
            }
            "_doc_count" => {}
            "_id" | "_ignored" | "_index" | "_nested_path" | "_primary_term" | "_seq_no"
            | "_version" => {
                return Err(Exception::mapper_parsing(format!("{key} is not configurable")));
            }
            "derived" => return Err(Exception::not_implemented("derived fields of a mapping")),
            _ => unknown.push(format!("[{key} : {}]", java(value))),
        }
    }
    if unknown.is_empty() {
        return Ok(root);
    }
    Err(Exception::mapper_parsing(format!(
        "Root mapping definition has unsupported parameters:  {}",
        unknown.join(" ")
    )))
}

/// The object that `definition` makes of `name`, whose fields have paths that begin with the first of `here` and are on the
/// level that is the second, of so many; `None` for what is none, or is refused when it is put.
pub(super) fn object_at(
    name: &str,
    definition: &Value,
    (path, depth, limit): (&str, usize, usize),
) -> Option<ObjectMapping> {
    match node(name, definition.as_object()?, ReaderPosition { path, depth, limit }) {
        Ok(Node::Object(object)) => Some(object),
        _ => None,
    }
}

fn properties(
    value: &Value,
    object: &mut ObjectMapping,
    here: ReaderPosition<'_>,
) -> Result<(), Exception> {
    let Value::Object(entries) = value else {
        return match value {
            Value::Array(empty) if empty.is_empty() => Ok(()),
            _ => Err(not_a_map("properties")),
        };
    };
    for (name, definition) in entries {
        let Value::Object(definition) = definition else {
            return Err(Exception::mapper_parsing(format!(
                "Expected map for property [fields] on field [{name}] but got a class {}",
                java_class(definition)
            )));
        };
        if name.is_empty() {
            return Err(Exception::illegal_argument("name cannot be empty string"));
        }
        let (place, last, depth) = place(object, name, here)?;
        let path = format!("{}{name}.", here.path);
        let node =
            node(last, definition, ReaderPosition { path: &path, depth: depth + 1, ..here })?;
        match (place.properties.get_mut(last), node) {
            // A dotted name before made the object.
            (Some(Node::Object(known)), Node::Object(node)) => {
                super::merge::object(known, node, &path)?;
            }
            (_, node) => {
                place.properties.insert(last.to_owned(), node);
            }
        }
    }
    Ok(())
}

/// Walks the dots of `name`, making objects on the way; the object that holds the last part, that part, and its level.
fn place<'a, 'n>(
    mut object: &'a mut ObjectMapping,
    name: &'n str,
    here: ReaderPosition<'_>,
) -> Result<(&'a mut ObjectMapping, &'n str, usize), Exception> {
    let (mut rest, mut depth, mut walked) = (name, here.depth, 0);
    while let Some((first, after)) = rest.split_once('.') {
        if first.is_empty() || after.starts_with('.') {
            let reason = "name cannot be empty string";
            let cause = Exception::illegal_argument(reason);
            return Err(Exception::mapper_parsing(reason).caused_by(cause));
        }
        if after.is_empty() {
            return Err(Exception::illegal_argument(format!(
                "object field starting or ending with a [.] makes object resolution ambiguous: [{rest}]"
            )));
        }
        walked += first.len() + 1;
        depth += 1;
        let path = || format!("{}{}", here.path, name.get(..walked).unwrap_or(name));
        if depth > here.limit {
            check_depth(depth, here.limit, &path())?;
        }
        let inner = object
            .properties
            .entry(first.to_owned())
            .or_insert_with(|| Node::Object(ObjectMapping::default()));
        object = match inner {
            Node::Object(inner) => inner,
            _ => return Err(super::merge::object_conflict(first)),
        };
        rest = after;
    }
    Ok((object, rest, depth))
}

fn node(
    name: &str,
    definition: &Map<String, Value>,
    here: ReaderPosition<'_>,
) -> Result<Node, Exception> {
    let kind = definition.get("type").map(plain);
    match kind.as_deref() {
        Some("object") => object(name, definition, None, here).map(Node::Object),
        Some("nested") => object(name, definition, Some(Nested::default()), here).map(Node::Object),
        None if ["properties", "enabled", "dynamic"]
            .iter()
            .any(|key| definition.contains_key(*key)) =>
        {
            object(name, definition, None, here).map(Node::Object)
        }
        None => Err(Exception::mapper_parsing(format!("No type specified for field [{name}]"))),
        Some("alias") => match definition.get("path") {
            Some(path) => Ok(Node::Alias(plain(path))),
            None => Err(Exception::mapper_parsing(format!(
                "The [path] property must be specified for field [{name}]."
            ))),
        },
        Some(kind) => FieldMapping::parse(name, kind, definition).map(Node::Field),
    }
}

fn object(
    name: &str,
    definition: &Map<String, Value>,
    nested: Option<Nested>,
    here: ReaderPosition<'_>,
) -> Result<ObjectMapping, Exception> {
    check_depth(here.depth, here.limit, here.path)?;
    let mut object = ObjectMapping { nested, ..ObjectMapping::default() };
    for (key, value) in definition {
        match key.as_str() {
            // Of an object that is not nested they say nothing, as on the real servers.
            "include_in_parent" | "include_in_root" => {
                let on = boolean(key, value)?;
                match &mut object.nested {
                    Some(nested) if key == "include_in_root" => nested.in_root = on,
                    Some(nested) => nested.in_parent = on,
                    None => {}
                }
            }
            "type" => {}
            "properties" => properties(value, &mut object, here)?,
            "dynamic" => object.dynamic = Some(Dynamic::parse(value)?),
            "enabled" => object.disabled = !boolean(key, value)?,
            _ => {
                return Err(Exception::mapper_parsing(format!(
                    "Mapping definition for [{name}] has unsupported parameters:  [{key} : {}]",
                    java(value)
                )));
            }
        }
    }
    Ok(object)
}

fn boolean(key: &str, value: &Value) -> Result<bool, Exception> {
    scalar::boolean(value).ok_or_else(|| {
        Exception::mapper_parsing(format!(
            "Could not convert [{key}] to boolean: {}",
            scalar::not_a_boolean(plain(value))
        ))
    })
}

fn formats(value: &Value) -> Result<Vec<String>, Exception> {
    let formats = scalar::list(value);
    for format in &formats {
        date::DateFormat::of_mapping(format)?;
    }
    Ok(formats)
}

fn routing(value: &Value) -> Result<bool, Exception> {
    let known = value.as_object().into_iter().flatten();
    if let Some((key, _)) = known.into_iter().find(|(key, _)| *key != "required") {
        return Err(unknown_of("_routing", key));
    }
    value.get("required").map_or(Ok(false), |required| boolean("required", required))
}

/// A metadata field that can only be switched: what of it is kept. Neither changes anything here: every index can be
/// asked which fields its documents have, and documents of a data stream are checked by their time anyway.
fn metadata_field(name: &str, value: &Value) -> Result<Option<Value>, Exception> {
    let Value::Object(keys) = value else {
        return Err(Exception::illegal_argument("[_parent] must be an object containing [type]"));
    };
    for (key, value) in keys {
        match key.as_str() {
            "enabled" => drop(boolean(key, value)?),
            _ => return Err(unknown_of(name, key)),
        }
    }
    Ok(Some(value.clone()).filter(|_| !keys.is_empty()))
}

fn unknown_of(field: &str, key: &str) -> Exception {
    Exception::mapper_parsing(format!(
        "unknown parameter [{key}] on mapper [{field}] of type [null]"
    ))
}

fn not_a_map(what: &str) -> Exception {
    Exception::new(ExceptionKind::ElasticsearchParse, format!("{what} must be a map type"))
}

fn java_class(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "java.lang.Boolean",
        Value::Number(number) if number.is_f64() => "java.lang.Double",
        Value::Number(_) => "java.lang.Integer",
        Value::Array(_) => "java.util.ArrayList",
        _ => "java.lang.String",
    }
}
