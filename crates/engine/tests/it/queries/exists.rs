//! `exists`: documents that have a value in a field.

use crate::cases::{Setup, asks, search};
use crate::library::films;

#[test]
fn a_keyword_is_there() {
    search!(films(), {"query": {"exists": {"field": "tags"}}, "_source": false});
}

#[test]
fn a_text_is_there() {
    search!(films(), {"query": {"exists": {"field": "plot"}}, "_source": false});
}

#[test]
fn an_empty_text_is_not_there() {
    search!(films(), {"query": {"exists": {"field": "title"}}, "_source": false});
}

#[test]
fn a_number_is_there() {
    search!(films(), {"query": {"exists": {"field": "year"}}, "_source": false});
}

#[test]
fn an_object_is_there_when_one_of_its_fields_is() {
    search!(films(), {"query": {"exists": {"field": "crew"}}, "_source": false});
}

#[test]
fn a_pattern_stands_for_its_fields() {
    search!(films(), {"query": {"exists": {"field": "ra*"}}, "_source": false});
}

#[test]
fn a_field_that_is_not_mapped_is_nowhere() {
    search!(films(), {"query": {"exists": {"field": "nowhere"}}});
}

#[test]
fn an_alias_stands_for_its_field() {
    search!(films(), {"query": {"exists": {"field": "kind"}}, "_source": false});
}

#[test]
fn every_document_has_an_id() {
    search!(films(), {"query": {"exists": {"field": "_id"}}, "size": 0});
}

#[test]
fn every_document_has_an_index() {
    search!(films(), {"query": {"exists": {"field": "_index"}}, "size": 0});
}

#[test]
fn the_source_is_refused() {
    search!(
        films(),
        {"query": {"exists": {"field": "_source"}}, "size": 0}
    );
}

#[test]
fn a_field_without_columns_is_found_by_its_terms() {
    search!(films(), {"query": {"exists": {"field": "bare"}}, "size": 0});
}

#[test]
fn a_boost_is_the_score() {
    search!(films(), {
        "query": {"exists": {"field": "year", "boost": 2}},
        "_source": false,
        "size": 2
    });
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"exists": {"field": "rating", "_name": "rated"}},
        "_source": false,
        "size": 1
    });
}

#[test]
fn no_field_is_refused() {
    search!(films(), {"query": {"exists": {}}});
}

#[test]
fn a_list_of_fields_is_refused() {
    search!(
        films(),
        {"query": {"exists": {"field": ["year"]}}}
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"exists": {"field": "year", "surprise": 1}}});
}

#[test]
fn an_empty_name_is_refused() {
    search!(films(), {"query": {"exists": {"field": ""}}});
}

#[test]
fn a_routing_exists_where_one_was_given() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"b": {"type": "binary", "store": true}}}},
        "PUT /a/_doc/0?refresh=true&routing=r" => {"b": "aGVsbG8="},
        "PUT /a/_doc/1?refresh=true" => {},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "_routing"}}},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "b"}}}
    );
}
