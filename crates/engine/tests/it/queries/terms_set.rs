//! `terms_set` by a field.

use crate::cases::search;
use crate::library::films;

#[test]
fn enough_terms_match() {
    search!(films(), {"query": {"terms_set": {"tags": {"terms": ["old", "short", "zed"], "minimum_should_match_field": "crew.size"}}}, "_source": false});
}

#[test]
fn a_field_says_how_many() {
    search!(films(), {"query": {"terms_set": {"genre": {"terms": ["drama", "comedy"], "minimum_should_match_field": "votes"}}}, "_source": false});
}

#[test]
fn nothing_that_says_how_many_is_refused() {
    search!(films(), {"query": {"terms_set": {"tags": {"terms": ["old"]}}}});
}
