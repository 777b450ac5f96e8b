//! `expand_wildcards`: which indices a pattern stands for, where some are closed and some hidden.

use serde_json::json;

use crate::cases::{Setup, asks};

/// An open index, a closed one, and a hidden one.
fn three() -> Setup {
    Setup::nothing()
        // A server that is asked after another test still has its hidden index.
        .and_then("DELETE /*?expand_wildcards=all", json!(null))
        .and("c1", json!({}), json!([]))
        .and("c2", json!({}), json!([]))
        .and_then("POST /c2/_close", json!(null))
        .and("c3", json!({"settings": {"index.hidden": true}}), json!([]))
}

#[test]
fn a_search_that_is_led_to_a_closed_index_is_refused() {
    asks!(
        three(),
        "GET /c*/_search?expand_wildcards=open",
        "GET /c*/_search?expand_wildcards=closed",
        "GET /c*/_search?expand_wildcards=all",
        "GET /c*/_search?expand_wildcards=open,closed",
        "GET /c*/_search?expand_wildcards=closed,hidden",
        "GET /_search?expand_wildcards=closed",
        "GET /c1/_search?expand_wildcards=closed",
        "GET /x*/_search?expand_wildcards=closed",
        "GET /c*/_count?expand_wildcards=closed",
        "POST /c*/_refresh?expand_wildcards=closed",
        "POST /c*/_flush?expand_wildcards=all",
        "POST /c*/_cache/clear?expand_wildcards=closed",
        "POST /c*/_forcemerge?expand_wildcards=closed",
        "GET /c*/_stats/docs?expand_wildcards=closed",
        "GET /c*/_segments?expand_wildcards=closed"
    );
}

#[test]
fn one_that_ignores_what_is_not_there_passes_it_over() {
    asks!(
        three(),
        "GET /c*/_search?expand_wildcards=closed&ignore_unavailable=true",
        "GET /c*/_search?expand_wildcards=all&ignore_unavailable=true",
        "GET /c*,-c2/_search?expand_wildcards=all",
        "GET /c*/_field_caps?fields=x&expand_wildcards=closed",
        "GET /c*/_field_caps?fields=x&expand_wildcards=all",
        "GET /c2/_field_caps?fields=x"
    );
}

#[test]
fn hidden_alone_stands_for_nothing() {
    asks!(
        three(),
        "GET /c*/_count?expand_wildcards=hidden",
        "GET /c*/_count?expand_wildcards=open,hidden",
        "GET /c3*/_mapping?expand_wildcards=hidden",
        "GET /c*/_mapping?expand_wildcards=none",
        "GET /c3/_count?expand_wildcards=none",
        "GET /_resolve/index/c*?expand_wildcards=hidden"
    );
}

#[test]
fn metadata_is_told_of_closed_indices_too() {
    asks!(
        three(),
        "GET /c*/_mapping?expand_wildcards=closed",
        "GET /c*/_mapping?expand_wildcards=all",
        "GET /c*/_alias?expand_wildcards=closed",
        "GET /c*/_alias?expand_wildcards=all",
        "GET /_cat/indices/c*?expand_wildcards=closed&h=status,index",
        "GET /_cat/indices/c*?expand_wildcards=all&h=status,index&s=index",
        "GET /_resolve/index/c*?expand_wildcards=closed",
        "GET /_resolve/index/c*?expand_wildcards=all"
    );
}

#[test]
fn a_query_on_a_closed_index_is_not_valid() {
    asks!(
        Setup::nothing(),
        "PUT /shut" => {"settings": {"number_of_replicas": 0}},
        "PUT /open" => {"settings": {"number_of_replicas": 0}},
        "POST /shut/_close",
        "GET /shut/_validate/query",
        "GET /shut/_validate/query?ignore_unavailable=true",
        "GET /shut,open/_validate/query",
        "GET /shut*/_validate/query?expand_wildcards=closed",
        "GET /shut*/_validate/query?expand_wildcards=none",
        "GET /none*/_validate/query",
        "GET /none*/_validate/query?allow_no_indices=true",
        "GET /open/_validate/query",
    );
}

#[test]
fn shards_of_closed_indices_are_told_where_they_are_named_or_asked_for() {
    let one = || json!({"settings": {"number_of_replicas": 0}, "aliases": {"al": {}}});
    asks!(
        Setup::nothing()
            .and_then("DELETE /*?expand_wildcards=all", json!(null))
            .and("s1", one(), json!([]))
            .and("s2", one(), json!([]))
            .and_then("POST /s2/_close?wait_for_active_shards=1", json!(null)),
        "GET /s2/_search_shards?filter_path=indices,shards.state,shards.shard,shards.index",
        "GET /s1,s2/_search_shards?filter_path=indices,shards.state,shards.shard,shards.index",
        "GET /s2/_search_shards?ignore_unavailable=true&filter_path=indices,shards.index",
        "GET /s2/_search_shards?ignore_unavailable=false&filter_path=indices,shards.index",
        "GET /_search_shards?filter_path=indices,shards.index",
        "GET /s*/_search_shards?filter_path=indices,shards.index",
        "GET /s*/_search_shards?expand_wildcards=closed&filter_path=indices,shards.index",
        "GET /s*/_search_shards?expand_wildcards=all&filter_path=indices,shards.index",
        "GET /s*/_search_shards?expand_wildcards=none&filter_path=indices,shards.index",
        "GET /al/_search_shards?filter_path=indices,shards.index",
        "GET /none/_search_shards",
        "GET /none*/_search_shards?allow_no_indices=false",
        "GET /s2/_search_shards?allow_no_indices=false&filter_path=indices,shards.index",
        "GET /s2,none/_search_shards?filter_path=indices,shards.index",
        "GET /s2,none/_search_shards?ignore_unavailable=true&filter_path=indices,shards.index"
    );
}
