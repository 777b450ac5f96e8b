//! `_template`.

use crate::cases::{Setup, asks};

#[test]
fn a_template_is_kept_as_it_is_printed() {
    asks!(
        Setup::nothing(),
        "PUT /_template/lt-a" => {
            "index_patterns": ["lt-x*"], "order": 1, "version": 5,
            "settings": {"number_of_shards": 1, "index.number_of_replicas": 0, "refresh_interval": "5s"},
            "mappings": {"properties": {"a": {"type": "keyword"}, "o": {"properties": {"x": {"type": "long"}}}}},
            "aliases": {"al-{index}": {}, "b": {"filter": {"term": {"a": 1}}, "routing": "r"}}
        },
        "GET /_template/lt-a",
        "GET /_template/lt-a?flat_settings=true",
        "HEAD /_template/lt-a",
        "HEAD /_template/lt-*",
        "GET /_template/lt-nope,lt-a",
        "DELETE /_template/lt-a"
    );
}

#[test]
fn what_is_not_there_is_not_found() {
    asks!(
        Setup::nothing(),
        "GET /_template/lt-nope",
        "GET /_template/lt-nope*",
        "HEAD /_template/lt-nope",
        "DELETE /_template/lt-nope",
        "DELETE /_template/lt-nope*"
    );
}

#[test]
fn a_pattern_may_be_one_text_and_is_called_template_too() {
    asks!(
        Setup::nothing(),
        "PUT /_template/lt-b" => {"order": 2, "template": "lt-y*"},
        "GET /_template/lt-b",
        "PUT /_template/lt-b" => {"order": "3", "index_patterns": "lt-y*"},
        "GET /_template/lt-b",
        "DELETE /_template/lt-b"
    );
}

#[test]
fn patterns_are_needed_and_checked() {
    asks!(
        Setup::nothing(),
        "PUT /_template/lt-c" => {},
        "PUT /_template/lt-c" => {"index_patterns": []},
        "PUT /_template/lt-c" => {"index_patterns": "lt-y*,lt-z*"},
        "PUT /_template/lt-c" => {"index_patterns": ["A b", "_x"], "settings": {"number_of_shards": 1}},
        "PUT /_template/lt-c" => {"index_patterns": ["*"], "settings": {"hidden": true}}
    );
}

#[test]
fn names_are_checked() {
    asks!(
        Setup::nothing(),
        "PUT /_template/Lt-C" => {"index_patterns": ["lt-c"]},
        "PUT /_template/lt%20a" => {"index_patterns": ["lt-c"]},
        "PUT /_template/_lt" => {"index_patterns": ["lt-c"]},
        "PUT /_template/lt,a" => {"index_patterns": ["lt-c"]},
        "PUT /_template/lt%23a" => {"index_patterns": ["lt-c"]},
        "PUT /_template/lt*a" => {"index_patterns": ["lt-c"]}
    );
}

#[test]
fn unknown_keys_and_settings_are_refused() {
    asks!(
        Setup::nothing(),
        "PUT /_template/lt-c" => {"index_patterns": ["lt-c"], "foo": 1},
        "PUT /_template/lt-c" => {"index_patterns": ["lt-c"], "settings": {"foo": 1}},
        "PUT /_template/lt-c" => {"index_patterns": ["lt-c"], "settings": {"number_of_shards": 0}},
        "PUT /_template/lt-c" => {"index_patterns": ["lt-c"], "settings": []},
        "PUT /_template/lt-c" => {"index_patterns": ["lt-c"], "order": "x"},
        "PUT /_template/lt-c" => {"index_patterns": ["lt-c"], "version": "7"},
        "PUT /_template/lt-c" => {"index_patterns": ["lt-c"], "version": 1.5}
    );
}

#[test]
fn mappings_are_read_when_the_template_is_put() {
    asks!(
        Setup::nothing(),
        "PUT /_template/lt-d" => {"index_patterns": ["lt-d"], "mappings": {"properties": {"a": {"type": "bogus"}}}},
        "PUT /_template/lt-d" => {"index_patterns": ["lt-d"], "mappings": {"_doc": {"properties": {"a": {"type": "keyword"}}}}},
        "GET /_template/lt-d"
    );
}

#[test]
fn aliases_are_checked_but_not_their_filters() {
    asks!(
        Setup::nothing(),
        "PUT /_template/lt-e" => {"index_patterns": ["lt-e"], "aliases": {"x*": {}}},
        "PUT /_template/lt-e" => {"index_patterns": ["lt-e"], "aliases": {"lt-e": {}}},
        "PUT /_template/lt-e" => {"index_patterns": ["lt-e"], "aliases": {"x": {"filter": {"bogus": {}}}}},
        "DELETE /_template/lt-e"
    );
}

#[test]
fn create_refuses_what_is_there() {
    asks!(
        Setup::nothing(),
        "PUT /_template/lt-f" => {"index_patterns": ["lt-f"]},
        "PUT /_template/lt-f?create=true" => {"index_patterns": ["lt-f"]},
        "PUT /_template/lt-f?create" => {"index_patterns": ["lt-f"]},
        "PUT /_template/lt-f?order=4" => {"index_patterns": ["lt-f"]},
        "GET /_template/lt-f",
        "DELETE /_template/lt-f"
    );
}

#[test]
fn they_stand_in_cat_templates() {
    asks!(
        Setup::nothing(),
        "PUT /_template/lt-g1" => {"index_patterns": ["lt-g", "lt-h*"], "order": 3},
        "PUT /_template/lt-g2" => {"index_patterns": ["lt-g"], "version": 9},
        "GET /_cat/templates/lt-g*?v&s=name",
        "GET /_cat/templates/lt-g*?format=json&s=name",
        "GET /_cat/templates/lt-g1?h=n,t,o,v,c",
        "GET /_cat/templates/lt-g1,lt-g2",
        "DELETE /_template/lt-g*",
        "GET /_cat/templates/lt-g*"
    );
}
