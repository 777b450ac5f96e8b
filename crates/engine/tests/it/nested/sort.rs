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

#[test]
fn a_script_is_asked_of_the_objects() {
    asks!(shops(),
        "POST /shops/_search" => {"sort": [{"_script": {"type": "number", "script": "doc['offers.rank'].size() == 0 ? 0 : doc['offers.rank'].value * 2", "order": "desc", "nested": {"path": "offers"}}}], "_source": false},
        "POST /shops/_search" => {"sort": [{"_script": {"type": "number", "mode": "sum", "script": "doc['offers.rank'].size() == 0 ? 0 : doc['offers.rank'].value", "nested": {"path": "offers"}}}], "_source": false},
        "POST /shops/_search" => {"sort": [{"_script": {"type": "string", "script": "doc['offers.kind'].size() == 0 ? '' : doc['offers.kind'].value", "nested": {"path": "offers"}}}], "_source": false});
}

/// Places inside nested objects.
fn branches() -> crate::cases::Setup {
    crate::cases::Setup::index(
        "firms",
        serde_json::json!({"mappings": {"properties": {
            "branches": {"type": "nested", "properties": {"at": {"type": "geo_point"}, "open": {"type": "boolean"}}}
        }}}),
        serde_json::json!([
            {"branches": [{"at": "52.52,13.40", "open": true}, {"at": "48.85,2.35", "open": false}]},
            {"branches": {"at": ["40.71,-74.0", "51.5,-0.12"], "open": true}},
            {"branches": [{"open": true}]},
            {}
        ]),
    )
}

#[test]
fn the_nearest_object_counts() {
    asks!(branches(),
        "POST /firms/_search" => {"sort": [{"_geo_distance": {"branches.at": "48.8,2.3", "unit": "km", "nested": {"path": "branches"}}}], "_source": false},
        "POST /firms/_search" => {"sort": [{"_geo_distance": {"branches.at": "48.8,2.3", "order": "desc", "nested": {"path": "branches"}}}], "_source": false},
        "POST /firms/_search" => {"sort": [{"_geo_distance": {"branches.at": "48.8,2.3", "mode": "avg", "nested": {"path": "branches"}}}], "_source": false},
        "POST /firms/_search" => {"sort": [{"_geo_distance": {"branches.at": "48.8,2.3", "nested": {"path": "branches", "filter": {"term": {"branches.open": true}}}}}], "_source": false},
        "POST /firms/_search" => {"sort": [{"_geo_distance": {"branches.at": "48.8,2.3", "mode": "median", "nested": {"path": "branches"}}}], "_source": false});
}
