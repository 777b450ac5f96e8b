//! `join`: documents of one index that are parents and children of each other. Source: Elasticsearch 7.10, "Join field
//! type", and `ParentJoinFieldMapper` for the texts.
//!
//! A join field keeps the name of a document's relation, as a keyword does. For each relation with children there is a
//! field beside it, `field#relation`: in the children the parent's id, in the parents their own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::parameters::{Parameter, ParameterShape, Parameters, updatable};
use crate::exception::{Exception, ExceptionKind};
use crate::value::scalar::{plain, token};

/// The parameters of `join`.
pub(super) const PARAMETERS: &[Parameter] = &[
    updatable("eager_global_ordinals", ParameterShape::Bool(false)),
    updatable("relations", ParameterShape::Object),
];

/// The relations of a join field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Join {
    /// The children of each parent.
    children: BTreeMap<String, Vec<String>>,
}

/// What a keyword is to a join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinRole {
    /// The field with the names of the relations.
    Relation(Join),
    /// A field with the ids of parents.
    Parent,
}

impl Join {
    pub(super) fn build(parameters: &Parameters) -> Join {
        let relations = parameters.value("relations").and_then(Value::as_object);
        let listed = |value: &Value| match value {
            Value::Array(names) => names.iter().map(plain).collect(),
            name => vec![plain(name)],
        };
        let children = relations.into_iter().flatten();
        Join { children: children.map(|(parent, names)| (parent.clone(), listed(names))).collect() }
    }

    /// The relations that have children.
    pub fn parents(&self) -> impl Iterator<Item = &str> {
        self.children.keys().map(String::as_str)
    }

    /// The children of `parent`; `None`: it has none.
    pub fn children_of(&self, parent: &str) -> Option<&[String]> {
        self.children.get(parent).map(Vec::as_slice)
    }

    /// Whose child `child` is.
    pub fn parent_of(&self, child: &str) -> Option<&str> {
        let holds =
            |(_, children): &(&String, &Vec<String>)| children.iter().any(|own| own == child);
        self.children.iter().find(holds).map(|(parent, _)| parent.as_str())
    }

    fn knows(&self, name: &str) -> bool {
        self.children.contains_key(name) || self.parent_of(name).is_some()
    }

    /// What of one value of the join field `path` is kept by the document `id`: fields with their values.
    ///
    /// # Errors
    /// `illegal_argument_exception` in Elasticsearch's words.
    pub(super) fn read(&self, path: &str, id: &str, value: &Value) -> Result<JoinValue, Exception> {
        let refused = |reason: String| Err(Exception::illegal_argument(reason));
        let (name, parent) = match value {
            Value::String(name) => (Some(name.clone()), None),
            Value::Object(object) => named(path, object)?,
            other => {
                return Err(Exception::new(
                    ExceptionKind::IllegalState,
                    format!(
                        "[null] expected START_OBJECT or VALUE_STRING but was: {}",
                        token(other)
                    ),
                ));
            }
        };
        let Some(name) = name else {
            return refused(format!("null join name in field [{path}]"));
        };
        if !self.knows(&name) {
            return refused(format!("unknown join name [{name}] for field [{path}]"));
        }
        let mut ids = Vec::new();
        let above = self.parent_of(&name);
        if let Some(above) = above {
            let Some(parent) = parent else {
                return refused(format!("[parent] is missing for join field [{path}]"));
            };
            ids.push((format!("{path}#{above}"), parent));
        }
        if self.children.contains_key(&name) {
            ids.push((format!("{path}#{name}"), id.to_owned()));
        }
        Ok(JoinValue { name, ids, is_child: above.is_some() })
    }

    /// What of `new` conflicts with these relations.
    pub(super) fn conflicts(&self, path: &str, new: &Join) -> Vec<String> {
        let mut faults = Vec::new();
        for (parent, children) in &self.children {
            let kept = new.children_of(parent);
            if kept.is_none() {
                faults.push(format!("cannot remove parent [{parent}] in join field [{path}]"));
                continue;
            }
            let gone = |child: &&String| !kept.is_some_and(|kept| kept.contains(child));
            faults.extend(
                children
                    .iter()
                    .filter(gone)
                    .map(|child| format!("cannot remove child [{child}] in join field [{path}]")),
            );
        }
        for (parent, children) in &new.children {
            if !self.children.contains_key(parent) && self.knows(parent) {
                faults.push(format!("cannot create parent [{parent}] from an existing child"));
            }
            let fresh = children.iter().filter(|child| self.parent_of(child).is_none());
            let taken = fresh.filter(|child| self.children.contains_key(*child));
            faults.extend(
                taken.map(|child| format!("cannot create child [{child}] from an existing parent")),
            );
        }
        faults
    }
}

/// One value of a join field, read.
pub(super) struct JoinValue {
    /// The name of the relation.
    pub(super) name: String,
    /// Fields of ids, with theirs.
    pub(super) ids: Vec<(String, String)>,
    /// Whether the document must be where its parent is.
    pub(super) is_child: bool,
}

/// `name` and `parent` of an object.
fn named(
    path: &str,
    object: &Map<String, Value>,
) -> Result<(Option<String>, Option<String>), Exception> {
    let (mut name, mut parent) = (None, None);
    for (key, value) in object {
        match (key.as_str(), value) {
            ("name", Value::String(text)) => name = Some(text.clone()),
            ("parent", Value::String(_) | Value::Number(_)) => parent = Some(plain(value)),
            (_, Value::Object(inner)) => {
                let key = inner.keys().next().unwrap_or(key);
                return Err(unknown(key, path));
            }
            (other, _) => return Err(unknown(other, path)),
        }
    }
    Ok((name, parent))
}

fn unknown(key: &str, path: &str) -> Exception {
    Exception::illegal_argument(format!("unknown field name [{key}] in join field [{path}]"))
}

/// The definition of a join field with what Elasticsearch fills in: lists of one child as that child.
pub(super) fn filled(definition: &mut Parameters) {
    let definition = &mut definition.0;
    definition.entry("eager_global_ordinals").or_insert(Value::Bool(true));
    if let Some(Value::Object(relations)) = definition.get_mut("relations") {
        for children in relations.values_mut() {
            let one = children.as_array().filter(|list| list.len() == 1);
            if let Some(one) = one.and_then(|list| list.first()).cloned() {
                *children = one;
            }
        }
    }
}
