//! Sorting by what nested objects have.

use crate::cases::{asks, search};

use super::shops;

#[test]
fn the_smallest_ascending_and_the_largest_descending() {
    asks!(shops(),
        "POST /shops/_search" => {"sort": [{"offers.rank": {"order": "asc", "nested": {"path": "offers"}}}], "_source": false},
        "POST /shops/_search" => {"sort": [{"offers.rank": {"order": "desc", "nested": {"path": "offers"}}}], "_source": false});
}

#[test]
fn sums_and_means_are_over_all_objects() {
    asks!(shops(),
        "POST /shops/_search" => {"sort": [{"offers.rank": {"mode": "sum", "nested": {"path": "offers"}}}], "_source": false},
        "POST /shops/_search" => {"sort": [{"offers.rank": {"mode": "avg", "nested": {"path": "offers"}}}], "_source": false},
        "POST /shops/_search" => {"sort": [{"offers.prices.amount": {"mode": "avg", "nested": {"path": "offers.prices"}}}], "_source": false},
        "POST /shops/_search" => {"sort": [{"offers.rank": {"mode": "max", "nested": {"path": "offers"}}}], "_source": false});
}

#[test]
fn the_middle_is_refused() {
    search!(shops(), {"sort": [{"offers.rank": {"mode": "median", "nested": {"path": "offers"}}}]});
}

#[test]
fn only_objects_that_match_count() {
    search!(shops(), {"sort": [{"offers.rank": {"order": "desc", "nested": {"path": "offers",
        "filter": {"term": {"offers.kind": "fruit"}}}}}], "_source": false});
}

#[test]
fn only_the_first_objects_count() {
    search!(shops(), {"sort": [{"offers.rank": {"order": "desc", "nested": {"path": "offers", "max_children": 2}}}],
        "_source": false});
}

#[test]
fn objects_in_objects_that_match() {
    search!(shops(), {"sort": [{"offers.prices.amount": {"order": "desc", "nested": {"path": "offers",
        "filter": {"term": {"offers.kind": "fruit"}}, "nested": {"path": "offers.prices",
        "filter": {"term": {"offers.prices.currency": "eur"}}}}}}], "_source": false});
}

#[test]
fn texts_and_dates() {
    asks!(shops(),
        "POST /shops/_search" => {"sort": [{"offers.kind": {"order": "desc", "nested": {"path": "offers"}}}, "name"], "_source": false},
        "POST /shops/_search" => {"sort": [{"offers.since": {"order": "desc", "nested": {"path": "offers"}}}, "name"], "_source": false});
}

#[test]
fn documents_without_a_value_stand_where_they_are_told() {
    asks!(shops(),
        "POST /shops/_search" => {"sort": [{"offers.rank": {"missing": "_first", "nested": {"path": "offers"}}}, "name"], "_source": false},
        "POST /shops/_search" => {"sort": [{"offers.rank": {"missing": 4, "nested": {"path": "offers"}}}, "name"], "_source": false});
}

#[test]
fn pages_go_on_after_a_value() {
    search!(shops(), {"sort": [{"offers.rank": {"nested": {"path": "offers"}}}, "name"], "search_after": [2, "a"], "_source": false});
}

#[test]
fn without_the_option_only_what_is_outside_counts() {
    asks!(shops(),
        "POST /shops/_search" => {"sort": [{"staff.role": "asc"}, "name"], "_source": false},
        "POST /shops/_search" => {"sort": [{"offers.kind": "asc"}, "name"], "_source": false});
}

#[test]
fn the_old_words_are_taken() {
    asks!(shops(), "POST /shops/_search" => {"sort": [{"offers.rank": {"order": "desc", "nested_path": "offers",
        "nested_filter": {"term": {"offers.kind": "fruit"}}}}], "_source": false});
}

#[test]
fn bad_paths_and_words_are_refused() {
    asks!(shops(),
        "POST /shops/_search" => {"sort": [{"offers.rank": {"nested": {"path": "zz"}}}]},
        "POST /shops/_search" => {"sort": [{"offers.rank": {"nested": {"path": "town"}}}]},
        "POST /shops/_search" => {"sort": [{"offers.rank": {"nested": {"path": "offers", "foo": 1}}}]});
}
