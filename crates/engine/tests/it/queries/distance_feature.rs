//! `distance_feature` of dates.

use crate::cases::search;
use crate::library::films;

#[test]
fn a_date_scores_by_its_distance() {
    search!(films(), {"query": {"distance_feature": {"field": "released", "origin": "2010-01-01", "pivot": "1000d"}}, "_source": false});
}

#[test]
fn a_boost_is_the_score_at_the_origin() {
    search!(films(), {"query": {"distance_feature": {"field": "released", "origin": "2024-02-29T10:00:00Z", "pivot": "5d", "boost": 3}}, "_source": false});
}

#[test]
fn a_number_is_refused() {
    search!(films(), {"query": {"distance_feature": {"field": "year", "origin": 2000, "pivot": "5d"}}});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"distance_feature": {"field": "nowhere", "origin": "now", "pivot": "5d"}}});
}

#[test]
fn no_origin_is_refused() {
    search!(films(), {"query": {"distance_feature": {"field": "released", "pivot": "5d"}}});
}

#[test]
fn a_pivot_without_a_unit_is_refused() {
    search!(films(), {"query": {"distance_feature": {"field": "released", "origin": "2010-01-01", "pivot": "5"}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"distance_feature": {"field": "released", "origin": "2010-01-01", "pivot": "5d", "x": 1}}});
}
