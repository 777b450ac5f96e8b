//! `join`: a text out of a list.

use serde_json::Value;

use super::Processor;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::java;
use crate::ingest::run::{Failure, Outcome, Run};

#[derive(Debug)]
struct Join {
    field: String,
    target: String,
    separator: String,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let separator = definition.text("separator")?;
    let target = definition.optional_text("target_field")?.unwrap_or_else(|| field.clone());
    Ok(Box::new(Join { field, target, separator }))
}

impl Processor for Join {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let Some(list) = document.list(&self.field)? else {
            let reason = format!("field [{}] is null, cannot join.", self.field);
            return Err(Exception::illegal_argument(reason).into());
        };
        if list.iter().any(Value::is_null) {
            return Err(Exception::new(ExceptionKind::NullPointer, "null").into());
        }
        let texts: Vec<String> = list.iter().map(java::text).collect();
        let bytes = self.separator.len().saturating_mul(texts.len());
        document.grow(bytes as u64)?;
        document.set(&self.target, texts.join(&self.separator).into())?;
        Ok(Outcome::Done)
    }
}
