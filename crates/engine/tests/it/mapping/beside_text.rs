//! `index_prefixes` and `index_phrases`: terms beside a text that are beginnings of its words, and its words by twos.

use serde_json::json;

use crate::cases::{Setup, asks};
use crate::domain::Domain;

fn animals() -> Setup {
    let mapping = json!({"mappings": {"properties": {
        "t": {"type": "text", "index_prefixes": {}, "index_phrases": true},
        "u": {"type": "text", "index_prefixes": {"min_chars": 3, "max_chars": 4}, "analyzer": "english"},
        "k": {"type": "keyword", "fields": {"words": {"type": "text", "index_prefixes": {"max_chars": 3}}}},
    }}});
    let documents = json!([
        {"t": "quick brown fox jump lazy dog"},
        {"t": ["xylophone", "quick the brown"]},
        {"t": "quick brown quick brownie", "u": "running foxes", "k": "Running foxes"},
        {"t": "qua"},
    ]);
    Setup::index("animals", mapping, documents)
}

macro_rules! found {
    ($($query:tt),+ $(,)?) => {
        asks!(animals(), $("POST /animals/_search" => {"_source": false, "query": $query}),+)
    };
}

#[test]
fn beginnings_score_by_their_own_terms() {
    found!(
        {"prefix": {"t": "qu"}},
        {"prefix": {"t": {"value": "qu", "rewrite": "scoring_boolean"}}},
        {"prefix": {"t": {"value": "qu", "rewrite": "constant_score_boolean"}}},
        {"prefix": {"t": {"value": "brown", "rewrite": "top_terms_1"}}},
        {"prefix": {"t": {"value": "browni", "rewrite": "scoring_boolean"}}},
        {"prefix": {"k.words": {"value": "run", "rewrite": "scoring_boolean"}}},
        {"query_string": {"query": "t:br*"}},
    );
}

#[test]
fn a_beginning_that_is_one_too_short_stands_for_those_with_one_more() {
    found!(
        {"prefix": {"t": {"value": "q", "rewrite": "constant_score"}}},
        {"prefix": {"t": {"value": "q", "rewrite": "scoring_boolean"}}},
        {"prefix": {"u": {"value": "ru", "rewrite": "scoring_boolean"}}},
        {"prefix": {"u": {"value": "r", "rewrite": "scoring_boolean"}}},
    );
}

#[test]
fn beginnings_in_other_letter_case_score_one() {
    found!(
        {"prefix": {"t": {"value": "QU", "case_insensitive": true}}},
        {"prefix": {"t": {"value": "QU", "case_insensitive": true, "rewrite": "top_terms_5"}}},
        {"prefix": {"t": {"value": "QU"}}},
    );
}

#[test]
fn a_phrase_may_end_with_a_term_that_is_a_beginning() {
    found!(
        {"match_phrase_prefix": {"t": "quick br"}},
        {"match_phrase_prefix": {"t": "quick b"}},
        {"match_phrase_prefix": {"t": "quick browni"}},
        {"match_phrase_prefix": {"t": "brown fox ju"}},
        {"match_phrase_prefix": {"t": "quick"}},
        {"match_phrase_prefix": {"t": "qu"}},
        {"match_phrase_prefix": {"t": "quick zz"}},
        {"match_phrase_prefix": {"t": {"query": "quick f", "slop": 1}}},
        {"match_phrase_prefix": {"t": {"query": "quick br", "max_expansions": 1}}},
        {"match_phrase_prefix": {"u": "run the fox"}},
        {"match_bool_prefix": {"t": "brown qu"}},
        {"multi_match": {"query": "quick br", "type": "phrase_prefix", "fields": ["t", "u"]}},
    );
}

#[test]
fn spans_and_intervals_of_beginnings_stand_in_the_text() {
    found!(
        {"span_multi": {"match": {"prefix": {"t": "qu"}}}},
        {"span_near": {"clauses": [{"span_multi": {"match": {"prefix": {"t": "qu"}}}}, {"span_multi": {"match": {"prefix": {"t": {"value": "br"}}}}}], "slop": 0, "in_order": true}},
        {"intervals": {"t": {"prefix": {"prefix": "qu"}}}},
        {"field_masking_span": {"query": {"span_term": {"t": "brown"}}, "field": "u"}},
    );
}

#[test]
fn phrases_are_terms_of_two_words() {
    found!(
        {"match_phrase": {"t": "quick brown"}},
        {"match_phrase": {"t": "quick brown fox"}},
        {"match_phrase": {"t": "brown quick"}},
        {"match_phrase": {"t": {"query": "quick fox", "slop": 1}}},
        {"query_string": {"query": "t:\"quick brown\""}},
        {"term": {"t._index_phrase": "quick brown"}},
        {"term": {"t._index_prefix": "qu"}},
    );
}

#[test]
fn the_fields_beside_are_told_of() {
    asks!(
        animals(),
        "GET /animals/_field_caps?fields=t*",
        "GET /animals/_mapping",
        "GET /animals/_mapping/field/t*"
    );
}

macro_rules! mapped {
    ($($definition:tt),+ $(,)?) => {
        asks!(Setup::nothing(), $("PUT /a" => {"mappings": {"properties": {"t": $definition}}}, "GET /a/_mapping", "DELETE /a"),+)
    };
}

#[test]
fn lengths_that_are_left_out_have_defaults() {
    mapped!(
        {"type": "text", "index_prefixes": {}},
        {"type": "text", "index_prefixes": {"min_chars": 3}},
        {"type": "text", "index_prefixes": {"min_chars": "3", "max_chars": 19}},
        {"type": "text", "index_prefixes": {"min_chars": null}},
        {"type": "text", "index_prefixes": null},
        {"type": "text", "index_phrases": "true"},
        {"type": "text", "index_phrases": false, "index": false},
    );
}

macro_rules! refused {
    ($($definition:tt),+ $(,)?) => {
        asks!(Setup::nothing(), $("PUT /a" => {"mappings": {"properties": {"t": $definition}}}),+)
    };
}

#[test]
fn lengths_that_cannot_be_are_refused() {
    refused!(
        {"type": "text", "index_prefixes": {"min_chars": 0}},
        {"type": "text", "index_prefixes": {"min_chars": -1}},
        {"type": "text", "index_prefixes": {"min_chars": 5, "max_chars": 3}},
        {"type": "text", "index_prefixes": {"max_chars": 20}},
        {"type": "text", "index_prefixes": {"foo": 20}},
        {"type": "text", "index_prefixes": {"min_chars": "x"}},
        {"type": "text", "index_prefixes": {"min_chars": 2.7}},
        {"type": "search_as_you_type", "index_prefixes": {}},
    );
}

#[test]
fn what_has_no_terms_or_positions_has_none_beside() {
    refused!(
        {"type": "text", "index_prefixes": {}, "index": false},
        {"type": "text", "index_phrases": true, "index": false},
        {"type": "text", "index_phrases": true, "index_options": "freqs"},
        {"type": "text", "index_phrases": "x"},
    );
}

#[test]
fn they_cannot_be_changed() {
    asks!(
        animals(),
        "PUT /animals/_mapping" => {"properties": {"t": {"type": "text", "index_phrases": true, "index_prefixes": {"min_chars": 2}}}},
        "PUT /animals/_mapping" => {"properties": {"t": {"type": "text"}}},
        "PUT /animals/_mapping" => {"properties": {"t": {"type": "text", "index_phrases": true, "index_prefixes": {"max_chars": 6}}}},
    );
}

#[test]
fn beginnings_are_looked_for_where_expensive_queries_are_turned_off() {
    let domain = Domain::opensearch();
    domain.ok("PUT /a", r#"{"mappings": {"properties": {"t": {"type": "text", "index_prefixes": {}}, "u": {"type": "text"}}}}"#);
    domain.ask("PUT /a/_doc/1?refresh", r#"{"t": "quick", "u": "quick"}"#);
    domain.ok(
        "PUT /_cluster/settings",
        r#"{"transient": {"search.allow_expensive_queries": false}}"#,
    );
    assert_eq!(
        domain.ok("POST /a/_search", r#"{"query": {"prefix": {"t": "qu"}}}"#)["hits"]["total"]["value"],
        1
    );
    assert_eq!(domain.ask("POST /a/_search", r#"{"query": {"prefix": {"u": "qu"}}}"#).0, 400);
}
