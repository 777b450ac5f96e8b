//! `terms`: one of several values.

use serde_json::json;

use crate::cases::{Setup, asks, search};
use crate::library::films;

#[test]
fn one_of_the_values_is_enough() {
    search!(films(), {"query": {"terms": {"genre": ["drama", "thriller"]}}, "_source": false});
}

#[test]
fn the_score_is_one() {
    search!(films(), {"query": {"terms": {"title": ["quick", "fox"]}}, "_source": false});
}

#[test]
fn a_boost_is_the_score() {
    search!(films(), {"query": {"terms": {"genre": ["comedy"], "boost": 3}}, "_source": false});
}

#[test]
fn numbers_and_digits_may_be_mixed() {
    search!(films(), {"query": {"terms": {"year": [1999, "2004", 2010.0]}}, "_source": false});
}

#[test]
fn fractions_equal_no_integer() {
    search!(films(), {"query": {"terms": {"year": [1999.5, 2004]}}, "_source": false});
}

#[test]
fn letters_are_no_number() {
    search!(films(), {"query": {"terms": {"year": [1999, "abc"]}}});
}

#[test]
fn booleans_are_compared() {
    search!(films(), {"query": {"terms": {"seen": [true, "false"]}}, "_source": false});
}

#[test]
fn dates_are_compared() {
    search!(films(), {
        "query": {"terms": {"released": ["1999-03-10", "2024-06-15"]}},
        "_source": false
    });
}

#[test]
fn addresses_and_blocks_are_compared() {
    search!(films(), {
        "query": {"terms": {"addr": ["10.0.1.0/24", "2001:db8::1"]}},
        "_source": false
    });
}

#[test]
fn ids_are_compared() {
    search!(films(), {"query": {"terms": {"_id": ["1", "3", "none"]}}, "_source": false});
}

#[test]
fn no_value_finds_nothing() {
    search!(films(), {"query": {"terms": {"genre": []}}});
}

#[test]
fn a_null_among_them_is_refused() {
    search!(
        films(),
        {"query": {"terms": {"genre": ["drama", null]}}}
    );
}

#[test]
fn a_list_of_lists_is_refused() {
    search!(
        films(),
        {"query": {"terms": {"genre": [["drama"]]}}}
    );
}

#[test]
fn a_single_value_is_refused() {
    search!(films(), {"query": {"terms": {"genre": "drama"}}});
}

#[test]
fn two_fields_are_refused() {
    search!(
        films(),
        {"query": {"terms": {"genre": ["drama"], "year": [1999]}}}
    );
}

#[test]
fn no_field_is_refused() {
    search!(films(), {"query": {"terms": {"boost": 1}}});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"terms": {"nowhere": ["x"]}}});
}

#[test]
fn an_alias_stands_for_its_field() {
    search!(films(), {"query": {"terms": {"kind": ["comedy"]}}, "_source": false});
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"terms": {"genre": ["comedy"], "_name": "g"}},
        "_source": false
    });
}

#[test]
fn a_value_twice_counts_once() {
    search!(films(), {"query": {"terms": {"genre": ["comedy", "comedy"]}}, "_source": false});
}

#[test]
fn a_field_that_is_not_indexed_is_refused() {
    search!(
        films(),
        {"query": {"terms": {"hidden": ["x"]}}}
    );
}

#[test]
fn a_bitmap_holds_many_numbers() {
    let numbers = Setup::index(
        "a",
        json!({"mappings": {"properties": {"n": {"type": "integer"}, "l": {"type": "long"}, "k": {"type": "keyword"}}}}),
        json!([{"n": 111, "l": 111, "k": "111"}, {"n": [5, 222]}, {"n": 333}]),
    )
    .of_opensearch();
    let of = |field: &str, values: &[&str], kind: &str| json!({"query": {"terms": {field: values, "value_type": kind}}, "_source": false});
    let bitmap = "OjAAAAEAAAAAAAEAEAAAAG8A3gA=";
    asks!(
        numbers,
        "POST /a/_search" => (of("n", &[bitmap], "bitmap")),
        "POST /a/_search" => (of("l", &[bitmap], "bitmap")),
        "POST /a/_search" => (of("k", &[bitmap], "bitmap")),
        "POST /a/_search" => (of("surprise", &[bitmap], "bitmap")),
        "POST /a/_search" => (of("n", &[bitmap, bitmap], "bitmap")),
        "POST /a/_search" => (of("n", &["111"], "default")),
        "POST /a/_search" => (of("n", &["111"], "surprise")),
    );
}
