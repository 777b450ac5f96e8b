//! Aggregations of the words of a text with `fielddata`.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn texts() -> Setup {
    Setup::index(
        "texts",
        json!({"mappings": {"properties": {"t": {"type": "text", "fielddata": true}, "class": {"type": "keyword"}, "plain": {"type": "text"}}}}),
        json!([
            {"t": "good", "class": "good"}, {"t": "good", "class": "good"}, {"t": "bad", "class": "bad"}, {"t": "bad", "class": "bad"},
            {"t": "bad bad Dogs", "class": "bad"}, {"t": ["good bad", "cats"], "class": "good"}, {"class": "bad"}
        ]),
    )
}

#[test]
fn each_word_is_a_bucket() {
    search!(texts(), {"size": 0, "aggs": {"x": {"terms": {"field": "t"}}}});
}

#[test]
fn words_may_be_chosen() {
    search!(texts(), {"size": 0, "aggs": {"x": {"terms": {"field": "t", "include": "d.*|c.*", "min_doc_count": 0}}}});
}

#[test]
fn what_has_no_words_may_have_one() {
    search!(texts(), {"size": 0, "aggs": {"x": {"terms": {"field": "t", "missing": "none"}}}});
}

#[test]
fn words_are_counted() {
    search!(texts(), {"size": 0, "aggs": {"x": {"cardinality": {"field": "t"}}}});
}

#[test]
fn so_are_those_of_each_document() {
    search!(texts(), {"size": 0, "aggs": {"x": {"value_count": {"field": "t"}}}});
}

#[test]
fn rare_words() {
    search!(texts(), {"size": 0, "aggs": {"x": {"rare_terms": {"field": "t"}}}});
}

#[test]
fn a_text_without_is_refused() {
    search!(texts(), {"size": 0, "aggs": {"x": {"terms": {"field": "plain"}}}});
}

#[test]
fn significant_words_of_each_class() {
    search!(texts(), {"size": 0, "aggs": {"class": {"terms": {"field": "class"}, "aggs": {
        "words": {"significant_terms": {"field": "t", "min_doc_count": 2}}}}}});
}

#[test]
fn a_mapping_may_turn_it_on_later() {
    asks!(
        texts(),
        "PUT /texts/_mapping" => {"properties": {"plain": {"type": "text", "fielddata": true}}},
        "PUT /texts/_doc/9?refresh=true" => {"plain": "one two two"},
        "POST /texts/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "plain"}}}},
    );
}
