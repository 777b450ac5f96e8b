//! `_cat` and `_nodes`: their numbers are measured.

use serde_json::json;

use crate::cases::{Setup, asks};
use crate::domain::Domain;

#[test]
fn the_columns_of_every_table_are_told() {
    let domain = Domain::elasticsearch();
    for (table, columns) in [
        ("nodes", 91),
        ("allocation", 9),
        ("segments", 15),
        ("recovery", 26),
        ("thread_pool", 20),
        ("nodeattrs", 8),
        ("master", 4),
    ] {
        let (status, help) = domain.text(&format!("GET /_cat/{table}?help"), "");
        assert_eq!(status, 200, "{table}");
        // Ours has no flavor of a build, and no scripts.
        let missing = if table == "nodes" { 4 } else { 0 };
        assert_eq!(help.lines().count(), columns - missing, "{table}: {help}");
        assert_eq!(domain.text(&format!("GET /_cat/{table}?v&h=*"), "").0, 200, "{table}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_node_tells_what_it_uses() {
    let domain = Domain::opensearch();
    let stats = domain.ok("GET /_nodes/stats", "");
    let node = &stats["nodes"]["countersign-node-00001"];
    for pointer in [
        "/os/mem/total_in_bytes",
        "/process/open_file_descriptors",
        "/process/mem/total_virtual_in_bytes",
        "/jvm/mem/heap_used_in_bytes",
        "/jvm/threads/count",
        "/fs/total/total_in_bytes",
    ] {
        assert!(node.pointer(pointer).and_then(serde_json::Value::as_u64) > Some(0), "{pointer}");
    }
    let row = domain.ok("GET /_cat/nodes?format=json&h=heap.current,disk.total,ram.max", "");
    for (name, cell) in row[0].as_object().unwrap() {
        assert!(cell.as_str().is_some_and(|cell| cell != "0b" && !cell.is_empty()), "{name}");
    }
}

#[test]
fn statistics_of_a_node_are_those_that_are_asked_for() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /a", "{}");
    domain.text("PUT /a/_doc/1?refresh=true", r#"{"a":1}"#);
    let stats = domain.ok("GET /_nodes/stats/indices/docs", "");
    let node = &stats["nodes"]["countersign-node-00001"];
    assert_eq!(node["indices"], serde_json::json!({"docs": {"count": 1, "deleted": 0}}));
    assert!(node.get("jvm").is_none());
    let (status, reason) = domain.refused("GET /_nodes/stats/bogus", "");
    assert_eq!(status, 400);
    assert!(reason.ends_with("contains unrecognized metric: [bogus]"), "{reason}");
    let nobody = domain.ok("GET /_nodes/nope/stats", "");
    assert_eq!(nobody["_nodes"]["total"], 0);
}

#[test]
fn searches_are_counted_by_their_groups() {
    let domain = Domain::opensearch();
    domain.ok("PUT /a", "{}");
    domain.ok("POST /a/_search", r#"{"stats":["one","two"]}"#);
    domain.ok("POST /a/_search", r#"{"stats":["one"]}"#);
    let stats = domain.ok("GET /a/_stats/search?groups=o*", "");
    let groups = &stats["_all"]["total"]["search"]["groups"];
    assert_eq!(groups["one"]["query_total"], 2);
    assert!(groups.get("two").is_none());
}

#[test]
fn the_columns_of_snapshots_are_told_without_a_repository() {
    let domain = Domain::elasticsearch();
    let (status, help) = domain.text("GET /_cat/snapshots?help", "");
    assert_eq!(status, 200);
    assert!(help.starts_with("id "), "{help}");
}

#[test]
fn a_closed_index_is_resolved_where_it_is_named_or_asked_for() {
    let domain = Domain::opensearch();
    domain.ok("PUT /a", "{}");
    domain.ok("PUT /b", "{}");
    domain.ok("POST /b/_close", "");
    let names = |line: &str| -> Vec<String> {
        let found = domain.ok(line, "");
        let rows = found["indices"].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("GET /_resolve/index/*"), ["a"]);
    assert_eq!(names("GET /_resolve/index/b"), ["b"]);
    assert_eq!(names("GET /_resolve/index/*?expand_wildcards=all"), ["a", "b"]);
}

#[test]
fn indices_and_shards_have_the_columns_of_their_numbers() {
    asks!(
        Setup::index("a", json!({"settings": {"number_of_shards": 2}}), json!([])),
        "GET /_cat/indices?h=index,refresh.listeners,get.total,gto,pri.get.total,none&format=json",
        "GET /_cat/indices?h=*.current&format=json",
        "GET /_cat/indices?h=search.fetch_current,sfc&v",
        "GET /_cat/shards?h=prirep,get.total,merges.current,query_cache.evictions&format=json&s=index,shard,prirep"
    );
}

#[test]
fn segments_tell_how_documents_are_compressed() {
    asks!(
        Setup::index(
            "a",
            json!({"settings": {"number_of_replicas": 0, "codec": "best_compression"}}),
            json!([{"a": 1}])
        )
        .and("b", json!({"settings": {"number_of_replicas": 0}}), json!([{"a": 1}])),
        "GET /_segments?filter_path=indices.*.shards.*.segments.*.attributes,indices.*.shards.*.segments.*.num_docs"
    );
}

#[test]
fn no_table_has_columns_of_what_it_does_not_count() {
    let domain = Domain::opensearch();
    for (table, none) in [("shards", "request_cache.evictions"), ("nodes", "warmer.total")] {
        let (_, help) = domain.text(&format!("GET /_cat/{table}?help"), "");
        assert!(!help.contains(none), "{table}: {help}");
    }
}
