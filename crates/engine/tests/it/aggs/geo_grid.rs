//! `geohash_grid`, `geotile_grid`, and tiles as a source of `composite`.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn places() -> Setup {
    Setup::index(
        "places",
        json!({"mappings": {"properties": {"p": {"type": "geo_point"}, "n": {"type": "integer"}, "k": {"type": "keyword"}}}}),
        json!([
            {"p": "52.374081,4.912350", "n": 1, "k": "a"}, {"p": "52.369219,4.901618", "n": 2, "k": "a"},
            {"p": "52.371667,4.914722", "n": 3, "k": "b"}, {"p": "51.222900,4.405200", "n": 4, "k": "b"},
            {"p": "48.861111,2.336389", "n": 5, "k": "c"}, {"p": ["48.860000,2.327000", "40.7,-74"], "n": 6, "k": "c"},
            {"p": "-17.8,178.0", "n": 7, "k": "d"}, {"p": "-14.3,-170.7", "n": 8, "k": "d"}, {"n": 9, "k": "e"},
            {"p": {"lat": 90, "lon": 180}, "n": 10}, {"p": [-180, -90], "n": 11}, {"p": [0, 0], "n": 12}
        ]),
    )
}

#[test]
fn geohashes_of_five_letters_unless_others_are_asked_for() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p"}}}});
}

#[test]
fn one_letter() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 1}}}});
}

#[test]
fn twelve_letters() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 12, "size": 3}}}});
}

#[test]
fn letters_may_be_a_string() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": "3"}}}});
}

#[test]
fn letters_may_be_a_distance() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": "100km"}}}});
}

#[test]
fn a_short_distance() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": "10m"}}}});
}

#[test]
fn a_distance_too_short_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": "1mm"}}}});
}

#[test]
fn a_distance_in_no_unit_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": "1zz"}}}});
}

#[test]
fn no_letter_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 0}}}});
}

#[test]
fn thirteen_letters_are_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 13}}}});
}

#[test]
fn some_of_the_cells() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 2, "size": 2, "shard_size": 100}}}});
}

#[test]
fn no_cell_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "size": 0}}}});
}

#[test]
fn no_cell_of_a_shard_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "shard_size": 0}}}});
}

#[test]
fn cells_within_bounds() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 4, "bounds": {"top_left": "53, 4", "bottom_right": "51, 4.91"}}}}});
}

#[test]
fn bounds_over_the_date_line() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 2, "bounds": {"top": 0, "left": 170, "bottom": -20, "right": -160}}}}});
}

#[test]
fn bounds_may_be_text() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 2, "bounds": {"wkt": "BBOX (0, 10, 60, 40)"}}}}});
}

#[test]
fn bounds_of_other_keys_are_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "bounds": {"over": 1}}}}});
}

#[test]
fn an_option_that_there_is_not_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "foo": 1}}}});
}

#[test]
fn without_a_field_it_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"precision": 3}}}});
}

#[test]
fn numbers_are_no_places() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "n"}}}});
}

#[test]
fn of_a_field_that_is_not_mapped_there_are_none() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "nowhere"}}}});
}

#[test]
fn what_stands_for_absent_places_counts() {
    search!(places(), {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 1, "missing": "10,10"}}}});
}

#[test]
fn tiles_of_zoom_seven_unless_others_are_asked_for() {
    search!(places(), {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "p"}}}});
}

#[test]
fn zoom_zero() {
    search!(places(), {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "p", "precision": 0}}}});
}

#[test]
fn zoom_one() {
    search!(places(), {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "p", "precision": 1}}}});
}

#[test]
fn the_deepest_zoom() {
    search!(places(), {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "p", "precision": 29}}}});
}

#[test]
fn a_deeper_zoom_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "p", "precision": 30}}}});
}

#[test]
fn a_zoom_that_is_no_number_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "p", "precision": "1km"}}}});
}

#[test]
fn tiles_within_bounds() {
    search!(places(), {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "p", "precision": 12, "bounds": {"top_left": "53, 4", "bottom_right": "51, 4.91"}}}}});
}

#[test]
fn tiles_of_words_are_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "k"}}}});
}

#[test]
fn other_aggregations_stand_in_its_cells() {
    search!(places(), {"size": 0, "aggs": {
        "k": {"terms": {"field": "k"}, "aggs": {"x": {"geohash_grid": {"field": "p", "precision": 2}}}},
        "x": {"geotile_grid": {"field": "p", "precision": 3}, "aggs": {
            "n": {"avg": {"field": "n"}}, "c": {"geo_centroid": {"field": "p"}}}},
        "m": {"max_bucket": {"buckets_path": "x>n"}}}});
}

#[test]
fn their_types_are_told() {
    asks!(
        places(),
        "POST /places/_search?typed_keys=true" => {"size": 0, "aggs": {
            "a": {"geohash_grid": {"field": "p", "precision": 1}}, "b": {"geotile_grid": {"field": "p", "precision": 1}},
            "c": {"geo_bounds": {"field": "p"}}, "d": {"geo_centroid": {"field": "p"}}}},
    );
}

#[test]
fn tiles_are_a_source() {
    search!(places(), {"size": 0, "aggs": {"x": {"composite": {"sources": [{"t": {"geotile_grid": {"field": "p", "precision": 4}}}]}}}});
}

#[test]
fn tiles_come_down_too() {
    search!(places(), {"size": 0, "aggs": {"x": {"composite": {"size": 3, "sources": [{"t": {"geotile_grid": {"field": "p", "precision": 4, "order": "desc"}}}, {"k": {"terms": {"field": "k", "missing_bucket": true}}}]}}}});
}

#[test]
fn the_page_after_a_tile() {
    search!(places(), {"size": 0, "aggs": {"x": {"composite": {"size": 2, "after": {"t": "4/8/5"}, "sources": [{"t": {"geotile_grid": {"field": "p", "precision": 4}}}]}}}});
}

#[test]
fn the_page_after_no_tile_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"composite": {"size": 2, "after": {"t": "4/8"}, "sources": [{"t": {"geotile_grid": {"field": "p", "precision": 4}}}]}}}});
}

#[test]
fn tiles_within_bounds_are_a_source() {
    search!(places(), {"size": 0, "aggs": {"x": {"composite": {"sources": [{"t": {"geotile_grid": {"field": "p", "bounds": {"top": 60, "left": 0, "bottom": 40, "right": 10}}}}]}}}});
}

#[test]
fn a_place_may_be_missing() {
    search!(places(), {"size": 0, "aggs": {"x": {"composite": {"sources": [{"t": {"geotile_grid": {"field": "p", "precision": 2, "missing_bucket": true}}}]}}}});
}

#[test]
fn a_source_of_numbers_has_no_tiles() {
    search!(places(), {"size": 0, "aggs": {"x": {"composite": {"sources": [{"t": {"geotile_grid": {"field": "n"}}}]}}}});
}
