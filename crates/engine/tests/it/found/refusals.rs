//! Which of several faults is told, and how.

use serde_json::json;

use super::without_words;
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
