//! `_reindex`, and what it shares with requests by query: slices, pipelines, tasks.

use serde_json::json;

use crate::cases::{Setup, asks};
use crate::domain::Domain;

/// Six documents, three of each kind.
fn six() -> Setup {
    let documents: Vec<_> =
        (0..6).map(|n| json!({"n": n, "k": if n % 2 == 0 { "even" } else { "odd" }})).collect();
    let definition =
        json!({"mappings": {"properties": {"n": {"type": "integer"}, "k": {"type": "keyword"}}}});
    Setup::index("re-from", definition, documents.into())
}

#[test]
fn everything_is_copied_and_again() {
    asks!(
        six(),
        "POST /_reindex?refresh=true" => {"source": {"index": "re-from"}, "dest": {"index": "re-to"}},
        "POST /re-to/_count" => {"query": {"match_all": {}}},
        "POST /_reindex?refresh=true" => {"source": {"index": "re-from"}, "dest": {"index": "re-to"}},
        "GET /re-to/_doc/3"
    );
}

#[test]
fn documents_that_are_there_are_conflicts_of_a_creation() {
    asks!(
        six(),
        "PUT /re-to/_doc/1?refresh=true" => {"n": 10},
        "POST /_reindex" => {"source": {"index": "re-from"}, "dest": {"index": "re-to", "op_type": "create"}},
        "POST /_reindex" => {"conflicts": "proceed", "source": {"index": "re-from"}, "dest": {"index": "re-to", "op_type": "create"}},
        "GET /re-to/_doc/1"
    );
}

#[test]
fn external_versions_are_those_of_the_source() {
    asks!(
        six(),
        "PUT /re-from/_doc/1?refresh=true" => {"n": 11},
        "POST /_reindex?refresh=true" => {"source": {"index": "re-from"}, "dest": {"index": "re-to", "version_type": "external"}},
        "GET /re-to/_doc/1",
        "POST /_reindex" => {"conflicts": "proceed", "source": {"index": "re-from"}, "dest": {"index": "re-to", "version_type": "external"}}
    );
}

#[test]
fn what_is_copied_can_be_chosen() {
    asks!(
        six(),
        "POST /_reindex?refresh=true" => {
            "max_docs": 2,
            "source": {"index": "re-from", "query": {"term": {"k": "odd"}}, "sort": {"n": "desc"}, "_source": ["n"]},
            "dest": {"index": "re-to", "routing": "=r"}
        },
        "GET /re-to/_source/5?routing=r",
        "GET /re-to/_source/3?routing=r",
        "POST /re-to/_count" => {"query": {"match_all": {}}},
        "POST /_reindex" => {"size": 3, "source": {"index": ["re-from"], "size": 1}, "dest": {"index": "re-to2"}}
    );
}

#[test]
fn a_pipeline_changes_and_drops_copies() {
    asks!(
        six(),
        "PUT /_ingest/pipeline/re-p" => {"processors": [{"set": {"field": "by", "value": "p{{n}}"}}]},
        "PUT /_ingest/pipeline/re-drop" => {"processors": [{"drop": {}}]},
        "POST /_reindex?refresh=true" => {"source": {"index": "re-from"}, "dest": {"index": "re-to", "pipeline": "re-p"}},
        "GET /re-to/_doc/4",
        "POST /_reindex" => {"source": {"index": "re-from"}, "dest": {"index": "re-to", "pipeline": "re-drop"}},
        "POST /_reindex" => {"source": {"index": "re-from"}, "dest": {"index": "re-to", "pipeline": "re-none"}},
        "POST /re-from/_update_by_query?pipeline=re-p&refresh=true" => {"query": {"term": {"k": "odd"}}},
        "GET /re-from/_doc/3",
        "GET /re-from/_doc/4"
    );
}

#[test]
fn a_request_is_parted_into_slices() {
    asks!(
        six(),
        "POST /_reindex" => {"source": {"index": "re-from", "slice": {"id": 0, "max": 2}}, "dest": {"index": "re-to"}},
        "POST /_reindex?slices=2" => {"source": {"index": "re-from"}, "dest": {"index": "re-to2"}},
        "POST /_reindex?slices=auto" => {"source": {"index": "re-from"}, "dest": {"index": "re-to2"}},
        "POST /re-from/_update_by_query?slices=3&refresh=true",
        "POST /re-from/_delete_by_query" => {"query": {"match_all": {}}, "slice": {"id": 1, "max": 4}},
        "POST /_reindex?slices=0" => {"source": {"index": "re-from"}, "dest": {"index": "re-to"}}
    );
}

#[test]
fn a_rate_is_told_again_and_checked() {
    asks!(
        six(),
        "POST /_reindex?requests_per_second=100000" => {"source": {"index": "re-from"}, "dest": {"index": "re-to"}},
        "POST /_reindex?requests_per_second=0" => {"source": {"index": "re-from"}, "dest": {"index": "re-to"}},
        "POST /re-from/_delete_by_query?requests_per_second=-2" => {"query": {"match_all": {}}}
    );
}

#[test]
fn a_request_that_makes_no_sense_is_refused() {
    asks!(
        six(),
        "POST /_reindex" => {"source": {"index": "re-from"}, "dest": {"index": "re-from"}},
        "POST /_reindex" => {"source": {"index": "re-none"}, "dest": {"index": "re-to"}},
        "POST /_reindex" => {"source": {}, "dest": {"index": "re-to"}},
        "POST /_reindex" => {"source": {"index": "re-from"}, "dest": {}},
        "POST /_reindex" => {"dest": {"index": "re-to"}},
        "POST /_reindex" => {},
        "POST /_reindex?max_docs=3" => {"size": 2, "source": {"index": "re-from"}, "dest": {"index": "re-to"}},
        "POST /_reindex" => {"source": {"index": "re-from"}, "dest": {"index": "re-to", "routing": "zz"}},
        "POST /_reindex" => {"source": {"index": "re-from"}, "dest": {"index": "re-t*"}}
    );
}

#[test]
fn another_cluster_is_not_read() {
    asks!(
        Setup::nothing(),
        "POST /_reindex" => {"source": {"index": "re-from", "remote": {"host": "http://other:9200"}}, "dest": {"index": "re-to"}}
    );
}

#[test]
fn a_task_that_is_not_there_is_told_of_as_missing() {
    asks!(
        Setup::nothing(),
        "POST /_tasks/_cancel?actions=*reindex",
        "POST /_tasks/x:1/_cancel",
        "POST /_reindex/x:1/_rethrottle?requests_per_second=1",
        "POST /_reindex/x:1/_rethrottle"
    );
}

#[test]
fn a_request_that_is_not_waited_for_leaves_its_result_in_a_task() {
    let domain = Domain::opensearch();
    domain.ask("PUT /a/_doc/1?refresh=true", r#"{"n": 1}"#);
    let body = r#"{"source": {"index": "a"}, "dest": {"index": "b"}}"#;
    let answer = domain.ok("POST /_reindex?wait_for_completion=false", body);
    let id = answer["task"].as_str().unwrap();
    let task = domain.ok(&format!("GET /_tasks/{id}"), "");
    assert_eq!(task["completed"], true, "{task}");
    assert_eq!(task["response"]["created"], 1, "{task}");
    assert_eq!(task["task"]["description"], "reindex from [a] to [b]");
    assert_eq!(domain.ask(&format!("GET /_tasks/{id}9"), "").0, 404);
}
