//! What programs ask (`conformance/scenarios`) and was answered in another way than by the real servers.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn logs() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "t": {"type": "text"}, "n": {"type": "long"}, "r": {"type": "rank_features"},
            "k": {"type": "keyword", "normalizer": "lowercase"},
            "o": {"properties": {"n": {"type": "nested", "properties": {"x": {"type": "long"}}}, "e": {"type": "object"}}},
        }}}),
        json!([{"t": "the fox", "n": 1, "k": "ABC"}, {"t": "dog", "n": 20, "k": ["x", "Y"]}]),
    )
}

#[test]
fn field_caps_tell_the_fields_that_every_index_has() {
    asks!(
        logs(),
        "GET /w/_field_caps?fields=*",
        "GET /w/_field_caps?fields=_s*",
        "GET /w/_field_caps?fields=_type"
    );
}

#[test]
fn field_caps_tell_the_objects_around_what_they_find() {
    asks!(
        logs(),
        "GET /w/_field_caps?fields=o.n.x",
        "GET /w/_field_caps?fields=o",
        "GET /w/_field_caps?fields=o.*"
    );
}

#[test]
fn the_mapping_of_fields_tells_those_that_every_index_has() {
    asks!(
        logs(),
        "GET /w/_mapping/field/_i*",
        "GET /w/_mapping/field/_source",
        "GET /w/_mapping/field/*"
    );
}

#[test]
fn a_format_may_be_named_as_before_elasticsearch_7() {
    asks!(logs(),
        "PUT /w/_mapping" => {"properties": {"d": {"type": "date", "format": "dateOptionalTime"}, "s": {"type": "date", "format": "strictDateHourMinute||basicDate"}}},
        "POST /w/_doc/9?refresh=true" => {"d": "2024-05-01T10:00:00Z", "s": "20240501"},
        "POST /w/_search" => {"query": {"range": {"d": {"gte": "2024-05-01"}}}, "docvalue_fields": ["d", "s"]},
    );
}

#[test]
fn the_state_of_a_closed_index_is_told_by_its_name() {
    asks!(
        logs(),
        "POST /w/_close",
        "GET /_cluster/state/metadata/w?filter_path=metadata.indices.*.state",
        "GET /_cluster/state/metadata/w*?filter_path=metadata.indices.*.state",
    );
}

#[test]
fn a_star_alone_is_every_document_to_a_simple_query() {
    asks!(logs(),
        "POST /w/_search" => {"query": {"simple_query_string": {"query": "*"}}},
        "POST /w/_search" => {"query": {"simple_query_string": {"query": "*", "fields": ["t"]}}},
    );
}

#[test]
fn a_boost_of_function_score_is_that_of_its_query() {
    let function = json!({"field_value_factor": {"field": "n"}});
    asks!(logs(),
        "POST /w/_search" => {"query": {"function_score": {"functions": [function], "boost": 2, "boost_mode": "replace"}}},
        "POST /w/_search" => {"query": {"function_score": {"functions": [function], "boost": 2, "boost_mode": "sum"}}},
        "POST /w/_search" => {"query": {"function_score": {"functions": [function], "boost": 2, "boost_mode": "multiply"}}},
        "POST /w/_search" => {"query": {"function_score": {"query": {"match": {"t": "fox"}}, "functions": [function], "boost": 3, "boost_mode": "max"}}},
    );
}

#[test]
fn fields_shows_keywords_as_they_are_looked_for() {
    search!(logs(), {"_source": false, "fields": ["k", "n"]});
}
