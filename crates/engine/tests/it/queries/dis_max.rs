//! `dis_max`: the best of several queries.

use crate::cases::search;
use crate::library::films;

#[test]
fn the_best_score_counts() {
    search!(films(), {
        "query": {
            "dis_max": {"queries": [{"match": {"title": "fox"}}, {"match": {"plot": "run"}}]}
        },
        "_source": false
    });
}

#[test]
fn a_tie_breaker_adds_a_part_of_the_others() {
    search!(films(), {
        "query": {
            "dis_max": {
                "queries": [{"match": {"title": "fox"}}, {"match": {"plot": "run"}}],
                "tie_breaker": 0.5
            }
        },
        "_source": false
    });
}

#[test]
fn one_query_needs_no_list() {
    search!(films(), {
        "query": {"dis_max": {"queries": {"match": {"title": "fox"}}}},
        "_source": false
    });
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {"dis_max": {"queries": [{"match": {"title": "fox"}}], "boost": 2}},
        "_source": false
    });
}

#[test]
fn no_queries_are_refused() {
    search!(films(), {"query": {"dis_max": {}}});
}

#[test]
fn an_empty_list_is_refused() {
    search!(
        films(),
        {"query": {"dis_max": {"queries": []}}}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"dis_max": {"queries": [{"match_all": {}}], "surprise": 1}}});
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"dis_max": {"queries": [{"match": {"title": "fox"}}], "_name": "d"}},
        "_source": false
    });
}
