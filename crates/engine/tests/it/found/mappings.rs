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
