//! `percolate`, and the type of queries that documents hold.

use crate::cases::{Setup, asks};

fn queries() -> Setup {
    Setup::index(
        "a",
        serde_json::json!({"mappings": {"properties": {"q": {"type": "percolator"}, "t": {"type": "text"}, "k": {"type": "keyword"}, "n": {"type": "long"}}}}),
        serde_json::json!([{"q": {"match": {"t": "bonsai tree"}}}, {"q": {"bool": {"must": [{"match": {"t": "tree"}}, {"range": {"n": {"gte": 5}}}]}}, "k": "a"}, {"q": {"match_all": {}}}, {"q": {"term": {"k": "x"}}, "k": "b"}, {"k": "noquery"}, {"q": [{"match_all": {}}]}, {"q": {"match_phrase": {"t": "new bonsai"}}}, {"q": {"match_none": {}}}]),
    )
}

#[test]
fn queries_that_find_the_document_are_found() {
    asks!(
        queries(),
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "document": {"t": "a new bonsai tree in the office", "n": 7}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "document": {"k": "x"}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "document": {"newf": "v"}}}, "size": 30, "sort": ["_doc"], "track_scores": true};
        differs: "words score as in other searches; a real server scores them without the factor k1 + 1"
    );
}

#[test]
fn several_documents_are_told_apart() {
    asks!(
        queries(),
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "documents": [{"t": "bonsai"}, {"k": "x", "n": 9, "t": "tree"}, {}]}}, "size": 30, "sort": ["_doc"], "track_scores": true};
        differs: "words score as in other searches; a real server scores them without the factor k1 + 1"
    );
}

#[test]
fn it_is_a_filter() {
    asks!(
        queries(),
        "POST /a/_search" => {"_source": false, "query": {"bool": {"filter": {"percolate": {"field": "q", "document": {"t": "tree", "n": 7}}}, "must": {"exists": {"field": "k"}}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"constant_score": {"filter": {"percolate": {"field": "q", "document": {"t": "tree", "n": 7}}}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn other_fields_are_refused() {
    asks!(
        queries(),
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "nope", "document": {}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "t", "document": {}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn a_document_that_does_not_fit_is_refused() {
    asks!(
        queries(),
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "document": {"n": "x"}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn what_is_needed_is_asked_for() {
    asks!(
        queries(),
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q"}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"document": {}}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "document": {"t": "x"}, "documents": [{"t": "x"}]}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn queries_are_not_searched_themselves() {
    asks!(
        queries(),
        "POST /a/_search" => {"_source": false, "query": {"term": {"q": "x"}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"match": {"q": "x"}}, "size": 30, "sort": ["_doc"], "track_scores": true},
        "POST /a/_search" => {"_source": false, "query": {"exists": {"field": "q"}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn what_is_no_query_is_not_kept() {
    asks!(
        queries(),
        "PUT /a/_doc/20" => {"q": "str"},
        "PUT /a/_doc/20" => {"q": 5},
        "PUT /a/_doc/20" => {"q": null}
    );
}

#[test]
fn a_query_that_nobody_knows_is_not_kept() {
    asks!(
        queries(),
        "PUT /a/_doc/20" => {"q": {"mtch": {}}},
        "PUT /a/_doc/20" => {"q": {}}
    );
}
