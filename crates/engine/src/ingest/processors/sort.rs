//! `sort`: a list of numbers or of texts in order.

use std::cmp::Ordering;

use serde_json::Value;

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::document::class_cast;
use crate::ingest::java;
use crate::ingest::run::{Failure, Outcome, Run};

#[derive(Debug)]
struct Sort {
    field: String,
    target: String,
    descending: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let order = definition.optional_text("order")?;
    let descending = match order.as_deref().map(str::to_lowercase).as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => {
            let order = order.unwrap_or_default();
            let reason =
                format!("Sort direction [{order}] not recognized. Valid values are: [asc, desc]");
            return Err(definition.fault(Some("order"), &reason));
        }
    };
    let target = definition.optional_text("target_field")?.unwrap_or_else(|| field.clone());
    Ok(Box::new(Sort { field, target, descending }))
}

impl Processor for Sort {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let Some(list) = document.list(&self.field)?.cloned() else {
            let reason = format!("field [{}] is null, cannot sort.", self.field);
            return Err(Exception::illegal_argument(reason).into());
        };
        if let Some(first) = list.first() {
            let class = java::class(first);
            let other = list.iter().find(|value| java::class(value) != class);
            // Whole numbers and others, texts and others: Java compares none of them.
            if let Some(other) = other {
                return Err(class_cast(first, java::class(other)).into());
            }
        }
        let mut sorted = run.work.sorted_by(list, compare)?;
        if self.descending {
            sorted.reverse();
        }
        document.set(&self.target, Value::Array(sorted))?;
        Ok(Outcome::Done)
    }
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal),
        },
        (left, right) => java::text(left).cmp(&java::text(right)),
    }
}
