//! `append`: puts values behind those of a field.

use super::Processor;
use super::set::TemplateValue;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::template::Template;

#[derive(Debug)]
struct Append {
    field: Template,
    value: TemplateValue,
    duplicates: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.template("field")?;
    let value = TemplateValue::parse(definition.value("value")?)?;
    Ok(Box::new(Append { field, value, duplicates: definition.flag("allow_duplicates", true)? }))
}

impl Processor for Append {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let path = self.field.render(document)?;
        let value = self.value.render(document)?;
        document.append(&path, value, !self.duplicates)?;
        Ok(Outcome::Done)
    }
}
