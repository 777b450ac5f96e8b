//! `boosting`: what a second query finds counts less.

use crate::cases::search;
use crate::library::films;

#[test]
fn what_the_negative_query_finds_counts_less() {
    search!(films(), {
        "query": {
            "boosting": {
                "positive": {"match": {"title": "quick"}},
                "negative": {"term": {"genre": "comedy"}},
                "negative_boost": 0.2
            }
        },
        "_source": false
    });
}

#[test]
fn a_negative_boost_of_zero_leaves_nothing() {
    search!(films(), {
        "query": {
            "boosting": {
                "positive": {"match": {"title": "quick"}},
                "negative": {"term": {"genre": "comedy"}},
                "negative_boost": 0
            }
        },
        "_source": false
    });
}

#[test]
fn a_negative_boost_below_zero_is_refused() {
    search!(films(), {
        "query": {
            "boosting": {
                "positive": {"match_all": {}},
                "negative": {"match_all": {}},
                "negative_boost": -1
            }
        }
    });
}

#[test]
fn no_negative_boost_is_refused() {
    search!(films(), {
        "query": {"boosting": {"positive": {"match_all": {}}, "negative": {"match_all": {}}}}
    });
}

#[test]
fn no_positive_query_is_refused() {
    search!(films(), {
        "query": {"boosting": {"negative": {"match_all": {}}, "negative_boost": 0.5}}
    });
}

#[test]
fn no_negative_query_is_refused() {
    search!(films(), {
        "query": {"boosting": {"positive": {"match_all": {}}, "negative_boost": 0.5}}
    });
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {
            "boosting": {
                "positive": {"match": {"title": "fox"}},
                "negative": {"match_none": {}},
                "negative_boost": 0.5,
                "boost": 2
            }
        },
        "_source": false
    });
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {
        "query": {
            "boosting": {
                "positive": {"match_all": {}},
                "negative": {"match_all": {}},
                "negative_boost": 0.5,
                "surprise": 1
            }
        }
    });
}
