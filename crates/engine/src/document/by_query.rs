//! `_delete_by_query` and `_update_by_query`: what a search finds on the last refresh is deleted, or written again as it
//! is, each on the condition that nobody wrote it since. Source: Elasticsearch 7.10, "Delete by query API" and
//! "Update by query API". Scripts, slices of one's own, throttling and running in the background answer 501.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::options::{self, Refresh};
use super::read;
use super::target::Targets;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{FoundDocument, Index, Operation, Precondition, Write};
use crate::response::Response;
use crate::rest::execute::Task;
use crate::rest::execute::search::targets_of;
use crate::search::SearchRequest;
use crate::work::Work;

/// Documents of one batch unless `scroll_size` says otherwise (Elasticsearch: 1000).
const BATCH: usize = 1000;

/// What is asked beside the query.
struct ByQueryOptions {
    proceed: bool,
    max_documents: usize,
    batch: usize,
    refresh: bool,
}

/// What came of it.
#[derive(Default)]
struct Tally {
    total: usize,
    written: usize,
    batches: usize,
    conflicts: usize,
    failures: Vec<Value>,
    status: u16,
}

/// `POST /{index}/_delete_by_query`.
pub(crate) fn delete_by_query(task: &Task<'_>) -> Answer {
    by_query(task, true)
}

/// `POST /{index}/_update_by_query`.
pub(crate) fn update_by_query(task: &Task<'_>) -> Answer {
    by_query(task, false)
}

/// Runs either API.
///
/// # Errors
/// What the query refuses; `action_request_validation_exception` for a deletion without a query; 501.
fn by_query(task: &Task<'_>, deletes: bool) -> Answer {
    let begun = task.engine.tick(task.now);
    let (body, options) = read(task, deletes)?;
    let request = SearchRequest::parse(Some(&body), &task.parsed.route.query)?;
    let Some(query) = request.query.or_else(|| (!deletes).then_some(crate::dsl::Query::all()))
    else {
        return Err(Exception::validation(&["query is missing"]));
    };
    let found = targets_of(task)?;
    let mut tally = Tally::default();
    let writer = Targets::of(task);
    for target in &found {
        let index = writer.existing_write(&target.snapshot().name, false)?;
        if !deletes {
            read::check_rewrite(&writer, index.uuid())?;
        }
        let mut held = task.work.holds("<documents>");
        let searches = &task.engine.searches;
        let mut addresses = searches.matching(target, &query, task.now, task.work, &mut held)?;
        addresses.truncate(options.max_documents.saturating_sub(tally.total));
        for batch in addresses.chunks(options.batch) {
            let documents = target.snapshot().documents(batch, &task.work.cancel)?;
            if let Some((id, _)) = documents.iter().find(|(_, found)| found.source.is_empty())
                && !deletes
            {
                return Err(Exception::illegal_argument(format!(
                    "[{}][{id}] didn't store _source",
                    index.name()
                )));
            }
            // Sources and what is read of them.
            let bytes: usize = documents.iter().map(|(_, found)| found.source.len()).sum();
            let _batch = task.work.budget.take(bytes as u64 * 2, "<documents>")?;
            let now = task.now.as_millisecond();
            run(&index, documents, deletes, now, &options, &mut tally, task.work);
            // What was written stays; nothing after it is begun.
            task.work.check()?;
            if !tally.failures.is_empty() {
                break;
            }
        }
        if options.refresh {
            index.refresh()?;
        }
    }
    let took = task.engine.milliseconds_since(begun);
    Ok(Response::json(tally.status.max(200), &tally.printed(deletes, took)))
}

fn read(task: &Task<'_>, deletes: bool) -> Result<(Value, ByQueryOptions), Exception> {
    let query = &task.parsed.route.query;
    let refused = |what: &str| Err(Exception::not_implemented(what));
    let mut conflicts = query.get("conflicts").map(str::to_owned);
    let mut most = query.number("max_docs")?.or(query.number("size")?);
    let mut body = task.body().as_object().cloned().unwrap_or_default();
    for key in ["conflicts", "max_docs", "size", "script", "slice"] {
        match (key, body.shift_remove(key)) {
            (_, None) => {}
            // An update that does nothing to its documents writes them again.
            ("script", Some(Value::Null)) if !deletes => {}
            (other, Some(Value::Null)) => {
                return Err(Exception::parsing(format!(
                    "Unknown key for a VALUE_NULL in [{other}]."
                )));
            }
            ("conflicts", Some(value)) => conflicts = Some(crate::value::scalar::plain(&value)),
            ("max_docs" | "size", Some(value)) => most = value.as_i64(),
            (other, Some(_)) => return refused(&format!("{other} in a request by query")),
        }
    }
    if deletes && body.get("query").is_none() && query.get("q").is_none() {
        return Err(Exception::validation(&["query is missing"]));
    }
    if let Some(pipeline) = query.get("pipeline") {
        return refused(&format!("ingest pipeline {pipeline}"));
    }
    if !query.flag("wait_for_completion", true)? {
        return refused("wait_for_completion=false");
    }
    if query.get("requests_per_second").is_some_and(|rate| rate != "-1") {
        return refused("requests_per_second");
    }
    let proceed = match conflicts.as_deref() {
        None | Some("abort") => false,
        Some("proceed") => true,
        Some(other) => {
            return Err(Exception::illegal_argument(format!(
                "conflicts may only be \"proceed\" or \"abort\" but was [{other}]"
            )));
        }
    };
    let max_documents = match most {
        None | Some(-1) => usize::MAX,
        Some(most) if most > 0 => usize::try_from(most).unwrap_or(usize::MAX),
        Some(most) => {
            return Err(Exception::validation(&[format!(
                "maxDocs should be greater than 0 if the request is limited to some number of documents or -1 if it isn't but it was [{most}]"
            )]));
        }
    };
    let batch = query.number("scroll_size")?.and_then(|size| usize::try_from(size).ok());
    let options = ByQueryOptions {
        proceed,
        max_documents,
        batch: batch.filter(|size| (1..=10_000).contains(size)).unwrap_or(BATCH),
        refresh: options::refresh(query.get("refresh"))? != Refresh::No,
    };
    Ok((Value::Object(body), options))
}

/// Runs one batch.
fn run(
    index: &Index,
    documents: Vec<(String, FoundDocument)>,
    deletes: bool,
    now: i64,
    options: &ByQueryOptions,
    tally: &mut Tally,
    work: &Work,
) {
    tally.batches += 1;
    tally.total += documents.len();
    let operation = |(id, found): (String, FoundDocument)| Operation {
        id,
        routing: found.routing,
        precondition: Precondition::SeqNo {
            seq_no: found.seq_no,
            primary_term: found.primary_term,
        },
        write: match deletes {
            true => Write::Delete,
            false => again(found.source),
        },
    };
    let operations: Vec<Operation> = documents.into_iter().map(operation).collect();
    let ids: Vec<String> = operations.iter().map(|operation| operation.id.clone()).collect();
    for (id, answer) in ids.iter().zip(index.write_within(operations, now, work)) {
        let Err(refusal) = answer else {
            tally.written += 1;
            continue;
        };
        let conflict = refusal.kind() == ExceptionKind::VersionConflict;
        tally.conflicts += usize::from(conflict);
        if !(conflict && options.proceed) {
            tally.status = tally.status.max(refusal.status());
            tally.failures.push(json!({
                "index": index.name(), "type": "_doc", "id": id,
                "cause": refusal.item(), "status": refusal.status(),
            }));
        }
    }
}

/// The document as it is.
fn again(source: Bytes) -> Write {
    let value = serde_json::from_slice(&source).unwrap_or_default();
    Write::Index { raw: source, value }
}

impl Tally {
    fn printed(self, deletes: bool, took: u64) -> Value {
        let mut out = Map::new();
        out.insert("took".into(), took.into());
        out.insert("timed_out".into(), false.into());
        out.insert("total".into(), self.total.into());
        if deletes {
            out.insert("deleted".into(), self.written.into());
        } else {
            out.insert("updated".into(), self.written.into());
            out.insert("deleted".into(), 0.into());
        }
        out.insert("batches".into(), self.batches.into());
        out.insert("version_conflicts".into(), self.conflicts.into());
        out.insert("noops".into(), 0.into());
        out.insert("retries".into(), json!({"bulk": 0, "search": 0}));
        out.insert("throttled_millis".into(), 0.into());
        out.insert("requests_per_second".into(), json!(-1.0));
        out.insert("throttled_until_millis".into(), 0.into());
        out.insert("failures".into(), self.failures.into());
        Value::Object(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::{Flavor, parse, route};
    use crate::{Engine, EngineSettings, View, Work};
    use jiff::Timestamp;

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
        assert_eq!(call(&engine, "POST", "/i/_update_by_query", script).0, 501);
    }
}
