//! `date_index_name`: sends the document to the index of its day, month or year.

use super::Processor;
use super::date::{known_locale, read, zone_of};
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::java;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::template::Template;
use crate::mapping::date::DateFormat;

#[derive(Debug)]
struct DateIndexName {
    field: String,
    prefix: Template,
    rounding: Template,
    format: Template,
    formats: Vec<String>,
    zone: Option<String>,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let locale = definition.optional_text("locale")?;
    known_locale(locale.as_deref())?;
    let zone = definition.optional_text("timezone")?;
    zone_of(zone.as_deref())?;
    let formats = definition.optional_texts("date_formats")?;
    let field = definition.text("field")?;
    let prefix = definition.optional_text("index_name_prefix")?.unwrap_or_default();
    let rounding = definition.template("date_rounding")?;
    let format = definition.optional_text("index_name_format")?;
    let format = format.unwrap_or_else(|| "yyyy-MM-dd".to_owned());
    Ok(Box::new(DateIndexName {
        field,
        prefix: definition.compiled(&prefix)?,
        rounding,
        format: definition.compiled(&format)?,
        formats: formats.unwrap_or_else(|| vec!["yyyy-MM-dd'T'HH:mm:ss.SSSXX".to_owned()]),
        zone,
    }))
}

impl Processor for DateIndexName {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let text = java::text(document.get(&self.field)?);
        let zone = zone_of(self.zone.as_deref())?;
        let milliseconds = read(&text, &self.formats, &zone, run.now)?;
        let prefix = self.prefix.render(document)?;
        let rounding = self.rounding.render(document)?;
        let format = self.format.render(document)?;
        let date = DateFormat::parse(&format)?.print_in(milliseconds, &zone);
        let zone = self.zone.as_deref().unwrap_or("UTC");
        let index = format!("<{prefix}{{{date}||/{rounding}{{{format}|{zone}}}}}>");
        document.set("_index", index.into())?;
        Ok(Outcome::Done)
    }
}
