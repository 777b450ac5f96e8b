//! `_ignored`: the fields of which a malformed value was left out.

use serde_json::json;

use crate::cases::{Setup, asks};

fn malformed() -> Setup {
    let lenient = |kind: &str| json!({"type": kind, "ignore_malformed": true});
    let mut number = lenient("long");
    number["fields"] = json!({"d": lenient("date"), "k": {"type": "keyword", "ignore_above": 2}});
    let properties = json!({
        "n": number, "i": lenient("ip"), "f": lenient("double"),
        "o": {"type": "nested", "properties": {"m": lenient("integer")}}
    });
    Setup::index(
        "a",
        json!({"mappings": {"properties": properties}}),
        json!([
            {"n": "none"}, {"n": 5}, {"o": [{"m": "x"}, {"m": 1}]}, {"n": ["a", 4], "i": ["::1", "b"], "f": "c"}, {}
        ]),
    )
}

#[test]
fn hits_and_documents_tell_of_it() {
    asks!(
        malformed(),
        "POST /a/_search" => {},
        "POST /a/_search" => {"_source": false},
        "POST /a/_search" => {"stored_fields": ["_ignored"]},
        "POST /a/_search" => {"stored_fields": "_none_"},
        "POST /a/_search" => {"_source": false, "query": {"nested": {"path": "o", "query": {"match_all": {}}, "inner_hits": {}}}},
        "GET /a/_doc/0",
        "GET /a/_doc/2?stored_fields=n",
        "GET /a/_doc/3?_source=false",
        "POST /a/_mget" => {"ids": ["0", "1", "3"]},
    );
}

#[test]
fn it_is_searched_as_a_field() {
    let find = |query: serde_json::Value| json!({"query": query, "_source": false});
    asks!(
        malformed(),
        "POST /a/_search" => (find(json!({"exists": {"field": "_ignored"}}))),
        "POST /a/_search" => (find(json!({"term": {"_ignored": "n"}}))),
        "POST /a/_search" => (find(json!({"term": {"_ignored": "i"}}))),
        "POST /a/_search" => (find(json!({"terms": {"_ignored": ["n", "o.m"]}}))),
        "POST /a/_search" => (find(json!({"match": {"_ignored": "n.d"}}))),
        "POST /a/_search" => (find(json!({"prefix": {"_ignored": "n"}}))),
        "POST /a/_search" => (find(json!({"wildcard": {"_ignored": "*m"}}))),
        "POST /a/_search" => (find(json!({"query_string": {"query": "_ignored:n"}}))),
        "POST /a/_search" => (find(json!({"term": {"_ignored": "surprise"}}))),
    );
}

#[test]
fn a_point_tells_and_a_word_that_is_too_long_does_not() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {
            "g": {"type": "geo_point", "ignore_malformed": true}, "k": {"type": "keyword", "ignore_above": 2}
        }}},
        "PUT /a/_doc/0?refresh=true" => {"g": "no place"},
        "PUT /a/_doc/1?refresh=true" => {"k": "long"},
        "POST /a/_search" => {"sort": ["_doc"]},
    );
}
