//! `range`: a bucket for each stretch of numbers.

use crate::cases::search;
use crate::library::films;

#[test]
fn from_is_included_and_to_is_not() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "range": {
                    "field": "year",
                    "ranges": [{"to": 1999}, {"from": 1999, "to": 2010}, {"from": 2010}]
                }
            }
        }
    });
}

#[test]
fn a_key_may_be_given() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "range": {
                    "field": "year",
                    "ranges": [{"key": "old", "to": 2000}, {"key": "new", "from": 2000}]
                }
            }
        }
    });
}

#[test]
fn keyed_ranges_go_by_their_key() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "range": {
                    "field": "year",
                    "keyed": true,
                    "ranges": [{"key": "old", "to": 2000}, {"from": 2000}]
                }
            }
        }
    });
}

#[test]
fn ranges_may_overlap() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "range": {
                    "field": "rating",
                    "ranges": [{"from": 5, "to": 8}, {"from": 6, "to": 9.5}]
                }
            }
        }
    });
}

#[test]
fn ranges_are_told_in_order_of_their_bounds() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "range": {
                    "field": "rating",
                    "ranges": [{"from": 8}, {"to": 6}, {"from": 6, "to": 8}]
                }
            }
        }
    });
}

#[test]
fn an_open_range_holds_all() {
    search!(films(), {"size": 0, "aggs": {"x": {"range": {"field": "year", "ranges": [{}]}}}});
}

#[test]
fn bounds_may_be_digits() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"range": {"field": "year", "ranges": [{"from": "2000"}]}}}
    });
}

#[test]
fn bounds_that_are_words_are_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"range": {"field": "year", "ranges": [{"from": "old"}]}}}}
    );
}

#[test]
fn a_null_bound_is_none() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"range": {"field": "year", "ranges": [{"from": null, "to": 2000}]}}}
    });
}

#[test]
fn the_missing_are_filled() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"range": {"field": "rating", "missing": 1, "ranges": [{"to": 5}]}}}
    });
}

#[test]
fn a_field_that_is_not_mapped_has_empty_buckets() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"range": {"field": "nowhere", "ranges": [{"to": 5}]}}}
    });
}

#[test]
fn nothing_has_empty_buckets() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"range": {"field": "year", "ranges": [{"to": 5}]}}}
    });
}

#[test]
fn metrics_are_told_with_each_bucket() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "x": {
                "range": {"field": "year", "ranges": [{"to": 2000}, {"from": 2000}]},
                "aggs": {"v": {"max": {"field": "votes"}}}
            }
        }
    });
}

#[test]
fn a_keyword_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"range": {"field": "genre", "ranges": [{"to": 5}]}}}
    });
}

#[test]
fn no_ranges_are_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"range": {"field": "year"}}}}
    );
}

#[test]
fn an_empty_list_of_ranges_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"range": {"field": "year", "ranges": []}}}}
    );
}

#[test]
fn an_unknown_key_of_a_range_is_refused() {
    search!(
        films(),
        {"size": 0, "aggs": {"x": {"range": {"field": "year", "ranges": [{"surprise": 1}]}}}}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"range": {"field": "year", "ranges": [{"to": 1}], "surprise": 1}}}
    });
}
