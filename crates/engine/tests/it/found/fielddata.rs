//! `fielddata`: sorting and aggregating on the terms of a text.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn paths() -> Setup {
    Setup::index(
        "w",
        json!({
            "settings": {"number_of_shards": 1, "analysis": {"analyzer": {"path": {"type": "custom", "tokenizer": "path_hierarchy"}}}},
            "mappings": {"properties": {
                "files": {"type": "text", "analyzer": "path", "fielddata": true},
                "words": {"type": "text", "fielddata": true},
                "plain": {"type": "text"}, "n": {"type": "long"},
            }},
        }),
        json!([
            {"files": ["src/main.rs", "notes/a.txt"], "words": "the quick the fox", "plain": "x", "n": 1},
            {"files": "src/lib/mod.rs", "words": "a lazy dog", "plain": "y", "n": 2},
            {"files": [], "plain": "z", "n": 3},
            {"files": "notes/b.txt", "words": "Fox", "n": 4},
        ]),
    )
}

#[test]
fn terms_count_documents_by_their_words() {
    search!(paths(), {"size": 0, "aggs": {"f": {"terms": {"field": "files"}}, "w": {"terms": {"field": "words"}}}});
}

#[test]
fn terms_of_words_have_aggregations_in_them() {
    search!(paths(), {"size": 0, "aggs": {"f": {"terms": {"field": "files", "order": {"n": "desc"}}, "aggs": {"n": {"sum": {"field": "n"}}}}}});
}

#[test]
fn terms_of_words_of_what_a_query_finds() {
    search!(paths(), {"size": 0, "query": {"match": {"words": "fox"}}, "aggs": {"f": {"terms": {"field": "files"}}}});
}

#[test]
fn documents_without_a_word_are_counted_as_missing() {
    search!(paths(), {"size": 0, "aggs": {
        "w": {"terms": {"field": "words", "missing": "none"}}, "m": {"missing": {"field": "words"}}
    }});
}

#[test]
fn words_are_counted_and_composed() {
    search!(paths(), {"size": 0, "aggs": {
        "c": {"cardinality": {"field": "words"}}, "v": {"value_count": {"field": "words"}},
        "k": {"composite": {"size": 3, "sources": [{"f": {"terms": {"field": "files"}}}]}}
    }});
}

#[test]
fn a_text_sorts_by_its_least_or_greatest_word() {
    asks!(paths(),
        "POST /w/_search" => {"_source": false, "sort": [{"words": "asc"}]},
        "POST /w/_search" => {"_source": false, "sort": [{"words": "desc"}]},
        "POST /w/_search" => {"_source": false, "sort": [{"words": {"order": "desc", "mode": "min", "missing": "_first"}}]},
    );
}

#[test]
fn fielddata_may_be_asked_for_later() {
    asks!(paths(),
        "POST /w/_search" => {"size": 0, "aggs": {"p": {"terms": {"field": "plain"}}}},
        "PUT /w/_mapping" => {"properties": {"plain": {"type": "text", "fielddata": true}}},
        "POST /w/_search" => {"size": 0, "aggs": {"p": {"terms": {"field": "plain"}}}},
    );
}

#[test]
fn significant_terms_are_found_among_words() {
    search!(paths(), {"size": 0, "query": {"range": {"n": {"lte": 1}}}, "aggs": {
        "s": {"significant_terms": {"field": "words", "min_doc_count": 1}}
    }});
}
