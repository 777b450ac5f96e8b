//! `rare_terms`, `adjacency_matrix`, `ip_range`, `multi_terms`.

use crate::cases::{asks, search};
use crate::library::{crowd, films, no_films};

/// An aggregation of the crowd.
macro_rules! crowds {
    ($aggs:tt $(; differs: $why:literal)? $(,)?) => {
        search!(crowd(), {"size": 0, "aggs": $aggs} $(; differs: $why)?)
    };
}

/// An aggregation of the films.
macro_rules! in_films {
    ($aggs:tt $(; differs: $why:literal)? $(,)?) => {
        search!(films(), {"size": 0, "aggs": $aggs} $(; differs: $why)?)
    };
}

#[test]
fn rare_terms_are_those_of_one_document() {
    in_films!({"x": {"rare_terms": {"field": "genre"}}});
}

#[test]
fn rare_terms_of_two_documents_come_behind_those_of_one() {
    in_films!({"x": {"rare_terms": {"field": "genre", "max_doc_count": 2}, "aggs": {"v": {"sum": {"field": "votes"}}}}});
}

#[test]
fn rare_numbers_dates_booleans_and_addresses() {
    in_films!({
        "n": {"rare_terms": {"field": "year"}}, "d": {"rare_terms": {"field": "released"}},
        "b": {"rare_terms": {"field": "seen", "max_doc_count": 5}}, "a": {"rare_terms": {"field": "addr"}}
    });
}

#[test]
fn rare_terms_may_be_chosen() {
    in_films!({"x": {"rare_terms": {"field": "genre", "include": "[tT].*", "exclude": ["Thriller"]}}});
}

#[test]
fn rare_terms_count_the_missing() {
    in_films!({"x": {"rare_terms": {"field": "genre", "missing": "none", "max_doc_count": 2}}});
}

#[test]
fn rare_fractions_are_refused() {
    in_films!({"x": {"rare_terms": {"field": "rating"}}});
}

#[test]
fn a_rareness_of_zero_is_refused() {
    in_films!({"x": {"rare_terms": {"field": "genre", "max_doc_count": 0}}});
}

#[test]
fn a_rareness_beyond_a_hundred_is_refused() {
    in_films!({"x": {"rare_terms": {"field": "genre", "max_doc_count": 101}}});
}

#[test]
fn rare_terms_of_nothing() {
    search!(no_films(), {"size": 0, "aggs": {"x": {"rare_terms": {"field": "genre"}}, "y": {"rare_terms": {"field": "nowhere"}}}});
}

#[test]
fn a_matrix_has_each_filter_and_each_pair() {
    crowds!({"x": {"adjacency_matrix": {"filters": {
        "fox": {"match": {"title": "fox"}}, "dog": {"match": {"title": "dog"}}, "none": {"term": {"section": "nowhere"}},
        "brown": {"match": {"title": "brown"}}
    }}, "aggs": {"p": {"avg": {"field": "price"}}}}});
}

#[test]
fn a_matrix_takes_a_separator() {
    crowds!({"x": {"adjacency_matrix": {"separator": "|", "filters": {
        "b": {"term": {"flag": true}}, "a": {"term": {"section": "doc"}}
    }}}});
}

#[test]
fn a_matrix_needs_filters() {
    crowds!({"x": {"adjacency_matrix": {}}});
}

#[test]
fn addresses_fall_into_ranges() {
    in_films!({"x": {"ip_range": {"field": "addr", "ranges": [
        {"to": "10.0.1.0"}, {"from": "10.0.1.0", "to": "192.168.0.0"}, {"from": "192.168.0.0"}
    ]}, "aggs": {"v": {"sum": {"field": "votes"}}}}});
}

#[test]
fn networks_are_ranges() {
    in_films!({"x": {"ip_range": {"field": "addr", "ranges": [
        {"mask": "10.0.0.0/24"}, {"mask": "10.0.0.0/8", "key": "ten"}, {"mask": "2001:db8::/32"}, {"mask": "0.0.0.0/0"}
    ]}}});
}

#[test]
fn ranges_of_addresses_may_go_by_their_keys() {
    in_films!({"x": {"ip_range": {"field": "addr", "keyed": true, "ranges": [
        {"key": "low", "to": "10.0.1.0"}, {"from": "10.0.1.0"}
    ]}}});
}

#[test]
fn ranges_of_addresses_count_the_missing() {
    in_films!({"x": {"ip_range": {"field": "addr", "missing": "10.0.0.2", "ranges": [{"to": "10.0.1.0"}]}}});
}

#[test]
fn ranges_of_addresses_need_a_field() {
    in_films!({"x": {"ip_range": {"ranges": [{"to": "10.0.1.0"}]}}});
}

#[test]
fn ranges_of_addresses_need_ranges() {
    in_films!({"x": {"ip_range": {"field": "addr"}}});
}

#[test]
fn ranges_of_addresses_need_addresses() {
    in_films!({"x": {"ip_range": {"field": "genre", "ranges": [{"to": "10.0.1.0"}]}}});
}

#[test]
fn a_network_that_is_none_is_refused() {
    in_films!({"x": {"ip_range": {"field": "addr", "ranges": [{"mask": "10.0.0.0"}]}}});
}

#[test]
fn an_address_that_is_none_is_refused() {
    in_films!({"x": {"ip_range": {"field": "addr", "ranges": [{"from": "surprise"}]}}});
}

#[test]
fn combinations_of_terms() {
    asks!(crowd(), "POST /_search" => {"size": 0, "aggs": {
        "x": {"multi_terms": {"size": 4, "terms": [{"field": "section"}, {"field": "flag"}]}, "aggs": {"p": {"avg": {"field": "price"}}}},
        "y": {"multi_terms": {"size": 3, "order": [{"p": "desc"}], "terms": [{"field": "small"}, {"field": "section"}]}, "aggs": {"p": {"avg": {"field": "price"}}}},
        "z": {"multi_terms": {"size": 3, "order": {"_key": "asc"}, "terms": [{"field": "when"}, {"field": "addr"}, {"field": "price"}]}},
        "m": {"multi_terms": {"size": 3, "terms": [{"field": "tags", "missing": "none"}, {"field": "section"}]}}
    }});
}
