//! `_scripts/painless/_execute`: a script is tried, by itself or on a document that the request gives. Source:
//! `PainlessExecuteAction` of Elasticsearch 7.10.2 and OpenSearch 2.19.1.

use std::sync::Arc;

use serde_json::{Value, json};
use tantivy::query::EnableScoring;
use tantivy::{SegmentReader, TERMINATED};

use super::Task;
use crate::cluster::metadata::IndexMetadata;
use crate::cluster::names;
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::dsl::percolate::{self, GivenDocuments};
use crate::dsl::script::OnIndex;
use crate::dsl::{self, Query};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::index::Snapshot;
use crate::mapping::parsed;
use crate::rest::json::token;
use crate::script::{Machine, ScriptContext, ScriptRequest, context};
use crate::value::java::java_double;

/// `POST /_scripts/painless/_execute`.
pub(crate) fn execute(task: &Task<'_>) -> Answer {
    let request = ExecuteRequest::parse(task.body())?;
    request.check()?;
    let index = request.index(task)?;
    let result = match (request.context, index) {
        (TriedContext::Test, _) | (_, None) => {
            let script = request.script.compile(&context::PAINLESS_TEST, task.work)?;
            let mut machine = Machine::new(task.work, task.now);
            script.run(&mut machine, &[], None)?.text()?.into()
        }
        (TriedContext::Filter, Some(index)) => GivenDocument::of(task, &index, &request.setup)?
            .run(task, &request, &context::FILTER)?,
        (TriedContext::Score, Some(index)) => {
            GivenDocument::of(task, &index, &request.setup)?.run(task, &request, &context::SCORE)?
        }
    };
    task.json(200, &json!({"result": result}))
}

/// Where the script is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TriedContext {
    /// By itself.
    Test,
    /// Whether it chooses a document.
    Filter,
    /// What it scores a document with.
    Score,
}

/// The body.
struct ExecuteRequest {
    script: ScriptRequest,
    context: TriedContext,
    setup: ContextSetup,
}

/// `context_setup`
#[derive(Default)]
struct ContextSetup {
    index: Option<String>,
    document: Option<Value>,
    query: Option<Query>,
}

/// The parser of the body, as refusals call it.
const REQUEST: &str = "painless_execute_request";

/// The parser of `context_setup`.
const SETUP: &str = "execute_script_context";

fn wrong(parser: &str, reason: &str) -> Exception {
    Exception::new(ExceptionKind::XContentParse, format!("[{parser}] {reason}"))
}

fn wrong_type(parser: &str, key: &str, value: &Value) -> Exception {
    wrong(parser, &format!("{key} doesn't support values of type: {}", token(value))).at(value)
}

impl ExecuteRequest {
    fn parse(body: &Value) -> Result<ExecuteRequest, Exception> {
        let Value::Object(body) = body else {
            return Err(Exception::new(
                ExceptionKind::ElasticsearchParse,
                "request body or source parameter is required",
            ));
        };
        let (mut script, mut context, mut setup) = (None, None, None);
        for (key, value) in body {
            match (key.as_str(), value) {
                ("script", Value::Object(_)) => script = Some(ScriptRequest::parse(value)?),
                ("context", Value::String(name)) => context = Some(name.as_str()),
                ("context_setup", Value::Object(_)) => {
                    let read = ContextSetup::parse(value).map_err(|cause| {
                        wrong(REQUEST, "failed to parse field [context_setup]").caused_by(cause)
                    });
                    setup = Some(read?);
                }
                ("script" | "context" | "context_setup", value) => {
                    return Err(wrong_type(REQUEST, key, value));
                }
                (unknown, value) => {
                    return Err(wrong(REQUEST, &format!("unknown field [{unknown}]")).at_key(value));
                }
            }
        }
        let Some(script) = script else {
            return Err(Exception::illegal_argument("Required [script]"));
        };
        let context = TriedContext::named(context)?;
        Ok(ExecuteRequest { script, context, setup: setup.unwrap_or_default() })
    }

    /// Refuses a stored script, and a context without what it needs.
    fn check(&self) -> Result<(), Exception> {
        let mut missing = Vec::new();
        if self.script.is_stored() {
            missing.push("only inline scripts are supported");
        }
        if self.context != TriedContext::Test {
            if self.setup.index.is_none() {
                missing.push("index is a required parameter for current context");
            }
            if self.setup.document.is_none() {
                missing.push("document is a required parameter for current context");
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Exception::validation(&missing)) }
    }

    /// The index that it names, where it names one: it must be there and open, whether or not the context looks at it.
    fn index(&self, task: &Task<'_>) -> Result<Option<Arc<IndexMetadata>>, Exception> {
        let Some(name) = &self.setup.index else { return Ok(None) };
        let named = names::single(task.metadata, name, task.now)?;
        let seen = named.indices.iter().filter(|index| task.view.sees(&index.uuid));
        let seen: Vec<&Arc<IndexMetadata>> = seen.collect();
        match seen.as_slice() {
            [] => Err(Exception::index_not_found(name)),
            [index] if index.closed => Err(Exception::new(ExceptionKind::IndexClosed, "closed")
                .on_index(&index.name, &index.uuid)),
            [index] => Ok(Some(Arc::clone(index))),
            several => {
                let several: Vec<&str> = several.iter().map(|index| index.name.as_str()).collect();
                Err(Exception::illegal_argument(format!(
                    "alias [{name}] has more than one index associated with it [{}], can't execute a single index op",
                    several.join(", ")
                )))
            }
        }
    }
}

impl TriedContext {
    fn named(name: Option<&str>) -> Result<TriedContext, Exception> {
        match name {
            None | Some("painless_test") => Ok(TriedContext::Test),
            Some("filter") => Ok(TriedContext::Filter),
            Some("score") => Ok(TriedContext::Score),
            Some(other) => {
                let reason =
                    format!("Failed to build [{REQUEST}] after last required field arrived");
                let unsupported = format!("unsupported script context name [{other}]");
                Err(Exception::new(ExceptionKind::XContentParse, reason)
                    .caused_by(Exception::new(ExceptionKind::UnsupportedOperation, unsupported)))
            }
        }
    }
}

impl ContextSetup {
    fn parse(value: &Value) -> Result<ContextSetup, Exception> {
        let mut setup = ContextSetup::default();
        for (key, value) in value.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("index", Value::String(name)) => setup.index = Some(name.clone()),
                ("document", Value::Object(_)) => setup.document = Some(value.clone()),
                ("query", Value::Object(_)) => {
                    let query = dsl::parse(value).map_err(|cause| {
                        wrong(SETUP, "failed to parse field [query]").caused_by(cause)
                    });
                    setup.query = Some(query?);
                }
                ("index" | "document" | "query", value) => {
                    return Err(wrong_type(SETUP, key, value));
                }
                (unknown, value) => {
                    return Err(wrong(SETUP, &format!("unknown field [{unknown}]")).at_key(value));
                }
            }
        }
        Ok(setup)
    }
}

/// The one document that a request gives, as an index of its own with the mapping of the index that it names.
struct GivenDocument {
    snapshot: Snapshot,
    statistics: Statistics,
    /// Whose memory stays counted.
    _given: GivenDocuments,
}

/// The id of the document.
const ID: &str = "_id";

impl GivenDocument {
    fn of(
        task: &Task<'_>,
        index: &IndexMetadata,
        setup: &ContextSetup,
    ) -> Result<GivenDocument, Exception> {
        let snapshot = task.open(index)?.snapshot();
        let statistics = Statistics::in_memory(task.parsed.route.flavor);
        let outer = Lowering::new(&snapshot, &statistics, task.now, task.work);
        let documents = setup.document.as_slice();
        for document in documents {
            let cancel = &task.work.cancel;
            let mut read = parsed::parse_until(&snapshot.mapping, ID, document, cancel)?;
            // There the script runs on the first of its objects, as the first document of its block.
            if !read.document.take_nested().is_empty() {
                return Err(Exception::not_implemented("painless _execute on nested objects"));
            }
        }
        let given = percolate::in_memory_as(ID, documents, &outer)?;
        // What the document would add to the mapping is no field yet: that stays the index's own.
        let snapshot = Snapshot {
            searcher: given.searcher(),
            graphs: Arc::default(),
            longest: None,
            ..Snapshot::clone(&snapshot)
        };
        Ok(GivenDocument { snapshot, statistics, _given: given })
    }

    /// What the script of `request` gives on it.
    fn run(
        &self,
        task: &Task<'_>,
        request: &ExecuteRequest,
        context: &'static ScriptContext,
    ) -> Result<Value, Exception> {
        let lowering = Lowering::new(&self.snapshot, &self.statistics, task.now, task.work);
        let scripted = OnIndex::new(&request.script, context, &lowering)?;
        let Some(reader) = self.snapshot.searcher.segment_readers().first() else {
            return Ok(Value::Null);
        };
        let score = match (&request.setup.query, request.context) {
            (Some(query), TriedContext::Score) => self.score(query, &lowering, reader)?,
            // To choose, no score is asked for.
            _ => 0.0,
        };
        let mut segment = scripted.on_segment(reader).map_err(internal)?;
        let result = segment.run(0, score, |outcome| match outcome.number() {
            Some(number) if !number.is_finite() => Ok(java_double(number).into()),
            _ => outcome.json(),
        })?;
        Ok(result.unwrap_or_default())
    }

    /// What `query` scores it with.
    fn score(
        &self,
        query: &Query,
        lowering: &Lowering<'_>,
        reader: &SegmentReader,
    ) -> Result<f32, Exception> {
        let lowered = lowering.lower_beside(query)?;
        let scoring = EnableScoring::enabled_from_searcher(&self.snapshot.searcher);
        let weight = lowered.weight(scoring).map_err(internal)?;
        let mut scorer = weight.scorer(reader, 1.0).map_err(internal)?;
        lowering.work.faults.check()?;
        if scorer.doc() == TERMINATED {
            return Err(Exception::illegal_argument("the query does not match the document"));
        }
        Ok(scorer.score())
    }
}
