//! The processors that make another text of a text: `bytes`, `html_strip`, `lowercase`, `trim`, `uppercase`, `urldecode`.

use serde_json::Value;

use super::Processor;
use crate::analysis::without_html;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::document::not_of_class;
use crate::ingest::java;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::value::scalar::not_a_number;

/// Which field is read, and which is written.
#[derive(Debug)]
pub(super) struct TextField {
    field: String,
    target: String,
    ignore_missing: bool,
}

impl TextField {
    /// Reads `field`, `target_field` and `ignore_missing`.
    ///
    /// # Errors
    /// Where `field` is missing, or one of another type.
    pub(super) fn parse(definition: &mut ProcessorDefinition) -> Result<TextField, Exception> {
        let field = definition.text("field")?;
        let ignore_missing = definition.flag("ignore_missing", false)?;
        let target = definition.optional_text("target_field")?.unwrap_or_else(|| field.clone());
        Ok(TextField { field, target, ignore_missing })
    }

    /// Puts what `change` makes of the text, or of each text of a list.
    ///
    /// # Errors
    /// For a value that is no text; what `change` refuses.
    pub(super) fn change(
        &self,
        document: &mut IngestDocument,
        change: impl Fn(&str) -> Result<Value, Exception>,
    ) -> Result<Outcome, Failure> {
        let field = &self.field;
        let changed = match document.find(field, self.ignore_missing)? {
            None | Some(Value::Null) if self.ignore_missing => return Ok(Outcome::Done),
            None | Some(Value::Null) => {
                let reason = format!("field [{field}] is null, cannot process it.");
                return Err(Exception::illegal_argument(reason).into());
            }
            Some(Value::String(text)) => change(text)?,
            Some(Value::Array(list)) => {
                let each = |value: &Value| match value {
                    Value::String(text) => change(text),
                    other => Err(Exception::illegal_argument(format!(
                        "value [{}] of type [{}] in list field [{field}] cannot be cast to [java.lang.String]",
                        java::text(other),
                        java::class(other)
                    ))),
                };
                Value::Array(list.iter().map(each).collect::<Result<_, _>>()?)
            }
            Some(other) => return Err(not_of_class(field, other, "java.lang.String").into()),
        };
        document.set(&self.target, changed)?;
        Ok(Outcome::Done)
    }
}

#[derive(Debug)]
struct ChangeText {
    field: TextField,
    change: fn(&str) -> Result<Value, Exception>,
}

impl Processor for ChangeText {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        self.field.change(document, self.change)
    }
}

fn made(
    definition: &mut ProcessorDefinition,
    change: fn(&str) -> Result<Value, Exception>,
) -> Result<Box<dyn Processor>, Exception> {
    Ok(Box::new(ChangeText { field: TextField::parse(definition)?, change }))
}

pub(super) fn trim(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    made(definition, |text| Ok(text.trim_matches(|c: char| c <= ' ').into()))
}

pub(super) fn lowercase(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    made(definition, |text| Ok(text.to_lowercase().into()))
}

pub(super) fn uppercase(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    made(definition, |text| Ok(text.to_uppercase().into()))
}

pub(super) fn html_strip(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    made(definition, |text| Ok(without_html(text).into()))
}

pub(super) fn bytes(
    definition: &mut ProcessorDefinition,
    flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    match flavor {
        Flavor::OpenSearch219 => made(definition, |text| size_in(text, false)),
        Flavor::Elasticsearch710 => made(definition, |text| size_in(text, true)),
    }
}

/// The bytes of a size, which may have a fraction in Elasticsearch 7.10 alone.
fn size_in(text: &str, fractions: bool) -> Result<Value, Exception> {
    let refused = |reason: String| Exception::new(ExceptionKind::ElasticsearchParse, reason);
    match crate::value::size::bytes(text) {
        Some(_) if !fractions && text.contains('.') => {
            let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            Err(refused(format!(
                "Failed to parse bytes value [{text}]. Fractional bytes values have been deprecated since Legacy 6.2. Use non-fractional bytes values instead: found for setting [Ingest Field]"
            ))
            .caused_by(not_a_number(number)))
        }
        Some(bytes) => Ok(bytes.into()),
        None => Err(refused(format!(
            "failed to parse setting [Ingest Field] with value [{text}] as a size in bytes: unit is missing or unrecognized"
        ))),
    }
}

pub(super) fn urldecode(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    made(definition, |text| decoded(text).map(Value::from))
}

/// As `URLDecoder` reads: `+` is a blank, `%xx` a byte.
fn decoded(text: &str) -> Result<String, Exception> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                let Some(digits) = digits else {
                    return Err(Exception::illegal_argument("Could not URL-decode value.")
                        .caused_by(Exception::illegal_argument(
                            "URLDecoder: Incomplete trailing escape (%) pattern",
                        )));
                };
                let read = u8::from_str_radix(digits, 16).map_err(|_| {
                    Exception::illegal_argument(format!(
                        "URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 0 in: \"{digits}\""
                    ))
                })?;
                bytes.push(read);
                rest = rest.get(2..).unwrap_or_default();
            }
            byte => bytes.push(*byte),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
