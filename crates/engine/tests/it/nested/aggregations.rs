//! `nested` and `reverse_nested`.

use crate::cases::{asks, search};

use super::shops;

#[test]
fn the_objects_of_all_hits_are_a_bucket() {
    search!(shops(), {"size": 0, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {
        "kinds": {"terms": {"field": "offers.kind"}}, "rank": {"stats": {"field": "offers.rank"}}}}}});
}

#[test]
fn only_the_objects_of_hits_count() {
    search!(shops(), {"size": 0, "query": {"term": {"tags": "old"}}, "aggs": {"o": {"nested": {"path": "offers"},
        "aggs": {"kinds": {"terms": {"field": "offers.kind"}}}}}});
}

#[test]
fn back_from_the_objects_each_document_counts_once() {
    search!(shops(), {"size": 0, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {
        "kinds": {"terms": {"field": "offers.kind"}, "aggs": {"shops": {"reverse_nested": {}, "aggs": {
            "names": {"terms": {"field": "name"}}, "tags": {"terms": {"field": "tags"}}}}}}}}}});
}

#[test]
fn objects_in_objects_from_the_root_and_from_those_around_them() {
    search!(shops(), {"size": 0, "aggs": {
        "deep": {"nested": {"path": "offers.prices"}, "aggs": {"sum": {"sum": {"field": "offers.prices.amount"}}}},
        "o": {"nested": {"path": "offers"}, "aggs": {"kinds": {"terms": {"field": "offers.kind"}, "aggs": {
            "p": {"nested": {"path": "offers.prices"}, "aggs": {
                "currencies": {"terms": {"field": "offers.prices.currency"}, "aggs": {
                    "up": {"reverse_nested": {"path": "offers"}, "aggs": {"ranks": {"terms": {"field": "offers.rank"}}}},
                    "top": {"reverse_nested": {}, "aggs": {"names": {"terms": {"field": "name"}}}}}}}}}}}}}});
}

#[test]
fn in_again_from_the_document_around() {
    search!(shops(), {"size": 0, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {"w": {"filter": {"term": {"offers.kind": "wood"}},
        "aggs": {"shop": {"reverse_nested": {}, "aggs": {"staff": {"nested": {"path": "staff"}, "aggs": {
            "roles": {"terms": {"field": "staff.role"}}}}}}}}}}}});
}

#[test]
fn filters_inside_ask_the_objects() {
    search!(shops(), {"size": 0, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {"f": {"filters": {"filters": {
        "red": {"match": {"offers.title": "red"}},
        "not_fruit": {"bool": {"must_not": {"term": {"offers.kind": "fruit"}}}},
        "priced": {"nested": {"path": "offers.prices", "query": {"term": {"offers.prices.currency": "usd"}}}}}}},
        "missing": {"missing": {"field": "offers.since"}}}}}});
}

#[test]
fn the_best_objects_of_a_bucket_tell_their_place() {
    search!(shops(), {"size": 0, "query": {"match_all": {}}, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {"kinds": {"terms": {"field": "offers.kind"}, "aggs": {
        "best": {"top_hits": {"size": 2, "sort": [{"offers.rank": "desc"}], "_source": ["offers.title"]}}}}}}}});
}

#[test]
fn the_best_objects_by_score_have_that_of_their_document() {
    search!(shops(), {"size": 0, "query": {"nested": {"path": "offers", "query": {"match": {"offers.title": "apple"}}}},
        "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {"best": {"top_hits": {"size": 2, "_source": false}}}}}});
}

#[test]
fn buckets_are_ordered_by_what_is_inside() {
    asks!(shops(),
        "POST /shops/_search" => {"size": 0, "aggs": {"names": {"terms": {"field": "name", "order": {"o>best": "desc"}}, "aggs": {
            "o": {"nested": {"path": "offers"}, "aggs": {"best": {"max": {"field": "offers.rank"}}}}}}}},
        "POST /shops/_search" => {"size": 0, "aggs": {"names": {"terms": {"field": "name", "order": {"o": "desc"}}, "aggs": {
            "o": {"nested": {"path": "offers"}}}}}});
}

#[test]
fn global_counts_whole_documents() {
    search!(shops(), {"size": 0, "query": {"term": {"name": "a"}}, "aggs": {"g": {"global": {}, "aggs": {
        "names": {"value_count": {"field": "name"}}, "o": {"nested": {"path": "offers"}}}}}});
}

#[test]
fn fields_included_in_the_root_are_counted_there() {
    search!(shops(), {"size": 0, "aggs": {"roles": {"terms": {"field": "staff.role"}}, "kinds": {"terms": {"field": "offers.kind"}}}});
}

#[test]
fn a_path_without_a_field_is_empty() {
    search!(shops(), {"size": 0, "aggs": {"o": {"nested": {"path": "zz"}, "aggs": {"k": {"terms": {"field": "offers.kind"}},
        "r": {"reverse_nested": {}}}}, "i": {"nested": {"path": "offers"}, "aggs": {"r": {"reverse_nested": {"path": "zz"}}}}}});
}

#[test]
fn a_path_of_an_object_is_refused() {
    asks!(shops(),
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"nested": {"path": "town"}}}},
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {"r": {"reverse_nested": {"path": "town"}}}}}});
}

#[test]
fn what_they_need_is_told() {
    asks!(shops(),
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"nested": {}}}},
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"nested": {"path": "offers", "foo": 1}}}},
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"nested": {"path": "offers", "foo": "x"}}}},
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"reverse_nested": {}}}},
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {"r": {"reverse_nested": {"foo": 1}}}}}});
}

#[test]
fn names_may_tell_their_type() {
    asks!(shops(), "POST /shops/_search?typed_keys=true" => {"size": 0, "aggs": {"o": {"nested": {"path": "offers"},
        "aggs": {"r": {"reverse_nested": {}}}}}});
}
