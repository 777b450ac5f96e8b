//! `_delete_by_query` and `_update_by_query`.

use crate::cases::asks;
use crate::library::films;

#[test]
fn what_is_found_is_deleted() {
    asks!(
        films(),
        "POST /films/_delete_by_query?refresh=true" => {"query": {"term": {"genre": "drama"}}},
        "POST /films/_count" => {"query": {"match_all": {}}}
    );
}

#[test]
fn no_more_than_max_docs_are_deleted() {
    asks!(
        films(),
        "POST /films/_delete_by_query?refresh=true" => {
            "query": {"match_all": {}},
            "max_docs": 3
        },
        "GET /films/_count"
    );
}

#[test]
fn without_a_query_deleting_is_refused() {
    asks!(films(), "POST /films/_delete_by_query");
}

#[test]
fn nothing_found_deletes_nothing() {
    asks!(films(), "POST /films/_delete_by_query" => {"query": {"match_none": {}}});
}

#[test]
fn an_unknown_key_is_refused() {
    asks!(films(), "POST /films/_delete_by_query" => {"query": {"match_all": {}}, "surprise": 1});
}

#[test]
fn what_is_found_is_written_again() {
    asks!(
        films(),
        "POST /films/_update_by_query?refresh=true" => {"query": {"term": {"genre": "drama"}}},
        "POST /films/_search" => {
            "query": {"term": {"genre": "drama"}},
            "_source": false,
            "version": true,
            "sort": ["votes"]
        }
    );
}

#[test]
fn without_a_query_all_are_written_again() {
    asks!(films(), "POST /films/_update_by_query");
}

#[test]
fn conflicts_may_be_passed_over() {
    asks!(
        films(),
        "POST /films/_update_by_query?conflicts=proceed" => {"query": {"term": {"year": 1999}}}
    );
}

#[test]
fn an_unknown_way_with_conflicts_is_refused() {
    asks!(films(), "POST /films/_update_by_query?conflicts=surprise");
}

#[test]
fn a_max_docs_of_zero_is_refused() {
    asks!(
        films(),
        "POST /films/_delete_by_query?max_docs=0" => {"query": {"match_all": {}}}
    );
}

#[test]
fn a_script_is_compiled_when_something_is_found() {
    asks!(
        films(),
        "POST /films/_update_by_query?filter_path=total,updated,failures" => {"query": {"match_none": {}}, "script": "kaboom"},
        "POST /films/_update_by_query" => {"script": "kaboom"}
    );
}
