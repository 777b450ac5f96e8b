//! Mappings as the real servers show them.

use serde_json::json;

use crate::cases::{Setup, asks};

#[test]
fn what_stands_for_null_is_printed_as_its_type_has_it() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "n": {"type": "integer", "null_value": "5"}, "f": {"type": "float", "null_value": 7},
            "g": {"type": "float", "null_value": 0.1}, "h": {"type": "half_float", "null_value": "0.3"},
            "d": {"type": "double", "null_value": 3}, "s": {"type": "scaled_float", "scaling_factor": 10, "null_value": "0.27"},
        }}}),
        json!([]),
    );
    asks!(setup, "GET /w/_mapping", "GET /w/_mapping/field/f,s");
}

#[test]
fn fields_beside_others_are_listed_with_them() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "j": {"type": "join", "relations": {"a": ["b", "c"], "c": "d"}},
            "o": {"properties": {"t": {"type": "text", "index_phrases": true}}}, "y": {"type": "search_as_you_type"},
        }}}),
        json!([]),
    );
    asks!(setup, "GET /w/_mapping/field/*", "GET /w/_mapping/field/o.t.*");
}

#[test]
fn null_is_no_value_of_a_parameter() {
    asks!(Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "date_range", "index": null}}}},
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "keyword", "ignore_above": null}}}},
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "date", "format": null}}}},
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "geo_point", "nosuch": null}}}},
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "keyword", "null_value": null, "similarity": null}}}},
        "GET /a/_mapping",
    );
}

#[test]
fn what_is_no_value_of_a_parameter_is_refused() {
    asks!(Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "keyword", "ignore_above": "x"}}}},
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "scaled_float", "scaling_factor": true}}}},
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "geo_point", "store": "x"}}}},
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "date", "format": "standard"}}}},
        "PUT /a" => {"mappings": {"properties": {"f": {"type": "text", "analyzer": "own"}}}},
        "PUT /a" => {"mappings": {"properties": {"o": {"properties": {"f": {"type": "text", "fields": {"raw": {"type": "keyword", "normalizer": "low"}}}}}}}},
    );
}

#[test]
fn what_stands_for_null_in_texts_and_dates_is_a_text() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "k": {"type": "keyword", "null_value": 5}, "b": {"type": "keyword", "null_value": true}, "d": {"type": "date", "null_value": 1580601600000_i64},
            "i": {"type": "ip", "null_value": "::1"}, "f": {"type": "boolean", "null_value": true},
        }}}),
        json!([]),
    );
    asks!(setup, "GET /w/_mapping");
}

#[test]
fn a_search_analyzer_is_told_with_the_analyzer_unless_it_is_that() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "a": {"type": "text", "search_analyzer": "standard"}, "b": {"type": "text", "analyzer": "simple", "search_analyzer": "simple"},
            "c": {"type": "text", "analyzer": "simple", "search_analyzer": "standard"},
            "d": {"type": "text", "store": true, "index_phrases": true},
        }}}),
        json!([]),
    );
    asks!(setup, "GET /w/_mapping", "GET /w/_mapping/field/*");
}

#[test]
fn a_boost_of_a_field_is_a_number_and_is_kept() {
    asks!(Setup::nothing(),
        "PUT /v" => {"mappings": {"properties": {
            "k": {"type": "keyword", "boost": 5}, "t": {"type": "text", "boost": "2.5"}, "n": {"type": "long", "boost": "x"},
            "r": {"type": "long_range", "boost": 3}, "d": {"type": "date", "boost": 2}, "b": {"type": "boolean", "boost": 1.5},
        }}},
        "GET /v/_mapping",
        "PUT /x" => {"mappings": {"properties": {"k": {"type": "keyword", "boost": "x"}}}},
        "PUT /x" => {"mappings": {"properties": {"t": {"type": "text", "boost": null}}}},
    );
}

#[test]
fn a_value_inside_a_list_has_no_name() {
    asks!(Setup::index("w", json!({"mappings": {"properties": {"o": {"properties": {"in": {"type": "long"}}}}}}), json!([])),
        "PUT /w/_doc/1" => {"o": [1, 2]},
        "PUT /w/_doc/1" => {"o": 1},
    );
}

#[test]
fn a_document_gets_the_ranges_of_one_nested_object_alone() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "o": {"type": "nested", "include_in_parent": true, "properties": {"r": {"type": "double_range"}}},
        }}}),
        json!([]),
    );
    asks!(setup,
        "PUT /w/_doc/2" => {"o": [{"r": [{"gte": 1}, {"gte": 2}]}, {}]},
        "PUT /w/_doc/1" => {"o": [{"r": {"gte": 1}}, {"r": {"gte": 2}}]},
    );
}

#[test]
fn numbers_that_are_refused_are_shown_as_they_were_read() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "d": {"type": "date_nanos"}, "l": {"type": "long"}, "t": {"type": "text"}, "b": {"type": "boolean"},
        }}}),
        json!([]),
    );
    asks!(setup,
        "PUT /w/_doc/1" => {"d": 1e300},
        "PUT /w/_doc/1" => {"t": {"lat": -33.69, "lon": 138.5}},
        "PUT /w/_doc/1" => {"b": 3.7},
    );
}
