//! `search_as_you_type`: texts that are found while their last word is typed.

use serde_json::json;

use crate::cases::{Setup, asks};

fn animals() -> Setup {
    let mapping = json!({"mappings": {"properties": {
        "s": {"type": "search_as_you_type"},
        "two": {"type": "search_as_you_type", "max_shingle_size": 2, "analyzer": "english"},
        "sub": {"type": "search_as_you_type", "fields": {"k": {"type": "keyword"}}},
    }}});
    let documents = json!([
        {"s": "quick brown fox jump lazy dog"},
        {"s": ["xylophone", "quick the brown"]},
        {"two": "running foxes"},
        {"sub": "test search as you type"},
    ]);
    Setup::index("animals", mapping, documents)
}

#[test]
fn the_last_word_may_be_a_beginning() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"multi_match": {"query": "quick brown f", "type": "bool_prefix", "fields": ["s", "s._2gram", "s._3gram"]}}}, "POST /animals/_search" => {"_source": false, "query": {"multi_match": {"query": "brown f", "type": "bool_prefix", "fields": ["s", "s._2gram", "s._3gram"]}}}, "POST /animals/_search" => {"_source": false, "query": {"multi_match": {"query": "brown", "type": "bool_prefix", "fields": ["s", "s._2gram", "s._3gram"]}}}, "POST /animals/_search" => {"_source": false, "query": {"multi_match": {"query": "fox quick", "type": "bool_prefix", "fields": ["s", "s._2gram", "s._3gram"]}}}, "POST /animals/_search" => {"_source": false, "query": {"multi_match": {"query": "bro", "type": "bool_prefix", "fields": ["s"]}}});
}

#[test]
fn all_fields_beside_it_are_found_by_a_pattern() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"multi_match": {"query": "bro", "type": "bool_prefix", "fields": ["s*"]}}});
}

#[test]
fn bool_prefix_looks_at_one_of_them() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"match_bool_prefix": {"s": "quick br"}}}, "POST /animals/_search" => {"_source": false, "query": {"match_bool_prefix": {"s._2gram": "quick br"}}}, "POST /animals/_search" => {"_source": false, "query": {"match_bool_prefix": {"two": "running fo"}}}, "POST /animals/_search" => {"_source": false, "query": {"multi_match": {"query": "running fo", "type": "bool_prefix", "fields": ["two", "two._2gram"]}}});
}

#[test]
fn phrases_are_found_by_joined_words() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"match_phrase": {"s": "brown fox"}}}, "POST /animals/_search" => {"_source": false, "query": {"match_phrase": {"s": "brown fox jump"}}}, "POST /animals/_search" => {"_source": false, "query": {"match_phrase": {"s": "brown fox jump lazy"}}}, "POST /animals/_search" => {"_source": false, "query": {"match_phrase": {"s": "fox brown"}}}, "POST /animals/_search" => {"_source": false, "query": {"match_phrase": {"s": {"query": "brown jump", "slop": 1}}}});
}

#[test]
fn a_phrase_may_end_with_a_beginning() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"constant_score": {"filter": {"match_phrase_prefix": {"s": "quick br"}}}}}, "POST /animals/_search" => {"_source": false, "query": {"constant_score": {"filter": {"match_phrase_prefix": {"s": "brown fox ju"}}}}}, "POST /animals/_search" => {"_source": false, "query": {"constant_score": {"filter": {"match_phrase_prefix": {"s": "quick brown fox ju"}}}}}, "POST /animals/_search" => {"_source": false, "query": {"constant_score": {"filter": {"match_phrase_prefix": {"s": "brown qu"}}}}});
}

#[test]
fn terms_are_words_and_joined_words() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"match": {"s": "fox"}}}, "POST /animals/_search" => {"_source": false, "query": {"term": {"s": "fox"}}}, "POST /animals/_search" => {"_source": false, "query": {"term": {"s._2gram": "quick brown"}}}, "POST /animals/_search" => {"_source": false, "query": {"match": {"s._2gram": "quick brown"}}}, "POST /animals/_search" => {"_source": false, "query": {"match": {"s._index_prefix": "qu"}}}, "POST /animals/_search" => {"_source": false, "query": {"constant_score": {"filter": {"term": {"s._index_prefix": "qu"}}}}});
}

#[test]
fn beginnings_are_of_one_word_or_several() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"prefix": {"s": "qui"}}}, "POST /animals/_search" => {"_source": false, "query": {"prefix": {"s": "quick br"}}}, "POST /animals/_search" => {"_source": false, "query": {"prefix": {"s._2gram": "quick br"}}}, "POST /animals/_search" => {"_source": false, "query": {"prefix": {"s": "brown qu"}}});
}

#[test]
fn it_is_a_text_to_other_queries() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"wildcard": {"s": "qu*"}}}, "POST /animals/_search" => {"_source": false, "query": {"span_term": {"s": "fox"}}}, "POST /animals/_search" => {"_source": false, "query": {"query_string": {"query": "s:qui*"}}}, "POST /animals/_search" => {"_source": false, "query": {"exists": {"field": "s"}}}, "POST /animals/_search" => {"_source": false, "query": {"exists": {"field": "s._2gram"}}});
}

#[test]
fn it_is_highlighted() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"match": {"s": "fox"}}, "highlight": {"fields": {"s": {}}}}, "POST /animals/_search" => {"_source": false, "query": {"match_phrase": {"s": "xylophone"}}, "highlight": {"fields": {"s": {}}}});
}

#[test]
fn it_cannot_be_sorted_or_aggregated() {
    asks!(animals(), "POST /animals/_search" => {"sort": ["s"]}, "POST /animals/_search" => {"aggs": {"a": {"terms": {"field": "s"}}}});
}

#[test]
fn fields_beside_it_show_its_texts() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"exists": {"field": "s"}}, "fields": ["s", "s._2gram"]});
}

#[test]
fn multi_fields_of_it_are_filled() {
    asks!(animals(), "POST /animals/_search" => {"_source": false, "query": {"term": {"sub.k": "test search as you type"}}}, "POST /animals/_search" => {"_source": false, "query": {"multi_match": {"query": "test search", "type": "bool_prefix", "fields": ["sub.k"]}}}; differs: "Elasticsearch 7.10 forgets the multi-fields of such a field; OpenSearch mended that in 2.18, and so it is here");
}

#[test]
fn it_is_printed_with_its_defaults() {
    asks!(Setup::nothing(), "PUT /m0" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "search_as_you_type"}}}}, "GET /m0/_mapping", "PUT /m1" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "search_as_you_type", "max_shingle_size": 4}}}}, "GET /m1/_mapping", "PUT /m2" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "search_as_you_type", "max_shingle_size": "3"}}}}, "GET /m2/_mapping", "PUT /m3" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "search_as_you_type", "index": false, "norms": false, "index_options": "docs", "store": true}}}}, "GET /m3/_mapping", "PUT /m4" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "search_as_you_type", "analyzer": "simple", "search_analyzer": "standard"}}}}, "GET /m4/_mapping", "PUT /m5" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "search_as_you_type", "copy_to": "k"}}}}, "GET /m5/_mapping");
}

#[test]
fn parameters_that_are_wrong_are_refused() {
    asks!(Setup::nothing(), "PUT /m" => {"mappings": {"properties": {"f": {"type": "search_as_you_type", "max_shingle_size": 1}}}}, "PUT /m" => {"mappings": {"properties": {"f": {"type": "search_as_you_type", "max_shingle_size": 5}}}}, "PUT /m" => {"mappings": {"properties": {"f": {"type": "search_as_you_type", "foo": 1}}}}, "PUT /m" => {"mappings": {"properties": {"f": {"type": "search_as_you_type", "fielddata": true}}}}, "PUT /m" => {"mappings": {"properties": {"f": {"type": "search_as_you_type", "doc_values": true}}}});
}
