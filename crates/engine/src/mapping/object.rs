//! `object`: fields inside a field, and the walk that flattens a tree of them into paths.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::field::{FieldMapping, FieldType};
use super::{DEPTH_MAX, field};
use crate::exception::Exception;

/// What happens to fields that the mapping does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dynamic {
    /// They are added.
    True,
    /// They are left in `_source` only.
    False,
    /// The document is refused.
    Strict,
}

impl Dynamic {
    /// Reads `true`, `false`, `"true"`, `"false"`, `"strict"`.
    ///
    /// # Errors
    /// `mapper_parsing_exception` for anything else.
    pub fn parse(value: &Value) -> Result<Dynamic, Exception> {
        match field::plain(value).as_str() {
            "true" => Ok(Dynamic::True),
            "false" => Ok(Dynamic::False),
            "strict" => Ok(Dynamic::Strict),
            other => Err(Exception::mapper_parsing(format!(
                "Could not convert [dynamic] to boolean: Failed to parse value [{other}] as only [true] or [false] are allowed."
            ))),
        }
    }

    /// As Elasticsearch prints it.
    pub fn name(self) -> &'static str {
        match self {
            Dynamic::True => "true",
            Dynamic::False => "false",
            Dynamic::Strict => "strict",
        }
    }
}

/// One entry under `properties`.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// An object with fields of its own.
    Object(ObjectMapping),
    /// A field with values.
    Field(FieldMapping),
    /// Another name for the field at this path.
    Alias(String),
}

/// An object field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectMapping {
    /// Its own `dynamic`; `None`: its parent's.
    pub dynamic: Option<Dynamic>,
    /// `enabled: false`: whatever is inside stays in `_source` unread.
    pub disabled: bool,
    /// Its fields.
    pub properties: BTreeMap<String, Node>,
}

impl ObjectMapping {
    /// The value of `properties`.
    pub(super) fn properties_json(&self) -> Value {
        let print = |(name, node): (&String, &Node)| (name.clone(), node.to_json());
        Value::Object(self.properties.iter().map(print).collect())
    }
}

impl Node {
    fn to_json(&self) -> Value {
        match self {
            Node::Field(field) => field.to_json(),
            Node::Alias(path) => serde_json::json!({"type": "alias", "path": path}),
            Node::Object(object) => {
                let mut out = Map::new();
                if object.properties.is_empty() {
                    out.insert("type".into(), "object".into());
                }
                if let Some(dynamic) = object.dynamic {
                    out.insert("dynamic".into(), dynamic.name().into());
                }
                if object.disabled {
                    out.insert("enabled".into(), false.into());
                }
                if !object.properties.is_empty() {
                    out.insert("properties".into(), object.properties_json());
                }
                Value::Object(out)
            }
        }
    }
}

/// A mapping by full path.
#[derive(Default)]
pub(super) struct Flat {
    pub(super) leaves: BTreeMap<String, FieldType>,
    pub(super) aliases: BTreeMap<String, String>,
    pub(super) objects: BTreeSet<String>,
}

/// Flattens the tree under `root` into paths.
pub(super) fn index(root: &ObjectMapping) -> Result<Flat, Exception> {
    let mut flat = Flat::default();
    flatten(root, "", 1, &mut flat)?;
    Ok(flat)
}

fn flatten(
    object: &ObjectMapping,
    prefix: &str,
    depth: usize,
    flat: &mut Flat,
) -> Result<(), Exception> {
    if depth > DEPTH_MAX {
        return Err(Exception::illegal_argument(format!(
            "Limit of mapping depth [{DEPTH_MAX}] has been exceeded due to object field [{}]",
            prefix.trim_end_matches('.')
        )));
    }
    for (name, node) in &object.properties {
        let path = format!("{prefix}{name}");
        match node {
            Node::Object(inner) => {
                flatten(inner, &format!("{path}."), depth + 1, flat)?;
                flat.objects.insert(path);
            }
            Node::Alias(target) => {
                flat.aliases.insert(path, target.clone());
            }
            Node::Field(field) => {
                add_leaf(field, path, flat);
            }
        }
    }
    Ok(())
}

fn add_leaf(field: &FieldMapping, path: String, flat: &mut Flat) {
    for (name, inner) in &field.fields {
        add_leaf(inner, format!("{path}.{name}"), flat);
    }
    flat.leaves.insert(path, field.kind.clone());
}
