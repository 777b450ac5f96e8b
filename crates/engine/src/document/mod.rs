//! Documents: index, create, get, update, delete, `_bulk` and `_mget`, with Elasticsearch's answers.
//!
//! [`execute`] runs one parsed request on the metadata snapshot it was authorized on and touches only what its [`View`]
//! lets it touch. Many writes to one index become one run under the index's lock and one fsync.

mod bulk;
pub(crate) mod by_query;
mod get;
mod mget;
mod options;
mod routing;
mod target;
#[cfg(test)]
mod tests;
mod update;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::cluster::metadata::Metadata;
use crate::exception::Exception;
use crate::index::{Index, Indices, Operation, Outcome, Write, Written, document_id};
use crate::mapping::parsed::failed_to_parse;
use crate::rest::{Api, Body, Flavor, Json, Parsed, Route};
use crate::view::View;
use crate::work::Work;
use options::{Refresh, WriteOptions};
use target::Targets;

/// Status and body of an answer.
pub type Answer = (u16, Bytes);

/// Runs a document request: `Index`, `Create`, `Get`, `Exists`, `GetSource`, `ExistsSource`, `Update`, `Delete`, `Bulk`,
/// `Mget`; 501 for any other. Writes are on disk when this returns.
///
/// # Errors
/// The exception Elasticsearch answers the whole request with; items fail on their own inside the answer.
pub fn execute(
    parsed: &Parsed,
    metadata: &Metadata,
    view: &View,
    indices: &Indices,
    now: Timestamp,
    work: &Work,
) -> Result<Answer, Exception> {
    let targets = Targets { metadata, view, indices, now, work };
    let route = &parsed.route;
    match (route.api, &parsed.body) {
        (Api::Get, _) => get::get(&targets, route),
        (Api::Exists, _) => get::exists(&targets, route),
        (Api::GetSource, _) => get::source(&targets, route),
        (Api::ExistsSource, _) => {
            get::source(&targets, route).map(|(status, _)| (status, Bytes::new()))
        }
        (Api::Index, Body::Json(json)) => index(&targets, route, json, false),
        (Api::Create, Body::Json(json)) => index(&targets, route, json, true),
        (Api::Delete, _) => delete(&targets, route),
        (Api::Update, Body::Json(json)) => update::execute(&targets, route, json),
        (Api::Bulk, Body::Bulk(items)) => bulk::execute(&targets, route, items),
        (Api::Mget, Body::Mget(items)) => mget::execute(&targets, route, items),
        (Api::Index | Api::Create | Api::Update | Api::Bulk | Api::Mget, _) => Err(Exception::new(
            crate::exception::ExceptionKind::ElasticsearchParse,
            "request body is required",
        )),
        (other, _) => Err(Exception::not_implemented(other.name())),
    }
}

fn index(
    targets: &Targets<'_>,
    route: &Route,
    json: &Json,
    create: bool,
) -> Result<Answer, Exception> {
    let options = WriteOptions::of_query(&route.query, create)?;
    let given = route.part("id").map(str::to_owned);
    options.check_id(given.as_deref())?;
    let index = targets.write(route.part("index").unwrap_or_default(), options.require_alias)?;
    let fresh = given.is_none();
    let id = given.unwrap_or_else(|| document_id(targets.milliseconds()));
    let (raw, value) = (json.raw.clone(), json.value.clone());
    let write = match options.create || fresh {
        true => Write::Create { raw, value },
        false => Write::Index { raw, value },
    };
    let operation = Operation {
        id,
        routing: options.routing.clone(),
        precondition: options.precondition,
        write,
    };
    let written = one(targets, &index, operation)?;
    answer(targets, &index, route.flavor, &options, written)
}

fn delete(targets: &Targets<'_>, route: &Route) -> Result<Answer, Exception> {
    let options = WriteOptions::of_query(&route.query, false)?;
    let name = route.part("index").unwrap_or_default();
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
        None => one(targets, &index, operation)?,
    };
    answer(targets, &index, route.flavor, &options, written)
}

/// Runs one operation.
fn one(targets: &Targets<'_>, index: &Index, operation: Operation) -> Result<Written, Exception> {
    let lost = || Exception::new(crate::exception::ExceptionKind::IllegalState, "no answer");
    let mut answers = index.write_within(vec![operation], targets.milliseconds(), targets.work);
    answers.pop().unwrap_or_else(|| Err(lost()))
}

/// Refreshes if asked, and prints what came of a write.
fn answer(
    targets: &Targets<'_>,
    index: &Index,
    flavor: Flavor,
    options: &WriteOptions,
    written: Written,
) -> Result<Answer, Exception> {
    if options.refresh != Refresh::No {
        index.refresh()?;
    }
    let shards = targets.shards(index);
    let body = printed(index, flavor, options.refresh, &written, &shards);
    Ok((written.outcome.status(), Value::Object(body).to_string().into()))
}

/// The JSON of a write, as Elasticsearch orders it.
fn printed(
    index: &Index,
    flavor: Flavor,
    refresh: Refresh,
    written: &Written,
    shards: &Value,
) -> Map<String, Value> {
    let mut body = named(index.name(), flavor, &written.id);
    body.insert("_version".into(), written.version.into());
    body.insert("result".into(), written.outcome.name().into());
    if refresh == Refresh::Now && written.outcome != Outcome::Noop {
        body.insert("forced_refresh".into(), true.into());
    }
    body.insert("_shards".into(), shards.clone());
    body.insert("_seq_no".into(), written.seq_no.into());
    body.insert("_primary_term".into(), written.primary_term.into());
    body
}

/// `_index`, `_type` where there still are types, `_id`.
fn named(index: &str, flavor: Flavor, id: &str) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("_index".into(), index.into());
    if flavor == Flavor::Elasticsearch710 {
        body.insert("_type".into(), "_doc".into());
    }
    body.insert("_id".into(), id.into());
    body
}

/// A noop wrote to no shard.
fn no_shards() -> Value {
    json!({"total": 0, "successful": 0, "failed": 0})
}

/// A body that is not JSON, as the document parser reports it.
fn unreadable(cause: &Exception) -> Exception {
    failed_to_parse(cause.clone())
}
