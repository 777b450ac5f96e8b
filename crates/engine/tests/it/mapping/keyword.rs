//! `keyword`.

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
        "POST /a/_search" => {"_source": false, "query": {"term": {"k": "x"}}};
        differs: "not built: answered 501 by name"
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
