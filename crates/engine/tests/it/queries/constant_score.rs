//! `constant_score`: one score for all.

use crate::cases::search;
use crate::library::films;

#[test]
fn the_boost_is_the_score() {
    search!(films(), {
        "query": {"constant_score": {"filter": {"match": {"title": "quick"}}, "boost": 1.2}},
        "_source": false
    });
}

#[test]
fn without_a_boost_the_score_is_one() {
    search!(films(), {
        "query": {"constant_score": {"filter": {"match": {"title": "quick"}}}},
        "_source": false
    });
}

#[test]
fn names_within_are_told() {
    search!(films(), {
        "query": {
            "constant_score": {
                "filter": {"match": {"title": {"query": "fox", "_name": "f"}}},
                "_name": "c"
            }
        },
        "_source": false
    });
}

#[test]
fn no_filter_is_refused() {
    search!(films(), {"query": {"constant_score": {}}});
}

#[test]
fn two_filters_are_refused() {
    search!(
        films(),
        {"query": {"constant_score": {"filter": [{"match_all": {}}, {"match_all": {}}]}}}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {
        "query": {"constant_score": {"filter": {"match_all": {}}, "surprise": 1}}
    });
}
