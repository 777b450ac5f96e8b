//! Running pipelines on a document.
//!
//! Source: `CompoundProcessor`, `Pipeline` and `TrackingResultProcessor` of Elasticsearch 7.10.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::document::{IngestDocument, METADATA};
use super::java;
use super::pipeline::{Pipeline, PipelineStep};
use super::registry::Pipelines;
use super::script::Condition;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::work::Work;

/// Most pipelines, failure handlers and loops inside one another.
const DEPTH_MAX: usize = 60;

/// What a run of pipelines knows.
pub(super) struct Run<'a> {
    pub(super) pipelines: &'a Pipelines,
    pub(super) flavor: Flavor,
    pub(super) now: Timestamp,
    pub(super) work: &'a Work,
    /// The pipelines that are running, the innermost last.
    stack: Vec<String>,
    depth: usize,
    /// What each step did, where that is asked.
    pub(super) trace: Option<Vec<Value>>,
}

/// How a step or a pipeline ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The document goes on.
    Done,
    /// The document is dropped.
    Dropped,
}

/// Why a step failed, and which.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) cause: Exception,
    /// The innermost processor that failed; empty where none is told yet.
    kind: String,
    tag: Option<String>,
    /// The pipeline it is in, where that is not the outermost.
    pipeline: Option<String>,
    /// Whether the `if` of a step failed, not the step.
    pub(super) of_condition: bool,
}

impl From<Exception> for Failure {
    fn from(cause: Exception) -> Failure {
        Failure { cause, kind: String::new(), tag: None, pipeline: None, of_condition: false }
    }
}

impl Failure {
    /// Whether it ends the request, whatever the pipeline says of failures.
    fn is_final(&self) -> bool {
        matches!(self.cause.kind(), ExceptionKind::TaskCancelled | ExceptionKind::CircuitBreaking)
    }

    fn message(&self) -> String {
        let mut deepest = &self.cause;
        while let Some(cause) = deepest.cause() {
            deepest = cause;
        }
        // What a script throws has its reason beside it.
        let thrown = deepest.extra().get("reason").and_then(Value::as_str);
        thrown.unwrap_or(deepest.reason()).to_owned()
    }
}

impl<'a> Run<'a> {
    /// A run with the pipelines of `pipelines`.
    pub(super) fn new(
        pipelines: &'a Pipelines,
        flavor: Flavor,
        now: Timestamp,
        work: &'a Work,
    ) -> Run<'a> {
        Run { pipelines, flavor, now, work, stack: Vec::new(), depth: 0, trace: None }
    }

    /// Runs `pipeline`.
    ///
    /// # Errors
    /// What the step that failed says, unless the pipeline handles it.
    pub(super) fn pipeline(
        &mut self,
        pipeline: &Pipeline,
        document: &mut IngestDocument,
    ) -> Result<Outcome, Failure> {
        if self.stack.contains(&pipeline.id) {
            let reason = format!("Cycle detected for pipeline: {}", pipeline.id);
            return Err(Exception::new(ExceptionKind::IllegalState, reason).into());
        }
        let before = document.ingest.insert("pipeline".to_owned(), pipeline.id.clone().into());
        self.stack.push(pipeline.id.clone());
        let outcome = self.steps(&pipeline.steps, &pipeline.on_failure, document);
        self.stack.pop();
        match before {
            Some(before) => drop(document.ingest.insert("pipeline".to_owned(), before)),
            None => drop(document.ingest.shift_remove("pipeline")),
        }
        outcome
    }

    /// Runs `steps`; when one fails, `on_failure` in the place of the rest.
    fn steps(
        &mut self,
        steps: &[PipelineStep],
        on_failure: &[PipelineStep],
        document: &mut IngestDocument,
    ) -> Result<Outcome, Failure> {
        if self.depth >= DEPTH_MAX {
            let reason =
                format!("more than [{DEPTH_MAX}] pipelines and handlers inside each other");
            return Err(Exception::illegal_argument(reason).into());
        }
        self.depth += 1;
        let mut outcome = Ok(Outcome::Done);
        for step in steps {
            outcome = self.step(step, document);
            if !matches!(outcome, Ok(Outcome::Done)) {
                break;
            }
        }
        let outcome = match outcome {
            Err(failure) if !on_failure.is_empty() && !failure.is_final() => {
                self.handle(&failure, on_failure, document)
            }
            other => other,
        };
        self.depth -= 1;
        outcome
    }

    /// Runs the handlers of a failure, which see it in `_ingest`.
    fn handle(
        &mut self,
        failure: &Failure,
        handlers: &[PipelineStep],
        document: &mut IngestDocument,
    ) -> Result<Outcome, Failure> {
        let told = [
            ("on_failure_message", Some(failure.message())),
            ("on_failure_processor_type", Some(failure.kind.clone())),
            ("on_failure_processor_tag", failure.tag.clone()),
            ("on_failure_pipeline", failure.pipeline.clone()),
        ];
        for (key, value) in &told {
            if *key != "on_failure_pipeline" || value.is_some() {
                document.ingest.insert((*key).to_owned(), value.clone().into());
            }
        }
        let outcome = self.steps(handlers, &[], document);
        for (key, _) in &told {
            document.ingest.shift_remove(*key);
        }
        outcome
    }

    /// Runs one step, with its own handlers.
    pub(super) fn step(
        &mut self,
        step: &PipelineStep,
        document: &mut IngestDocument,
    ) -> Result<Outcome, Failure> {
        self.work.check()?;
        if let Some(condition) = &step.condition {
            match condition.holds(document) {
                Ok(true) => {}
                Ok(false) => {
                    self.tell_skipped(step, condition);
                    return Ok(Outcome::Done);
                }
                // No affair of the step's own handlers: they stand behind it.
                Err(cause) => {
                    let failure = Failure { of_condition: true, ..cause.into() };
                    return Err(self.placed_as("conditional", failure, step));
                }
            }
        }
        let outcome = step.processor.run(document, self);
        let failure = match outcome {
            Ok(outcome) => {
                if !step.processor.tells_itself() {
                    self.tell(step, document, Ok(outcome));
                }
                return Ok(outcome);
            }
            Err(failure) => failure,
        };
        let told_inside = step.processor.tells_itself() && !failure.kind.is_empty();
        if !told_inside {
            self.tell(step, document, Err(&failure.cause));
        }
        let failure = self.placed(failure, step);
        if failure.is_final() {
            return Err(failure);
        }
        if step.ignore_failure {
            return Ok(Outcome::Done);
        }
        if step.on_failure.is_empty() {
            return Err(failure);
        }
        self.handle(&failure, &step.on_failure, document)
    }

    /// `failure` with the step where it happened, unless that is told already.
    fn placed(&self, failure: Failure, step: &PipelineStep) -> Failure {
        self.placed_as(&step.kind, failure, step)
    }

    fn placed_as(&self, kind: &str, failure: Failure, step: &PipelineStep) -> Failure {
        if !failure.kind.is_empty() {
            return failure;
        }
        let pipeline = self.stack.last().filter(|_| self.stack.len() > 1).cloned();
        Failure { kind: kind.to_owned(), tag: step.tag.clone(), pipeline, ..failure }
    }

    /// Keeps that a step was left out, where somebody asked.
    fn tell_skipped(&mut self, step: &PipelineStep, condition: &Condition) {
        if let Some(trace) = &mut self.trace {
            let mut told = told_of(step, "skipped");
            told.insert("if".to_owned(), json!({"condition": condition.told(), "result": false}));
            trace.push(Value::Object(told));
        }
    }

    /// Keeps what a step did, where somebody asked.
    fn tell(
        &mut self,
        step: &PipelineStep,
        document: &IngestDocument,
        outcome: Result<Outcome, &Exception>,
    ) {
        let flavor = self.flavor;
        let Some(trace) = &mut self.trace else { return };
        let status = match outcome {
            Ok(Outcome::Done) => "success",
            Ok(Outcome::Dropped) => "dropped",
            Err(_) if step.ignore_failure => "error_ignored",
            Err(_) => "error",
        };
        let mut told = told_of(step, status);
        if let Some(condition) = &step.condition {
            told.insert("if".to_owned(), json!({"condition": condition.told(), "result": true}));
        }
        match outcome {
            Err(fault) if step.ignore_failure => {
                told.insert("ignored_error".to_owned(), json!({"error": fault.error()}));
            }
            Err(fault) => drop(told.insert("error".to_owned(), fault.error())),
            Ok(_) => {}
        }
        let shows = !step.processor.tells_itself();
        if shows && (outcome == Ok(Outcome::Done) || step.ignore_failure) {
            told.insert("doc".to_owned(), printed(document, flavor));
        }
        trace.push(Value::Object(told));
    }

    /// Whether the pipeline `id` is running.
    pub(super) fn is_running(&self, id: &str) -> bool {
        self.stack.iter().any(|running| running == id)
    }

    /// Keeps that a step that tells of itself has begun.
    pub(super) fn begun(&mut self, kind: &str) {
        if let Some(trace) = &mut self.trace {
            trace.push(json!({"processor_type": kind, "status": "success"}));
        }
    }
}

/// What is told of a step in the first place.
fn told_of(step: &PipelineStep, status: &str) -> Map<String, Value> {
    let mut told = Map::new();
    told.insert("processor_type".to_owned(), step.kind.clone().into());
    told.insert("status".to_owned(), status.into());
    for (key, value) in [("description", &step.description), ("tag", &step.tag)] {
        if let Some(value) = value {
            told.insert(key.to_owned(), value.clone().into());
        }
    }
    told
}

/// The document as a simulation shows it.
pub(super) fn printed(document: &IngestDocument, flavor: Flavor) -> Value {
    let mut out = Map::new();
    for key in METADATA {
        let shown = *key != "_type" || flavor == Flavor::Elasticsearch710;
        if let Some(value) = document.fields.get(*key).filter(|value| shown && !value.is_null()) {
            out.insert((*key).to_owned(), java::text(value).into());
        }
    }
    let fields = document.fields.iter().filter(|(key, _)| !METADATA.contains(&key.as_str()));
    let source: Map<String, Value> =
        fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    out.insert("_source".to_owned(), Value::Object(source));
    out.insert("_ingest".to_owned(), Value::Object(document.ingest.clone()));
    Value::Object(out)
}
