//! `_rollover`.

use serde_json::json;

use crate::cases::{Setup, asks};

fn series() -> Setup {
    Setup::index("logs-000001", json!({"aliases": {"lg": {}}}), json!([{"a": 1}]))
}

#[test]
fn an_index_that_meets_a_condition_is_followed_by_another() {
    asks!(
        series(),
        "POST /lg/_rollover" => {"conditions": {"max_docs": 2}},
        "POST /lg/_rollover?dry_run" => {"conditions": {"max_docs": 1, "max_age": "7d", "max_size": "5gb"}},
        "POST /lg/_rollover" => {"conditions": {"max_docs": 1, "max_age": "7d"}, "settings": {"number_of_replicas": 0}, "mappings": {"properties": {"a": {"type": "keyword"}}}, "aliases": {"x": {}}},
        "GET /logs-*/_alias",
        "GET /logs-000002/_mapping",
        "PUT /lg/_doc/1?refresh=true" => {"a": "k"},
        "GET /_cluster/state/metadata/logs-000001?filter_path=**.met_conditions"
    );
}

#[test]
fn the_new_index_may_be_named() {
    asks!(
        Setup::index("foo", json!({"aliases": {"fa": {}}}), json!([])),
        "POST /fa/_rollover/foo2?dry_run=true",
        "POST /fa/_rollover/foo2",
        "GET /foo*/_alias"
    );
}

#[test]
fn an_explicit_write_index_hands_the_mark_on() {
    asks!(
        Setup::index("w-1", json!({"aliases": {"wa": {"is_write_index": true}}}), json!([])),
        "POST /wa/_rollover",
        "GET /w-*/_alias",
        "POST /wa/_doc/1?refresh=true" => {"a": 1},
        "GET /w-000002/_search?filter_path=hits.hits._id"
    );
}

#[test]
fn templates_make_the_new_index() {
    asks!(
        Setup::nothing(),
        "PUT /_index_template/ro-t" => {"index_patterns": ["ro-*"], "priority": 700, "template": {"mappings": {"properties": {"t": {"type": "keyword"}}}}},
        "PUT /ro-1" => {"aliases": {"ro": {}}},
        "POST /ro/_rollover",
        "GET /ro-000002/_mapping",
        "DELETE /_index_template/ro-t"
    );
}

#[test]
fn a_mapping_may_be_put_into_the_index_that_is_written_alone() {
    asks!(Setup::nothing(),
        "PUT /w1" => {"aliases": {"al": {"is_write_index": true}, "b": {}}},
        "PUT /w2" => {"aliases": {"al": {}, "b": {}}},
        "PUT /al/_mapping?write_index_only=true" => {"properties": {"x": {"type": "long"}}},
        "GET /w1,w2/_mapping",
        "PUT /w2/_mapping?write_index_only" => {"properties": {"y": {"type": "long"}}},
        "PUT /w1,al/_mapping?write_index_only=true" => {"properties": {"z": {"type": "long"}}},
        "PUT /w*/_mapping?write_index_only=true" => {"properties": {"z": {"type": "long"}}},
        "PUT /_all/_mapping?write_index_only=true" => {"properties": {"z": {"type": "long"}}},
        "PUT /b/_mapping?write_index_only=true" => {"properties": {"z": {"type": "long"}}},
        "PUT /gone/_mapping?write_index_only=true" => {"properties": {"z": {"type": "long"}}},
        "PUT /gone*/_mapping?write_index_only=true" => {"properties": {"z": {"type": "long"}}},
        "GET /w1,w2/_mapping",
    );
}
