//! Fields that are of one type in an index and of another in the next, or of none at all.

use serde_json::json;

use crate::cases::{Setup, asks};

/// `n` is whole in one index and a fraction in the other; `z` has both zeros.
fn unlike() -> Setup {
    Setup::index(
        "a",
        json!({"mappings": {"properties": {"n": {"type": "long"}, "m": {"type": "long"}, "k": {"type": "keyword"}}}}),
        json!([{"n": 1, "k": "x", "m": 4}, {"n": 2, "k": "y"}, {"n": 2}]),
    )
    .and(
        "b",
        json!({"mappings": {"properties": {"n": {"type": "double"}, "z": {"type": "double"}, "m": {"type": "keyword"}}}}),
        json!([{"n": 1, "z": -0.0, "m": "4"}, {"n": 2.5, "z": 0.0}, {"n": -0.0, "z": -0.0}, {"n": 2}]),
    )
}

#[test]
fn whole_numbers_and_fractions_are_one_kind_of_keys() {
    asks!(
        unlike(),
        "POST /a,b/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "n"}}}},
        "POST /b,a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "n", "order": {"_key": "asc"}}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "n"}}}},
        "POST /a,b/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "n"}, "aggs": {"s": {"sum": {"field": "n"}}}}}}
    );
}

#[test]
fn numbers_and_texts_are_not() {
    asks!(unlike(), "POST /a,b/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "m"}}}});
}

#[test]
fn both_zeros_are_keys() {
    asks!(
        unlike(),
        "POST /b/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "z"}}}},
        "POST /b/_search" => {"size": 0, "aggs": {"x": {"composite": {"sources": [{"a": {"terms": {"field": "z"}}}]}}}},
        "POST /b/_search" => {"size": 0, "aggs": {"x": {"histogram": {"field": "z", "interval": 1}}}},
        "POST /b/_search" => {"size": 0, "aggs": {"x": {"min": {"field": "z"}}, "c": {"cardinality": {"field": "z"}}}}
    );
}

#[test]
fn a_field_that_is_not_there_is_of_the_type_that_is_told() {
    asks!(
        unlike(),
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "nope", "value_type": "long", "missing": 3}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "nope", "value_type": "double", "missing": 3}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "nope", "value_type": "double", "missing": 3.5}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "nope", "value_type": "date", "missing": "2020-01-01"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "nope", "value_type": "date"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "nope", "value_type": "ip", "missing": "1.2.3.4"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "nope", "value_type": "boolean", "missing": true}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "nope", "value_type": "string", "missing": "q"}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"avg": {"field": "nope", "value_type": "date", "missing": "2020-01-01"}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"max": {"field": "nope", "value_type": "double", "missing": 7}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"histogram": {"field": "nope", "value_type": "double", "missing": 7, "interval": 5}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"value_count": {"field": "nope", "value_type": "string", "missing": "a"}}}}
    );
}

#[test]
fn a_script_may_tell_what_is_missing() {
    asks!(
        unlike(),
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"missing": {"script": "doc['k'].size() == 0 ? null : doc['k'].value"}, "aggs": {"s": {"sum": {"field": "n"}}}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"missing": {"field": "k", "script": "_value"}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"missing": {"script": "surprise"}}}}
    );
}
