//! Merging one mapping into another: what may be added, what may change, and Elasticsearch's words for the rest.

use serde_json::Value;

use super::source_field::SourceField;
use super::{FieldMapping, Nested, Node, ObjectMapping, RootMapping};
use crate::exception::{Exception, ExceptionKind};
use crate::value::scalar::plain;

/// Merges `addition` into `root`.
pub(super) fn root(root: &mut RootMapping, addition: RootMapping) -> Result<(), Exception> {
    enabled(&root.object, &addition.object, "_doc")?;
    object(&mut root.object, addition.object, "")?;
    root.date_detection = addition.date_detection.or(root.date_detection);
    root.numeric_detection = addition.numeric_detection.or(root.numeric_detection);
    if addition.data_stream_timestamp.is_some() {
        root.data_stream_timestamp = addition.data_stream_timestamp;
    }
    if addition.dynamic_date_formats.is_some() {
        root.dynamic_date_formats = addition.dynamic_date_formats;
    }
    for template in addition.dynamic_templates {
        match root.dynamic_templates.iter_mut().find(|known| known.name == template.name) {
            Some(known) => *known = template,
            None => root.dynamic_templates.push(template),
        }
    }
    if addition.meta.is_some() {
        root.meta = addition.meta;
    }
    root.routing_required |= addition.routing_required;
    root.metadata.extend(addition.metadata);
    if let Some(source) = addition.source {
        match &root.source {
            Some(known) => known.check_change(&source)?,
            None => SourceField::default().check_change(&source)?,
        }
    }
    Ok(())
}

/// The refusal when an object meets a leaf.
pub(super) fn object_conflict(path: &str) -> Exception {
    Exception::illegal_argument(format!(
        "can't merge a non object mapping [{path}] with an object mapping"
    ))
}

/// Merges the object `from` into one of the same path; `prefix` is that path with a dot at its end.
pub(super) fn object(
    into: &mut ObjectMapping,
    from: ObjectMapping,
    prefix: &str,
) -> Result<(), Exception> {
    into.dynamic = from.dynamic.or(into.dynamic);
    for (name, node) in from.properties {
        let path = format!("{prefix}{name}");
        match (into.properties.get_mut(&name), node) {
            (None, node) => {
                into.properties.insert(name, node);
            }
            (Some(Node::Object(old)), Node::Object(new)) => {
                nested(old.nested, new.nested)?;
                enabled(old, &new, &path)?;
                object(old, new, &format!("{path}."))?;
            }
            (Some(Node::Field(old)), Node::Field(new)) => field(old, new, &path)?,
            (Some(Node::Alias(old)), Node::Alias(new)) => *old = new,
            (Some(Node::Object(_)), _) | (Some(_), Node::Object(_)) => {
                return Err(object_conflict(&path));
            }
            (Some(old), new) => {
                return Err(cannot_change(&path, type_name(old), type_name(&new)));
            }
        }
    }
    Ok(())
}

fn enabled(old: &ObjectMapping, new: &ObjectMapping, path: &str) -> Result<(), Exception> {
    if old.disabled == new.disabled {
        return Ok(());
    }
    let reason =
        format!("the [enabled] parameter can't be updated for the object mapping [{path}]");
    Err(Exception::new(ExceptionKind::Mapper, reason))
}

/// Refuses what cannot be changed of a nested object. Source of the texts: `ObjectMapper.Nested.merge`.
fn nested(old: Option<Nested>, new: Option<Nested>) -> Result<(), Exception> {
    let refused = |reason: &str| Err(Exception::illegal_argument(reason));
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (None, None) => return Ok(()),
        (Some(_), None) => {
            return refused("cannot change object mapping from nested to non-nested");
        }
        (None, Some(_)) => {
            return refused("cannot change object mapping from non-nested to nested");
        }
    };
    let fixed = |key: &str| {
        let reason = format!("the [{key}] parameter can't be updated on a nested object mapping");
        Err(Exception::new(ExceptionKind::Mapper, reason))
    };
    if old.in_parent != new.in_parent {
        return fixed("include_in_parent");
    }
    if old.in_root != new.in_root {
        return fixed("include_in_root");
    }
    Ok(())
}

fn field(old: &mut FieldMapping, new: FieldMapping, path: &str) -> Result<(), Exception> {
    if old.kind.name() != new.kind.name() {
        return Err(cannot_change(path, old.kind.name(), new.kind.name()));
    }
    let mut conflicts = String::new();
    for row in old.table() {
        let was = old.parameters.get(row.name).cloned().unwrap_or_else(|| row.default());
        let is = new.parameters.get(row.name).cloned().unwrap_or_else(|| row.default());
        // Norms may be given up, never taken up: old documents have none. What is there keeps those that it has until it is
        // merged with what has none, as Lucene's segments do.
        let given_up = row.name == "norms" && is == Value::Bool(false);
        if was != is && (!row.updatable || (row.name == "norms" && !given_up)) {
            conflicts.push_str(&format!(
                "\n\tCannot update parameter [{}] from [{}] to [{}]",
                row.name,
                shown(&was),
                shown(&is)
            ));
        }
    }
    if let (Some(was), Some(is)) = (old.kind.join(), new.kind.join()) {
        let faults = was.conflicts(path, is);
        if !faults.is_empty() {
            return Err(Exception::illegal_argument(format!(
                "Mapper for [{path}] conflicts with existing mapping:\n[{}]",
                faults.join(", ")
            )));
        }
    }
    if !conflicts.is_empty() {
        return Err(Exception::illegal_argument(format!(
            "Mapper for [{path}] conflicts with existing mapper:{conflicts}"
        )));
    }
    let mut fields = std::mem::take(&mut old.fields);
    for (name, inner) in new.fields {
        match fields.get_mut(&name) {
            Some(known) => field(known, inner, &format!("{path}.{name}"))?,
            None => {
                fields.insert(name, inner);
            }
        }
    }
    *old =
        FieldMapping { kind: new.kind, parameters: new.parameters, fields, copy_to: new.copy_to };
    Ok(())
}

/// A parameter's value as a conflict names it.
fn shown(value: &Value) -> String {
    let Value::Object(entries) = value else { return plain(value) };
    let entries = entries.iter().map(|(key, value)| format!("{key}={}", plain(value)));
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}

fn cannot_change(path: &str, from: &str, to: &str) -> Exception {
    Exception::illegal_argument(format!(
        "mapper [{path}] cannot be changed from type [{from}] to [{to}]"
    ))
}

fn type_name(node: &Node) -> &'static str {
    match node {
        Node::Object(object) if object.nested.is_some() => "nested",
        Node::Object(_) => "object",
        Node::Alias(_) => "alias",
        Node::Field(field) => field.kind.name(),
    }
}
