//! `grok`: fields out of a text by named regular expressions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Processor;
use super::convert::float;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::grok::{CaptureType, Grok, GrokFault};
use crate::ingest::java;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::value::scalar::not_a_number;

#[derive(Debug)]
struct GrokProcessor {
    field: String,
    patterns: Vec<Grok>,
    trace: bool,
    ignore_missing: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let patterns = definition.texts("patterns")?;
    let trace = definition.flag("trace_match", false)?;
    let ignore_missing = definition.flag("ignore_missing", false)?;
    if flavor == Flavor::OpenSearch219 && definition.flag("capture_all_matches", false)? {
        return Err(Exception::not_implemented("capture_all_matches of grok"));
    }
    if patterns.is_empty() {
        return Err(definition.fault(Some("patterns"), "List of patterns must not be empty"));
    }
    let own = definition.optional_map("pattern_definitions")?.unwrap_or_default();
    let own: BTreeMap<String, String> =
        own.into_iter().map(|(name, text)| (name, java::text(&text))).collect();
    let read: Result<_, GrokFault> =
        patterns.iter().map(|pattern| Grok::parse(pattern, &own)).collect();
    let patterns: Vec<Grok> = read.map_err(|GrokFault { pattern, why }| {
        let reason = format!("Invalid regex pattern found in: [{pattern}]. {why}");
        definition.fault(Some("patterns"), &reason)
    })?;
    Ok(Box::new(GrokProcessor { field, patterns, trace, ignore_missing }))
}

impl Processor for GrokProcessor {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let found = document.text(&self.field, self.ignore_missing, "cannot process it.")?;
        let Some(text) = found.map(str::to_owned) else { return Ok(Outcome::Done) };
        for (position, grok) in self.patterns.iter().enumerate() {
            run.work.check()?;
            let Some(captures) = grok.captures(&text)? else { continue };
            for (name, kind, value) in captures {
                document.set(&name, typed(kind, value)?)?;
            }
            if self.trace {
                document.set("_ingest._grok_match_index", position.to_string().into())?;
            }
            return Ok(Outcome::Done);
        }
        let reason = format!("Provided Grok expressions do not match field value: [{text}]");
        Err(Exception::illegal_argument(reason).into())
    }
}

fn typed(kind: CaptureType, value: String) -> Result<Value, Exception> {
    let fault = || not_a_number(&value);
    Ok(match kind {
        CaptureType::Text => value.into(),
        CaptureType::Int => value.parse::<i32>().map_err(|_| fault())?.into(),
        CaptureType::Long => value.parse::<i64>().map_err(|_| fault())?.into(),
        CaptureType::Float => float(value.parse::<f32>().map_err(|_| fault())?),
        CaptureType::Double => value.parse::<f64>().map_err(|_| fault())?.into(),
        CaptureType::Boolean => value.eq_ignore_ascii_case("true").into(),
    })
}
