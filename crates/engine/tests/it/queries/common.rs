//! `common` and `cutoff_frequency`: frequent words only add to the score.

use serde_json::{Value, json};

use crate::cases::{Setup, asks};

fn sentences() -> Setup {
    let texts =
        ["the quick brown fox", "the lazy dog", "the the fox", "a quick dog", "the cow", "quick"];
    let documents = texts.map(|text| json!({"x": text, "y": "the end"}));
    let properties = json!({"x": {"type": "text"}, "y": {"type": "text"}});
    Setup::index("a", json!({"mappings": {"properties": properties}}), json!(documents))
}

#[test]
fn rare_words_must_match() {
    let common = |options: Value| {
        let mut query = json!({"query": "the quick fox"});
        query.as_object_mut().unwrap().extend(options.as_object().cloned().unwrap_or_default());
        json!({"query": {"common": {"x": query}}, "_source": false})
    };
    asks!(
        sentences(),
        "POST /a/_search" => (common(json!({}))),
        "POST /a/_search" => (common(json!({"cutoff_frequency": 0.5}))),
        "POST /a/_search" => (common(json!({"cutoff_frequency": 2}))),
        "POST /a/_search" => (common(json!({"cutoff_frequency": 0.5, "low_freq_operator": "and"}))),
        "POST /a/_search" => (common(json!({"cutoff_frequency": 0.1, "query": "the quick"}))),
        "POST /a/_search" => (common(json!({"cutoff_frequency": 0.01, "high_freq_operator": "or"}))),
        "POST /a/_search" => (common(json!({"cutoff_frequency": 0.5, "minimum_should_match": 2}))),
        "POST /a/_search" => (common(json!({"cutoff_frequency": 0.01, "minimum_should_match": {"low_freq": 1, "high_freq": 2}}))),
        "POST /a/_search" => (common(json!({"cutoff_frequency": 0.5, "analyzer": "whitespace", "boost": 2}))),
        "POST /a/_search" => (common(json!({"query": ""}))),
        "POST /a/_search" => (common(json!({"query": "the"}))),
        "POST /a/_search" => (common(json!({"surprise": 1}))),
        "POST /a/_search" => (common(json!({"minimum_should_match": {"x": 1}}))),
        "POST /a/_search" => {"query": {"common": {"x": "the quick"}}, "_source": false},
        "POST /a/_search" => {"query": {"common": {"surprise": {"query": "a"}}}},
        "POST /a/_search" => {"query": {"common": {"x": {}}}},
        "POST /a/_search" => {"query": {"common": {}}},
    );
}

#[test]
fn texts_of_other_queries_may_have_a_cutoff() {
    let matching = |options: Value| {
        let mut query = json!({"query": "the quick fox"});
        query.as_object_mut().unwrap().extend(options.as_object().cloned().unwrap_or_default());
        json!({"query": {"match": {"x": query}}, "_source": false})
    };
    let several = |kind: &str| {
        let query = json!({"query": "the quick", "fields": ["x", "y"], "cutoff_frequency": 0.5, "type": kind});
        json!({"query": {"multi_match": query}, "_source": false})
    };
    asks!(
        sentences(),
        "POST /a/_search" => (matching(json!({"cutoff_frequency": 0.5}))),
        "POST /a/_search" => (matching(json!({"cutoff_frequency": 0.5, "operator": "and"}))),
        "POST /a/_search" => (matching(json!({"cutoff_frequency": 0.01}))),
        "POST /a/_search" => (matching(json!({"cutoff_frequency": 0.5, "minimum_should_match": 2}))),
        "POST /a/_search" => (matching(json!({"cutoff_frequency": 0.5, "query": "the"}))),
        "POST /a/_search" => (matching(json!({"cutoff_frequency": "x"}))),
        "POST /a/_search" => (several("best_fields")),
        "POST /a/_search" => (several("phrase")),
        "POST /a/_search" => (several("bool_prefix")),
        "POST /a/_search" => {"query": {"match_bool_prefix": {"x": {"query": "the quick", "cutoff_frequency": 0.5}}}},
    );
}
