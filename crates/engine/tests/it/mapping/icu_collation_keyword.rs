//! `icu_collation_keyword`: of a plugin that Amazon's service has and the reference servers have not. What it does is in the
//! plugin's documentation; the orders are those of ICU4J 74.2.

use serde_json::{Value, json};

use crate::domain::Domain;

fn domain() -> Domain {
    let domain = Domain::opensearch();
    let mapping = json!({"mappings": {"properties": {"name": {"type": "text", "fields": {
        "de": {"type": "icu_collation_keyword", "language": "de", "country": "DE", "variant": "@collation=phonebook"},
        "sv": {"type": "icu_collation_keyword", "language": "sv"},
        "same": {"type": "icu_collation_keyword", "strength": "primary"},
    }}}}});
    domain.ok("PUT /a", &mapping.to_string());
    for (id, name) in ["Af", "Ähre", "Ad", "ähnlich", "Zebra"].iter().enumerate() {
        let document = json!({ "name": name }).to_string();
        let (status, _) = domain.ask(&format!("PUT /a/_doc/{id}?refresh=true"), &document);
        assert_eq!(status, 201);
    }
    domain
}

fn names(domain: &Domain, body: Value) -> String {
    let found = domain.ok("POST /a/_search", &body.to_string());
    let hits = found["hits"]["hits"].as_array().unwrap();
    let names: Vec<&str> =
        hits.iter().map(|hit| hit["_source"]["name"].as_str().unwrap()).collect();
    names.join(" ")
}

#[test]
fn hits_are_sorted_as_the_language_orders_them() {
    let domain = domain();
    let by = |field: &str, order: &str| names(&domain, json!({"sort": [{field: order}]}));
    assert_eq!(by("name.de", "asc"), "Ad ähnlich Ähre Af Zebra");
    assert_eq!(by("name.de", "desc"), "Zebra Af Ähre ähnlich Ad");
    assert_eq!(by("name.sv", "asc"), "Ad Af Zebra ähnlich Ähre");
}

#[test]
fn what_counts_the_same_is_found_as_one_term() {
    let domain = domain();
    let of = |query: Value| names(&domain, json!({"query": query, "sort": ["_doc"]}));
    assert_eq!(of(json!({"term": {"name.same": "AHRE"}})), "Ähre");
    assert_eq!(of(json!({"match": {"name.same": "ahnlich"}})), "ähnlich");
    assert_eq!(of(json!({"terms": {"name.same": ["zebra", "ad"]}})), "Ad Zebra");
    assert_eq!(of(json!({"term": {"name.de": "ahre"}})), "");
    assert_eq!(of(json!({"exists": {"field": "name.de"}})), "Af Ähre Ad ähnlich Zebra");
}

#[test]
fn a_range_goes_by_the_order_of_the_language() {
    let domain = domain();
    let of = |field: &str| {
        let range = json!({"range": {field: {"gte": "ad", "lt": "b"}}});
        names(&domain, json!({"query": range, "sort": ["name.de"]}))
    };
    assert_eq!(of("name.de"), "Ad ähnlich Ähre Af");
    assert_eq!(of("name.sv"), "Ad Af");
}

#[test]
fn fields_show_the_value_and_buckets_count_what_is_the_same() {
    let domain = domain();
    let body = json!({"query": {"ids": {"values": ["1"]}}, "fields": ["name.de"]});
    let found = domain.ok("POST /a/_search", &body.to_string());
    assert_eq!(found["hits"]["hits"][0]["fields"]["name.de"], json!(["Ähre"]));
    let document = json!({"name": "AHRE"}).to_string();
    domain.ask("PUT /a/_doc/9?refresh=true", &document);
    let aggs = json!({"size": 0, "aggs": {
        "same": {"cardinality": {"field": "name.same"}},
        "each": {"cardinality": {"field": "name.sv"}},
    }});
    let found = domain.ok("POST /a/_search", &aggs.to_string());
    let aggs = &found["aggregations"];
    assert_eq!((&aggs["same"]["value"], &aggs["each"]["value"]), (&json!(5), &json!(6)));
}

#[test]
fn parts_of_a_value_are_not_searched() {
    let domain = domain();
    for query in ["prefix", "wildcard", "regexp", "fuzzy"] {
        let body = json!({"query": {query: {"name.de": "a"}}});
        let (status, answer) = domain.ask("POST /a/_search", &body.to_string());
        assert_eq!(status, 400, "{query}: {answer}");
    }
}

#[test]
fn an_order_that_is_none_is_refused() {
    let domain = Domain::opensearch();
    for (parameter, value, seen) in [
        ("strength", json!("huge"), "Invalid strength: huge"),
        ("alternate", json!("x"), "Invalid alternate: x"),
        ("case_first", json!("x"), "Invalid caseFirst: x"),
        ("decomposition", json!("x"), "Invalid decomposition: x"),
        ("variant", json!("@collation=phonebook"), "language is required"),
        ("rules", json!("& a < b"), "rules"),
    ] {
        let field = json!({"type": "icu_collation_keyword", parameter: value});
        let body = json!({"mappings": {"properties": {"f": field}}});
        let (status, answer) = domain.ask("PUT /b", &body.to_string());
        assert!(status == 400 && answer.to_string().contains(seen), "{answer}");
    }
}
