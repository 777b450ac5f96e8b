//! What a request can make grow has an end, and says so.

use crate::domain::Domain;
use engine::Budget;
use serde_json::{Value, json};

fn refusal(domain: &Domain, line: &str, body: &Value) -> (u16, String) {
    let (status, answer) = domain.ask(line, &body.to_string());
    let mut error = &answer["error"];
    while let Some(cause) = error.get("caused_by") {
        error = cause;
    }
    (status, error["reason"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_phrase_of_more_than_a_hundred_words_is_not_corrected() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /a", r#"{"mappings":{"properties":{"t":{"type":"text"}}}}"#);
    let body =
        json!({"suggest": {"s": {"text": "a", "phrase": {"field": "t", "token_limit": 101}}}});
    let wanted = (400, "[token_limit] must be at most [100]".to_owned());
    assert_eq!(refusal(&domain, "POST /a/_search", &body), wanted);
}

#[test]
fn patterns_that_mean_no_field_are_counted() {
    let domain = Domain::opensearch();
    domain.ok("PUT /a", "");
    let asked = |count: usize| {
        refusal(&domain, "POST /a/_search", &json!({"docvalue_fields": vec!["x*"; count]}))
    };
    assert_eq!(asked(100).0, 200);
    let (status, reason) = asked(101);
    assert_eq!(status, 400);
    assert!(reason.starts_with("Trying to retrieve too many docvalue_fields. "), "{reason}");
}

#[test]
fn sections_that_multiply_their_lists_come_to_an_end() {
    let domain = Domain::elasticsearch();
    let template = format!("{}x{}", "{{#a}}".repeat(10), "{{/a}}".repeat(10));
    let body = json!({
        "pipeline": {"processors": [{"set": {"field": "b", "value": template}}]},
        "docs": [{"_source": {"a": vec![1; 100]}}],
    });
    let answer = domain.ok("POST /_ingest/pipeline/_simulate", &body.to_string());
    let reason = answer["docs"][0]["error"]["reason"].as_str().unwrap();
    assert!(reason.contains("the templates make more than [2000000] pieces"), "{answer}");
}

#[test]
fn a_text_that_falls_into_too_many_parts_is_refused() {
    let domain = Domain::elasticsearch();
    let body = json!({
        "pipeline": {"processors": [{"split": {"field": "a", "separator": ","}}]},
        "docs": [{"_source": {"a": ",b".repeat(100_001)}}],
    });
    let answer = domain.ok("POST /_ingest/pipeline/_simulate", &body.to_string());
    let reason = answer["docs"][0]["error"]["reason"].as_str().unwrap();
    assert!(reason.contains("a text is split into more than [100000] parts"), "{reason}");
}

#[test]
fn words_of_one_meaning_are_not_multiplied_without_end() {
    let domain = Domain::elasticsearch();
    let words: Vec<String> = (0..1_100).map(|number| format!("w{number}")).collect();
    let body = json!({"settings": {"analysis": {
        "analyzer": {"a": {"tokenizer": "standard", "filter": ["s"]}},
        "filter": {"s": {"type": "synonym", "synonyms": [words.join(",")]}},
    }}});
    let wanted = (400, "a word has more than [1000] synonyms".to_owned());
    assert_eq!(refusal(&domain, "PUT /a", &body), wanted);
}

#[test]
fn an_index_has_at_most_1024_shards() {
    let domain = Domain::elasticsearch();
    let body = json!({"settings": {"number_of_shards": 1025}});
    let wanted =
        "Failed to parse value [1025] for setting [index.number_of_shards] must be <= 1024";
    assert_eq!(refusal(&domain, "PUT /a", &body), (400, wanted.to_owned()));
}

#[test]
fn an_input_that_can_be_read_in_too_many_ways_is_refused() {
    let domain = Domain::elasticsearch();
    let body = json!({
        "settings": {"analysis": {
            "analyzer": {"a": {"tokenizer": "standard", "filter": ["s"]}},
            "filter": {"s": {"type": "synonym_graph", "synonyms": ["a,b"]}},
        }},
        "mappings": {"properties": {"c": {"type": "completion", "analyzer": "a"}}},
    });
    domain.ok("PUT /a", &body.to_string());
    let wanted = (400, "a text can be analyzed in more than [1000] ways".to_owned());
    assert_eq!(refusal(&domain, "PUT /a/_doc/1", &json!({"c": "a ".repeat(20)})), wanted);
    let suggest = json!({"prefix": "a ".repeat(20), "completion": {"field": "c"}});
    assert_eq!(refusal(&domain, "POST /a/_search", &json!({"suggest": {"s": suggest}})), wanted);
}

#[test]
fn inputs_in_many_contexts_have_an_end() {
    let domain = Domain::elasticsearch();
    let contexts = json!([{"name": "c", "type": "category"}]);
    let body = json!({"mappings": {"properties": {
        "c": {"type": "completion", "max_input_length": 50_000, "analyzer": "keyword", "contexts": contexts},
    }}});
    domain.ok("PUT /a", &body.to_string());
    let many: Vec<String> = (0..1000).map(|number| format!("c{number}")).collect();
    let long = json!({"c": {"input": "a".repeat(20_000), "contexts": {"c": many}}});
    let (status, reason) = refusal(&domain, "PUT /a/_doc/1", &long);
    assert!(status == 400 && reason.contains("are too long"), "{reason}");
}

#[test]
fn the_new_name_of_a_restored_index_is_bounded() {
    let domain = Domain::opensearch();
    domain.ok("PUT /_snapshot/r", r#"{"type":"fs","settings":{"location":"r"}}"#);
    let name = "a".repeat(250);
    domain.ok(&format!("PUT /{name}"), "");
    domain.ok("PUT /_snapshot/r/s", "{}");
    let grown = "$0".repeat(500);
    let body = format!(r#"{{"rename_pattern":".*","rename_replacement":"{grown}"}}"#);
    assert_eq!(domain.refused("POST /_snapshot/r/s/_restore", &body).0, 400);
    let long = "x".repeat(2000);
    let body = format!(r#"{{"rename_pattern":"{long}","rename_replacement":"y"}}"#);
    assert_eq!(domain.refused("POST /_snapshot/r/s/_restore", &body).0, 400);
}

#[test]
fn a_range_without_end_is_in_no_more_intervals_than_there_is_memory_for() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /a", r#"{"mappings":{"properties":{"r":{"type":"long_range"}}}}"#);
    domain.ask("PUT /a/_doc/1?refresh=true", r#"{"r":{"gte":0}}"#);
    let body =
        json!({"size": 0, "aggs": {"h": {"histogram": {"field": "r", "interval": 1}}}}).to_string();
    let (status, text) = domain.within(&Budget::new("request", 1 << 20), "POST /a/_search", &body);
    assert_eq!(status, 429, "{text}");
}

#[test]
fn words_of_a_text_are_read_into_no_more_than_the_memory_that_there_is() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /a", r#"{"mappings":{"properties":{"t":{"type":"text","fielddata":true}}}}"#);
    let words: Vec<String> = (0..5_000).map(|number| format!("w{number}")).collect();
    domain.ask("PUT /a/_doc/1?refresh=true", &json!({"t": words.join(" ")}).to_string());
    let body = json!({"size": 0, "aggs": {"h": {"cardinality": {"field": "t"}}}}).to_string();
    let (status, text) = domain.within(&Budget::new("request", 1 << 17), "POST /a/_search", &body);
    assert_eq!(status, 429, "{text}");
}

#[test]
fn aliases_of_all_indices_are_counted_and_a_request_beyond_the_limit_adds_none() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /a", "");
    domain.ok("PUT /b", "");
    let add = |names: std::ops::Range<usize>| {
        let names: Vec<String> = names.map(|at| format!("n{at}")).collect();
        let actions = json!({"actions": [{"add": {"indices": ["a", "b"], "aliases": names}}]});
        refusal(&domain, "POST /_aliases", &actions)
    };
    assert_eq!(add(0..10_000).0, 200);
    let (status, reason) = add(10_000..10_001);
    assert_eq!(status, 400);
    assert!(
        reason.contains("[20001] are more than the [20000] that a domain may have"),
        "{reason}"
    );
    assert_eq!(domain.text("HEAD /_alias/n10000", "").0, 404);
    let (status, reason) = refusal(&domain, "PUT /c", &json!({"aliases": {"c1": {}}}));
    assert!(status == 400 && reason.contains("[20001] are more than"), "{reason}");
    domain.ok("DELETE /a", "");
    domain.ok("PUT /c", r#"{"aliases": {"c1": {}}}"#);
}

#[test]
fn what_filters_of_aliases_take_is_counted_for_each_alias() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /a", "");
    let names: Vec<String> = (0..2_000).map(|at| format!("n{at}")).collect();
    let filter = json!({"match": {"t": "x".repeat(20_000)}});
    let action = json!({"add": {"index": "a", "aliases": names, "filter": filter}});
    let (status, reason) = refusal(&domain, "POST /_aliases", &json!({"actions": [action]}));
    assert_eq!(status, 400);
    assert!(reason.contains("bytes, more than the [33554432] that a domain may have"), "{reason}");
    assert_eq!(domain.text("HEAD /_alias/n0", "").0, 404);
}
