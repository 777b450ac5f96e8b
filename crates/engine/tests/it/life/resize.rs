//! `_shrink`, `_split`, `_clone`.

use serde_json::json;

use crate::cases::{Setup, asks};
use crate::domain::Domain;

fn source() -> Setup {
    Setup::index(
        "src",
        json!({
            "settings": {"number_of_shards": 4, "number_of_replicas": 0, "refresh_interval": "7s"},
            "mappings": {"properties": {"a": {"type": "keyword"}}},
            "aliases": {"sa": {}}
        }),
        json!([{"a": "x"}, {"a": "y"}]),
    )
}

#[test]
fn only_an_index_without_writes_is_resized() {
    asks!(
        source(),
        "PUT /src/_shrink/dst",
        "PUT /src/_split/dst" => {"settings": {"index.number_of_shards": 8}},
        "PUT /src/_clone/dst"
    );
}

#[test]
fn the_numbers_of_shards_must_fit() {
    asks!(
        source(),
        "PUT /src/_settings" => {"index.blocks.write": true},
        "PUT /src/_shrink/dst" => {"settings": {"index.number_of_shards": 3}},
        "PUT /src/_shrink/dst" => {"settings": {"index.number_of_shards": 8}},
        "PUT /src/_split/dst",
        "PUT /src/_split/dst" => {"settings": {"index.number_of_shards": 6}},
        "PUT /src/_split/dst" => {"settings": {"index.number_of_shards": 2}}
    );
}

#[test]
fn a_template_is_not_asked() {
    asks!(
        Setup::nothing(),
        "PUT /_template/rz-t" => {"index_patterns": ["rz-*"], "mappings": {"properties": {"t": {"type": "keyword"}}}},
        "PUT /src" => {"settings": {"index.blocks.write": true}, "mappings": {"properties": {"a": {"type": "long"}}}},
        "PUT /src/_clone/rz-c",
        "GET /rz-c/_mapping",
        "DELETE /_template/rz-t"
    );
}

#[test]
fn the_size_of_shards_is_known_to_opensearch_alone() {
    let body = r#"{"max_shard_size":"50gb"}"#;
    for (domain, status) in [(Domain::opensearch(), 200), (Domain::elasticsearch(), 400)] {
        domain.ok("PUT /src", r#"{"settings":{"number_of_shards":2,"blocks.write":true}}"#);
        assert_eq!(domain.ask("PUT /src/_shrink/dst", body).0, status);
    }
}

#[test]
fn the_numbers_of_shards_are_looked_at_before_writes_are() {
    asks!(
        source(),
        "PUT /src/_clone/dst" => {"settings": {"index.number_of_shards": 6}},
        "PUT /src/_split/dst" => {"settings": {"index.number_of_shards": 8, "index.number_of_routing_shards": 8}},
        "PUT /src/_shrink/dst" => {"settings": {"index.number_of_shards": 3}},
        "PUT /src/_split/src" => {"settings": {"index.number_of_shards": 6}},
        "PUT /src/_clone/src"
    );
}

#[test]
fn routing_shards_are_those_of_the_source() {
    asks!(
        Setup::nothing(),
        "PUT /src" => {"settings": {"number_of_shards": 2, "number_of_routing_shards": 4, "blocks.write": true}},
        "PUT /src/_split/dst" => {"settings": {"index.number_of_shards": 6}},
        "PUT /src/_split/dst" => {"settings": {"index.number_of_shards": 4, "index.number_of_routing_shards": 8}},
        "PUT /src/_clone/dst" => {"settings": {"index.routing_partition_size": 1}},
        "PUT /one" => {"settings": {"number_of_shards": 1, "blocks.write": true}},
        "PUT /one/_shrink/dst"
    );
}

#[test]
fn blocks_of_the_metadata_are_not_copied() {
    asks!(
        Setup::nothing().of_opensearch(),
        "PUT /src" => {"settings": {"number_of_shards": 2, "blocks.write": true}},
        "PUT /src/_clone/dst" => {"settings": {"index.blocks.read_only": true}},
        "PUT /src/_settings" => {"index.blocks.read_only": true},
        "PUT /src/_clone/dst",
        "PUT /src/_shrink/dst" => {"settings": {"index.blocks.metadata": false}},
        "PUT /src/_clone/dst" => {"settings": {"index.blocks.read_only": null}},
        "PUT /src/_settings" => {"index.blocks.read_only": null}
    );
}
