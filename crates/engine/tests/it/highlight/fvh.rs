//! The highlighter `fvh`.

use serde_json::{Value, json};

use super::FABLE;
use crate::cases::{Setup, asks};
use crate::domain::Domain;

/// Long texts with term vectors: of sentences, of other scripts than Latin, of several values.
fn texts() -> Setup {
    let russian = "Голодная кума Лиса залезла в сад; в нём винограду кисти рделись. У кумушки глаза и зубы разгорелись; а кисти сочные \
        как яхонты горят; лишь то беда, висят они высоко: отколь и как она к ним ни зайдёт, хоть видит око, да зуб неймёт.";
    let vectors = json!({"type": "text", "term_vector": "with_positions_offsets"});
    Setup::index(
        "a",
        json!({"mappings": {"properties": {"t": vectors, "r": vectors, "m": vectors, "plain": {"type": "text"},
            "e": {"type": "text", "analyzer": "english", "term_vector": "with_positions_offsets"}}}}),
        json!([{
            "t": FABLE, "e": FABLE, "r": russian, "plain": FABLE,
            "m": ["a fox", "no animal here", "", "the fox and the other fox, and one more fox that is behind all of them", "😀 fox 😀😀"]
        }]),
    )
}

/// A search for `query` whose field is highlighted with `options`.
fn marked(query: Value, field: &str, mut options: Value) -> Value {
    options["type"] = "fvh".into();
    json!({"query": query, "_source": false, "highlight": {"fields": {field: options}}})
}

fn found(field: &str, words: &str, options: Value) -> Value {
    marked(json!({"match": {field: words}}), field, options)
}

#[test]
fn fragments_lie_around_what_was_found() {
    asks!(
        texts(),
        "POST /a/_search" => (found("t", "fox", json!({}))),
        "POST /a/_search" => (found("t", "fox grapes just", json!({"fragment_size": 50}))),
        "POST /a/_search" => (found("e", "jumping", json!({"fragment_size": 30}))),
        "POST /a/_search" => (found("t", "sour", json!({"number_of_fragments": 1}))),
        "POST /a/_search" => (found("r", "кисти лиса", json!({"fragment_size": 30}))),
        "POST /a/_search" => (found("r", "лиса", json!({})))
    );
}

#[test]
fn the_best_may_come_first() {
    let boosted = json!({"bool": {"should": [{"match": {"t": {"query": "sour", "boost": 3}}}, {"match": {"t": "fox just grapes"}}]}});
    asks!(
        texts(),
        "POST /a/_search" => (found("t", "fox grapes just", json!({"order": "score", "fragment_size": 60, "number_of_fragments": 3}))),
        "POST /a/_search" => (marked(boosted, "t", json!({"order": "score", "fragment_size": 40})))
    );
}

#[test]
fn no_fragments_are_the_whole_of_each_value() {
    asks!(
        texts(),
        "POST /a/_search" => (found("t", "fox", json!({"number_of_fragments": 0}))),
        "POST /a/_search" => (found("m", "fox", json!({"number_of_fragments": 0})))
    );
}

#[test]
fn fragments_are_of_one_value_each() {
    asks!(
        texts(),
        "POST /a/_search" => (found("m", "fox", json!({}))),
        "POST /a/_search" => (found("m", "fox other", json!({"fragment_size": 20}))),
        "POST /a/_search" => (found("m", "fox", json!({"fragment_size": 20, "order": "score"})))
    );
}

#[test]
fn words_of_a_phrase_are_marked_together() {
    let phrase =
        |words: &str, slop: u64| json!({"match_phrase": {"t": {"query": words, "slop": slop}}});
    asks!(
        texts(),
        "POST /a/_search" => (marked(phrase("quench my thirst", 0), "t", json!({}))),
        "POST /a/_search" => (marked(phrase("again and again", 0), "t", json!({"fragment_size": 20}))),
        "POST /a/_search" => (marked(phrase("run jump", 2), "t", json!({"fragment_size": 40}))),
        "POST /a/_search" => (marked(json!({"match_phrase_prefix": {"t": "tempting mor"}}), "t", json!({"fragment_size": 30}))),
        "POST /a/_search" => (marked(json!({"prefix": {"t": "gr"}}), "t", json!({"fragment_size": 30})))
    );
}

#[test]
fn terms_have_tags_in_turn() {
    let tags =
        json!({"pre_tags": ["<a>", "<b>"], "post_tags": ["</a>", "</b>"], "fragment_size": 100});
    let mut styled = found("t", "fox grapes", json!({}));
    styled["highlight"]["tags_schema"] = "styled".into();
    asks!(
        texts(),
        "POST /a/_search" => (found("t", "fox grapes just", tags)),
        "POST /a/_search" => (styled)
    );
}

#[test]
fn a_fragment_ends_where_a_boundary_is_near() {
    let grapes = |options: Value| found("t", "vine sour", options);
    asks!(
        texts(),
        "POST /a/_search" => (grapes(json!({"fragment_size": 40}))),
        "POST /a/_search" => (grapes(json!({"fragment_size": 40, "boundary_chars": ".", "boundary_max_scan": 200}))),
        "POST /a/_search" => (grapes(json!({"fragment_size": 40, "boundary_chars": "x", "boundary_max_scan": 5}))),
        "POST /a/_search" => (grapes(json!({"fragment_size": 40, "boundary_scanner": "word"}))),
        "POST /a/_search" => (grapes(json!({"fragment_size": 40, "boundary_scanner": "sentence"}))),
        "POST /a/_search" => (grapes(json!({"fragment_size": 40, "fragment_offset": 0}))),
        "POST /a/_search" => (grapes(json!({"fragment_size": 40, "fragment_offset": 12})))
    );
}

#[test]
fn a_field_without_a_match_shows_its_begin() {
    asks!(
        texts(),
        "POST /a/_search" => (marked(json!({"match_all": {}}), "t", json!({"no_match_size": 20}))),
        "POST /a/_search" => (marked(json!({"match_all": {}}), "m", json!({"no_match_size": 3}))),
        "POST /a/_search" => (marked(json!({"match_all": {}}), "m", json!({"no_match_size": 9})))
    );
}

#[test]
fn a_field_without_vectors_and_fragments_that_are_too_small_are_refused() {
    let mut every = found("t", "fox", json!({}));
    every["highlight"] = json!({"fields": {"*": {"type": "fvh", "require_field_match": false, "number_of_fragments": 1}}});
    asks!(
        texts(),
        "POST /a/_search" => (found("plain", "fox", json!({}))),
        "POST /a/_search" => (found("t", "fox", json!({"fragment_size": 17}))),
        "POST /a/_search" => (found("t", "fox", json!({"fragment_size": 18, "number_of_fragments": 1}))),
        "POST /a/_search" => (every)
    );
}

#[test]
fn no_more_phrases_than_asked_are_looked_at() {
    asks!(texts(), "POST /a/_search" => (found("t", "fox", json!({"phrase_limit": 1}))));
}

/// How many fragments the one document of `values` has with `options`.
fn count(values: &Value, options: Value) -> usize {
    let domain = Domain::opensearch();
    let vectors = json!({"type": "text", "term_vector": "with_positions_offsets"});
    domain.ok("PUT /i", &json!({"mappings": {"properties": {"t": vectors}}}).to_string());
    domain.ask("PUT /i/_doc/1?refresh=true", &json!({ "t": values }).to_string());
    let (status, answer) = domain.ask("POST /i/_search", &found("t", "fox", options).to_string());
    assert_eq!(status, 200, "{answer:.500}");
    answer["hits"]["hits"][0]["highlight"]["t"].as_array().map_or(0, Vec::len)
}

/// Neither all values nor the text from its start are gone through again for each fragment.
#[test]
fn many_fragments_of_many_values_or_long_sentences_are_cut_in_one_go() {
    let many = |options: Value| {
        let mut all = json!({"fragment_size": 18, "number_of_fragments": 1_000_000, "phrase_limit": 1_000_000});
        all.as_object_mut().unwrap().extend(options.as_object().cloned().unwrap());
        all
    };
    let values: Vec<&str> = vec!["fox"; 60_000];
    let values = json!(values);
    // Each fragment has room for four; the fifth begins in it and ends behind it, and is passed over.
    assert_eq!(count(&values, many(json!({}))), 48_000);
    assert_eq!(count(&values, many(json!({"number_of_fragments": 0}))), 60_000);
    // Of one sentence that long each fragment would be the whole.
    let long = json!("Fox and vine and grape. ".repeat(20_000));
    for scanner in ["word", "sentence"] {
        let found = count(&long, many(json!({"boundary_scanner": scanner})));
        assert!(found >= 10_000, "{scanner}: {found}");
    }
}

/// A text and what is made of it otherwise, all with term vectors.
fn stemmed() -> Setup {
    let vectors = |analyzer: &str| json!({"type": "text", "analyzer": analyzer, "term_vector": "with_positions_offsets"});
    let mut text = vectors("english");
    text["fields"] = json!({"plain": vectors("standard"), "simple": vectors("simple"), "bare": {"type": "text"}});
    Setup::index(
        "a",
        json!({"mappings": {"properties": {"t": text, "u": vectors("standard")}}}),
        json!([{
            "t": ["running with scissors while others run with a scissor", "the runner ran, and runs on"],
            "u": "running elsewhere"
        }]),
    )
}

#[test]
fn words_of_several_fields_count_as_those_of_one() {
    let both =
        json!({"query_string": {"query": "running scissors", "fields": ["t", "t.plain^10"]}});
    let phrase = json!({"bool": {"should": [{"match_phrase": {"t": "run with scissors"}}, {"match": {"t.plain": "with run"}}]}});
    let mut loose = marked(
        json!({"match": {"u": "running"}}),
        "t",
        json!({"matched_fields": ["t", "t.plain"]}),
    );
    loose["highlight"]["require_field_match"] = false.into();
    asks!(
        stemmed(),
        "POST /a/_search" => (marked(both.clone(), "t", json!({"matched_fields": ["t", "t.plain"]}))),
        "POST /a/_search" => (marked(both.clone(), "t", json!({"matched_fields": ["t.plain"]}))),
        "POST /a/_search" => (marked(both.clone(), "t", json!({"matched_fields": ["t", "t.plain"], "order": "score", "fragment_size": 20, "number_of_fragments": 2}))),
        "POST /a/_search" => (marked(both.clone(), "t", json!({"matched_fields": ["t", "t.plain"], "number_of_fragments": 0}))),
        "POST /a/_search" => (marked(both.clone(), "t", json!({"matched_fields": []}))),
        "POST /a/_search" => (marked(both.clone(), "t", json!({"matched_fields": ["none", "t.bare", "t.plain"]}))),
        "POST /a/_search" => (marked(both.clone(), "t", json!({"matched_fields": ["none"]}))),
        "POST /a/_search" => (marked(both.clone(), "t.plain", json!({"matched_fields": ["t"]}))),
        "POST /a/_search" => (marked(phrase, "t", json!({"matched_fields": ["t", "t.plain", "t.simple"]}))),
        "POST /a/_search" => (marked(both, "t", json!({"matched_fields": "t.plain"})))
    );
}
