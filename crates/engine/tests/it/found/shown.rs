//! What is shown of documents and mappings, and was shown in another way than by the real servers.

use serde_json::json;

use super::of_each_type;
use crate::cases::{Setup, asks, search};

fn numbers() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "f": {"type": "float"}, "h": {"type": "half_float"}, "d": {"type": "double"}, "i": {"type": "integer"},
            "t": {"type": "text"}, "b": {"type": "boolean"}, "k": {"type": "keyword", "normalizer": "lowercase"},
            "o": {"type": "nested", "properties": {"x": {"type": "long"}}},
        }}}),
        json!([{"f": [38.8, 0.1], "h": [38.8, 0.1], "d": 0.1, "i": 68, "t": "the fox"}, {"f": "2.5", "h": 7, "i": "5"}]),
    )
}

#[test]
fn fields_shows_small_floats_by_their_shortest_digits() {
    search!(numbers(), {"_source": false, "fields": ["f", "h", "d"]});
}

#[test]
fn fields_shows_a_field_once_that_is_asked_for_twice() {
    search!(numbers(), {"_source": false, "fields": ["i", "i*"]});
}

#[test]
fn a_pattern_of_docvalue_fields_may_not_find_a_text_field() {
    search!(numbers(), {"_source": false, "docvalue_fields": ["t*"]});
}

#[test]
fn tags_before_a_match_need_tags_after_it() {
    asks!(numbers(),
        "POST /w/_search" => {"query": {"match": {"t": "fox"}}, "highlight": {"pre_tags": ["<b>"], "fields": {"t": {}}}},
        "POST /w/_search" => {"query": {"match": {"t": "fox"}}, "highlight": {"post_tags": ["</b>"], "fields": {"t": {}}}},
    );
}

#[test]
fn a_field_without_words_is_not_analyzed() {
    asks!(numbers(),
        "POST /w/_analyze" => {"field": "b", "text": "the fox"},
        "POST /w/_analyze" => {"field": "i", "text": "5"},
        "POST /w/_analyze" => {"field": "t", "text": "the fox"},
        "POST /w/_analyze" => {"field": "k", "text": "The fox"},
        "POST /w/_analyze" => {"field": "nowhere", "text": "The fox"},
    );
}

#[test]
fn a_nested_object_is_no_field_of_the_mapping() {
    asks!(numbers(), "GET /w/_mapping/field/o", "GET /w/_mapping/field/o.x,f");
}

#[test]
fn a_missing_document_is_named_as_each_service_names_it() {
    asks!(numbers(),
        "POST /w/_update/9" => {"doc": {"i": 1}},
        "POST /w/_bulk" => [{"update": {"_id": "9"}}, {"doc": {"i": 1}}],
    );
}

#[test]
fn the_mapping_of_fields_shows_what_was_set_of_the_fields_that_every_index_has() {
    asks!(
        Setup::index(
            "w",
            json!({"mappings": {"_source": {"excludes": ["a"]}, "_routing": {"required": true}, "properties": {"b": {"type": "keyword"}}}}),
            json!([])
        ),
        "GET /w/_mapping/field/_source",
        "GET /w/_mapping/field/_routing",
        "GET /w/_mapping/field/*?include_defaults=false&filter_path=*.mappings._source,*.mappings._routing,*.mappings.b",
    );
}

#[test]
fn field_caps_tell_of_a_join_the_field_behind_it() {
    asks!(
        Setup::index(
            "w",
            json!({"mappings": {"properties": {"j": {"type": "join", "relations": {"a": "b"}}}}}),
            json!([])
        ),
        "GET /w/_field_caps?fields=_parent_join,j*",
        "GET /w/_field_caps?fields=_parent*",
    );
}

#[test]
fn a_field_that_matrix_stats_names_twice_is_there_once() {
    search!(of_each_type(), {"size": 0, "aggs": {"a": {"matrix_stats": {"fields": ["s", "s"]}}}});
}

fn flat() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "f": {"type": "flat_object"}, "k": {"type": "keyword", "store": true}, "u": {"type": "unsigned_long"},
            "o": {"type": "nested", "properties": {"c": {"type": "constant_keyword", "value": "same"}, "n": {"type": "long"}}},
        }}}),
        json!([
            {"f": {"a": "fox", "b": {"c": "fox", "d": 4}}, "k": "fox", "u": [22, 18446744073709551615u64], "o": [{"n": 1}, {"n": 2}]},
            {"f": {"a": "dog", "b": {"c": "fox"}}, "k": ["a", "b"], "o": {"n": 3}}, {"f": {"a": "end"}, "k": "c"},
        ]),
    )
    .of_opensearch()
}

#[test]
fn an_object_that_is_one_field_has_a_field_for_the_values_at_its_paths() {
    asks!(flat(),
        "GET /w/_field_caps?fields=f*",
        "POST /w/_search" => {"query": {"term": {"k": "fox"}}, "_source": false, "fields": ["f*"]},
    );
}

#[test]
fn values_and_values_with_their_paths_are_scored_apart() {
    asks!(flat(),
        "POST /w/_search?_source=false" => {"query": {"term": {"f": "fox"}}},
        "POST /w/_search?_source=false" => {"query": {"term": {"f.b.c": "fox"}}},
        "POST /w/_search?_source=false" => {"query": {"match": {"f": "dog"}}},
    );
}

#[test]
fn a_stored_field_that_is_asked_for_twice_is_shown_once() {
    asks!(flat(), "POST /w/_search" => {"query": {"term": {"k": "fox"}}, "stored_fields": ["k", "*"]});
}

#[test]
fn unsigned_numbers_are_shown_in_the_order_of_signed_ones() {
    asks!(flat(), "POST /w/_search" => {"query": {"term": {"k": "fox"}}, "_source": false, "docvalue_fields": ["u"]});
}

#[test]
fn nested_objects_have_the_one_value_of_their_field() {
    asks!(flat(),
        "POST /w/_search?_source=false" => {"query": {"nested": {"path": "o", "query": {"term": {"o.c": "same"}}}}},
        "POST /w/_search?_source=false" => {"query": {"nested": {"path": "o", "query": {"terms": {"o.c": ["other", "same"]}}}}},
        "POST /w/_search?_source=false" => {"query": {"nested": {"path": "o", "query": {"term": {"o.c": "other"}}}}},
    );
}

#[test]
fn what_an_update_gets_tells_no_routing() {
    asks!(numbers(),
        "PUT /w/_doc/5?routing=r" => {"i": 1},
        "POST /w/_update/5?routing=r&_source=true" => {"doc": {"i": 2}},
        "POST /w/_update/5?routing=r&_source=true" => {"doc": {"i": 2}},
        "GET /w/_doc/5?routing=r&_source=false",
        "GET /w/_doc/5?routing=r&_source=false&stored_fields=_none_",
        "GET /w/_doc/5?routing=r",
    );
}

#[test]
fn a_field_that_is_not_mapped_is_sorted_by_what_stands_for_it() {
    asks!(numbers(),
        "POST /w/_search" => {"_source": false, "sort": [{"x": {"missing": 5, "unmapped_type": "long"}}]},
        "POST /w/_search" => {"_source": false, "sort": [{"o": {"order": "desc", "missing": 5, "unmapped_type": "long"}}]},
        "POST /w/_search" => {"_source": false, "sort": [{"x": {"order": "desc", "missing": 5.5, "unmapped_type": "double"}}, {"y": {"missing": "k", "unmapped_type": "keyword"}}, {"z": {"missing": "2020", "unmapped_type": "date"}}]},
        "POST /w/_search" => {"_source": false, "sort": [{"x": {"unmapped_type": "integer"}}, {"y": {"unmapped_type": "keyword"}}, {"z": {"order": "desc", "unmapped_type": "float"}}]},
    );
}

#[test]
fn a_search_tells_how_long_its_phases_took() {
    asks!(numbers().of_opensearch(),
        "POST /w/_search?phase_took&filter_path=phase_took.can_match,phase_took.expand,timed_out" => {},
        "POST /w/_search?phase_took=true&filter_path=phase_took.dfs_query,phase_took.dfs_pre_query" => {},
        "POST /w/_search?phase_took=false&filter_path=phase_took,timed_out" => {},
    );
}

#[test]
fn segments_are_merged_for_what_was_deleted_in_them() {
    asks!(
        numbers(),
        "DELETE /w/_doc/1?refresh=true",
        "POST /w/_forcemerge?only_expunge_deletes=true&filter_path=_shards.failed",
        "GET /w/_count",
        "POST /w/_forcemerge?only_expunge_deletes=banana",
    );
}

#[test]
fn what_is_excluded_leaves_no_empty_objects_in_lists() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"_source": {"excludes": ["o.a", "k"]}, "properties": {
            "o": {"properties": {"a": {"type": "long"}, "b": {"type": "long"}}},
            "k": {"type": "keyword", "fields": {"w": {"type": "text"}}}, "s": {"type": "text", "store": true},
        }}}),
        json!([{"o": [{"a": 1}, {"a": 2}], "k": "fox"}, {"o": {"a": 1}}, {"o": [{"a": 1, "b": 2}, {}]}, {"o": [{}]}]),
    );
    asks!(setup,
        "POST /w/_search" => {"sort": ["_doc"]},
        "POST /w/_search" => {"sort": ["_doc"], "_source": {"excludes": ["o.b"]}},
        "POST /w/_search" => {"sort": ["_doc"], "_source": ["o"]},
        "POST /w/_search" => {"query": {"match": {"k.w": "fox"}}, "highlight": {"fields": {"k.w": {}}}},
    );
}

#[test]
fn ranges_are_shown_by_the_bytes_that_are_kept() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {"r": {"type": "long_range"}, "j": {"type": "join", "relations": {"q": ["a"]}}}}}),
        json!([{"r": {"gte": 30, "lte": 40}, "j": {"name": "q"}}, {"j": "q"}]),
    );
    asks!(setup,
        "POST /w/_search" => {"docvalue_fields": ["r"], "_source": false},
        "POST /w/_search" => {"fields": ["j"], "_source": false},
    );
}

#[test]
fn the_field_for_paths_in_an_object_is_listed_where_it_is_asked_for() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "f": {"type": "flat_object"}, "c": {"type": "constant_keyword", "value": "same"}, "b": {"type": "boolean"},
            "t": {"type": "text", "fielddata": true, "index_prefixes": {}},
        }}}),
        json!([{"f": {"a": "fox"}, "c": "same", "b": true, "t": "the fox"}]),
    )
    .of_opensearch();
    asks!(setup,
        "GET /w/_field_caps?fields=f",
        "GET /w/_field_caps?fields=f*,t*",
        "POST /w/_search" => {"fields": ["c"], "_source": false},
        "POST /w/_search" => {"query": {"query_string": {"query": "f:f?x"}}},
        "POST /w/_search" => {"query": {"term": {"b": {"value": "TRUE", "case_insensitive": true}}}},
        "POST /w/_search" => {"query": {"term": {"b": {"value": "true", "case_insensitive": true}}}},
        "POST /w/_search" => {"docvalue_fields": ["*"]},
    );
}
