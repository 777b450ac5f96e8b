//! What holds for every aggregation: names, nesting, refusals.

use crate::cases::{Setup, asks, search};
use crate::library::films;

#[test]
fn aggs_may_be_written_out() {
    search!(films(), {"size": 0, "aggregations": {"x": {"avg": {"field": "votes"}}}});
}

#[test]
fn sub_aggregations_may_be_written_out() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "t": {
                "terms": {"field": "genre", "size": 1},
                "aggregations": {"v": {"avg": {"field": "votes"}}}
            }
        }
    });
}

#[test]
fn several_are_told_by_name() {
    search!(films(), {
        "size": 0,
        "aggs": {"b": {"avg": {"field": "votes"}}, "a": {"max": {"field": "votes"}}}
    });
}

#[test]
fn a_post_filter_does_not_narrow_them() {
    search!(films(), {
        "size": 0,
        "post_filter": {"term": {"genre": "drama"}},
        "aggs": {"x": {"value_count": {"field": "votes"}}}
    });
}

#[test]
fn min_score_does_narrow_them() {
    search!(films(), {
        "size": 0,
        "min_score": 0.9,
        "query": {"match": {"title": "fox"}},
        "aggs": {"x": {"value_count": {"field": "votes"}}}
    });
}

#[test]
fn an_unknown_aggregation_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"surprise": {}}}});
}

#[test]
fn an_unknown_aggregation_is_refused_with_the_likely_one() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"term": {"field": "genre"}}}}
    );
}

#[test]
fn two_kinds_in_one_are_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"avg": {"field": "votes"}, "max": {"field": "votes"}}}
    });
}

#[test]
fn none_in_a_name_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {}}});
}

#[test]
fn only_aggregations_in_one_are_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"aggs": {"y": {"avg": {"field": "votes"}}}}}});
}

#[test]
fn a_name_with_a_bracket_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x[": {"avg": {"field": "votes"}}}});
}

#[test]
fn a_name_with_a_greater_sign_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x>y": {"avg": {"field": "votes"}}}});
}

#[test]
fn a_name_with_a_blank_is_taken() {
    search!(films(), {"size": 0, "aggs": {"x y": {"avg": {"field": "votes"}}}});
}

#[test]
fn an_aggregation_that_is_a_word_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": "avg"}}
    );
}

#[test]
fn aggs_that_are_a_list_are_refused() {
    search!(
        films(),
        {"size": 0, "aggs": []}
    );
}

#[test]
fn no_aggregations_are_none() {
    search!(films(), {"size": 0, "aggs": {}});
}

#[test]
fn meta_that_is_a_word_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"avg": {"field": "votes"}, "meta": "why"}}}
    );
}

#[test]
fn a_count_takes_no_aggregations() {
    asks!(films(), "GET /_count" => {"aggs": {"x": {"avg": {"field": "votes"}}}});
}

#[test]
fn aggregations_over_two_indices_are_one() {
    search!(
        films().and("more", crate::library::definition(), serde_json::json!([{"genre": "drama", "votes": 9}, {"genre": "western"}])),
        {
            "size": 0,
            "aggs": {
                "x": {"terms": {"field": "genre"}, "aggs": {"v": {"sum": {"field": "votes"}}}},
                "i": {"terms": {"field": "_index"}}
            }
        }
    );
}

#[test]
fn a_field_that_one_index_has_as_a_number_and_one_as_a_word_is_refused() {
    search!(
        Setup::index("a", serde_json::json!({"mappings": {"properties": {"f": {"type": "long"}}}}), serde_json::json!([{"f": 1}])).and("b", serde_json::json!({"mappings": {"properties": {"f": {"type": "keyword"}}}}), serde_json::json!([{"f": "1"}])),
        {"size": 0, "aggs": {"x": {"terms": {"field": "f"}}}}
    );
}
