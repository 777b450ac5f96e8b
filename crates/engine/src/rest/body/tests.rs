use super::*;
use crate::Work;
use crate::rest::{Flavor, route};
use expect_test::{Expect, expect};

const JSON: Option<&str> = Some("application/json");

fn read(line: &str, content_type: Option<&str>, body: &str) -> Result<Parsed, Exception> {
    let (method, url) = line.split_once(' ').unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let route = route(method, path, query, Flavor::Elasticsearch710).unwrap();
    parse(route, content_type, Bytes::copy_from_slice(body.as_bytes()), &Work::unbounded())
}

fn refused(line: &str, content_type: Option<&str>, body: &str, expected: Expect) {
    let refusal = read(line, content_type, body).unwrap_err();
    expected.assert_eq(&format!("{} {refusal}", refusal.status()));
}

#[test]
fn unknown_parameters_are_named_and_the_likely_one_is_offered() {
    refused(
        "GET /x/_search?foo=1",
        None,
        "",
        expect![
            "400 illegal_argument_exception: request [/x/_search] contains unrecognized parameter: [foo]"
        ],
    );
    refused(
        "GET /x/_search?sise=1&zzzzzzzzzz",
        None,
        "",
        expect![
            "400 illegal_argument_exception: request [/x/_search] contains unrecognized parameters: [sise] -> did you mean [size]?, [zzzzzzzzzz]"
        ],
    );
}

#[test]
fn a_body_needs_a_content_type_that_is_read_here() {
    refused(
        "POST /x/_search",
        Some("text/plain"),
        "{}",
        expect!["406 : Content-Type header [text/plain] is not supported"],
    );
    refused(
        "POST /x/_search",
        Some("application/x-ndjson"),
        "{}",
        expect!["406 : Content-Type header [application/x-ndjson] is not supported"],
    );
    refused(
        "POST /x/_search",
        Some("application/yaml"),
        "a: 1",
        expect!["406 : Content-Type header [application/yaml] is not supported"],
    );
    refused("POST /x/_search", None, "{}", expect!["406 : Content-Type header is missing"]);
    assert!(read("POST /x/_search", Some("application/json; charset=UTF-8"), "{}").is_ok());
    assert!(
        read(
            "POST /_bulk",
            Some("application/x-ndjson"),
            "{\"delete\":{\"_index\":\"x\",\"_id\":\"1\"}}\n"
        )
        .is_ok()
    );
}

#[test]
fn bodies_that_are_missing_or_not_wanted_are_refused() {
    refused("PUT /x/_doc/1", JSON, "", expect!["400 parse_exception: request body is required"]);
    refused("POST /_bulk", JSON, "", expect!["400 parse_exception: request body is required"]);
    refused(
        "DELETE /x",
        JSON,
        "{}",
        expect![
            "400 illegal_argument_exception: request [DELETE /x] does not support having a body"
        ],
    );
}

#[test]
fn a_body_is_strict_json() {
    refused(
        "POST /x/_search",
        JSON,
        "{\"a\":1,\"a\":2}",
        expect![[r#"
            400 json_parse_exception: Duplicate field 'a'
             at [Source: (org.elasticsearch.common.io.stream.InputStreamStreamInput); line: 1, column: 11]"#]],
    );
    refused(
        "POST /x/_search",
        JSON,
        "[]",
        expect!["400 parsing_exception: Expected [START_OBJECT] but found [START_ARRAY]"],
    );
    refused("PUT /x/_doc/1", JSON, "{", expect!["400 mapper_parsing_exception: failed to parse"]);
}

#[test]
fn the_source_parameter_is_a_body() {
    let parsed = read(
        "GET /x/_search?source=%7B%22size%22%3A1%7D&source_content_type=application/json",
        None,
        "",
    )
    .unwrap();
    assert_eq!(parsed.body.value()["size"], 1);
    refused(
        "GET /x/_search?source=%7B%7D",
        None,
        "",
        expect![
            "400 illegal_state_exception: source and source_content_type parameters are required"
        ],
    );
    refused(
        "GET /x/_search?source=a&source_content_type=application/yaml",
        None,
        "",
        expect![
            "400 illegal_state_exception: Unknown value for source_content_type [application/yaml]"
        ],
    );
}

#[test]
fn the_body_of_an_api_that_is_not_built_is_not_looked_at() {
    assert!(read("PUT /_ilm/policy/p?foo", Some("text/plain"), "oops").is_ok());
}

#[test]
fn mget_items_gather_their_faults() {
    refused(
        "POST /_mget",
        JSON,
        "{\"docs\":[{\"_id\":\"1\"},{\"_index\":\"x\"}]}",
        expect![
            "400 action_request_validation_exception: Validation Failed: 1: index is missing for doc 0;2: id is missing for doc 1;"
        ],
    );
    let parsed = read("POST /x/_mget", JSON, "{\"ids\":[\"1\",2]}").unwrap();
    let ParsedBody::Mget(items) = parsed.body else { panic!() };
    let seen: Vec<_> = items.iter().map(|i| (i.index.as_str(), i.id.as_str())).collect();
    assert_eq!(seen, [("x", "1"), ("x", "2")]);
}

#[test]
fn msearch_headers_name_their_indices() {
    let parsed = read(
        "POST /x/_msearch",
        Some("application/x-ndjson"),
        "{}\n{}\n{\"index\":[\"a\",\"b*\"]}\n{}\n\n{}\n",
    )
    .unwrap();
    let ParsedBody::Msearch(items) = parsed.body else { panic!() };
    let seen: Vec<_> = items.iter().map(|i| i.indices.join(",")).collect();
    assert_eq!(seen, ["x", "a,b*", "x"]);
}
