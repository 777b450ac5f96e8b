//! `inner_hits` of the `nested` query.

use crate::cases::{asks, search};

use super::shops;

#[test]
fn each_hit_shows_its_objects_that_match() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"match": {"offers.title": "apple"}},
        "inner_hits": {}}}, "_source": ["name"]});
}

#[test]
fn they_have_a_name_a_page_and_an_order() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"match_all": {}},
        "inner_hits": {"name": "best", "from": 1, "size": 1, "sort": [{"offers.rank": "desc"}]}}}, "_source": false});
}

#[test]
fn their_order_may_show_scores() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"match": {"offers.title": "apple red"}},
        "inner_hits": {"sort": ["offers.rank", "_score"], "track_scores": true, "_source": false}}}, "_source": false});
}

#[test]
fn none_of_them_are_shown_but_counted() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"match_all": {}},
        "inner_hits": {"size": 0}}}, "_source": false});
}

#[test]
fn their_source_is_filtered_by_full_paths() {
    asks!(shops(),
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}},
            "inner_hits": {"_source": ["offers.title", "offers.prices.amount"]}}}, "_source": false},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}},
            "inner_hits": {"_source": {"excludes": ["offers.prices", "*.since"]}}}}, "_source": false},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers.prices", "query": {"match_all": {}},
            "inner_hits": {"_source": "offers.prices.currency"}}}, "_source": false});
}

#[test]
fn they_show_columns_and_fields() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"term": {"offers.kind": "wood"}},
        "inner_hits": {"_source": false, "docvalue_fields": ["offers.rank", {"field": "offers.since", "format": "yyyy"}]}}},
        "_source": false});
}

#[test]
fn their_words_are_highlighted() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"match": {"offers.title": "apple"}},
        "inner_hits": {"_source": false, "highlight": {"fields": {"offers.title": {}}}}}}, "_source": false});
}

#[test]
fn objects_in_objects_tell_their_whole_place() {
    search!(shops(), {"query": {"nested": {"path": "offers.prices",
        "query": {"term": {"offers.prices.currency": "eur"}}, "inner_hits": {}}}, "_source": false});
}

#[test]
fn hits_of_several_levels_stand_in_each_other() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"nested": {"path": "offers.prices",
        "query": {"term": {"offers.prices.currency": "eur"}}, "inner_hits": {"name": "p"}}},
        "inner_hits": {"_source": "offers.title"}}}, "_source": false});
}

#[test]
fn what_shows_nothing_shows_nothing_inside() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"nested": {"path": "offers.prices",
        "query": {"match_all": {}}, "inner_hits": {}}}}}, "_source": false});
}

#[test]
fn several_queries_show_theirs_under_their_names() {
    search!(shops(), {"query": {"bool": {"should": [
        {"nested": {"path": "offers", "query": {"term": {"offers.kind": "wood"}}, "inner_hits": {"name": "wood"}}},
        {"nested": {"path": "offers", "query": {"term": {"offers.kind": "fruit"}}, "inner_hits": {"name": "fruit", "size": 1}}},
        {"nested": {"path": "staff", "query": {"match_all": {}}, "inner_hits": {"_source": false}}}]}}, "_source": false});
}

#[test]
fn two_of_one_name_are_refused() {
    search!(shops(), {"query": {"bool": {"should": [
        {"nested": {"path": "offers", "query": {"term": {"offers.kind": "wood"}}, "inner_hits": {}}},
        {"nested": {"path": "offers", "query": {"term": {"offers.kind": "fruit"}}, "inner_hits": {}}}]}}});
}

#[test]
fn more_than_the_index_allows_are_refused() {
    asks!(shops(),
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}}, "inner_hits": {"size": 101}}}},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}}, "inner_hits": {"name": "x", "from": 99, "size": 2}}}});
}

#[test]
fn what_they_do_not_know_is_refused() {
    search!(shops(), {"query": {"nested": {"path": "offers", "query": {"match_all": {}}, "inner_hits": {"foo": 1}}}});
}

#[test]
fn a_path_without_a_field_shows_nothing_where_it_may() {
    search!(shops(), {"query": {"bool": {"should": [{"match_all": {}}, {"nested": {"path": "zz", "ignore_unmapped": true,
        "query": {"match_all": {}}, "inner_hits": {"ignore_unmapped": true}}}]}}, "_source": false});
}

#[test]
fn the_total_may_be_a_plain_number() {
    asks!(shops(), "POST /shops/_search?rest_total_hits_as_int=true" => {"query": {"nested": {"path": "offers",
        "query": {"match_all": {}}, "inner_hits": {"size": 1, "_source": false}}}, "_source": false});
}

#[test]
fn what_they_collapse_by_is_read_and_nothing_is_collapsed() {
    asks!(shops(),
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}}, "inner_hits": {"collapse": {"field": "offers.kind"}}}}, "_source": false},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}}, "inner_hits": {"collapse": {"field": "offers.nowhere"}}}}, "_source": false},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}}, "inner_hits": {"collapse": {}}}}},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match_all": {}}, "inner_hits": {"collapse": {"field": "offers.kind", "inner_hits": {"name": "x"}}}}}});
}

#[test]
fn they_have_the_version_of_their_document() {
    asks!(shops(),
        "POST /shops/_doc/0?refresh=true" => {"name": "new", "offers": [{"title": "pear"}, {"title": "plum"}]},
        "POST /shops/_search" => {"query": {"nested": {"path": "offers", "query": {"match": {"offers.title": "pear"}},
            "inner_hits": {"version": true, "seq_no_primary_term": true, "docvalue_fields": ["_seq_no"], "_source": false}}},
            "version": true, "docvalue_fields": ["_seq_no"], "_source": false});
}

#[test]
fn what_the_source_leaves_out_is_highlighted_where_it_is_stored_alone() {
    let mapping = serde_json::json!({"mappings": {"_source": {"enabled": false}, "properties": {"o": {"type": "nested", "properties": {
        "plain": {"type": "text"}, "stored": {"type": "text", "store": true}
    }}}}});
    asks!(crate::cases::Setup::index("a", mapping, serde_json::json!([{"o": {"plain": "a fox", "stored": "the fox"}}])),
        "POST /a/_search" => {"query": {"nested": {"path": "o", "query": {"multi_match": {"query": "fox", "fields": ["o.plain", "o.stored"]}},
            "inner_hits": {"highlight": {"fields": {"o.plain": {}, "o.stored": {}}}}}}});
}
