//! A script is asked last: of documents that everything else in the query lets pass.

use serde_json::json;

use crate::cases::{Setup, asks};

/// Of the document 1, without `n`, `doc['n'].value` fails.
fn setup() -> Setup {
    Setup::index(
        "last",
        json!({"mappings": {"properties": {
            "n": {"type": "long"}, "k": {"type": "keyword"}, "t": {"type": "text"},
            "objects": {"type": "nested", "properties": {"n": {"type": "long"}}},
        }}}),
        json!([
            {"n": 1, "k": "a", "t": "quick fox", "objects": [{"n": 1}]},
            {"k": "b", "t": "slow fox", "objects": [{"n": 2}]},
            {"n": 3, "k": "c", "t": "lazy dog"},
        ]),
    )
    .and_then("PUT /last/_alias/some", json!({"filter": {"exists": {"field": "n"}}}))
}

#[test]
fn a_clause_beside_it_keeps_documents_from_a_script() {
    asks!(setup(),
        "POST /_search" => {"query": {"bool": {"filter": [{"exists": {"field": "n"}}, {"script": {"script": "doc['n'].value > 1"}}]}}},
        "POST /_search" => {"query": {"bool": {"filter": [{"script": {"script": "doc['n'].value > 1"}}, {"exists": {"field": "n"}}]}}},
        "POST /_search" => {"query": {"bool": {"must": [{"script": {"script": "doc['n'].value > 1"}}, {"match": {"t": "dog fox"}}], "filter": {"terms": {"k": ["a", "c"]}}}}},
        "POST /_search" => {"query": {"bool": {"must_not": [{"script": {"script": "doc['n'].value > 1"}}], "filter": {"exists": {"field": "n"}}}}},
        "POST /_search" => {"query": {"bool": {"must_not": [{"script": {"script": "doc['n'].value > 1"}}, {"term": {"k": "b"}}]}}},
        "POST /_search" => {"query": {"bool": {"filter": [{"bool": {"must": [{"script": {"script": "doc['n'].value > 1"}}]}}], "must_not": {"term": {"k": "b"}}}}},
        "POST /_search" => {"query": {"script": {"script": "doc['n'].value > 1"}}},
    );
}

#[test]
fn a_script_that_only_scores_is_asked_of_matches_alone() {
    asks!(setup(),
        "POST /_search" => {"query": {"bool": {"filter": {"exists": {"field": "n"}}, "should": [{"script": {"script": "doc['n'].value > 1", "boost": 3}}, {"match": {"t": "dog"}}], "minimum_should_match": 2}}},
        "POST /_search" => {"query": {"bool": {"filter": {"exists": {"field": "n"}}, "must": {"dis_max": {"queries": [{"script": {"script": "doc['n'].value > 1"}}, {"match": {"t": "fox"}}], "tie_breaker": 0.5}}}}},
        "POST /_search" => {"query": {"bool": {"filter": {"exists": {"field": "n"}}, "must": {"script_score": {"query": {"match": {"t": "dog fox"}}, "script": {"source": "doc['n'].value"}, "min_score": 2}}}}},
        "POST /_search" => {"query": {"bool": {"filter": {"exists": {"field": "n"}}, "should": {"script_score": {"query": {"match_all": {}}, "script": {"source": "doc['n'].value"}}}}}},
        "POST /_search" => {"query": {"bool": {"filter": {"exists": {"field": "n"}}, "must": {"function_score": {"functions": [{"field_value_factor": {"field": "n"}}], "min_score": 2}}}}},
        "POST /_search" => {"query": {"bool": {"filter": {"exists": {"field": "n"}}, "must": {"boosting": {"positive": {"match_all": {}}, "negative": {"script": {"script": "doc['n'].value > 1"}}, "negative_boost": 0.5}}}}},
        "POST /_search" => {"query": {"bool": {"filter": {"exists": {"field": "n"}}, "must": {"function_score": {"functions": [{"filter": {"script": {"script": "doc['n'].value > 1"}}, "weight": 4}]}}}}},
    );
}

#[test]
fn who_asks_about_one_document_asks_about_no_other() {
    asks!(setup(),
        "POST /_search" => {"query": {"exists": {"field": "n"}}, "post_filter": {"script": {"script": "doc['n'].value > 1"}}},
        "POST /_search" => {"size": 0, "query": {"exists": {"field": "n"}}, "aggs": {"f": {"filter": {"script": {"script": "doc['n'].value > 1"}}}}},
        "POST /_search" => {"size": 0, "query": {"exists": {"field": "n"}}, "aggs": {"f": {"filters": {"filters": {"one": {"script": {"script": "doc['n'].value > 1"}}, "two": {"script": {"script": "doc['n'].value < 2"}}}}}}},
        "POST /_search" => {"query": {"bool": {"filter": {"exists": {"field": "n"}}, "should": {"script": {"script": "doc['n'].value > 1", "_name": "large"}}}}},
        "POST /some/_search" => {"query": {"script": {"script": "doc['n'].value > 1"}}},
        "POST /some/_count" => {"query": {"bool": {"should": [{"script": {"script": "doc['n'].value > 1"}}, {"term": {"k": "a"}}]}}},
        "DELETE /last/_doc/1?refresh=true",
        "POST /_search" => {"query": {"script": {"script": "doc['n'].value > 1"}}},
    );
}

#[test]
fn it_is_asked_of_no_document_that_is_no_match_where_the_real_servers_do() {
    asks!(setup(),
        "POST /_search" => {"query": {"bool": {"must": {"exists": {"field": "n"}}, "should": [{"script": {"script": "doc['n'].value > 1"}}, {"match": {"t": "fox"}}]}}},
        "POST /_search" => {"query": {"bool": {"filter": {"exists": {"field": "n"}}, "should": [{"script": {"script": "doc['n'].value > 1"}}, {"term": {"k": "a"}}], "minimum_should_match": 1}}},
        "POST /_search" => {"query": {"exists": {"field": "n"}}, "rescore": {"query": {"rescore_query": {"script": {"script": "doc['n'].value > 1"}}}}},
        "DELETE /last/_doc/1?refresh=true",
        "POST /_search" => {"query": {"bool": {"should": [{"script": {"script": "doc['n'].value > 1"}}, {"term": {"k": "a"}}]}}}; differs: "there a union, a second scoring and deleted documents let a script see what is no hit"
    );
}
