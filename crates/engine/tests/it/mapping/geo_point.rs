//! `geo_point`: its spellings, and what is refused.

use crate::cases::{Setup, asks};

fn places() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"p": {"type": "geo_point"}}}}),
        serde_json::json!([
            {"p": {"lat": 41.12, "lon": -71.34}},
            {"p": "41.12,-71.34"},
            {"p": "drm3btev3e86"},
            {"p": [-71.34, 41.12]},
            {"p": "POINT (-71.34 41.12)"},
            {"p": [[1, 2], [3, 4]]},
            {"p": ["1,2", {"lat": "3", "lon": "4"}]},
            {"p": {"geohash": "drm3b"}},
            {"p": null},
            {}
        ]),
    )
}

#[test]
fn every_spelling_is_kept_alike() {
    asks!(
        places(),
        "POST /a/_search" => {
            "_source": false, "size": 20, "docvalue_fields": ["p"], "sort": ["_doc"]
        },
        "POST /a/_search" => {"_source": false, "size": 20, "fields": ["p"], "sort": ["_doc"]},
        "POST /a/_search" => {"size": 0, "query": {"exists": {"field": "p"}}}
    );
}

#[test]
fn its_mapping_is_told() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "p": {"type": "geo_point", "ignore_malformed": true, "null_value": "1,2"},
                    "q": {"type": "geo_point", "ignore_z_value": false, "doc_values": false},
                    "r": {"type": "geo_point", "surprise": 1}
                }
            }
        },
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "q": {"type": "geo_point", "ignore_z_value": false, "doc_values": false}
                }
            }
        },
        "GET /a/_mapping"
    );
}

#[test]
fn a_number_out_of_range_is_refused() {
    asks!(
        places(),
        "PUT /a/_doc/20" => {"p": {"lat": 91, "lon": 0}},
        "PUT /a/_doc/20" => {"p": [181, 0]}
    );
}

#[test]
fn half_a_place_is_refused() {
    asks!(
        places(),
        "PUT /a/_doc/20" => {"p": {"lat": 1}},
        "PUT /a/_doc/20" => {"p": {"lat": "x", "lon": 2}};
        differs: "the first server that knows GeoJSON words it otherwise"
    );
}

#[test]
fn what_is_no_place_is_refused() {
    asks!(
        places(),
        "PUT /a/_doc/20" => {"p": "abc!"},
        "PUT /a/_doc/20" => {"p": "x,y"},
        "PUT /a/_doc/20" => {"p": 5},
        "PUT /a/_doc/20" => {"p": true},
        "PUT /a/_doc/20" => {"p": [1, 2, 3, 4]},
        "PUT /a/_doc/20" => {"p": {"geohash": 5}},
        "PUT /a/_doc/20" => {"p": ""}
    );
}

#[test]
fn a_third_number_is_passed_over_unless_the_mapping_refuses_it() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "p": {"type": "geo_point"},
                    "q": {"type": "geo_point", "ignore_z_value": false}
                }
            }
        },
        "PUT /a/_doc/1?refresh=true" => {"p": [-71.34, 41.12, 5]},
        "PUT /a/_doc/2" => {"q": [-71.34, 41.12, 5]},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["p"]}
    );
}

#[test]
fn ignore_malformed_passes_over_what_is_no_place() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"p": {"type": "geo_point", "ignore_malformed": true}}}
        },
        "PUT /a/_doc/1?refresh=true" => {"p": "x,y"},
        "PUT /a/_doc/2?refresh=true" => {"p": "91,0"},
        "POST /a/_search" => {"size": 0, "query": {"exists": {"field": "p"}}}
    );
}

#[test]
fn null_value_stands_for_null() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"p": {"type": "geo_point", "null_value": "1,2"}}}
        },
        "PUT /a/_doc/1?refresh=true" => {"p": null},
        "POST /a/_search" => {"docvalue_fields": ["p"]}
    );
}

#[test]
fn words_do_not_search_it() {
    asks!(
        places(),
        "POST /a/_search" => {"query": {"term": {"p": "41,-71"}}},
        "POST /a/_search" => {"query": {"terms": {"p": ["41,-71"]}}},
        "POST /a/_search" => {"query": {"match": {"p": "41,-71"}}},
        "POST /a/_search" => {"query": {"range": {"p": {"gte": 1}}}}
    );
}

#[test]
fn it_is_neither_sorted_nor_aggregated_as_a_value() {
    asks!(
        places(),
        "POST /a/_search" => {"sort": ["p"]},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "p"}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"avg": {"field": "p"}}}}
    );
}

#[test]
fn a_multi_field_has_the_text() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "p": {"type": "geo_point", "fields": {"raw": {"type": "keyword"}}}
                }
            }
        },
        "PUT /a/_doc/1?refresh=true" => {"p": ["1,2", "3,4"]},
        "POST /a/_search" => {"_source": false, "query": {"term": {"p.raw": "3,4"}}}
    );
}
