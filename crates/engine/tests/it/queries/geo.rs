//! `geo_distance`, `geo_bounding_box`, `geo_polygon`.

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
            {"p": "0,179.9"},
            {"p": "0,-179.9"},
            {"p": "89.9,10"},
            {"n": 1}
        ]),
    )
}

#[test]
fn a_distance_has_a_unit() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": "900km", "p": "52.5,13.4"}}});
}

#[test]
fn a_distance_may_have_its_unit_beside_it() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": 560, "unit": "mi", "p": [13.4, 52.5]} }});
}

#[test]
fn a_distance_alone_is_metres() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": "900000", "p": {"lat": 52.5, "lon": 13.4}}}});
}

#[test]
fn a_place_may_be_a_geohash() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": "900km", "p": "u33d"}}});
}

#[test]
fn a_place_may_be_given_in_two_parts() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": "900km", "p.lat": 52.5, "p.lon": 13.4} }});
}

#[test]
fn one_of_two_places_is_enough() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": "10km", "p": "51.5,-0.12"}}});
}

#[test]
fn a_distance_reaches_over_the_date_line() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": "50km", "p": "0,-179.9"}}});
}

#[test]
fn a_distance_reaches_over_the_pole() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": "100km", "p": "89.9,-170"}}});
}

#[test]
fn distances_are_named_and_boosted() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": "10km", "p": "51.5,-0.12", "_name": "near", "boost": 2} }});
}

#[test]
fn a_plane_is_taken() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": "10km", "p": "51.5,-0.12", "distance_type": "plane"} }});
}

#[test]
fn another_surface_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": "10km", "p": "51.5,-0.12", "distance_type": "cube"} }});
}

#[test]
fn no_distance_is_refused() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"p": "51.5,-0.12"}}});
}

#[test]
fn no_place_is_refused() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": "1km"}}});
}

#[test]
fn nothing_is_no_distance() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": 0, "p": "51.5,-0.12"}}});
}

#[test]
fn an_unknown_unit_is_refused() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": "10xx", "p": "51.5,-0.12"}}});
}

#[test]
fn an_unknown_key_of_a_distance_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": "1km", "p": [1, 2], "surprise": 1} }});
}

#[test]
fn a_latitude_of_no_place_is_refused() {
    search!(places(), {"_source": false, "query": {"geo_distance": {"distance": "1km", "p": [1, 200]}}});
}

#[test]
fn a_latitude_of_no_place_may_be_moved() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": "900km", "p": [193.4, 127.5], "validation_method": "COERCE"} }});
}

#[test]
fn an_unknown_validation_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": "1km", "p": [1, 2], "validation_method": "surprise"} }});
}

#[test]
fn a_field_that_is_not_mapped_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": "1km", "q": [1, 2]} }});
}

#[test]
fn a_field_that_is_not_mapped_may_be_passed_over() {
    search!(places(), {"_source": false, "query": { "geo_distance": {"distance": "1km", "q": [1, 2], "ignore_unmapped": true} }});
}

#[test]
fn a_box_has_two_corners() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": { "p": {"top_left": {"lat": 60, "lon": -10}, "bottom_right": {"lat": 40, "lon": 20}} } }});
}

#[test]
fn a_box_has_two_other_corners() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": {"p": {"top_right": "60,20", "bottom_left": "40,-10"}} }});
}

#[test]
fn a_box_has_four_sides() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": {"p": {"top": 60, "left": -10, "bottom": 40, "right": 20}} }});
}

#[test]
fn a_box_may_be_well_known_text() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": {"p": {"wkt": "BBOX (-10.0, 20.0, 60.0, 40.0)"}} }});
}

#[test]
fn a_box_may_be_a_geohash() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": {"p": {"top_left": "u3", "bottom_right": "u3"}} }});
}

#[test]
fn a_box_may_cross_the_date_line() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": {"p": {"top": 10, "left": 170, "bottom": -40, "right": -170}} }});
}

#[test]
fn the_type_of_a_box_changes_nothing() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": { "type": "memory", "p": {"top": 60, "left": -10, "bottom": 40, "right": 20} } }});
}

#[test]
fn a_box_upside_down_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": {"p": {"top": 40, "left": -10, "bottom": 60, "right": 20}} }});
}

#[test]
fn a_box_without_a_side_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": {"p": {"top": 60, "left": -10, "bottom": 40}} }});
}

#[test]
fn a_box_beyond_the_pole_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": {"p": {"top": 92, "left": -10, "bottom": 40, "right": 20}} }});
}

#[test]
fn an_unknown_side_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_bounding_box": {"p": {"top": 60, "left": -10, "bottom": 40, "right": 20, "x": 1}} }});
}

#[test]
fn no_box_is_refused() {
    search!(places(), {"_source": false, "query": {"geo_bounding_box": {}}});
}

#[test]
fn an_unknown_key_of_a_box_is_refused() {
    search!(places(), {"_source": false, "query": {"geo_bounding_box": {"surprise": 5}}});
}

#[test]
fn a_polygon_has_points() {
    search!(places(), {"_source": false, "query": { "geo_polygon": {"p": {"points": [[-10, 60], [20, 60], [5, 40]]}} }});
}

#[test]
fn a_polygon_of_two_points_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_polygon": {"p": {"points": ["42,-72", "42,-70"]}} }});
}

#[test]
fn a_polygon_of_nothing_is_refused() {
    search!(places(), {"_source": false, "query": {"geo_polygon": {"p": {"points": []}}}});
}

#[test]
fn an_unknown_key_of_a_polygon_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_polygon": {"p": {"points": [[-72, 42], [-70, 42], [-71, 40]], "x": 1}} }});
}

#[test]
fn a_polygon_beyond_the_pole_is_refused() {
    search!(places(), {"_source": false, "query": { "geo_polygon": {"p": {"points": [[-72, 42], [-70, 42], [-71, 140]]}} }});
}

#[test]
fn no_polygon_is_refused() {
    search!(places(), {"_source": false, "query": {"geo_polygon": {}}});
}
