//! `from`, `size`, totals and scores of a page.

use serde_json::json;

use crate::cases::{Setup, asks, search};
use crate::library::films;

/// Twelve empty documents.
fn many() -> Setup {
    Setup::index("many", json!({}), vec![json!({}); 12].into())
}

#[test]
fn ten_hits_unless_told_otherwise() {
    search!(many(), {"_source": false});
}

#[test]
fn size_bounds_the_hits() {
    search!(films(), {"size": 2, "_source": false});
}

#[test]
fn a_size_of_zero_has_a_total_and_no_hits() {
    search!(films(), {"size": 0});
}

#[test]
fn from_passes_over_hits() {
    search!(films(), {"from": 6, "_source": false});
}

#[test]
fn from_behind_the_last_has_no_hits() {
    search!(films(), {"from": 50});
}

#[test]
fn from_and_size_beyond_the_window_are_refused() {
    search!(films(), {"from": 9999, "size": 2});
}

#[test]
fn a_window_of_its_own_bounds_the_page() {
    asks!(
        Setup::index("narrow", serde_json::json!({"settings": {"max_result_window": 5}}), serde_json::json!([{}])),
        "POST /_search" => {"size": 5},
        "POST /_search" => {"size": 6}
    );
}

#[test]
fn a_size_below_zero_is_refused() {
    search!(
        films(),
        {"size": -5};
        differs: "the fault itself is told, without the frame around it"
    );
}

#[test]
fn a_size_that_is_a_word_is_refused() {
    search!(films(), {"size": "many"});
}

#[test]
fn digits_are_taken_for_a_size() {
    search!(films(), {"size": "1", "_source": false});
}

#[test]
fn a_fraction_is_cut_off() {
    search!(
        films(),
        {"size": 1.9, "_source": false}
    );
}

#[test]
fn a_url_may_say_from_and_size() {
    asks!(films(), "GET /films/_search?from=1&size=1&_source=false");
}

#[test]
fn a_url_wins_over_the_body() {
    asks!(films(), "POST /films/_search?size=1" => {"size": 3, "_source": false});
}

#[test]
fn a_size_in_a_url_that_is_a_word_is_refused() {
    asks!(films(), "GET /films/_search?size=many");
}

#[test]
fn the_total_is_exact_up_to_where_it_is_tracked() {
    search!(films(), {"size": 0, "track_total_hits": 3});
}

#[test]
fn a_total_below_the_bound_is_exact() {
    search!(films(), {"size": 0, "track_total_hits": 100});
}

#[test]
fn totals_may_be_left_out() {
    search!(films(), {"size": 1, "_source": false, "track_total_hits": false});
}

#[test]
fn totals_may_be_exact() {
    search!(films(), {"size": 0, "track_total_hits": true});
}

#[test]
fn a_total_may_be_a_number() {
    asks!(films(), "POST /films/_search?rest_total_hits_as_int=true" => {"size": 0});
}

#[test]
fn a_total_as_a_number_beside_a_bound_is_refused() {
    asks!(
        films(),
        "POST /films/_search?rest_total_hits_as_int=true" => {"size": 0, "track_total_hits": 5}
    );
}

#[test]
fn a_bound_below_zero_is_refused() {
    search!(
        films(),
        {"track_total_hits": -5};
        differs: "the fault itself is told, without the frame around it"
    );
}

#[test]
fn a_bound_that_is_a_word_is_refused() {
    search!(
        films(),
        {"track_total_hits": "some"}
    );
}

#[test]
fn min_score_leaves_out_what_scores_less() {
    search!(films(), {
        "query": {"match": {"title": "quick fox"}},
        "min_score": 1,
        "_source": false
    });
}

#[test]
fn min_score_that_is_a_word_is_refused() {
    search!(
        films(),
        {"min_score": "high"}
    );
}

#[test]
fn terminate_after_ends_early_and_says_so() {
    search!(
        films(),
        {"terminate_after": 3, "size": 0};
        differs: "OpenSearch counts on; the total is Elasticsearch's"
    );
}

#[test]
fn terminate_after_below_zero_finds_nothing() {
    search!(
        films(),
        {"terminate_after": -1}
    );
}

#[test]
fn a_post_filter_narrows_hits_and_totals() {
    search!(films(), {"post_filter": {"term": {"genre": "drama"}}, "_source": false});
}

#[test]
fn versions_are_shown() {
    search!(films(), {"query": {"ids": {"values": ["1"]}}, "version": true, "_source": false});
}

#[test]
fn sequence_numbers_are_shown() {
    search!(films(), {
        "query": {"ids": {"values": ["1"]}},
        "seq_no_primary_term": true,
        "_source": false
    });
}

#[test]
fn names_of_queries_are_told_in_order() {
    search!(films(), {
        "query": {
            "bool": {
                "should": [
                    {"match": {"title": {"query": "fox", "_name": "f"}}},
                    {"term": {"year": {"value": 1999, "_name": "y"}}}
                ]
            }
        },
        "_source": false
    });
}

#[test]
fn a_filter_path_shows_a_part_of_the_answer() {
    asks!(films(), "POST /films/_search?filter_path=hits.total,hits.hits._id" => {"size": 2});
}

#[test]
fn a_filter_path_hides_a_part_of_the_answer() {
    asks!(
        films(),
        "POST /films/_search?filter_path=-hits.hits._source,-took,-_shards" => {"size": 1}
    );
}

#[test]
fn an_unknown_parameter_is_refused() {
    asks!(films(), "GET /films/_search?surprise=1");
}

#[test]
fn an_unknown_parameter_is_refused_with_the_likely_one() {
    asks!(films(), "GET /films/_search?szie=1");
}

#[test]
fn an_unknown_key_is_refused() {
    search!(films(), {"surprise": 1});
}

#[test]
fn an_unknown_object_is_refused() {
    search!(films(), {"surprise": {}});
}

#[test]
fn an_unknown_list_is_refused() {
    search!(films(), {"surprise": []});
}

#[test]
fn a_body_that_is_a_list_is_refused() {
    asks!(films(), "POST /films/_search" => "[]");
}

#[test]
fn a_body_that_ends_early_is_refused() {
    asks!(
        films(),
        "POST /films/_search" => "{\"size\":"
    );
}

#[test]
fn a_body_that_is_no_json_is_refused() {
    asks!(
        films(),
        "POST /films/_search" => "size=1"
    );
}

#[test]
fn a_body_with_a_key_twice_is_refused() {
    asks!(
        films(),
        "POST /films/_search" => "{\"size\":1,\"size\":2}"
    );
}

#[test]
fn an_index_that_is_not_there_is_refused() {
    asks!(films(), "GET /nowhere/_search");
}

#[test]
fn an_index_that_is_not_there_may_be_passed_over() {
    asks!(films(), "GET /nowhere/_search?ignore_unavailable=true");
}

#[test]
fn a_pattern_of_no_index_finds_nothing() {
    asks!(films(), "GET /nowhere*/_search");
}

#[test]
fn a_pattern_of_no_index_may_be_refused() {
    asks!(films(), "GET /nowhere*/_search?allow_no_indices=false");
}

#[test]
fn an_index_may_be_named_twice() {
    asks!(films(), "GET /films,films/_search?size=0");
}

#[test]
fn two_indices_are_searched_as_one() {
    asks!(
        films().and("more", crate::library::definition(), serde_json::json!([{"title": "fox", "votes": 9}])),
        "POST /films,more/_search" => {"query": {"match": {"title": "fox"}}, "_source": false}
    );
}

#[test]
fn an_index_may_count_for_more() {
    asks!(
        films().and("more", crate::library::definition(), serde_json::json!([{"title": "fox", "votes": 9}])),
        "POST /films,more/_search" => {
            "query": {"term": {"votes": 9}},
            "_source": false,
            "indices_boost": [{"more": 2.5}]
        }
    );
}

#[test]
fn indices_boost_of_an_index_that_is_not_there_is_refused() {
    search!(
        films(),
        {"indices_boost": [{"nowhere": 2}]}
    );
}

#[test]
fn a_count_counts() {
    asks!(films(), "POST /films/_count" => {"query": {"term": {"genre": "drama"}}});
}

#[test]
fn a_count_without_a_body_counts_all() {
    asks!(films(), "GET /films/_count");
}

#[test]
fn a_count_takes_a_query_string() {
    asks!(films(), "GET /films/_count?q=genre:drama");
}

#[test]
fn a_count_refuses_a_size() {
    asks!(films(), "POST /films/_count" => {"size": 1});
}
