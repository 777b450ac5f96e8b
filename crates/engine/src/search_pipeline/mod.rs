//! Search pipelines: processors that change a search before it runs, and its answer afterwards. Source: OpenSearch 2.19, "Search
//! pipelines", and `Pipeline.readProcessors`.
//!
//! A pipeline works on the body of a search and on its printed answer, both as JSON, and sees nothing but them. What it makes of a
//! body is parsed, and searched through its caller's view, like one that was sent so.

mod request;
mod response;

use serde_json::{Map, Value};

use crate::exception::{Exception, ExceptionKind};
use crate::ingest::definition::ProcessorDefinition;
use crate::work::{HeldMemory, Work};
use jiff::Timestamp;
use request::RequestProcessor;
use response::ResponseProcessor;

/// The name that stands for no pipeline.
pub(crate) const NONE: &str = "_none";

/// Most processors of each kind in a pipeline.
const PROCESSORS_MAX: usize = 100;

/// A pipeline.
#[derive(Debug)]
pub(crate) struct SearchPipeline {
    request: Vec<PipelineStep<RequestProcessor>>,
    response: Vec<PipelineStep<ResponseProcessor>>,
}

/// One processor.
#[derive(Debug)]
struct PipelineStep<P> {
    processor: P,
    ignores_failure: bool,
}

/// What processors of one search tell those behind them, by name.
#[derive(Debug, Default)]
pub(crate) struct PipelineContext(Map<String, Value>);

/// Processors that OpenSearch has and this engine does not: of plugins.
const OF_PLUGINS: &[&str] = &[
    "hybrid_score_explanation",
    "ml_inference",
    "neural_query_enricher",
    "neural_sparse_two_phase_processor",
    "normalization-processor",
    "personalize_search_ranking",
    "rerank",
    "retrieval_augmented_generation",
    "score-ranker-processor",
];

impl SearchPipeline {
    /// Reads the pipeline called `id`.
    ///
    /// # Errors
    /// `parse_exception` and `illegal_argument_exception` in OpenSearch's words; 501 for what is known and not built.
    pub(crate) fn parse(id: &str, definition: &Value) -> Result<SearchPipeline, Exception> {
        let mut pipeline =
            ProcessorDefinition::of_pipeline(definition.as_object().cloned().unwrap_or_default());
        pipeline.optional_text("description")?;
        pipeline.whole("version")?;
        let mut steps = |key: &str| -> Result<Vec<Value>, Exception> {
            let steps = pipeline.optional_list(key)?.unwrap_or_default();
            if steps.len() > PROCESSORS_MAX {
                return Err(Exception::illegal_argument(format!(
                    "[{key}] has [{}] processors, at most [{PROCESSORS_MAX}] are allowed",
                    steps.len()
                )));
            }
            Ok(steps)
        };
        let request = read(steps("request_processors")?, request::parse)?;
        read(steps("phase_results_processors")?, |kind, _| Err::<(), _>(unknown(kind)))?;
        let response = read(steps("response_processors")?, response::parse)?;
        match pipeline.left_over() {
            None => Ok(SearchPipeline { request, response }),
            Some(names) => Err(Exception::new(
                ExceptionKind::ElasticsearchParse,
                format!(
                    "pipeline [{id}] doesn't support one or more provided configuration parameters {names}"
                ),
            )),
        }
    }

    /// Changes the body of a search.
    ///
    /// # Errors
    /// That of the first processor which fails and does not ignore it.
    pub(crate) fn request(
        &self,
        body: &mut Value,
        context: &mut PipelineContext,
        work: &Work,
        now: Timestamp,
    ) -> Result<(), Exception> {
        if body.is_null() {
            *body = Value::Object(Map::new());
        }
        for step in &self.request {
            work.check()?;
            let done = step.processor.apply(body, context, work, now);
            step.done(done)?;
        }
        Ok(())
    }

    /// Whether it changes answers.
    pub(crate) fn changes_answers(&self) -> bool {
        !self.response.is_empty()
    }

    /// Changes the answer of a search; `held` counts what it takes.
    ///
    /// # Errors
    /// As [`SearchPipeline::request`].
    pub(crate) fn response(
        &self,
        answer: &mut Value,
        context: &PipelineContext,
        work: &Work,
        held: &mut HeldMemory,
    ) -> Result<(), Exception> {
        held.set(held_by(answer))?;
        for step in &self.response {
            work.check()?;
            if !step.ignores_failure {
                step.processor.apply(answer, context, work, held)?;
                continue;
            }
            // One that fails half-way, and is let off, changes nothing.
            let before = held.bytes();
            held.grow(held_by(answer))?;
            let mut changed = answer.clone();
            let done = step.processor.apply(&mut changed, context, work, held);
            match done {
                Ok(()) => *answer = changed,
                failed => step.done(failed)?,
            }
            held.set(before.max(held_by(answer)))?;
        }
        Ok(())
    }
}

impl<P> PipelineStep<P> {
    fn done(&self, done: Result<(), Exception>) -> Result<(), Exception> {
        match done {
            Err(fault) if !self.ignores_failure || fault.kind() == ExceptionKind::TaskCancelled => {
                Err(fault)
            }
            _ => Ok(()),
        }
    }
}

fn read<P>(
    steps: Vec<Value>,
    parse: impl Fn(&str, &mut ProcessorDefinition) -> Result<P, Exception>,
) -> Result<Vec<PipelineStep<P>>, Exception> {
    let mut read = Vec::new();
    for step in steps {
        let Value::Object(step) = step else {
            return Err(Exception::illegal_argument("a processor must be an object"));
        };
        for (kind, entries) in step {
            let Value::Object(entries) = entries else {
                return Err(Exception::illegal_argument(format!(
                    "the definition of the processor [{kind}] must be an object"
                )));
            };
            let kind_of = Some(kind.clone());
            let mut definition = ProcessorDefinition { kind: kind_of, tag: None, entries };
            definition.tag = definition.optional_text("tag")?;
            let ignores_failure = definition.flag("ignore_failure", false)?;
            definition.optional_text("description")?;
            let processor = parse(&kind, &mut definition)?;
            if let Some(names) = definition.left_over() {
                let name = match &definition.tag {
                    Some(tag) => format!("{kind}:{tag}"),
                    None => kind,
                };
                return Err(Exception::new(
                    ExceptionKind::ElasticsearchParse,
                    format!(
                        "processor [{name}] doesn't support one or more provided configuration parameters: {names}"
                    ),
                ));
            }
            read.push(PipelineStep { processor, ignores_failure });
        }
    }
    Ok(read)
}

fn unknown(kind: &str) -> Exception {
    match OF_PLUGINS.contains(&kind) {
        true => Exception::not_implemented(&format!("the search pipeline processor {kind}")),
        false => Exception::illegal_argument(format!("Invalid processor type {kind}")),
    }
}

/// The memory that a value takes, about.
pub(crate) fn held_by(value: &Value) -> u64 {
    let inside: u64 = match value {
        Value::String(text) => text.len() as u64,
        Value::Array(values) => values.iter().map(held_by).sum(),
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| {
                (size_of::<String>() + key.len()) as u64 + held_by(value)
            };
            entries.iter().map(entry).sum()
        }
        _ => 0,
    };
    size_of::<Value>() as u64 + inside
}

/// The name under which `oversample` tells how many hits were asked for.
fn original_size(context_prefix: Option<&str>) -> String {
    match context_prefix {
        Some(prefix) => format!("{prefix}.original_size"),
        None => "original_size".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::work::{Budget, Cancel};

    fn changed(bytes: u64, pipeline: &Value) -> Result<u64, Exception> {
        let work = Work::new(Cancel::new(), Budget::new("parent", bytes));
        let mut held = work.holds("<http_response>");
        let mut answer =
            json!({"hits": {"hits": [{"_id": "1", "_source": {"t": "abcd".repeat(100)}}]}});
        let pipeline = SearchPipeline::parse("p", pipeline)?;
        pipeline.response(&mut answer, &PipelineContext::default(), &work, &mut held)?;
        Ok(held.bytes())
    }

    #[test]
    fn what_processors_add_to_an_answer_is_taken_from_the_budget() {
        let split = |to: usize| json!({"split": {"field": "t", "separator": "", "target_field": to.to_string()}});
        let several = |count: usize| json!({"response_processors": (0..count).map(split).collect::<Vec<_>>()});
        let (one, ten) =
            (changed(1 << 30, &several(1)).unwrap(), changed(1 << 30, &several(10)).unwrap());
        assert!(one > 400 * size_of::<Value>() as u64, "{one}");
        assert!(ten > 9 * one, "{ten} of {one}");
        let refused = changed(5 * one, &several(10)).unwrap_err();
        assert_eq!(refused.kind(), ExceptionKind::CircuitBreaking);
    }
}
