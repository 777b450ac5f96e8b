//! Where a write meets the ingest pipelines: before its index is looked for.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::options::WriteOptions;
use super::target::Targets;
use super::{named, no_shards};
use crate::cluster::Metadata;
use crate::exception::Exception;
use crate::index::{Operation, Write, document_id};
use crate::ingest::{self, Ingested, Prepared, prepare};
use crate::rest::{Api, BulkAction, BulkItem, Json, ParsedBody, Route};
use crate::work::Work;

/// The id that is told of a dropped document that came without one.
const NO_ID: &str = "auto-generated";

impl Targets<'_> {
    /// What the pipelines make of a write: the one that is `asked` for, or those of its index.
    ///
    /// # Errors
    /// What a pipeline fails with.
    pub(super) fn ingest(
        &self,
        asked: Option<&str>,
        write: Prepared,
    ) -> Result<Ingested, Exception> {
        prepare(self.metadata, self.flavor, self.now, self.work, asked, write)
    }
}

/// Where the pipelines of a request for one document send it, if not to the index that it names: for whoever authorizes
/// it. None for other requests, and where nothing is sent elsewhere. Read and run as the write itself.
pub fn destination(
    metadata: &Metadata,
    now: Timestamp,
    work: &Work,
    route: &Route,
    body: &ParsedBody,
) -> Option<String> {
    let (create, ParsedBody::Json(json)) = (route.api == Api::Create, body) else { return None };
    if metadata.pipelines.is_empty() || !matches!(route.api, Api::Index | Api::Create) {
        return None;
    }
    let options = WriteOptions::of_route(route, create).ok()?;
    let meant = (route.part("index").unwrap_or_default(), options.pipeline.as_deref());
    ingest::destination(metadata, route.flavor, now, work, meant, || of_url(route, &options, json))
}

/// As [`destination`], of one item of a `_bulk`.
pub fn item_destination(
    metadata: &Metadata,
    now: Timestamp,
    work: &Work,
    route: &Route,
    item: &BulkItem,
) -> Option<String> {
    let (BulkAction::Index | BulkAction::Create, Some(Ok(json))) = (item.action, &item.source)
    else {
        return None;
    };
    if metadata.pipelines.is_empty() {
        return None;
    }
    let options = item_options(route, item).ok()?;
    let meant = (item.index.as_str(), options.pipeline.as_deref());
    ingest::destination(metadata, route.flavor, now, work, meant, || of_item(item, &options, json))
}

/// The options of one item; the URL may give the routing of all.
pub(super) fn item_options(route: &Route, item: &BulkItem) -> Result<WriteOptions, Exception> {
    let create = item.action == BulkAction::Create;
    let mut options = WriteOptions::of_item(&item.metadata, create)?;
    options.type_name.clone_from(&item.type_name);
    if options.routing.is_none() {
        options.routing = route.query.get("routing").map(str::to_owned);
    }
    Ok(options)
}

/// The write of one item, before its pipelines.
pub(super) fn of_item(item: &BulkItem, options: &WriteOptions, json: &Json) -> Prepared {
    meant((&item.index, item.id.as_deref()), options, json)
}

/// The write of a request for one document, before its pipelines.
pub(super) fn of_url(route: &Route, options: &WriteOptions, json: &Json) -> Prepared {
    meant((route.part("index").unwrap_or_default(), route.part("id")), options, json)
}

fn meant((index, id): (&str, Option<&str>), options: &WriteOptions, json: &Json) -> Prepared {
    Prepared {
        index: index.to_owned(),
        id: id.map(str::to_owned),
        routing: options.routing.clone(),
        precondition: options.precondition,
        raw: json.raw.clone(),
        value: json.value.clone(),
    }
}

/// The operation of a write, with an id if it has none.
pub(super) fn operation(targets: &Targets<'_>, write: Prepared, create: bool) -> Operation {
    let Prepared { id, routing, precondition, raw, value, .. } = write;
    let fresh = id.is_none();
    let write = match create || fresh {
        true => Write::Create { raw, value },
        false => Write::Index { raw, value },
    };
    let id = id.unwrap_or_else(|| document_id(targets.milliseconds()));
    Operation { id, routing, precondition, write }
}

/// The answer about a document that a pipeline dropped; `fresh`: it must not have been there.
pub(super) fn dropped(
    index: &str,
    type_name: Option<&str>,
    id: Option<&str>,
    fresh: bool,
) -> Map<String, Value> {
    let mut body = named(index, type_name, id.unwrap_or(NO_ID));
    body.insert("_version".into(), if fresh { -4 } else { -3 }.into());
    body.insert("result".into(), "noop".into());
    body.insert("_shards".into(), no_shards());
    body
}
