//! `percentiles` and `percentile_ranks` with `hdr`.

use serde_json::json;

use crate::cases::{Setup, asks, search};
use crate::library::films;

fn numbers() -> Setup {
    Setup::index(
        "numbers",
        json!({"mappings": {"properties": {"n": {"type": "double"}, "whole": {"type": "integer"}}}}),
        json!([
            {"n": 0, "whole": 1}, {"n": 0.3, "whole": 51}, {"n": [1, 1.7]}, {"n": 51, "whole": 101}, {"n": 101.5},
            {"n": 3.0e9, "whole": 151}, {"n": 12345.678}, {"n": 7}, {"n": 7}, {"whole": 3}
        ]),
    )
    .and("below", json!({"mappings": {"properties": {"z": {"type": "double"}}}}), json!([{"z": 3}, {"z": 100}, {"z": -1}]))
    .and("apart", json!({"mappings": {"properties": {"far": {"type": "double"}}}}), json!([{"far": 1e-9}, {"far": 1e20}]))
}

#[test]
fn three_digits_unless_others_are_asked_for() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {}}}}});
}

#[test]
fn no_digit() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"number_of_significant_value_digits": 0}, "percents": [0, 10, 33.3, 50, 75, 90, 99.9, 100]}}}});
}

#[test]
fn one_digit() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"number_of_significant_value_digits": 1}, "percents": [0, 10, 33.3, 50, 75, 90, 99.9, 100]}}}});
}

#[test]
fn two_digits() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"number_of_significant_value_digits": 2}, "percents": [0, 10, 33.3, 50, 75, 90, 99.9, 100]}}}});
}

#[test]
fn four_digits() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"number_of_significant_value_digits": 4}, "percents": [0, 10, 33.3, 50, 75, 90, 99.9, 100]}}}});
}

#[test]
fn five_digits() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"number_of_significant_value_digits": 5}, "percents": [0, 10, 33.3, 50, 75, 90, 99.9, 100]}}}});
}

#[test]
fn whole_numbers_are_no_different() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "whole", "hdr": {}, "keyed": false}}}});
}

#[test]
fn digits_may_be_a_string() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"number_of_significant_value_digits": "3"}, "percents": [50]}}}});
}

#[test]
fn six_digits_are_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"number_of_significant_value_digits": 6}}}}});
}

#[test]
fn fewer_than_no_digits_are_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"number_of_significant_value_digits": -1}}}}});
}

#[test]
fn digits_that_are_no_number_are_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"number_of_significant_value_digits": "x"}}}}});
}

#[test]
fn an_option_of_hdr_that_there_is_not_is_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {"foo": 1}}}}});
}

#[test]
fn hdr_is_an_object() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": 3}}}});
}

#[test]
fn hdr_beside_tdigest_is_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {}, "tdigest": {}}}}});
}

#[test]
fn of_nothing_it_tells_null() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "nowhere", "hdr": {}}}}});
}

#[test]
fn what_is_missing_counts() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {}, "missing": 1000}}}});
}

#[test]
fn values_have_texts_with_a_format() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {}, "format": "0.00"}}}});
}

#[test]
fn negative_numbers_are_refused() {
    asks!(
        numbers(),
        "POST /below/_search" => {"size": 0, "aggs": {"x": {"percentiles": {"field": "z", "hdr": {}}}}},
    );
}

#[test]
fn numbers_too_far_apart_are_refused() {
    asks!(
        numbers(),
        "POST /apart/_search" => {"size": 0, "aggs": {"x": {"percentiles": {"field": "far", "hdr": {}}}}},
    );
}

#[test]
fn dates_have_steps_too() {
    search!(films(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "released", "hdr": {}, "percents": [10, 50]}}}});
}

#[test]
fn in_each_bucket_its_own() {
    search!(films(), {"size": 0, "aggs": {"g": {"terms": {"field": "genre", "order": {"p.50": "desc"}}, "aggs": {
        "p": {"percentiles": {"field": "rating", "hdr": {}, "percents": [50, 95]}}}}}});
}

#[test]
fn its_type_is_told() {
    asks!(
        films(),
        "POST /films/_search?typed_keys=true" => {"size": 0, "aggs": {
            "p": {"percentiles": {"field": "rating", "hdr": {}, "percents": [50]}},
            "r": {"percentile_ranks": {"field": "rating", "hdr": {}, "values": [7]}}}},
    );
}

#[test]
fn a_rank_counts_its_whole_step() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentile_ranks": {"field": "n", "hdr": {}, "values": [0, 0.2, 0.3, 1, 51, 51.02, 51.04, 1000, 1e12]}}}});
}

#[test]
fn ranks_may_be_a_list() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentile_ranks": {"field": "n", "hdr": {}, "values": [1, 50], "keyed": false}}}});
}

#[test]
fn the_rank_of_a_negative_number_is_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentile_ranks": {"field": "n", "hdr": {}, "values": [-4, 1]}}}});
}

#[test]
fn no_values_are_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentile_ranks": {"field": "n", "hdr": {}, "values": []}}}});
}

#[test]
fn without_values_it_is_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentile_ranks": {"field": "n", "hdr": {}}}}});
}

#[test]
fn a_value_that_is_no_number_is_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentile_ranks": {"field": "n", "values": ["x"]}}}});
}

#[test]
fn percents_may_be_one_number() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {}, "percents": 50}}}});
}

#[test]
fn percents_may_be_strings_and_come_in_order() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {}, "percents": ["75", 50, 50], "keyed": false}}}});
}

#[test]
fn a_percent_that_is_no_number_is_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "hdr": {}, "percents": ["x"]}}}});
}

#[test]
fn an_option_of_tdigest_that_there_is_not_is_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "tdigest": {"foo": 1}}}}});
}

#[test]
fn a_compression_below_zero_is_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "tdigest": {"compression": -1}}}}});
}

#[test]
fn a_compression_that_is_no_number_is_refused() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "tdigest": {"compression": "x"}}}}});
}

#[test]
fn compression_stands_inside_of_tdigest() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"percentiles": {"field": "n", "compression": 200}}}});
}

#[test]
fn a_deviation_has_a_compression_above_zero() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"median_absolute_deviation": {"field": "n", "compression": 0}}}});
}

#[test]
fn a_deviation_has_a_compression_that_is_a_number() {
    search!(numbers(), {"size": 0, "aggs": {"x": {"median_absolute_deviation": {"field": "n", "compression": "x"}}}});
}
