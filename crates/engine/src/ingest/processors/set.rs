//! `set`: puts a value into a field.

use serde_json::{Map, Value};

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::template::Template;

#[derive(Debug)]
struct Set {
    field: Template,
    value: TemplateValue,
    overrides: bool,
    ignore_empty: bool,
}

/// A value whose texts may have variables.
#[derive(Debug)]
pub(super) enum TemplateValue {
    Text(Template),
    List(Vec<TemplateValue>),
    Object(Vec<(Template, TemplateValue)>),
    Constant(Value),
}

impl TemplateValue {
    /// Reads `value`, which is as deep as a body may be.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub(super) fn parse(value: Value) -> Result<TemplateValue, Exception> {
        Ok(match value {
            Value::String(text) => TemplateValue::Text(Template::parse(&text)?),
            Value::Array(list) => {
                let list: Result<_, _> = list.into_iter().map(TemplateValue::parse).collect();
                TemplateValue::List(list?)
            }
            Value::Object(map) => {
                let entry = |(key, value): (String, Value)| {
                    Ok::<_, Exception>((Template::parse(&key)?, TemplateValue::parse(value)?))
                };
                let entries: Result<_, _> = map.into_iter().map(entry).collect();
                TemplateValue::Object(entries?)
            }
            scalar => TemplateValue::Constant(scalar),
        })
    }

    /// The value with the values of `document`.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub(super) fn render(&self, document: &mut IngestDocument) -> Result<Value, Exception> {
        Ok(match self {
            TemplateValue::Text(template) => Value::String(template.render(document)?),
            TemplateValue::Constant(value) => value.clone(),
            TemplateValue::List(list) => {
                let list: Result<_, _> = list.iter().map(|value| value.render(document)).collect();
                Value::Array(list?)
            }
            TemplateValue::Object(entries) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    map.insert(key.render(document)?, value.render(document)?);
                }
                Value::Object(map)
            }
        })
    }
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.template("field")?;
    let value = TemplateValue::parse(definition.value("value")?)?;
    Ok(Box::new(Set {
        field,
        value,
        overrides: definition.flag("override", true)?,
        ignore_empty: definition.flag("ignore_empty_value", false)?,
    }))
}

impl Processor for Set {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let path = self.field.render(document)?;
        let there = document.has(&path)?.then(|| document.get(&path)).transpose()?;
        if !self.overrides && there.is_some_and(|value| !value.is_null()) {
            return Ok(Outcome::Done);
        }
        let value = self.value.render(document)?;
        if self.ignore_empty && (value.is_null() || value == "") {
            return Ok(Outcome::Done);
        }
        document.set(&path, value)?;
        Ok(Outcome::Done)
    }
}
