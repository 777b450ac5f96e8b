//! Keys that nobody knows, which are told before what is missing or wrong behind them.

use serde_json::json;

use crate::cases::{Setup, asks};

fn words() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {"t": {"type": "text"}, "k": {"type": "keyword"}, "n": {"type": "integer"}}}}),
        json!([{"t": "the fox", "k": "fox", "n": 4}]),
    )
}

#[test]
fn a_key_that_nobody_knows_is_told_before_one_that_is_missing() {
    asks!(words(),
        "POST /w/_search" => {"query": {"match": {"t": {"queryx": "fox"}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": null}}}},
        "POST /w/_search" => {"query": {"match_phrase_prefix": {"t": {"query": "fox", "max_expansions": null}}}},
        "POST /w/_search" => {"query": {"match_phrase": {"t": {"queryx": ["fox"]}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "fox", "fieldsx": ["t"]}}},
        "POST /w/_search" => {"query": {"simple_query_string": {"queryx": "fox"}}},
        "POST /w/_search" => {"query": {"term": {"k": {"valuex": "fox"}}}},
        "POST /w/_search" => {"query": {"wildcard": {"k": {"valuex": "fox"}}}},
        "POST /w/_search" => {"query": {"boosting": {"negative": {"match_all": {}}, "positivex": {"match_all": {}}}}},
        "POST /w/_search" => {"query": {"nested": {"pathx": "o", "query": {"match_all": {}}}}},
        "POST /w/_search" => {"query": {"terms": {"k": ["fox"], "bogus": 1}}},
        "POST /w/_search" => {"query": {"span_near": {"clausesx": []}}},
    );
}

#[test]
fn functions_that_are_out_of_place_are_told_by_name() {
    asks!(words(),
        "POST /w/_search" => {"query": {"function_score": {"weight": 2, "bogus": 1}}},
        "POST /w/_search" => {"query": {"function_score": {"functions": [{"weight": 2}], "queryx": {"match_all": {}}}}},
        "POST /w/_search" => {"query": {"function_score": {"functions": [{"weight": 2, "bogus": 1}]}}},
        "POST /w/_search" => {"query": {"function_score": {"bogus": 1}}},
        "POST /w/_search" => {"query": {"function_score": {"field_value_factor": {"field": "n", "missingx": 1}}}},
        "POST /w/_search" => {"query": {"function_score": {"random_score": {"seedx": 1}}}},
    );
}

#[test]
fn a_key_that_is_nearly_known_is_told_with_those_that_are_meant() {
    asks!(words(),
        "POST /w/_search" => {"query": {"bool": {"minimum_should_matchx": 1}}},
        "POST /w/_search" => {"query": {"bool": {"shoulds": []}}},
        "POST /w/_search" => {"aggs": {"a": {"max": {"field": "n", "formatx": "0"}}}},
        "POST /w/_search" => {"highlight": {"fields": {"t": {"fragment_sizes": 1}}}},
    );
}

#[test]
fn what_a_list_of_terms_lacks_is_a_fault_of_its_reader() {
    asks!(words(),
        "POST /w/_search" => {"query": {"terms": {"k": [null]}}},
        "POST /w/_search" => {"query": {"bool": {"filter": [{"terms": {"k": [null]}}]}}},
        "POST /w/_search" => {"query": {"bool": {"must": {"multi_match": {"query": "a", "type": "bool_prefix", "slop": 1}}}}},
    );
}

#[test]
fn of_a_field_that_is_named_twice_the_last_boost_counts() {
    asks!(words(),
        "POST /w/_search?_source=false" => {"query": {"multi_match": {"query": "fox", "fields": ["t^0.5", "k", "t"]}}},
        "POST /w/_search?_source=false" => {"query": {"simple_query_string": {"query": "fox", "fields": ["t", "t^2", "t^0.5"]}}},
        "POST /w/_search?_source=false" => {"query": {"query_string": {"query": "fox", "fields": ["t^3", "t*"]}}},
    );
}

#[test]
fn a_minimum_of_optional_clauses_means_nothing_where_all_is_forbidden() {
    asks!(words(),
        "POST /w/_search?_source=false" => {"query": {"bool": {"must_not": [{"term": {"k": "dog"}}], "minimum_should_match": 2}}},
        "POST /w/_search?_source=false" => {"query": {"bool": {"must_not": [{"term": {"k": "dog"}}], "filter": [], "minimum_should_match": 1}}},
    );
}
