//! `ids`: documents by their ids.

use crate::cases::search;
use crate::library::films;

#[test]
fn those_that_are_there_are_found() {
    search!(films(), {"query": {"ids": {"values": ["3", "0", "none"]}}, "_source": false});
}

#[test]
fn numbers_are_taken_for_ids() {
    search!(films(), {"query": {"ids": {"values": [3, 0]}}, "_source": false});
}

#[test]
fn one_id_needs_no_list() {
    search!(films(), {"query": {"ids": {"values": "3"}}, "_source": false});
}

#[test]
fn no_id_finds_nothing() {
    search!(films(), {"query": {"ids": {"values": []}}});
}

#[test]
fn an_id_twice_is_found_once() {
    search!(films(), {"query": {"ids": {"values": ["1", "1"]}}, "_source": false});
}

#[test]
fn a_boost_is_the_score() {
    search!(films(), {"query": {"ids": {"values": ["1"], "boost": 2}}, "_source": false});
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {"query": {"ids": {"values": ["1"], "_name": "one"}}, "_source": false});
}

#[test]
fn no_values_find_nothing() {
    search!(
        films(),
        {"query": {"ids": {}}}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(
        films(),
        {"query": {"ids": {"values": ["1"], "surprise": 1}}}
    );
}

#[test]
fn a_null_is_refused() {
    search!(
        films(),
        {"query": {"ids": {"values": [null]}}};
        differs: "refused in other words"
    );
}
