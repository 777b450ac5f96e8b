//! `keyword`.

use serde_json::json;

use crate::cases::{Setup, asks};

#[test]
fn a_text_is_kept_whole() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": "Two Words"},
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": "Two Words"}}},
        "POST /a/_search" => {"_source": false, "query": {"match": {"k": "Two"}}}
    );
}

#[test]
fn numbers_and_booleans_become_texts() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": [1, 1.5, true]},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["k"], "sort": ["_doc"]}
    );
}

#[test]
fn ignore_above_keeps_longer_ones_from_the_index() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword", "ignore_above": 3}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": "abcd"},
        "PUT /a/_doc/1?refresh=true" => {"k": "abc"},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "k"}}},
        "POST /a/_search" => {"sort": ["_doc"]}
    );
}

#[test]
fn null_value_stands_for_null() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"k": {"type": "keyword", "null_value": "NULL"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"k": null},
        "PUT /a/_doc/1?refresh=true" => {"k": []},
        "PUT /a/_doc/2?refresh=true" => {"k": [null, "x"]},
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": "NULL"}}}
    );
}

#[test]
fn an_object_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": {"a": 1}}
    );
}

#[test]
fn an_empty_text_is_a_value() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": ""},
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": ""}}},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["k"], "sort": ["_doc"]}
    );
}

#[test]
fn index_false_is_not_searched_but_sorted() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword", "index": false}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": "x"},
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": "x"}}},
        "POST /a/_search" => {"_source": false, "sort": ["k"]}
    );
}

#[test]
fn doc_values_false_is_searched_but_not_counted() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"k": {"type": "keyword", "doc_values": false}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"k": "x"},
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": "x"}}},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "k"}}},
        "POST /a/_search" => {"size": 0, "aggs": {"t": {"terms": {"field": "k"}}}}
    );
}

#[test]
fn norms_let_shorter_ones_count_more() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword", "norms": true}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": "x"},
        "PUT /a/_doc/1?refresh=true" => {"k": ["x", "y"]},
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": "x"}}}
    );
}

/// Keywords with norms: one value, two, one that comes twice, none.
fn with_norms() -> Setup {
    Setup::index(
        "a",
        json!({"mappings": {"properties": {"k": {"type": "keyword", "norms": true}, "n": {"type": "long"}}}}),
        json!([
            {"k": "x", "n": 0}, {"k": ["x", "y"], "n": 1}, {"k": ["x", "x"], "n": 2}, {"n": 3}, {"k": ["z", "y", "x", "w", "x"], "n": 4}
        ]),
    )
}

#[test]
fn with_norms_different_values_are_counted() {
    asks!(
        with_norms(),
        "POST /a/_search" => {"explain": true, "_source": false, "query": {"term": {"k": "x"}}},
        "POST /a/_search" => {"_source": false, "query": {"match": {"k": "y"}}},
        "POST /a/_search" => {"_source": false, "query": {"multi_match": {"query": "x", "fields": ["k", "n"], "lenient": true}}},
        "POST /a/_search" => {"_source": false, "query": {"terms": {"k": ["x", "w"]}}, "sort": ["n"]},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "k"}}, "sort": ["n"]},
        "POST /a/_search" => {"size": 0, "aggs": {"t": {"terms": {"field": "k"}}, "v": {"value_count": {"field": "k"}}}}
    );
}

#[test]
fn norms_of_keywords_are_given_up_and_not_taken_up() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword", "norms": true}, "n": {"type": "keyword"}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": ["x", "y"]},
        "PUT /a/_mapping" => {"properties": {"n": {"type": "keyword", "norms": true}}},
        "PUT /a/_mapping" => {"properties": {"k": {"type": "keyword"}}},
        "GET /a/_mapping",
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": "x"}}},
        "PUT /a/_mapping" => {"properties": {"k": {"type": "keyword", "norms": true}}}
    );
}

#[test]
fn frequencies_of_keywords_count() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword", "index_options": "freqs"}, "n": {"type": "keyword", "index_options": "freqs", "norms": true}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": ["x", "x", "y"], "n": ["x", "x", "y"]},
        "PUT /a/_doc/1?refresh=true" => {"k": ["x", "y", "z", "w"], "n": ["x", "y", "z", "w"]},
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": "x"}}},
        "POST /a/_search" => {"_source": false, "query": {"match": {"n": "x"}}},
        "POST /a/_search" => {"size": 0, "aggs": {"t": {"terms": {"field": "n"}}, "v": {"value_count": {"field": "k"}}}}
    );
}

#[test]
fn duplicates_are_one_value() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword"}}}},
        "PUT /a/_doc/0?refresh=true" => {"k": ["b", "a", "b"]},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["k"], "sort": ["_doc"]},
        "POST /a/_search" => {"size": 0, "aggs": {"t": {"terms": {"field": "k"}}}}
    );
}

#[test]
fn an_unknown_parameter_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"k": {"type": "keyword", "surprise": 1}}}}
    );
}

#[test]
fn an_ignore_above_of_letters_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"k": {"type": "keyword", "ignore_above": "x"}}}
        }
    );
}

#[test]
fn split_queries_on_whitespace_is_taken() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {"k": {"type": "keyword", "split_queries_on_whitespace": true}}
            }
        },
        "PUT /a/_doc/0?refresh=true" => {"k": "a"},
        "PUT /a/_doc/1?refresh=true" => {"k": "a b"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"k": "a b"}}}
    );
}
