//! `json`: what a text says as JSON.

use serde_json::Value;
use serde_json::value::RawValue;

use super::Processor;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::rest::{Json, JsonMemory};

#[derive(Debug)]
struct ReadJson {
    field: String,
    /// `None`: its entries go to the top.
    target: Option<String>,
    merges: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let target = definition.optional_text("target_field")?;
    let to_root = definition.flag("add_to_root", false)?;
    let strategy = match flavor {
        Flavor::OpenSearch219 => definition.optional_text("add_to_root_conflict_strategy")?,
        Flavor::Elasticsearch710 => None,
    };
    let merges = match strategy.as_deref() {
        None | Some("replace") => false,
        Some("merge") => true,
        Some(other) => {
            let reason =
                format!("conflict strategy [{other}] not supported, cannot convert field.");
            return Err(definition.fault(Some("add_to_root_conflict_strategy"), &reason));
        }
    };
    if to_root && target.is_some() {
        let reason = "Cannot set a target field while also setting `add_to_root` to true";
        return Err(definition.fault(Some("target_field"), reason));
    }
    let target = (!to_root).then(|| target.unwrap_or_else(|| field.clone()));
    Ok(Box::new(ReadJson { field, target, merges }))
}

impl Processor for ReadJson {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        // What the document takes of it is counted as its own.
        let (value, _memory) = match document.get(&self.field)? {
            Value::String(text) => {
                // What stands behind the first value is not looked at.
                let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
                let first = match values.next() {
                    Some(Ok(raw)) => raw.get().to_owned(),
                    _ => text.clone(),
                };
                Json::read_within(first.into(), run.work).map_err(unreadable)?.into_value()
            }
            // Printed and read again it is itself, but for objects and lists, which Java prints otherwise.
            scalar @ (Value::Null | Value::Bool(_) | Value::Number(_)) => {
                (scalar.clone(), JsonMemory::default())
            }
            Value::Array(_) | Value::Object(_) => {
                let reason = "the text of a list or an object is not JSON";
                return Err(unreadable(Exception::new(ExceptionKind::JsonParse, reason)).into());
            }
        };
        match (&self.target, value) {
            (Some(target), value) => document.set(target, value)?,
            (None, Value::Object(entries)) => {
                for (key, value) in entries {
                    self.to_top(document, key, value)?;
                }
            }
            (None, _) => {
                let reason = "cannot add non-map fields to root of document";
                return Err(Exception::illegal_argument(reason).into());
            }
        }
        Ok(Outcome::Done)
    }
}

impl ReadJson {
    fn to_top(
        &self,
        document: &mut IngestDocument,
        key: String,
        value: Value,
    ) -> Result<(), Exception> {
        document.grow(crate::ingest::java::bytes(&value) + key.len() as u64)?;
        let value = match (document.fields.shift_remove(&key), value) {
            (Some(old), new) if self.merges => merged(old, new),
            (_, new) => new,
        };
        document.fields.insert(key, value);
        Ok(())
    }
}

/// Objects into objects, as deep as a body may be.
fn merged(old: Value, new: Value) -> Value {
    match (old, new) {
        (Value::Object(mut old), Value::Object(new)) => {
            for (key, value) in new {
                let value = match old.shift_remove(&key) {
                    Some(before) => merged(before, value),
                    None => value,
                };
                old.insert(key, value);
            }
            Value::Object(old)
        }
        (_, new) => new,
    }
}

fn unreadable(cause: Exception) -> Exception {
    if cause.kind() == ExceptionKind::TaskCancelled {
        return cause;
    }
    let class = match cause.kind() {
        ExceptionKind::JsonEof => "com.fasterxml.jackson.core.io.JsonEOFException",
        _ => "com.fasterxml.jackson.core.JsonParseException",
    };
    Exception::illegal_argument(format!("{class}: {}", cause.reason())).caused_by(cause)
}
