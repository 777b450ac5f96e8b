//! `distance_feature` of dates and places.

use serde_json::json;

use crate::cases::{Setup, asks, search};
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

#[test]
fn places_and_nanoseconds_have_distances() {
    let places = Setup::index(
        "a",
        json!({"mappings": {"properties": {"g": {"type": "geo_point"}, "t": {"type": "date_nanos"}}}}),
        json!([
            {"g": [-71.34, 41.13], "t": "2018-02-01T00:00:00.223456789Z"},
            {"g": [[-71.34, 41.14], [0, 0]], "t": "2018-02-01T00:00:00.123456789Z"},
            {"g": [-71.34, 41.12], "t": "2018-02-01T00:00:00.323456789Z"}, {}
        ]),
    );
    asks!(
        places,
        "POST /a/_search" => {"_source": false, "query": {"distance_feature": {"field": "g", "origin": [-71.35, 41.12], "pivot": "1km"}}},
        "POST /a/_search" => {"_source": false, "query": {"distance_feature": {"field": "g", "origin": "41.12,-71.35", "pivot": "1000"}}},
        "POST /a/_search" => {"_source": false, "query": {"distance_feature": {"field": "t", "origin": "2018-02-01T00:00:00.323456789Z", "pivot": "100000000nanos"}}},
        "POST /a/_search" => {"_source": false, "query": {"distance_feature": {"field": "t", "origin": "2018-02-01T00:00:00.323456789Z", "pivot": "50ms", "boost": 2}}},
    );
}
