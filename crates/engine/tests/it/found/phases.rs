//! What is refused first: the real servers rewrite all queries, then look all fields up, then make the aggregations.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn fields() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "t": {"type": "text"}, "k": {"type": "keyword"}, "g": {"type": "geo_point"}, "d": {"type": "date"}, "n": {"type": "integer"},
            "r": {"type": "integer_range"},
        }}}),
        json!([{"t": "the fox", "k": "fox", "d": "2020-01-01", "n": 4}, {"t": "a dog", "k": "dog", "d": "2020-03-01", "n": 5}]),
    )
}

#[test]
fn a_filter_that_is_rewritten_gives_its_aggregation_metadata() {
    asks!(fields(),
        "POST /w/_search" => {"size": 0, "aggs": {
            "none": {"filter": {"term": {"nowhere": 1}}}, "all": {"filter": {"range": {"d": {"gte": "2019"}}}},
            "some": {"filter": {"range": {"d": {"gte": "2020-02"}}}}, "outside": {"filter": {"range": {"d": {"gte": "2021"}}}},
            "match": {"filter": {"match": {"nowhere": "a"}}}, "empty": {"filter": {"bool": {}}},
            "scored": {"filter": {"function_score": {"query": {"exists": {"field": "nowhere"}}, "weight": 2}}},
            "best": {"filter": {"dis_max": {"queries": [{"term": {"nowhere": 1}}]}}},
        }},
        "POST /w/_search" => {"size": 0, "aggs": {
            "around": {"terms": {"field": "k"}, "aggs": {"in": {"filters": {"filters": [
                {"bool": {"must": [{"match_none": {}}]}}, {"match_all": {}}
            ]}}}},
            "pairs": {"adjacency_matrix": {"filters": {"a": {"prefix": {"nowhere": "a"}}, "b": {"match_all": {}}}}},
            "said": {"filter": {"ids": {"values": []}}, "meta": {"a": 1}},
        }},
    );
}

#[test]
fn fields_are_looked_up_before_aggregations_are_made() {
    asks!(fields(),
        "POST /w/_search" => {"size": 0, "aggs": {"h": {"histogram": {"field": "n", "interval": 1}, "aggs": {
            "g": {"global": {}}, "m": {"max": {"field": "g"}}
        }}}},
        "POST /w/_search" => {"size": 0, "aggs": {"s": {"sampler": {}}, "t": {"terms": {"field": "t"}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"h": {"terms": {"field": "t"}, "aggs": {
            "c": {"composite": {"sources": [{"k": {"terms": {"field": "k"}}}]}}
        }}}},
        "POST /w/_search" => {"size": 0, "aggs": {"h": {"terms": {"field": "k"}, "aggs": {"g": {"global": {}}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"s": {"sampler": {}}}},
    );
}

#[test]
fn what_is_wrong_in_a_filter_of_an_aggregation_is_not_wrapped() {
    asks!(fields(),
        "POST /w/_search" => {"size": 0, "aggs": {"f": {"filter": {"term": {"n": "a"}}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"f": {"filters": {"filters": [{"match_phrase_prefix": {"k": "a"}}]}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"f": {"filter": {"wildcard": {"n": "a*"}}}}},
        "POST /w/_search" => {"rescore": {"query": {"rescore_query": {"term": {"n": "a"}}}}},
        "POST /w/_search" => {"query": {"term": {"n": "a"}}},
    );
}

#[test]
fn a_request_by_query_reads_batches_that_the_index_allows() {
    asks!(fields(),
        "PUT /w/_settings" => {"index.max_result_window": 20},
        "POST /w/_delete_by_query" => {"query": {"match_all": {}}, "max_docs": 1},
        "POST /w/_update_by_query" => {"query": {"match_all": {}}},
        "POST /w/_delete_by_query?scroll_size=10" => {"query": {"term": {"n": "a"}}},
        "POST /w/_update_by_query?scroll_size=10" => {"query": {"wildcard": {"n": "a*"}}},
    );
}

#[test]
fn a_pattern_of_columns_means_the_fields_of_every_index_too() {
    asks!(fields(),
        "POST /w/_search" => {"docvalue_fields": ["*"]},
        "POST /w/_search" => {"docvalue_fields": ["k*", "n*"], "sort": "n"},
        "PUT /w/_settings" => {"index.max_docvalue_fields_search": 3},
        "POST /w/_search" => {"docvalue_fields": ["*"]},
        "POST /w/_search" => {"docvalue_fields": ["*"], "size": 0},
    );
}

#[test]
fn a_boost_of_a_highlighted_field_that_nobody_knows_is_told_before_tags_that_are_missing() {
    search!(fields(), {"query": {"match": {"t": "fox"}}, "highlight": {"fields": {"t": {"pre_tags": ["<b>"], "encoder": "html"}}}});
}
