//! Disk watermarks: what may be set, and what a full disk keeps from happening.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use engine::rest::{Flavor, parse, route};
use engine::{DiskUse, Engine, EngineSettings, View, WatchedDisk, Work};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cases::{Setup, asks};

#[test]
fn a_watermark_is_a_percentage_a_ratio_or_a_size() {
    asks!(
        Setup::nothing(),
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark.flood_stage": "xx"}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark.high": "101%"}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark.flood_stage": "-1%"}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark.flood_stage": "0.97"}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark.flood_stage": null}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.threshold_enabled": "maybe"}}
    );
}

#[test]
fn watermarks_may_not_contradict_each_other() {
    asks!(
        Setup::nothing(),
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark.flood_stage": "80%"}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark.low": "99%"}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark.flood_stage": "1gb"}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark": {"low": "1gb", "high": "5gb", "flood_stage": "1gb"}}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark": {"low": "10gb", "high": "5gb", "flood_stage": "1gb"}}},
        "PUT /_cluster/settings" => {"transient": {"cluster.routing.allocation.disk.watermark": {"low": null, "high": null, "flood_stage": null}}}
    );
}

#[test]
fn a_block_of_new_indices_stops_those_that_are_asked_for() {
    asks!(
        Setup::nothing().of_opensearch(),
        "PUT /_cluster/settings" => {"transient": {"cluster.blocks.create_index": true}},
        "PUT /wm-new",
        "PUT /wm-other/_doc/1" => {},
        "GET /_cluster/state/blocks?filter_path=blocks",
        "PUT /_cluster/settings" => {"transient": {"cluster.blocks.create_index": null}},
        "PUT /wm-new"
    );
}

#[test]
fn what_a_full_disk_blocks_is_told_in_elasticsearchs_words() {
    asks!(
        Setup::index("wm", json!({}), json!([{"n": 1}])),
        "PUT /wm/_settings" => {"index.blocks.read_only_allow_delete": true},
        "PUT /wm/_doc/1" => {},
        "POST /_bulk" => [{"index": {"_index": "wm", "_id": "1"}}, {}],
        "PUT /wm/_mapping" => {"properties": {"a": {"type": "keyword"}}},
        "POST /wm/_forcemerge",
        "GET /wm/_count",
        "DELETE /wm"
    );
}

// --- on a disk of ours -------------------------------------------------------------------------------------------------------

/// An engine on a disk of a thousand bytes.
struct OnDisk(Engine, Arc<AtomicU64>);

impl OnDisk {
    fn of(flavor: Flavor) -> OnDisk {
        let settings = EngineSettings {
            directory: None,
            flavor,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let available = Arc::new(AtomicU64::new(500));
        let read = Arc::clone(&available);
        let disk = move || {
            let bytes_available = read.load(Ordering::Relaxed);
            DiskUse { bytes: 1000, bytes_free: bytes_available, bytes_available }
        };
        let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap().with_disk(disk);
        let on_disk = OnDisk(engine, available);
        assert_eq!(on_disk.status("PUT /a", Value::Null), 200);
        on_disk
    }

    fn ask(&self, line: &str, body: Value) -> (u16, Value) {
        let (method, path) = line.split_once(' ').unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let route = route(method, path, "", self.0.flavor()).unwrap();
        let (work, now) = (Work::unbounded(), Timestamp::UNIX_EPOCH);
        let parsed = parse(route, Some("application/json"), Bytes::from(body), &work).unwrap();
        let view = View::everything("one");
        let answer = self.0.execute(&parsed, &self.0.metadata(), &view, now, &work);
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    fn status(&self, line: &str, body: Value) -> u16 {
        self.ask(line, body).0
    }

    fn write(&self) -> u16 {
        self.status("PUT /a/_doc/1", json!({}))
    }

    /// So many bytes are available from now on, and somebody looks.
    fn has(&self, available: u64) -> (usize, usize) {
        self.1.store(available, Ordering::Relaxed);
        let WatchedDisk { blocked, released, .. } = self.0.watch_disk(true).unwrap();
        (blocked, released)
    }
}

#[test]
fn beyond_the_flood_stage_nothing_is_written_until_there_is_room_again() {
    let on_disk = OnDisk::of(Flavor::Elasticsearch710);
    assert_eq!((on_disk.has(50), on_disk.write()), ((0, 0), 201));
    assert_eq!((on_disk.has(49), on_disk.write()), ((1, 0), 429));
    let (_, refused) = on_disk.ask("PUT /a/_doc/1", json!({}));
    assert_eq!(refused["error"]["type"], "cluster_block_exception");
    // Reading goes on, and so does what is between the watermarks.
    assert_eq!(on_disk.status("GET /a/_search", Value::Null), 200);
    assert_eq!((on_disk.has(99), on_disk.write()), ((0, 0), 429));
    assert_eq!((on_disk.has(100), on_disk.write()), ((0, 1), 200));
    assert_eq!(on_disk.has(100), (0, 0));
}

#[test]
fn an_index_can_be_deleted_on_a_full_disk() {
    let on_disk = OnDisk::of(Flavor::OpenSearch219);
    assert_eq!(on_disk.has(0), (1, 0));
    assert_eq!(on_disk.status("DELETE /a", Value::Null), 200);
}

#[test]
fn watermarks_are_those_of_the_cluster_settings() {
    let on_disk = OnDisk::of(Flavor::Elasticsearch710);
    let set = |body: Value| assert_eq!(on_disk.status("PUT /_cluster/settings", body), 200);
    set(json!({"persistent": {"cluster.routing.allocation.disk.watermark": {
        "low": "30b", "high": "20b", "flood_stage": "10b"}}}));
    assert_eq!((on_disk.has(10), on_disk.has(9), on_disk.has(20)), ((0, 0), (1, 0), (0, 1)));
    set(json!({"persistent": {"cluster.routing.allocation.disk.threshold_enabled": false}}));
    assert_eq!(on_disk.has(0), (0, 0));
}

#[test]
fn opensearch_makes_no_new_indices_beyond_the_high_watermark() {
    let on_disk = OnDisk::of(Flavor::OpenSearch219);
    on_disk.has(99);
    let (status, refused) = on_disk.ask("PUT /b", Value::Null);
    assert_eq!((status, &refused["error"]["type"]), (403, &json!("index_create_block_exception")));
    let settings = on_disk.ask("GET /_cluster/settings", Value::Null).1;
    assert_eq!(settings["persistent"]["cluster"]["blocks"]["create_index"], "true");
    on_disk.has(100);
    assert_eq!(on_disk.status("PUT /b", Value::Null), 200);
    let elasticsearch = OnDisk::of(Flavor::Elasticsearch710);
    elasticsearch.has(99);
    assert_eq!(elasticsearch.status("PUT /b", Value::Null), 200);
}

#[test]
fn where_watermarks_do_not_hold_by_default_those_that_are_set_do_and_go_again() {
    let on_disk = OnDisk::of(Flavor::Elasticsearch710);
    on_disk.1.store(1, Ordering::Relaxed);
    let look = || on_disk.0.watch_disk(false).unwrap().blocked;
    assert_eq!((look(), on_disk.write()), (0, 201));
    let flood = "cluster.routing.allocation.disk.watermark.flood_stage";
    let set = |level: Value| {
        on_disk.status("PUT /_cluster/settings", json!({"transient": {flood: level}}))
    };
    assert_eq!(set("99%".into()), 200);
    assert_eq!((look(), on_disk.write()), (1, 429));
    assert_eq!(set(Value::Null), 200);
    assert_eq!((look(), on_disk.write()), (0, 200));
}

#[test]
fn a_transient_block_of_new_indices_is_the_operators_and_nothing_is_written_for_it() {
    let on_disk = OnDisk::of(Flavor::OpenSearch219);
    let set = |value: Value| {
        let body = json!({"transient": {"cluster.blocks.create_index": value}});
        assert_eq!(on_disk.status("PUT /_cluster/settings", body), 200);
    };
    set(true.into());
    let before = on_disk.0.metadata();
    on_disk.has(500);
    assert!(Arc::ptr_eq(&before, &on_disk.0.metadata()), "there is nothing to lift");
    assert_eq!(on_disk.status("PUT /b", Value::Null), 403);
    on_disk.has(99);
    on_disk.has(500);
    let settings = on_disk.ask("GET /_cluster/settings", Value::Null).1;
    assert_eq!(settings["persistent"], json!({}), "the disk's own block is lifted");
    set(Value::Null);
    assert_eq!(on_disk.status("PUT /b", Value::Null), 200);
}

#[test]
fn a_fork_of_a_flooded_engine_takes_writes_and_one_of_an_engine_in_memory_keeps_its_blocks() {
    let settings = || EngineSettings {
        directory: None,
        flavor: Flavor::OpenSearch219,
        cluster_name: "test".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    let flooded = OnDisk::of(Flavor::OpenSearch219);
    assert_eq!((flooded.has(0), flooded.write()), ((1, 0), 429));
    let fork = OnDisk(flooded.0.fork(settings()).unwrap(), Arc::default());
    assert_eq!((fork.write(), fork.status("PUT /b", Value::Null)), (201, 200));
    assert_eq!(flooded.write(), 429, "its origin stays as it was");

    let in_memory = Engine::open(settings(), Timestamp::UNIX_EPOCH).unwrap();
    let in_memory = OnDisk(in_memory, Arc::default());
    let block = json!({"settings": {"index.blocks.read_only_allow_delete": true}});
    assert_eq!(in_memory.status("PUT /a", block), 200);
    let fork = OnDisk(in_memory.0.fork(settings()).unwrap(), Arc::default());
    assert_eq!(fork.write(), 429, "nobody but an operator set it");
}
