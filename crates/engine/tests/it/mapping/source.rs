//! `_source` of a mapping, and fields with `store`.

use crate::cases::{Setup, asks};

fn documents() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"s": {"type": "keyword", "store": true}, "t": {"type": "text", "store": true}, "d": {"type": "date", "store": true}, "n": {"type": "long"}, "o": {"properties": {"b": {"type": "long", "store": true}}}}}}),
        serde_json::json!([{"a": "x", "o": {"b": 1, "c": [1, 2]}, "s": "st", "t": "some text", "d": "2020-01-01"}]),
    )
}

#[test]
fn a_disabled_source_is_not_shown() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"_source": {"enabled": false}, "properties": {"s": {"type": "keyword", "store": true}, "t": {"type": "text", "store": true}, "d": {"type": "date", "store": true}, "n": {"type": "long"}, "o": {"properties": {"b": {"type": "long", "store": true}}}}}},
        "GET /a/_mapping",
        "PUT /a/_doc/1?refresh=true" => {"a": "x", "o": {"b": 1, "c": [1, 2]}, "s": "st", "t": "some text", "d": "2020-01-01"},
        "GET /a/_doc/1",
        "GET /a/_source/1",
        "GET /a/_doc/1?_source=true",
        "POST /a/_search" => {},
        "POST /a/_search" => {"_source": true},
        "POST /a/_mget" => {"ids": ["1"]}
    );
}

#[test]
fn a_disabled_source_has_no_fields() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"_source": {"enabled": false}, "properties": {"s": {"type": "keyword", "store": true}, "t": {"type": "text", "store": true}, "d": {"type": "date", "store": true}, "n": {"type": "long"}, "o": {"properties": {"b": {"type": "long", "store": true}}}}}},
        "PUT /a/_doc/1?refresh=true" => {"a": "x", "o": {"b": 1, "c": [1, 2]}, "s": "st", "t": "some text", "d": "2020-01-01"},
        "POST /a/_search" => {"fields": ["s"]}
    );
}

#[test]
fn stored_fields_are_there_without_a_source() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"_source": {"enabled": false}, "properties": {"s": {"type": "keyword", "store": true}, "t": {"type": "text", "store": true}, "d": {"type": "date", "store": true}, "n": {"type": "long"}, "o": {"properties": {"b": {"type": "long", "store": true}}}}}},
        "PUT /a/_doc/1?refresh=true" => {"a": "x", "o": {"b": 1, "c": [1, 2]}, "s": "st", "t": "some text", "d": "2020-01-01"},
        "POST /a/_search" => {"stored_fields": ["s", "t", "d", "o.b"]},
        "POST /a/_search" => {"stored_fields": ["*"]},
        "GET /a/_doc/1?stored_fields=s,o.b,nope",
        "POST /a/_search" => {"highlight": {"fields": {"t": {}}}, "query": {"match": {"t": "some"}}}
    );
}

#[test]
fn a_document_without_source_is_not_updated() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"_source": {"enabled": false}, "properties": {"s": {"type": "keyword", "store": true}, "t": {"type": "text", "store": true}, "d": {"type": "date", "store": true}, "n": {"type": "long"}, "o": {"properties": {"b": {"type": "long", "store": true}}}}}},
        "PUT /a/_doc/1?refresh=true" => {"a": "x", "o": {"b": 1, "c": [1, 2]}, "s": "st", "t": "some text", "d": "2020-01-01"},
        "POST /a/_update/1" => {"doc": {"x": 1}}
    );
}

#[test]
fn a_disabled_source_stays_so() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"_source": {"enabled": false}, "properties": {"s": {"type": "keyword", "store": true}, "t": {"type": "text", "store": true}, "d": {"type": "date", "store": true}, "n": {"type": "long"}, "o": {"properties": {"b": {"type": "long", "store": true}}}}}},
        "PUT /a/_mapping" => {"_source": {"enabled": true}},
        "PUT /a/_mapping" => {"_source": {"enabled": false}},
        "PUT /a/_mapping" => {"properties": {"z": {"type": "long"}}}
    );
}

#[test]
fn parts_of_the_source_are_left_out() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"_source": {"includes": ["o.*", "s"], "excludes": ["o.c"]}, "properties": {"s": {"type": "keyword", "store": true}, "t": {"type": "text", "store": true}, "d": {"type": "date", "store": true}, "n": {"type": "long"}, "o": {"properties": {"b": {"type": "long", "store": true}}}}}},
        "PUT /a/_doc/1?refresh=true" => {"a": "x", "o": {"b": 1, "c": [1, 2]}, "s": "st", "t": "some text", "d": "2020-01-01"},
        "GET /a/_mapping",
        "GET /a/_doc/1",
        "GET /a/_source/1",
        "GET /a/_doc/1?realtime=false",
        "POST /a/_search" => {},
        "POST /a/_search" => {"_source": ["a"]},
        "POST /a/_update/1?refresh=true" => {"doc": {"x": 1}},
        "GET /a/_doc/1",
        "PUT /a/_mapping" => {"_source": {"excludes": ["z"]}}
    );
}

#[test]
fn stored_fields_are_shown_by_name_and_pattern() {
    asks!(
        documents(),
        "POST /a/_search" => {"stored_fields": ["s", "t", "d", "o.b", "n", "a"]},
        "POST /a/_search" => {"stored_fields": ["o.*"]},
        "POST /a/_search" => {"stored_fields": ["*"]},
        "POST /a/_search" => {"stored_fields": ["s", "_source"]},
        "POST /a/_search" => {"stored_fields": ["s"], "_source": true},
        "POST /a/_search" => {"stored_fields": "s"},
        "POST /a/_search" => {"stored_fields": []},
        "POST /a/_search" => {"stored_fields": ["nope"]},
        "GET /a/_search?stored_fields=s,t"
    );
}

#[test]
fn an_object_is_no_stored_field() {
    asks!(
        documents(),
        "POST /a/_search" => {"stored_fields": ["o"]},
        "GET /a/_doc/0?stored_fields=o"
    );
}

#[test]
fn one_document_shows_its_stored_fields() {
    asks!(
        documents(),
        "GET /a/_doc/0?stored_fields=s,t,d,n,_source",
        "GET /a/_doc/0?stored_fields=*",
        "POST /a/_mget" => {"docs": [{"_id": "0", "stored_fields": ["s", "o.b"]}, {"_id": "0", "stored_fields": "d"}]}
    );
}

#[test]
fn nothing_stored_is_shown_for_none() {
    asks!(
        documents(),
        "POST /a/_search" => {"stored_fields": "_none_"},
        "POST /a/_search" => {"stored_fields": "_none_", "_source": true},
        "POST /a/_search" => {"stored_fields": ["_routing", "_id", "_ignored"]}
    );
}

#[test]
fn unknown_parameters_of_source_are_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"_source": {"surprise": 1}}},
        "PUT /a" => {"mappings": {"_source": {"compress": true}}},
        "PUT /a" => {"mappings": {"_source": {}}},
        "GET /a/_mapping"
    );
}

#[test]
fn metadata_fields_are_configured_or_not() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"_size": {"enabled": true}}},
        "PUT /a" => {"mappings": {"_routing": {"x": 1}}},
        "PUT /a" => {"mappings": {"_index": {"enabled": true}}},
        "PUT /a" => {"mappings": {"_id": {}}},
        "PUT /a" => {"mappings": {"_ignored": {}}},
        "PUT /a" => {"mappings": {"_field_names": {"enabled": false}, "_routing": {"required": true}}},
        "GET /a/_mapping"
    );
}
