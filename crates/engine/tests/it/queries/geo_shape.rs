//! `geo_shape`, and the type that it is about.

use crate::cases::{Setup, asks};

fn shapes() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"g": {"type": "geo_shape"}, "p": {"type": "geo_point"}}}}),
        serde_json::json!([{"g": {"type": "point", "coordinates": [10, 10]}}, {"g": "POINT (20 20)"}, {"g": {"type": "polygon", "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]}}, {"g": "POLYGON ((0 0,10 0,10 10,0 10,0 0),(4 4,6 4,6 6,4 6,4 4))"}, {"g": {"type": "linestring", "coordinates": [[1, 1], [9, 9]]}}, {"g": {"type": "envelope", "coordinates": [[170, 10], [-170, -10]]}}, {"g": {"type": "multipoint", "coordinates": [[1, 1], [50, 50]]}}, {"g": {"type": "multipolygon", "coordinates": [[[[100, 0], [101, 0], [101, 1], [100, 1], [100, 0]]]]}}, {"g": {"type": "geometrycollection", "geometries": [{"type": "point", "coordinates": [30, 30]}, {"type": "linestring", "coordinates": [[30, 30], [31, 31]]}]}}, {"g": "BBOX (2.0,4.0,4.0,2.0)"}, {"g": null}, {"g": "MULTILINESTRING ((1 1,2 2),(3 3,4 4))"}, {"p": "5,5"}]),
    )
    .of_opensearch()
}

#[test]
fn shapes_intersect_unless_told_otherwise() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "polygon", "coordinates": [[[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]]}}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "linestring", "coordinates": [[-5, 5], [15, 5]]}}}}, "size": 30, "sort": ["_doc"], "track_scores": true};
        differs: "a point on a corner of what is asked for: there the point is rounded and the corner is not"
    );
}

#[test]
fn shapes_are_within() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}, "relation": "within"}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "polygon", "coordinates": [[[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]]}, "relation": "within"}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn shapes_are_disjoint() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}, "relation": "disjoint"}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn shapes_contain() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "polygon", "coordinates": [[[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]]}, "relation": "contains"}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "POINT(5 5)", "relation": "contains"}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn a_point_is_in_a_polygon_and_not_in_its_hole() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "POINT(5 5)"}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "POINT(1 2)"}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn shapes_meet_beyond_the_date_line() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "envelope", "coordinates": [[175, 5], [-175, -5]]}}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn a_boost_is_the_score() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}}, "boost": 2, "_name": "n"}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn places_are_in_shapes() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"p": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"p": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}, "relation": "within"}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"p": {"shape": "POINT(1 1)"}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn what_is_no_shape_query_is_refused() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}, "relation": "x"}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"relation": "within"}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}, "surprise": 1}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn a_field_that_is_not_mapped_is_refused_or_passed_over() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"nope": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"nope": {"shape": {"type": "envelope", "coordinates": [[-1, 11], [11, -1]]}}, "ignore_unmapped": true}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn words_do_not_search_shapes() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "query": {"term": {"g": "x"}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "g"}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn shapes_are_shown_as_they_came() {
    asks!(
        shapes(),
        "POST /a/_search" => {"_source": false, "fields": ["g"], "size": 2, "sort": ["_doc"]};
        differs: "a shape that came as text is shown as text, and there as GeoJSON"
    );
}

#[test]
fn what_is_no_shape_is_refused() {
    asks!(
        shapes(),
        "PUT /a/_doc/20" => {"g": 5},
        "PUT /a/_doc/20" => {"g": "x"},
        "PUT /a/_doc/20" => {"g": {"type": "circle", "coordinates": [1, 1], "radius": "10km"}},
        "PUT /a/_doc/20" => {"g": {"type": "polygon", "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 10]]]}}
    );
}

#[test]
fn mappings_of_shapes_are_told() {
    asks!(
        Setup::nothing().of_opensearch(),
        "PUT /a" => {"mappings": {"properties": {"g": {"type": "geo_shape", "ignore_malformed": true}}}},
        "GET /a/_mapping"
    );
}

#[test]
fn shapes_have_all_their_parts() {
    let documents = serde_json::json!([
        {"g": "MULTIPOINT (1 1, 2 2)"},
        {"g": {"type": "multilinestring", "coordinates": [[[0, 0], [5, 5]], [[10, 0], [10, 5]]]}},
        {"g": {"type": "polygon", "coordinates": [[[0, 0], [0, 10], [10, 10], [10, 0], [0, 0]]]}},
        {"g": "GEOMETRYCOLLECTION (POINT (40 40), POINT (1 1))"},
        {"g": "LINESTRING (178 1, -178 1)"},
    ]);
    let mapping = serde_json::json!({"mappings": {"properties": {"g": {"type": "geo_shape"}}}});
    let setup = || Setup::index("b", mapping.clone(), documents.clone()).of_opensearch();
    asks!(
        setup(),
        "POST /b/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "BBOX (0.5, 1.5, 1.5, 0.5)"}}}, "sort": ["_doc"]},
        "POST /b/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "POINT (180 1)"}}}, "sort": ["_doc"]},
        "POST /b/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "LINESTRING (9 4, 11 4)"}}}, "sort": ["_doc"]},
        "POST /b/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "MULTIPOLYGON (((0 0, 3 0, 3 3, 0 3, 0 0)), ((39 39, 41 39, 41 41, 39 41, 39 39)))", "relation": "within"}}}, "sort": ["_doc"]},
        "POST /b/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "GEOMETRYCOLLECTION (POINT (40 40), POINT (100 80))"}}}, "sort": ["_doc"]},
        "POST /b/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "POLYGON ((1 1, 2 1, 2 2, 1 2, 1 1))", "relation": "contains"}}}, "sort": ["_doc"]},
        "POST /b/_search" => {"_source": false, "query": {"bool": {"must_not": {"geo_shape": {"g": {"shape": "BBOX (0, 50, 50, 0)"}}}}}, "sort": ["_doc"]},
    );
}

#[test]
fn malformed_shapes_can_be_passed_over() {
    let mapping = serde_json::json!({"mappings": {"properties": {"g": {"type": "geo_shape", "ignore_malformed": true}}}});
    asks!(
        Setup::index("c", mapping, serde_json::json!([])).of_opensearch(),
        "PUT /c/_doc/1?refresh=true" => {"g": "nothing"},
        "PUT /c/_doc/2?refresh=true" => {"g": "POINT (1 1)"},
        "POST /c/_search" => {"_source": false, "query": {"exists": {"field": "g"}}},
    );
}

#[test]
fn parameters_of_shapes_are_printed() {
    asks!(
        Setup::nothing().of_opensearch(),
        "PUT /a" => {"mappings": {"properties": {"g": {"type": "geo_shape", "ignore_malformed": true}}}},
        "GET /a/_mapping",
        "PUT /b" => {"mappings": {"properties": {"g": {"type": "geo_shape", "surprise": 1}}}},
    );
}

#[test]
fn rings_go_round_as_the_field_says() {
    let mapping = |orientation: &str| serde_json::json!({"mappings": {"properties": {"g": {"type": "geo_shape", "orientation": orientation}}}});
    let wide = serde_json::json!([
        {"g": {"type": "polygon", "coordinates": [[[-175, 0], [175, 0], [175, 10], [-175, 10], [-175, 0]]]}},
        {"g": {"type": "polygon", "coordinates": [[[-175, 0], [-175, 10], [175, 10], [175, 0], [-175, 0]]]}},
        {"g": {"type": "polygon", "orientation": "cw", "coordinates": [[[-175, 0], [175, 0], [175, 10], [-175, 10], [-175, 0]]]}},
        {"g": "POLYGON ((-175 0, 175 0, 175 10, -175 10, -175 0))"},
        {"g": "POLYGON ((-175 0, -175 10, 175 10, 175 0, -175 0))"},
        {"g": "POLYGON ((170 0, 190 0, 190 10, 170 10, 170 0))"},
        {"g": "POLYGON ((170 0, 170 10, 190 10, 190 0, 170 0))"},
        {"g": "POLYGON ((-190 0, -190 10, -170 10, -170 0, -190 0))"},
        {"g": "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))"},
        {"g": "POLYGON ((-180 -90, -180 90, 180 90, 180 -90, -180 -90))"},
        {"g": "LINESTRING (170 5, 190 5)"},
        {"g": "LINESTRING (170 5, -170 5)"}
    ]);
    let kept = Setup::index("r", mapping("right"), wide.clone()).and("l", mapping("CW"), wide);
    asks!(
        kept.of_opensearch(),
        "GET /_mapping",
        "POST /r/_search" => {"_source": false, "size": 30, "query": {"geo_shape": {"g": {"shape": "POINT (1 5)"}}}},
        "POST /r/_search" => {"_source": false, "size": 30, "query": {"geo_shape": {"g": {"shape": "BBOX (179.2, 179.4, 5.5, 4.5)"}}}},
        "POST /r/_search" => {"_source": false, "size": 30, "query": {"geo_shape": {"g": {"shape": "BBOX (-177.2, -177.1, 5.5, 4.5)"}}}},
        "POST /l/_search" => {"_source": false, "size": 30, "query": {"geo_shape": {"g": {"shape": "POINT (1 5)"}}}},
        "POST /l/_search" => {"_source": false, "size": 30, "query": {"geo_shape": {"g": {"shape": "BBOX (179.2, 179.4, 5.5, 4.5)"}}}},
        "POST /l/_search" => {"_source": false, "size": 30, "query": {"geo_shape": {"g": {"shape": "BBOX (-177.2, -177.1, 5.5, 4.5)"}}}},
        "POST /r/_search" => {"_source": false, "size": 30, "query": {"geo_shape": {"g": {"shape": {"type": "polygon", "orientation": "left", "coordinates": [[[-178, 1], [178, 1], [178, 3], [-178, 3], [-178, 1]]]}}}}},
        "PUT /x" => {"mappings": {"properties": {"g": {"type": "geo_shape", "orientation": "sideways"}}}},
        "PUT /l/_mapping" => {"properties": {"g": {"type": "geo_shape", "orientation": "ccw"}}},
        "GET /l/_mapping",
    );
}

#[test]
fn rings_are_closed_where_the_field_says_so() {
    let mapping = serde_json::json!({"mappings": {"properties": {
        "g": {"type": "geo_shape", "coerce": true}, "h": {"type": "geo_shape"},
    }}});
    asks!(
        Setup::index("a", mapping, serde_json::json!([])).of_opensearch(),
        "PUT /a/_doc/1?refresh=true" => {"g": {"type": "polygon", "coordinates": [[[0, 0], [9, 0], [9, 9]]]}},
        "PUT /a/_doc/2?refresh=true" => {"g": "POLYGON ((0 0, 9 0, 9 9))"},
        "PUT /a/_doc/3?refresh=true" => {"g": {"type": "multipolygon", "coordinates": [[[[0, 0], [9, 0], [9, 9]]]]}},
        "PUT /a/_doc/4?refresh=true" => {"h": {"type": "polygon", "coordinates": [[[0, 0], [9, 0], [9, 9]]]}},
        "PUT /a/_doc/5?refresh=true" => {"h": "POLYGON ((0 0, 9 0, 9 9))"},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": "POINT (7 5)"}}}},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"shape": {"type": "polygon", "coordinates": [[[6, 4], [8, 4], [8, 6]]]}}}}},
        "GET /a/_mapping",
    );
}

#[test]
fn the_shape_may_be_that_of_a_document() {
    let kept = Setup::nothing()
        .and(
            "d",
            serde_json::json!({}),
            serde_json::json!([{"shape": {"type": "point", "coordinates": [1, 2]}, "o": {"s": "POINT (5 5)"}}]),
        )
        .and(
            "a",
            serde_json::json!({"mappings": {"properties": {"g": {"type": "geo_shape"}}}}),
            serde_json::json!([{"g": "POINT (1 2)"}, {"g": "POINT (5 5)"}]),
        )
        .of_opensearch();
    asks!(
        kept,
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"indexed_shape": {"index": "d", "id": "0"}}}}},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"indexed_shape": {"index": "d", "id": "0", "path": "o.s"}, "relation": "within"}}}},
        "POST /a/_search" => {"query": {"geo_shape": {"g": {"indexed_shape": {"index": "d", "id": "0", "path": "surprise"}}}}},
        "POST /a/_search" => {"query": {"geo_shape": {"g": {"indexed_shape": {"index": "d", "id": "surprise"}}}}},
        "POST /a/_search" => {"query": {"geo_shape": {"g": {"indexed_shape": {"index": "surprise", "id": "0"}}}}},
        "POST /a/_search" => {"query": {"geo_shape": {"g": {"indexed_shape": {"id": "0"}}}}},
        "POST /a/_search" => {"query": {"geo_shape": {"g": {"indexed_shape": {"index": "d"}}}}},
        "POST /a/_search" => {"_source": false, "query": {"geo_shape": {"g": {"strategy": "recursive", "shape": {"type": "point", "coordinates": [1, 2]}}}}},
    );
}

/// Shapes as OpenSearch alone has them among queries over places.
fn of_opensearch() -> Setup {
    let fields = serde_json::json!({"mappings": {"properties": {"s": {"type": "geo_shape"}}}});
    let documents = serde_json::json!([
        {"s": {"type": "polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}},
        {"s": "POINT (5 5)"},
        {"s": "LINESTRING (10 10, 10 20)"},
        {"s": {"type": "envelope", "coordinates": [[170, 5], [175, -5]]}},
        {"x": 1}
    ]);
    Setup::index("a", fields, documents).of_opensearch()
}

#[test]
fn shapes_are_in_boxes() {
    let within = |corners: serde_json::Value| serde_json::json!({"query": {"geo_bounding_box": {"s": corners}}, "_source": false});
    asks!(
        of_opensearch(),
        "POST /a/_search" => (within(serde_json::json!({"top_left": [-1, 3], "bottom_right": [3, -1]}))),
        "POST /a/_search" => (within(serde_json::json!({"top_left": [0.5, 1.5], "bottom_right": [1.5, 0.5]}))),
        "POST /a/_search" => (within(serde_json::json!({"top_left": [4, 30], "bottom_right": [11, 4]}))),
        "POST /a/_search" => (within(serde_json::json!({"top_left": [160, 10], "bottom_right": [-170, -10]}))),
        "POST /a/_search" => (within(serde_json::json!({"top_left": [60, 10], "bottom_right": [70, -10]})))
    );
}

#[test]
fn shapes_are_near_places() {
    let near = |distance: &str, place: [f64; 2]| serde_json::json!({"query": {"geo_distance": {"distance": distance, "s": place}}, "_source": false});
    asks!(
        of_opensearch(),
        "POST /a/_search" => (near("1km", [1.0, 1.0])),
        "POST /a/_search" => (near("100km", [2.5, 1.0])),
        "POST /a/_search" => (near("50km", [2.5, 1.0])),
        "POST /a/_search" => (near("100km", [5.5, 5.5])),
        "POST /a/_search" => (near("60km", [10.5, 15.0])),
        "POST /a/_search" => (near("50km", [10.5, 15.0])),
        "POST /a/_search" => (near("700km", [-180.0, 0.0]))
    );
}
