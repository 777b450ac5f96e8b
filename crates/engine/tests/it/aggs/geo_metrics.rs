//! `geo_bounds` and `geo_centroid`.

use serde_json::json;

use crate::cases::{Setup, search};

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
fn a_box_around_all_places() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "p"}}}});
}

#[test]
fn a_box_in_the_east() {
    search!(places(), {"size": 0, "query": {"range": {"n": {"lte": 5}}}, "aggs": {"x": {"geo_bounds": {"field": "p"}}}});
}

#[test]
fn a_box_goes_over_the_date_line_where_it_is_narrower() {
    search!(places(), {"size": 0, "query": {"range": {"n": {"gte": 7, "lte": 8}}}, "aggs": {"x": {"geo_bounds": {"field": "p"}}}});
}

#[test]
fn it_may_be_told_not_to() {
    search!(places(), {"size": 0, "query": {"range": {"n": {"gte": 7, "lte": 8}}}, "aggs": {"x": {"geo_bounds": {"field": "p", "wrap_longitude": false}}}});
}

#[test]
fn around_nothing_there_is_no_box() {
    search!(places(), {"size": 0, "query": {"match_none": {}}, "aggs": {"x": {"geo_bounds": {"field": "p"}}}});
}

#[test]
fn around_a_field_that_is_not_mapped_there_is_no_box() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "nowhere"}}}});
}

#[test]
fn what_stands_for_absent_places_is_in_the_box() {
    search!(places(), {"size": 0, "query": {"term": {"k": "e"}}, "aggs": {"x": {"geo_bounds": {"field": "p", "missing": "2,1"}}}});
}

#[test]
fn numbers_have_no_box() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "n"}}}});
}

#[test]
fn an_option_of_a_box_that_there_is_not_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "p", "foo": true}}}});
}

#[test]
fn a_flag_that_is_none_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "p", "wrap_longitude": "x"}}}});
}

#[test]
fn a_box_without_a_field_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_bounds": {}}}});
}

#[test]
fn the_middle_of_places() {
    search!(places(), {"size": 0, "query": {"range": {"n": {"lte": 5}}}, "aggs": {"x": {"geo_centroid": {"field": "p"}}}});
}

#[test]
fn the_middle_of_all_places() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_centroid": {"field": "p"}}}});
}

#[test]
fn of_nothing_there_is_no_middle() {
    search!(places(), {"size": 0, "query": {"match_none": {}}, "aggs": {"x": {"geo_centroid": {"field": "p"}}}});
}

#[test]
fn of_words_there_is_no_middle() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_centroid": {"field": "k"}}}});
}

#[test]
fn the_middle_with_what_stands_for_absent_places() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_centroid": {"field": "p", "missing": "0,0"}}}});
}

#[test]
fn a_middle_without_a_field_is_refused() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_centroid": {}}}});
}

#[test]
fn in_each_bucket_its_own() {
    search!(places(), {"size": 0, "aggs": {"k": {"terms": {"field": "k"}, "aggs": {"b": {"geo_bounds": {"field": "p"}}, "c": {"geo_centroid": {"field": "p"}}}}}});
}

#[test]
fn they_take_no_others() {
    search!(places(), {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "p"}, "aggs": {"y": {"avg": {"field": "n"}}}}}});
}

#[test]
fn buckets_are_not_ordered_by_a_middle() {
    search!(places(), {"size": 0, "aggs": {"k": {"terms": {"field": "k", "order": {"c": "asc"}}, "aggs": {"c": {"geo_centroid": {"field": "p"}}}}}});
}

#[test]
fn how_many_places_there_are_is_read_by_others() {
    search!(places(), {"size": 0, "aggs": {"k": {"terms": {"field": "k"}, "aggs": {"c": {"geo_centroid": {"field": "p"}}}}, "m": {"max_bucket": {"buckets_path": "k>c.count"}}}});
}

#[test]
fn the_top_of_a_box_is_read_by_others() {
    search!(places(), {"size": 0, "query": {"exists": {"field": "p"}}, "aggs": {"k": {"terms": {"field": "k"}, "aggs": {"c": {"geo_bounds": {"field": "p"}}}}, "m": {"max_bucket": {"buckets_path": "k>c.top"}}}});
}

#[test]
fn the_middle_over_two_indices() {
    let more = places().and(
        "more",
        json!({"mappings": {"properties": {"p": {"type": "geo_point"}}}}),
        json!([{"p": "10.5,20.25"}, {"p": "11,21"}]),
    );
    search!(more, {"size": 0, "aggs": {"b": {"geo_bounds": {"field": "p"}}, "c": {"geo_centroid": {"field": "p"}}}});
}
