//! What new indices get from templates.

use crate::cases::{Setup, asks};

#[test]
fn legacy_templates_are_put_over_one_another_by_order() {
    asks!(
        Setup::nothing(),
        "PUT /_template/ap-a1" => {
            "index_patterns": ["ap-a*"], "order": 1,
            "settings": {"number_of_shards": 1, "index.number_of_replicas": 0, "refresh_interval": "5s"},
            "mappings": {"properties": {"a": {"type": "keyword"}, "o": {"properties": {"x": {"type": "long"}}}}},
            "aliases": {"al-{index}": {}, "b": {"filter": {"term": {"a": 1}}, "routing": "r"}}
        },
        "PUT /_template/ap-a2" => {
            "index_patterns": ["ap-a*"], "order": 0,
            "settings": {"number_of_replicas": 3, "refresh_interval": "9s", "max_result_window": 50},
            "mappings": {"dynamic": "strict", "properties": {"a": {"type": "text"}, "o": {"properties": {"y": {"type": "long"}}}}},
            "aliases": {"b": {}, "c": {"is_write_index": true}}
        },
        "PUT /ap-a" => {"settings": {"max_result_window": 51}, "mappings": {"properties": {"z": {"type": "long"}}}, "aliases": {"d": {}}},
        "GET /ap-a/_mapping",
        "GET /ap-a/_alias",
        "GET /ap-a/_settings/index.max_*,index.number_*,index.refresh*",
        "DELETE /_template/ap-a*"
    );
}

#[test]
fn lists_of_legacy_templates_are_merged() {
    asks!(
        Setup::nothing(),
        "PUT /_template/ap-b1" => {"index_patterns": ["ap-b*"], "order": 1, "mappings": {
            "_meta": {"a": 1, "l": [1, 2]},
            "dynamic_templates": [{"one": {"match_mapping_type": "string", "mapping": {"type": "keyword", "ignore_above": 3}}}, {"two": {"match_mapping_type": "long", "mapping": {"type": "keyword"}}}],
            "dynamic_date_formats": ["yyyy"],
            "properties": {"k": {"type": "keyword", "ignore_above": 3}, "t": {"type": "text", "fields": {"raw": {"type": "keyword"}}}}
        }},
        "PUT /_template/ap-b2" => {"index_patterns": ["ap-b*"], "order": 2, "mappings": {
            "_meta": {"b": 1, "l": [2, 3]},
            "dynamic_templates": [{"zero": {"match_mapping_type": "string", "mapping": {"type": "text"}}}, {"one": {"match_mapping_type": "string", "mapping": {"type": "text"}}}],
            "dynamic_date_formats": ["MM"],
            "properties": {"k": {"type": "keyword"}, "t": {"type": "text", "fields": {"low": {"type": "keyword"}}}}
        }},
        "PUT /ap-b" => {"mappings": {"dynamic_templates": [{"own": {"match_mapping_type": "string", "mapping": {"type": "ip"}}}], "properties": {"k": {"type": "keyword", "ignore_above": 9}}}},
        "GET /ap-b/_mapping",
        "DELETE /_template/ap-b*"
    );
}

#[test]
fn a_composable_template_decides_alone() {
    asks!(
        Setup::nothing(),
        "PUT /_template/ap-c1" => {"index_patterns": ["ap-c*"], "order": 100, "settings": {"refresh_interval": "33s"}, "mappings": {"properties": {"l": {"type": "long"}}}},
        "PUT /_index_template/ap-c2" => {"index_patterns": ["ap-c*"], "priority": 1, "template": {"mappings": {"properties": {"two": {"type": "long"}}}}},
        "PUT /_index_template/ap-c3" => {"index_patterns": ["ap-c3*"], "priority": 2, "template": {"mappings": {"properties": {"three": {"type": "long"}}}, "settings": {"number_of_replicas": 0}}},
        "PUT /ap-c2",
        "PUT /ap-c3",
        "GET /ap-c2,ap-c3/_mapping",
        "GET /ap-c3/_settings/index.number_*,index.refresh*",
        "DELETE /_index_template/ap-c*",
        "PUT /ap-c4",
        "GET /ap-c4/_mapping",
        "GET /ap-c4/_settings/index.number_*,index.refresh*",
        "DELETE /_template/ap-c1"
    );
}

#[test]
fn components_grow_together_and_later_fields_take_the_place_of_earlier_ones() {
    asks!(
        Setup::nothing(),
        "PUT /_component_template/ap-d1" => {"template": {"mappings": {
            "dynamic": "strict", "_meta": {"a": {"b": 1}, "l": [1]},
            "dynamic_templates": [{"one": {"match_mapping_type": "string", "mapping": {"type": "keyword"}}}, {"two": {"match_mapping_type": "long", "mapping": {"type": "keyword"}}}],
            "properties": {"a.b": {"type": "long"}, "o": {"type": "object", "dynamic": false, "properties": {"x": {"type": "keyword", "ignore_above": 3, "fields": {"raw": {"type": "text"}}}}}, "k": {"type": "keyword"}}
        }}},
        "PUT /_component_template/ap-d2" => {"template": {"mappings": {
            "dynamic": false, "_meta": {"a": {"c": 1}, "l": [2]},
            "dynamic_templates": [{"one": {"match_mapping_type": "string", "mapping": {"type": "text"}}}, {"three": {"match_mapping_type": "long", "mapping": {"type": "keyword"}}}],
            "properties": {"a": {"properties": {"c": {"type": "long"}}}, "o": {"properties": {"x": {"type": "keyword"}}}}
        }}},
        "PUT /_index_template/ap-d" => {"index_patterns": ["ap-d*"], "composed_of": ["ap-d1", "ap-d2"], "priority": 4},
        "PUT /ap-d" => {"mappings": {"_meta": {"z": 1}, "dynamic_templates": [{"one": {"match_mapping_type": "string", "mapping": {"type": "ip"}}}], "properties": {"k": {"type": "long"}}}},
        "GET /ap-d/_mapping",
        "DELETE /_index_template/ap-d",
        "DELETE /_component_template/ap-d1",
        "DELETE /_component_template/ap-d2"
    );
}

#[test]
fn the_requests_own_alias_comes_first() {
    asks!(
        Setup::nothing(),
        "PUT /_index_template/ap-e" => {"index_patterns": ["ap-e*"], "priority": 4, "template": {"aliases": {"ap-al": {"is_write_index": true, "routing": "1"}, "{index}-ap-al": {}}}},
        "PUT /ap-e" => {"aliases": {"ap-al": {"is_write_index": false}}},
        "GET /ap-e/_alias",
        "DELETE /_index_template/ap-e"
    );
}

#[test]
fn a_write_makes_an_index_with_them() {
    asks!(
        Setup::nothing(),
        "PUT /_template/ap-f" => {"index_patterns": ["ap-f*"], "mappings": {"properties": {"n": {"type": "keyword"}}}, "aliases": {"ap-fs": {}}},
        "PUT /ap-f1/_doc/1?refresh=true" => {"n": 1},
        "POST /_bulk?refresh=true" => [{"index": {"_index": "ap-f2", "_id": "2"}}, {"n": 2}],
        "GET /ap-f1,ap-f2/_mapping",
        "POST /ap-fs/_search" => {"query": {"term": {"n": "2"}}},
        "DELETE /_template/ap-f"
    );
}

#[test]
fn hidden_indices_are_not_for_templates_of_everything() {
    asks!(
        Setup::nothing(),
        "PUT /_template/ap-g" => {"index_patterns": ["*"], "order": -1, "settings": {"max_result_window": 77}},
        "PUT /ap-g1",
        "PUT /ap-g2" => {"settings": {"index.hidden": true}},
        "GET /ap-g1,ap-g2/_settings/*max_res*",
        "DELETE /_template/ap-g"
    );
}

#[test]
fn settings_may_be_taken_back() {
    asks!(
        Setup::nothing(),
        "PUT /_index_template/ap-h" => {"index_patterns": ["ap-h*"], "priority": 4, "template": {"settings": {"analysis": {"filter": {"st": {"type": "stop", "stopwords": ["a", "b", "c"]}}, "analyzer": {"an": {"tokenizer": "standard", "filter": ["st"]}}}, "max_result_window": 9}}},
        "PUT /ap-h" => {"settings": {"index.max_result_window": null, "analysis": {"filter": {"st": {"type": "stop", "stopwords": ["d"]}}}}},
        "GET /ap-h/_settings/*analysis*",
        "POST /ap-h/_analyze" => {"analyzer": "an", "text": "a d"},
        "DELETE /_index_template/ap-h"
    );
}

#[test]
fn a_filter_in_a_templates_alias_holds() {
    asks!(
        Setup::nothing(),
        "PUT /_template/ap-i" => {"index_patterns": ["ap-i*"], "mappings": {"properties": {"n": {"type": "keyword"}}}, "aliases": {"ap-is": {"filter": {"term": {"n": "1"}}}}},
        "POST /_bulk?refresh=true" => [{"index": {"_index": "ap-i1", "_id": "1"}}, {"n": 1}, {"index": {"_index": "ap-i1", "_id": "2"}}, {"n": 2}],
        "POST /ap-is/_search" => {"query": {"match_all": {}}},
        "DELETE /_template/ap-i"
    );
}
