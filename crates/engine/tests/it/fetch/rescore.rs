//! `rescore`.

use crate::cases::search;
use crate::library::films;

#[test]
fn scores_add_up() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"match": {"plot": "library"}}}}, "_source": false});
}

#[test]
fn scores_are_weighed() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"match": {"plot": "library"}}, "query_weight": 0.5, "rescore_query_weight": 3}}, "_source": false});
}

#[test]
fn mode_total() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"term": {"genre": "drama"}}, "score_mode": "total"}}, "_source": false});
}

#[test]
fn mode_multiply() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"term": {"genre": "drama"}}, "score_mode": "multiply"}}, "_source": false});
}

#[test]
fn mode_avg() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"term": {"genre": "drama"}}, "score_mode": "avg"}}, "_source": false});
}

#[test]
fn mode_max() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"term": {"genre": "drama"}}, "score_mode": "max"}}, "_source": false});
}

#[test]
fn mode_min() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"term": {"genre": "drama"}}, "score_mode": "min"}}, "_source": false});
}

#[test]
fn only_the_window_is_scored_again() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 2, "query": {"rescore_query": {"term": {"genre": "thriller"}}, "rescore_query_weight": 10}}, "_source": false});
}

#[test]
fn several_follow_each_other() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": [{"window_size": 10, "query": {"rescore_query": {"term": {"genre": "drama"}}}}, {"window_size": 10, "query": {"rescore_query": {"term": {"year": 1999}}, "score_mode": "multiply", "rescore_query_weight": 4}}], "_source": false});
}

#[test]
fn a_page_is_cut_after() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"term": {"genre": "thriller"}}, "rescore_query_weight": 10}}, "from": 1, "size": 1, "_source": false});
}

#[test]
fn a_sort_beside_is_refused() {
    search!(films(), {"rescore": {"window_size": 10, "query": {"rescore_query": {"match_all": {}}}}, "sort": ["year"]});
}

#[test]
fn a_window_that_is_too_large_is_refused() {
    search!(films(), {"rescore": {"window_size": 20000, "query": {"rescore_query": {"match_all": {}}}}});
}

#[test]
fn an_unknown_mode_is_refused() {
    search!(films(), {"rescore": {"window_size": 10, "query": {"rescore_query": {"match_all": {}}, "score_mode": "best"}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"rescore": {"query": {"x": 1}}});
}

#[test]
fn no_query_is_refused() {
    search!(films(), {"rescore": {"window_size": 3}});
}

#[test]
fn a_rescored_hit_is_explained() {
    search!(films(), {"query": {"match": {"title": "lazy"}}, "rescore": {"window_size": 10, "query": {"rescore_query": {"match": {"title": "dog"}}, "query_weight": 2}}, "explain": true, "_source": false});
}

#[test]
fn a_hit_behind_the_window_counts_as_one_that_is_not_found() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 1, "query": {"rescore_query": {"term": {"genre": "drama"}}, "query_weight": 0.1}}, "_source": false});
}

#[test]
fn a_hit_behind_the_window_may_come_first() {
    search!(films(), {"query": {"match": {"title": "brown quick fox dog"}}, "rescore": {"window_size": 2, "query": {"rescore_query": {"match_all": {"boost": 0.1}}, "score_mode": "multiply"}}, "_source": false});
}

#[test]
fn each_index_has_a_window_of_its_own() {
    let other = serde_json::json!([{"title": "fox", "genre": "thriller"}, {"title": "a fox and a cow and a dog", "genre": "drama"}]);
    search!(films().and("others", serde_json::json!({"mappings": {"properties": {"genre": {"type": "keyword"}}}}), other), {"query": {"match": {"title": "fox"}}, "rescore": {"window_size": 1, "query": {"rescore_query": {"term": {"genre": "drama"}}, "rescore_query_weight": 10}}, "_source": false});
}

#[test]
fn a_collapse_beside_is_refused() {
    search!(films(), {"collapse": {"field": "genre"}, "rescore": {"window_size": 10, "query": {"rescore_query": {"match_all": {}}}}});
}
