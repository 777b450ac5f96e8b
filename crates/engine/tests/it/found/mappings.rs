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
