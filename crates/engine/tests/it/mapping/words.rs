//! `constant_keyword`, `wildcard`, `match_only_text`: the types of words that OpenSearch has beside `keyword` and `text`.
//! Elasticsearch 7.10 has none of them without its licensed parts; here both have them.

use crate::domain::Domain;

/// The ids of the hits of `query` with their scores, best first.
fn hits(domain: &Domain, query: &str) -> Vec<(String, f64)> {
    let body = format!(r#"{{"query": {query}}}"#);
    let found = domain.ok("POST /a/_search", &body);
    let hits = found["hits"]["hits"].as_array().unwrap().clone();
    hits.iter()
        .map(|hit| (hit["_id"].as_str().unwrap().to_owned(), hit["_score"].as_f64().unwrap()))
        .collect()
}

fn domain(field: &str, documents: &[&str]) -> Domain {
    let domain = Domain::opensearch();
    domain.ok("PUT /a", &format!(r#"{{"mappings": {{"properties": {{"f": {field}}}}}}}"#));
    for (id, document) in documents.iter().enumerate() {
        let (status, answer) = domain.ask(&format!("PUT /a/_doc/{id}?refresh=true"), document);
        assert_eq!(status, 201, "{answer}");
    }
    domain
}

fn of(ids: &[&str], score: f64) -> Vec<(String, f64)> {
    ids.iter().map(|id| ((*id).to_owned(), score)).collect()
}

#[test]
fn every_document_has_the_constant() {
    let domain = domain(
        r#"{"type": "constant_keyword", "value": "abc"}"#,
        &[r#"{"f": "abc"}"#, r#"{"n": 1}"#, r#"{"f": ["abc", "abc"]}"#],
    );
    for query in [
        r#"{"term": {"f": "abc"}}"#,
        r#"{"terms": {"f": ["abc", "x"]}}"#,
        r#"{"match": {"f": "abc"}}"#,
        r#"{"prefix": {"f": "ab"}}"#,
        r#"{"wildcard": {"f": "a*c"}}"#,
        r#"{"exists": {"field": "f"}}"#,
    ] {
        assert_eq!(hits(&domain, query), of(&["0", "1", "2"], 1.0), "{query}");
    }
    assert!(hits(&domain, r#"{"term": {"f": "x"}}"#).is_empty());
}

#[test]
fn another_value_than_the_constant_is_refused() {
    let domain = domain(r#"{"type": "constant_keyword", "value": "abc"}"#, &[]);
    let (status, answer) = domain.ask("PUT /a/_doc/9", r#"{"f": "x"}"#);
    assert_eq!(status, 400);
    assert_eq!(
        answer["error"]["caused_by"]["reason"],
        "constant keyword field [f] must have a value of [abc]"
    );
    assert_eq!(domain.ask("PUT /a/_doc/9", r#"{"f": null}"#).0, 400);
}

#[test]
fn a_constant_without_a_value_is_refused() {
    let domain = Domain::opensearch();
    let body = r#"{"mappings": {"properties": {"f": {"type": "constant_keyword"}}}}"#;
    let (status, reason) = domain.refused("PUT /a", body);
    assert_eq!(status, 400);
    assert!(reason.ends_with("Field [f] is missing required parameter [value]"), "{reason}");
}

#[test]
fn wildcard_fields_are_searched_by_patterns_and_score_one() {
    let domain = domain(
        r#"{"type": "wildcard"}"#,
        &[r#"{"f": "abc"}"#, r#"{"f": "ABC d"}"#, r#"{"f": ["abc", "zzz"]}"#],
    );
    for (query, ids) in [
        (r#"{"wildcard": {"f": "*b*"}}"#, &["0", "2"][..]),
        (r#"{"wildcard": {"f": {"value": "*B*", "case_insensitive": true}}}"#, &["0", "1", "2"]),
        (r#"{"regexp": {"f": "a.c"}}"#, &["0", "2"]),
        (r#"{"term": {"f": "abc"}}"#, &["0", "2"]),
        (r#"{"match": {"f": "ABC d"}}"#, &["1"]),
        (r#"{"prefix": {"f": "ab"}}"#, &["0", "2"]),
    ] {
        assert_eq!(hits(&domain, query), of(ids, 1.0), "{query}");
    }
}

#[test]
fn wildcard_fields_are_sorted_only_where_they_have_a_column() {
    let without = domain(r#"{"type": "wildcard"}"#, &[r#"{"f": "abc"}"#]);
    assert_eq!(without.ask("POST /a/_search", r#"{"sort": ["f"]}"#).0, 400);
    let told = without.ok("GET /a/_mapping", "");
    let field = &told["a"]["mappings"]["properties"]["f"];
    assert_eq!(*field, serde_json::json!({"type": "wildcard", "doc_values": false}));
    let with = domain(r#"{"type": "wildcard", "doc_values": true}"#, &[r#"{"f": "abc"}"#]);
    let sorted = with.ok("POST /a/_search", r#"{"sort": ["f"]}"#);
    assert_eq!(sorted["hits"]["hits"][0]["sort"][0], "abc");
}

#[test]
fn match_only_text_scores_one_for_each_word() {
    let domain = domain(
        r#"{"type": "match_only_text"}"#,
        &[r#"{"f": "abc def abc"}"#, r#"{"f": "abc"}"#, r#"{"f": ["def abc", "ghi"]}"#],
    );
    assert_eq!(hits(&domain, r#"{"term": {"f": "abc"}}"#), of(&["0", "1", "2"], 1.0));
    let two = hits(&domain, r#"{"match": {"f": "abc def"}}"#);
    assert_eq!(two, [of(&["0", "2"], 2.0), of(&["1"], 1.0)].concat());
    assert_eq!(hits(&domain, r#"{"match_phrase": {"f": "abc def"}}"#), of(&["0"], 1.0));
    assert!(hits(&domain, r#"{"match_phrase": {"f": "abc ghi"}}"#).is_empty());
}

#[test]
fn match_only_text_refuses_what_only_scores_need() {
    let domain = Domain::opensearch();
    for (parameter, value) in
        [("norms", "true"), ("index_phrases", "true"), ("index_prefixes", "{}")]
    {
        let body = format!(
            r#"{{"mappings": {{"properties": {{"f": {{"type": "match_only_text", "{parameter}": {value}}}}}}}}}"#
        );
        assert_eq!(domain.refused("PUT /a", &body).0, 400, "{parameter}");
    }
}
