//! Documents: index, create, get, update, delete, `_bulk` and `_mget`, with Elasticsearch's answers.
//!
//! Each function here is the handler of one API: it runs on the metadata snapshot that the request was authorized on and
//! touches only what its [`View`](crate::View) lets it touch. Many writes to one index become one run under the index's
//! lock and one fsync. Writes are on disk when a handler returns.

mod bulk;
mod by_query;
mod get;
mod ingest;
mod lookups;
mod mget;
mod options;
mod percolator;
mod permitted;
mod progress;
mod read;
mod reindex;
mod scripted;
mod tally;
mod target;
mod termvectors;
#[cfg(test)]
mod tests;
mod update;

pub(crate) use bulk::bulk;
pub(crate) use by_query::{by_query, check_by_query};
pub use ingest::{destination, item_destination};

pub(crate) use get::{explained, get, get_at_hand};
pub(crate) use lookups::{may_name_documents, resolved as with_documents};
pub(crate) use mget::mget;
pub(crate) use reindex::{check_reindex, reindex};
pub(crate) use termvectors::{mtermvectors, termvectors};
pub(crate) use update::update;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{Index, Operation, Write, WriteOutcome, Written};
use crate::ingest::Ingested;
use crate::response::Response;
use crate::rest::ParsedBody;
use crate::rest::execute::Task;
use options::{Refresh, WriteOptions};
use target::Targets;

/// `PUT /{index}/_doc/{id}`.
pub(crate) fn index(task: &Task<'_>) -> Answer {
    write(task, false)
}

/// `PUT /{index}/_create/{id}`.
pub(crate) fn create(task: &Task<'_>) -> Answer {
    write(task, true)
}

fn write(task: &Task<'_>, create: bool) -> Answer {
    let (targets, route) = (Targets::of(task), &task.parsed.route);
    let ParsedBody::Json(json) = &task.parsed.body else { return Err(body_required()) };
    let options = WriteOptions::of_route(route, create)?;
    let given = route.part("id").map(str::to_owned);
    options.check_id(given.as_deref())?;
    let prepared = ingest::of_url(route, &options, json);
    let name = prepared.index.clone();
    let (Ingested::Unchanged(prepared) | Ingested::Changed(prepared)) =
        targets.ingest(options.pipeline.as_deref(), prepared)?
    else {
        let fresh = given.is_none() || create;
        let body = ingest::dropped(&name, route.type_name(), given.as_deref(), fresh);
        return Ok(Response::json(200, &Value::Object(body)));
    };
    targets.check_append(&prepared.index, options.create || given.is_none())?;
    let index = targets.write(&prepared.index, options.require_alias)?;
    let operation = ingest::operation(&targets, prepared, options.create);
    let written = one(&targets, &index, options.type_name.as_deref(), operation)?;
    answer(&targets, &index, &options, &written)
}

/// `DELETE /{index}/_doc/{id}`.
pub(crate) fn delete(task: &Task<'_>) -> Answer {
    let (targets, route) = (Targets::of(task), &task.parsed.route);
    let options = WriteOptions::of_route(route, false)?;
    let name = route.part("index").unwrap_or_default();
    targets.check_append(name, false)?;
    // Elasticsearch creates the index only for external versions, which must be remembered somewhere.
    let index = match options.is_external() {
        true => targets.write(name, options.require_alias)?,
        false => targets.existing_write(name, options.require_alias)?,
    };
    let operation = Operation {
        id: route.part("id").unwrap_or_default().to_owned(),
        routing: options.routing.clone(),
        precondition: options.precondition,
        write: Write::Delete,
    };
    let written = match targets.elsewhere(&index, &operation.id, options.routing.as_deref())? {
        Some(written) => written,
        None => one(&targets, &index, options.type_name.as_deref(), operation)?,
    };
    answer(&targets, &index, &options, &written)
}

/// The refusal of a request that came without the body it needs; the parser lets none come so far.
fn body_required() -> Exception {
    Exception::new(ExceptionKind::ElasticsearchParse, "request body is required")
}

/// Runs one operation on a document of the type `type_name`.
fn one(
    targets: &Targets<'_>,
    index: &Index,
    type_name: Option<&str>,
    operation: Operation,
) -> Result<Written, Exception> {
    let mut answers = run(targets, index, type_name, vec![operation]);
    answers.pop().unwrap_or_else(|| Err(lost()))
}

/// Runs operations on one index, on documents of the type `type_name`: the one way from any request to what is written. An
/// answer for each, in their order.
fn run(
    targets: &Targets<'_>,
    index: &Index,
    type_name: Option<&str>,
    operations: Vec<Operation>,
) -> Vec<Result<Written, Exception>> {
    let write = |operations| {
        index.write_within(operations, type_name, targets.milliseconds(), targets.work)
    };
    let snapshot = index.snapshot();
    let mapping = &snapshot.mapping;
    if let Some(restriction) = targets.view.restriction(index.uuid()) {
        // One after the other: what the next replaces is what this one leaves.
        let one = |operation: Operation| {
            percolator::check(mapping, &operation.write)?;
            permitted::write(targets, index, restriction, operation, write)
        };
        return operations.into_iter().map(one).collect();
    }
    if mapping.percolators().is_empty() {
        return write(operations);
    }
    let check = |operation: &Operation| percolator::check(mapping, &operation.write);
    let checked: Vec<_> = operations.iter().map(check).collect();
    let sound = operations.into_iter().zip(&checked).filter(|(_, checked)| checked.is_ok());
    let mut answers = write(sound.map(|(operation, _)| operation).collect()).into_iter();
    checked
        .into_iter()
        .map(|checked| checked.and_then(|()| answers.next().unwrap_or_else(|| Err(lost()))))
        .collect()
}

/// What no operation should meet.
fn lost() -> Exception {
    Exception::new(ExceptionKind::IllegalState, "no answer")
}

/// Refreshes if asked, and prints what came of a write.
fn answer(
    targets: &Targets<'_>,
    index: &Index,
    options: &WriteOptions,
    written: &Written,
) -> Answer {
    if options.refresh != Refresh::No {
        index.refresh()?;
    }
    let printed = PrintedWrite {
        index: index.name(),
        type_name: options.type_name.as_deref(),
        refresh: options.refresh,
        written,
        shards: &targets.shards(index),
        get: None,
        status: None,
    };
    printed.response()
}

/// What came of a write, as Elasticsearch orders it.
struct PrintedWrite<'a> {
    index: &'a str,
    type_name: Option<&'a str>,
    refresh: Refresh,
    written: &'a Written,
    shards: &'a Value,
    /// What an update shows of the document.
    get: Option<Value>,
    /// Of an item, which has no status line.
    status: Option<u16>,
}

impl PrintedWrite<'_> {
    fn text(&self) -> Result<String, Exception> {
        serde_json::to_string(self)
            .map_err(|error| Exception::new(ExceptionKind::IllegalState, error.to_string()))
    }

    fn response(&self) -> Answer {
        Ok(Response::printed(self.written.outcome.status(), self.text()?.into()))
    }
}

impl Serialize for PrintedWrite<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = self.written;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("_index", self.index)?;
        if let Some(type_name) = self.type_name {
            map.serialize_entry("_type", type_name)?;
        }
        map.serialize_entry("_id", &written.id)?;
        map.serialize_entry("_version", &written.version)?;
        map.serialize_entry("result", written.outcome.name())?;
        if self.refresh == Refresh::Now && written.outcome != WriteOutcome::Noop {
            map.serialize_entry("forced_refresh", &true)?;
        }
        map.serialize_entry("_shards", self.shards)?;
        map.serialize_entry("_seq_no", &written.seq_no)?;
        map.serialize_entry("_primary_term", &written.primary_term)?;
        if let Some(get) = &self.get {
            map.serialize_entry("get", get)?;
        }
        if let Some(status) = self.status {
            map.serialize_entry("status", &status)?;
        }
        map.end()
    }
}

/// `_index`, `_type` where there still are types, `_id`.
fn named(index: &str, type_name: Option<&str>, id: &str) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("_index".into(), index.into());
    if let Some(type_name) = type_name {
        body.insert("_type".into(), type_name.into());
    }
    body.insert("_id".into(), id.into());
    body
}

/// A noop wrote to no shard.
fn no_shards() -> Value {
    json!({"total": 0, "successful": 0, "failed": 0})
}
