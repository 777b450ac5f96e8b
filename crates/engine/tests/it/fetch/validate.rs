//! `_validate/query` in words.

use crate::cases::asks;
use crate::library::films;

#[test]
fn a_term() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"match": {"title": "fox"}}});
}

#[test]
fn words() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"match": {"title": "quick fox"}}});
}

#[test]
fn all_words() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"match": {"title": {"query": "quick fox", "operator": "and"}}}});
}

#[test]
fn two_of_three_words() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"match": {"title": {"query": "a b c", "minimum_should_match": 2}}}});
}

#[test]
fn a_phrase() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"match_phrase": {"title": "a b"}}});
}

#[test]
fn a_sloppy_phrase() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"match_phrase": {"title": {"query": "a b", "slop": 2}}}});
}

#[test]
fn a_bool() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"bool": {"must": [{"match": {"title": "fox"}}], "filter": [{"term": {"genre": "drama"}}], "must_not": [{"term": {"tags": "x"}}], "should": [{"match": {"plot": "a"}}]}}});
}

#[test]
fn a_bool_within_a_bool() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"bool": {"must": [{"bool": {"should": [{"term": {"tags": "a"}}, {"term": {"tags": "b"}}]}}, {"term": {"genre": "x"}}]}}});
}

#[test]
fn match_all() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"match_all": {}}});
}

#[test]
fn match_none() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"match_none": {}}});
}

#[test]
fn a_boolean() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"term": {"seen": true}}});
}

#[test]
fn keywords() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"terms": {"genre": ["a", "b"]}}});
}

#[test]
fn a_range_of_keywords() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"prefix": {"genre": "a"}}});
}

#[test]
fn a_wildcard() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"wildcard": {"genre": "a*b?"}}});
}

#[test]
fn a_regexp() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"regexp": {"genre": "a.*"}}});
}

#[test]
fn ids() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"ids": {"values": ["1", "2", "abc"]}}});
}

#[test]
fn a_constant_score() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"constant_score": {"filter": {"term": {"genre": "a"}}, "boost": 2}}});
}

#[test]
fn a_boosted_term() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"term": {"genre": {"value": "a", "boost": 2}}}});
}

#[test]
fn a_bool_prefix() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"match_bool_prefix": {"title": "quick br"}}});
}

#[test]
fn a_group_with_a_boost() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"query_string": {"query": "title:(a OR b)^2 -genre:c"}}});
}

#[test]
fn a_boosting_query() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"boosting": {"positive": {"match": {"title": "fox"}}, "negative": {"match": {"title": "dog"}}, "negative_boost": 0.2}}});
}

#[test]
fn spans() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"span_near": {"clauses": [{"span_term": {"title": "a"}}, {"span_term": {"title": "b"}}], "slop": 1}}});
}

#[test]
fn a_simple_query_string() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"query": {"simple_query_string": {"query": "quick + fox", "fields": ["title"]}}});
}

#[test]
fn all_shards() {
    asks!(films(), "POST /films/_validate/query?explain=true&all_shards=true" => {"query": {"match_all": {}}});
}

#[test]
fn an_unknown_key() {
    asks!(films(), "POST /films/_validate/query?explain=true" => {"match_all": {}});
}

#[test]
fn no_explanation() {
    asks!(films(), "POST /films/_validate/query" => {"query": {"match": {"year": "x"}}});
}

#[test]
fn a_query_of_the_url() {
    asks!(films(), "GET /films/_validate/query?q=genre:drama&explain=true");
}
