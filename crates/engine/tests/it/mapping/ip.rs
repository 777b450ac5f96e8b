//! `ip`.

use crate::cases::{Setup, asks};

#[test]
fn both_versions_are_kept() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"i": {"type": "ip"}}}},
        "PUT /a/_doc/0?refresh=true" => {"i": "10.0.0.1"},
        "PUT /a/_doc/1?refresh=true" => {"i": "2001:DB8::1"},
        "PUT /a/_doc/2?refresh=true" => {"i": "::ffff:1.2.3.4"},
        "POST /a/_search" => {"_source": false, "docvalue_fields": ["i"], "sort": ["_doc"]},
        "POST /a/_search" => {"_source": false, "sort": ["i"]}
    );
}

#[test]
fn words_are_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"i": {"type": "ip"}}}},
        "PUT /a/_doc/0?refresh=true" => {"i": "localhost"}
    );
}

#[test]
fn a_block_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"i": {"type": "ip"}}}},
        "PUT /a/_doc/0?refresh=true" => {"i": "10.0.0.0/8"}
    );
}

#[test]
fn a_number_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"i": {"type": "ip"}}}},
        "PUT /a/_doc/0?refresh=true" => {"i": 1}
    );
}

#[test]
fn ignore_malformed_passes_over_words() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"i": {"type": "ip", "ignore_malformed": true}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"i": "localhost"},
        "POST /a/_search" => {"sort": ["_doc"]}
    );
}

#[test]
fn null_value_stands_for_null() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"i": {"type": "ip", "null_value": "0.0.0.0"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"i": null},
        "POST /a/_search" => {"_source": false, "query": {"term": {"i": "0.0.0.0"}}}
    );
}

#[test]
fn a_null_value_that_is_none_is_passed_over() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"i": {"type": "ip", "null_value": "nowhere"}}}
        }
    );
}

#[test]
fn an_octet_above_255_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"i": {"type": "ip"}}}},
        "PUT /a/_doc/0?refresh=true" => {"i": "10.0.0.256"}
    );
}
