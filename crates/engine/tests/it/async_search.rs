//! `_async_search` and `_pit` of Elasticsearch, `_plugins/_asynchronous_search` of OpenSearch. They are part of its licensed parts, which no real server here has: the shapes
//! are those of its documentation.

use crate::domain::Domain;

fn domain() -> Domain {
    let domain = Domain::elasticsearch();
    domain.text("PUT /a/_doc/1?refresh=true", r#"{"n":1}"#);
    domain
}

#[test]
fn a_search_has_run_when_it_is_answered_and_is_not_kept_unless_asked() {
    let answer = domain().ok("POST /a/_async_search?wait_for_completion_timeout=1s", "{}");
    assert_eq!(answer["is_running"], false);
    assert_eq!(answer["is_partial"], false);
    assert_eq!(answer["response"]["hits"]["total"]["value"], 1);
    assert!(answer.get("id").is_none(), "{answer}");
}

#[test]
fn a_search_that_is_kept_is_told_again_until_it_is_deleted() {
    let domain = domain();
    let line = "POST /a/_async_search?keep_on_completion=true&keep_alive=1h";
    let first = domain.ok(line, r#"{"query":{"term":{"n":1}}}"#);
    let id = first["id"].as_str().unwrap();
    domain.text("PUT /a/_doc/2?refresh=true", r#"{"n":1}"#);
    let again = domain.ok(&format!("GET /_async_search/{id}"), "");
    assert_eq!(again, first);
    let longer = domain.ok(&format!("GET /_async_search/{id}?keep_alive=2d"), "");
    assert_eq!(longer["expiration_time_in_millis"], 2 * 86_400_000);
    domain.ok(&format!("DELETE /_async_search/{id}"), "");
    let (status, reason) = domain.refused(&format!("GET /_async_search/{id}"), "");
    assert_eq!((status, reason.as_str()), (404, id));
    assert_eq!(domain.refused(&format!("DELETE /_async_search/{id}"), "").0, 404);
}

#[test]
fn what_an_async_search_cannot_have_is_refused() {
    let domain = domain();
    for (line, status) in [
        ("POST /a/_async_search?scroll=1m", 400),
        ("POST /a/_async_search?keep_alive=1ms", 400),
        ("POST /a/_async_search?keep_alive=6d", 400),
        ("POST /a/_async_search?foo=1", 400),
        ("POST /nope/_async_search", 404),
    ] {
        assert_eq!(domain.refused(line, "{}").0, status, "{line}");
    }
}

#[test]
fn a_result_goes_with_its_index() {
    let domain = domain();
    let kept = domain.ok("POST /a/_async_search?keep_on_completion=true", "{}");
    domain.ok("DELETE /a", "");
    let line = format!("GET /_async_search/{}", kept["id"].as_str().unwrap());
    assert_eq!(domain.refused(&line, "").0, 404);
}

#[test]
fn a_point_in_time_is_searched_and_closed() {
    let domain = domain();
    let pit = domain.ok("POST /a/_pit?keep_alive=1m", "");
    let id = pit["id"].as_str().unwrap();
    domain.text("PUT /a/_doc/2?refresh=true", r#"{"n":1}"#);
    let body = format!(r#"{{"pit":{{"id":"{id}","keep_alive":"1m"}}}}"#);
    let found = domain.ok("POST /_search", &body);
    assert_eq!(found["hits"]["total"]["value"], 1);
    assert_eq!(found["pit_id"], id);
    let close = format!(r#"{{"id":"{id}"}}"#);
    assert_eq!(domain.ok("DELETE /_pit", &close)["num_freed"], 1);
    assert_eq!(domain.text("DELETE /_pit", &close).0, 404);
    assert_eq!(domain.refused("POST /a/_pit", "").0, 400);
}

#[test]
fn opensearchs_own_is_told_in_its_own_shape() {
    let domain = Domain::opensearch();
    domain.text("PUT /a/_doc/1?refresh=true", r#"{"n":1}"#);
    domain.text("PUT /b/_doc/1?refresh=true", r#"{"n":1}"#);
    let brief = domain.ok("POST /_plugins/_asynchronous_search?index=a", "{}");
    assert_eq!(brief["state"], "SUCCEEDED");
    assert_eq!(brief["response"]["hits"]["total"]["value"], 1);
    assert!(brief.get("id").is_none(), "{brief}");
    let line =
        "POST /_opendistro/_asynchronous_search?index=a,b&keep_on_completion=true&keep_alive=2h";
    let kept = domain.ok(line, r#"{"query":{"term":{"n":1}}}"#);
    let id = kept["id"].as_str().unwrap();
    let again = domain.ok(&format!("GET /_plugins/_asynchronous_search/{id}"), "");
    assert_eq!(again["state"], "STORE_RESIDENT");
    assert_eq!(again["response"], kept["response"]);
    assert_eq!(again["response"]["hits"]["total"]["value"], 2);
    domain.ok(&format!("DELETE /_plugins/_asynchronous_search/{id}"), "");
    assert_eq!(domain.ask(&format!("GET /_plugins/_asynchronous_search/{id}"), "").0, 404);
    assert_eq!(domain.refused("POST /_plugins/_asynchronous_search?index=nope", "{}").0, 404);
    let told = domain.ok("GET /_plugins/_asynchronous_search/stats", "");
    let stats = &told["nodes"][engine::NODE_ID]["asynchronous_search_stats"];
    let counts = ["submitted", "search_completed", "search_failed", "persisted"]
        .map(|key| stats[key].as_u64());
    assert_eq!(counts, [Some(3), Some(2), Some(1), Some(1)]);
}

#[test]
fn what_opensearchs_own_cannot_have_is_refused() {
    let domain = Domain::opensearch();
    domain.text("PUT /a/_doc/1?refresh=true", r#"{"n":1}"#);
    for (query, status) in [
        ("index=a&keep_alive=30s", 400),
        ("index=a&keep_alive=6d", 400),
        ("index=a&scroll=1m", 400),
        ("index=a&foo=1", 400),
    ] {
        let line = format!("POST /_plugins/_asynchronous_search?{query}");
        assert_eq!(domain.refused(&line, "{}").0, status, "{line}");
    }
    let deep = domain.refused("GET /_plugins/_asynchronous_search/_nodes/x/stats", "");
    assert_eq!(deep.0, 501);
}

#[test]
fn a_search_that_is_told_again_tells_types_where_they_are_asked_for() {
    let domain = domain();
    let body =
        r#"{"size":0,"aggs":{"a#b":{"terms":{"field":"n"},"aggs":{"m":{"max":{"field":"n"}}}}}}"#;
    let first = domain.ok("POST /a/_async_search?keep_on_completion=true", body);
    assert_eq!(first["response"]["aggregations"]["a#b"]["buckets"][0]["m"]["value"], 1.0);
    let id = first["id"].as_str().unwrap();
    assert_eq!(domain.ok(&format!("GET /_async_search/{id}"), ""), first);
    let typed = domain.ok(&format!("GET /_async_search/{id}?typed_keys"), "");
    assert_eq!(
        typed["response"]["aggregations"]["lterms#a#b"]["buckets"][0]["max#m"]["value"],
        1.0
    );
    let asked = domain.ok("POST /a/_async_search?typed_keys=true", body);
    assert_eq!(asked["response"]["aggregations"], typed["response"]["aggregations"]);
}
