//! `geo_bounds`, `geohash_grid` and `geotile_grid` of OpenSearch's fields of shapes.

use serde_json::json;

use crate::cases::{Setup, asks};

fn shapes() -> Setup {
    Setup::index(
        "shapes",
        json!({"mappings": {"properties": {
            "s": {"type": "geo_shape"}, "bare": {"type": "geo_shape", "doc_values": false}, "n": {"type": "integer"},
        }}}),
        json!([
            {"n": 0, "s": "POINT (10 20)", "bare": "POINT (1 2)"},
            {"n": 1, "s": "POLYGON ((-5 -5, 5 -5, 5 5, -5 5, -5 -5))"},
            {"n": 2, "s": {"type": "polygon", "coordinates": [[[170, 0], [-170, 0], [-170, 10], [170, 10], [170, 0]]]}},
            {"n": 3, "s": "LINESTRING (-50 10, -40 20)"},
            {"n": 4, "s": "LINESTRING (-10 10, 40 20)"},
            {"n": 5, "s": {"type": "envelope", "coordinates": [[170, 10], [-170, 0]]}},
            {"n": 6, "s": "MULTIPOINT (-170 10, 170 0)"},
            {"n": 7},
            {"n": 8, "s": "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (1 1, 1 9, 9 9, 9 1, 1 1))"},
            {"n": 9, "s": "POLYGON ((100 80, 120 80, 110 89, 100 80))"},
            {"n": 10, "s": "GEOMETRYCOLLECTION (POINT (30 30), LINESTRING (31 31, 33 35))"},
            {"n": 11, "s": "LINESTRING (170 10, 190 20)"},
        ]),
    )
    .of_opensearch()
}

#[test]
fn a_box_lies_around_shapes() {
    asks!(shapes(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "s"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "s", "wrap_longitude": false}}}},
        "POST /_search" => {"size": 0, "query": {"range": {"n": {"lt": 2}}}, "aggs": {"x": {"geo_bounds": {"field": "s"}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 2}}, "aggs": {"x": {"geo_bounds": {"field": "s"}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 4}}, "aggs": {"x": {"geo_bounds": {"field": "s"}}}},
        "POST /_search" => {"size": 0, "query": {"terms": {"n": [3, 4]}}, "aggs": {"x": {"geo_bounds": {"field": "s"}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 6}}, "aggs": {"x": {"geo_bounds": {"field": "s"}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 7}}, "aggs": {"x": {"geo_bounds": {"field": "s"}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 11}}, "aggs": {"x": {"geo_bounds": {"field": "s"}}}},
        "POST /_search" => {"size": 0, "aggs": {"t": {"terms": {"field": "n", "size": 3}, "aggs": {"x": {"geo_bounds": {"field": "s"}}}}}},
    );
}

#[test]
fn a_shape_is_in_the_tiles_that_it_touches() {
    asks!(shapes(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "s", "precision": 3}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "s", "precision": 5, "size": 200}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "s", "precision": 0}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 8}}, "aggs": {"x": {"geotile_grid": {"field": "s", "precision": 8, "size": 100}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 9}}, "aggs": {"x": {"geotile_grid": {"field": "s", "precision": 6}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 11}}, "aggs": {"x": {"geotile_grid": {"field": "s", "precision": 6}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geotile_grid": {"field": "s", "precision": 2, "size": 3}, "aggs": {"m": {"max": {"field": "n"}}}}}},
    );
}

#[test]
fn a_shape_is_in_the_geohashes_that_it_touches() {
    asks!(shapes(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "s", "precision": 1}}}},
        "POST /_search" => {"size": 0, "query": {"range": {"n": {"lt": 11}}}, "aggs": {"x": {"geohash_grid": {"field": "s", "precision": 2, "size": 200}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 1}}, "aggs": {"x": {"geohash_grid": {"field": "s", "precision": 4, "size": 2000}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 10}}, "aggs": {"x": {"geohash_grid": {"field": "s", "precision": 4}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 0}}, "aggs": {"x": {"geohash_grid": {"field": "s", "precision": 12}}}},
    );
}

#[test]
fn bounds_and_absent_shapes_are_as_of_points() {
    asks!(shapes(),
        "POST /_search" => {"size": 0, "query": {"term": {"n": 1}}, "aggs": {"x": {"geohash_grid": {"field": "s", "precision": 2, "bounds": {"top_left": [1, 4], "bottom_right": [4, 1]}}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 1}}, "aggs": {"x": {"geotile_grid": {"field": "s", "precision": 3, "bounds": {"top_left": [10, 40], "bottom_right": [40, 10]}}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 7}}, "aggs": {"x": {"geotile_grid": {"field": "s", "precision": 3, "missing": "POINT(1 1)"}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"n": 7}}, "aggs": {"x": {"geo_bounds": {"field": "s", "missing": "POINT(1 1)"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "s", "missing": "nonsense"}}}},
    );
}

#[test]
fn what_reads_no_shapes_is_refused() {
    asks!(shapes(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_centroid": {"field": "s"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_distance": {"field": "s", "origin": "1,1", "ranges": [{"to": 5}]}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"composite": {"sources": [{"a": {"geotile_grid": {"field": "s", "precision": 3}}}]}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_bounds": {"field": "bare"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geohash_grid": {"field": "bare"}}}},
    );
}
