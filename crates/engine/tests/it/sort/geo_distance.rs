//! Sorting by distance.

use crate::cases::{Setup, search};

fn places() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"p": {"type": "geo_point"}, "n": {"type": "long"}}}}),
        serde_json::json!([
            {"p": "52.52,13.40"},
            {"p": "48.85,2.35"},
            {"p": ["40.71,-74.0", "51.5,-0.12"]},
            {"p": "-33.86,151.2"},
            {"n": 1}
        ]),
    )
}

#[test]
fn the_nearest_come_first() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": "52.5,13.4"}}]});
}

#[test]
fn the_farthest_may_come_first() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": "52.5,13.4", "order": "desc"}}]});
}

#[test]
fn distances_have_a_unit() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": {"lat": 52.5, "lon": 13.4}, "unit": "km"}}]});
}

#[test]
fn distances_are_measured_on_a_plane() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": [13.4, 52.5], "distance_type": "plane"}}]});
}

#[test]
fn the_nearest_of_two_places_counts() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": "51.5,0", "unit": "km", "mode": "min"}}]});
}

#[test]
fn the_farthest_of_two_places_counts() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": "51.5,0", "unit": "km", "mode": "max"}}]});
}

#[test]
fn the_mean_of_two_places_counts() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": "51.5,0", "unit": "km", "mode": "avg"}}]});
}

#[test]
fn the_middle_of_two_places_counts() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": "51.5,0", "unit": "km", "mode": "median"}}]});
}

#[test]
fn a_sum_of_distances_is_refused() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": "51.5,0", "mode": "sum"}}]});
}

#[test]
fn distances_are_from_several_places() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": ["51.5,0", [13.4, 52.5]], "unit": "km"}}]});
}

#[test]
fn an_unknown_unit_is_refused() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"p": "51.5,0", "unit": "parsec"}}]});
}

#[test]
fn a_field_that_is_not_mapped_may_be_passed_over() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"q": "51.5,0", "ignore_unmapped": true}}]});
}

#[test]
fn no_field_is_refused() {
    search!(places(), {"_source": false, "sort": [{"_geo_distance": {"order": "asc"}}]});
}

#[test]
fn a_page_begins_behind_a_distance() {
    search!(places(), {
        "_source": false,
        "size": 2,
        "sort": [{"_geo_distance": {"p": "52.5,13.4", "unit": "km"}}],
        "search_after": [3]
    });
}
