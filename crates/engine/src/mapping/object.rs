//! `object`: fields inside a field, and the walk that flattens a tree of them into paths.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Growth;
use super::field::FieldMapping;
use super::field_type::FieldType;
use crate::exception::{Exception, ExceptionKind};
use crate::limits::FIELD_PATH_BYTES_MAX;
use crate::value::scalar::{not_a_boolean, plain};

/// What happens to fields that the mapping does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dynamic {
    /// They are added.
    True,
    /// They are left in `_source` only.
    False,
    /// The document is refused.
    Strict,
    /// The document is refused, unless a dynamic template is for the field. (OpenSearch 2.16.)
    StrictAllowTemplates,
}

impl Dynamic {
    /// Reads `true`, `false`, `"true"`, `"false"`, `"strict"`, `"strict_allow_templates"`.
    ///
    /// # Errors
    /// `mapper_parsing_exception` for anything else.
    pub fn parse(value: &Value) -> Result<Dynamic, Exception> {
        match plain(value).as_str() {
            "true" => Ok(Dynamic::True),
            "false" => Ok(Dynamic::False),
            "strict" => Ok(Dynamic::Strict),
            "strict_allow_templates" => Ok(Dynamic::StrictAllowTemplates),
            other => {
                let inner = Exception::illegal_argument(not_a_boolean(other));
                let reason = "Could not convert [dynamic.dynamic] to boolean";
                let cause = Exception::illegal_argument(reason).caused_by(inner);
                Err(Exception::mapper_parsing(reason).caused_by(cause))
            }
        }
    }

    /// As Elasticsearch prints it.
    pub fn name(self) -> &'static str {
        match self {
            Dynamic::True => "true",
            Dynamic::False => "false",
            Dynamic::Strict => "strict",
            Dynamic::StrictAllowTemplates => "strict_allow_templates",
        }
    }

    /// Whether fields may be added.
    pub(super) fn grows(self) -> bool {
        matches!(self, Dynamic::True | Dynamic::StrictAllowTemplates)
    }

    /// The refusal of a document with a field `name` that is not mapped within `prefix`.
    pub(super) fn refusal(self, name: &str, prefix: &str) -> Exception {
        let within = prefix.trim_end_matches('.');
        let within = if within.is_empty() { "_doc" } else { within };
        Exception::new(
            ExceptionKind::StrictDynamicMapping,
            format!(
                "mapping set to {}, dynamic introduction of [{name}] within [{within}] is not allowed",
                self.name()
            ),
        )
    }
}

/// One entry under `properties`.
#[derive(Clone, Debug)]
pub enum Node {
    /// An object with fields of its own.
    Object(ObjectMapping),
    /// A field with values.
    Field(FieldMapping),
    /// Another name for the field at this path.
    Alias(String),
}

/// What makes an object `nested`: each of its values is a document of its own, inside the block of the whole one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nested {
    /// `include_in_parent`: its fields are also those of the document around it.
    pub in_parent: bool,
    /// `include_in_root`: its fields are also those of the whole document.
    pub in_root: bool,
}

/// An object field.
#[derive(Clone, Debug, Default)]
pub struct ObjectMapping {
    /// Set where the type is `nested`.
    pub nested: Option<Nested>,
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
                match object.nested {
                    Some(nested) => nested.print(&mut out),
                    None if object.properties.is_empty() => {
                        out.insert("type".into(), "object".into());
                    }
                    None => {}
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

impl Nested {
    /// Its type, and what of it differs from the defaults.
    pub(super) fn print(self, out: &mut Map<String, Value>) {
        out.insert("type".into(), "nested".into());
        for (key, on) in [("include_in_parent", self.in_parent), ("include_in_root", self.in_root)]
        {
            if on {
                out.insert(key.into(), true.into());
            }
        }
    }
}

/// A mapping by full path.
#[derive(Default)]
pub(super) struct Flat {
    pub(super) leaves: BTreeMap<String, FieldType>,
    /// The boosts of leaves, where they are set.
    pub(super) boosts: BTreeMap<String, f32>,
    pub(super) aliases: BTreeMap<String, String>,
    pub(super) objects: BTreeSet<String>,
    pub(super) nested: BTreeSet<String>,
}

/// Flattens the tree under `root` into paths.
///
/// # Errors
/// A level, a name or a path beyond what `growth` and the limits allow.
pub(super) fn index(root: &ObjectMapping, growth: Growth) -> Result<Flat, Exception> {
    let mut flat = Flat::default();
    flatten(root, "", 1, growth, &mut flat)?;
    Ok(flat)
}

/// Refuses an object at `path`, whose fields would be on level `depth` (the root's are on the first), where mappings
/// may have `limit` levels. Asked before anything that recurses. Source of the text: `MapperService.checkDepthLimit`.
pub(super) fn check_depth(depth: usize, limit: usize, path: &str) -> Result<(), Exception> {
    if depth <= limit {
        return Ok(());
    }
    Err(Exception::illegal_argument(format!(
        "Limit of mapping depth [{limit}] has been exceeded due to object field [{}]",
        path.trim_end_matches('.')
    )))
}

fn flatten(
    object: &ObjectMapping,
    prefix: &str,
    depth: usize,
    growth: Growth,
    flat: &mut Flat,
) -> Result<(), Exception> {
    check_depth(depth, growth.depth, prefix)?;
    for (name, node) in &object.properties {
        check_length(prefix, name, growth)?;
        let path = format!("{prefix}{name}");
        match node {
            Node::Object(inner) => {
                flatten(inner, &format!("{path}."), depth + 1, growth, flat)?;
                if inner.nested.is_some() {
                    flat.nested.insert(path.clone());
                }
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

/// Refuses a name that is longer than the index's settings allow, and a path that no term could hold.
fn check_length(prefix: &str, name: &str, growth: Growth) -> Result<(), Exception> {
    let characters = name.chars().count() as u64;
    if characters > growth.name_length {
        return Err(Exception::illegal_argument(format!(
            "Field name [{name}] is longer than the limit of [{}] characters",
            growth.name_length
        )));
    }
    let bytes = prefix.len() + name.len();
    if bytes > FIELD_PATH_BYTES_MAX {
        let begins: String = prefix.chars().chain(name.chars()).take(100).collect();
        return Err(Exception::illegal_argument(format!(
            "The path of a field is [{bytes}] bytes long, but at most [{FIELD_PATH_BYTES_MAX}] are allowed; it begins with [{begins}]"
        )));
    }
    Ok(())
}

fn add_leaf(field: &FieldMapping, path: String, flat: &mut Flat) {
    for (name, inner) in &field.fields {
        add_leaf(inner, format!("{path}.{name}"), flat);
    }
    flat.leaves.extend(field.kind.beside(&path));
    if let Some(boost) = field.parameters.get("boost").and_then(Value::as_f64) {
        flat.boosts.insert(path.clone(), boost as f32);
    }
    flat.leaves.insert(path, field.kind.clone());
}
