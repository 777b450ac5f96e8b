//! Bodies that are no JSON, in Jackson's words.

use serde_json::json;

use crate::cases::{Setup, asks};

fn books() -> Setup {
    Setup::index("books", json!({"mappings": {"properties": {"n": {"type": "long"}}}}), json!([]))
}

#[test]
fn a_body_that_ends_within_a_value_is_refused() {
    asks!(
        books(),
        "POST /books/_search" => "{\"query\":",
        "POST /books/_search" => "{\"query\":{\"match_all\":{}}",
        "POST /books/_search" => "{\"query\":{\"match_all\":{}",
        "POST /books/_search" => "{\"query\"",
        "POST /books/_search" => "{\"quer",
        "POST /books/_search" => "{\"sort\":[",
        "POST /books/_search" => "{\"sort\":[\"n\"",
        "POST /books/_search" => "{\"sort\":[\"n\",",
        "POST /books/_search" => "{\"size\":1,",
        "POST /books/_search" => "{",
    );
}

#[test]
fn a_character_that_does_not_belong_there_is_named() {
    asks!(
        books(),
        "POST /books/_search" => "{\"query\":{\"match_all\":{},}}",
        "POST /books/_search" => "{'query':1}",
        "POST /books/_search" => "{query:1}",
        "POST /books/_search" => "{\"query\" 1}",
        "POST /books/_search" => "{\"size\":1 \"from\":2}",
        "POST /books/_search" => "{\"sort\":[\"n\" \"m\"]}",
        "POST /books/_search" => "{\"sort\":[\"n\",]}",
        "POST /books/_search" => "{\"size\":}",
        "POST /books/_search" => "{\"size\":,}",
        "POST /books/_search" => "{\"size\":?}",
        "POST /books/_search" => "{,}",
    );
}

#[test]
fn a_bracket_that_closes_something_else_is_refused() {
    asks!(
        books(),
        "POST /books/_search" => "{\"query\":{\"match_all\":{}]}",
        "POST /books/_search" => "{\"sort\":[\"n\"}}",
    );
}

#[test]
fn a_word_that_is_none_is_told_whole() {
    asks!(
        books(),
        "POST /books/_search" => "{\"query\":tru}",
        "POST /books/_search" => "{\"version\":truth}",
        "POST /books/_search" => "{\"version\":nul",
        "POST /books/_search" => "{\"version\":yes, \"size\":1}",
        "POST /books/_search" => "xyz",
        "POST /books/_search" => "{\"min_score\":NaN}",
        "POST /books/_search" => "{\"min_score\":Infinity}",
    );
}

#[test]
fn a_number_that_is_none_is_refused() {
    asks!(
        books(),
        "POST /books/_search" => "{\"size\":01}",
        "POST /books/_search" => "{\"size\":-}",
        "POST /books/_search" => "{\"size\":-a}",
        "POST /books/_search" => "{\"size\":1.}",
        "POST /books/_search" => "{\"size\":1e}",
        "POST /books/_search" => "{\"size\":1e+}",
    );
}

#[test]
fn a_name_that_comes_twice_is_refused() {
    asks!(
        books(),
        "POST /books/_search" => "{\"size\":1,\"size\":2}",
        "POST /books/_search" => "{\n  \"size\": 1,\n  \"size\": 2\n}",
        "PUT /books/_doc/1" => "{\"n\":1,\"o\":{\"a\":1,\"a\":2}}",
    );
}

#[test]
fn lines_are_counted_and_columns_count_bytes() {
    asks!(
        books(),
        "POST /books/_search" => "{\n  \"query\": {\n    \"match_all\": {} x\n  }\n}",
        "POST /books/_search" => "{\r\n\"query\": }",
        "POST /books/_search" => "{\"_source\": [\"äöü\", ]}",
    );
}

#[test]
fn a_document_that_is_no_json_is_refused_as_a_document() {
    asks!(
        books(),
        "PUT /books/_doc/1" => "{\"n\":",
        "PUT /books/_doc/1" => "{\"n\":12 x}",
        "POST /books/_bulk" => "{\"index\":{\"_id\":\"1\"}}\n{\"n\":\n{\"index\":{\"_id\":\"2\"}}\n{\"n\":1 x}\n",
    );
}

#[test]
fn a_line_of_a_bulk_that_is_no_json_refuses_the_request() {
    asks!(
        books(),
        "POST /books/_bulk" => "{\"index\":{\"_id\":\"1\"\n{\"n\":1}\n",
        "POST /books/_bulk" => "{\"index\":{\"_id\":x}}\n{\"n\":1}\n",
    );
}

#[test]
fn a_line_of_an_msearch_that_is_no_json_refuses_the_request() {
    asks!(
        books(),
        "POST /_msearch" => "{}\n{\"query\":\n",
        "POST /_msearch" => "{\"index\":\"books\n{\"query\":{}}\n",
    );
}

#[test]
fn other_bodies_are_refused_alike() {
    asks!(
        books(),
        "PUT /other" => "{\"mappings\":",
        "PUT /books/_mapping" => "{\"properties\":{\"a\":}}",
        "PUT /books/_settings" => "{\"index\":x}",
        "POST /books/_update/1" => "{\"doc\":",
        "POST /books/_count" => "{\"query\":",
    );
}
