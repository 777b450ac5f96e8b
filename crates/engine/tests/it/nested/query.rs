//! The `nested` query.

use crate::cases::{asks, search};

use super::shops;

#[test]
fn one_object_must_match_all_of_it() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"bool": {"must": [
        {"match": {"offers.title": "red"}}, {"term": {"offers.kind": "wood"}}]}}}}, "_source": ["name"]});
}

#[test]
fn scores_are_the_mean_unless_told_otherwise() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"match": {"offers.title": "apple red"}}}},
        "_source": false});
}

#[test]
fn scores_may_be_the_best() {
    search!(shops(), {"query": {"nested": {"path": "offers", "score_mode": "max",
        "query": {"match": {"offers.title": "apple red"}}}}, "_source": false});
}

#[test]
fn scores_may_be_the_worst() {
    search!(shops(), {"query": {"nested": {"path": "offers", "score_mode": "min",
        "query": {"match": {"offers.title": "apple red"}}}}, "_source": false});
}

#[test]
fn scores_may_add_up() {
    search!(shops(), {"query": {"nested": {"path": "offers", "score_mode": "sum",
        "query": {"match": {"offers.title": "apple red"}}}}, "_source": false});
}

#[test]
fn scores_may_not_count() {
    search!(shops(), {"query": {"nested": {"path": "offers", "score_mode": "none",
        "query": {"match": {"offers.title": "apple red"}}}}, "_source": false});
}

#[test]
fn a_boost_multiplies() {
    search!(shops(), {"query": {"nested": {"path": "offers", "boost": 3,
        "query": {"term": {"offers.kind": "wood"}}}}, "_source": false});
}

#[test]
fn a_query_outside_finds_nothing_inside() {
    asks!(shops(),
        "POST /shops/_search" => {"query": {"term": {"offers.kind": "wood"}}},
        "POST /shops/_search" => {"query": {"exists": {"field": "offers"}}},
        "POST /shops/_search" => {"query": {"exists": {"field": "offers.kind"}}},
        "POST /shops/_search" => {"query": {"match": {"offers.title": "apple"}}});
}

#[test]
fn a_query_outside_finds_what_is_included_in_the_root() {
    asks!(shops(),
        "POST /shops/_search" => {"query": {"bool": {"must": [
            {"term": {"staff.role": "cook"}}, {"match": {"staff.name": "jones"}}]}}, "_source": ["name"]},
        "POST /shops/_search" => {"query": {"exists": {"field": "staff.role"}}, "_source": ["name"]},
        "POST /shops/_search" => {"query": {"match_phrase": {"staff.name": "smith bob"}}, "_source": ["name"]},
        "POST /shops/_search" => {"query": {"match": {"staff.name": "ann"}}, "_source": ["name"]});
}

#[test]
fn only_whole_documents_are_counted() {
    asks!(shops(),
        "GET /shops/_count",
        "POST /shops/_count" => {"query": {"match_all": {}}},
        "POST /shops/_count" => {"query": {"bool": {"must_not": {"term": {"name": "a"}}}}},
        "POST /shops/_search" => {"query": {"match_all": {}}, "_source": false},
        "POST /shops/_search" => {"size": 0, "track_total_hits": true},
        "POST /shops/_search" => {"query": {"exists": {"field": "_id"}}, "size": 2, "_source": false},
        "POST /shops/_search" => {"query": {"ids": {"values": ["0", "4"]}}, "_source": false},
        "POST /shops/_search" => {"sort": ["_doc"], "size": 2, "_source": false},
        "POST /shops/_search" => {"query": {"query_string": {"query": "*:*"}}, "size": 1, "_source": false},
        "POST /shops/_search" => {"query": {"bool": {"must_not": {"exists": {"field": "tags"}}}}, "_source": false});
}

#[test]
fn objects_in_objects_are_asked_from_the_root() {
    search!(shops(), {"query": {"nested": {"path": "offers.prices",
        "query": {"range": {"offers.prices.amount": {"gt": 5}}}}}, "_source": ["name"]});
}

#[test]
fn objects_in_objects_are_asked_through_those_around_them() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"bool": {"must": [
        {"match": {"offers.title": "apple"}},
        {"nested": {"path": "offers.prices", "query": {"bool": {"filter": [
            {"term": {"offers.prices.currency": "eur"}}, {"range": {"offers.prices.amount": {"gte": 1}}}]}}}}
        ]}}}}, "_source": ["name"]});
}

#[test]
fn an_object_may_lack_what_is_inside() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"bool": {"must_not": [
        {"nested": {"path": "offers.prices", "query": {"match_all": {}}}}]}}}}, "_source": ["name"]});
}

#[test]
fn documents_without_objects_are_what_the_query_does_not_find() {
    search!(shops(), {"query": {"bool": {"must_not": {"nested": {"path": "offers", "query": {"match_all": {}}}}}},
        "_source": ["name"]});
}

#[test]
fn a_path_without_a_field_is_refused() {
    asks!(shops(), "POST /shops/_search" => {"query": {"nested": {"path": "zz", "query": {"match_all": {}}}}});
}

#[test]
fn a_path_of_an_object_is_refused() {
    asks!(shops(), "POST /shops/_search" => {"query": {"nested": {"path": "town", "query": {"match_all": {}}}}});
}

#[test]
fn a_path_without_a_field_may_find_nothing() {
    asks!(shops(),
        "POST /shops/_search" => {"query": {"nested": {"path": "zz", "ignore_unmapped": true, "query": {"match_all": {}}}}},
        "POST /shops/_search" => {"query": {"nested": {"path": "town", "ignore_unmapped": true, "query": {"match_all": {}}}}});
}

#[test]
fn what_it_needs_and_does_not_know_is_told() {
    asks!(shops(),
        "POST /shops/_search" => {"query": {"nested": {"path": "offers"}}},
        "POST /shops/_search" => {"query": {"nested": {"query": {"match_all": {}}}}},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}}, "score_mode": "best"}}},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}}, "foo": 1}}},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"zzz": {}}}}});
}

#[test]
fn its_words_are_highlighted() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"match": {"offers.title": "apple"}}}},
        "highlight": {"fields": {"offers.title": {}}}, "_source": ["name"]});
}

#[test]
fn it_may_be_a_filter_beside_other_clauses() {
    search!(shops(), {"query": {"bool": {
        "must": {"match": {"staff.name": "jones"}},
        "filter": {"nested": {"path": "offers", "query": {"term": {"offers.kind": "wood"}}}},
        "should": [{"nested": {"path": "staff", "query": {"term": {"staff.role": "cook"}}}}]}}, "_source": ["name"]});
}

#[test]
fn it_may_be_a_post_filter() {
    search!(shops(), {"size": 5, "aggs": {"names": {"terms": {"field": "name"}}},
        "post_filter": {"nested": {"path": "offers", "query": {"term": {"offers.kind": "wood"}}}}, "_source": ["name"]});
}

#[test]
fn its_name_is_among_the_matched() {
    search!(shops(), {"query": {"bool": {"should": [
        {"nested": {"path": "offers", "_name": "wood", "query": {"term": {"offers.kind": {"value": "wood", "_name": "in"}}}}},
        {"match_all": {}}]}}, "_source": false});
}

#[test]
fn changed_and_deleted_documents_take_their_objects_with_them() {
    asks!(shops(),
        "PUT /shops/_doc/0?refresh=true" => {"name": "a", "offers": [{"kind": "iron"}]},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"term": {"offers.kind": "wood"}}}}, "_source": false},
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {"k": {"terms": {"field": "offers.kind"}}}}}},
        "DELETE /shops/_doc/4?refresh=true",
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {"k": {"terms": {"field": "offers.kind"}}}}}},
        "POST /shops/_update/1?refresh=true" => {"doc": {"offers": [{"kind": "gold"}, {"kind": "gold"}]}},
        "POST /shops/_delete_by_query?refresh=true" => {"query": {"nested": {"path": "offers", "query": {"term": {"offers.kind": "iron"}}}}},
        "POST /shops/_search" => {"size": 0, "aggs": {"o": {"nested": {"path": "offers"}, "aggs": {"k": {"terms": {"field": "offers.kind"}}}}}},
        "GET /shops/_count",
        "POST /shops/_forcemerge?max_num_segments=1",
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"exists": {"field": "offers.kind"}}}}});
}
