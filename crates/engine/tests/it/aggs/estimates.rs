//! `cardinality` of more values than are counted one by one: the real servers' estimates, to the digit.

use serde_json::{Value, json};

use crate::cases::{Setup, search};

/// Twelve documents with 15,000 different values of every type that is counted.
fn many() -> Setup {
    let of = |from: usize, make: fn(usize) -> Value| -> Vec<Value> {
        (from * 1250..(from + 1) * 1250).map(make).collect()
    };
    let documents: Vec<Value> = (0..12)
        .map(|number| {
            json!({
                "k": of(number, |at| format!("value {at}").into()),
                "n": of(number, |at| (at as i64 * 7 - 50_000).into()),
                "i": of(number, |at| at.into()),
                "d": of(number, |at| (at as f64 / 3.0 - 2000.0).into()),
                "f": of(number, |at| (at as f64 / 8.0).into()),
                "s": of(number, |at| (at as f64 / 100.0).into()),
                "t": of(number, |at| (at as i64 * 86_400_000).into()),
                "a": of(number, |at| format!("10.0.{}.{}", at / 250, at % 250).into()),
                "six": of(number, |at| format!("2001:db8::{at:x}").into()),
                "tenth": format!("tenth {}", number % 10),
            })
        })
        .collect();
    let mappings = json!({"properties": {
        "k": {"type": "keyword"}, "n": {"type": "long"}, "i": {"type": "integer"}, "d": {"type": "double"},
        "f": {"type": "float"}, "s": {"type": "scaled_float", "scaling_factor": 100}, "t": {"type": "date"},
        "a": {"type": "ip"}, "six": {"type": "ip"}, "tenth": {"type": "keyword"},
    }});
    Setup::index("many", json!({"mappings": mappings}), documents.into())
}

/// Asks for estimates with thresholds from the least to the highest.
macro_rules! estimates {
    ($field:literal) => {
        search!(many(), {"size": 0, "aggs": {
            "default": {"cardinality": {"field": $field}},
            "p4": {"cardinality": {"field": $field, "precision_threshold": 0}},
            "p5": {"cardinality": {"field": $field, "precision_threshold": 5}},
            "p6": {"cardinality": {"field": $field, "precision_threshold": 10}},
            "p7": {"cardinality": {"field": $field, "precision_threshold": 20}},
            "p8": {"cardinality": {"field": $field, "precision_threshold": 40}},
            "p9": {"cardinality": {"field": $field, "precision_threshold": 90}},
            "p10": {"cardinality": {"field": $field, "precision_threshold": 150}},
            "p11": {"cardinality": {"field": $field, "precision_threshold": 300}},
            "p12": {"cardinality": {"field": $field, "precision_threshold": 600}},
            "p13": {"cardinality": {"field": $field, "precision_threshold": 1200}},
            "p15": {"cardinality": {"field": $field, "precision_threshold": 6000}},
            "p16": {"cardinality": {"field": $field, "precision_threshold": 12_000}},
            "p17": {"cardinality": {"field": $field, "precision_threshold": 20_000}},
            "p18": {"cardinality": {"field": $field, "precision_threshold": 40_000}}
        }})
    };
}

#[test]
fn of_keywords() {
    estimates!("k");
}

#[test]
fn of_longs() {
    estimates!("n");
}

#[test]
fn of_integers() {
    estimates!("i");
}

#[test]
fn of_doubles() {
    estimates!("d");
}

#[test]
fn of_floats() {
    estimates!("f");
}

#[test]
fn of_scaled_floats() {
    estimates!("s");
}

#[test]
fn of_dates() {
    estimates!("t");
}

#[test]
fn of_addresses() {
    estimates!("a");
}

#[test]
fn of_long_addresses() {
    estimates!("six");
}

#[test]
fn of_those_that_each_document_has() {
    search!(many(), {"size": 0, "aggs": {"t": {
        "terms": {"field": "tenth"},
        "aggs": {
            "k": {"cardinality": {"field": "k", "precision_threshold": 500}},
            "n": {"cardinality": {"field": "n", "precision_threshold": 500}}
        }
    }}});
}

#[test]
fn of_texts_that_a_script_makes() {
    search!(many(), {"size": 0, "aggs": {"x": {"cardinality": {
        "precision_threshold": 1000, "script": "doc['n']"
    }}}});
}

#[test]
fn what_stands_for_the_missing_may_be_a_value() {
    search!(many(), {"size": 0, "query": {"term": {"tenth": "tenth 3"}}, "aggs": {
        "there": {"cardinality": {"field": "tenth", "missing": "tenth 3"}},
        "text": {"cardinality": {"field": "k", "missing": "other"}},
        "whole": {"cardinality": {"field": "n", "missing": 1}},
        "fraction": {"cardinality": {"field": "n", "missing": 1.5}},
        "address": {"cardinality": {"field": "a", "missing": "10.0.0.1"}}
    }});
}

#[test]
fn a_missing_number_that_is_none_is_refused() {
    search!(many(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "n", "missing": "many"}}}});
}

#[test]
fn a_missing_address_that_is_none_is_refused() {
    search!(many(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "a", "missing": "many"}}}});
}
