//! Which of several faults is told: the real servers read a query's keys in their order, make queries, then sorts, then
//! aggregations, and look at the page last.

use serde_json::json;

use crate::cases::{Setup, asks};

fn fields() -> Setup {
    Setup::index(
        "w",
        json!({"settings": {"max_result_window": 20}, "mappings": {"properties": {
            "t": {"type": "text"}, "k": {"type": "keyword"}, "n": {"type": "integer"}, "d": {"type": "date"}, "i": {"type": "ip"},
            "r": {"type": "integer_range"}, "s": {"type": "scaled_float", "scaling_factor": 10}, "b": {"type": "binary"},
            "h": {"type": "keyword", "split_queries_on_whitespace": true}, "docs": {"type": "text", "index_options": "docs"},
            "g": {"type": "geo_point"}, "o": {"type": "boolean"}, "m": {"type": "date_nanos"}, "f": {"type": "rank_features"},
        }}}),
        json!([{"t": "the fox", "k": "fox", "n": 4, "d": "2020-01-01", "i": "::1", "s": 2}, {"t": "a dog", "n": 5}]),
    )
}

#[test]
fn a_page_is_judged_behind_the_query_the_sorts_and_the_aggregations() {
    asks!(fields(),
        "POST /w/_search" => {"size": 30, "query": {"term": {"n": "a"}}},
        "POST /w/_search" => {"size": 30, "sort": ["t"]},
        "POST /w/_search" => {"size": 30, "aggs": {"a": {"terms": {"field": "t"}}}},
        "POST /w/_search?scroll=1m" => {"size": 30, "query": {"term": {"i": "a"}}},
        "POST /w/_search" => {"size": 30, "collapse": {"field": "t"}},
        "POST /w/_search" => {"size": 30},
    );
}

#[test]
fn what_an_aggregation_does_not_take_is_told_behind_what_is_inside_it() {
    asks!(fields(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"avg": {"field": "k"}}, "b": {"terms": {"field": "t"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"filter": {"fuzzy": {"n": "a"}}, "aggs": {"b": {"max": {"field": "t"}}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"weighted_avg": {"value": {"field": "k"}, "weight": {"field": "t"}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"max": {"field": "i", "missing": 5}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"date_histogram": {"field": "r", "fixed_interval": "1d"}, "aggs": {"b": {"min": {"field": "t"}}}}}},
    );
}

#[test]
fn several_words_need_places_before_they_need_a_prefix() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"match_phrase_prefix": {"k": {"query": "the fox", "analyzer": "whitespace"}}}},
        "POST /w/_search" => {"query": {"match_phrase_prefix": {"k": "the fox"}}},
        "POST /w/_search" => {"query": {"match_phrase_prefix": {"h": "the fox"}}},
        "POST /w/_search" => {"query": {"match_phrase_prefix": {"h": "fox"}}},
        "POST /w/_search" => {"query": {"match_phrase_prefix": {"docs": "the fox"}}},
        "POST /w/_search" => {"query": {"match_phrase_prefix": {"b": "the fox"}}},
        "POST /w/_search" => {"query": {"match_phrase": {"f": "the fox"}}},
        "POST /w/_search" => {"query": {"match_phrase": {"d": {"query": "the fox", "analyzer": "whitespace"}}}},
        "POST /w/_search" => {"query": {"match_phrase": {"d": {"query": "2020-01-01", "analyzer": "whitespace"}}}},
    );
}

#[test]
fn a_query_is_refused_for_the_first_key_of_the_wrong_kind() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"boosting": {"positive": {"match_all": {}}, "negative": 3.5, "negative_boost": 1}}},
        "POST /w/_search" => {"query": {"nested": {"path": "x", "query": -1}}},
        "POST /w/_search" => {"query": {"dis_max": {"queries": null}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "a", "boost": [1]}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "a", "fields": {"x": 1}}}},
        "POST /w/_search" => {"query": {"query_string": {"query": "a", "lenient": {}}}},
        "POST /w/_search" => {"query": {"query_string": {"queryx": "a"}}},
        "POST /w/_search" => {"query": {"fuzzy": {"k": {"value": "a", "bogus": {}}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"gte": 1}, "bogus": "x"}}},
        "POST /w/_search" => {"query": {"function_score": {"boost_mode": [1]}}},
        "POST /w/_search" => {"query": {"term": {"k": null}}},
    );
}

#[test]
fn a_list_is_the_text_of_its_last_token() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"range": {"i": {"gte": []}}}},
        "POST /w/_search" => {"query": {"range": {"d": {"lt": [1]}}}},
        "POST /w/_search" => {"query": {"term": {"k": {"value": []}}}},
        "POST /w/_search" => {"query": {"terms": {"k": ["a", {}, "fox"]}}},
        "POST /w/_search" => {"query": {"terms": {"k": ["a", [], "fox"]}}},
        "POST /w/_search" => {"query": {"terms": {"d": [{}]}}},
    );
}

#[test]
fn a_value_of_search_after_is_read_as_its_field_reads_it() {
    asks!(fields(),
        "POST /w/_search" => {"sort": ["i"], "search_after": ["fox"]},
        "POST /w/_search" => {"sort": ["n"], "search_after": ["fox"]},
        "POST /w/_search" => {"sort": ["_doc"], "search_after": ["fox"]},
        "POST /w/_search" => {"sort": ["d"], "search_after": ["fox"]},
    );
}

#[test]
fn moments_before_1970_are_refused_by_the_query_that_asks_for_them() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"term": {"m": "1969-07-20"}}},
        "POST /w/_search" => {"query": {"range": {"m": {"gte": "1969-07-20"}}}},
    );
}

#[test]
fn only_keywords_and_numbers_are_collapsed() {
    asks!(fields(),
        "POST /w/_search" => {"size": 0, "collapse": {"field": "s"}},
        "POST /w/_search" => {"collapse": {"field": "r"}},
        "POST /w/_search" => {"collapse": {"field": "o"}},
        "POST /w/_search" => {"collapse": {"field": "n"}},
    );
}

#[test]
fn an_expression_of_a_query_string_looks_through_the_terms_of_any_field() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"query_string": {"query": "n:/4.*/", "default_field": "t"}}},
        "POST /w/_search" => {"query": {"query_string": {"query": "k:/fo.*/", "default_field": "t"}}},
        "POST /w/_search" => {"query": {"query_string": {"query": "r:/fo.*/", "default_field": "t"}}},
    );
}

#[test]
fn some_aggregations_stand_only_where_they_can() {
    asks!(fields(),
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"terms": {"field": "k"}, "aggs": {"v": {"variable_width_histogram": {"field": "n", "buckets": 2}}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"filter": {"match_all": {}}, "aggs": {"v": {"variable_width_histogram": {"field": "n", "buckets": 2}}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"significant_text": {"field": "d"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"significant_text": {"field": "o"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"a": {"max": {"field": "d", "format": "#.#"}}}},
    );
}
