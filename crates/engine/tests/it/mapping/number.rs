//! The numeric types.

use crate::cases::{Setup, asks};

#[test]
fn byte_holds_its_least_and_greatest() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "byte"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": -128},
        "PUT /a/_doc/1?refresh=true" => {"n": 127},
        "POST /a/_search" => {"_source": false, "sort": ["n"]}
    );
}

#[test]
fn byte_refuses_what_is_greater() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "byte"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 128}
    );
}

#[test]
fn byte_refuses_what_is_less() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "byte"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": -129}
    );
}

#[test]
fn byte_cuts_off_a_fraction() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "byte"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 1.9},
        "PUT /a/_doc/1?refresh=true" => {"n": "2.9"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["n"], "sort": ["_doc"]}
    );
}

#[test]
fn short_holds_its_least_and_greatest() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "short"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": -32768},
        "PUT /a/_doc/1?refresh=true" => {"n": 32767},
        "POST /a/_search" => {"_source": false, "sort": ["n"]}
    );
}

#[test]
fn short_refuses_what_is_greater() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "short"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 32768}
    );
}

#[test]
fn short_refuses_what_is_less() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "short"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": -32769}
    );
}

#[test]
fn short_cuts_off_a_fraction() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "short"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 1.9},
        "PUT /a/_doc/1?refresh=true" => {"n": "2.9"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["n"], "sort": ["_doc"]}
    );
}

#[test]
fn integer_holds_its_least_and_greatest() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "integer"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": -2_147_483_648i64},
        "PUT /a/_doc/1?refresh=true" => {"n": 2_147_483_647},
        "POST /a/_search" => {"_source": false, "sort": ["n"]}
    );
}

#[test]
fn integer_refuses_what_is_greater() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "integer"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 2_147_483_648i64}
    );
}

#[test]
fn integer_refuses_what_is_less() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "integer"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": -2_147_483_649i64}
    );
}

#[test]
fn integer_cuts_off_a_fraction() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "integer"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 1.9},
        "PUT /a/_doc/1?refresh=true" => {"n": "2.9"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["n"], "sort": ["_doc"]}
    );
}

#[test]
fn long_holds_its_least_and_greatest() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": -9_223_372_036_854_775_808i64},
        "PUT /a/_doc/1?refresh=true" => {"n": 9_223_372_036_854_775_807i64},
        "POST /a/_search" => {"_source": false, "sort": ["n"]}
    );
}

#[test]
fn long_refuses_what_is_greater() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a/_doc/0?refresh=true" => "{\"n\":9223372036854775808}"
    );
}

#[test]
fn long_takes_digits() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": "42"},
        "PUT /a/_doc/1?refresh=true" => {"n": " 42"},
        "PUT /a/_doc/2?refresh=true" => {"n": "4e2"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["n"], "sort": ["_doc"]}
    );
}

#[test]
fn long_refuses_letters() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": "abc"}
    );
}

#[test]
fn long_refuses_a_boolean() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": true}
    );
}

#[test]
fn long_refuses_an_object() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": {"a": 1}}
    );
}

#[test]
fn long_takes_an_empty_text_for_no_value() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": ""},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "n"}}}
    );
}

#[test]
fn coerce_false_refuses_digits() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long", "coerce": false}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": "42"}
    );
}

#[test]
fn coerce_false_refuses_fractions() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long", "coerce": false}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 1.5}
    );
}

#[test]
fn ignore_malformed_passes_over_letters() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"n": {"type": "long", "ignore_malformed": true}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"n": "abc", "m": 1},
        "PUT /a/_doc/1?refresh=true" => {"n": ["x", 3]},
        "POST /a/_search" => {"sort": ["_doc"]},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "n"}}}
    );
}

#[test]
fn null_value_stands_for_null() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "long", "null_value": 7}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": null},
        "PUT /a/_doc/1?refresh=true" => {},
        "PUT /a/_doc/2?refresh=true" => {"n": []},
        "POST /a/_search" => {"_source": false, "query": {"term": {"n": 7}}}
    );
}

#[test]
fn double_holds_fractions() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "double"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 0.1},
        "PUT /a/_doc/1?refresh=true" => {"n": 1e+300},
        "PUT /a/_doc/2?refresh=true" => {"n": -0.0},
        "POST /a/_search" => {"_source": false, "sort": ["n"]}
    );
}

#[test]
fn double_refuses_infinity() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "double"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": "Infinity"},
        "PUT /a/_doc/1?refresh=true" => {"n": "NaN"}
    );
}

#[test]
fn float_rounds_to_single_precision() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "float"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 0.1},
        "PUT /a/_doc/1?refresh=true" => {"n": 16_777_217},
        "POST /a/_search" => {"_source": false, "sort": ["n"]},
        "POST /a/_search" => {"size": 0, "aggs": {"s": {"sum": {"field": "n"}}}},
        "POST /a/_search" => {"_source": false, "query": {"term": {"n": 0.1}}}
    );
}

#[test]
fn float_refuses_what_is_greater() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "float"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 1e+39};
        differs: "refused in other words"
    );
}

#[test]
fn half_float_rounds_further() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "half_float"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 0.1},
        "PUT /a/_doc/1?refresh=true" => {"n": 2049},
        "POST /a/_search" => {"_source": false, "sort": ["n"]}
    );
}

#[test]
fn half_float_refuses_what_is_greater() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "half_float"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 65520}
    );
}

#[test]
fn scaled_float_rounds_to_its_factor() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"n": {"type": "scaled_float", "scaling_factor": 100}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"n": 1.237},
        "PUT /a/_doc/1?refresh=true" => {"n": "2.5"},
        "POST /a/_search" => {"_source": false, "sort": ["n"]},
        "POST /a/_search" => {"_source": false, "query": {"term": {"n": 1.24}}},
        "POST /a/_search" => {"_source": false, "query": {"range": {"n": {"gt": 1.24}}}},
        "POST /a/_search" => {"size": 0, "aggs": {"s": {"stats": {"field": "n"}}}}
    );
}

#[test]
fn scaled_float_wants_its_factor() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "scaled_float"}}}}
    );
}

#[test]
fn scaled_float_refuses_a_factor_of_zero() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"n": {"type": "scaled_float", "scaling_factor": 0}}}
        }
    );
}

#[test]
fn unsigned_long_is_opensearchs_alone() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "unsigned_long"}}}};
        differs: "OpenSearch's type is there on both"
    );
}

#[test]
fn several_numbers_are_sorted_in_their_column() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "integer"}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": [3, 1, 2, 1]},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["n"], "sort": ["_doc"]}
    );
}

#[test]
fn index_false_is_not_searched() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "integer", "index": false}}}},
        "PUT /a/_doc/0?refresh=true" => {"n": 1},
        "POST /a/_search" => {"_source": false, "query": {"term": {"n": 1}}},
        "POST /a/_search" => {"_source": false, "sort": ["n"]}
    );
}

#[test]
fn doc_values_false_is_not_sorted() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"n": {"type": "integer", "doc_values": false}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"n": 1},
        "POST /a/_search" => {"_source": false, "query": {"term": {"n": 1}}},
        "POST /a/_search" => {"_source": false, "sort": ["n"]},
        "POST /a/_search" => {"size": 0, "aggs": {"s": {"sum": {"field": "n"}}}}
    );
}

#[test]
fn an_unknown_parameter_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "integer", "surprise": 1}}}}
    );
}

#[test]
fn an_analyzer_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"n": {"type": "integer", "analyzer": "standard"}}}
        }
    );
}

/// Numbers of 64 bits without a sign, as texts and as numbers.
fn unsigned() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"n": {"type": "unsigned_long"}, "i": {"type": "integer"}}}}),
        serde_json::json!([
            {"i": 0, "n": "1.5"}, {"i": 1, "n": "18446744073709551615.0"}, {"i": 2, "n": "18446744073709551614.9"},
            {"i": 3, "n": "9007199254740993.7"}, {"i": 4, "n": 9007199254740994.0}, {"i": 5, "n": "18446744073709551615.5"},
            {"i": 6, "n": "-0.5"}, {"i": 7, "n": -0.5}, {"i": 8, "n": "1e3"}, {"i": 9, "n": "1.8446744073709551615e19"},
            {"i": 10, "n": "+7"}, {"i": 11, "n": ".5"}, {"i": 12, "n": "5."}, {"i": 13, "n": 1.844674407370955e19},
            {"i": 14, "n": 7.9}, {"i": 15, "n": "9007199254740993"}
        ]),
    )
    .of_opensearch()
}

#[test]
fn no_digit_of_an_unsigned_long_is_lost_with_its_fraction() {
    asks!(
        unsigned(),
        "POST /a/_search?size=20" => {"_source": false, "docvalue_fields": ["n"], "sort": ["i"]},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"term": {"n": "9007199254740993.0"}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"term": {"n": "9007199254740993.7"}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"term": {"n": "5.5"}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"term": {"n": 18446744073709551615_u64}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"terms": {"n": ["1", "9007199254740993"]}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"range": {"n": {"gt": "9007199254740992.5"}}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"range": {"n": {"gt": "9007199254740993.0"}}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"range": {"n": {"gte": "9007199254740993.0", "lte": "9007199254740993.9"}}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"range": {"n": {"gte": "1.5", "lt": "7.5"}}}}
    );
}

#[test]
fn what_no_unsigned_long_can_be_is_refused() {
    asks!(
        Setup::nothing().of_opensearch(),
        "PUT /a" => {"mappings": {"properties": {"n": {"type": "unsigned_long"}, "c": {"type": "unsigned_long", "coerce": false}}}},
        "PUT /a/_doc/0" => {"n": "-1"},
        "PUT /a/_doc/0" => {"n": -7},
        "PUT /a/_doc/0" => {"n": "18446744073709551616"},
        "PUT /a/_doc/0" => {"n": 1.8446744073709552e19},
        "PUT /a/_doc/0" => {"n": "1e30"},
        "PUT /a/_doc/0" => {"n": "1e999999"},
        "PUT /a/_doc/0" => {"n": " 5"},
        "PUT /a/_doc/0" => {"n": "abc"},
        "PUT /a/_doc/0" => {"n": "NaN"},
        "PUT /a/_doc/0" => {"n": "5d"},
        "PUT /a/_doc/0" => {"c": "1.5"},
        "PUT /a/_doc/0" => {"c": 1.5},
        "PUT /a/_doc/0" => {"c": 9007199254740992.0}
    );
}

#[test]
fn no_digit_of_a_long_is_lost_with_its_fraction() {
    asks!(
        Setup::index(
            "a",
            serde_json::json!({"mappings": {"properties": {"n": {"type": "long"}, "i": {"type": "integer"}}}}),
            serde_json::json!([
                {"i": 0, "n": "9007199254740993.7"}, {"i": 1, "n": "-9007199254740993.7"}, {"i": 2, "n": "9223372036854775806.0"},
                {"i": 3, "n": "9.007199254740993e15"}, {"i": 4, "n": "-.5"}, {"i": 5, "n": "9007199254740993"}
            ]),
        ),
        "POST /a/_search?size=20" => {"_source": false, "docvalue_fields": ["n"], "sort": ["i"]},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"term": {"n": "9007199254740993.7"}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"range": {"n": {"gt": "9007199254740993.0"}}}},
        "POST /a/_search" => {"_source": false, "sort": ["i"], "query": {"range": {"n": {"lte": "-9007199254740993.0"}}}},
        "PUT /a/_doc/9" => {"n": "9223372036854775808.5"},
        "PUT /a/_doc/9" => {"n": "1e30"},
        "PUT /a/_doc/9" => {"n": " 5"},
        "PUT /a/_doc/9" => {"n": "5d"}
    );
}
