//! `match_all` and `match_none`.

use crate::cases::search;
use crate::library::{films, no_films};

#[test]
fn everything_is_found_in_the_order_of_documents() {
    search!(films(), {"query": {"match_all": {}}, "_source": false});
}

#[test]
fn a_boost_is_the_score() {
    search!(films(), {"query": {"match_all": {"boost": 1.5}}, "_source": false, "size": 1});
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {"query": {"match_all": {"_name": "all"}}, "_source": false, "size": 1});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(
        films(),
        {"query": {"match_all": {"surprise": 1}}}
    );
}

#[test]
fn a_word_is_refused() {
    search!(films(), {"query": {"match_all": "x"}});
}

#[test]
fn nothing_is_found_by_match_none() {
    search!(films(), {"query": {"match_none": {}}});
}

#[test]
fn match_none_takes_a_boost() {
    search!(films(), {"query": {"match_none": {"boost": 2}}});
}

#[test]
fn match_none_refuses_an_unknown_option() {
    search!(films(), {"query": {"match_none": {"surprise": 1}}});
}

#[test]
fn everything_of_an_empty_index_is_nothing() {
    search!(no_films(), {"query": {"match_all": {}}});
}

#[test]
fn an_empty_query_is_refused() {
    search!(films(), {"query": {}});
}

#[test]
fn a_query_of_two_names_is_refused() {
    search!(films(), {"query": {"match_all": {}, "term": {"year": 1999}}});
}

#[test]
fn an_unknown_query_is_refused_with_the_likely_one() {
    search!(
        films(),
        {"query": {"match_al": {}}}
    );
}

#[test]
fn an_unknown_query_like_no_other_is_refused() {
    search!(films(), {"query": {"surprise": {}}});
}

#[test]
fn a_query_that_is_a_list_is_refused() {
    search!(
        films(),
        {"query": [{"match_all": {}}]}
    );
}

#[test]
fn a_query_that_is_a_word_is_refused() {
    search!(
        films(),
        {"query": "fox"}
    );
}
