//! `_delete_by_query` and `_update_by_query`: what a search finds on the last refresh is deleted, or written again, each on
//! the condition that nobody wrote it since; and what `_reindex` shares with them. Source: Elasticsearch 7.10, "Delete by
//! query API", "Update by query API".

use bytes::Bytes;
use serde_json::{Map, Value};
use tantivy::DocAddress;

use super::ingest;
use super::options::{self, Refresh};
use super::progress::Progress;
use super::read;
use super::scripted::{Made, Scripted};
use super::tally::{Doing, Tally};
use super::target::Targets;
use crate::cluster::names;
use crate::cluster::tasks::{Pace, RunningTask};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{FoundDocument, Operation, Precondition, Write};
use crate::ingest::{Ingested, Prepared};
use crate::place::Body;
use crate::response::Response;
use crate::rest::execute::Task;
use crate::rest::execute::search::{names_of, targets_of};
use crate::rest::{Api, QueryParameters};
use crate::search::{SearchRequest, Target};

/// Documents of one batch unless the request says otherwise (Elasticsearch: 1000).
const BATCH: usize = 1000;

/// Most slices of one request.
const SLICES_MAX: usize = 1024;

/// What is asked beside the query.
#[derive(Clone, Debug)]
pub(super) struct ByQueryOptions {
    pub(super) proceed: bool,
    pub(super) max_documents: usize,
    pub(super) batch: usize,
    pub(super) refresh: bool,
    /// Into how many slices the documents are parted; 1: none.
    pub(super) slices: usize,
    /// The one slice that is asked for, of how many.
    pub(super) slice: Option<(usize, usize)>,
    /// Documents a second.
    pub(super) rate: f64,
}

/// What a request does to the documents that it finds.
pub(super) trait ByQuery {
    /// In a word.
    fn doing(&self) -> Doing;

    /// The index that is told of where a document of `source` cannot be written.
    fn place<'a>(&'a self, source: &'a str) -> &'a str {
        source
    }

    /// The type that what it writes is said to be of; `None`: that of what it was.
    fn type_name(&self) -> Option<&str> {
        None
    }

    /// What is to be done to one document.
    ///
    /// # Errors
    /// What ends the request: a script that fails. What one document alone is refused by is [`Change::Refused`].
    fn write(
        &self,
        writer: &Targets<'_>,
        source: &str,
        document: (String, FoundDocument),
    ) -> Result<Change, Exception>;
}

/// What is to be done to one document.
pub(super) enum Change {
    /// A write, for the index that it names.
    Write(String, Operation),
    /// Nothing: a pipeline dropped it.
    Dropped,
    /// Nothing: a script says so.
    Noop,
    /// It cannot be written.
    Refused(Exception),
}

impl Change {
    /// What came of preparing a write.
    pub(super) fn of(prepared: Result<Option<(String, Operation)>, Exception>) -> Change {
        match prepared {
            Ok(Some((index, operation))) => Change::Write(index, operation),
            Ok(None) => Change::Dropped,
            Err(refusal) => Change::Refused(refusal),
        }
    }
}

/// `POST /{index}/_delete_by_query` and `POST /{index}/_update_by_query`.
pub(crate) fn by_query(task: &Task<'_>) -> Answer {
    let ByQueryRequest { what, body, mut request, options } = ByQueryRequest::read(task)?;
    let progress = Progress::begin(task, what.doing(), &options);
    let found = targets_of(task)?;
    let documents = super::with_documents(task, &body, || Ok(names_of(&found)))?;
    if let Some(body) = documents.changed() {
        request = SearchRequest::parse(Some(body), &task.parsed.route.query)?;
    }
    if what.doing() == Doing::Update {
        let writer = Targets::of(task);
        found
            .iter()
            .try_for_each(|target| read::check_rewrite(&writer, &target.snapshot().uuid))?;
    }
    run(task, &*what, &found, &request, progress)
}

/// Refuses what is refused before a request by query has a task.
///
/// # Errors
/// As [`ByQueryRequest::read`].
pub(crate) fn check_by_query(task: &Task<'_>) -> Result<(), Exception> {
    ByQueryRequest::read(task).map(drop)
}

/// The `fault` of a search that is read of a part of the body: the real servers print that part, read it once more, and tell
/// places in what they printed.
pub(super) fn in_what_is_read(part: &Value, fault: Exception, task: &Task<'_>) -> Exception {
    let text = part.to_string();
    let body = Body { text: text.as_bytes(), value: part };
    fault.placed(Some(body), task.parsed.route.flavor)
}

/// A request by query, read.
struct ByQueryRequest {
    what: Box<dyn ByQuery>,
    body: Value,
    request: SearchRequest,
    options: ByQueryOptions,
}

impl ByQueryRequest {
    /// Reads either API.
    ///
    /// # Errors
    /// What the query refuses; `action_request_validation_exception` for a deletion without a query.
    fn read(task: &Task<'_>) -> Result<ByQueryRequest, Exception> {
        let deletes = task.parsed.route.api == Api::DeleteByQuery;
        let query = &task.parsed.route.query;
        let mut body = task.body().as_object().cloned().unwrap_or_default();
        let options = ByQueryOptions::take(&mut body, query, deletes)?;
        let what: Box<dyn ByQuery> = if deletes {
            if body.contains_key("script") {
                let reason = "request does not support [script]";
                return Err(Exception::new(ExceptionKind::Parsing, reason));
            }
            if body.get("query").is_none() && query.get("q").is_none() {
                return Err(Exception::validation(&["query is missing"]));
            }
            Box::new(Deletion)
        } else {
            let pipeline = query.get("pipeline").map(str::to_owned);
            Box::new(Rewriting { pipeline, script: Scripted::take(&mut body)? })
        };
        let body = Value::Object(body);
        let request = SearchRequest::parse(Some(&body), query)
            .map_err(|fault| in_what_is_read(&body, fault, task))?;
        Ok(ByQueryRequest { what, body, request, options })
    }
}

#[derive(Debug)]
struct Deletion;

impl ByQuery for Deletion {
    fn doing(&self) -> Doing {
        Doing::Delete
    }

    fn write(
        &self,
        _writer: &Targets<'_>,
        source: &str,
        (id, found): (String, FoundDocument),
    ) -> Result<Change, Exception> {
        Ok(Change::Write(source.to_owned(), deletion(id, found)))
    }
}

/// The deletion of a document that was found.
fn deletion(id: String, found: FoundDocument) -> Operation {
    let precondition = as_found(&found);
    Operation { id, routing: found.routing, precondition, write: Write::Delete }
}

/// The documents as they are or as a script leaves them, behind the pipelines of their index or the one that is asked for.
#[derive(Debug)]
struct Rewriting {
    pipeline: Option<String>,
    script: Option<Scripted>,
}

impl ByQuery for Rewriting {
    fn doing(&self) -> Doing {
        Doing::Update
    }

    fn write(
        &self,
        writer: &Targets<'_>,
        source: &str,
        (id, found): (String, FoundDocument),
    ) -> Result<Change, Exception> {
        let mut value: Value = serde_json::from_slice(&found.source).unwrap_or_default();
        let mut raw = found.source.clone();
        if let Some(script) = &self.script {
            match script.made(writer, source, (&id, &found), value)? {
                Made::Index(changed) => {
                    value = changed.source_alone()?;
                    raw = Bytes::from(value.to_string());
                }
                Made::Delete(changed) => {
                    changed.source_alone()?;
                    return Ok(Change::Write(source.to_owned(), deletion(id, found)));
                }
                Made::Noop => return Ok(Change::Noop),
            }
        }
        let write = Prepared {
            index: source.to_owned(),
            id: Some(id),
            routing: found.routing.clone(),
            precondition: as_found(&found),
            value: value.into(),
            raw,
        };
        Ok(Change::of(ingested(writer, self.pipeline.as_deref(), write, source, false)))
    }
}

/// A write behind the pipelines; `None`: they dropped it. `judged`: the index that the request was judged for.
///
/// # Errors
/// What a pipeline fails with; `security_exception` where it sends the document elsewhere.
pub(super) fn ingested(
    writer: &Targets<'_>,
    pipeline: Option<&str>,
    write: Prepared,
    judged: &str,
    create: bool,
) -> Result<Option<(String, Operation)>, Exception> {
    match writer.ingest(pipeline, write)? {
        Ingested::Dropped => Ok(None),
        Ingested::Changed(write) | Ingested::Unchanged(write) => {
            stays(writer, judged, &write.index)?;
            Ok(Some((write.index.clone(), ingest::operation(writer, write, create))))
        }
    }
}

/// Refuses a pipeline or a script that sends a document elsewhere than where the request was judged to write.
///
/// # Errors
/// `security_exception`, unless the URL alone decides; where that is a cluster's users, whatever decides.
pub(super) fn stays(writer: &Targets<'_>, judged: &str, sent: &str) -> Result<(), Exception> {
    names::check_is_no_security_configuration(sent)?;
    if judged == sent || writer.view.everything {
        return Ok(());
    }
    let reason =
        format!("the document is sent to [{sent}], and the request was judged for [{judged}]");
    Err(Exception::new(ExceptionKind::Security, reason))
}

/// On the condition that nobody wrote the document since it was found.
fn as_found(found: &FoundDocument) -> Precondition {
    Precondition::SeqNo { seq_no: found.seq_no, primary_term: found.primary_term }
}

/// Runs a request by query on the documents of `targets` that `request` finds, and answers it.
///
/// # Errors
/// What the query refuses; `task_cancelled_exception`; `circuit_breaking_exception`.
pub(super) fn run(
    task: &Task<'_>,
    what: &dyn ByQuery,
    targets: &[Target],
    request: &SearchRequest,
    mut progress: Progress<'_>,
) -> Answer {
    let begun = task.engine.tick(task.now);
    if request.pit.is_some() {
        return Err(Exception::not_implemented("[pit] in a request by query"));
    }
    let done = slices_of(task, what, targets, request, &mut progress);
    let called_off = task.running.is_some_and(RunningTask::is_called_off);
    match done {
        // What was done by then is told.
        Err(ended) if called_off && ended.kind() == ExceptionKind::TaskCancelled => {}
        done => done?,
    }
    let took = task.engine.milliseconds_since(begun);
    let (status, answer) = progress.answer(took, called_off);
    Ok(Response::json(status, &Value::Object(answer)))
}

/// Does slice after slice.
fn slices_of(
    task: &Task<'_>,
    what: &dyn ByQuery,
    targets: &[Target],
    request: &SearchRequest,
    progress: &mut Progress<'_>,
) -> Result<(), Exception> {
    let options = progress.options;
    let mut held = task.work.holds("<documents>");
    let mut slices = parted(task, targets, request, options, &mut held)?;
    for documents in &mut slices {
        documents.truncate(options.max_documents.div_ceil(options.slices));
        progress.begin_slice(documents.len());
        batches(task, what, targets, documents, progress)?;
    }
    Ok(())
}

/// The documents that are found, as (target, address), in as many parts as there are slices.
fn parted(
    task: &Task<'_>,
    targets: &[Target],
    request: &SearchRequest,
    options: &ByQueryOptions,
    held: &mut crate::work::HeldMemory,
) -> Result<Vec<Vec<(usize, DocAddress)>>, Exception> {
    let every = crate::dsl::Query::all();
    let query = request.query.as_ref().unwrap_or(&every);
    let (mut slices, wanted) = match options.slice {
        Some((id, max)) => (vec![Vec::new()], Some((id, max))),
        None => (vec![Vec::new(); options.slices], None),
    };
    let count = wanted.map_or(options.slices, |(_, max)| max);
    for (position, target) in targets.iter().enumerate() {
        let searches = &task.engine.searches;
        let snapshot = target.snapshot();
        // The real servers read a scroll, of batches that an index may refuse.
        let refused = |cause| Exception::search_phase(&snapshot.name, cause);
        snapshot.settings.check_window(options.batch as u64, true).map_err(refused)?;
        let addresses = searches.matching(target, query, task.now, task.work, held)?;
        held.grow(addresses.len() as u64 * size_of::<(usize, DocAddress)>() as u64)?;
        if count == 1 {
            let all = addresses.into_iter().map(|address| (position, address));
            slices.iter_mut().take(1).for_each(|slice| slice.extend(all.clone()));
            continue;
        }
        for batch in addresses.chunks(BATCH) {
            task.work.check()?;
            let documents = target.snapshot().documents(batch, &task.work.cancel)?;
            for ((id, _), address) in documents.iter().zip(batch) {
                let number = crate::routing::slice(id, count);
                let place = match wanted {
                    Some((own, _)) if own == number => slices.first_mut(),
                    Some(_) => None,
                    None => slices.get_mut(number),
                };
                if let Some(slice) = place {
                    slice.push((position, *address));
                }
            }
        }
    }
    Ok(slices)
}

/// Writes the documents, batch by batch, until one fails.
fn batches(
    task: &Task<'_>,
    what: &dyn ByQuery,
    targets: &[Target],
    documents: &[(usize, DocAddress)],
    progress: &mut Progress<'_>,
) -> Result<(), Exception> {
    let options = progress.options;
    let mut touched = Touched::new();
    let limited = documents.len() >= options.max_documents;
    let mut chunks = documents.chunks(options.batch).peekable();
    while let Some(batch) = chunks.next() {
        let begun = task.engine.tick(task.now);
        progress.slice().batches += 1;
        // Neighbours of one index are read and written together.
        for run in batch.chunk_by(|left, right| left.0 == right.0) {
            let Some(target) = run.first().and_then(|(position, _)| targets.get(*position)) else {
                continue;
            };
            let addresses: Vec<DocAddress> = run.iter().map(|(_, address)| *address).collect();
            let tally = progress.slice();
            neighbours(task, what, target, &addresses, options, tally, &mut touched)?;
        }
        progress.tell();
        // What was written stays; nothing after it is begun.
        task.work.check()?;
        if !progress.slice().failures.is_empty() {
            break;
        }
        // As in Elasticsearch, which looks for a batch behind the last one, unless it has as many as it may have.
        if chunks.peek().is_some() || !limited {
            progress.wait(batch.len(), begun)?;
        }
    }
    if options.refresh {
        for index in touched.values() {
            task.work.check()?;
            std::sync::Arc::clone(index).refresh()?;
        }
    }
    Ok(())
}

/// Reads documents of one index and does what is to be done to them.
fn neighbours(
    task: &Task<'_>,
    what: &dyn ByQuery,
    target: &Target,
    addresses: &[DocAddress],
    options: &ByQueryOptions,
    tally: &mut Tally,
    touched: &mut Touched,
) -> Result<(), Exception> {
    let (writer, kind) = (Targets::of(task), (what.doing(), what.type_name()));
    let snapshot = target.snapshot();
    let found = snapshot.documents(addresses, &task.work.cancel)?;
    if let Some((id, _)) = found.iter().find(|(_, found)| found.source.is_empty())
        && what.doing() != Doing::Delete
    {
        return Err(Exception::illegal_argument(format!(
            "[{}][{id}] didn't store _source",
            snapshot.name
        )));
    }
    // Sources and what is read of them.
    let bytes: usize = found.iter().map(|(_, found)| found.source.len()).sum();
    let _run = task.work.budget.take(bytes as u64 * 2, "<documents>")?;
    let mut writes: Vec<(String, Operation)> = Vec::new();
    for document in found {
        let id = document.0.clone();
        match what.write(&writer, &snapshot.name, document)? {
            Change::Write(index, operation) => writes.push((index, operation)),
            // A document that a pipeline drops counts as written, as in Elasticsearch.
            Change::Dropped => tally.updated += 1,
            Change::Noop => tally.noops += 1,
            Change::Refused(refusal) => {
                let place = (what.place(&snapshot.name), id.as_str());
                tally.refused(place, &refusal, options.proceed, writer.flavor);
            }
        }
    }
    for writes in writes.chunk_by(|left, right| left.0 == right.0) {
        written(&writer, writes, kind, options, tally, touched);
    }
    Ok(())
}

type Touched = std::collections::BTreeMap<String, std::sync::Arc<crate::index::Index>>;

/// Does writes that are all for one index.
fn written(
    writer: &Targets<'_>,
    writes: &[(String, Operation)],
    (doing, type_name): (Doing, Option<&str>),
    options: &ByQueryOptions,
    tally: &mut Tally,
    touched: &mut Touched,
) {
    let Some((name, first)) = writes.first() else { return };
    let creates = matches!(first.write, Write::Create { .. });
    let index = match doing {
        Doing::Reindex => {
            writer.check_append(name, creates).and_then(|()| writer.write(name, false))
        }
        Doing::Delete | Doing::Update => writer.existing_write(name, false),
    };
    let index = match index {
        Ok(index) => index,
        Err(refusal) => {
            for (name, operation) in writes {
                tally.refused((name, &operation.id), &refusal, options.proceed, writer.flavor);
            }
            return;
        }
    };
    touched.insert(index.uuid().to_owned(), std::sync::Arc::clone(&index));
    let operations: Vec<Operation> =
        writes.iter().map(|(_, operation)| operation.clone()).collect();
    let answers = super::run(writer, &index, type_name, operations);
    for ((_, operation), answer) in writes.iter().zip(answers) {
        match answer {
            Ok(written) => tally.done(written.outcome),
            Err(refusal) => {
                let place = (index.name(), operation.id.as_str());
                tally.refused(place, &refusal, options.proceed, writer.flavor);
            }
        }
    }
}

impl ByQueryOptions {
    /// Takes the options out of `body`, and reads those of the query string. `deletes`: a script that is null is refused.
    ///
    /// # Errors
    /// `illegal_argument_exception` and `action_request_validation_exception` in Elasticsearch's words.
    pub(super) fn take(
        body: &mut Map<String, Value>,
        query: &QueryParameters,
        deletes: bool,
    ) -> Result<ByQueryOptions, Exception> {
        let keys: &[&str] = match deletes {
            true => &["conflicts", "max_docs", "size", "script", "slice"],
            false => &["conflicts", "max_docs", "size", "slice"],
        };
        if let Some(key) = keys.iter().find(|key| body.get(**key).is_some_and(Value::is_null)) {
            let reason = format!("Unknown key for a VALUE_NULL in [{key}].");
            return Err(Exception::parsing(reason));
        }
        let slice = body.shift_remove("slice").map(|slice| one_slice(&slice)).transpose()?;
        let conflicts =
            body.shift_remove("conflicts").map(|value| crate::value::scalar::plain(&value));
        let conflicts = query.get("conflicts").map(str::to_owned).or(conflicts);
        let given = body.shift_remove("max_docs").or_else(|| body.shift_remove("size"));
        let given = given.as_ref().and_then(Value::as_i64);
        let asked = query.number("max_docs")?.or(query.number("size")?);
        let most = match (given, asked) {
            (Some(given), Some(asked)) if given != asked => {
                return Err(Exception::illegal_argument(format!(
                    "[max_docs] set to two different values [{given}] and [{asked}]"
                )));
            }
            (given, asked) => asked.or(given),
        };
        let rate = Pace::parse(query.get("requests_per_second"))?;
        query.flag("wait_for_completion", true)?;
        let slices = slices(query.get("slices"))?;
        let batch = query.number("scroll_size")?.and_then(|size| usize::try_from(size).ok());
        Ok(ByQueryOptions {
            proceed: proceeds(conflicts.as_deref())?,
            max_documents: max_documents(most)?,
            batch: batch.filter(|size| (1..=10_000).contains(size)).unwrap_or(BATCH),
            refresh: options::refresh(query.get("refresh"))? != Refresh::No,
            slices,
            slice,
            rate,
        })
    }
}

fn proceeds(conflicts: Option<&str>) -> Result<bool, Exception> {
    match conflicts {
        None | Some("abort") => Ok(false),
        Some("proceed") => Ok(true),
        Some(other) => Err(Exception::illegal_argument(format!(
            "conflicts may only be \"proceed\" or \"abort\" but was [{other}]"
        ))),
    }
}

fn max_documents(most: Option<i64>) -> Result<usize, Exception> {
    match most {
        None | Some(-1) => Ok(usize::MAX),
        Some(most) if most > 0 => Ok(usize::try_from(most).unwrap_or(usize::MAX)),
        Some(0) => Err(Exception::illegal_argument("[max_docs] should be >= [slices]")),
        Some(most) => Err(Exception::validation(&[format!(
            "maxDocs should be greater than 0 if the request is limited to some number of documents or -1 if it isn't but it was [{most}]"
        )])),
    }
}

fn slices(text: Option<&str>) -> Result<usize, Exception> {
    let read = match text {
        // As many as there are shards: one.
        None | Some("auto") => Some(1),
        Some(text) => text.parse().ok().filter(|slices| (1..=SLICES_MAX).contains(slices)),
    };
    read.ok_or_else(|| {
        let text = text.unwrap_or_default();
        Exception::illegal_argument(format!(
            "[slices] must be a positive integer or the string \"auto\", but was [{text}]"
        ))
    })
}

/// The `slice` of a body: `{"id": 0, "max": 2}`.
pub(super) fn one_slice(slice: &Value) -> Result<(usize, usize), Exception> {
    let number = |key: &str| slice.get(key).and_then(crate::value::scalar::count);
    let fault = |reason: &str| Exception::illegal_argument(reason);
    let Some(max) = number("max").filter(|max| *max > 1) else {
        return Err(fault("max must be greater than 1"));
    };
    match number("id") {
        Some(id) if id < max => Ok((id, max)),
        Some(_) => Err(fault("max must be greater than id")),
        None => Err(fault("id must be greater than or equal to 0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::{Flavor, parse, route};
    use crate::{Engine, EngineSettings, View, Work};
    use jiff::Timestamp;
    use serde_json::json;

    fn engine() -> Engine {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::Elasticsearch710,
            cluster_name: "c".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap();
        for number in 1..=5 {
            call(&engine, "PUT", &format!("/i/_doc/{number}"), &format!("{{\"a\": {number}}}"));
        }
        call(&engine, "POST", "/i/_refresh", "");
        engine
    }

    fn call(engine: &Engine, method: &str, url: &str, body: &str) -> (u16, Value) {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let route = route(method, path, query, Flavor::Elasticsearch710).unwrap();
        let kind = (!body.is_empty()).then_some("application/json");
        let parsed = match parse(route, kind, body.to_owned().into(), &Work::unbounded()) {
            Ok(parsed) => parsed,
            Err(refusal) => return (refusal.status(), refusal.body()),
        };
        let (view, now) = (View::everything("p"), Timestamp::UNIX_EPOCH);
        let answer = engine.execute(&parsed, &engine.metadata(), &view, now, &Work::unbounded());
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    #[test]
    fn a_deletion_by_query_deletes_what_matches() {
        let engine = engine();
        let body = r#"{"query": {"range": {"a": {"lte": 2}}}}"#;
        let (status, answer) = call(&engine, "POST", "/i/_delete_by_query?refresh=true", body);
        assert_eq!((status, &answer["total"], &answer["deleted"]), (200, &json!(2), &json!(2)));
        assert_eq!(answer["failures"], json!([]));
        assert_eq!(call(&engine, "GET", "/i/_count", "").1["count"], 3);
    }

    #[test]
    fn a_document_written_since_the_refresh_is_a_conflict() {
        let engine = engine();
        call(&engine, "PUT", "/i/_doc/3", r#"{"a": 33}"#);
        let all = r#"{"query": {"match_all": {}}}"#;
        let (status, answer) = call(&engine, "POST", "/i/_update_by_query", "");
        assert_eq!((status, &answer["version_conflicts"]), (409, &json!(1)));
        assert_eq!(answer["failures"][0]["cause"]["type"], "version_conflict_engine_exception");
        call(&engine, "POST", "/i/_refresh", "");
        call(&engine, "PUT", "/i/_doc/3", r#"{"a": 34}"#);
        let url = "/i/_delete_by_query?conflicts=proceed";
        let (status, answer) = call(&engine, "POST", url, all);
        assert_eq!((status, &answer["deleted"]), (200, &json!(4)));
        assert_eq!(call(&engine, "GET", "/i/_doc/3", "").1["_source"], json!({"a": 34}));
    }

    #[test]
    fn a_limit_is_kept_and_a_query_is_wanted() {
        let engine = engine();
        let all = r#"{"query": {"match_all": {}}}"#;
        let (_, answer) = call(&engine, "POST", "/i/_delete_by_query?max_docs=2", all);
        assert_eq!(answer["deleted"], 2);
        let (status, answer) = call(&engine, "POST", "/i/_delete_by_query", "{}");
        assert_eq!(status, 400);
        assert_eq!(answer["error"]["reason"], "Validation Failed: 1: query is missing;");
        let script = r#"{"query": {"match_all": {}}, "script": "x"}"#;
        assert_eq!(call(&engine, "POST", "/i/_update_by_query", script).0, 400);
    }
}
