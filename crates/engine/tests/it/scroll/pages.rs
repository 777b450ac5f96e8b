//! Scrolling through all hits.

use crate::cases::asks;
use crate::library::{films, no_films};

#[test]
fn each_page_has_the_next_hits_and_the_last_has_none() {
    asks!(
        films(),
        "POST /films/_search?scroll=1m" => {"size": 5, "sort": ["_doc"], "_source": false},
        "POST /_search/scroll" => {"scroll": "1m", "scroll_id": "{scroll}"},
        "POST /_search/scroll" => {"scroll": "1m", "scroll_id": "{scroll}"}
    );
}

#[test]
fn the_order_of_a_sort_goes_through_all_pages() {
    asks!(
        films(),
        "POST /films/_search?scroll=1m" => {
            "size": 3,
            "sort": [{"votes": "desc"}],
            "_source": false
        },
        "POST /_search/scroll" => {"scroll": "1m", "scroll_id": "{scroll}"},
        "POST /_search/scroll" => {"scroll": "1m", "scroll_id": "{scroll}"}
    );
}

#[test]
fn a_slice_goes_through_all_pages() {
    asks!(
        films(),
        "POST /films/_search?scroll=1m" => {
            "size": 2,
            "slice": {"id": 0, "max": 2},
            "sort": [{"votes": "desc"}],
            "_source": false
        },
        "POST /_search/scroll" => {"scroll": "1m", "scroll_id": "{scroll}"}
    );
}

#[test]
fn scores_go_through_all_pages() {
    asks!(
        films(),
        "POST /films/_search?scroll=1m" => {
            "size": 2,
            "query": {"match": {"title": "quick fox"}},
            "_source": false
        },
        "POST /_search/scroll" => {"scroll": "1m", "scroll_id": "{scroll}"}
    );
}

#[test]
fn aggregations_are_told_with_the_first_page_alone() {
    asks!(
        films(),
        "POST /films/_search?scroll=1m" => {
            "size": 4,
            "sort": ["_doc"],
            "_source": false,
            "aggs": {"x": {"sum": {"field": "votes"}}}
        },
        "POST /_search/scroll" => {"scroll_id": "{scroll}"}
    );
}

#[test]
fn what_is_written_meanwhile_is_not_seen() {
    asks!(
        films(),
        "POST /films/_search?scroll=1m" => {"size": 7, "sort": ["_doc"], "_source": false},
        "PUT /films/_doc/new?refresh=true" => {"title": "new"},
        "POST /_search/scroll" => {"scroll_id": "{scroll}"}
    );
}

#[test]
fn a_cleared_scroll_is_gone() {
    asks!(
        films(),
        "POST /films/_search?scroll=1m" => {"size": 1, "_source": false},
        "DELETE /_search/scroll" => {"scroll_id": "{scroll}"},
        "DELETE /_search/scroll" => {"scroll_id": ["{scroll}"]}
    );
}

#[test]
fn a_size_of_zero_is_refused() {
    asks!(films(), "POST /films/_search?scroll=1m" => {"size": 0});
}

#[test]
fn from_is_refused() {
    asks!(films(), "POST /films/_search?scroll=1m" => {"from": 1});
}

#[test]
fn totals_that_are_not_tracked_are_refused() {
    asks!(films(), "POST /films/_search?scroll=1m" => {"track_total_hits": false});
}

#[test]
fn a_time_that_is_none_is_refused() {
    asks!(films(), "POST /films/_search?scroll=soon" => {});
}

#[test]
fn a_time_that_is_too_long_is_refused() {
    asks!(
        films(),
        "POST /films/_search?scroll=2d" => {}
    );
}

#[test]
fn no_id_is_refused() {
    asks!(films(), "POST /_search/scroll" => {"scroll": "1m"});
}

#[test]
fn an_id_that_is_none_is_refused() {
    asks!(
        films(),
        "POST /_search/scroll" => {"scroll_id": "x"};
        differs: "an id that was never given is answered like one that is gone"
    );
}

#[test]
fn an_unknown_key_is_refused() {
    asks!(
        films(),
        "POST /_search/scroll" => {"scroll_id": "x", "surprise": 1}
    );
}

#[test]
fn an_empty_index_has_an_empty_first_page() {
    asks!(
        no_films(),
        "POST /films/_search?scroll=1m" => {},
        "POST /_search/scroll" => {"scroll_id": "{scroll}"}
    );
}

#[test]
fn clearing_all_succeeds_where_there_is_one() {
    asks!(
        films(),
        "POST /films/_search?scroll=1m" => {"size": 1, "_source": false},
        "DELETE /_search/scroll/_all"
    );
}
