//! `GET index/_doc/id`, `_source`, and their `HEAD`s.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::target::Targets;
use super::{named, read};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{FoundDocument, Index, Snapshot};
use crate::mapping::type_name::DOC;
use crate::response::Response;
use crate::rest::execute::Task;
use crate::rest::{QueryParameters, Route};
use crate::search::SourceFilter;
use crate::search::shown_fields::{not_a_leaf, stored_values};

/// What a read is told beside the id.
pub(super) struct ReadOptions {
    pub(super) realtime: bool,
    pub(super) refresh: bool,
    pub(super) filter: SourceFilter,
    /// Whether the request says what it wants of the source, so that stored fields do not take its place.
    pub(super) source_asked: bool,
    /// The version the document must have.
    pub(super) version: Option<u64>,
    /// `stored_fields`: shown instead of the source, unless that is among them.
    pub(super) stored_fields: Option<Vec<String>>,
    pub(super) routing: Option<String>,
    /// The type that the document must be of: nothing is found of another.
    pub(super) type_name: Option<String>,
}

impl ReadOptions {
    /// A read of all of the source.
    pub(super) fn plain(
        realtime: bool,
        version: Option<u64>,
        routing: Option<String>,
    ) -> ReadOptions {
        let filter = SourceFilter::default();
        ReadOptions {
            realtime,
            refresh: false,
            filter,
            source_asked: false,
            version,
            stored_fields: None,
            routing,
            type_name: None,
        }
    }

    /// Reads the query string.
    ///
    /// # Errors
    /// `illegal_argument_exception` in Elasticsearch's words.
    pub(super) fn of_query(query: &QueryParameters) -> Result<ReadOptions, Exception> {
        if query.get("fields").is_some() {
            return Err(Exception::illegal_argument(
                "the parameter [fields] is no longer supported, please use [stored_fields] to retrieve stored fields or [_source] to load the field from _source",
            ));
        }
        let version = match query.get("version") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                Exception::illegal_argument(format!(
                    "Failed to parse long parameter [version] with value [{text}]"
                ))
            })?),
        };
        Ok(ReadOptions {
            realtime: query.flag("realtime", true)?,
            refresh: query.flag("refresh", false)?,
            filter: source_filter(query),
            source_asked: query.get("_source").is_some(),
            version,
            stored_fields: query
                .list("stored_fields")
                .map(|names| names.into_iter().map(str::to_owned).collect()),
            routing: query.get("routing").map(str::to_owned),
            type_name: None,
        })
    }
}

/// The source filter of a write's answer, where the query string asks for one.
pub(super) fn asked_source(query: &QueryParameters) -> Option<SourceFilter> {
    let asked = ["_source", "_source_includes", "_source_excludes"];
    asked.iter().any(|name| query.get(name).is_some()).then(|| source_filter(query))
}

/// The source filter of `_source`, `_source_includes` and `_source_excludes`.
pub(super) fn source_filter(query: &QueryParameters) -> SourceFilter {
    let list = |name: &str| -> Option<Vec<String>> {
        Some(query.list(name)?.into_iter().map(str::to_owned).collect())
    };
    let mut filter = SourceFilter::default();
    match query.get("_source") {
        None | Some("" | "true") => {}
        Some("false") => filter.enabled = false,
        Some(_) => filter.includes = list("_source").unwrap_or_default(),
    }
    if let Some(includes) = list("_source_includes") {
        filter.includes = includes;
    }
    if let Some(excludes) = list("_source_excludes") {
        filter.excludes = excludes;
    }
    filter
}

/// `GET /{index}/_doc/{id}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let (targets, route) = (Targets::of(task), &task.parsed.route);
    let (index, id, options) = asked(&targets, route)?;
    let found = find(&targets, &index, &id, &options)?;
    let status = if found.is_some() { 200 } else { 404 };
    let body = printed(
        &targets.shown(&index),
        options.type_name.as_deref(),
        &id,
        found.as_ref(),
        &options,
    )?;
    Ok(Response::printed(status, body.into()))
}

/// `HEAD /{index}/_doc/{id}`.
pub(crate) fn exists(task: &Task<'_>) -> Answer {
    let targets = Targets::of(task);
    let (index, id, options) = asked(&targets, &task.parsed.route)?;
    let status = if find(&targets, &index, &id, &options)?.is_some() { 200 } else { 404 };
    Ok(Response::printed(status, Bytes::new()))
}

/// `HEAD /{index}/_source/{id}`.
pub(crate) fn exists_source(task: &Task<'_>) -> Answer {
    get_source(task).map(|found| Response::printed(found.status, Bytes::new()))
}

/// `GET /{index}/_source/{id}`.
pub(crate) fn get_source(task: &Task<'_>) -> Answer {
    let (targets, route) = (Targets::of(task), &task.parsed.route);
    if !source_filter(&route.query).enabled {
        return Err(Exception::validation(&["fetching source can not be disabled"]));
    }
    let (index, id, options) = asked(&targets, route)?;
    let found = find(&targets, &index, &id, &options)?;
    let was_found = found.is_some();
    let found = found.map(|found| as_shown(&targets.shown(&index), &found));
    match found.filter(|found| !found.source.is_empty()) {
        Some(found) => Ok(Response::printed(200, shown(&found, &options.filter)?)),
        None => {
            let kind = route.type_name().map(|name| format!("/[{name}]")).unwrap_or_default();
            Err(Exception::new(
                ExceptionKind::ResourceNotFound,
                format!(
                    "{} not found [{}]{kind}/[{id}]",
                    if was_found { "Source" } else { "Document" },
                    index.name()
                ),
            ))
        }
    }
}

fn asked(
    targets: &Targets<'_>,
    route: &Route,
) -> Result<(std::sync::Arc<Index>, String, ReadOptions), Exception> {
    let mut options = ReadOptions::of_query(&route.query)?;
    let index = targets.read(route.part("index").unwrap_or_default())?;
    options.type_name = match route.type_name() {
        Some("_all") => Some(targets.type_name(&index).unwrap_or_else(|| DOC.to_owned())),
        asked => asked.map(str::to_owned),
    };
    Ok((index, route.part("id").unwrap_or_default().to_owned(), options))
}

/// What `_explain` shows of the document `id` under `get`; `None` where nothing of it was asked for.
///
/// # Errors
/// As [`get`].
pub(crate) fn explained(task: &Task<'_>, id: &str) -> Result<Option<Value>, Exception> {
    let (targets, query) = (Targets::of(task), &task.parsed.route.query);
    let names = ["_source", "_source_includes", "_source_excludes", "stored_fields"];
    if !names.iter().any(|name| query.get(name).is_some()) {
        return Ok(None);
    }
    let (index, _, options) = asked(&targets, &task.parsed.route)?;
    let Some(found) = find(&targets, &index, id, &options)? else { return Ok(None) };
    let text = printed(&targets.shown(&index), None, id, Some(&found), &options)?;
    let mut shown: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
    for name in ["_index", "_id", "_version"] {
        shown.remove(name);
    }
    Ok(Some(shown.into()))
}

/// The document, if it is there and of the version asked for.
pub(super) fn find(
    targets: &Targets<'_>,
    index: &Index,
    id: &str,
    options: &ReadOptions,
) -> Result<Option<FoundDocument>, Exception> {
    if options.refresh {
        index.refresh()?;
    }
    let found = read::read(targets, index, id, options.realtime)?;
    let asked = options.routing.as_deref();
    let found = found.filter(|found| targets.reaches(index, id, found, asked));
    let found = match &options.type_name {
        Some(name) if !targets.is_of_type(index, name) => None,
        _ => found,
    };
    if let (Some(found), Some(version)) = (&found, options.version)
        && found.version != version
    {
        return Err(Exception::new(
            ExceptionKind::VersionConflict,
            format!(
                "[{id}]: version conflict, current version [{}] is different than the one provided [{version}]",
                found.version
            ),
        )
        .with("index_uuid", index.uuid())
        .with("shard", "0")
        .with("index", index.name()));
    }
    Ok(found)
}

/// One document of an index, as the caller sees that, as `GET` and `_mget` print it; its source as it came unless parts of it are asked for.
pub(super) fn printed(
    snapshot: &Snapshot,
    type_name: Option<&str>,
    id: &str,
    found: Option<&FoundDocument>,
    options: &ReadOptions,
) -> Result<String, Exception> {
    let mut head = named(&snapshot.name, type_name, id);
    let Some(found) = found else {
        head.insert("found".into(), false.into());
        return Ok(Value::Object(head).to_string());
    };
    head.insert("_version".into(), found.version.into());
    stamp(&mut head, found);
    // Without its source and stored fields nothing that is stored is read.
    if options.filter.enabled || options.stored_fields.is_some() {
        if let Some(routing) = &found.routing {
            head.insert("_routing".into(), routing.clone().into());
        }
        let ignored = ignored(snapshot, found)?;
        if !ignored.is_empty() {
            head.insert("_ignored".into(), ignored.into());
        }
    }
    head.insert("found".into(), true.into());
    let mut hidden = !options.filter.enabled;
    if let Some(names) = &options.stored_fields {
        let fields = stored_fields(snapshot, found, names)?;
        if !fields.is_empty() {
            head.insert("fields".into(), Value::Object(fields));
        }
        let asked = options.source_asked || names.iter().any(|name| name == "_source");
        hidden |= options.filter.is_everything() && !asked;
    }
    let head = Value::Object(head).to_string();
    let found = as_shown(snapshot, found);
    if hidden || found.source.is_empty() {
        return Ok(head);
    }
    let source = shown(&found, &options.filter)?;
    let open = head.strip_suffix('}').unwrap_or(&head);
    Ok(format!("{open},\"_source\":{}}}", String::from_utf8_lossy(&source)))
}

/// The fields of which a malformed value was left out.
fn ignored(snapshot: &Snapshot, found: &FoundDocument) -> Result<Vec<String>, Exception> {
    let may = snapshot.mapping.leaves().any(|leaf| leaf.kind.ignores_malformed());
    if !may || found.source.is_empty() {
        return Ok(Vec::new());
    }
    crate::mapping::parsed::ignored(&snapshot.mapping, &source_value(found)?)
}

/// The values of those `names` whose mapping says `store: true`, read from the source.
fn stored_fields(
    snapshot: &Snapshot,
    found: &FoundDocument,
    names: &[String],
) -> Result<Map<String, Value>, Exception> {
    let mut fields = Map::new();
    for name in names {
        if snapshot.mapping.is_object(name) {
            return Err(not_a_leaf(name));
        }
        let stored =
            snapshot.mapping.leaf(name).filter(|leaf| snapshot.mapping.is_stored(&leaf.path));
        let Some(leaf) = stored else { continue };
        let values = stored_values(snapshot, leaf, &source_value(found)?)?;
        if !values.is_empty() {
            fields.insert(name.clone(), Value::Array(values));
        }
    }
    Ok(fields)
}

/// A document as the `_source` of the mapping shows it.
pub(super) fn as_shown(snapshot: &Snapshot, found: &FoundDocument) -> FoundDocument {
    let source = snapshot.mapping.shown_source(&found.source);
    FoundDocument { source, routing: found.routing.clone(), ..*found }
}

/// `_seq_no` and `_primary_term`.
pub(super) fn stamp(body: &mut Map<String, Value>, found: &FoundDocument) {
    body.insert("_seq_no".into(), found.seq_no.into());
    body.insert("_primary_term".into(), found.primary_term.into());
}

/// The part of the source that `filter` lets through.
pub(super) fn shown(found: &FoundDocument, filter: &SourceFilter) -> Result<Bytes, Exception> {
    if filter.is_everything() {
        return Ok(found.source.clone());
    }
    Ok(filter.apply(&source_value(found)?).to_string().into())
}

/// The source as a value.
pub(super) fn source_value(found: &FoundDocument) -> Result<Value, Exception> {
    serde_json::from_slice(&found.source).map_err(|error| {
        Exception::new(ExceptionKind::IllegalState, format!("stored source: {error}"))
    })
}
