//! Sorting by one of several values, by score and by the order of documents.

use serde_json::json;

use crate::cases::{Setup, search};
use crate::library::films;

/// Several numbers in a document.
fn numbers() -> Setup {
    let mappings = json!({"properties": {"n": {"type": "long"}, "d": {"type": "double"}}});
    let documents = json!([
        {"n": [1, 9, 2], "d": [1.5, 2.0]}, {"n": [4, 4], "d": 1.0}, {"n": -3, "d": [-1.0, 9.25]}, {"n": []},
    ]);
    Setup::index("numbers", json!({"mappings": mappings}), documents)
}

#[test]
fn the_least_value_counts_going_up() {
    search!(films(), {"sort": [{"tags": "asc"}, "_doc"], "_source": false});
}

#[test]
fn the_greatest_value_counts_going_down() {
    search!(films(), {"sort": [{"tags": "desc"}, "_doc"], "_source": false});
}

#[test]
fn mode_max_goes_up_by_the_greatest() {
    search!(films(), {
        "sort": [{"tags": {"order": "asc", "mode": "max"}}, "_doc"],
        "_source": false
    });
}

#[test]
fn mode_min_goes_down_by_the_least() {
    search!(films(), {
        "sort": [{"tags": {"order": "desc", "mode": "min"}}, "_doc"],
        "_source": false
    });
}

#[test]
fn mode_min_of_numbers() {
    search!(numbers(), {"sort": [{"n": {"order": "desc", "mode": "min"}}]});
}

#[test]
fn mode_max_of_numbers() {
    search!(numbers(), {"sort": [{"n": {"order": "asc", "mode": "max"}}]});
}

#[test]
fn mode_sum_of_numbers() {
    search!(numbers(), {"sort": [{"n": {"order": "asc", "mode": "sum"}}]});
}

#[test]
fn mode_avg_of_numbers() {
    search!(numbers(), {"sort": [{"n": {"order": "asc", "mode": "avg"}}]});
}

#[test]
fn mode_median_of_numbers() {
    search!(numbers(), {"sort": [{"n": {"order": "asc", "mode": "median"}}]});
}

#[test]
fn mode_avg_of_doubles() {
    search!(numbers(), {"sort": [{"d": {"order": "desc", "mode": "avg"}}]});
}

#[test]
fn mode_sum_of_a_keyword_is_refused() {
    search!(
        films(),
        {"sort": [{"tags": {"mode": "sum"}}]}
    );
}

#[test]
fn an_unknown_mode_is_refused() {
    search!(
        films(),
        {"sort": [{"tags": {"mode": "surprise"}}]}
    );
}

#[test]
fn the_score_goes_down_unless_told_otherwise() {
    search!(films(), {
        "query": {"match": {"title": "quick fox"}},
        "sort": ["_score"],
        "_source": false
    });
}

#[test]
fn the_score_may_go_up() {
    search!(films(), {
        "query": {"match": {"title": "quick fox"}},
        "sort": [{"_score": "asc"}],
        "_source": false
    });
}

#[test]
fn the_score_breaks_ties() {
    search!(films(), {
        "query": {"match": {"title": "quick brown"}},
        "sort": ["year", "_score"],
        "_source": false
    });
}

#[test]
fn the_order_of_documents_may_be_asked_for() {
    search!(films(), {"sort": ["_doc"], "_source": false, "size": 3});
}

#[test]
fn the_order_of_documents_may_go_down() {
    search!(films(), {"sort": [{"_doc": "desc"}], "_source": false, "size": 3});
}

#[test]
fn without_track_scores_a_sort_has_no_scores() {
    search!(films(), {
        "query": {"match": {"title": "quick"}},
        "sort": ["votes"],
        "_source": false
    });
}

#[test]
fn track_scores_keeps_them() {
    search!(films(), {
        "query": {"match": {"title": "quick"}},
        "sort": ["votes"],
        "track_scores": true,
        "_source": false
    });
}
