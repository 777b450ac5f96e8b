//! Character filters.

use crate::cases::{Setup, asks};

#[test]
fn html_strip_takes_tags_away() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "keyword",
            "char_filter": ["html_strip"],
            "text": "<p>I&apos;m <b>so</b> happy &amp; <br/>you &#233; &eacute;</p>"
        }
    );
}

#[test]
fn html_strip_may_spare_a_tag() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "keyword",
            "char_filter": [{"type": "html_strip", "escaped_tags": ["b"]}],
            "text": "<p><b>x</b></p>"
        }
    );
}

#[test]
fn html_strip_takes_comments_and_scripts_away() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "keyword",
            "char_filter": ["html_strip"],
            "text": "a<!-- x --><script>var y = '<b>';</script>b"
        }
    );
}

#[test]
fn mapping_replaces() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "keyword",
            "char_filter": [{"type": "mapping", "mappings": ["a => x", "bc => "]}],
            "text": "abcab"
        }
    );
}

#[test]
fn mapping_takes_the_longest() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "keyword",
            "char_filter": [{"type": "mapping", "mappings": ["a => 1", "ab => 2"]}],
            "text": "aba"
        }
    );
}

#[test]
fn a_mapping_that_is_none_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "keyword",
            "char_filter": [{"type": "mapping", "mappings": ["ab"]}],
            "text": "x"
        };
        differs: "OpenSearch words it otherwise"
    );
}

#[test]
fn pattern_replace_replaces() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "keyword",
            "char_filter": [
                {"type": "pattern_replace", "pattern": "(\\d+)-(?=\\d)", "replacement": "$1_"}
            ],
            "text": "123-456-789"
        }
    );
}

#[test]
fn pattern_replace_with_groups() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "keyword",
            "char_filter": [
                {"type": "pattern_replace", "pattern": "(\\w)(\\w)", "replacement": "$2$1"}
            ],
            "text": "abcd"
        }
    );
}

#[test]
fn an_unknown_char_filter_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "keyword", "char_filter": ["nobody"], "text": "x"}
    );
}

#[test]
fn offsets_are_those_of_the_text_before() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "standard",
            "char_filter": ["html_strip"],
            "text": "<b>one</b> two"
        }
    );
}

#[test]
fn offsets_after_a_mapping() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "standard",
            "char_filter": [{"type": "mapping", "mappings": ["& => and"]}],
            "text": "a & b"
        }
    );
}

#[test]
fn html_strip_keeps_what_is_marked_as_data() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "keyword",
        "char_filter": [
            "html_strip"
        ],
        "text": "a<![CDATA[ <x>y ]]>b"
    }
        );
}

#[test]
fn html_strip_takes_styles_away() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "keyword",
        "char_filter": [
            "html_strip"
        ],
        "text": "a<style>p{}</style>b<!DOCTYPE html>c"
    }
        );
}

#[test]
fn html_strip_knows_named_entities() {
    asks!(
            Setup::nothing(),
            "POST /_analyze" => {
        "tokenizer": "keyword",
        "char_filter": [
            "html_strip"
        ],
        "text": "&eacute;&copy&nbsp;&hellip;&nosuch;&AMP;&ampx"
    }
        );
}
