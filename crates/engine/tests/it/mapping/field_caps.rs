//! `_field_caps`: what can be done with which field, and where.

use serde_json::json;

use crate::cases::{Setup, asks};

fn three() -> Setup {
    let first = json!({"mappings": {"properties": {
        "x": {"type": "keyword", "meta": {"unit": "ms"}},
        "l": {"type": "long", "meta": {"unit": "ms", "k": "g"}},
        "o": {"properties": {"p": {"type": "text"}}},
        "ne": {"type": "nested", "properties": {"q": {"type": "long"}}},
        "d": {"type": "date"}, "i": {"type": "keyword", "index": false}, "al": {"type": "alias", "path": "x"}
    }}});
    let second = json!({"mappings": {"properties": {
        "x": {"type": "text"}, "l": {"type": "long", "meta": {"unit": "ns", "k": "g"}}, "d": {"type": "date"},
        "o": {"type": "keyword"}
    }}});
    let third = json!({"mappings": {"properties": {"l": {"type": "long"}, "i": {"type": "keyword", "doc_values": false}}}});
    Setup::index("a", first, json!([{"x": "1", "d": "2020-01-01", "l": 1}]))
        .and("b", second, json!([{"x": "1", "d": ["2021-01-01", "2023-01-01"]}]))
        .and("c", third, json!([]))
}

#[test]
fn fields_of_several_indices_are_merged() {
    asks!(three(), "GET /_field_caps?fields=x,l,o*,ne*,i,al");
}

#[test]
fn what_is_not_everywhere_is_unmapped_elsewhere_where_that_is_asked_for() {
    asks!(
        three(),
        "GET /_field_caps?fields=x,l,o*,ne*,i,al,zz&include_unmapped=true",
        "GET /_field_caps?fields=*&include_unmapped",
        "GET /_field_caps?fields=x&include_unmapped=maybe",
    );
}

#[test]
fn an_index_filter_leaves_out_where_nothing_can_match() {
    let with = |filter: serde_json::Value| json!({"index_filter": filter});
    asks!(
        three(),
        "POST /_field_caps?fields=d" => (with(json!({"range": {"d": {"gte": "2020-06-01"}}}))),
        "POST /_field_caps?fields=d" => (with(json!({"range": {"d": {"gte": "2022-01-01", "lte": "2022-01-01"}}}))),
        "POST /_field_caps?fields=d" => (with(json!({"range": {"d": {"gt": "2020-01-01", "lt": "2021-01-01"}}}))),
        "POST /_field_caps?fields=d" => (with(json!({"range": {"d": {"gte": "no date"}}}))),
        "POST /_field_caps?fields=d" => (with(json!({"range": {"l": {"gte": 5}}}))),
        "POST /_field_caps?fields=d" => (with(json!({"term": {"x": "2"}}))),
        "POST /_field_caps?fields=d" => (with(json!({"terms": {"x": []}}))),
        "POST /_field_caps?fields=d" => (with(json!({"terms": {"_index": ["a", "c"]}}))),
        "POST /_field_caps?fields=d" => (with(json!({"term": {"_index": {"value": "A", "case_insensitive": true}}}))),
        "POST /_field_caps?fields=d" => (with(json!({"wildcard": {"_index": "a*"}}))),
        "POST /_field_caps?fields=d" => (with(json!({"exists": {"field": "o"}}))),
        "POST /_field_caps?fields=d" => (with(json!({"match": {"surprise": "x"}}))),
        "POST /_field_caps?fields=d" => (with(json!({"prefix": {"l": "x"}}))),
        "POST /_field_caps?fields=d" => (with(json!({"ids": {"values": []}}))),
        "POST /_field_caps?fields=d" => (with(json!({"bool": {"filter": [{"match_none": {}}]}}))),
        "POST /_field_caps?fields=d" => (with(json!({"bool": {"should": [{"match_none": {}}]}}))),
        "POST /_field_caps?fields=d" => (with(json!({"bool": {"must_not": [{"match_all": {}}]}}))),
        "POST /_field_caps?fields=d" => (with(json!({"constant_score": {"filter": {"match_none": {}}}}))),
        "POST /_field_caps?fields=d" => (with(json!({"function_score": {"query": {"match_none": {}}}}))),
        "POST /_field_caps?fields=d" => (with(json!({"dis_max": {"queries": [{"match_none": {}}]}}))),
    );
}

#[test]
fn what_it_does_not_know_is_refused() {
    asks!(
        three(),
        "POST /_field_caps?fields=x" => {"surprise": {}},
        "POST /_field_caps?fields=x" => {"fields": ["l"]},
        "POST /_field_caps" => {"fields": ["l"]},
        "GET /_field_caps",
        "GET /_field_caps?fields=",
        "GET /surprise/_field_caps?fields=x",
        "GET /surprise*/_field_caps?fields=x",
    );
}
