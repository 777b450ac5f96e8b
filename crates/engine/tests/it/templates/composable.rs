//! `_index_template`, and what it would make.

use crate::cases::{Setup, asks};

#[test]
fn a_template_is_kept_as_it_is_printed() {
    asks!(
        Setup::nothing(),
        "PUT /_component_template/it-c1" => {"template": {}},
        "PUT /_index_template/it-a" => {
            "index_patterns": ["it-a*"], "composed_of": ["it-c1"], "priority": 5, "version": 2, "_meta": {"m": 1},
            "template": {"settings": {"number_of_replicas": 0}, "mappings": {"properties": {"h": {"type": "keyword"}}}, "aliases": {"a3": {}}}
        },
        "GET /_index_template/it-a",
        "GET /_index_template/it-*?flat_settings=true",
        "HEAD /_index_template/it-a",
        "GET /_cat/templates/it-a?v",
        "DELETE /_index_template/it-a",
        "DELETE /_component_template/it-c1"
    );
}

#[test]
fn what_is_not_given_is_not_printed() {
    asks!(
        Setup::nothing(),
        "PUT /_index_template/it-b" => {"index_patterns": "it-b*", "priority": "7"},
        "GET /_index_template/it-b",
        "PUT /_index_template/it-b" => {"index_patterns": ["it-b*"], "template": {}, "priority": 1.5},
        "GET /_index_template/it-b",
        "GET /_cat/templates/it-b?format=json",
        "DELETE /_index_template/it-b"
    );
}

#[test]
fn what_is_not_there_is_not_found() {
    asks!(
        Setup::nothing(),
        "GET /_index_template/it-nope",
        "GET /_index_template/it-nope*",
        "HEAD /_index_template/it-nope",
        "DELETE /_index_template/it-nope",
        "DELETE /_index_template/it-nope*",
        "POST /_index_template/_simulate/it-nope",
        "POST /_index_template/_simulate"
    );
}

#[test]
fn bodies_are_checked() {
    asks!(
        Setup::nothing(),
        "PUT /_index_template/it-c" => {"priority": 7},
        "PUT /_index_template/it-c" => {"index_patterns": []},
        "PUT /_index_template/it-c" => {"index_patterns": {"a": 1}},
        "PUT /_index_template/it-c" => {"index_patterns": ["it-c*"], "bogus": 1},
        "PUT /_index_template/it-c" => {"index_patterns": ["it-c*"], "priority": -1},
        "PUT /_index_template/it-c" => {"index_patterns": ["it-c*"], "priority": "x"},
        "PUT /_index_template/it-c" => {"index_patterns": ["it-c*"], "version": "x"},
        "PUT /_index_template/it-c" => {"index_patterns": ["it-c*"], "_meta": 1},
        "PUT /_index_template/it-c" => {"index_patterns": ["it-c*"], "template": {"settings": 7}},
        "PUT /_index_template/it-c" => {"index_patterns": ["it-c*"], "template": {"mappings": 7}},
        "PUT /_index_template/it-c" => {"index_patterns": ["it-c*"], "composed_of": ["it-nope"]},
        "PUT /_index_template/it-c" => {"index_patterns": ["it c*"]},
        "PUT /_index_template/It-c" => {"index_patterns": ["it-c*"]},
        "PUT /_index_template/it-c" => {"index_patterns": ["*"], "template": {"settings": {"hidden": true}}, "priority": 303}
    );
}

#[test]
fn parts_are_checked() {
    asks!(
        Setup::nothing(),
        "PUT /_index_template/it-d" => {"index_patterns": ["it-d*"], "priority": 8, "template": {"settings": {"foo": 1}}},
        "PUT /_index_template/it-d" => {"index_patterns": ["it-d*"], "priority": 8, "template": {"settings": {"number_of_shards": 0}}},
        "PUT /_index_template/it-d" => {"index_patterns": ["it-d*"], "priority": 8, "template": {"mappings": {"properties": {"q": {"type": "bogus"}}}}},
        "PUT /_index_template/it-d" => {"index_patterns": ["it-d*"], "priority": 8, "template": {"aliases": {"x*": {}}}},
        "PUT /_index_template/it-d" => {"index_patterns": ["it-d"], "priority": 8, "template": {"aliases": {"it-d": {}}}}
    );
}

#[test]
fn two_of_one_priority_may_not_meet() {
    asks!(
        Setup::nothing(),
        "PUT /_index_template/it-e1" => {"index_patterns": ["it-e*"], "priority": 5},
        "PUT /_index_template/it-e2" => {"index_patterns": ["it-e1*", "it-other"], "priority": 5},
        "PUT /_index_template/it-e2" => {"index_patterns": ["it-e1*"], "priority": 4},
        "PUT /_index_template/it-e1?create=true" => {"index_patterns": ["it-e*"], "priority": 5},
        "PUT /_index_template/it-e1" => {"index_patterns": ["it-e*", "it-f*"], "priority": 5},
        "DELETE /_index_template/it-e*"
    );
}

#[test]
fn components_that_do_not_go_together_are_refused() {
    asks!(
        Setup::nothing(),
        "PUT /_component_template/it-g1" => {"template": {"mappings": {"properties": {"k": {"type": "keyword"}}}}},
        "PUT /_component_template/it-g2" => {"template": {"mappings": {"properties": {"k": {"properties": {"c": {"type": "long"}}}}}}},
        "PUT /_index_template/it-g" => {"index_patterns": ["it-g*"], "composed_of": ["it-g1", "it-g2"], "priority": 4},
        "DELETE /_component_template/it-g1",
        "DELETE /_component_template/it-g2"
    );
}

#[test]
fn simulation_shows_what_an_index_would_be_made_of() {
    asks!(
        Setup::nothing(),
        "PUT /_component_template/it-h1" => {"template": {"settings": {"number_of_shards": 2, "refresh_interval": "3s"}, "mappings": {"properties": {"f": {"type": "keyword", "ignore_above": 10}, "g": {"type": "object", "properties": {"a": {"type": "long"}}}}}, "aliases": {"a1": {}}}},
        "PUT /_component_template/it-h2" => {"template": {"settings": {"refresh_interval": "4s"}, "mappings": {"properties": {"f": {"type": "text"}, "g": {"properties": {"b": {"type": "long"}}}}}, "aliases": {"a1": {"is_write_index": true}, "a2-{index}": {"filter": {"term": {"f": "x"}}}}}},
        "PUT /_index_template/it-h" => {"index_patterns": ["it-h*"], "composed_of": ["it-h1", "it-h2"], "priority": 6, "template": {"settings": {"number_of_replicas": 0}, "mappings": {"properties": {"h": {"type": "keyword"}}}, "aliases": {"a3": {}}}},
        "PUT /_index_template/it-i" => {"index_patterns": ["it-h1*"], "priority": 7},
        "PUT /_template/it-j" => {"index_patterns": ["it-*", "it-z"], "order": 7},
        "POST /_index_template/_simulate_index/it-h9",
        "POST /_index_template/_simulate_index/it-none",
        "POST /_index_template/_simulate_index/it-h9" => {"index_patterns": ["it-h9*"], "priority": 50, "template": {"settings": {"number_of_shards": 4}}},
        "POST /_index_template/_simulate" => {"index_patterns": ["it-h9*"], "priority": 50, "composed_of": ["it-h1"], "template": {"settings": {"number_of_shards": 4}}},
        "POST /_index_template/_simulate/it-i",
        "DELETE /_template/it-j",
        "DELETE /_index_template/it-*",
        "DELETE /_component_template/it-h1",
        "DELETE /_component_template/it-h2"
    );
}
