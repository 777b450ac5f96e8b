//! `flat_object`: OpenSearch's; Elasticsearch 7.10 has `flattened` only with its licensed parts.

use crate::domain::Domain;

fn domain(kind: &str) -> Domain {
    let domain = Domain::opensearch();
    let body = format!(r#"{{"mappings": {{"properties": {{"f": {{"type": "{kind}"}}}}}}}}"#);
    domain.ok("PUT /a", &body);
    for (id, document) in [
        r#"{"f": {"a": "x", "b": {"c": "y z", "d": 5}}}"#,
        r#"{"f": {"a": ["x", "w"], "e": true}}"#,
        r#"{"f": {"A": "X"}}"#,
        r#"{"f": [{"a": "l1"}, {"a": "l2"}]}"#,
        r#"{"f": null}"#,
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(domain.ask(&format!("PUT /a/_doc/{id}?refresh=true"), document).0, 201);
    }
    domain
}

fn ids(domain: &Domain, query: &str) -> Vec<String> {
    let found = domain.ok("POST /a/_search", &format!(r#"{{"query": {query}, "sort": ["_id"]}}"#));
    let hits = found["hits"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn values_are_found_through_the_field_and_through_their_path() {
    for kind in ["flat_object", "flattened"] {
        let domain = domain(kind);
        for (query, expected) in [
            (r#"{"term": {"f": "x"}}"#, &["0", "1"][..]),
            (r#"{"term": {"f.a": "x"}}"#, &["0", "1"]),
            (r#"{"term": {"f.b.c": "y z"}}"#, &["0"]),
            (r#"{"term": {"f.b": "y z"}}"#, &[]),
            (r#"{"term": {"f.b.d": 5}}"#, &["0"]),
            (r#"{"term": {"f.e": true}}"#, &["1"]),
            (r#"{"terms": {"f.a": ["l1", "w"]}}"#, &["1", "3"]),
            (r#"{"match": {"f.a": "x"}}"#, &["0", "1"]),
            (r#"{"prefix": {"f.a": "l"}}"#, &["3"]),
            (r#"{"prefix": {"f": "l"}}"#, &["3"]),
            (r#"{"wildcard": {"f.a": "l*"}}"#, &["3"]),
            (r#"{"wildcard": {"f": "*"}}"#, &["0", "1", "2", "3"]),
            (r#"{"regexp": {"f.a": "l."}}"#, &["3"]),
            (r#"{"range": {"f.a": {"gte": "l", "lt": "m"}}}"#, &["3"]),
            (r#"{"range": {"f": {"gte": "l", "lt": "m"}}}"#, &["3"]),
            (r#"{"exists": {"field": "f"}}"#, &["0", "1", "2", "3"]),
            (r#"{"exists": {"field": "f.a"}}"#, &["0", "1", "3"]),
            (r#"{"exists": {"field": "f.b"}}"#, &["0"]),
            (r#"{"exists": {"field": "f.nope"}}"#, &[]),
            (r#"{"query_string": {"query": "f.a:x"}}"#, &["0", "1"]),
            (r#"{"term": {"f.a": {"value": "X", "case_insensitive": true}}}"#, &["0", "1"]),
        ] {
            assert_eq!(ids(&domain, query), expected, "{kind} {query}");
        }
    }
}

#[test]
fn a_scalar_is_refused() {
    let (status, answer) = domain("flat_object").ask("PUT /a/_doc/9", r#"{"f": 5}"#);
    assert_eq!(status, 400);
    assert_eq!(
        answer["error"]["caused_by"]["reason"],
        "[f] unexpected token [VALUE_NUMBER] in flat_object field value"
    );
}

#[test]
fn the_whole_object_is_neither_sorted_nor_aggregated() {
    let domain = domain("flat_object");
    let (status, answer) = domain.ask("POST /a/_search", r#"{"sort": ["f"]}"#);
    assert_eq!(status, 400, "{answer}");
    assert_eq!(
        answer["error"]["root_cause"][0]["reason"],
        "Field [f] of type [flat_object] does not support doc_value in root field"
    );
}

#[test]
fn a_path_in_the_object_is_not_aggregated() {
    let body = r#"{"size": 0, "aggs": {"x": {"avg": {"field": "f.b.d"}}}}"#;
    assert_eq!(domain("flat_object").ask("POST /a/_search", body).0, 400);
}

#[test]
fn parameters_are_refused() {
    let body = r#"{"mappings": {"properties": {"f": {"type": "flat_object", "index": false}}}}"#;
    let (status, reason) = Domain::opensearch().refused("PUT /b", body);
    assert_eq!(status, 400);
    assert!(
        reason.contains("Mapping definition for [f] has unsupported parameters:  [index : false]")
    );
}
