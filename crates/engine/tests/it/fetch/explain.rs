//! `explain` and `_explain`.

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn a_term_is_weighed_by_its_rarity_and_the_length_of_the_field() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"match": {"title": "fox"}}});
}

#[test]
fn words_add_up() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"match": {"title": "quick fox"}}});
}

#[test]
fn a_keyword_has_no_length() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"term": {"genre": "drama"}}});
}

#[test]
fn a_boost_multiplies_the_weight() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"term": {"genre": {"value": "drama", "boost": 2}}}});
}

#[test]
fn a_boolean_is_a_term() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"term": {"seen": true}}});
}

#[test]
fn a_number_is_a_point() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"term": {"year": 1999}}});
}

#[test]
fn a_date_is_a_span_of_points() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"term": {"released": "1999-03-10"}}});
}

#[test]
fn a_phrase_is_weighed_as_its_words_together() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"match_phrase": {"title": "quick brown"}}});
}

#[test]
fn a_phrase_that_is_not_there() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"match_phrase": {"title": "brown quick"}}});
}

#[test]
fn a_sloppy_phrase_counts_less() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"match_phrase": {"title": {"query": "quick fox", "slop": 2}}}});
}

#[test]
fn a_bool_tells_of_each_clause() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"bool": {"must": [{"match": {"title": "fox"}}], "filter": [{"term": {"genre": "drama"}}], "should": [{"range": {"year": {"gte": 1990}}}], "must_not": [{"term": {"tags": "new"}}]}}});
}

#[test]
fn a_bool_of_one_clause_is_that_clause() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"bool": {"must": [{"match": {"title": "fox"}}]}}});
}

#[test]
fn a_required_clause_that_fails() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"bool": {"must": [{"match": {"title": "fox"}}, {"term": {"genre": "comedy"}}]}}});
}

#[test]
fn a_prohibited_clause_that_matches() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"bool": {"must": [{"match": {"title": "fox"}}], "must_not": [{"term": {"genre": "drama"}}]}}});
}

#[test]
fn too_few_optional_clauses() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"bool": {"should": [{"match": {"title": "fox"}}, {"term": {"genre": "comedy"}}, {"term": {"year": 3}}], "minimum_should_match": 2}}});
}

#[test]
fn a_constant_score() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"constant_score": {"filter": {"term": {"genre": "drama"}}, "boost": 3}}});
}

#[test]
fn match_all_has_its_boost() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"match_all": {"boost": 2}}});
}

#[test]
fn match_none_matches_nothing() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"match_none": {}}});
}

#[test]
fn a_prefix_is_constant() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"prefix": {"title": "qu"}}});
}

#[test]
fn a_wildcard_is_constant() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"wildcard": {"genre": "dr*"}}});
}

#[test]
fn a_regexp_is_constant() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"regexp": {"genre": "dr.*"}}});
}

#[test]
fn a_fuzzy_word_weighs_less() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"fuzzy": {"title": "fix"}}});
}

#[test]
fn the_best_of_two() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"dis_max": {"queries": [{"match": {"title": "fox"}}, {"match": {"plot": "library"}}]}}});
}

#[test]
fn a_function_score_of_one_function() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"function_score": {"query": {"match": {"title": "fox"}}, "field_value_factor": {"field": "year", "factor": 2, "modifier": "log1p"}}}});
}

#[test]
fn a_function_score_of_several() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"function_score": {"query": {"match": {"title": "fox"}}, "functions": [{"weight": 2}, {"filter": {"term": {"genre": "drama"}}, "field_value_factor": {"field": "votes"}}, {"filter": {"term": {"genre": "comedy"}}, "weight": 9}], "score_mode": "sum", "boost_mode": "avg"}}});
}

#[test]
fn a_function_score_of_a_decay() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"function_score": {"query": {"match": {"title": "fox"}}, "gauss": {"year": {"origin": 2000, "scale": 10}}}}});
}

#[test]
fn a_boost_of_a_function_score_is_the_querys() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"function_score": {"query": {"match": {"title": "fox"}}, "field_value_factor": {"field": "year"}, "boost_mode": "sum", "boost": 2}}});
}

#[test]
fn a_span_is_weighed_as_a_phrase() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"span_near": {"clauses": [{"span_term": {"title": "quick"}}, {"span_term": {"title": "fox"}}], "slop": 3, "in_order": true}}});
}

#[test]
fn an_interval_is_saturated() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"intervals": {"title": {"match": {"query": "quick fox", "max_gaps": 5}}}}});
}

#[test]
fn a_word_that_is_not_there() {
    asks!(films(), "POST /films/_explain/0" => {"query": {"match": {"title": "nothing"}}});
}

#[test]
fn a_document_that_is_not_there() {
    asks!(films(), "POST /films/_explain/99" => {"query": {"match_all": {}}});
}

#[test]
fn an_index_that_is_not_there() {
    asks!(films(), "POST /nowhere/_explain/1" => {"query": {"match_all": {}}});
}

#[test]
fn no_query_is_refused() {
    asks!(films(), "POST /films/_explain/1");
}

#[test]
fn an_unknown_key_is_refused() {
    asks!(films(), "POST /films/_explain/1" => {"match_all": {}});
}

#[test]
fn a_query_of_the_url() {
    asks!(films(), "GET /films/_explain/0?q=genre:drama");
}

#[test]
fn the_source_is_shown_where_it_is_asked_for() {
    asks!(films(), "POST /films/_explain/0?_source=year" => {"query": {"match_all": {}}});
}

#[test]
fn hits_are_explained() {
    search!(films(), {"query": {"match": {"title": "fox"}}, "explain": true, "_source": false});
}

#[test]
fn hits_are_not_explained() {
    search!(films(), {"query": {"match": {"title": "fox"}}, "explain": false, "_source": false});
}
