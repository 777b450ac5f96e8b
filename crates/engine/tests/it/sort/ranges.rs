//! Sorting by a range: the real servers compare the bytes in which they keep the ranges of a document.

use serde_json::json;

use crate::cases::{Setup, asks, search};

/// Three documents with ranges of every type but dates, and one without.
fn ranges() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "i": {"type": "integer_range"}, "l": {"type": "long_range"}, "f": {"type": "float_range"}, "d": {"type": "double_range"},
            "p": {"type": "ip_range"}, "t": {"type": "date_range"}, "g": {"type": "geo_point"},
            "o": {"type": "nested", "properties": {"l": {"type": "long_range"}}},
        }}}),
        json!([
            {"i": {"gte": 5, "lte": 300}, "l": {"gte": -5, "lte": 70000}, "f": {"gte": 5.5, "lte": 38.5}, "d": {"gte": 2, "lte": 8},
             "p": {"gte": "::5", "lte": "::7"}, "o": [{"l": {"gte": 7, "lt": 9}}, {"l": {"gte": -7, "lt": 9}}]},
            {"i": [{"gt": 7, "lt": 9}, {"gte": -300, "lte": 3}], "l": {"gte": 1_099_511_627_776i64, "lt": 1_099_511_627_790i64},
             "f": {"gte": 0.5, "lte": 1.5}, "d": {"gte": 4, "lte": 4}, "p": "::1/128", "o": {"l": {"gte": 1, "lt": 2}}},
            {"i": {"lte": 12}, "l": {"gt": 31, "lt": 46}, "f": {"gte": 2, "lte": 4}, "p": {"gte": "::1", "lte": "::2"}},
            {},
        ]),
    )
}

#[test]
fn whole_numbers_are_sorted() {
    asks!(ranges(),
        "POST /w/_search" => {"sort": ["i"], "_source": false},
        "POST /w/_search" => {"sort": [{"l": "asc"}], "_source": false},
        "POST /w/_search" => {"sort": [{"l": {"order": "asc", "missing": "_first", "mode": "max"}}], "_source": false},
    );
}

#[test]
fn fractions_and_addresses_are_sorted() {
    asks!(ranges(),
        "POST /w/_search" => {"sort": ["f"], "_source": false},
        "POST /w/_search" => {"sort": ["d"], "_source": false},
        "POST /w/_search" => {"sort": [{"p": "desc"}], "_source": false},
    );
}

#[test]
fn what_stands_for_an_absent_range_is_a_text() {
    asks!(ranges(),
        "POST /w/_search" => {"sort": [{"i": {"missing": 5}}], "_source": false},
        "POST /w/_search" => {"sort": [{"p": {"order": "desc", "missing": "10.0.0.1"}}], "_source": false},
    );
}

#[test]
fn a_search_goes_on_behind_a_text() {
    asks!(ranges(),
        "POST /w/_search" => {"sort": ["l"], "search_after": [5], "_source": false},
        "POST /w/_search" => {"sort": [{"l": "desc"}], "search_after": ["\u{1}z"], "_source": false},
    );
}

#[test]
fn the_ranges_of_nested_objects_are_sorted() {
    search!(ranges(), {"sort": [{"o.l": {"order": "asc", "nested": {"path": "o"}}}], "_source": false});
}

#[test]
fn a_date_range_is_sorted_where_no_document_has_one() {
    search!(ranges(), {"sort": ["t"], "_source": false});
}

#[test]
fn ranges_have_no_mean_and_are_no_numbers() {
    asks!(ranges(),
        "POST /w/_search" => {"sort": [{"l": {"mode": "avg"}}]},
        "POST /w/_search" => {"sort": [{"g": {"mode": "sum"}}]},
        "POST /w/_search" => {"sort": [{"p": {"numeric_type": "long"}}]},
    );
}
