//! `terms` whose values are looked up.

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn values_are_taken_from_a_document() {
    search!(films(), {"query": {"terms": {"tags": {"index": "films", "id": "0", "path": "tags"}}}, "_source": false});
}

#[test]
fn values_below_an_object() {
    search!(films(), {"query": {"terms": {"crew.director": {"index": "films", "id": "0", "path": "crew.director"}}}, "_source": false});
}

#[test]
fn a_document_that_is_not_there_has_none() {
    search!(films(), {"query": {"terms": {"tags": {"index": "films", "id": "99", "path": "tags"}}}});
}

#[test]
fn a_path_that_is_not_there_has_none() {
    search!(films(), {"query": {"terms": {"tags": {"index": "films", "id": "0", "path": "nowhere"}}}});
}

#[test]
fn an_index_that_is_not_there_is_refused() {
    search!(films(), {"query": {"terms": {"tags": {"index": "nowhere", "id": "0", "path": "tags"}}}});
}

#[test]
fn a_lookup_within_a_bool() {
    search!(films(), {"query": {"bool": {"must_not": [{"terms": {"genre": {"index": "films", "id": "0", "path": "genre"}}}]}}, "_source": false});
}

#[test]
fn a_lookup_without_an_id_is_refused() {
    search!(films(), {"query": {"terms": {"tags": {"index": "films", "path": "tags"}}}});
}

#[test]
fn a_lookup_without_a_path_is_refused() {
    search!(films(), {"query": {"terms": {"tags": {"index": "films", "id": "1"}}}});
}

#[test]
fn an_unknown_option_of_a_lookup_is_refused() {
    search!(films(), {"query": {"terms": {"tags": {"index": "films", "id": "1", "path": "tags", "x": 1}}}});
}

#[test]
fn a_count_looks_up() {
    asks!(films(), "POST /films/_count" => {"query": {"terms": {"tags": {"index": "films", "id": "0", "path": "tags"}}}});
}

/// The films, and an index of lists.
fn films_and_lists() -> crate::cases::Setup {
    let lists = serde_json::json!([{"years": [1999, 2010], "genres": ["drama", "comedy"]}, {"genres": "thriller"}]);
    films().and("lists", serde_json::json!({}), lists)
}

#[test]
fn a_document_of_another_index() {
    asks!(films_and_lists(), "POST /films/_search" => {"query": {"terms": {"year": {"index": "lists", "id": "0", "path": "years"}}}, "_source": false});
}

#[test]
fn a_lookup_within_an_aggregation() {
    asks!(films_and_lists(), "POST /films/_search" => {"size": 0, "aggs": {"a": {"filter": {"terms": {"genre": {"index": "lists", "id": "0", "path": "genres"}}}}, "b": {"adjacency_matrix": {"filters": {"x": {"terms": {"genre": {"index": "lists", "id": "0", "path": "genres"}}}, "y": {"terms": {"genre": {"index": "lists", "id": "1", "path": "genres"}}}}}}}}; differs: "an aggregation whose filter looks something up has an empty meta there");
}

#[test]
fn a_lookup_that_excludes() {
    asks!(films_and_lists(), "POST /films/_search" => {"query": {"bool": {"must_not": {"terms": {"genre": {"index": "lists", "id": "0", "path": "genres"}}}}}, "_source": false});
}

#[test]
fn a_lookup_in_a_post_filter_and_a_rescorer() {
    asks!(films_and_lists(), "POST /films/_search" => {"post_filter": {"terms": {"genre": {"index": "lists", "id": "0", "path": "genres"}}}, "rescore": {"query": {"rescore_query": {"terms": {"year": {"index": "lists", "id": "0", "path": "years"}}}}}, "_source": false});
}

#[test]
fn a_lookup_in_a_highlight_query() {
    asks!(films_and_lists(), "POST /films/_search" => {"_source": false, "highlight": {"fields": {"genre": {"highlight_query": {"terms": {"genre": {"index": "lists", "id": "1", "path": "genres"}}}}}}});
}

#[test]
fn several_searches_look_up() {
    asks!(films_and_lists(), "POST /films/_msearch" => [{}, {"query": {"terms": {"genre": {"index": "lists", "id": "1", "path": "genres"}}}, "_source": false}, {}, {"query": {"terms": {"genre": {"index": "nowhere", "id": "1", "path": "genres"}}}, "_source": false}]);
}

#[test]
fn a_wrapped_lookup() {
    // {"terms":{"genre":{"index":"lists","id":"1","path":"genres"}}}
    asks!(films_and_lists(), "POST /films/_search" => {"query": {"wrapper": {"query": "eyJ0ZXJtcyI6eyJnZW5yZSI6eyJpbmRleCI6Imxpc3RzIiwiaWQiOiIxIiwicGF0aCI6ImdlbnJlcyJ9fX0="}}, "_source": false});
}

#[test]
fn a_deletion_looks_up() {
    asks!(films_and_lists(), "POST /films/_delete_by_query?refresh=true" => {"query": {"bool": {"must_not": {"terms": {"genre": {"index": "lists", "id": "0", "path": "genres"}}}}}}, "POST /films/_search?sort=_doc" => {"_source": false});
}

#[test]
fn an_explanation_looks_nothing_up() {
    asks!(films_and_lists(), "POST /films/_explain/0" => {"query": {"terms": {"genre": {"index": "lists", "id": "0", "path": "genres"}}}});
}

#[test]
fn a_validation_looks_up() {
    asks!(films_and_lists(), "POST /films/_validate/query?explain=true" => {"query": {"terms": {"genre": {"index": "lists", "id": "0", "path": "genres"}}}});
}

#[test]
fn a_copy_looks_up() {
    asks!(films_and_lists(), "POST /_reindex?refresh=true" => {"source": {"index": "films", "query": {"terms": {"genre": {"index": "lists", "id": "1", "path": "genres"}}}}, "dest": {"index": "copied"}}, "POST /copied/_search" => {"_source": false});
}

#[test]
fn a_filter_of_an_alias_looks_nothing_up() {
    asks!(
        films_and_lists(),
        "PUT /films/_alias/chosen" => {"filter": {"bool": {"must_not": {"terms": {"genre": {"index": "lists", "id": "0", "path": "genres"}}}}}},
        "POST /chosen/_search" => {"_source": false};
        differs: "the filter is refused when it is searched, not when it is made"
    );
}

#[test]
fn what_a_lookup_finds_cannot_be_given() {
    let domain = crate::domain::Domain::elasticsearch();
    domain.ask("PUT /s/_doc/1?refresh=true", r#"{"a": "b"}"#);
    let body =
        r#"{"query": {"terms": {"a": {"index": "s", "id": "1", "path": "a", "_found": ["b"]}}}}"#;
    let (status, answer) = domain.ask("POST /s/_search", body);
    assert_eq!(
        (status, answer["error"]["reason"].as_str()),
        (400, Some("[terms_lookup] unknown field [_found]"))
    );
}
