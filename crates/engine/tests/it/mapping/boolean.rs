//! `boolean`.

use crate::cases::{Setup, asks};

#[test]
fn true_and_false_are_kept() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"b": {"type": "boolean"}}}},
        "PUT /a/_doc/0?refresh=true" => {"b": true},
        "PUT /a/_doc/1?refresh=true" => {"b": "false"},
        "PUT /a/_doc/2?refresh=true" => {"b": [true, false]},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["b"], "sort": ["_doc"]},
        "POST /a/_search" => {"_source": false, "query": {"term": {"b": true}}}
    );
}

#[test]
fn an_empty_text_is_false() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"b": {"type": "boolean"}}}},
        "PUT /a/_doc/0?refresh=true" => {"b": ""},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["b"], "sort": ["_doc"]}
    );
}

#[test]
fn another_word_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"b": {"type": "boolean"}}}},
        "PUT /a/_doc/0?refresh=true" => {"b": "yes"}
    );
}

#[test]
fn a_number_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"b": {"type": "boolean"}}}},
        "PUT /a/_doc/0?refresh=true" => {"b": 1}
    );
}

#[test]
fn an_object_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"b": {"type": "boolean"}}}},
        "PUT /a/_doc/0?refresh=true" => {"b": {"a": 1}}
    );
}

#[test]
fn null_value_stands_for_null() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"b": {"type": "boolean", "null_value": true}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"b": null},
        "POST /a/_search" => {"_source": false, "query": {"term": {"b": true}}}
    );
}

#[test]
fn a_null_value_that_is_none_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"b": {"type": "boolean", "null_value": "maybe"}}}
        }
    );
}

#[test]
fn sorting_puts_false_first() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"b": {"type": "boolean"}}}},
        "PUT /a/_doc/0?refresh=true" => {"b": true},
        "PUT /a/_doc/1?refresh=true" => {"b": false},
        "PUT /a/_doc/2?refresh=true" => {},
        "POST /a/_search" => {"_source": false, "sort": ["b"]}
    );
}
