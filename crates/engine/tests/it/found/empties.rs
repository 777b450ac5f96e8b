//! Empty texts, `null`, and fields that are not mapped: what is refused and in which words.

use serde_json::json;

use crate::cases::{Setup, asks};

fn fields() -> Setup {
    let mapping = json!({"mappings": {"properties": {
        "i": {"type": "integer"}, "l": {"type": "long"}, "d": {"type": "double"}, "f": {"type": "half_float"},
        "s": {"type": "scaled_float", "scaling_factor": 10}, "t": {"type": "date"}, "tn": {"type": "date_nanos"},
        "b": {"type": "boolean"}, "ip": {"type": "ip"}, "k": {"type": "keyword"}, "x": {"type": "text"},
        "ir": {"type": "integer_range"}, "nc": {"type": "integer", "coerce": false}, "nd": {"type": "double", "coerce": false},
        "ns": {"type": "short", "coerce": false}, "nl": {"type": "long", "coerce": false}, "nf": {"type": "float", "coerce": false},
        "nb": {"type": "byte", "coerce": false},
    }}});
    Setup::index("a", mapping, json!([{"i": 1, "k": "z", "x": "a b"}, {"i": 2}]))
}

#[test]
fn an_empty_text_is_no_value_of_a_number_and_no_date() {
    asks!(fields(),
        "PUT /a/_doc/11" => {"i": ""},
        "PUT /a/_doc/12" => {"d": ""},
        "PUT /a/_doc/13" => {"s": ""},
        "PUT /a/_doc/14" => {"t": ""},
        "PUT /a/_doc/15" => {"tn": ""},
        "PUT /a/_doc/16" => {"b": ""},
        "PUT /a/_doc/17" => {"ip": ""},
        "PUT /a/_doc/18" => {"i": " "},
        "PUT /a/_doc/19" => {"d": " "},
        "PUT /a/_doc/20" => {"t": " "},
        "PUT /a/_doc/21" => {"ir": {"gte": "", "lte": ""}},
    );
}

#[test]
fn a_number_in_a_text_that_is_not_coerced_is_refused_by_its_class() {
    asks!(fields(),
        "PUT /a/_doc/11" => {"nc": "1"},
        "PUT /a/_doc/12" => {"nd": ""},
        "PUT /a/_doc/13" => {"ns": "1"},
        "PUT /a/_doc/14" => {"nl": "1"},
        "PUT /a/_doc/15" => {"nf": "1"},
        "PUT /a/_doc/16" => {"nb": "1"},
    );
}

#[test]
fn a_query_of_an_empty_text_is_refused_where_numbers_and_dates_are_read() {
    asks!(fields(),
        "POST /a/_search" => {"query": {"match": {"i": ""}}},
        "POST /a/_search" => {"query": {"term": {"d": ""}}},
        "POST /a/_search" => {"query": {"term": {"s": " "}}},
        "POST /a/_search" => {"query": {"terms": {"l": ["", 1]}}},
        "POST /a/_search" => {"query": {"range": {"i": {"gte": ""}}}},
        "POST /a/_search" => {"query": {"range": {"s": {"lt": ""}}}},
        "POST /a/_search" => {"query": {"term": {"t": ""}}},
        "POST /a/_search" => {"query": {"match": {"tn": ""}}},
        "POST /a/_search" => {"query": {"range": {"t": {"gte": ""}}}},
        "POST /a/_search" => {"query": {"term": {"b": ""}}},
        "POST /a/_search" => {"query": {"range": {"k": {"gte": ""}}}},
    );
}

#[test]
fn null_where_the_value_of_a_field_belongs_is_refused() {
    asks!(fields(),
        "POST /a/_search" => {"query": {"match": {"x": null}}},
        "POST /a/_search" => {"query": {"match": {"x": {"query": null}}}},
        "POST /a/_search" => {"query": {"match_phrase": {"x": null}}},
        "POST /a/_search" => {"query": {"match_phrase_prefix": {"x": null}}},
        "POST /a/_search" => {"query": {"match_bool_prefix": {"x": null}}},
        "POST /a/_search" => {"query": {"multi_match": {"query": null, "fields": ["x"]}}},
        "POST /a/_search" => {"query": {"term": {"k": null}}},
        "POST /a/_search" => {"query": {"terms": {"k": null}}},
        "POST /a/_search" => {"query": {"terms": {"k": [null]}}},
        "POST /a/_search" => {"query": {"prefix": {"k": null}}},
        "POST /a/_search" => {"query": {"regexp": {"k": null}}},
        "POST /a/_search" => {"query": {"fuzzy": {"k": null}}},
        "POST /a/_search" => {"query": {"range": {"i": null}}},
        "POST /a/_search" => {"query": {"ids": {"values": null}}},
        "POST /a/_search" => {"query": {"bool": {"must": [{"match": {"x": null}}]}}},
        "POST /a/_search" => {"query": {"bool": {"must": [{"prefix": {"x": null}}]}}},
    );
}

#[test]
fn null_in_a_wildcard_is_refused() {
    asks!(fields(),
        "POST /a/_search" => {"query": {"wildcard": {"k": null}}};
        differs: "there the parser's own state is at fault, with 500"
    );
}

#[test]
fn a_query_of_no_field_is_refused_in_the_words_of_its_builder() {
    asks!(fields(),
        "POST /a/_search" => {"query": {"term": {}}},
        "POST /a/_search" => {"query": {"match": {}}},
        "POST /a/_search" => {"query": {"match_phrase": {}}},
        "POST /a/_search" => {"query": {"match_phrase_prefix": {}}},
        "POST /a/_search" => {"query": {"match_bool_prefix": {}}},
        "POST /a/_search" => {"query": {"prefix": {}}},
        "POST /a/_search" => {"query": {"wildcard": {}}},
        "POST /a/_search" => {"query": {"regexp": {}}},
        "POST /a/_search" => {"query": {"fuzzy": {}}},
        "POST /a/_search" => {"query": {"range": {}}},
        "POST /a/_search" => {"query": {"span_term": {}}},
        "POST /a/_search" => {"query": {"terms_set": {}}},
        "POST /a/_search" => {"query": {"intervals": {}}},
        "POST /a/_search" => {"query": {"match_phrase": {"k": {}}}},
        "POST /a/_search" => {"query": {"match_bool_prefix": {"k": {}}}},
        "POST /a/_search" => {"query": {"bool": {"must": [{"term": {}}]}}},
    );
}

#[test]
fn a_query_alone_in_its_body_is_refused_as_what_failed_to_parse() {
    asks!(fields(),
        "POST /a/_count" => {"query": null},
        "POST /a/_count" => {"query": "x"},
        "POST /a/_count" => {"query": []},
        "POST /a/_count" => {"query": {}},
        "POST /a/_count" => {"query": {"term": {}}},
        "POST /a/_count" => {"query": {"nope": {}}},
        "POST /a/_count" => {"query": {"nested": {}}},
        "POST /a/_count" => {"query": {"geo_distance": {"distance": "x"}}},
        "POST /a/_count" => {"query": {"function_score": {"functions": [{"weight": "x"}]}}},
        "POST /a/_count" => {"query": {"bool": {"must": [{"prefix": {"x": null}}]}}},
        "POST /a/_count" => {"query": {"range": {"i": {"gte": "x"}}}},
        "POST /a/_explain/1" => {"query": {"term": {}}},
        "POST /a/_explain/1" => {"query": "x"},
    );
}

#[test]
fn parameters_of_a_count_are_numbers() {
    asks!(
        fields(),
        "POST /a/_count?min_score=x",
        "POST /a/_count?min_score=",
        "POST /a/_count?min_score=1.5&q=x:a",
        "POST /a/_count?min_score=0.1&q=x:a",
        "POST /a/_count?terminate_after=-1",
        "POST /a/_count?terminate_after=x",
        "POST /a/_search?terminate_after=-1",
    );
}

#[test]
fn the_type_that_is_said_of_an_unmapped_field_counts() {
    asks!(fields(),
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "none", "value_type": "long"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "none", "value_type": "long", "missing": 1.5}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "none", "value_type": "double", "missing": 1}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "none", "value_type": "boolean", "missing": "true"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "none", "value_type": "ip", "missing": "1.1.1.1"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"avg": {"field": "none", "value_type": "string"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"stats": {"field": "none", "value_type": "ip"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"percentiles": {"field": "none", "value_type": "string"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"range": {"field": "none", "value_type": "string", "ranges": [{"to": 5}]}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"histogram": {"field": "none", "value_type": "ip", "interval": 5}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"date_histogram": {"field": "none", "value_type": "string", "calendar_interval": "day"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"max": {"field": "none", "value_type": "date", "missing": "2020-01-01"}}}},
    );
}

#[test]
fn the_type_that_is_said_of_a_keyword_is_refused_where_it_is_a_number() {
    asks!(fields(),
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "k", "value_type": "long"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "k", "value_type": "boolean"}}}},
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "k", "value_type": "string"}}}},
    );
}

#[test]
fn numbers_are_no_texts_though_that_is_said() {
    asks!(fields(),
        "POST /a/_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "i", "value_type": "string"}}}};
        differs: "there they are shown and ordered as texts"
    );
}
