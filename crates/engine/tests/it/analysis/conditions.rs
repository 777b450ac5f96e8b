//! `condition` and `predicate_token_filter`. The servers that are asked for recordings run without the list of what a script may
//! call of a token, so what is expected stands here: it is what Elasticsearch's reference and its own suite tell.

use serde_json::{Value, json};

use crate::domain::Domain;

/// The words that filters make of a text.
fn words(filters: &Value, text: &str) -> Vec<String> {
    let asked = json!({"tokenizer": "standard", "filter": filters, "text": text});
    let (status, answer) = Domain::elasticsearch().ask("POST /_analyze", &asked.to_string());
    assert_eq!(status, 200, "{answer}");
    let tokens = answer["tokens"].as_array().unwrap();
    tokens.iter().map(|token| token["token"].as_str().unwrap().to_owned()).collect()
}

fn refusal(filters: &Value) -> String {
    let asked = json!({"tokenizer": "standard", "filter": filters, "text": "a"});
    let (status, answer) = Domain::elasticsearch().ask("POST /_analyze", &asked.to_string());
    assert_eq!(status, 400, "{answer}");
    answer.to_string()
}

fn predicate(source: &str) -> Value {
    json!({"type": "predicate_token_filter", "script": {"source": source}})
}

#[test]
fn a_predicate_keeps_the_tokens_of_which_a_script_says_so() {
    let long = predicate("token.term.length() > 3");
    let found = words(&json!([long]), "the fox jumps over the lazy dog");
    assert_eq!(found, ["jumps", "over", "lazy"]);
}

#[test]
fn a_script_sees_positions_offsets_and_types() {
    let text = "fox 2 jumps over the dog";
    let asked = |source: &str| words(&json!(["stop", predicate(source)]), text);
    assert_eq!(asked("token.positionIncrement > 1 || token.getStartOffset() == 0"), ["fox", "dog"]);
    assert_eq!(asked("token.type == '<NUM>' || token.position > 3"), ["2", "dog"]);
    assert_eq!(asked("token.endOffset < 6 && token.keyword == false"), ["fox", "2"]);
    assert_eq!(asked("token.isKeyword() || token.positionLength != 1"), Vec::<String>::new());
}

#[test]
fn filters_may_be_for_some_tokens_alone() {
    let condition = |filters: &[&str]| json!([{"type": "condition", "filter": filters, "script": {"source": "token.getTerm().length() < 5"}}]);
    assert_eq!(
        words(&condition(&["lowercase"]), "THE QUICK BROWN FOX"),
        ["the", "QUICK", "BROWN", "fox"]
    );
    assert_eq!(words(&condition(&["lowercase", "stop"]), "THE QUICK AND FOX"), ["QUICK", "fox"]);
}

#[test]
fn a_script_must_be_there_and_compile() {
    let missing = refusal(&json!([{"type": "predicate_token_filter", "script": {}}]));
    assert!(missing.contains("must specify either [source]"), "{missing}");
    let unknown = refusal(&json!([predicate("token.surprise")]));
    assert!(unknown.contains("compile error"), "{unknown}");
    let stored = refusal(&json!([{"type": "predicate_token_filter", "script": {"id": "x"}}]));
    assert!(stored.contains("Cannot use stored scripts in tokenfilter"), "{stored}");
}

#[test]
fn a_condition_names_filters_that_there_are() {
    let condition = |filters: Value| json!([{"type": "condition", "filter": filters, "script": {"source": "true"}}]);
    let unknown = refusal(&condition(json!(["nobody"])));
    assert!(unknown.contains("refers to undefined token filter [nobody]"), "{unknown}");
    let none = refusal(&condition(json!([])));
    assert!(none.contains("Empty list of filters provided to tokenfilter"), "{none}");
}

/// An index whose analyzer has one filter.
fn filtered(filter: &Value) -> Domain {
    let domain = Domain::elasticsearch();
    let index = json!({
        "settings": {"analysis": {"filter": {"f": filter}, "analyzer": {"x": {"tokenizer": "whitespace", "filter": ["f"]}}}},
        "mappings": {"properties": {"t": {"type": "text", "analyzer": "x"}}}
    });
    assert_eq!(domain.ask("PUT /a", &index.to_string()).0, 200);
    domain
}

#[test]
fn documents_are_indexed_through_conditions() {
    let domain = filtered(
        &json!({"type": "condition", "filter": ["lowercase"], "script": {"source": "token.term.length() < 5"}}),
    );
    domain.ask("PUT /a/_doc/1?refresh=true", r#"{"t": "THE QUIET FOUR"}"#);
    let count = |term: &str| {
        let body = json!({"query": {"term": {"t": term}}}).to_string();
        domain.ask("POST /a/_count", &body).1["count"].clone()
    };
    assert_eq!((count("four"), count("quiet"), count("QUIET")), (json!(1), json!(0), json!(1)));
}

#[test]
fn a_multiplexer_runs_the_scripts_in_it_and_tells_what_they_fail_by() {
    let domain = Domain::elasticsearch();
    let index = json!({"settings": {"analysis": {
        "filter": {
            "long": predicate("token.term.length() > 3"),
            "fails": predicate("1 / token.position > 0"),
            "some": {"type": "multiplexer", "filters": ["long"], "preserve_original": false},
            "none": {"type": "multiplexer", "filters": ["fails"]}
        },
        "analyzer": {
            "x": {"tokenizer": "whitespace", "filter": ["some"]},
            "y": {"tokenizer": "whitespace", "filter": ["none"]}
        }
    }}, "mappings": {"properties": {"t": {"type": "text", "analyzer": "y"}}}});
    assert_eq!(domain.ask("PUT /a", &index.to_string()).0, 200);
    let (_, answer) =
        domain.ask("POST /a/_analyze", r#"{"analyzer": "x", "text": "the quiet fox"}"#);
    assert_eq!(answer["tokens"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["tokens"][0]["token"], "quiet");
    assert_eq!(domain.ask("PUT /a/_doc/1", r#"{"t": "one"}"#).0, 400);
}

#[test]
fn a_script_of_tokens_that_fails_refuses_the_document() {
    let domain = filtered(&predicate("1 / token.position > 0"));
    let (status, answer) = domain.ask("PUT /a/_doc/1", r#"{"t": "one"}"#);
    assert_eq!(status, 400, "{answer}");
    assert!(answer.to_string().contains("runtime error"), "{answer}");
    let long = json!({"t": "one ".repeat(100_000)}).to_string();
    assert_eq!(domain.ask("PUT /a/_doc/1", &long).0, 400);
    assert_eq!(domain.ask("POST /a/_analyze", r#"{"analyzer": "x", "text": "one"}"#).0, 400);
}
