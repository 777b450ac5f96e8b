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
        };
        differs: "a fault: few named entities are known"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "a fault: what stands in a script is kept"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn an_unknown_char_filter_is_refused() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"tokenizer": "keyword", "char_filter": ["nobody"], "text": "x"};
        differs: "refused in other words"
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
        };
        differs: "not built: answered 501 by name"
    );
}
