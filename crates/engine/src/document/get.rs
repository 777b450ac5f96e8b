//! `GET index/_doc/id`, `_source`, and their `HEAD`s.

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::read;
use super::target::Targets;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{FoundDocument, Index, Snapshot};
use crate::mapping::type_name::DOC;
use crate::response::Response;
use crate::rest::execute::Task;
use crate::rest::{Api, QueryParameters, Route};
use crate::search::SourceFilter;
use crate::search::shown_fields::{not_a_leaf, stored_values};
use crate::value::raw::RawJson;

/// Names and patterns of fields that are compared where the request came in.
const PATTERNS_AT_HAND_MAX: usize = 16;

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

/// `GET /{index}/_doc/{id}`, `HEAD`, and those of `_source`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let asked = AskedDocument::of(task)?;
    let found = find(&asked.targets, &asked.index, &asked.id, &asked.options)?;
    asked.answer(found)
}

/// The answer of [`get`], where that takes microseconds and waits for nobody. `None`: it may take longer.
pub(crate) fn get_at_hand(task: &Task<'_>) -> Option<Answer> {
    let answered = || -> Result<Option<Response>, Exception> {
        let asked = AskedDocument::of(task)?;
        let AskedDocument { targets, index, id, options, .. } = &asked;
        let filter = &options.filter;
        let stored = options.stored_fields.as_ref().map_or(0, Vec::len);
        let patterns = filter.includes.len() + filter.excludes.len() + stored;
        let is_short = patterns <= PATTERNS_AT_HAND_MAX && !targets.view.restricts(index.uuid());
        if options.refresh || !options.realtime || !is_short {
            return Ok(None);
        }
        let Some(found) = read::read_at_hand(targets, index, id)? else { return Ok(None) };
        let found = as_asked(targets, index, id, options, found)?;
        asked.answer(found).map(Some)
    };
    answered().transpose()
}

/// A document that is asked for by its URL.
struct AskedDocument<'a> {
    targets: Targets<'a>,
    route: &'a Route,
    index: std::sync::Arc<Index>,
    id: String,
    options: ReadOptions,
}

impl<'a> AskedDocument<'a> {
    fn of(task: &Task<'a>) -> Result<AskedDocument<'a>, Exception> {
        let (targets, route) = (Targets::of(task), &task.parsed.route);
        let of_source = matches!(route.api, Api::GetSource | Api::ExistsSource);
        if of_source && !source_filter(&route.query).enabled {
            return Err(Exception::validation(&["fetching source can not be disabled"]));
        }
        let (index, id, options) = asked(&targets, route)?;
        Ok(AskedDocument { targets, route, index, id, options })
    }

    fn answer(&self, found: Option<FoundDocument>) -> Answer {
        let status = if found.is_some() { 200 } else { 404 };
        match self.route.api {
            Api::Exists => Ok(Response::printed(status, Bytes::new())),
            Api::GetSource => self.source(found),
            Api::ExistsSource => {
                self.source(found).map(|found| Response::printed(found.status, Bytes::new()))
            }
            _ => {
                let (shown, kind) =
                    (self.targets.shown(&self.index), self.options.type_name.as_deref());
                let body = printed(&shown, kind, &self.id, found.as_ref(), &self.options)?;
                Ok(Response::printed(status, body.into()))
            }
        }
    }

    /// `GET /{index}/_source/{id}`.
    fn source(&self, found: Option<FoundDocument>) -> Answer {
        let was_found = found.is_some();
        let found = found.map(|found| as_shown(&self.targets.shown(&self.index), &found));
        match found.filter(|found| !found.source.is_empty()) {
            Some(found) => Ok(Response::printed(200, shown(&found, &self.options.filter)?)),
            None => {
                let kind = self.route.type_name().map(|name| format!("/[{name}]"));
                let (kind, id) = (kind.unwrap_or_default(), &self.id);
                let what = if was_found { "Source" } else { "Document" };
                let index = self.index.name();
                Err(Exception::new(
                    ExceptionKind::ResourceNotFound,
                    format!("{what} not found [{index}]{kind}/[{id}]"),
                ))
            }
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
    as_asked(targets, index, id, options, found)
}

/// The document that was found, if it is of the routing, the type and the version asked for.
fn as_asked(
    targets: &Targets<'_>,
    index: &Index,
    id: &str,
    options: &ReadOptions,
    found: Option<FoundDocument>,
) -> Result<Option<FoundDocument>, Exception> {
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
    let mut printed =
        PrintedDocument { index: &snapshot.name, type_name, id, ..PrintedDocument::default() };
    let Some(found) = found else { return printed.text() };
    printed.found = Some(found);
    // Without its source and stored fields nothing that is stored is read.
    if options.filter.enabled || options.stored_fields.is_some() {
        printed.routing = found.routing.as_deref();
        printed.ignored = ignored(snapshot, found)?;
    }
    let mut hidden = !options.filter.enabled;
    if let Some(names) = &options.stored_fields {
        printed.fields = stored_fields(snapshot, found, names)?;
        let asked = options.source_asked || names.iter().any(|name| name == "_source");
        hidden |= options.filter.is_everything() && !asked;
    }
    if !hidden {
        let found = as_shown(snapshot, found);
        let source = (!found.source.is_empty()).then(|| shown(&found, &options.filter));
        printed.source = source.transpose()?.map(|source| RawJson::new(&source));
    }
    printed.text()
}

/// A document as it is printed.
#[derive(Default)]
struct PrintedDocument<'a> {
    index: &'a str,
    type_name: Option<&'a str>,
    id: &'a str,
    found: Option<&'a FoundDocument>,
    routing: Option<&'a str>,
    ignored: Vec<String>,
    fields: Map<String, Value>,
    source: Option<RawJson>,
}

impl PrintedDocument<'_> {
    fn text(&self) -> Result<String, Exception> {
        serde_json::to_string(self).map_err(|error| {
            Exception::new(ExceptionKind::IllegalState, format!("stored source: {error}"))
        })
    }
}

impl Serialize for PrintedDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("_index", self.index)?;
        if let Some(type_name) = self.type_name {
            map.serialize_entry("_type", type_name)?;
        }
        map.serialize_entry("_id", self.id)?;
        if let Some(found) = self.found {
            map.serialize_entry("_version", &found.version)?;
            map.serialize_entry("_seq_no", &found.seq_no)?;
            map.serialize_entry("_primary_term", &found.primary_term)?;
        }
        if let Some(routing) = self.routing {
            map.serialize_entry("_routing", routing)?;
        }
        if !self.ignored.is_empty() {
            map.serialize_entry("_ignored", &self.ignored)?;
        }
        map.serialize_entry("found", &self.found.is_some())?;
        if !self.fields.is_empty() {
            map.serialize_entry("fields", &self.fields)?;
        }
        if let Some(source) = &self.source {
            map.serialize_entry("_source", source)?;
        }
        map.end()
    }
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
