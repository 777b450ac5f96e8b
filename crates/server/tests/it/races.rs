//! What changes between a request's judging and its running: nothing is written where nobody asked whether it may be.

use engine::rest::Flavor;
use jiff::Timestamp;

use crate::judged::{Judged, secret};

const EPOCH: Timestamp = Timestamp::UNIX_EPOCH;

fn documents(judged: &Judged, index: &str) -> i64 {
    judged.admin(&format!("POST /{index}/_refresh"), "");
    judged.admin(&format!("GET /{index}/_count"), "")["count"].as_i64().unwrap()
}

/// Every way to write to a name that has no index yet.
const WRITES: &[(&str, &str)] = &[
    ("POST /_bulk", "{\"index\":{\"_index\":\"new\",\"_id\":\"1\"}}\n{\"a\":1}\n"),
    ("POST /_bulk", "{\"create\":{\"_index\":\"new\"}}\n{\"a\":1}\n"),
    (
        "POST /_bulk",
        "{\"update\":{\"_index\":\"new\",\"_id\":\"1\"}}\n{\"doc\":{\"a\":1},\"doc_as_upsert\":true}\n",
    ),
    (
        "POST /_bulk",
        "{\"delete\":{\"_index\":\"new\",\"_id\":\"1\",\"version\":5,\"version_type\":\"external\"}}\n",
    ),
    ("PUT /new/_doc/1", "{\"a\":1}"),
    ("POST /new/_doc", "{\"a\":1}"),
    ("PUT /new/_create/1", "{\"a\":1}"),
    ("POST /new/_update/1", "{\"doc\":{\"a\":1},\"doc_as_upsert\":true}"),
    ("DELETE /new/_doc/1?version=5&version_type=external", ""),
];

#[test]
fn an_alias_made_after_the_judging_leads_no_write_into_an_index_nobody_asked_about() {
    for (line, body) in WRITES {
        let judged = Judged::new(Flavor::Elasticsearch710);
        judged.admin("PUT /secret/_doc/0", "{}");
        let ready = judged.judge(line, body, EPOCH, secret).map_err(|answer| answer.1).unwrap();
        judged.admin("PUT /secret/_alias/new", "");
        let (_, text) = judged.run(&ready);
        assert!(text.contains("has become an alias"), "{line}: {text}");
        assert!(text.contains("\"status\":403"), "{line}: {text}");
        assert_eq!(documents(&judged, "secret"), 1, "{line}");
        assert_eq!(judged.restricted("GET /secret/_doc/1", "").0, 403);
    }
}

#[test]
fn an_index_made_after_the_judging_under_the_name_that_was_asked_about_is_written_to() {
    for (line, body) in WRITES {
        let judged = Judged::new(Flavor::Elasticsearch710);
        let ready = judged.judge(line, body, EPOCH, secret).map_err(|answer| answer.1).unwrap();
        judged.admin("PUT /new", "");
        let (status, text) = judged.run(&ready);
        assert!(status < 300 || line.starts_with("DELETE"), "{line}: {text}");
        assert!(!text.contains("security_exception"), "{line}: {text}");
    }
}

#[test]
fn an_index_deleted_and_made_again_after_the_judging_is_another_one() {
    for (line, body) in WRITES {
        let judged = Judged::new(Flavor::Elasticsearch710);
        judged.admin("PUT /new", "");
        let ready = judged.judge(line, body, EPOCH, secret).map_err(|answer| answer.1).unwrap();
        judged.admin("DELETE /new", "");
        judged.admin("PUT /new", "");
        let (_, text) = judged.run(&ready);
        assert!(text.contains("index_not_found_exception"), "{line}: {text}");
        assert_eq!(documents(&judged, "new"), 0, "{line}");
    }
}

#[test]
fn an_alias_moved_after_the_judging_is_followed_to_where_it_led_when_it_was_asked_about() {
    let writes = [
        ("PUT /way/_doc/1", "{}"),
        ("POST /_bulk", "{\"index\":{\"_index\":\"way\",\"_id\":\"1\"}}\n{}\n"),
        (
            "POST /_bulk",
            "{\"index\":{\"_index\":\"way\",\"_id\":\"1\",\"require_alias\":true}}\n{}\n",
        ),
        ("POST /way/_update/1", "{\"doc\":{},\"doc_as_upsert\":true}"),
        ("POST /way/_delete_by_query", "{\"query\":{\"match_all\":{}}}"),
        ("POST /way/_update_by_query", ""),
        ("GET /way/_search", ""),
    ];
    for (line, body) in writes {
        let judged = Judged::new(Flavor::Elasticsearch710);
        judged.admin("PUT /open", "{\"aliases\":{\"way\":{}}}");
        judged.admin("PUT /secret/_doc/0?refresh=true", "{\"kept\":true}");
        let ready = judged.judge(line, body, EPOCH, secret).map_err(|answer| answer.1).unwrap();
        judged.admin(
            "POST /_aliases",
            r#"{"actions":[{"remove":{"index":"open","alias":"way"}},{"add":{"index":"secret","alias":"way"}}]}"#,
        );
        let (_, text) = judged.run(&ready);
        assert!(!text.contains("kept") && !text.contains("secret"), "{line}: {text}");
        let kept = judged.admin("GET /secret/_doc/0", "");
        assert_eq!(kept["_version"], 1, "{line}");
        assert_eq!(documents(&judged, "secret"), 1, "{line}");
    }
}

#[test]
fn d33_date_math_means_the_same_day_for_the_judging_and_the_running() {
    let judged = Judged::new(Flavor::Elasticsearch710);
    let before: Timestamp = "2026-01-01T23:59:59.999Z".parse().unwrap();
    let body = "{\"index\":{\"_index\":\"<x-{now/d}>\",\"_id\":\"1\"}}\n{}\n";
    let day = |ask: &server::for_tests::targets::Ask| ask.path.contains("2026.01.02");
    let ready = judged.judge("POST /_bulk", body, before, day).map_err(|answer| answer.1).unwrap();
    // It runs after midnight; the request's own time is what counts.
    let (_, text) = judged.run(&ready);
    assert!(text.contains("\"_index\":\"x-2026.01.01\""), "{text}");
}

#[test]
fn one_search_of_many_that_is_not_built_fails_alone() {
    let judged = Judged::new(Flavor::Elasticsearch710);
    judged.admin("PUT /open/_doc/1?refresh=true", "{}");
    let body = "{\"index\":\"open\"}\n{}\n{\"index\":\"open\"}\n{\"derived\":{}}\n{\"index\":\"open\"}\n{}\n";
    let (status, text) = judged.restricted("POST /_msearch", body);
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200, "{text}");
    let statuses: Vec<_> = (0..3).map(|item| answer["responses"][item]["status"].clone()).collect();
    assert_eq!(statuses, [200, 501, 200], "{text}");
    assert_eq!(answer["responses"][2]["hits"]["total"]["value"], 1);
}
