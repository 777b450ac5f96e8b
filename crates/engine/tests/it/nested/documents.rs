//! Documents with nested objects.

use serde_json::json;

use crate::cases::{Setup, asks};

fn index() -> Setup {
    Setup::index(
        "n",
        json!({"mappings": {"properties": {
            "c": {"type": "nested", "dynamic": "strict", "properties": {
                "a": {"type": "keyword", "copy_to": ["all", "c.own"]},
                "own": {"type": "keyword"},
                "n": {"type": "long"},
                "in": {"type": "nested", "include_in_parent": true, "properties": {"k": {"type": "keyword"}}}
            }},
            "all": {"type": "keyword"}
        }}}),
        json!([]),
    )
}

#[test]
fn values_that_are_no_objects_are_refused() {
    asks!(index(), "PUT /n/_doc/1" => {"c": 5}, "PUT /n/_doc/1" => {"c": {"n": "x"}});
}

#[test]
fn strict_objects_refuse_new_fields() {
    asks!(index(), "PUT /n/_doc/1" => {"c": {"zzz": 1}}, "PUT /n/_doc/1" => {"c": [{"a": "x"}, {"zzz": 1}]});
}

#[test]
fn a_name_with_dots_does_not_lead_into_an_object() {
    asks!(index(), "PUT /n/_doc/1" => {"c.a": "x"});
}

#[test]
fn nulls_and_empty_lists_are_no_objects() {
    asks!(index(),
        "PUT /n/_doc/1?refresh=true" => {"c": null},
        "PUT /n/_doc/2?refresh=true" => {"c": []},
        "PUT /n/_doc/3?refresh=true" => {"c": [null, {"a": "x"}]},
        "PUT /n/_doc/4?refresh=true" => {"c": {}},
        "POST /n/_search" => {"query": {"nested": {"path": "c", "query": {"match_all": {}}}}, "_source": false});
}

#[test]
fn values_are_copied_to_the_document_that_has_the_field() {
    asks!(index(),
        "PUT /n/_doc/1?refresh=true" => {"c": [{"a": "x"}, {"a": "y"}]},
        "POST /n/_search" => {"query": {"bool": {"must": [{"term": {"all": "x"}}, {"term": {"all": "y"}}]}}},
        "POST /n/_search" => {"query": {"nested": {"path": "c", "query": {"term": {"all": "x"}}}}},
        "POST /n/_search" => {"query": {"nested": {"path": "c", "query": {"bool": {"must": [{"term": {"c.own": "x"}}, {"term": {"c.a": "x"}}]}}}}},
        "POST /n/_search" => {"query": {"nested": {"path": "c", "query": {"bool": {"must": [{"term": {"c.own": "x"}}, {"term": {"c.a": "y"}}]}}}}});
}

#[test]
fn fields_are_included_in_the_object_around() {
    asks!(index(),
        "PUT /n/_doc/1?refresh=true" => {"c": [{"a": "x", "in": [{"k": "1"}, {"k": "2"}]}, {"a": "y", "in": {"k": "3"}}]},
        "POST /n/_search" => {"query": {"nested": {"path": "c", "query": {"bool": {"must": [{"term": {"c.in.k": "2"}}, {"term": {"c.a": "x"}}]}}}}},
        "POST /n/_search" => {"query": {"nested": {"path": "c", "query": {"bool": {"must": [{"term": {"c.in.k": "3"}}, {"term": {"c.a": "x"}}]}}}}},
        "POST /n/_search" => {"query": {"term": {"c.in.k": "3"}}},
        "POST /n/_search" => {"size": 0, "aggs": {"c": {"nested": {"path": "c"}, "aggs": {"k": {"terms": {"field": "c.in.k"}}}}}});
}

#[test]
fn reads_by_id_give_the_whole() {
    asks!(index(),
        "PUT /n/_doc/1?refresh=true" => {"c": [{"a": "x"}, {"a": "y"}]},
        "GET /n/_doc/1",
        "GET /n/_source/1",
        "GET /n/_mget" => {"ids": ["1", "2"]},
        "GET /n/_doc/1?_source_includes=c.a");
}

#[test]
fn all_documents_are_written_again_with_their_objects() {
    asks!(index(),
        "POST /n/_bulk?refresh=true" => [{"index": {"_id": "1"}}, {"c": [{"a": "x"}, {"a": "y"}]}, {"index": {"_id": "2"}}, {"c": {"a": "z"}}, {"index": {"_id": "3"}}, {"all": "w"}],
        "POST /n/_update_by_query?refresh=true" => {"query": {"match_all": {}}},
        "POST /n/_search" => {"query": {"bool": {"filter": {"nested": {"path": "c", "query": {"term": {"c.a": "y"}}}}}}, "version": true, "seq_no_primary_term": true},
        "POST /n/_delete_by_query?refresh=true" => {"query": {"match_all": {}}},
        "GET /n/_count");
}

#[test]
fn pages_of_a_scroll_have_whole_documents() {
    asks!(index(),
        "POST /n/_bulk?refresh=true" => [{"index": {"_id": "1"}}, {"c": [{"a": "x"}, {"a": "y"}]}, {"index": {"_id": "2"}}, {"c": {"a": "z"}}, {"index": {"_id": "3"}}, {"all": "w"}],
        "POST /n/_search?scroll=1m" => {"size": 2, "sort": ["all"], "_source": false, "query": {"exists": {"field": "all"}}},
        "POST /_search/scroll" => {"scroll_id": "{scroll}"});
}

#[test]
fn sizes_of_indices_count_objects_as_the_store_does() {
    asks!(index(),
        "PUT /n/_doc/1?refresh=true" => {"c": [{"a": "x"}, {"a": "y", "in": [{"k": "1"}]}]},
        "GET /n/_stats/docs?filter_path=_all.primaries.docs.count",
        "GET /_cat/indices/n?h=docs.count",
        "GET /_cat/count/n?h=count");
}
