//! `geo_distance`.

use serde_json::json;

use crate::cases::{Setup, search};

fn towns() -> Setup {
    Setup::index(
        "towns",
        json!({"mappings": {"properties": {"p": {"type": "geo_point"}, "people": {"type": "integer"}, "k": {"type": "keyword"}}}}),
        json!([
            {"p": "35.7,-78.6", "people": 10, "k": "a"}, {"p": {"lat": 40.7, "lon": -74.0}, "people": 20},
            {"p": ["51.5,-0.1", "48.8,2.3"], "people": 30}, {"k": "b"}, {"p": "POINT (-78.6 36.0)", "people": 5}
        ]),
    )
}

#[test]
fn a_bucket_for_each_range_of_metres() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35.7796, -78.6382", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn units_and_keys() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": {"lat": 35.7, "lon": -78}, "unit": "km", "keyed": true, "ranges": [{"to": 100}, {"from": 100, "to": 300, "key": "near"}, {"from": 50}]}}}});
}

#[test]
fn the_plane_is_another_way_to_measure() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": [-78, 35], "unit": "km", "distance_type": "plane", "ranges": [{"from": 0, "to": 126.8}, {"from": 95.6}]}}}});
}

#[test]
fn an_origin_may_be_a_geohash() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "drm3btev3e86", "unit": "mi", "ranges": [{"to": 350.5}]}}}});
}

#[test]
fn without_an_origin_it_is_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn without_ranges_it_is_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78"}}}});
}

#[test]
fn no_ranges_are_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "ranges": []}}}});
}

#[test]
fn a_range_without_ends_holds_everything() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "ranges": [{}]}}}});
}

#[test]
fn ends_may_be_strings() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "ranges": [{"from": "1", "to": "2000000"}]}}}});
}

#[test]
fn an_end_that_is_no_number_is_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "ranges": [{"from": "1", "to": "x"}]}}}});
}

#[test]
fn a_key_of_a_range_that_there_is_not_is_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "ranges": [{"from": 1, "tt": 3}]}}}});
}

#[test]
fn an_origin_that_is_no_place_is_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "x,y", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn an_origin_beyond_the_pole_is_measured() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "95,-78", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn a_unit_that_there_is_not_is_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "unit": "zz", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn a_way_to_measure_that_there_is_not_is_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "distance_type": "zz", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn an_option_that_there_is_not_is_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "foo": 1, "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn numbers_are_no_places() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "people", "origin": "35,-78", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn words_are_no_places() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "k", "origin": "35,-78", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn of_a_field_that_is_not_mapped_buckets_are_empty() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "nowhere", "origin": "35,-78", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn what_stands_for_absent_places_counts() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "missing": "35,-79", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn it_counts_where_no_index_has_the_field() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "nowhere", "origin": "35,-78", "missing": "35,-79", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn without_a_field_it_is_refused() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"origin": "35,-78", "ranges": [{"to": 1000000}, {"from": 1000000, "to": 5000000}, {"from": 5000000}]}}}});
}

#[test]
fn ranges_that_hold_nothing_are_empty() {
    search!(towns(), {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": "35,-78", "ranges": [{"from": -3, "to": -1}, {"from": 5, "to": 1}]}}}});
}

#[test]
fn other_aggregations_stand_in_its_buckets_and_read_them() {
    search!(towns(), {"size": 0, "aggs": {
        "d": {"geo_distance": {"field": "p", "origin": "35.7,-78.6", "ranges": [{"to": 1000000}, {"from": 1000000}]},
            "aggs": {"people": {"sum": {"field": "people"}}}},
        "average": {"avg_bucket": {"buckets_path": "d>people"}}}});
}
