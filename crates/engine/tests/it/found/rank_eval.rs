//! `_rank_eval`.

use serde_json::json;

use crate::cases::{Setup, asks};

fn cities() -> Setup {
    let documents = json!([
        {"t": "berlin"}, {"t": "amsterdam berlin"}, {"t": "amsterdam"}, {"t": "amsterdam amsterdam x"},
    ]);
    Setup::index("foo", json!({}), documents)
}

/// Two searches, measured by each of some metrics: `measured!({"precision": {}})`.
macro_rules! measured {
    ($($metric:tt),+ $(,)?) => {
        asks!(cities(), $("POST /foo/_rank_eval" => {
            "requests": [
                {"id": "a", "request": {"query": {"match": {"t": "amsterdam"}}}, "ratings": [
                    {"_index": "foo", "_id": "1", "rating": 1}, {"_index": "foo", "_id": "2", "rating": 3},
                    {"_index": "foo", "_id": "0", "rating": 1},
                ]},
                {"id": "b", "request": {"query": {"match": {"t": "berlin"}}}, "ratings": [
                    {"_index": "foo", "_id": "0", "rating": 1},
                ]},
            ],
            "metric": $metric,
        }),+)
    };
}

/// Evaluations of one search: `evaluated!({"id": "a", …})`.
macro_rules! evaluated {
    ($($request:tt),+ $(; differs: $why:literal)? $(,)?) => {
        asks!(cities(), $("POST /foo/_rank_eval" => {
            "requests": [$request],
            "metric": {"precision": {}},
            "templates": [
                {"id": "t", "template": {"source": {"query": {"match": {"t": "{{v}}"}}}}},
                {"id": "explains", "template": {"source": "{\"explain\": true}"}},
                {"id": "no_json", "template": {"source": "{\"foo\": {{v}}"}},
            ],
        }),+ $(; differs: $why)?)
    };
}

#[test]
fn precision_is_the_part_of_the_hits_that_is_relevant() {
    measured!(
        {"precision": {}},
        {"precision": {"k": 1, "relevant_rating_threshold": 2, "ignore_unlabeled": true}},
        {"precision": {"k": "2"}}
    );
}

#[test]
fn recall_is_the_part_of_what_is_relevant_that_is_found() {
    measured!({"recall": {}}, {"recall": {"k": 2, "relevant_rating_threshold": 3}});
}

#[test]
fn a_reciprocal_rank_is_that_of_the_first_that_is_relevant() {
    measured!({"mean_reciprocal_rank": {}}, {"mean_reciprocal_rank": {"relevant_rating_threshold": 3, "k": 2}});
}

#[test]
fn a_gain_is_discounted_by_its_rank() {
    measured!({"dcg": {}}, {"dcg": {"normalize": true, "k": 3}}, {"dcg": {"unknown_doc_rating": 2}}, {"dcg": {"k": 0}});
}

#[test]
fn an_expected_reciprocal_rank_ends_with_who_is_content() {
    measured!(
        {"expected_reciprocal_rank": {"maximum_relevance": 3}},
        {"expected_reciprocal_rank": {"maximum_relevance": 3, "unknown_doc_rating": 1, "k": 2}}
    );
}

#[test]
fn what_is_wrong_with_a_metric_is_told() {
    measured!(
        {"expected_reciprocal_rank": {}}, {"foo": {}}, {"precision": {"foo": 1}}, {"precision": {"k": 0}},
        {"precision": {"relevant_rating_threshold": -1}}, {"precision": {"ignore_unlabeled": 3}}, {},
        {"precision": {}, "dcg": {}}, 3, {"recall": {"k": 0}}, {"mean_reciprocal_rank": {"k": -1}},
        {"dcg": {"normalize": "x"}}, {"dcg": 3}
    );
}

#[test]
fn hits_show_what_is_asked_for() {
    evaluated!(
        {"id": "a", "request": {"query": {"match": {"t": "amsterdam"}}}, "ratings": [], "summary_fields": ["t"]},
        {"id": "a", "request": {"from": 1, "size": 1, "sort": ["_doc"]}, "ratings": []}
    );
}

#[test]
fn templates_make_the_searches_that_are_measured() {
    evaluated!(
        {"id": "a", "template_id": "t", "params": {"v": "amsterdam"}, "ratings": [{"_index": "foo", "_id": "2", "rating": 1}]},
        {"id": "a", "template_id": "explains", "params": {"v": 1}, "ratings": []},
        {"id": "a", "template_id": "no_json", "params": {"v": 1}, "ratings": []},
        {"id": "a", "template_id": "t", "params": {}, "ratings": []},
        {"id": "a", "template_id": "t", "params": {"v": 1}, "request": {}, "ratings": []},
        {"id": "a", "request": {}, "params": {"v": 1}, "ratings": []},
        {"id": "a", "params": {"v": 1}, "ratings": []};
        differs: "what a template makes is read to its end before its keys are looked at"
    );
}

#[test]
fn what_is_wrong_with_a_search_that_is_rated_is_told() {
    evaluated!(
        {"request": {}, "ratings": []}, {"id": "a", "request": {}}, {"id": "a", "ratings": []},
        {"id": "a", "request": {}, "ratings": [{"_index": "foo", "rating": 1}]},
        {"id": "a", "request": {}, "ratings": [{"_index": "foo", "_id": "1", "rating": "x"}]},
        {"id": "a", "request": {}, "ratings": [{"_index": "foo", "_id": "1", "rating": 1}, {"_index": "foo", "_id": "1", "rating": 2}]},
        {"id": "a", "request": {"foo": 1}, "ratings": []},
        {"id": "a", "request": {"aggs": {"x": {"max": {"field": "n"}}}}, "ratings": []},
        {"id": "a", "request": {"suggest": {}}, "ratings": []},
        {"id": "a", "request": {"highlight": {"fields": {"t": {}}}}, "ratings": []},
        {"id": "a", "request": {"explain": true}, "ratings": []},
        {"id": "a", "request": {"profile": true}, "ratings": []},
        {"id": "a", "request": {}, "ratings": [], "foo": 1}
    );
}

#[test]
fn a_search_that_fails_is_told_of_by_its_name() {
    asks!(cities(),
        "POST /foo/_rank_eval" => {
            "requests": [
                {"id": "a", "request": {"query": {"match": {"t": {"query": "x", "analyzer": "nope"}}}}, "ratings": []},
                {"id": "b", "request": {"query": {"match": {"t": "berlin"}}}, "ratings": []},
            ],
            "metric": {"precision": {}},
        },
        "POST /nope/_rank_eval" => {"requests": [{"id": "a", "request": {}, "ratings": []}], "metric": {"precision": {}}}
    );
}

#[test]
fn what_is_wrong_with_an_evaluation_is_told() {
    asks!(cities(),
        "POST /foo/_rank_eval" => {},
        "POST /foo/_rank_eval" => {"metric": {"precision": {}}},
        "POST /foo/_rank_eval" => {"requests": [], "metric": {"precision": {}}},
        "POST /foo/_rank_eval" => {"requests": [{"id": "a", "request": {}, "ratings": []}]},
        "POST /foo/_rank_eval" => {"requests": [{"id": "a", "request": {}, "ratings": []}], "metric": {"precision": {}}, "foo": 1},
        "POST /foo/_rank_eval" => {"requests": [{"id": "a", "request": {}, "ratings": []}], "metric": {"precision": {}},
            "max_concurrent_searches": 0}
    );
}
