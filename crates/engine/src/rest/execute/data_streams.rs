//! Data streams: create, get, delete, statistics. Source: OpenSearch 2.19, "Data streams" (Elasticsearch has them in X-Pack).

use super::{Task, acknowledged};
use crate::cluster::health::Health;
use crate::cluster::metadata::{DataStream, IndexMetadata};
use crate::cluster::names;
use crate::cluster::templates;
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use serde_json::{Value, json};
use std::sync::Arc;

/// `PUT /_data_stream/{name}`.
pub(crate) fn create(task: &Task<'_>) -> Answer {
    let name = task.parsed.route.part("name").unwrap_or_default();
    names::validate_data_stream_name(name)?;
    let backing = DataStream::backing(name, 1);
    if !task.view.may_create(name) || !task.view.may_create(&backing) {
        return Err(Exception::new(
            ExceptionKind::Security,
            format!("no right to create [{name}]"),
        ));
    }
    task.engine.indices.create_data_stream(name, task.now.as_millisecond())?;
    acknowledged()
}

/// `GET /_data_stream/{name}`.
pub(crate) fn get(task: &Task<'_>) -> Answer {
    let mut rows = Vec::new();
    for stream in named(task, true)? {
        task.work.check()?;
        let behind = behind(task, &stream);
        let template = templates::matching(task.metadata.registries(), &stream.name, false);
        let indices: Vec<Value> = behind
            .iter()
            .map(|index| json!({"index_name": index.name, "index_uuid": &*index.uuid}))
            .collect();
        rows.push(json!({
            "name": stream.name,
            "timestamp_field": {"name": stream.timestamp_field},
            "indices": indices,
            "generation": stream.generation,
            "status": Health::of(behind.iter()).status.to_uppercase(),
            "template": template.map(|(name, _)| name),
        }));
    }
    task.json(200, &json!({ "data_streams": rows }))
}

/// `DELETE /_data_stream/{name}`: with everything behind it, which the view must hold; one that is not there is no fault.
pub(crate) fn delete(task: &Task<'_>) -> Answer {
    let streams: Vec<String> =
        named(task, false)?.into_iter().map(|stream| stream.name.clone()).collect();
    task.engine.indices.delete_data_streams(&streams, |uuid| task.view.sees(uuid))?;
    super::search::close_gone(task, None);
    acknowledged()
}

/// `GET /_data_stream/{name}/_stats`.
pub(crate) fn stats(task: &Task<'_>) -> Answer {
    let (mut rows, mut shards, mut backing, mut bytes) = (Vec::new(), 0, 0, 0u64);
    for stream in named(task, true)? {
        task.work.check()?;
        let behind = behind(task, &stream);
        let mut own = 0u64;
        for index in &behind {
            own = own.saturating_add(task.open(index)?.stats().bytes);
        }
        shards +=
            behind.iter().map(|index| index.settings.count("number_of_shards", 1)).sum::<u64>();
        backing += behind.len();
        bytes = bytes.saturating_add(own);
        rows.push(json!({"data_stream": stream.name, "backing_indices": behind.len(),
            "store_size_bytes": own, "maximum_timestamp": 0}));
    }
    let answer = json!({
        "_shards": {"total": shards, "successful": shards, "failed": 0},
        "data_stream_count": rows.len(), "backing_indices": backing,
        "total_store_size_bytes": bytes, "data_streams": rows,
    });
    task.json(200, &answer)
}

/// The indices of a stream that the view holds.
fn behind(task: &Task<'_>, stream: &DataStream) -> Vec<Arc<IndexMetadata>> {
    let indices = stream.indices.iter().filter_map(|name| task.metadata.index(name));
    indices.filter(|index| task.view.sees(&index.uuid)).cloned().collect()
}

/// The streams that the URL names; with `all_there`, one that is not there is a fault.
fn named(task: &Task<'_>, all_there: bool) -> Result<Vec<Arc<DataStream>>, Exception> {
    let list = task.parsed.route.part("name").unwrap_or("*");
    let seen = |stream: &Arc<DataStream>| !behind(task, stream).is_empty();
    let mut found: Vec<Arc<DataStream>> = Vec::new();
    for name in list.split(',') {
        let before = found.len();
        let pattern = if name == "_all" { "*" } else { name };
        let matching =
            task.metadata.data_streams().filter(|stream| names::matches(pattern, &stream.name));
        for stream in matching.filter(|stream| seen(stream)) {
            if !found.iter().any(|known| known.name == stream.name) {
                found.push(Arc::clone(stream));
            }
        }
        if all_there && found.len() == before && !pattern.contains('*') {
            return Err(Exception::index_not_found(name));
        }
    }
    Ok(found)
}
