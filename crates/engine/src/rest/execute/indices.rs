//! Indices as things: create, delete, get, mappings, settings, open, close, refresh, flush, merge.
//! Source: "Index APIs" of Elasticsearch 7.10 and OpenSearch 2.19.

use super::types::{self, AskedTypes};
use super::{Task, acknowledged};
use crate::cluster::blocks::{self, BlockLevel};
use crate::cluster::metadata::{IndexMetadata, no_write_index, shards};
use crate::cluster::{cluster_settings, defaults, info, names, watermarks};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::{CreateIndex, Index};
use crate::response::Response;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// `PUT /{index}`.
pub(crate) fn create(task: &Task<'_>) -> Answer {
    let given = task.parsed.route.part("index").unwrap_or_default();
    let name = names::single(task.metadata, given, task.now)?.name;
    watermarks::check_creation(task.metadata.registries())?;
    names::validate_index_name(&name)?;
    let mut body = CreateIndex { provided_name: Some(given.to_owned()), ..CreateIndex::default() };
    for (key, value) in task.body().as_object().into_iter().flatten() {
        match key.as_str() {
            "settings" => body.settings = value.clone(),
            "mappings" => {
                (body.type_name, body.mappings) =
                    types::created(&task.parsed.route, value.clone())?;
            }
            "aliases" => body.aliases = value.clone(),
            other => {
                return Err(Exception::new(
                    ExceptionKind::ElasticsearchParse,
                    format!("unknown key [{other}] for create index"),
                ));
            }
        }
    }
    for alias in body.aliases.as_object().into_iter().flat_map(Map::keys) {
        names::validate_alias_name(alias)?;
    }
    if !task.view.may_create(&name) {
        return Err(Exception::new(
            ExceptionKind::Security,
            format!("no right to create [{name}]"),
        ));
    }
    task.engine.indices.create_index(&name, &body, task.now.as_millisecond())?;
    let answer = json!({"acknowledged": true, "shards_acknowledged": true, "index": name});
    Ok(Response::json(200, &answer))
}

/// `DELETE /{index}`.
pub(crate) fn delete(task: &Task<'_>) -> Answer {
    let named = task.parsed.route.part("index").unwrap_or_default();
    let wild = named.split(',').any(|name| name == "_all" || name.contains('*'));
    let key = "action.destructive_requires_name";
    if wild && cluster_settings::is_on(task.metadata.registries(), key, false) {
        return Err(Exception::illegal_argument(
            "Wildcard expressions or all indices are not allowed",
        ));
    }
    let indices = task.indices()?;
    for index in &indices {
        let stream = task.metadata.data_stream_of(&index.name);
        if let Some(stream) = stream.filter(|stream| stream.indices.last() == Some(&index.name)) {
            return Err(Exception::illegal_argument(format!(
                "index [{}] is the write index for data stream [{}] and cannot be deleted",
                index.name, stream.name
            )));
        }
    }
    let uuids: Vec<&str> = indices.iter().map(|index| &*index.uuid).collect();
    task.engine.indices.delete_indices(&uuids)?;
    super::search::close_gone(task, None);
    acknowledged()
}

/// `GET /{index}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    per_index(task, |index| {
        let mut shown = json!({
            "aliases": index.aliases_json(),
            "mappings": mapping(task, index)?,
            "settings": settings(task, index)?,
        });
        let stream = task.metadata.data_stream_of(&index.name);
        if let (Some(stream), Some(shown)) = (stream, shown.as_object_mut()) {
            shown.insert("data_stream".to_owned(), stream.name.as_str().into());
        }
        Ok(shown)
    })
}

/// `HEAD /{index}`.
pub(crate) fn exists(task: &Task<'_>) -> Answer {
    match task.indices() {
        Ok(_) => Ok(Response::text(200, String::new())),
        Err(fault) if fault.status() == 404 => Ok(Response::text(404, String::new())),
        Err(fault) => Err(fault),
    }
}

/// `HEAD /{index}/_mapping/{type}`.
pub(crate) fn exists_type(task: &Task<'_>) -> Answer {
    let types = AskedTypes::of(&task.parsed.route);
    let has = |index: &Arc<IndexMetadata>| {
        index.mapping.type_name().is_some() && types.find(&index.mapping)
    };
    let found = task.indices().is_ok_and(|indices| indices.iter().any(has));
    Ok(Response::text(if found { 200 } else { 404 }, String::new()))
}

/// `POST /{index}/_open`.
pub(crate) fn open(task: &Task<'_>) -> Answer {
    task.parsed.route.query.flag("wait_for_completion", true)?;
    for index in task.indices()? {
        task.engine.indices.set_closed(&index.uuid, false)?;
    }
    Ok(Response::json(200, &json!({"acknowledged": true, "shards_acknowledged": true})))
}

/// `POST /{index}/_close`.
pub(crate) fn close(task: &Task<'_>) -> Answer {
    let key = "cluster.indices.close.enable";
    if !cluster_settings::is_on(task.metadata.registries(), key, true) {
        return Err(Exception::new(
            ExceptionKind::IllegalState,
            "closing indices is disabled - set [cluster.indices.close.enable: true] to enable it. NOTE: closed indices still consume a significant amount of diskspace",
        ));
    }
    let mut closed = Map::new();
    for index in task.indices()? {
        task.engine.indices.set_closed(&index.uuid, true)?;
        closed.insert(index.name.clone(), json!({"closed": true}));
    }
    super::search::close_gone(task, None);
    let answer = json!({"acknowledged": true, "shards_acknowledged": true, "indices": closed});
    Ok(Response::json(200, &answer))
}

/// `GET /{index}/_mapping`.
pub(crate) fn get_mapping(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    types::check_get(route)?;
    let asked = AskedTypes::of(route);
    let (mut answer, mut found) = (Map::new(), BTreeSet::new());
    let indices = task.indices()?;
    let typed = indices.iter().filter(|index| asked.find(&index.mapping));
    for index in typed {
        task.work.check()?;
        answer.insert(index.name.clone(), json!({"mappings": mapping(task, index)?}));
        found.extend(index.mapping.type_name());
    }
    match asked.missing(&found)? {
        None => task.json(200, &Value::Object(answer)),
        Some(missing) => {
            let mut told = Map::from_iter([("error".to_owned(), missing.into())]);
            told.insert("status".to_owned(), 404.into());
            told.extend(answer);
            task.json(404, &Value::Object(told))
        }
    }
}

/// The mapping of `index` as the request wants it shown.
fn mapping(task: &Task<'_>, index: &IndexMetadata) -> Result<Value, Exception> {
    types::shown(&task.parsed.route, index.mapping.type_name(), task.mappings_json(index))
}

/// `PUT /{index}/_mapping`.
pub(crate) fn put_mapping(task: &Task<'_>) -> Answer {
    let kind = types::put(&task.parsed.route, task.body())?;
    let mut indices = task.indices()?;
    if task.parsed.route.query.flag("write_index_only", false)? {
        let written = written(task, &indices)?;
        indices.retain(|index| written.contains(&index.uuid));
    }
    let body = |index: &IndexMetadata| types::unwrapped(kind, task.body(), &index.mapping);
    // All or none: every merge is tried before any is made.
    for index in &indices {
        index.mapping.merged(body(index))?;
        kind.map_or(Ok(false), |kind| index.mapping.takes_type(kind, &index.name))?;
    }
    for index in &indices {
        task.engine.indices.put_mapping(&index.uuid, body(index), kind)?;
    }
    acknowledged()
}

/// The uuids of the indices that writes to each of the URL's names go to, which come to `indices`.
fn written(task: &Task<'_>, indices: &[Arc<IndexMetadata>]) -> Result<Vec<Arc<str>>, Exception> {
    let names = task.parsed.route.part("index").unwrap_or("_all").split(',');
    let one = |name: &str| match task.metadata.write_index(name) {
        Some(index) => Ok(index.uuid.clone()),
        None if task.metadata.knows(name) => Err(no_write_index(name)),
        None if indices.is_empty() => Err(Exception::index_not_found(name)),
        None => Err(Exception::illegal_argument(format!(
            "The index expression [{name}] and options provided did not point to a single write-index"
        ))),
    };
    names.map(one).collect()
}

/// `GET /{index}/_settings/{name}`.
pub(crate) fn get_settings(task: &Task<'_>) -> Answer {
    let mut answer = Map::new();
    for index in task.indices()? {
        task.work.check()?;
        let shown = settings_and_defaults(task, &index)?;
        // An index of which nothing is shown is left out.
        let parts = shown.as_object().into_iter().flat_map(Map::values);
        if parts.filter_map(Value::as_object).any(|part| !part.is_empty()) {
            answer.insert(index.name.clone(), shown);
        }
    }
    task.json(200, &Value::Object(answer))
}

fn settings_and_defaults(task: &Task<'_>, index: &IndexMetadata) -> Result<Value, Exception> {
    let mut answer = json!({"settings": settings(task, index)?});
    if task.parsed.route.query.flag("include_defaults", false)? {
        let flat = task.parsed.route.query.flag("flat_settings", false)?;
        let mut leaves = defaults::of(&index.settings, task.parsed.route.flavor);
        if let Some(patterns) = task.parsed.route.part("name").filter(|name| *name != "_all") {
            leaves.retain(|key, _| patterns.split(',').any(|pattern| names::matches(pattern, key)));
        }
        let defaults = match flat {
            true => Value::Object(leaves.into_iter().collect()),
            false => crate::cluster::settings::printed(&leaves),
        };
        answer.as_object_mut().map(|answer| answer.insert("defaults".to_owned(), defaults));
    }
    Ok(answer)
}

/// `PUT /{index}/_settings`.
pub(crate) fn put_settings(task: &Task<'_>) -> Answer {
    let preserve = task.parsed.route.query.flag("preserve_existing", false)?;
    let body = match types::only(task.body()) {
        Some(("settings", inner)) => inner.clone(),
        _ => task.body().clone(),
    };
    let indices = task.indices()?;
    if !blocks::lifts_a_block(&body) {
        indices.iter().try_for_each(|index| BlockLevel::MetadataWrite.check(index))?;
    }
    for index in indices {
        task.engine.indices.put_settings(&index.uuid, &body, preserve)?;
    }
    acknowledged()
}

/// `PUT /{index}/_block/{block}`.
pub(crate) fn add_block(task: &Task<'_>) -> Answer {
    let setting = blocks::named(task.parsed.route.part("block").unwrap_or_default())?;
    let body = Value::Object(Map::from_iter([(setting, true.into())]));
    let mut rows = Vec::new();
    for index in task.indices()? {
        task.engine.indices.put_settings(&index.uuid, &body, false)?;
        rows.push(json!({"name": index.name, "blocked": true}));
    }
    let answer = json!({"acknowledged": true, "shards_acknowledged": true, "indices": rows});
    task.json(200, &answer)
}

/// `POST /{index}/_flush`. Flushes follow one another, so waiting for one under way is what always happens.
pub(crate) fn flush(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    if query.flag("force", false)? && !query.flag("wait_if_ongoing", true)? {
        return Err(Exception::validation(&["wait_if_ongoing must be true for a force flush"]));
    }
    each(task, Index::flush)
}

/// `POST /{index}/_refresh`.
pub(crate) fn refresh(task: &Task<'_>) -> Answer {
    each(task, Index::refresh)
}

/// `POST /{index}/_cache/clear`: there is no cache whose clearing anybody could see.
pub(crate) fn clear_cache(task: &Task<'_>) -> Answer {
    each(task, |_| Ok(()))
}

/// Runs `work` on every index.
fn each(task: &Task<'_>, work: fn(&Index) -> Result<(), Exception>) -> Answer {
    let indices = task.indices()?;
    for index in &indices {
        task.work.check()?;
        work(&*task.open(index)?)?;
    }
    let (total, successful) = shards(&indices);
    let shards = json!({"total": total, "successful": successful, "failed": 0});
    Ok(Response::json(200, &json!({"_shards": shards})))
}

/// `POST /{index}/_forcemerge`.
pub(crate) fn force_merge(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let only_deleted = query.flag("only_expunge_deletes", false)?;
    query.flag("wait_for_completion", true)?;
    let segments = query.number("max_num_segments")?.unwrap_or(1);
    // With as many as there are, no segment is merged but for what was deleted in it.
    let segments = if only_deleted { usize::MAX } else { usize::try_from(segments).unwrap_or(1) };
    let segments = segments.max(1);
    let indices = task.indices()?;
    for index in &indices {
        task.work.check()?;
        task.open(index)?.force_merge(segments, &task.work.cancel)?;
    }
    let (copies, successful) = shards(&indices);
    let total = if query.flag("primary_only", false)? { successful } else { copies };
    let shards = json!({"total": total, "successful": successful, "failed": 0});
    Ok(Response::json(200, &json!({"_shards": shards})))
}

fn per_index(
    task: &Task<'_>,
    print: impl Fn(&IndexMetadata) -> Result<Value, Exception>,
) -> Answer {
    let mut answer = Map::new();
    for index in task.indices()? {
        task.work.check()?;
        answer.insert(index.name.clone(), print(&index)?);
    }
    task.json(200, &Value::Object(answer))
}

/// The settings of `index`, nested or (`flat_settings`) flat, and of the URL's `{name}` patterns only.
fn settings(task: &Task<'_>, index: &IndexMetadata) -> Result<Value, Exception> {
    let route = &task.parsed.route;
    let mut nested = index.settings_json();
    if let (true, Some(own)) = (
        route.query.flag("human", false)?,
        nested.pointer_mut("/index").and_then(Value::as_object_mut),
    ) {
        let created = jiff::Timestamp::from_millisecond(index.creation_date);
        let created = created.map_or_else(|_| String::new(), |moment| format!("{moment:.3}"));
        own.insert("creation_date_string".to_owned(), created.into());
        if let Some(version) = own.get_mut("version").and_then(Value::as_object_mut) {
            version.insert("created_string".to_owned(), info::version(route.flavor).into());
        }
    }
    let mut flat = Map::new();
    flatten("", &nested, &mut flat);
    if let Some(patterns) = route.part("name").filter(|name| *name != "_all") {
        flat.retain(|key, _| patterns.split(',').any(|pattern| names::matches(pattern, key)));
    } else if !route.query.flag("flat_settings", false)? {
        return Ok(nested);
    }
    if route.query.flag("flat_settings", false)? {
        return Ok(Value::Object(flat));
    }
    Ok(crate::cluster::settings::printed(&flat.into_iter().collect()))
}

fn flatten(prefix: &str, value: &Value, flat: &mut Map<String, Value>) {
    match value {
        Value::Object(object) => {
            for (key, member) in object {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&path, member, flat);
            }
        }
        other => {
            flat.insert(prefix.to_owned(), other.clone());
        }
    }
}
