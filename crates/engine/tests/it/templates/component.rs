//! `_component_template`.

use crate::cases::{Setup, asks};

#[test]
fn a_component_is_kept_as_it_is_printed() {
    asks!(
        Setup::nothing(),
        "PUT /_component_template/ct-a" => {
            "template": {
                "settings": {"number_of_shards": 2, "refresh_interval": "3s"},
                "mappings": {"properties": {"f": {"type": "keyword", "ignore_above": 10}, "g": {"type": "object", "properties": {"a": {"type": "long"}}}}},
                "aliases": {"a1": {"is_write_index": true}, "a2-{index}": {"filter": {"term": {"f": "x"}}}}
            },
            "version": 3,
            "_meta": {"x": 1}
        },
        "GET /_component_template/ct-a",
        "GET /_component_template/ct-*?flat_settings=true",
        "HEAD /_component_template/ct-a",
        "PUT /_component_template/ct-a?create=true" => {"template": {}},
        "DELETE /_component_template/ct-a"
    );
}

#[test]
fn what_is_not_there_is_not_found() {
    asks!(
        Setup::nothing(),
        "GET /_component_template/ct-nope",
        "GET /_component_template/ct-nope*",
        "HEAD /_component_template/ct-nope",
        "DELETE /_component_template/ct-nope",
        "DELETE /_component_template/ct-nope*"
    );
}

#[test]
fn bodies_are_checked() {
    asks!(
        Setup::nothing(),
        "PUT /_component_template/ct-b" => {},
        "PUT /_component_template/ct-b" => {"template": {}, "foo": 1},
        "PUT /_component_template/ct-b" => {"template": {"foo": 1}},
        "PUT /_component_template/ct-b" => {"template": {"settings": {"foo": 1}}},
        "PUT /_component_template/ct-b" => {"template": {"settings": {"number_of_shards": 0}}},
        "PUT /_component_template/ct-b" => {"template": {"mappings": {"properties": {"f": {"type": "bogus"}}}}},
        "PUT /_component_template/ct-b" => {"template": {"mappings": {"_doc": {"properties": {"f": {"type": "keyword"}}}}}},
        "PUT /_component_template/ct-b" => {"template": {"aliases": {"x*": {}}}},
        "PUT /_component_template/Ct-b" => {"template": {}},
        "PUT /_component_template/_ct" => {"template": {}},
        "GET /_component_template/ct-b"
    );
}

#[test]
fn one_in_use_stays() {
    asks!(
        Setup::nothing(),
        "PUT /_component_template/ct-c" => {"template": {}},
        "PUT /_index_template/ct-i" => {"index_patterns": ["ct-x*"], "composed_of": ["ct-c"], "priority": 301},
        "DELETE /_component_template/ct-c",
        "DELETE /_index_template/ct-i",
        "DELETE /_component_template/ct-c"
    );
}

#[test]
fn a_change_must_leave_those_who_use_it_whole() {
    asks!(
        Setup::nothing(),
        "PUT /_component_template/ct-d1" => {"template": {"mappings": {"properties": {"k": {"type": "keyword"}}}}},
        "PUT /_component_template/ct-d2" => {"template": {}},
        "PUT /_index_template/ct-di" => {"index_patterns": ["ct-y*"], "composed_of": ["ct-d1", "ct-d2"], "priority": 302},
        "PUT /_component_template/ct-d2" => {"template": {"mappings": {"properties": {"k": {"properties": {"c": {"type": "long"}}}}}}},
        "GET /_component_template/ct-d2",
        "DELETE /_index_template/ct-di",
        "DELETE /_component_template/ct-d1",
        "DELETE /_component_template/ct-d2"
    );
}
