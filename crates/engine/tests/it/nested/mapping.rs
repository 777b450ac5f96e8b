//! Nested fields in a mapping.

use serde_json::json;

use crate::cases::{Setup, asks};

fn index() -> Setup {
    Setup::index(
        "n",
        json!({"mappings": {"properties": {
            "c": {"type": "nested", "include_in_root": true, "dynamic": "strict", "properties": {"a": {"type": "keyword"}}},
            "o": {"properties": {"z": {"type": "long"}}},
            "t": {"type": "keyword"}
        }}}),
        json!([]),
    )
}

#[test]
fn it_is_told_as_it_was_put() {
    asks!(Setup::nothing(),
        "PUT /n" => {"mappings": {"properties": {
            "a": {"type": "nested"},
            "b": {"type": "nested", "include_in_parent": true, "include_in_root": true, "dynamic": false,
                "properties": {"x": {"type": "long"}, "y": {"type": "nested", "properties": {"z": {"type": "long"}}}}},
            "c": {"type": "nested", "include_in_root": false, "enabled": false}}}},
        "GET /n/_mapping",
        "GET /n/_field_caps?fields=a*,b*,c*");
}

#[test]
fn it_grows_and_keeps_its_type() {
    asks!(index(),
        "PUT /n/_mapping" => {"properties": {"c": {"type": "nested", "include_in_root": true, "properties": {"q": {"type": "long"}}}}},
        "PUT /n/_mapping" => {"properties": {"c": {"properties": {"r": {"type": "long"}}}}},
        "PUT /n/_mapping" => {"properties": {"c": {"type": "object"}}},
        "PUT /n/_mapping" => {"properties": {"c": {"type": "keyword"}}},
        "PUT /n/_mapping" => {"properties": {"o": {"type": "nested"}}},
        "PUT /n/_mapping" => {"properties": {"t": {"type": "nested"}}},
        "GET /n/_mapping");
}

#[test]
fn what_is_included_where_is_fixed() {
    asks!(index(),
        "PUT /n/_mapping" => {"properties": {"c": {"type": "nested"}}},
        "PUT /n/_mapping" => {"properties": {"c": {"type": "nested", "include_in_root": true, "include_in_parent": true}}});
}

#[test]
fn what_it_does_not_know_is_refused() {
    asks!(Setup::nothing(),
        "PUT /n" => {"mappings": {"properties": {"d": {"type": "nested", "foo": 1}}}},
        "PUT /n" => {"mappings": {"properties": {"d": {"type": "object", "include_in_root": true}}}},
        "GET /n/_mapping",
        "PUT /n2" => {"mappings": {"properties": {"d": {"type": "keyword", "fields": {"x": {"type": "nested"}}}}}});
}

#[test]
fn there_may_be_so_many() {
    asks!(Setup::nothing(),
        "PUT /n" => {"settings": {"index.mapping.nested_fields.limit": 1}, "mappings": {"properties": {"a": {"type": "nested"}, "b": {"type": "nested"}}}},
        "PUT /n" => {"settings": {"index.mapping.nested_fields.limit": 1}, "mappings": {"properties": {"a": {"type": "nested"}}}},
        "PUT /n/_mapping" => {"properties": {"b": {"type": "nested"}}});
}

#[test]
fn documents_may_have_so_many_objects() {
    asks!(Setup::nothing(),
        "PUT /n" => {"settings": {"index.mapping.nested_objects.limit": 2}, "mappings": {"properties": {"a": {"type": "nested",
            "properties": {"b": {"type": "nested"}}}}}},
        "PUT /n/_doc/1" => {"a": [{}, {}, {}]},
        "PUT /n/_doc/1" => {"a": [{"b": [{}, {}]}]},
        "PUT /n/_doc/1?refresh=true" => {"a": [{}, {}]},
        "GET /n/_count");
}

#[test]
fn documents_bring_new_fields_into_it() {
    asks!(Setup::nothing(),
        "PUT /n" => {"mappings": {"properties": {"a": {"type": "nested", "include_in_parent": true, "properties": {"b": {"type": "nested"}}}}}},
        "PUT /n/_doc/1?refresh=true" => {"a": [{"x": 1, "b": {"y": "word"}}, {"o": {"z": true}}]},
        "GET /n/_mapping",
        "POST /n/_search" => {"query": {"nested": {"path": "a.b", "query": {"match": {"a.b.y": "word"}}}}});
}

#[test]
fn templates_may_make_objects_nested() {
    asks!(Setup::nothing(),
        "PUT /n" => {"mappings": {"dynamic_templates": [{"lists": {"match_mapping_type": "object", "match": "list_*", "mapping": {"type": "nested"}}}]}},
        "PUT /n/_doc/1?refresh=true" => {"list_a": [{"x": 1, "y": 1}, {"x": 2, "y": 2}], "other": {"x": 1}},
        "GET /n/_mapping",
        "POST /n/_search" => {"query": {"nested": {"path": "list_a", "query": {"bool": {"must": [
            {"term": {"list_a.x": 1}}, {"term": {"list_a.y": 2}}]}}}}},
        "POST /n/_search" => {"query": {"nested": {"path": "list_a", "query": {"bool": {"must": [
            {"term": {"list_a.x": 2}}, {"term": {"list_a.y": 2}}]}}}}});
}
