//! Which of several faults is told, and how.

use serde_json::json;

use super::{of_each_type, without_words};
use crate::cases::{Setup, asks, search};

#[test]
fn a_clause_of_bool_that_cannot_be_read_is_named_by_its_list() {
    asks!(without_words(),
        "POST /w/_search" => {"query": {"bool": {"must": [{"term": {"k": ["x"]}}]}}},
        "POST /w/_search" => {"query": {"bool": {"should": {"bool": {"filter": [{"mach": {"t": "x"}}]}}}}},
        "POST /w/_search" => {"query": {"bool": {"filter": [{"range": {"n": {"gte": 1}, "k": {"gte": 2}}}]}}},
        "POST /w/_search" => {"query": {"constant_score": {"filter": {"term": {"k": []}}}}},
    );
}

#[test]
fn names_of_queries_that_are_alike_are_suggested_nearest_first() {
    asks!(without_words(),
        "POST /w/_search" => {"query": {"function_scorex": {}}},
        "POST /w/_search" => {"query": {"query_stringx": {}}},
        "POST /w/_search" => {"query": {"mtch": {}}},
    );
}

#[test]
fn a_field_to_highlight_that_cannot_be_read_is_named_by_its_list() {
    search!(without_words(), {"query": {"match_all": {}}, "highlight": {"fields": {"t": {"pre_tags": ["<b>"]}}}});
}

#[test]
fn a_pattern_of_field_names_in_a_text_needs_a_backslash() {
    asks!(without_words(),
        "POST /w/_search" => {"query": {"query_string": {"query": "t\\*:fox"}}},
        "POST /w/_search" => {"query": {"query_string": {"query": "*:fox"}}},
    );
}

#[test]
fn a_bool_that_cannot_match_is_not_looked_at_further() {
    asks!(without_words(),
        "POST /w/_search" => {"query": {"bool": {"filter": [{"exists": {"field": "nowhere"}}], "must": [{"term": {"n": "x"}}]}}},
        "POST /w/_search" => {"query": {"bool": {"must_not": [{"exists": {"field": "nowhere"}}], "must": [{"term": {"n": "x"}}]}}},
    );
}

#[test]
fn of_the_clauses_of_bool_the_negative_ones_are_refused_before_the_optional() {
    search!(without_words(), {"query": {"bool": {
        "filter": [{"term": {"n": "a"}}], "should": [{"term": {"n": "b"}}], "must_not": [{"term": {"n": "c"}}],
    }}});
}

#[test]
fn words_near_another_are_told_apart_from_other_values() {
    asks!(without_words(),
        "POST /w/_search" => {"query": {"fuzzy": {"n": "fox"}}},
        "POST /w/_search" => {"query": {"fuzzy": {"c": "fox"}}},
        "POST /w/_search" => {"query": {"simple_query_string": {"query": "fox~1", "fields": ["n"]}}},
    );
}

#[test]
fn binary_values_are_neither_found_nor_ordered() {
    asks!(without_words(),
        "POST /w/_search" => {"query": {"term": {"x": "fox"}}},
        "POST /w/_search" => {"query": {"match_phrase": {"x": "fox"}}},
        "POST /w/_search" => {"query": {"range": {"x": {"gte": "fox"}}}},
        "POST /w/_search" => {"query": {"match_bool_prefix": {"x": "fox"}}},
        "POST /w/_search" => {"query": {"match_bool_prefix": {"f": "fox"}}},
    );
}

#[test]
fn a_place_in_a_field_that_is_not_there_is_refused_by_name() {
    asks!(without_words(),
        "POST /w/_search" => {"query": {"geo_distance": {"distance": "1km", "nowhere": "1,1"}}},
        "POST /w/_search" => {"query": {"geo_bounding_box": {"nowhere": {"top": 1, "left": 0, "bottom": 0, "right": 1}}}},
    );
}

#[test]
fn likeness_is_looked_for_in_plain_texts_and_keywords() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {"y": {"type": "search_as_you_type"}, "k": {"type": "keyword"}}}}),
        json!([{"y": "the fox", "k": "fox"}]),
    );
    asks!(setup,
        "POST /w/_search" => {"query": {"more_like_this": {"like": "fox", "fields": ["y"], "min_term_freq": 1, "min_doc_freq": 1}}},
        "POST /w/_search" => {"query": {"more_like_this": {"like": "fox", "fields": ["k"], "min_term_freq": 1, "min_doc_freq": 1}}},
    );
}

#[test]
fn an_array_or_an_object_in_the_place_of_a_value_is_named() {
    asks!(of_each_type(),
        "POST /w/_search" => {"query": {"match": {"t": {"query": [1]}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "fox", "nope": {}}}}},
        "POST /w/_search" => {"query": {"match_phrase": {"t": {"query": {"a": 1}}}}},
        "POST /w/_search" => {"query": {"match_phrase_prefix": {"t": {"query": "fox", "slop": [1]}}}},
        "POST /w/_search" => {"query": {"match_bool_prefix": {"t": {"query": ["fox"]}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "fox", "fields": ["t"], "nope": ["t"]}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": ["fox"], "fields": ["t"]}}},
    );
}

#[test]
fn a_query_that_is_no_object_is_refused_by_its_token() {
    asks!(of_each_type(),
        "POST /w/_search" => {"query": ""},
        "POST /w/_search" => {"query": 5},
        "POST /w/_search" => {"query": [{"match_all": {}}]},
        "POST /w/_search" => {"post_filter": true},
    );
}

#[test]
fn options_of_a_whole_highlight_are_none_of_a_field() {
    asks!(of_each_type(),
        "POST /w/_search" => {"query": {"match": {"t": "fox"}}, "highlight": {"fields": {"t": {"encoder": "html"}}}},
        "POST /w/_search" => {"query": {"match": {"t": "fox"}}, "highlight": {"fields": {"t": {"tags_schema": "styled"}}}},
        "POST /w/_search?filter_path=hits.hits.highlight" => {"query": {"match": {"t": "fox"}}, "highlight": {"encoder": "html", "fields": {"t": {}}}},
    );
}

#[test]
fn a_source_alone_is_not_asked_for_without_itself() {
    asks!(
        of_each_type(),
        "GET /w/_source/0?_source=false",
        "HEAD /w/_source/0?_source=false",
        "GET /nope/_source/0?_source=false",
        "GET /w/_source/0?_source=t",
    );
}

#[test]
fn a_phrase_of_a_field_without_places_is_refused() {
    asks!(of_each_type(),
        "POST /w/_search" => {"query": {"match_phrase": {"k": {"query": "the fox", "analyzer": "standard"}}}},
        "POST /w/_search" => {"query": {"match_phrase": {"n": {"query": "1 2", "analyzer": "standard"}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "the fox", "fields": ["k", "t"], "type": "phrase", "analyzer": "standard"}}},
    );
}
