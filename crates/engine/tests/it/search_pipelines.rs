//! `_search/pipeline`. The processors are a module that the reference server does not have: what is compared is its documentation.

use serde_json::{Value, json};

use crate::domain::Domain;

/// Six documents.
fn books() -> Domain {
    let domain = Domain::opensearch();
    let mapping = json!({"mappings": {"properties": {"kind": {"type": "keyword"}, "n": {"type": "integer"}}}});
    domain.ok("PUT /books", &mapping.to_string());
    let mut lines = String::new();
    for (n, kind) in ["a", "b", "a", "b", "c", "c"].into_iter().enumerate() {
        let document = json!({"kind": kind, "n": n, "list": [3, 1, 2], "path": "x/y//"});
        lines.push_str(&format!("{{\"index\":{{\"_id\":\"{n}\"}}}}\n{document}\n"));
    }
    domain.ok("POST /books/_bulk?refresh=true", &lines);
    domain
}

fn put(domain: &Domain, name: &str, pipeline: &Value) {
    domain.ok(&format!("PUT /_search/pipeline/{name}"), &pipeline.to_string());
}

fn ids(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["_id"].as_str().unwrap()).collect()
}

fn filter(kind: &str) -> Value {
    json!({"filter_query": {"query": {"term": {"kind": kind}}}})
}

/// The answer to a search in order of `n` through this pipeline, given in the body.
fn through(domain: &Domain, pipeline: &Value, more: &Value) -> Value {
    let mut body = json!({"sort": ["n"], "search_pipeline": pipeline});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    domain.ok("POST /books/_search", &body.to_string())
}

fn refused(domain: &Domain, line: &str, body: &Value) -> (u16, String) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (status, answer) = domain.ask(line, &body);
    (status, answer["error"]["reason"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_pipeline_is_kept_told_and_deleted() {
    let domain = books();
    let pipeline = json!({"description": "of a", "request_processors": [filter("a")]});
    put(&domain, "a", &pipeline);
    put(&domain, "b", &json!({"request_processors": [filter("b")]}));
    assert_eq!(domain.ok("GET /_search/pipeline/a", ""), json!({"a": pipeline}));
    assert_eq!(domain.ok("GET /_search/pipeline", "").as_object().unwrap().len(), 2);
    assert_eq!(domain.ask("GET /_search/pipeline/x*", "").0, 404);
    let missing = refused(&domain, "DELETE /_search/pipeline/x", &Value::Null);
    assert_eq!(missing, (404, "pipeline [x] is missing".to_owned()));
    domain.ok("DELETE /_search/pipeline/a", "");
    assert_eq!(domain.ask("GET /_search/pipeline/a", "").0, 404);
}

#[test]
fn a_search_names_its_pipeline_in_the_url_or_in_the_body() {
    let domain = books();
    put(&domain, "a", &json!({"request_processors": [filter("a")]}));
    let found = domain.ok("POST /books/_search?search_pipeline=a&sort=n", "");
    assert_eq!(ids(&found), ["0", "2"]);
    assert_eq!(ids(&through(&domain, &json!("a"), &json!({}))), ["0", "2"]);
    assert_eq!(through(&domain, &json!("_none"), &json!({}))["hits"]["total"]["value"], 6);
    let answer = refused(&domain, "POST /books/_search?search_pipeline=x", &json!({}));
    assert_eq!(answer, (400, "Pipeline x is not defined".to_owned()));
    let both = json!({"search_pipeline": {"request_processors": []}});
    assert_eq!(refused(&domain, "POST /books/_search?search_pipeline=a", &both).0, 400);
}

#[test]
fn an_index_names_the_pipeline_of_searches_that_name_none() {
    let domain = books();
    put(&domain, "a", &json!({"request_processors": [filter("a")]}));
    domain.ok("PUT /books/_settings", r#"{"index.search.default_pipeline": "a"}"#);
    assert_eq!(ids(&domain.ok("POST /books/_search?sort=n", "")), ["0", "2"]);
    let all = domain.ok("POST /books/_search?search_pipeline=_none", "");
    assert_eq!(all["hits"]["total"]["value"], 6);
    let several = domain.ok("POST /_msearch", "{\"index\":\"books\"}\n{\"sort\":[\"n\"]}\n");
    assert_eq!(ids(&several["responses"][0]), ["0", "2"]);
}

#[test]
fn a_query_of_the_url_does_not_go_around_the_filter() {
    let domain = books();
    put(&domain, "a", &json!({"request_processors": [filter("a")]}));
    let found =
        domain.ok("POST /books/_search?search_pipeline=a&q=n:(0%20OR%201%20OR%202)&sort=n", "");
    assert_eq!(ids(&found), ["0", "2"]);
}

#[test]
fn more_hits_are_looked_at_than_are_answered() {
    let domain = books();
    let pipeline = json!({
        "request_processors": [{"oversample": {"sample_factor": 3.0}}],
        "response_processors": [{"collapse": {"field": "kind"}}, {"truncate_hits": {}}],
    });
    assert_eq!(ids(&through(&domain, &pipeline, &json!({"size": 2}))), ["0", "1"]);
    let only = json!({"response_processors": [{"collapse": {"field": "kind"}}]});
    assert_eq!(ids(&through(&domain, &only, &json!({}))), ["0", "1", "4"]);
    let of_url = json!({"request_processors": [{"oversample": {"sample_factor": 2}}]});
    put(&domain, "more", &of_url);
    let found = domain.ok("POST /books/_search?size=2&search_pipeline=more", "");
    assert_eq!(ids(&found).len(), 4);
}

#[test]
fn hits_are_cut_at_a_size_that_is_given_or_was_asked_for() {
    let domain = books();
    let cut = json!({"response_processors": [{"truncate_hits": {"target_size": 1}}]});
    assert_eq!(ids(&through(&domain, &cut, &json!({}))), ["0"]);
    let body = json!({"search_pipeline": {"response_processors": [{"truncate_hits": {}}]}});
    assert_eq!(refused(&domain, "POST /books/_search", &body).0, 500);
}

#[test]
fn fields_of_hits_are_renamed_sorted_and_split() {
    let domain = books();
    let pipeline = json!({"response_processors": [
        {"rename_field": {"field": "kind", "target_field": "sort_of"}},
        {"sort": {"field": "list", "order": "desc"}},
        {"split": {"field": "path", "separator": "/", "target_field": "parts"}},
    ]});
    let found = through(&domain, &pipeline, &json!({"size": 1}));
    let source =
        json!({"sort_of": "a", "n": 0, "list": [3, 2, 1], "path": "x/y//", "parts": ["x", "y"]});
    assert_eq!(found["hits"]["hits"][0]["_source"], source);
}

#[test]
fn a_processor_that_fails_refuses_the_search_unless_that_is_ignored() {
    let domain = books();
    let rename = |ignored: bool| {
        json!({"search_pipeline": {"response_processors": [
            {"rename_field": {"field": "nothing", "target_field": "x", "ignore_failure": ignored}},
        ]}})
    };
    let reason = "Document with id 0 is missing field nothing".to_owned();
    assert_eq!(refused(&domain, "POST /books/_search", &rename(false)), (400, reason));
    assert_eq!(domain.ask("POST /books/_search", &rename(true).to_string()).0, 200);
}

#[test]
fn a_script_changes_the_numbers_and_switches_of_a_search() {
    let domain = books();
    let script = |source: &str| json!({"request_processors": [{"script": {"lang": "painless", "source": source}}]});
    let found = through(&domain, &script("ctx.size = 2; ctx['version'] = true"), &json!({}));
    assert_eq!(ids(&found), ["0", "1"]);
    assert_eq!(found["hits"]["hits"][0]["_version"], 1);
    let body = json!({"search_pipeline": script("ctx.query = null; ctx.aggs = 1")});
    assert_eq!(refused(&domain, "POST /books/_search", &body).0, 400);
}

#[test]
fn a_pipeline_that_is_wrong_or_not_built_is_not_kept() {
    let domain = books();
    for (pipeline, status, reason) in [
        (json!({"request_processors": [{"x": {}}]}), 400, "Invalid processor type x"),
        (json!({"response_processors": [filter("a")]}), 400, "Invalid processor type filter_query"),
        (
            json!({"surprise": 1}),
            400,
            "pipeline [p] doesn't support one or more provided configuration parameters [surprise]",
        ),
        (
            json!({"request_processors": [{"oversample": {"sample_factor": 2, "x": 1, "tag": "t"}}]}),
            400,
            "processor [oversample:t] doesn't support one or more provided configuration parameters: [x]",
        ),
        (
            json!({"request_processors": [{"oversample": {"sample_factor": 0.5}}]}),
            400,
            "[sample_factor] Value must be >= 1.0",
        ),
        (
            json!({"response_processors": [{"rename_field": {"field": "a"}}]}),
            400,
            "[target_field] required property is missing",
        ),
        (
            json!({"response_processors": [{"sort": {"field": "a", "order": "up"}}]}),
            400,
            "[order] Sort direction [up] not recognized. Valid values are: [asc, desc]",
        ),
    ] {
        assert_eq!(
            refused(&domain, "PUT /_search/pipeline/p", &pipeline),
            (status, reason.to_owned())
        );
    }
    let lookup = json!({"terms": {"kind": {"index": "secret", "id": "1", "path": "k"}}});
    for pipeline in [
        json!({"request_processors": [{"filter_query": {"query": lookup}}]}),
        json!({"response_processors": [{"rerank": {}}]}),
    ] {
        assert_eq!(refused(&domain, "PUT /_search/pipeline/p", &pipeline).0, 501, "{pipeline}");
    }
    assert_eq!(domain.ask("GET /_search/pipeline/p", "").0, 404);
}

#[test]
fn what_changes_documents_by_query_goes_through_no_pipeline() {
    let domain = books();
    put(&domain, "a", &json!({"request_processors": [filter("a")]}));
    for line in [
        "POST /books/_delete_by_query?search_pipeline=a",
        "POST /books/_update_by_query?search_pipeline=a",
    ] {
        assert_eq!(refused(&domain, line, &json!({"query": {"match_all": {}}})).0, 501, "{line}");
    }
    assert_eq!(domain.ok("GET /books/_count", "")["count"], 6);
}
