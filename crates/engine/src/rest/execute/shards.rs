//! What one asks of shards: `_segments`, `_recovery`, `_shard_stores`, `_upgrade`. Source: Elasticsearch 7.10 and
//! OpenSearch 2.19. The first shard of an index holds everything; the others are empty.

use super::Task;
use crate::NODE_ID;
use crate::NODE_NAME;
use crate::cluster::metadata::{IndexMetadata, shards};
use crate::cluster::nodes::address;
use crate::cluster::state::{allocation_id, node};
use crate::cluster::{health::Health, info};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::index::SegmentStats;
use crate::value::size;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The version of Lucene that a service of this flavor says it has.
pub(crate) fn lucene(flavor: Flavor) -> &'static str {
    match flavor {
        Flavor::Elasticsearch710 => "8.7.0",
        Flavor::OpenSearch219 => "9.12.1",
    }
}

/// `GET /{index}/_segments`.
pub(crate) fn segments(task: &Task<'_>) -> Answer {
    let flavor = task.parsed.route.flavor;
    let indices = task.indices()?;
    let mut rows = Map::new();
    for index in &indices {
        task.work.check()?;
        let found = task.open(index)?.segments();
        let segments: Map<String, Value> =
            found.iter().map(|segment| (segment.name(), segment_row(segment, flavor))).collect();
        let committed = found.iter().filter(|segment| segment.committed).count();
        let shard = json!({
            "routing": {"state": "STARTED", "primary": true, "node": NODE_ID},
            "num_committed_segments": committed,
            "num_search_segments": found.len(),
            "segments": segments,
        });
        rows.insert(index.name.clone(), json!({"shards": {"0": [shard]}}));
    }
    let (total, successful) = shards(&indices);
    let answer = json!({"_shards": {"total": total, "successful": successful, "failed": 0},
        "indices": rows});
    task.json(200, &answer)
}

fn segment_row(segment: &SegmentStats, flavor: Flavor) -> Value {
    json!({
        "generation": segment.generation, "num_docs": segment.documents,
        "deleted_docs": segment.deleted, "size_in_bytes": segment.bytes, "memory_in_bytes": 0,
        "committed": segment.committed, "search": true, "version": lucene(flavor),
        "compound": true, "attributes": {},
    })
}

/// `GET /{index}/_recovery`: every shard came from its own files, or from nothing.
pub(crate) fn recovery(task: &Task<'_>) -> Answer {
    let query = &task.parsed.route.query;
    let (detailed, human) = (query.flag("detailed", false)?, query.flag("human", false)?);
    let mut rows = Map::new();
    if !query.flag("active_only", false)? {
        for index in task.indices()? {
            task.work.check()?;
            let Ok(open) = task.open(&index) else { continue };
            let bytes = open.stats().bytes;
            let count = index.settings.count("number_of_shards", 1);
            let recovered = (0..count)
                .map(|shard| recovered(task, &index, shard, if shard == 0 { bytes } else { 0 }));
            let mut shards: Vec<Value> = recovered.collect();
            for shard in &mut shards {
                if detailed {
                    set(shard, "/index/files", "details", json!([]));
                }
                if human {
                    for_people(shard, index.creation_date);
                }
            }
            rows.insert(index.name.clone(), json!({ "shards": shards }));
        }
    }
    task.json(200, &Value::Object(rows))
}

/// Beside each number of bytes and each time one that people read, as `human` asks for.
fn for_people(shard: &mut Value, created: i64) {
    let moment = jiff::Timestamp::from_millisecond(created).map(|moment| format!("{moment:.3}"));
    for key in ["start_time", "stop_time"] {
        set(shard, "", key, moment.as_deref().unwrap_or_default().into());
    }
    for part in ["", "/index", "/translog", "/verify_index"] {
        set(shard, part, "total_time", "0s".into());
    }
    set(shard, "/verify_index", "check_index_time", "0s".into());
    for key in ["source_throttle_time", "target_throttle_time"] {
        set(shard, "/index", key, "-1".into());
    }
    for key in ["total", "reused", "recovered"] {
        let bytes = shard.pointer(&format!("/index/size/{key}_in_bytes")).and_then(Value::as_u64);
        set(shard, "/index/size", key, size::print(bytes.unwrap_or_default()).into());
    }
}

fn set(value: &mut Value, part: &str, key: &str, to: Value) {
    if let Some(part) = value.pointer_mut(part).and_then(Value::as_object_mut) {
        part.insert(key.to_owned(), to);
    }
}

/// Whether the shards of the index were opened from their files: at a start of the engine, or when the index was closed.
pub(crate) fn was_there(task: &Task<'_>, index: &IndexMetadata) -> bool {
    index.closed || index.born_at_start < task.engine.indices.starts()
}

fn recovered(task: &Task<'_>, index: &IndexMetadata, shard: u64, bytes: u64) -> Value {
    let there = was_there(task, index);
    let (address, host) = address(task);
    let (kind, reused, percent) = match there {
        true => ("EXISTING_STORE", bytes, "100.0%"),
        false => ("EMPTY_STORE", 0, "0.0%"),
    };
    let files = u64::from(there);
    json!({
        "id": shard, "type": kind, "stage": "DONE", "primary": true,
        "start_time_in_millis": index.creation_date, "stop_time_in_millis": index.creation_date,
        "total_time_in_millis": 0,
        "source": if there { json!({"bootstrap_new_history_uuid": false}) } else { json!({}) },
        "target": {"id": NODE_ID, "host": host, "transport_address": address, "ip": host,
            "name": NODE_NAME},
        "index": {
            "size": {"total_in_bytes": reused, "reused_in_bytes": reused,
                "recovered_in_bytes": 0, "percent": percent},
            "files": {"total": files, "reused": files, "recovered": 0, "percent": percent},
            "total_time_in_millis": 0, "source_throttle_time_in_millis": 0,
            "target_throttle_time_in_millis": 0,
        },
        "translog": {"recovered": 0, "total": 0, "percent": "100.0%", "total_on_start": 0,
            "total_time_in_millis": 0},
        "verify_index": {"check_index_time_in_millis": 0, "total_time_in_millis": 0},
    })
}

/// `GET /{index}/_shard_stores`: of indices that are not well, unless `status` says otherwise.
pub(crate) fn shard_stores(task: &Task<'_>) -> Answer {
    let wanted = task.parsed.route.query.list("status").unwrap_or(vec!["yellow", "red"]);
    if let Some(unknown) =
        wanted.iter().find(|status| !["green", "yellow", "red", "all"].contains(*status))
    {
        return Err(Exception::illegal_argument(format!(
            "unknown cluster health status [{unknown}]"
        )));
    }
    let mut rows = Map::new();
    for index in task.indices()? {
        task.work.check()?;
        let status = Health::of(std::iter::once(&index)).status;
        if !wanted.contains(&status) && !wanted.contains(&"all") {
            continue;
        }
        let store = |shard: u64| {
            let mut store = Map::new();
            store.insert(NODE_ID.to_owned(), node(task));
            store.insert("allocation_id".into(), allocation_id(&index, shard).into());
            store.insert("allocation".into(), "primary".into());
            (shard.to_string(), json!({"stores": [store]}))
        };
        let count = index.settings.count("number_of_shards", 1);
        let shards: Map<String, Value> = (0..count).map(store).collect();
        rows.insert(index.name.clone(), json!({ "shards": shards }));
    }
    task.json(200, &json!({ "indices": rows }))
}

/// `GET /{index}/_upgrade`: segments are always of the newest form.
pub(crate) fn get_upgrade(task: &Task<'_>) -> Answer {
    let (mut rows, mut all) = (Map::new(), 0u64);
    for index in task.indices()? {
        task.work.check()?;
        let bytes = task.open(&index)?.stats().bytes;
        all = all.saturating_add(bytes);
        rows.insert(index.name.clone(), Value::Object(to_upgrade(bytes)));
    }
    let mut answer = to_upgrade(all);
    answer.insert("indices".into(), Value::Object(rows));
    task.json(200, &Value::Object(answer))
}

fn to_upgrade(bytes: u64) -> Map<String, Value> {
    let keys = [
        ("size_in_bytes", bytes),
        ("size_to_upgrade_in_bytes", 0),
        ("size_to_upgrade_ancient_in_bytes", 0),
    ];
    keys.map(|(key, bytes)| (key.to_owned(), bytes.into())).into_iter().collect()
}

/// `POST /{index}/_upgrade`.
pub(crate) fn upgrade(task: &Task<'_>) -> Answer {
    let flavor = task.parsed.route.flavor;
    let indices: Vec<Arc<IndexMetadata>> = task.indices()?;
    let row = json!({"upgrade_version": info::version(flavor),
        "oldest_lucene_segment_version": lucene(flavor)});
    let rows: Map<String, Value> =
        indices.iter().map(|index| (index.name.clone(), row.clone())).collect();
    let (total, _) = shards(&indices);
    let answer = json!({"_shards": {"total": total, "successful": total, "failed": 0},
        "upgraded_indices": rows});
    task.json(200, &answer)
}
