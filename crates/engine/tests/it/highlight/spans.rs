//! What span queries and intervals find is marked.

use serde_json::json;

use crate::cases::{Setup, asks};

fn texts() -> Setup {
    Setup::index(
        "a",
        json!({"mappings": {"properties": {"t": {"type": "text"}, "u": {"type": "text"}, "s": {"type": "text", "analyzer": "stop"}}}}),
        json!([{"t": "the quick brown fox jumps over the lazy brown dog", "u": "quick quick fox", "s": "the fox and the dog of the house"}]),
    )
}

fn marked(query: serde_json::Value) -> serde_json::Value {
    json!({"query": query, "_source": false, "highlight": {"fields": {"t": {"number_of_fragments": 0}, "u": {"number_of_fragments": 0}}}})
}

fn term(field: &str, word: &str) -> serde_json::Value {
    json!({"span_term": {field: word}})
}

#[test]
fn a_term() {
    asks!(texts(), "POST /a/_search" => (marked(term("t", "brown"))));
}

#[test]
fn several_near_each_other() {
    let near = |slop: u64, in_order: bool, words: &[&str]| {
        let clauses: Vec<_> = words.iter().map(|word| term("t", word)).collect();
        marked(json!({"span_near": {"clauses": clauses, "slop": slop, "in_order": in_order}}))
    };
    asks!(
        texts(),
        "POST /a/_search" => (near(0, true, &["quick", "brown"])),
        "POST /a/_search" => (near(1, true, &["lazy", "dog"])),
        "POST /a/_search" => (near(3, false, &["fox", "brown"])),
        "POST /a/_search" => (near(10, true, &["brown", "dog"]))
    );
}

#[test]
fn one_of_several() {
    asks!(texts(), "POST /a/_search" => (marked(json!({"span_or": {"clauses": [term("t", "quick"), term("t", "lazy")]}}))));
}

#[test]
fn the_first() {
    asks!(
        texts(),
        "POST /a/_search" => (marked(json!({"span_first": {"match": term("t", "brown"), "end": 4}}))),
        "POST /a/_search" => (marked(json!({"span_first": {"match": term("t", "quick"), "end": 2}})))
    );
}

#[test]
fn all_but_those_near_others() {
    asks!(
        texts(),
        "POST /a/_search" => (marked(json!({"span_not": {"include": term("t", "brown"), "exclude": term("t", "dog"), "pre": 0, "post": 1}}))),
        "POST /a/_search" => (marked(json!({"span_not": {"include": term("t", "brown"), "exclude": term("t", "fox"), "post": 1}})))
    );
}

#[test]
fn those_within_others() {
    let near = json!({"span_near": {"clauses": [term("t", "quick"), term("t", "fox")], "slop": 2, "in_order": true}});
    asks!(
        texts(),
        "POST /a/_search" => (marked(json!({"span_within": {"little": term("t", "brown"), "big": near}}))),
        "POST /a/_search" => (marked(json!({"span_containing": {"little": term("t", "brown"), "big": near}})))
    );
}

#[test]
fn those_of_many_words() {
    asks!(
        texts(),
        "POST /a/_search" => (marked(json!({"span_multi": {"match": {"prefix": {"t": "br"}}}}))),
        "POST /a/_search" => (marked(json!({"span_multi": {"match": {"wildcard": {"t": "*o*"}}}}))),
        "POST /a/_search" => (marked(json!({"span_near": {"clauses": [{"span_multi": {"match": {"prefix": {"t": "laz"}}}}, {"span_multi": {"match": {"fuzzy": {"t": "browm"}}}}], "slop": 0, "in_order": true}})))
    );
}

#[test]
fn those_of_another_field() {
    let masked = json!({"span_near": {"clauses": [term("t", "quick"), {"field_masking_span": {"query": term("u", "quick"), "field": "t"}}], "slop": 5, "in_order": false}});
    asks!(texts(), "POST /a/_search" => (marked(masked)));
}

#[test]
fn intervals() {
    let of = |rule: serde_json::Value| marked(json!({"intervals": {"t": rule}}));
    asks!(
        texts(),
        "POST /a/_search" => (of(json!({"match": {"query": "quick fox", "max_gaps": 1, "ordered": true}}))),
        "POST /a/_search" => (of(json!({"match": {"query": "brown", "filter": {"before": {"match": {"query": "fox"}}}}}))),
        "POST /a/_search" => (of(json!({"any_of": {"intervals": [{"match": {"query": "lazy"}}, {"prefix": {"prefix": "qu"}}]}}))),
        "POST /a/_search" => (of(json!({"all_of": {"intervals": [{"match": {"query": "brown"}}, {"match": {"query": "dog"}}], "max_gaps": 0}})))
    );
}

#[test]
fn stop_words_are_not_marked() {
    let of = |query: serde_json::Value| json!({"query": query, "_source": false, "highlight": {"fields": {"s": {}, "t": {}}}});
    asks!(
        texts(),
        "POST /a/_search" => (of(json!({"match": {"s": "the fox"}}))),
        "POST /a/_search" => (of(json!({"match_phrase": {"s": "fox and the dog"}}))),
        "POST /a/_search" => (of(json!({"match_phrase": {"s": "dog of the house"}}))),
        "POST /a/_search" => (of(json!({"query_string": {"query": "the AND fox", "fields": ["s"]}}))),
        "POST /a/_search" => (of(json!({"match_phrase_prefix": {"s": "the fo"}}))),
        "POST /a/_search" => (of(json!({"multi_match": {"query": "the dog", "fields": ["s", "t"]}})))
    );
}

#[test]
fn every_highlighter_marks_them() {
    let of = |kind: &str| {
        let near = json!({"span_near": {"clauses": [term("t", "lazy"), term("t", "dog")], "slop": 1, "in_order": true}});
        json!({"query": near, "_source": false, "highlight": {"type": kind, "fields": {"t": {"number_of_fragments": 0}}}})
    };
    asks!(texts(), "POST /a/_search" => (of("plain")), "POST /a/_search" => (of("unified")));
}
