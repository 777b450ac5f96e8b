//! `multi_match` of type `cross_fields`.

use crate::cases::search;
use crate::library::films;

#[test]
fn words_are_sought_across_fields() {
    search!(films(), {"query": {"multi_match": {"type": "cross_fields", "query": "fox library", "fields": ["title", "plot"], "operator": "and", "analyzer": "standard"}}, "_source": false});
}

#[test]
fn the_rarer_field_counts_no_more() {
    search!(films(), {"query": {"multi_match": {"type": "cross_fields", "query": "quick lights", "fields": ["title", "plot"], "analyzer": "standard"}}, "_source": false});
}

#[test]
fn fields_of_other_analyzers_count_apart() {
    search!(films(), {"query": {"multi_match": {"type": "cross_fields", "query": "fox running", "fields": ["title", "plot"], "operator": "and"}}, "_source": false});
}

#[test]
fn keywords_take_the_text_whole() {
    search!(films(), {"query": {"multi_match": {"type": "cross_fields", "query": "drama", "fields": ["title", "genre"]}}, "_source": false});
}

#[test]
fn boosts_multiply() {
    search!(films(), {"query": {"multi_match": {"type": "cross_fields", "query": "brown fox", "fields": ["title^3", "plot"], "analyzer": "standard"}}, "_source": false});
}

#[test]
fn a_part_of_the_other_fields_is_added() {
    search!(films(), {"query": {"multi_match": {"type": "cross_fields", "query": "cow dog", "fields": ["title", "plot"], "tie_breaker": 0.5, "analyzer": "standard"}}, "_source": false});
}

#[test]
fn a_minimum_counts_words() {
    search!(films(), {"query": {"multi_match": {"type": "cross_fields", "query": "fox cow dog", "fields": ["title", "plot"], "minimum_should_match": 2, "analyzer": "standard"}}, "_source": false});
}

#[test]
fn one_field_alone() {
    search!(films(), {"query": {"multi_match": {"type": "cross_fields", "query": "brown fox", "fields": ["title"]}}, "_source": false});
}

#[test]
fn fuzziness_is_refused() {
    search!(films(), {"query": {"multi_match": {"type": "cross_fields", "query": "brown fox", "fields": ["title"], "fuzziness": 1}}, "_source": false});
}
