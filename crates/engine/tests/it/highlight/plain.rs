//! The highlighter `plain`, and where fragments are cut.

use serde_json::{Value, json};

use super::FABLE;
use crate::cases::{Setup, asks};

/// Long texts: of sentences, of other scripts than Latin, of several values.
fn texts() -> Setup {
    let russian = "Голодная кума Лиса залезла в сад; в нём винограду кисти рделись. У кумушки глаза и зубы разгорелись; а кисти сочные \
        как яхонты горят; лишь то беда, висят они высоко: отколь и как она к ним ни зайдёт, хоть видит око, да зуб неймёт. Пробившись \
        попусту час целой, лиса пошла и говорит с досадою: ну, что ж! На взгляд-то он хорош, да зелен.";
    Setup::index(
        "a",
        json!({"mappings": {"properties": {
            "t": {"type": "text"}, "e": {"type": "text", "analyzer": "english"}, "r": {"type": "text"}, "m": {"type": "text"},
            "k": {"type": "keyword"}, "s": {"type": "text", "store": true}
        }}}),
        json!([{
            "t": FABLE, "e": FABLE, "r": russian, "s": FABLE,
            "m": ["a fox", "no animal here", "the fox and the other fox, and one more fox that is behind all of them", "😀 fox 😀😀"],
            "k": ["fox", "dog"]
        }]),
    )
}

/// A search for `query` whose field is highlighted with `options`.
fn marked(query: Value, field: &str, options: Value) -> Value {
    json!({"query": query, "_source": false, "highlight": {"fields": {field: options}}})
}

fn plain(field: &str, words: &str, mut options: Value) -> Value {
    options["type"] = "plain".into();
    marked(json!({"match": {field: words}}), field, options)
}

#[test]
fn a_text_is_cut_at_tokens() {
    asks!(
        texts(),
        "POST /a/_search" => (plain("t", "fox", json!({}))),
        "POST /a/_search" => (plain("t", "fox grapes", json!({}))),
        "POST /a/_search" => (plain("e", "jumping", json!({}))),
        "POST /a/_search" => (plain("s", "vine", json!({}))),
        "POST /a/_search" => (plain("t", "fox", json!({"fragment_size": 20}))),
        "POST /a/_search" => (plain("t", "fox just", json!({"fragment_size": 30, "number_of_fragments": 2})))
    );
}

#[test]
fn a_simple_fragmenter_cuts_by_size_alone() {
    asks!(
        texts(),
        "POST /a/_search" => (plain("t", "fox", json!({"fragmenter": "simple"}))),
        "POST /a/_search" => (plain("t", "sour", json!({"fragmenter": "simple", "fragment_size": 40}))),
        "POST /a/_search" => (plain("t", "sour", json!({"fragmenter": "span", "fragment_size": 40}))),
        "POST /a/_search" => (plain("t", "sour", json!({"fragmenter": "surprise"}))),
        "POST /a/_search" => (marked(json!({"match": {"t": "sour"}}), "t", json!({"fragmenter": "simple"}))),
        "POST /a/_search" => (marked(json!({"match": {"t": "sour"}}), "t", json!({"fragmenter": "surprise"})))
    );
}

#[test]
fn no_fragments_are_the_whole_of_each_value() {
    asks!(
        texts(),
        "POST /a/_search" => (plain("t", "fox", json!({"number_of_fragments": 0}))),
        "POST /a/_search" => (plain("m", "fox", json!({"number_of_fragments": 0}))),
        "POST /a/_search" => (plain("k", "fox", json!({"number_of_fragments": 0})))
    );
}

#[test]
fn fragments_of_several_values_are_those_of_each() {
    asks!(
        texts(),
        "POST /a/_search" => (plain("m", "fox", json!({}))),
        "POST /a/_search" => (plain("m", "fox", json!({"fragment_size": 12}))),
        "POST /a/_search" => (plain("m", "fox other", json!({"order": "score", "fragment_size": 18}))),
        "POST /a/_search" => (plain("m", "fox", json!({"number_of_fragments": 1}))),
        "POST /a/_search" => (plain("k", "fox", json!({})))
    );
}

#[test]
fn a_phrase_is_not_cut() {
    let phrase =
        |words: &str, slop: u64| json!({"match_phrase": {"t": {"query": words, "slop": slop}}});
    let sized = |size: u64| json!({"type": "plain", "fragment_size": size});
    asks!(
        texts(),
        "POST /a/_search" => (marked(phrase("quench my thirst", 0), "t", sized(10))),
        "POST /a/_search" => (marked(phrase("again and again", 0), "t", sized(15))),
        "POST /a/_search" => (marked(phrase("run jump", 3), "t", sized(10))),
        "POST /a/_search" => (marked(json!({"match_phrase_prefix": {"t": "tempting mor"}}), "t", sized(20)))
    );
}

#[test]
fn what_counts_more_comes_first() {
    let should = |boost: u64| {
        json!({"bool": {"should": [
            {"match": {"t": {"query": "sour", "boost": boost}}}, {"match": {"t": "fox grapes"}}
        ]}})
    };
    let options = json!({"type": "plain", "fragment_size": 50});
    asks!(
        texts(),
        "POST /a/_search" => (marked(should(5), "t", options.clone())),
        "POST /a/_search" => (marked(should(1), "t", options))
    );
}

#[test]
fn words_found_by_patterns_are_marked() {
    let options = json!({"type": "plain", "fragment_size": 30});
    asks!(
        texts(),
        "POST /a/_search" => (marked(json!({"prefix": {"t": "gr"}}), "t", options.clone())),
        "POST /a/_search" => (marked(json!({"wildcard": {"t": "s?u*"}}), "t", options.clone())),
        "POST /a/_search" => (marked(json!({"query_string": {"query": "t:(fox OR jump*)"}}), "t", options))
    );
}

#[test]
fn a_field_without_a_match_shows_its_begin() {
    asks!(
        texts(),
        "POST /a/_search" => (marked(json!({"match_all": {}}), "t", json!({"type": "plain", "no_match_size": 21}))),
        "POST /a/_search" => (marked(json!({"match_all": {}}), "t", json!({"type": "plain", "no_match_size": 7}))),
        "POST /a/_search" => (marked(json!({"match_all": {}}), "r", json!({"type": "plain", "no_match_size": 30}))),
        "POST /a/_search" => (marked(json!({"match_all": {}}), "r", json!({"no_match_size": 30}))),
        "POST /a/_search" => (marked(json!({"match_all": {}}), "t", json!({"type": "plain", "no_match_size": 1})))
    );
}

#[test]
fn sizes_are_counted_in_units_of_utf_16() {
    asks!(
        texts(),
        "POST /a/_search" => (plain("r", "лиса", json!({}))),
        "POST /a/_search" => (plain("r", "кисти", json!({"fragment_size": 25}))),
        "POST /a/_search" => (marked(json!({"match": {"r": "лиса"}}), "r", json!({}))),
        "POST /a/_search" => (marked(json!({"match": {"r": "кисти"}}), "r", json!({"fragment_size": 40}))),
        "POST /a/_search" => (marked(json!({"match": {"r": "кисти лиса зуб"}}), "r", json!({"fragment_size": 60, "order": "score"}))),
        "POST /a/_search" => (marked(json!({"match": {"m": "fox"}}), "m", json!({"fragment_size": 10}))),
        "POST /a/_search" => (plain("m", "fox", json!({"fragment_size": 4})))
    );
}

#[test]
fn an_encoder_escapes_html() {
    let mut body = plain("t", "thing", json!({"fragment_size": 40}));
    body["highlight"]["encoder"] = "html".into();
    asks!(texts(), "POST /a/_search" => (body));
}

#[test]
fn a_boundary_scanner_says_where_unified_cuts() {
    let fox = |options: Value| marked(json!({"match": {"t": "fox sour"}}), "t", options);
    asks!(
        texts(),
        "POST /a/_search" => (fox(json!({"boundary_scanner": "word"}))),
        "POST /a/_search" => (fox(json!({"boundary_scanner": "WORD", "number_of_fragments": 2, "order": "score"}))),
        "POST /a/_search" => (fox(json!({"boundary_scanner": "sentence", "boundary_scanner_locale": "en-US"}))),
        "POST /a/_search" => (fox(json!({"boundary_scanner": "chars"}))),
        "POST /a/_search" => (fox(json!({"type": "plain", "boundary_scanner": "chars"}))),
        "POST /a/_search" => (fox(json!({"boundary_chars": ".,", "boundary_max_scan": 5, "phrase_limit": 3, "matched_fields": ["t"]})))
    );
}

#[test]
fn a_boundary_scanner_that_there_is_not_is_refused() {
    asks!(
        texts(),
        "POST /a/_search" => (marked(json!({"match": {"t": "fox"}}), "t", json!({"boundary_scanner": "surprise"})))
    );
}
