//! Numbers, moments and chance, where the bounds of a range or the digits of a score were others than the real servers'.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn numbers() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "h": {"type": "half_float"}, "s": {"type": "scaled_float", "scaling_factor": 10}, "d": {"type": "date"},
            "n": {"type": "date_nanos"}, "l": {"type": "long"}, "f": {"type": "float"}, "k": {"type": "keyword"},
            "i": {"type": "integer_range"}, "r": {"type": "float_range"}, "a": {"type": "ip_range"}, "m": {"type": "date_range"},
            "b": {"type": "boolean"}, "x": {"type": "double", "doc_values": false}, "p": {"type": "ip"},
        }}}),
        json!([
            {"h": 38.8, "s": -0.0, "d": 1580601600000i64, "n": "2020-02-02", "l": 3, "f": 0.1, "k": "fox", "b": true, "x": 3, "p": "::1"},
            {"h": [0.1, 39], "s": 0, "d": "2020-02-01", "n": "2020-02-03", "l": [9, -4], "f": 38.8, "k": ["b", "a"], "b": false},
            {"h": -0.0, "s": 0.1, "d": "2019-12-31", "i": {"gte": 3, "lt": 9}, "r": {"gt": 1.5}, "b": "true", "p": "10.0.0.1"},
        ]),
    )
}

#[test]
fn the_bounds_of_half_floats_are_not_rounded_to_their_precision() {
    asks!(numbers(),
        "POST /w/_search?_source=false" => {"query": {"range": {"h": {"gt": 38.8}}}},
        "POST /w/_search?_source=false" => {"query": {"range": {"h": {"gte": 38.8}}}},
        "POST /w/_search?_source=false" => {"query": {"range": {"h": {"lt": 0.1}}}},
        "POST /w/_search?_source=false" => {"query": {"range": {"h": {"lte": 0.1, "gt": -0.0}}}},
    );
}

#[test]
fn zero_of_a_scaled_float_has_no_sign() {
    asks!(numbers(),
        "POST /w/_search?_source=false" => {"query": {"range": {"s": {"lte": -0.0}}}},
        "POST /w/_search?_source=false" => {"query": {"range": {"s": {"gt": -0.0}}}},
        "POST /w/_search?_source=false" => {"query": {"range": {"s": {"gte": 0, "lt": 0.05}}}},
        "POST /w/_search?_source=false" => {"query": {"range": {"s": {"lt": 0}}}},
    );
}

#[test]
fn a_number_for_a_moment_is_read_in_the_zone_that_is_given() {
    asks!(numbers(),
        "POST /w/_search?_source=false" => {"query": {"range": {"d": {"lte": 1580601600000i64, "time_zone": "Europe/Berlin"}}}},
        "POST /w/_search?_source=false" => {"query": {"range": {"d": {"gte": 1580601600000i64, "time_zone": "-02:00"}}}},
    );
}

#[test]
fn years_beyond_9999_are_printed() {
    search!(numbers(), {"size": 0, "aggs": {"d": {"extended_stats": {"field": "d"}}}});
}

#[test]
fn random_scores_of_a_seed_and_a_field_are_those_of_the_real_servers() {
    asks!(numbers(),
        "POST /w/_search?_source=false" => {"query": {"function_score": {"random_score": {"seed": 7, "field": "l"}}}},
        "POST /w/_search?_source=false" => {"query": {"function_score": {"random_score": {"seed": "a text", "field": "f"}}}},
        "POST /w/_search?_source=false" => {"query": {"function_score": {"random_score": {"seed": 123456789012i64, "field": "h"}}}},
        "POST /w/_search?_source=false" => {"query": {"function_score": {"random_score": {"seed": -1, "field": "s"}}}},
        "POST /w/_search?_source=false" => {"query": {"function_score": {"random_score": {"seed": 7, "field": "k"}}}},
        "POST /w/_search?_source=false" => {"query": {"function_score": {"random_score": {"seed": 7, "field": "n"}}}},
        "POST /w/_search?_source=false" => {"query": {"function_score": {"random_score": {"seed": 7, "field": "b"}}}},
        "POST /w/_search?_source=false" => {"query": {"function_score": {"random_score": {"seed": 7, "field": "p"}}}},
        "POST /w/_search?_source=false" => {"query": {"function_score": {"random_score": {"seed": 7, "field": "_seq_no"}}}},
    );
}

#[test]
fn several_times_the_same_flag_is_one_term() {
    asks!(numbers(),
        "POST /w/_search?_source=false" => {"query": {"terms": {"b": ["true", true]}}},
        "POST /w/_search?_source=false" => {"query": {"terms": {"b": [true, false]}}},
    );
}

#[test]
fn a_range_that_ends_before_it_begins_is_refused_of_ranges() {
    asks!(numbers(),
        "POST /w/_search" => {"query": {"range": {"i": {"gte": 39, "lt": 16}}}},
        "POST /w/_search" => {"query": {"range": {"r": {"gt": 34.6, "lt": -7.7, "relation": "contains"}}}},
        "POST /w/_search" => {"query": {"range": {"a": {"gte": "10.0.0.5", "lt": "10.0.0.0"}}}},
        "POST /w/_search" => {"query": {"range": {"m": {"gte": "2020-02-02", "lt": "2020-01-01"}}}},
        "POST /w/_search?_source=false" => {"query": {"range": {"i": {"gt": 3, "lt": 3}}}},
        "POST /w/_search" => {"aggs": {"f": {"filter": {"range": {"i": {"gte": 39, "lt": 16}}}}}},
    );
}

#[test]
fn a_decay_over_a_field_without_values_is_refused() {
    search!(numbers(), {"query": {"function_score": {"gauss": {"x": {"origin": 10, "scale": 5}}}}});
}

#[test]
fn the_bounds_of_numeric_ranges_with_a_format_are_read_by_it() {
    asks!(numbers(),
        "POST /w/_search" => {"size": 0, "aggs": {"d": {"date_range": {
            "field": "l", "format": "yyyy-MM-dd", "ranges": [{"to": "2020-01-01"}]
        }}}},
        "POST /w/_search" => {"size": 0, "aggs": {"d": {"date_range": {"field": "l", "ranges": [{"to": "2020-01-01"}]}}}},
    );
}
