//! `foreach`: one processor for each item of a list, which it finds as `_ingest._value`.

use serde_json::Value;

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::pipeline::{PipelineStep, step};
use crate::ingest::run::{Failure, Outcome, Run};
use crate::work::Work;

#[derive(Debug)]
struct ForEach {
    field: String,
    step: PipelineStep,
    ignore_missing: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let ignore_missing = definition.flag("ignore_missing", false)?;
    let mut inner = definition.map("processor")?.into_iter();
    let (Some((kind, entries)), None) = (inner.next(), inner.next()) else {
        let reason = "Must specify exactly one processor type";
        return Err(definition.fault(Some("processor"), reason));
    };
    let step = step(&kind, entries, flavor)?;
    Ok(Box::new(ForEach { field, step, ignore_missing }))
}

impl Processor for ForEach {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        if self.ignore_missing && !document.has(&self.field)? {
            return Ok(Outcome::Done);
        }
        let Some(items) = document.list(&self.field)?.cloned() else {
            if self.ignore_missing {
                return Ok(Outcome::Done);
            }
            let reason = format!("field [{}] is null, cannot loop over its elements.", self.field);
            return Err(Exception::illegal_argument(reason).into());
        };
        // What is done to the items is not told of one by one.
        let trace = run.trace.take();
        let mut done = Vec::new();
        let outer = document.ingest.get("_value").cloned();
        let mut outcome = Ok(Outcome::Done);
        for item in items {
            document.ingest.insert("_value".to_owned(), item);
            outcome = run.step(&self.step, document);
            done.push(document.ingest.shift_remove("_value").unwrap_or(Value::Null));
            if !matches!(outcome, Ok(Outcome::Done)) {
                break;
            }
        }
        // Java puts back what was there, and be it nothing.
        document.ingest.insert("_value".to_owned(), outer.unwrap_or(Value::Null));
        run.trace = trace;
        if outcome? == Outcome::Dropped {
            return Ok(Outcome::Dropped);
        }
        document.set(&self.field, Value::Array(done))?;
        Ok(Outcome::Done)
    }

    fn check(&self, work: &Work) -> Result<(), Exception> {
        self.step.check(work)
    }
}
