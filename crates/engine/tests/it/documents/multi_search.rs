//! `_msearch` and `_validate/query`.

use crate::cases::asks;
use crate::library::films;

#[test]
fn searches_are_answered_in_order() {
    asks!(
        films(),
        "POST /_msearch" => [
            {"index": "films"},
            {"size": 0},
            {},
            {"query": {"term": {"year": 1999}}, "_source": false}
        ]
    );
}

#[test]
fn a_query_of_no_name_refuses_all_searches() {
    asks!(
        films(),
        "POST /_msearch" => [
            {"index": "nowhere"},
            {},
            {"index": "films"},
            {"query": {"mtch": {}}},
            {"index": "films"},
            {"size": 0}
        ]
    );
}

#[test]
fn the_url_names_the_index() {
    asks!(films(), "POST /films/_msearch" => [{}, {"size": 0}]);
}

#[test]
fn totals_may_be_numbers() {
    asks!(films(), "POST /films/_msearch?rest_total_hits_as_int=true" => [{}, {"size": 0}]);
}

#[test]
fn an_empty_body_is_refused() {
    asks!(films(), "POST /films/_msearch");
}

#[test]
fn an_unknown_key_of_a_head_is_refused() {
    asks!(films(), "POST /films/_msearch" => [{"surprise": 1}, {"size": 0}]);
}

#[test]
fn a_query_is_valid() {
    asks!(films(), "POST /films/_validate/query" => {"query": {"term": {"year": 1999}}});
}

#[test]
fn a_query_is_not_valid() {
    asks!(films(), "POST /films/_validate/query" => {"query": {"term": {"year": "soon"}}});
}

#[test]
fn why_a_query_is_not_valid_is_explained() {
    asks!(
        films(),
        "POST /films/_validate/query?explain=true" => {"query": {"term": {"year": "soon"}}}
    );
}

#[test]
fn no_query_is_refused() {
    asks!(
        films(),
        "POST /films/_validate/query" => {}
    );
}

#[test]
fn a_query_of_no_name_is_not_valid() {
    asks!(
        films(),
        "POST /films/_validate/query" => {"query": {"mtch": {}}}
    );
}
