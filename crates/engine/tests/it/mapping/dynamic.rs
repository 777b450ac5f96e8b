//! What unknown fields become.

use crate::cases::{Setup, asks};

#[test]
fn every_kind_of_value_has_its_type() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {},
        "PUT /a/_doc/0?refresh=true" => {
            "s": "x",
            "i": 1,
            "f": 1.5,
            "b": true,
            "d": "2020-01-01",
            "o": {"k": 1},
            "n": null,
            "e": [],
            "a": ["x"]
        },
        "GET /a/_mapping"
    );
}

#[test]
fn an_object_that_is_empty_is_mapped() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {},
        "PUT /a/_doc/0?refresh=true" => {"o": {}},
        "GET /a/_mapping"
    );
}

#[test]
fn date_detection_may_be_off() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"date_detection": false}},
        "PUT /a/_doc/1" => {"d": "2020-01-01"},
        "GET /a/_mapping"
    );
}

#[test]
fn numeric_detection_may_be_on() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"numeric_detection": true}},
        "PUT /a/_doc/1" => {"i": "1", "f": "1.5", "s": "x"},
        "GET /a/_mapping"
    );
}

#[test]
fn dynamic_date_formats_may_be_others() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"dynamic_date_formats": ["MM/dd/yyyy"]}},
        "PUT /a/_doc/1" => {"d": "12/31/2020", "e": "2020-01-01"},
        "GET /a/_mapping";
        differs: "OpenSearch's print_format is not told"
    );
}

#[test]
fn dynamic_false_maps_nothing() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"dynamic": false}},
        "PUT /a/_doc/1?refresh=true" => {"s": "x"},
        "GET /a/_mapping",
        "GET /a/_search"
    );
}

#[test]
fn dynamic_strict_refuses() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"dynamic": "strict", "properties": {"k": {"type": "keyword"}}}
        },
        "PUT /a/_doc/1" => {"k": "x"},
        "PUT /a/_doc/2" => {"s": "x"}
    );
}

#[test]
fn a_template_maps_by_the_kind_of_value() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "dynamic_templates": [
                    {"s": {"match_mapping_type": "string", "mapping": {"type": "keyword"}}}
                ]
            }
        },
        "PUT /a/_doc/1" => {"s": "x", "i": 1},
        "GET /a/_mapping"
    );
}

#[test]
fn a_template_maps_by_name() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "dynamic_templates": [
                    {"n": {"match": "*_n", "unmatch": "x*", "mapping": {"type": "long"}}}
                ]
            }
        },
        "PUT /a/_doc/1" => {"a_n": "1", "x_n": "1"},
        "GET /a/_mapping"
    );
}

#[test]
fn a_template_maps_by_path() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "dynamic_templates": [
                    {
                        "n": {
                            "path_match": "o.*",
                            "mapping": {"type": "{dynamic_type}", "index": false}
                        }
                    }
                ]
            }
        },
        "PUT /a/_doc/1" => {"o": {"a": 1}, "b": 1},
        "GET /a/_mapping"
    );
}

#[test]
fn a_template_without_a_mapping_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"dynamic_templates": [{"n": {"match": "*"}}]}}
    );
}

#[test]
fn fields_are_no_more_than_the_limit() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"settings": {"index.mapping.total_fields.limit": 2}},
        "PUT /a/_doc/1" => {"a": 1, "b": 1},
        "PUT /a/_doc/2" => {"c": 1}
    );
}

#[test]
fn a_number_after_a_text_is_a_text() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"a": "x"},
        "PUT /a/_doc/2" => {"a": 1},
        "GET /a/_mapping/field/a"
    );
}

#[test]
fn a_text_after_a_number_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"a": 1},
        "PUT /a/_doc/2" => {"a": "x"}
    );
}

#[test]
fn an_object_after_a_number_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a/_doc/1" => {"a": 1},
        "PUT /a/_doc/2" => {"a": {"b": 1}}
    );
}

#[test]
fn a_templates_pattern_may_be_a_regular_expression() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"dynamic_templates": [
            {"r": {"match_pattern": "regex", "match": "^profit_\\d+$", "mapping": {"type": "keyword"}}},
            {"u": {"match_pattern": "regex", "path_match": "o\\..*", "unmatch": "x.*", "mapping": {"type": "double"}}},
            {"s": {"match_pattern": "simple", "match": "s*", "mapping": {"type": "keyword"}}}
        ]}},
        "PUT /a/_doc/1" => {"profit_1": "a", "profit_x": "b", "a_profit_1": "c", "o": {"y": 1, "x1": 2}, "sx": "d"},
        "GET /a/_mapping"
    );
}

#[test]
fn a_wrong_pattern_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"dynamic_templates": [{"r": {"match_pattern": "regex", "match": "a[", "mapping": {"type": "keyword"}}}]}},
        "PUT /a" => {"mappings": {"dynamic_templates": [{"r": {"match_pattern": "glob", "match": "a", "mapping": {"type": "keyword"}}}]}}
    );
}

#[test]
fn every_kind_of_value_may_be_matched() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"dynamic_templates": [
            {"st": {"match_mapping_type": "string", "mapping": {"type": "text", "fields": {"{name}": {"type": "keyword"}}}}},
            {"lo": {"match_mapping_type": "long", "mapping": {"type": "integer"}}},
            {"do": {"match_mapping_type": "double", "mapping": {"type": "{dynamic_type}", "doc_values": false}}},
            {"bo": {"match_mapping_type": "boolean", "mapping": {"type": "keyword"}}},
            {"da": {"match_mapping_type": "date", "mapping": {"type": "keyword"}}},
            {"ob": {"match_mapping_type": "object", "mapping": {"type": "object", "dynamic": false}}}
        ]}},
        "PUT /a/_doc/1" => {"s": "x", "l": 1, "d": 1.5, "b": true, "t": "2020-01-01", "o": {"k": 1}},
        "GET /a/_mapping"
    );
}

#[test]
fn a_template_says_what_is_in_an_object_where_only_templates_are_allowed() {
    asks!(
        Setup::nothing().of_opensearch(),
        "PUT /a" => {"mappings": {"dynamic": "strict_allow_templates", "dynamic_templates": [
            {"ob": {"match": "ob*", "match_mapping_type": "object", "mapping": {"type": "object", "properties": {"k": {"type": "keyword"}, "o": {"properties": {"n": {"type": "long"}}}}}}},
            {"st": {"match": "st*", "mapping": {"type": "keyword"}}}
        ]}},
        "PUT /a/_doc/1" => {"ob": {"k": "x", "o": {"n": 1}}, "st": "y"},
        "GET /a/_mapping",
        "PUT /a/_doc/2" => {"ob2": {"k": "x", "surprise": 1}},
        "PUT /a/_doc/3" => {"ob3": {"k": "x", "st": "z"}},
        "PUT /a/_doc/4" => {"surprise": 1},
        "GET /a/_mapping"
    );
}

#[test]
fn a_template_says_what_is_in_an_object_and_how_it_grows() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"dynamic_templates": [
            {"ob": {"match": "ob*", "match_mapping_type": "object", "mapping": {"type": "object", "properties": {"k": {"type": "keyword"}, "s": {"dynamic": "false", "properties": {"n": {"type": "long"}}}}}}}
        ]}},
        "PUT /a/_doc/1" => {"ob": {"k": "x", "l": 1, "s": {"n": 1, "left": "out"}}},
        "GET /a/_mapping"
    );
}
