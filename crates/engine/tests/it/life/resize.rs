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
