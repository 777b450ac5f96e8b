//! `cardinality`: how many different values.

use crate::cases::search;
use crate::library::films;

#[test]
fn different_values_are_counted_once() {
    search!(films(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "genre"}}}});
}

#[test]
fn numbers_are_counted() {
    search!(films(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "year"}}}});
}

#[test]
fn doubles_are_counted() {
    search!(films(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "rating"}}}});
}

#[test]
fn booleans_are_counted() {
    search!(films(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "seen"}}}});
}

#[test]
fn dates_are_counted() {
    search!(films(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "released"}}}});
}

#[test]
fn addresses_are_counted() {
    search!(films(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "addr"}}}});
}

#[test]
fn the_missing_count_as_one_value() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"cardinality": {"field": "genre", "missing": "none"}}}
    });
}

#[test]
fn nothing_has_no_values() {
    search!(films(), {
        "size": 0,
        "query": {"match_none": {}},
        "aggs": {"x": {"cardinality": {"field": "genre"}}}
    });
}

#[test]
fn a_field_that_is_not_mapped_has_no_values() {
    search!(films(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "nowhere"}}}});
}

#[test]
fn a_text_is_refused() {
    search!(films(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "title"}}}});
}

#[test]
fn a_precision_threshold_may_be_given() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"cardinality": {"field": "genre", "precision_threshold": 100}}}
    });
}

#[test]
fn a_precision_threshold_below_zero_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"cardinality": {"field": "genre", "precision_threshold": -1}}}
    });
}

#[test]
fn it_is_counted_in_each_bucket() {
    search!(films(), {
        "size": 0,
        "aggs": {
            "t": {
                "terms": {"field": "genre"},
                "aggs": {"x": {"cardinality": {"field": "tags"}}}
            }
        }
    });
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {
        "size": 0,
        "aggs": {"x": {"cardinality": {"field": "genre", "surprise": 1}}}
    });
}
