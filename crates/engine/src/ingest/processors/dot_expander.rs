//! `dot_expander`: objects out of the dots of a field's name.

use serde_json::Value;

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};

#[derive(Debug)]
struct DotExpander {
    field: String,
    path: Option<String>,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let fault = if !field.contains('.') {
        "field does not contain a dot"
    } else if field.starts_with('.') || field.ends_with('.') {
        "Field can't start or end with a dot"
    } else if field.contains("..") {
        "No space between dots"
    } else {
        let path = definition.optional_text("path")?;
        return Ok(Box::new(DotExpander { field, path }));
    };
    Err(definition.fault(Some("field"), fault))
}

impl Processor for DotExpander {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let taken = match &self.path {
            None => document.fields.get(&self.field).cloned(),
            Some(path) => match document.get(path)? {
                Value::Object(map) => map.get(&self.field).cloned(),
                _ => None,
            },
        };
        let Some(value) = taken else { return Ok(Outcome::Done) };
        let full = match &self.path {
            None => self.field.clone(),
            Some(path) => format!("{path}.{}", self.field),
        };
        if document.has(&full)? {
            document.append(&full, value, false)?;
            self.take_out(document)?;
            return Ok(Outcome::Done);
        }
        // The first part that is something else than an object.
        for (at, _) in full.match_indices('.') {
            let part = full.get(..at).unwrap_or_default();
            if document.has(part)? && !document.get(part)?.is_object() {
                let reason = format!(
                    "cannot expend [{full}], because [{part}] is not an object field, but a value field"
                );
                return Err(Exception::illegal_argument(reason).into());
            }
        }
        self.take_out(document)?;
        document.set(&full, value)?;
        Ok(Outcome::Done)
    }
}

impl DotExpander {
    fn take_out(&self, document: &mut IngestDocument) -> Result<(), Exception> {
        let Some(path) = &self.path else {
            document.fields.shift_remove(&self.field);
            return Ok(());
        };
        let mut object = document.get(path)?.clone();
        if let Value::Object(map) = &mut object {
            map.shift_remove(&self.field);
        }
        document.set(path, object)
    }
}
