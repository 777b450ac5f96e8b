//! `percolate`, and the type of queries that documents hold.

use crate::cases::{Setup, asks};
use crate::domain::Domain;

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
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "document": {"newf": "v"}}}, "size": 30, "sort": ["_doc"], "track_scores": true}
    );
}

#[test]
fn queries_are_no_values_to_find() {
    asks!(
        queries(),
        "POST /a/_search" => {"query": {"term": {"q": "x"}}},
        "POST /a/_search" => {"query": {"terms": {"q": ["x"]}}}
    );
}

#[test]
fn several_documents_are_told_apart() {
    asks!(
        queries(),
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "documents": [{"t": "bonsai"}, {"k": "x", "n": 9, "t": "tree"}, {}]}}, "size": 30, "sort": ["_doc"], "track_scores": true}
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

#[test]
fn a_query_that_is_none_is_refused_whichever_way_it_comes() {
    let domain = Domain::elasticsearch();
    domain.ok("PUT /a", r#"{"mappings":{"properties":{"q":{"type":"percolator"}}}}"#);
    domain
        .ok("PUT /plain", r#"{"mappings":{"properties":{"q":{"type":"object","enabled":false}}}}"#);
    let none = r#"{"q":{"mtch":{}}}"#;
    assert_eq!(domain.ask("PUT /plain/_doc/1?refresh=true", none).0, 201);
    for (line, body) in [
        ("PUT /a/_doc/1", none.to_owned()),
        ("POST /a/_update/1", format!(r#"{{"doc":{{}},"upsert":{none}}}"#)),
        ("POST /a/_update/1", format!(r#"{{"doc":{none},"doc_as_upsert":true}}"#)),
    ] {
        let (status, answer) = domain.ask(line, &body);
        assert_eq!((status, &answer["error"]["type"]), (400, &"mapper_parsing_exception".into()));
    }
    let bulk = domain
        .ok("POST /a/_bulk", &format!("{{\"index\":{{}}}}\n{none}\n{{\"index\":{{}}}}\n{{}}\n"));
    let statuses = [0, 1].map(|item| bulk["items"][item]["index"]["status"].clone());
    assert_eq!(statuses, [400, 201]);
    let (status, copied) =
        domain.ask("POST /_reindex", r#"{"source":{"index":"plain"},"dest":{"index":"a"}}"#);
    let cause = &copied["failures"][0]["cause"]["type"];
    assert_eq!((status, cause), (400, &"mapper_parsing_exception".into()), "{copied}");
    domain.ok("POST /a/_refresh", "");
    assert_eq!(domain.ok("GET /a/_count", "")["count"], 1);
}

#[test]
fn a_document_of_an_index_may_be_asked_about() {
    let kept = Setup::nothing()
        .and("d", serde_json::json!({}), serde_json::json!([{"k": "x"}, {"k": "y"}]))
        .and(
            "a",
            serde_json::json!({"mappings": {"properties": {"q": {"type": "percolator"}, "k": {"type": "keyword"}}}}),
            serde_json::json!([{"q": {"constant_score": {"filter": {"term": {"k": "x"}}}}}, {"q": {"match_all": {}}}]),
        );
    asks!(
        kept,
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "index": "d", "id": "0"}}},
        "POST /a/_search" => {"_source": false, "query": {"bool": {"filter": {"percolate": {"field": "q", "index": "d", "id": "1"}}}}},
        "POST /a/_count" => {"query": {"percolate": {"field": "q", "index": "d", "id": "0"}}},
        "POST /a/_search" => {"query": {"percolate": {"field": "q", "index": "d", "id": "surprise"}}},
        "POST /a/_search" => {"query": {"percolate": {"field": "q", "index": "surprise", "id": "0"}}},
        "POST /a/_search" => {"query": {"percolate": {"field": "q", "index": "d", "id": "0", "version": 7}}},
        "POST /a/_search" => {"query": {"percolate": {"field": "q", "index": "d"}}},
        "POST /a/_search" => {"query": {"percolate": {"field": "q", "id": "0"}}},
        "POST /a/_search" => {"query": {"percolate": {"field": "q", "index": "d", "id": "0", "document": {"k": "y"}}}},
    );
}

#[test]
fn the_words_that_a_stored_query_finds_are_marked() {
    asks!(
        queries(),
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "document": {"t": "a new bonsai tree in the office", "n": 7}}}, "highlight": {"fields": {"t": {}}}, "sort": ["_doc"]},
        "POST /a/_search" => {"_source": false, "query": {"percolate": {"field": "q", "documents": [{"t": "bonsai"}, {"k": "x", "n": 9, "t": "tree"}, {}]}}, "highlight": {"fields": {"t": {}, "k": {}}}, "sort": ["_doc"]},
        "POST /a/_search" => {"_source": false, "query": {"bool": {"should": [{"percolate": {"field": "q", "name": "one", "document": {"t": "tree", "n": 7}}}, {"percolate": {"field": "q", "name": "two", "documents": [{"t": "bonsai"}, {"t": "bonsai tree"}]}}]}}, "highlight": {"fields": {"*": {"pre_tags": ["["], "post_tags": ["]"]}}}, "sort": ["_doc"]}
    );
}
