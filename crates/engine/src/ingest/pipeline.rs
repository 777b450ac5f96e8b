//! A pipeline as it is defined: its steps and what is done when one of them fails.

use serde_json::{Map, Value};

use super::definition::ProcessorDefinition;
use super::processors::{self, Processor};
use super::script::Condition;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::work::Work;

/// A pipeline, read.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(super) id: String,
    pub(super) steps: Vec<PipelineStep>,
    pub(super) on_failure: Vec<PipelineStep>,
}

/// One processor of a pipeline.
#[derive(Debug)]
pub(super) struct PipelineStep {
    /// The processor's type.
    pub(super) kind: String,
    pub(super) tag: Option<String>,
    pub(super) description: Option<String>,
    pub(super) ignore_failure: bool,
    /// Its `if`.
    pub(super) condition: Option<Condition>,
    pub(super) processor: Box<dyn Processor>,
    pub(super) on_failure: Vec<PipelineStep>,
}

impl Pipeline {
    /// Reads the definition of the pipeline `id`.
    ///
    /// # Errors
    /// `parse_exception` in Elasticsearch's words; 501 for what is not built.
    pub(super) fn parse(id: &str, body: &Value, flavor: Flavor) -> Result<Pipeline, Exception> {
        let entries = body.as_object().cloned().unwrap_or_default();
        let mut definition = ProcessorDefinition::of_pipeline(entries);
        definition.optional_text("description")?;
        definition.whole("version")?;
        let steps = steps(definition.list("processors")?, flavor)?;
        let handlers = definition.optional_list("on_failure")?;
        let on_failure = steps_of(handlers.clone(), flavor)?;
        if let Some(names) = definition.left_over() {
            return Err(definition.fault(
                None,
                &format!(
                    "pipeline [{id}] doesn't support one or more provided configuration parameters {names}"
                ),
            ));
        }
        if handlers.is_some() && on_failure.is_empty() {
            let reason = format!("pipeline [{id}] cannot have an empty on_failure option defined");
            return Err(definition.fault(None, &reason));
        }
        Ok(Pipeline { id: id.to_owned(), steps, on_failure })
    }

    /// Whether the stored scripts that it runs are there.
    ///
    /// # Errors
    /// `resource_not_found_exception`, with the processor that runs it.
    pub(super) fn check(&self, work: &Work) -> Result<(), Exception> {
        self.steps.iter().chain(&self.on_failure).try_for_each(|step| step.check(work))
    }
}

impl PipelineStep {
    /// See [`Pipeline::check`].
    ///
    /// # Errors
    /// As there.
    pub(super) fn check(&self, work: &Work) -> Result<(), Exception> {
        let own = self.condition.as_ref().map_or(Ok(()), |condition| condition.check(work));
        own.and_then(|()| self.processor.check(work)).map_err(|fault| {
            let (kind, tag) = (Some(self.kind.clone()), self.tag.clone());
            ProcessorDefinition { kind, tag, entries: Map::new() }.of_processor(fault)
        })?;
        self.on_failure.iter().try_for_each(|step| step.check(work))
    }
}

fn steps_of(list: Option<Vec<Value>>, flavor: Flavor) -> Result<Vec<PipelineStep>, Exception> {
    steps(list.unwrap_or_default(), flavor)
}

/// Reads a list of processors: the first fault with the others as its `suppressed`. Nested as deep as a body may be.
fn steps(list: Vec<Value>, flavor: Flavor) -> Result<Vec<PipelineStep>, Exception> {
    let (mut steps, mut faults) = (Vec::new(), Vec::new());
    for entry in list {
        let Value::Object(entry) = entry else {
            return Err(super::document::class_cast(&entry, "java.util.Map"));
        };
        for (kind, definition) in entry {
            match step(&kind, definition, flavor) {
                Ok(step) => steps.push(step),
                Err(fault) => faults.push(fault),
            }
        }
    }
    let mut faults = faults.into_iter();
    let Some(first) = faults.next() else { return Ok(steps) };
    let others: Vec<Value> = faults.map(|fault| fault.item()).collect();
    Err(if others.is_empty() { first } else { first.with("suppressed", others) })
}

/// Reads one processor of the type `kind`.
///
/// # Errors
/// As [`Pipeline::parse`].
pub(super) fn step(
    kind: &str,
    definition: Value,
    flavor: Flavor,
) -> Result<PipelineStep, Exception> {
    let entries = match definition {
        Value::Object(entries) => entries,
        Value::String(source) if kind == "script" => {
            Map::from_iter([("source".to_owned(), Value::String(source))])
        }
        other => {
            let definition =
                ProcessorDefinition { kind: Some(kind.to_owned()), tag: None, entries: Map::new() };
            let class = super::java::class(&other);
            let reason = format!("property isn't a map, but of type [{class}]");
            return Err(definition.fault(None, &reason));
        }
    };
    let mut own = ProcessorDefinition::of_pipeline(entries);
    let tag = own.optional_text("tag")?;
    let description = own.optional_text("description")?;
    let ignore_failure = own.flag("ignore_failure", false)?;
    let handlers = own.optional_list("on_failure")?;
    let on_failure = steps_of(handlers.clone(), flavor)?;
    let mut definition =
        ProcessorDefinition { kind: Some(kind.to_owned()), tag, entries: own.entries };
    if handlers.is_some() && on_failure.is_empty() {
        return Err(definition.fault(Some("on_failure"), "processors list cannot be empty"));
    }
    let condition = definition.optional_value("if").map(|value| Condition::read(&value));
    let condition = condition.transpose().map_err(|fault| definition.of_processor(fault))?;
    let Some(create) = processors::creator(kind, flavor)? else {
        let reason = format!("No processor type exists with name [{kind}]");
        return Err(definition.fault(None, &reason));
    };
    let processor = create(&mut definition, flavor).map_err(|fault| match fault.kind() {
        ExceptionKind::NotImplemented => fault,
        _ => definition.of_processor(fault),
    })?;
    if let Some(names) = definition.left_over() {
        return Err(definition.fault(
            None,
            &format!(
                "processor [{kind}] doesn't support one or more provided configuration parameters {names}"
            ),
        ));
    }
    let tag = definition.tag;
    Ok(PipelineStep {
        kind: kind.to_owned(),
        tag,
        description,
        ignore_failure,
        condition,
        processor,
        on_failure,
    })
}
