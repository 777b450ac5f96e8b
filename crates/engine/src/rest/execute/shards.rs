//! What one asks of shards: `_segments`, `_recovery`, `_shard_stores`, `_upgrade`. Source: Elasticsearch 7.10 and
//! OpenSearch 2.19. The first shard of an index holds everything; the others are empty.

use super::Task;
use crate::NODE_ID;
use crate::NODE_NAME;
use crate::cluster::metadata::{IndexMetadata, Restored, shards};
use crate::cluster::nodes::address;
use crate::cluster::state::{allocation_id, node};
use crate::cluster::{health::Health, info};
use crate::engine::Answer;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::index::SegmentStats;
use crate::value::{size, time};
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
    let human = task.parsed.route.query.flag("human", false)?;
    let indices = task.indices()?;
    let mut rows = Map::new();
    for index in &indices {
        task.work.check()?;
        let found = task.open(index)?.segments();
        let mode = match index.settings.get("codec") {
            Some("best_compression") => "BEST_COMPRESSION",
            _ => "BEST_SPEED",
        };
        let rows_of = found.iter().map(|segment| {
            let mut row = segment_row(segment, flavor, mode);
            if human {
                for (key, bytes) in [("size", segment.bytes), ("memory", 0)] {
                    set(&mut row, "", key, size::print(bytes).into());
                }
            }
            (segment.name(), row)
        });
        let segments: Map<String, Value> = rows_of.collect();
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

/// `mode`: how documents are compressed, in the words of Lucene's format.
fn segment_row(segment: &SegmentStats, flavor: Flavor, mode: &str) -> Value {
    let format = match flavor {
        Flavor::Elasticsearch710 => "Lucene87StoredFieldsFormat.mode",
        Flavor::OpenSearch219 => "Lucene90StoredFieldsFormat.mode",
    };
    json!({
        "generation": segment.generation, "num_docs": segment.documents,
        "deleted_docs": segment.deleted, "size_in_bytes": segment.bytes, "memory_in_bytes": 0,
        "committed": segment.committed, "search": true, "version": lucene(flavor),
        "compound": true, "attributes": {format: mode},
    })
}

/// `GET /{index}/_recovery`: every shard came from its own files, from those of a snapshot, or from nothing.
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
            let recovered =
                (0..count).map(|shard| Recovery::of(task, &index, shard, bytes).told(task, shard));
            let mut shards: Vec<Value> = recovered.collect();
            for shard in &mut shards {
                if detailed {
                    set(shard, "/index/files", "details", json!([]));
                }
                if human {
                    for_people(shard);
                }
            }
            rows.insert(index.name.clone(), json!({ "shards": shards }));
        }
    }
    task.json(200, &Value::Object(rows))
}

/// Beside each number of bytes and each time one that people read, as `human` asks for.
fn for_people(shard: &mut Value) {
    let number = |shard: &Value, key: &str| shard.pointer(key).and_then(Value::as_i64);
    for key in ["start_time", "stop_time"] {
        let moment = number(shard, &format!("/{key}_in_millis"));
        let moment = moment.and_then(|moment| jiff::Timestamp::from_millisecond(moment).ok());
        let moment = moment.map(|moment| format!("{moment:.3}")).unwrap_or_default();
        set(shard, "", key, moment.into());
    }
    for part in ["", "/index", "/translog", "/verify_index"] {
        let took = number(shard, &format!("{part}/total_time_in_millis")).unwrap_or_default();
        set(shard, part, "total_time", time::printed(took.unsigned_abs()).into());
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
fn was_there(task: &Task<'_>, index: &IndexMetadata) -> bool {
    index.closed || index.born_at_start < task.engine.indices.starts()
}

/// How a shard came to be here.
pub(crate) struct Recovery<'a> {
    /// The type of its source.
    pub(crate) kind: &'static str,
    /// When it began and ended, in milliseconds since 1970.
    pub(crate) times: (i64, i64),
    /// The bytes and files that were there.
    pub(crate) reused: (u64, u64),
    /// The bytes and files that were copied.
    pub(crate) copied: (u64, u64),
    /// The snapshot that they were copied from.
    pub(crate) restored: Option<&'a Restored>,
}

impl<'a> Recovery<'a> {
    /// The recovery of a shard of an index whose documents take `bytes`.
    pub(crate) fn of(task: &Task<'_>, index: &'a IndexMetadata, shard: u64, bytes: u64) -> Self {
        let first = shard == 0;
        let (times, nothing) = ((index.creation_date, index.creation_date), (0, 0));
        let restored = index.restored.as_deref().filter(|_| !index.closed);
        if let Some(restored) = restored {
            let times = (restored.began, restored.ended);
            let copied = if first { (restored.bytes, restored.files) } else { nothing };
            return Recovery {
                kind: "SNAPSHOT",
                times,
                reused: nothing,
                copied,
                restored: Some(restored),
            };
        }
        if was_there(task, index) {
            let reused = (if first { bytes } else { 0 }, 1);
            return Recovery {
                kind: "EXISTING_STORE",
                times,
                reused,
                copied: nothing,
                restored: None,
            };
        }
        Recovery { kind: "EMPTY_STORE", times, reused: nothing, copied: nothing, restored: None }
    }

    /// How much of its files is here: all, or nothing of none.
    pub(crate) fn percent(&self) -> &'static str {
        if self.reused.1 + self.copied.1 > 0 { "100.0%" } else { "0.0%" }
    }

    /// How long it took.
    pub(crate) fn milliseconds(&self) -> u64 {
        let (began, ended) = self.times;
        u64::try_from(ended.saturating_sub(began)).unwrap_or(0)
    }

    fn source(&self, flavor: Flavor) -> Value {
        let Some(restored) = self.restored else {
            return match self.kind {
                "EXISTING_STORE" => json!({"bootstrap_new_history_uuid": false}),
                _ => json!({}),
            };
        };
        let mut source = json!({"repository": restored.repository, "snapshot": restored.snapshot,
            "version": info::version(flavor), "index": restored.index, "restoreUUID": restored.uuid});
        if flavor == Flavor::OpenSearch219 {
            for key in ["isSearchableSnapshot", "remoteStoreIndexShallowCopy"] {
                set(&mut source, "", key, false.into());
            }
            for key in ["sourceRemoteStoreRepository", "sourceRemoteTranslogRepository"] {
                set(&mut source, "", key, Value::Null);
            }
        }
        source
    }

    fn told(&self, task: &Task<'_>, shard: u64) -> Value {
        let (address, host) = address(task);
        let (took, percent) = (self.milliseconds(), self.percent());
        json!({
            "id": shard, "type": self.kind, "stage": "DONE", "primary": true,
            "start_time_in_millis": self.times.0, "stop_time_in_millis": self.times.1,
            "total_time_in_millis": took,
            "source": self.source(task.parsed.route.flavor),
            "target": {"id": NODE_ID, "host": host, "transport_address": address, "ip": host,
                "name": NODE_NAME},
            "index": {
                "size": {"total_in_bytes": self.reused.0 + self.copied.0,
                    "reused_in_bytes": self.reused.0,
                    "recovered_in_bytes": self.copied.0, "percent": percent},
                "files": {"total": self.reused.1 + self.copied.1, "reused": self.reused.1,
                    "recovered": self.copied.1, "percent": percent},
                "total_time_in_millis": took, "source_throttle_time_in_millis": 0,
                "target_throttle_time_in_millis": 0,
            },
            "translog": {"recovered": 0, "total": 0, "percent": "100.0%", "total_on_start": 0,
                "total_time_in_millis": 0},
            "verify_index": {"check_index_time_in_millis": 0, "total_time_in_millis": 0},
        })
    }
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
