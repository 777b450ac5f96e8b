//! `_reindex`: copies what a search finds into another index. Source: Elasticsearch 7.10, "Reindex API".

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::by_query::{self, ByQuery, ByQueryOptions, Change, stays};
use super::progress::Progress;
use super::scripted::{Changed, Made, Scripted};
use super::tally::Doing;
use super::target::Targets;
use crate::cluster::names::{self, IndicesOptions};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{FoundDocument, Operation, Precondition, Write};
use crate::ingest::Prepared;
use crate::mapping::type_name::DOC;
use crate::rest::execute::Task;
use crate::rest::execute::search::{names_of, targets};
use crate::rest::{Flavor, Reindexed};
use crate::search::{SearchRequest, SourceFilter};
use crate::value::scalar::{self, plain};

/// Where the documents go, and how.
#[derive(Debug)]
struct Copying {
    index: String,
    type_name: Option<String>,
    create: bool,
    versions: Versions,
    routing: Routing,
    pipeline: Option<String>,
    script: Option<Scripted>,
    filter: Option<SourceFilter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Versions {
    Internal,
    External,
    ExternalGte,
}

#[derive(Debug)]
enum Routing {
    Keep,
    Discard,
    Given(String),
}

/// A request, read.
struct ReindexRequest {
    copying: Copying,
    names: Reindexed,
    types: Vec<String>,
    source: Value,
    request: SearchRequest,
    sort: Option<Value>,
    options: ByQueryOptions,
}

/// Refuses what is refused before a request has a task.
///
/// # Errors
/// As [`ReindexRequest::read`].
pub(crate) fn check_reindex(task: &Task<'_>) -> Result<(), Exception> {
    ReindexRequest::read(task).map(drop)
}

impl ReindexRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// `x_content_parse_exception`, `illegal_argument_exception`, `action_request_validation_exception` in Elasticsearch's
    /// words.
    fn read(task: &Task<'_>) -> Result<ReindexRequest, Exception> {
        let query = &task.parsed.route.query;
        let mut body = task.body().as_object().cloned().unwrap_or_default();
        let mut source = object(&mut body, "source")?;
        let mut dest = object(&mut body, "dest")?;
        check_remote(&source, task.parsed.route.flavor)?;
        let batch = source.shift_remove("size").as_ref().and_then(Value::as_u64);
        let slice = source.get("slice").map(by_query::one_slice).transpose()?;
        source.shift_remove("slice");
        let script = Scripted::take(&mut body)?;
        let mut options = ByQueryOptions::take(&mut body, query, false)?;
        options.slice = options.slice.or(slice);
        if let Some(batch) = batch.and_then(|batch| usize::try_from(batch).ok()) {
            options.batch = batch.clamp(1, 10_000);
        }
        if let Some(key) = body.keys().next() {
            let reason = format!("[reindex] unknown field [{key}]");
            let unknown = Exception::new(ExceptionKind::XContentParse, reason);
            return Err(task.body().get(key).into_iter().fold(unknown, Exception::at_key));
        }
        let names = Reindexed::of(task.body());
        source.shift_remove("index");
        let types = source.shift_remove("type").map(|types| scalar::list(&types));
        let filter = source.shift_remove("_source").map(|filter| SourceFilter::parse(&filter));
        // The order in which documents are copied is seen by nobody, unless not all are.
        let sort = source.shift_remove("sort").filter(|_| options.max_documents != usize::MAX);
        let index = names.dest.clone().unwrap_or_default();
        let mut copying = Copying {
            script,
            ..Copying::take(task.body().get("dest"), &mut dest, index, filter.transpose()?)?
        };
        if task.parsed.route.flavor == Flavor::Elasticsearch710 {
            copying.type_name.get_or_insert_with(|| DOC.to_owned());
        }
        check_names(&names)?;
        let source = Value::Object(source);
        let request = searched(task, &source)?;
        let types = types.unwrap_or_default();
        Ok(ReindexRequest { copying, names, types, source, request, sort, options })
    }
}

/// What `source` searches for; nothing of the URL is part of it.
fn searched(task: &Task<'_>, source: &Value) -> Result<SearchRequest, Exception> {
    let mut none = task.parsed.route.query.clone();
    none.keep(&[]);
    SearchRequest::parse(Some(source), &none).map_err(|cause| {
        let cause = by_query::in_what_is_read(source, cause, task);
        let refused = in_field("[reindex]", "source", cause);
        task.body().get("source").into_iter().fold(refused, Exception::at_end)
    })
}

/// `POST /_reindex`.
pub(crate) fn reindex(task: &Task<'_>) -> Answer {
    let ReindexRequest { copying, names, types, source, request, sort, options } =
        ReindexRequest::read(task)?;
    let listed: Vec<&str> = names.sources.iter().map(String::as_str).collect();
    let sees = |uuid: &str| task.view.sees(uuid);
    let found = names::seen(task.metadata, &listed, IndicesOptions::SEARCH, task.now, sees)?;
    let targets = targets(task, &found, &types, IndicesOptions::SEARCH)?;
    let documents = super::with_documents(task, &source, || Ok(names_of(&targets)))?;
    let changed = documents.changed().map(|source| searched(task, source));
    let request = changed.transpose()?.unwrap_or(request);
    let into = names::single(task.metadata, &copying.index, task.now)?;
    let into = task.metadata.write_index(&into.name).map(|index| &index.uuid);
    if let Some(both) = targets.iter().find(|target| Some(&target.snapshot().uuid) == into) {
        return Err(Exception::validation(&[format!(
            "reindex cannot write into an index its reading from [{}]",
            both.snapshot().name
        )]));
    }
    let request = match sort {
        Some(sort) => first_of(task, &targets, &request, &sort, options.max_documents)?,
        None => request,
    };
    let progress = Progress::begin(task, Doing::Reindex, &options);
    by_query::run(task, &copying, &targets, &request, progress)
}

impl ByQuery for Copying {
    fn doing(&self) -> Doing {
        Doing::Reindex
    }

    fn type_name(&self) -> Option<&str> {
        self.type_name.as_deref()
    }

    fn place<'a>(&'a self, _source: &'a str) -> &'a str {
        &self.index
    }

    fn write(
        &self,
        writer: &Targets<'_>,
        source: &str,
        (id, found): (String, FoundDocument),
    ) -> Result<Change, Exception> {
        let mut value: Value = serde_json::from_slice(&found.source).unwrap_or_default();
        let mut raw = found.source.clone();
        if let Some(filter) = &self.filter {
            value = filter.apply(&value);
            raw = Bytes::from(value.to_string());
        }
        let mut write = Prepared {
            index: self.index.clone(),
            id: Some(id),
            routing: match &self.routing {
                Routing::Keep => found.routing.clone(),
                Routing::Discard => None,
                Routing::Given(routing) => Some(routing.clone()),
            },
            precondition: match self.versions {
                Versions::Internal => Precondition::None,
                Versions::External => Precondition::External(found.version),
                Versions::ExternalGte => Precondition::ExternalGte(found.version),
            },
            raw,
            value: Arc::default(),
        };
        if let Some(script) = &self.script {
            match script.made(writer, source, (write.id.as_deref().unwrap_or(""), &found), value)? {
                Made::Index(changed) => {
                    write = redirected(write, &changed)?;
                    write.raw = Bytes::from(changed.source.to_string());
                    value = changed.source;
                }
                Made::Delete(changed) => {
                    let Prepared { index, id, routing, .. } = redirected(write, &changed)?;
                    if let Err(refusal) = stays(writer, &self.index, &index) {
                        return Ok(Change::Refused(refusal));
                    }
                    let (id, precondition) = (id.unwrap_or_default(), Precondition::None);
                    let operation = Operation { id, routing, precondition, write: Write::Delete };
                    return Ok(Change::Write(index, operation));
                }
                Made::Noop => return Ok(Change::Noop),
            }
        }
        write.value = value.into();
        let pipeline = self.pipeline.as_deref();
        Ok(Change::of(by_query::ingested(writer, pipeline, write, &self.index, self.create)))
    }
}

/// A write to where its script sends it.
///
/// # Errors
/// `null_pointer_exception` without an index, `illegal_argument_exception` for a version that is no number.
fn redirected(mut write: Prepared, changed: &Changed) -> Result<Prepared, Exception> {
    let text = |value: &Value| (!value.is_null()).then(|| plain(value));
    if let Some(index) = &changed.index {
        let missing = "Can't reindex without a destination index!";
        write.index =
            text(index).ok_or_else(|| Exception::new(ExceptionKind::NullPointer, missing))?;
    }
    if let Some(id) = &changed.id {
        write.id = text(id);
    }
    if let Some(routing) = &changed.routing {
        write.routing = text(routing);
    }
    match &changed.version {
        None => {}
        Some(Value::Null) => write.precondition = Precondition::None,
        Some(version) => {
            let Some(version) = version.as_i64() else {
                return Err(Exception::illegal_argument(format!(
                    "_version may only be set to an int or a long but was [{}]",
                    plain(version)
                )));
            };
            let version = u64::try_from(version).unwrap_or(0);
            write.precondition = match write.precondition {
                Precondition::External(_) => Precondition::External(version),
                Precondition::ExternalGte(_) => Precondition::ExternalGte(version),
                kept => kept,
            };
        }
    }
    Ok(write)
}

impl Copying {
    /// Reads `dest`, which names `index`.
    ///
    /// # Errors
    /// `x_content_parse_exception` and `action_request_validation_exception` in Elasticsearch's words.
    fn take(
        sent: Option<&Value>,
        dest: &mut Map<String, Value>,
        index: String,
        filter: Option<SourceFilter>,
    ) -> Result<Copying, Exception> {
        dest.shift_remove("index");
        let mut text = |key: &str| dest.shift_remove(key).map(|value| plain(&value));
        let fault = |key: &str, reason: String| {
            let inner = in_field("[dest]", key, Exception::illegal_argument(reason));
            Err(in_field("[reindex]", "dest", inner))
        };
        let create = match text("op_type").as_deref() {
            None | Some("index") => false,
            Some("create") => true,
            Some(other) => {
                let reason = format!("opType must be 'create' or 'index', found: [{other}]");
                return fault("op_type", reason);
            }
        };
        let versions = match text("version_type").as_deref() {
            None | Some("internal") => Versions::Internal,
            Some("external" | "external_gt") => Versions::External,
            Some("external_gte") => Versions::ExternalGte,
            Some(other) => {
                return fault("version_type", format!("No version type match [{other}]"));
            }
        };
        let routing = match text("routing").as_deref() {
            None | Some("keep") => Routing::Keep,
            Some("discard") => Routing::Discard,
            Some(given) => match given.strip_prefix('=') {
                Some(given) => Routing::Given(given.to_owned()),
                None => {
                    return Err(Exception::validation(&[
                        "routing must be unset, [keep], [discard] or [=<some new value>]",
                    ]));
                }
            },
        };
        let pipeline = text("pipeline");
        let type_name = text("type");
        if let Some(key) = dest.keys().next() {
            let reason = format!("[dest] unknown field [{key}]");
            let inner = Exception::new(ExceptionKind::XContentParse, reason);
            let inner =
                sent.and_then(|sent| sent.get(key)).into_iter().fold(inner, Exception::at_key);
            return Err(in_field("[reindex]", "dest", inner));
        }
        Ok(Copying { index, type_name, create, versions, routing, pipeline, script: None, filter })
    }
}

/// The object under `key`; an empty one where there is none.
fn object(body: &mut Map<String, Value>, key: &str) -> Result<Map<String, Value>, Exception> {
    match body.shift_remove(key) {
        None => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => {
            let reason = format!("[reindex] {key} doesn't support values of this type");
            Err(Exception::new(ExceptionKind::XContentParse, reason))
        }
    }
}

fn in_field(parser: &str, field: &str, cause: Exception) -> Exception {
    if cause.kind() == ExceptionKind::NotImplemented {
        return cause;
    }
    let reason = format!("{parser} failed to parse field [{field}]");
    Exception::new(ExceptionKind::XContentParse, reason).caused_by(cause)
}

/// No other cluster may be read: none is on the list of those that may.
fn check_remote(source: &Map<String, Value>, flavor: Flavor) -> Result<(), Exception> {
    let Some(remote) = source.get("remote") else { return Ok(()) };
    let host = remote.get("host").map(plain).unwrap_or_default();
    let address = host.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
    let Some(address) = address.filter(|address| address.contains(':')) else {
        let reason = format!(
            "[host] must be of the form [scheme]://[host]:[port](/[pathPrefix])? but was [{host}]"
        );
        return Err(in_field("[reindex]", "source", Exception::illegal_argument(reason)));
    };
    Err(Exception::illegal_argument(match flavor {
        Flavor::Elasticsearch710 => {
            format!("[{address}] not whitelisted in reindex.remote.whitelist")
        }
        Flavor::OpenSearch219 => {
            format!("[{address}] not allowlisted in reindex.remote.allowlist")
        }
    }))
}

fn check_names(names: &Reindexed) -> Result<(), Exception> {
    let mut faults = Vec::new();
    if names.sources.is_empty() {
        faults.push("use _all if you really want to copy from all existing indexes");
    }
    if names.dest.as_deref().unwrap_or_default().is_empty() {
        faults.push("index must be specified");
    }
    if faults.is_empty() { Ok(()) } else { Err(Exception::validation(&faults)) }
}

/// The first `most` documents of `request` in the order of `sort`, as a request for their ids.
fn first_of(
    task: &Task<'_>,
    targets: &[crate::search::Target],
    request: &SearchRequest,
    sort: &Value,
    most: usize,
) -> Result<SearchRequest, Exception> {
    let most = most.min(crate::limits::RESULT_WINDOW_MAX);
    let mut none = task.parsed.route.query.clone();
    none.keep(&[]);
    let body = serde_json::json!({"sort": sort, "size": most, "_source": false});
    let sorted = SearchRequest::parse(Some(&body), &none)?;
    let sorted = SearchRequest { query: request.query.clone(), ..sorted };
    let flavor = task.parsed.route.flavor;
    let searches = &task.engine.searches;
    let found = searches.search(targets, &sorted, flavor, task.view, task.now, task.work)?;
    let values = found.hits.into_iter().filter_map(|hit| hit.id).collect();
    let query = crate::dsl::Query::of(crate::dsl::ids::Ids { values });
    Ok(SearchRequest { query: Some(query), ..request.clone() })
}
