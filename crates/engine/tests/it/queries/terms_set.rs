//! `terms_set` by a field, and by a script.

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

#[test]
fn a_script_says_how_many() {
    search!(films(), {"query": {"terms_set": {"tags": {"terms": ["old", "short", "zed"], "minimum_should_match_script": {"source": "Math.min(params.num_terms, 2)"}}}}, "_source": false});
}

#[test]
fn a_script_reads_each_document() {
    search!(films(), {"query": {"terms_set": {"tags": {"terms": ["old", "short", "zed"], "minimum_should_match_script": {"source": "doc['crew.size'].size() == 0 ? 1 : doc['crew.size'].value"}}}}, "_source": false});
}

#[test]
fn one_term_is_needed_whatever_a_script_says() {
    search!(films(), {"query": {"terms_set": {"tags": {"terms": ["old", "short"], "minimum_should_match_script": {"source": "0"}}}}, "_source": false});
}

#[test]
fn a_script_of_it_that_is_wrong_is_refused() {
    search!(films(), {"query": {"terms_set": {"tags": {"terms": ["old", "short"], "minimum_should_match_script": {"source": "1 +"}}}}});
}
