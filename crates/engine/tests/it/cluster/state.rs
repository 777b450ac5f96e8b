//! `_cluster/state`, and what is asked of shards.

use serde_json::json;

use crate::cases::{Setup, asks};
use crate::domain::Domain;

/// Two indices, one closed and blocked.
fn two() -> Setup {
    Setup::index(
        "open",
        json!({
            "settings": {"number_of_shards": 2, "number_of_replicas": 1},
            "mappings": {"properties": {"a": {"type": "keyword"}}},
            "aliases": {"al": {}}
        }),
        json!([{"a": "x"}]),
    )
    .and(
        "shut",
        json!({"settings": {"number_of_replicas": 0, "blocks.write": true}}),
        json!([]),
    )
}

#[test]
fn metadata_tells_indices_and_their_parts() {
    asks!(
        two(),
        "GET /_cluster/state/metadata/open?filter_path=metadata.indices.*.state,metadata.indices.*.mappings,metadata.indices.*.aliases,metadata.indices.*.routing_num_shards",
        "GET /_cluster/state/metadata/op*?filter_path=metadata.indices.*.settings.index.number*",
        "GET /_cluster/state/metadata/open?flat_settings=true&filter_path=metadata.indices.*.settings.index*number*",
        "GET /_cluster/state/metadata/nope?filter_path=metadata.indices,metadata.templates"
    );
}

#[test]
fn metrics_are_those_that_are_asked_for() {
    asks!(
        two(),
        "GET /_cluster/state/blocks/open?filter_path=blocks",
        "GET /_cluster/state/nope?filter_path=*.*",
        "GET /_cluster/state/routing_table/open?filter_path=routing_table.indices.*.shards.*.state,routing_table.indices.*.shards.*.primary,routing_table.indices.*.shards.*.recovery_source"
    );
}

#[test]
fn a_closed_index_is_in_the_state_and_blocked() {
    asks!(
        two(),
        "POST /shut/_close",
        "GET /_cluster/state/metadata?filter_path=metadata.indices.shut.state",
        "GET /_cluster/state/blocks/shut,open?filter_path=blocks",
        "GET /_cluster/state/metadata/sh*?filter_path=metadata.indices.*.state",
        "GET /shut/_segments",
        "GET /shut/_upgrade",
        "GET /_cat/segments/shut"
    );
}

#[test]
fn a_block_may_be_put_by_its_name() {
    asks!(
        two(),
        "PUT /open/_block/write",
        "GET /open/_settings/*block*",
        "PUT /open/_doc/9" => {"a": "y"},
        "PUT /open/_block/read_only_allow_delete",
        "PUT /open/_block/bogus",
        "PUT /nope/_block/read"
    );
}

#[test]
fn shards_tell_stores_and_upgrades() {
    asks!(
        two(),
        "GET /_shard_stores?status=bogus",
        "GET /nope/_shard_stores",
        "GET /open,shut/_shard_stores?status=green&filter_path=indices.*.shards.*.stores.allocation",
        "GET /open,shut/_shard_stores?filter_path=indices.*.shards.*.stores.allocation",
        "POST /open/_upgrade",
        "GET /nope/_recovery",
        "GET /open,shut/_recovery?filter_path=*.shards.stage,*.shards.primary"
    );
}

#[test]
fn the_state_has_a_version_that_can_be_waited_for() {
    let domain = Domain::opensearch();
    domain.ok("PUT /a", "{}");
    let state = domain.ok("GET /_cluster/state/version", "");
    let version = state["version"].as_u64().unwrap();
    let waited = format!("GET /_cluster/state?wait_for_metadata_version={}", version + 1);
    assert_eq!(domain.ok(&waited, "")["wait_for_timed_out"], true);
    domain.ok("PUT /b", "{}");
    assert!(domain.ok(&waited, "")["version"].as_u64().unwrap() > version);
}
