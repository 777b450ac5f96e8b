//! `boost`: what the scores of a field's terms are multiplied by.

use serde_json::json;

use crate::cases::{Setup, asks};

/// One document, of whose fields each counts for more than the one before.
fn boosted() -> Setup {
    let fields = json!({"mappings": {"properties": {
        "t": {"type": "text", "boost": 2},
        "k": {"type": "keyword", "boost": 3},
        "b": {"type": "boolean", "boost": 5},
        "d": {"type": "date", "boost": 7},
        "r": {"type": "integer_range", "boost": 11},
        "n": {"type": "integer", "boost": 13},
        "u": {"type": "text", "fields": {"raw": {"type": "keyword", "boost": 4}}},
        "below": {"type": "keyword", "boost": -1}
    }}});
    let document = json!({"t": "red blue", "k": "red", "b": true, "d": "2020-01-01", "r": {"gte": 1, "lte": 5}, "n": 1,
        "u": "red", "below": "red"});
    Setup::index("a", fields, json!([document]))
}

#[test]
fn a_term_counts_for_as_much_as_its_field() {
    asks!(
        boosted(),
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"term": {"t": "red"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"term": {"k": "red"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"term": {"k": {"value": "RED", "case_insensitive": true}}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"term": {"b": true}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"term": {"d": "2020-01-01"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"term": {"r": 3}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"term": {"n": 1}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"term": {"u.raw": "red"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"term": {"t": {"value": "red", "boost": 3}}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"terms_set": {"t": {"terms": ["red"], "minimum_should_match_script": {"source": "1"}}}}}
    );
}

#[test]
fn so_does_each_word_of_a_text() {
    asks!(
        boosted(),
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"match": {"t": "red blue"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"match": {"k": "red"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"match_phrase": {"t": "red"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"match_bool_prefix": {"t": "red bl"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"multi_match": {"query": "red", "fields": ["t", "u"], "type": "most_fields"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"multi_match": {"query": "red", "fields": ["t", "u"], "type": "cross_fields"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"query_string": {"query": "t:red"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"query_string": {"query": "red", "fields": ["t^3"]}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"query_string": {"query": "b:true k:red d:2020-01-01"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"simple_query_string": {"query": "red", "fields": ["t"]}}}
    );
}

#[test]
fn many_terms_at_once_and_phrases_do_not() {
    asks!(
        boosted(),
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"match_phrase": {"t": "red blue"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"match_phrase_prefix": {"t": "red"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"match_phrase_prefix": {"t": "red bl"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"fuzzy": {"t": "redd"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"prefix": {"t": "re"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"wildcard": {"k": {"value": "r*", "rewrite": "scoring_boolean"}}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"terms": {"k": ["red"]}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"terms": {"d": ["2020-01-01"]}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"terms": {"r": [3]}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"range": {"d": {"gte": "2020-01-01"}}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"span_term": {"t": "red"}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"common": {"t": {"query": "red blue"}}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"more_like_this": {"fields": ["t"], "like": "red", "min_doc_freq": 1, "min_term_freq": 1}}},
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"exists": {"field": "t"}}}
    );
}

#[test]
fn explanations_tell_it() {
    asks!(
        boosted(),
        "POST /a/_explain/0" => {"query": {"match": {"t": "red"}}},
        "POST /a/_validate/query?explain" => {"query": {"match": {"t": "red blue"}}}
    );
}

#[test]
fn a_boost_below_nothing_is_refused_when_it_is_used() {
    asks!(boosted(), "POST /a/_search" => {"query": {"term": {"below": "red"}}});
}

#[test]
fn it_is_kept_where_the_type_has_one() {
    asks!(boosted(), "GET /a/_mapping");
}

#[test]
fn it_can_be_changed() {
    asks!(
        boosted(),
        "PUT /a/_mapping" => {"properties": {"t": {"type": "text", "boost": "0.1"}, "k": {"type": "keyword"}}},
        "GET /a/_mapping/field/t,k",
        "POST /a/_search?filter_path=hits.max_score" => {"query": {"match": {"t": "red"}}}
    );
}

#[test]
fn one_that_is_no_number_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "boost": "x"}}}},
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "boost": null}}}}
    );
}
