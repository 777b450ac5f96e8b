//! `split`: a list out of a text.

use serde_json::Value;

use super::{Processor, java_split, regex};
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};

#[derive(Debug)]
struct Split {
    field: String,
    target: String,
    separator: String,
    ignore_missing: bool,
    keep_trailing: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let ignore_missing = definition.flag("ignore_missing", false)?;
    let keep_trailing = definition.flag("preserve_trailing", false)?;
    let target = definition.optional_text("target_field")?.unwrap_or_else(|| field.clone());
    let separator = definition.text("separator")?;
    Ok(Box::new(Split { field, target, separator, ignore_missing, keep_trailing }))
}

impl Processor for Split {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let Some(text) = document.text(&self.field, self.ignore_missing, "cannot split.")? else {
            return Ok(Outcome::Done);
        };
        // Java compiles the separator when it splits, and so do its faults come then.
        let parts = java_split(&regex(&self.separator)?, text, self.keep_trailing)?;
        let parts = parts.into_iter().map(Value::String).collect();
        document.set(&self.target, Value::Array(parts))?;
        Ok(Outcome::Done)
    }
}
