//! `remove`: takes fields out. `remove_by_pattern`: those at the top whose names are like a pattern.

use serde_json::Value;

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::document::METADATA;
use crate::ingest::java;
use crate::ingest::run::{Failure, Outcome, Run};
use crate::ingest::template::Template;
use crate::name_pattern;

#[derive(Debug)]
struct Remove {
    fields: Vec<Template>,
    ignore_missing: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let texts = match definition.value("field")? {
        Value::Array(list) => list.iter().map(java::text).collect(),
        one => vec![java::text(&one)],
    };
    let fields: Result<_, _> = texts.iter().map(|text| definition.compiled(text)).collect();
    let ignore_missing = definition.flag("ignore_missing", false)?;
    Ok(Box::new(Remove { fields: fields?, ignore_missing }))
}

impl Processor for Remove {
    fn run(&self, document: &mut IngestDocument, run: &mut Run<'_>) -> Result<Outcome, Failure> {
        for field in &self.fields {
            let path = field.render(document)?;
            let opensearch = run.flavor == Flavor::OpenSearch219;
            let there = document.has(&path)?;
            if !there && self.ignore_missing {
                continue;
            }
            if opensearch && !there {
                let reason = format!("field [{path}] doesn't exist");
                return Err(Exception::illegal_argument(reason).into());
            }
            let kept =
                METADATA.iter().any(|key| *key == path && *key != "_id" && *key != "_routing");
            if opensearch && kept {
                let reason = format!("cannot remove metadata field [{path}]");
                return Err(Exception::illegal_argument(reason).into());
            }
            document.remove(&path)?;
        }
        Ok(Outcome::Done)
    }
}

#[derive(Debug)]
struct RemoveByPattern {
    patterns: Vec<String>,
    excluded: Vec<String>,
}

pub(super) fn by_pattern(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let mut read = |name: &str| match definition.optional_value(name) {
        None => Vec::new(),
        Some(Value::Array(list)) => list.iter().map(java::text).collect(),
        Some(one) => vec![java::text(&one)],
    };
    let (patterns, excluded) = (read("field_pattern"), read("exclude_field_pattern"));
    if patterns.is_empty() == excluded.is_empty() {
        let reason = "either field_pattern or exclude_field_pattern must be set";
        return Err(definition.fault(Some("field_pattern"), reason));
    }
    Ok(Box::new(RemoveByPattern { patterns, excluded }))
}

impl Processor for RemoveByPattern {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let like = |patterns: &[String], name: &str| {
            patterns.iter().any(|pattern| name_pattern::matches(pattern, name))
        };
        document.fields.retain(|name, _| {
            METADATA.contains(&name.as_str())
                || if self.excluded.is_empty() {
                    !like(&self.patterns, name)
                } else {
                    like(&self.excluded, name)
                }
        });
        Ok(Outcome::Done)
    }
}
