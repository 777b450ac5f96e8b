//! `token_count`: how many words a text has.

use serde_json::json;

use crate::cases::{Setup, asks};

fn texts() -> Setup {
    let count = |analyzer: &str| json!({"type": "token_count", "analyzer": analyzer});
    let mapping = json!({"mappings": {"properties": {
        "c": count("standard"),
        "plain": {"type": "token_count", "analyzer": "standard", "doc_values": false},
        "null": {"type": "token_count", "analyzer": "standard", "null_value": 7},
        "x": {"type": "text", "fields": {
            "n": count("standard"),
            "m": {"type": "token_count", "analyzer": "stop", "enable_position_increments": false, "store": true},
            "gaps": count("stop"),
        }},
    }}});
    let documents = json!([
        {"x": ["the quick fox", "one"]},
        {"c": "a b c", "x": "of the fox", "plain": "one two"},
        {"c": 5, "null": null},
        {"c": null},
        {"x": ""},
    ]);
    Setup::index("texts", mapping, documents)
}

#[test]
fn words_are_counted_and_found_by_their_number() {
    asks!(texts(), "POST /texts/_search" => {"_source": false, "query": {"range": {"x.n": {"gte": 3}}}}, "POST /texts/_search" => {"_source": false, "query": {"term": {"x.n": "3"}}}, "POST /texts/_search" => {"_source": false, "query": {"term": {"c": 1}}}, "POST /texts/_search" => {"_source": false, "query": {"term": {"null": 7}}}, "POST /texts/_search" => {"_source": false, "query": {"exists": {"field": "c"}}});
}

#[test]
fn removed_words_count_unless_told_otherwise() {
    asks!(texts(), "POST /texts/_search" => {"_source": false, "query": {"match_all": {}}, "docvalue_fields": ["c", "x.n", "x.m", "x.gaps"]});
}

#[test]
fn counts_are_fetched_from_the_source() {
    asks!(texts(), "POST /texts/_search" => {"_source": false, "query": {"match_all": {}}, "fields": ["c", "x.n", "x.m", "plain"]}, "POST /texts/_search" => {"_source": false, "query": {"match_all": {}}, "stored_fields": ["x.m"]});
}

#[test]
fn counts_are_sorted_and_aggregated() {
    asks!(texts(), "POST /texts/_search" => {"_source": false, "sort": ["x.n"]}, "POST /texts/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "x.n"}}, "y": {"stats": {"field": "x.gaps"}}}});
}

#[test]
fn its_type_is_that_of_its_numbers() {
    asks!(texts(), "GET /texts/_field_caps?fields=c,x.n", "GET /texts/_mapping");
}

#[test]
fn parameters_that_are_wrong_are_refused() {
    asks!(Setup::nothing(), "PUT /m" => {"mappings": {"properties": {"f": {"type": "token_count"}}}}, "PUT /m" => {"mappings": {"properties": {"f": {"type": "token_count", "analyzer": "standard", "foo": 1}}}}, "PUT /m" => {"mappings": {"properties": {"f": {"type": "token_count", "analyzer": "standard", "search_analyzer": "simple"}}}}, "PUT /m" => {"mappings": {"properties": {"f": {"type": "token_count", "analyzer": "standard", "coerce": true}}}});
}

#[test]
fn objects_are_no_texts() {
    asks!(texts(), "PUT /texts/_doc/e" => {"c": {"a": 1}});
}
