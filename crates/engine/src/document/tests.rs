use jiff::Timestamp;
use serde_json::{Value, json};

use crate::engine::Answer;
use crate::rest::execute::{Task, execute};
use crate::rest::{Flavor, Parsed, parse, route};
use crate::view::{Grants, View};
use crate::{EngineSettings, Work};

struct Engine(crate::Engine);

impl Engine {
    fn new() -> Engine {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::Elasticsearch710,
            cluster_name: "c".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        Engine(crate::Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap())
    }

    fn run(&self, parsed: &Parsed, view: &View, now: Timestamp) -> Answer {
        let (metadata, work) = (self.0.metadata(), Work::unbounded());
        execute(&Task {
            engine: &self.0,
            parsed,
            metadata: &metadata,
            view,
            now,
            work: &work,
            running: None,
        })
    }

    fn call(&self, method: &str, url: &str, body: &str) -> (u16, Value) {
        self.call_as(&View::everything("p"), method, url, body)
    }

    fn call_as(&self, view: &View, method: &str, url: &str, body: &str) -> (u16, Value) {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let route = route(method, path, query, Flavor::Elasticsearch710).unwrap();
        let kind = if url.contains("_bulk") { "application/x-ndjson" } else { "application/json" };
        let answer = parse(route, Some(kind), body.to_owned().into(), &Work::unbounded()).and_then(
            |parsed| {
                let now = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
                self.run(&parsed, view, now)
            },
        );
        match answer {
            Ok(answer) if answer.body.is_empty() => (answer.status, Value::Null),
            Ok(answer) => (answer.status, serde_json::from_slice(&answer.body).unwrap()),
            Err(refusal) => (refusal.status(), refusal.body()),
        }
    }

    fn result(&self, method: &str, url: &str, body: &str) -> (u16, String) {
        let (status, body) = self.call(method, url, body);
        let text = body["result"].as_str().or(body["error"]["reason"].as_str()).unwrap_or("none");
        (status, text.to_owned())
    }
}

#[test]
fn index_get_and_delete_answer_as_elasticsearch_does() {
    let engine = Engine::new();
    assert_eq!(
        engine.call("PUT", "/t/_doc/1?refresh=true", r#"{"a": 1}"#),
        (
            201,
            json!({"_index": "t", "_type": "_doc", "_id": "1", "_version": 1, "result": "created",
                "forced_refresh": true, "_shards": {"total": 2, "successful": 1, "failed": 0},
                "_seq_no": 0, "_primary_term": 1})
        )
    );
    assert_eq!(
        engine.call("GET", "/t/_doc/1", ""),
        (
            200,
            json!({"_index": "t", "_type": "_doc", "_id": "1", "_version": 1, "_seq_no": 0,
                "_primary_term": 1, "found": true, "_source": {"a": 1}})
        )
    );
    assert_eq!(
        engine.call("GET", "/t/_doc/2", ""),
        (404, json!({"_index": "t", "_type": "_doc", "_id": "2", "found": false}))
    );
    assert_eq!(engine.result("PUT", "/t/_doc/1", r#"{"a": 2}"#), (200, "updated".into()));
    assert_eq!(engine.result("DELETE", "/t/_doc/1", ""), (200, "deleted".into()));
    assert_eq!(engine.result("DELETE", "/t/_doc/1", ""), (404, "not_found".into()));
    assert_eq!(engine.result("GET", "/no/_doc/1", ""), (404, "no such index [no]".into()));
    assert_eq!(engine.result("DELETE", "/no/_doc/1", ""), (404, "no such index [no]".into()));
}

#[test]
fn a_document_is_given_back_byte_for_byte() {
    let engine = Engine::new();
    let route = route("GET", "/t/_source/1", "", Flavor::Elasticsearch710).unwrap();
    engine.call("PUT", "/t/_doc/1", "{ \"b\" : 1.50,\n \"a\":[ ] }");
    let parsed = parse(route, None, Default::default(), &Work::unbounded()).unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let view = View::everything("p");
    let answer = engine.run(&parsed, &view, now).unwrap();
    assert_eq!(answer.body, "{ \"b\" : 1.50,\n \"a\":[ ] }");
}

#[test]
fn documents_without_an_id_get_one() {
    let engine = Engine::new();
    let (status, body) = engine.call("POST", "/t/_doc", r#"{"a": 1}"#);
    assert_eq!((status, body["_id"].as_str().unwrap().len()), (201, 20));
}

#[test]
fn create_and_preconditions_conflict() {
    let engine = Engine::new();
    engine.call("PUT", "/t/_doc/1", "{}");
    let (status, body) = engine.call("PUT", "/t/_create/1", "{}");
    assert_eq!(status, 409);
    assert_eq!(
        body["error"]["reason"],
        "[1]: version conflict, document already exists (current version [1])"
    );
    assert_eq!(engine.call("PUT", "/t/_doc/1?op_type=create", "{}").0, 409);
    assert_eq!(engine.call("PUT", "/t/_doc/1?if_seq_no=0&if_primary_term=1", "{}").0, 200);
    assert_eq!(engine.call("PUT", "/t/_doc/1?if_seq_no=0&if_primary_term=1", "{}").0, 409);
    assert_eq!(engine.call("DELETE", "/t/_doc/1?if_seq_no=0&if_primary_term=1", "").0, 409);
    assert_eq!(
        engine.call("PUT", "/t/_doc/1?version=9&version_type=external", "{}").1["_version"],
        9
    );
    assert_eq!(
        engine.result("PUT", "/t/_doc/1?version=10", "{}").1,
        "Validation Failed: 1: internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and `if_primary_term` instead;"
    );
    assert_eq!(engine.call("GET", "/t/_doc/1?version=99", "").0, 409);
}

#[test]
fn updates_merge_detect_noops_and_upsert() {
    let engine = Engine::new();
    engine.call("PUT", "/t/_doc/1?routing=r", r#"{"a": 1, "o": {"x": 1}}"#);
    let (status, noop) = engine.call("POST", "/t/_update/1", r#"{"doc": {"a": 1}}"#);
    assert_eq!((status, &noop["result"]), (200, &json!("noop")));
    assert_eq!(noop["_shards"], json!({"total": 0, "successful": 0, "failed": 0}));
    let (_, updated) =
        engine.call("POST", "/t/_update/1", r#"{"doc": {"o": {"y": 2}}, "_source": true}"#);
    assert_eq!(updated["_version"], 2);
    assert_eq!(updated["get"]["_source"], json!({"a": 1, "o": {"x": 1, "y": 2}}));
    assert_eq!(engine.call("GET", "/t/_doc/1", "").1["_routing"], "r");
    assert_eq!(
        engine.result("POST", "/t/_update/9", r#"{"doc": {"a": 1}}"#),
        (404, "[_doc][9]: document missing".into())
    );
    let upsert = r#"{"doc": {"a": 1}, "upsert": {"b": 7}}"#;
    assert_eq!(engine.result("POST", "/t/_update/9", upsert), (201, "created".into()));
    assert_eq!(engine.call("GET", "/t/_source/9", "").1, json!({"b": 7}));
    let upsert = r#"{"doc": {"a": 5}, "doc_as_upsert": true}"#;
    assert_eq!(engine.result("POST", "/t/_update/10", upsert), (201, "created".into()));
    assert_eq!(
        engine.result("POST", "/t/_update/10", "{}").1,
        "Validation Failed: 1: script or doc is missing;"
    );
    assert_eq!(engine.call("POST", "/t/_update/10", r#"{"script": "x"}"#).0, 400);
    assert_eq!(
        engine.call("POST", "/t/_update/10", r#"{"foo": 1}"#).1["error"]["type"],
        "x_content_parse_exception"
    );
}

#[test]
fn concurrent_updates_with_retries_lose_nothing() {
    let engine = Engine::new();
    engine.call("PUT", "/t/_doc/1", "{}");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let engine = &engine;
            scope.spawn(move || {
                for round in 0..10 {
                    let body = json!({"doc": {format!("f{thread}_{round}"): 1}}).to_string();
                    let answer = engine.call("POST", "/t/_update/1?retry_on_conflict=100", &body);
                    assert_eq!(answer.0, 200, "{answer:?}");
                }
            });
        }
    });
    assert_eq!(engine.call("GET", "/t/_source/1", "").1.as_object().unwrap().len(), 40);
}

#[test]
fn bulk_answers_item_by_item() {
    let engine = Engine::new();
    let body = concat!(
        "{\"index\":{\"_index\":\"b\",\"_id\":\"1\"}}\n{\"a\":1}\n",
        "{\"create\":{\"_index\":\"b\",\"_id\":\"1\"}}\n{\"a\":2}\n",
        "{\"update\":{\"_index\":\"b\",\"_id\":\"1\"}}\n{\"doc\":{\"a\":3}}\n",
        "{\"update\":{\"_index\":\"b\",\"_id\":\"nope\"}}\n{\"doc\":{\"a\":3}}\n",
        "{\"delete\":{\"_index\":\"b\",\"_id\":\"1\"}}\n",
        "{\"delete\":{\"_index\":\"b\",\"_id\":\"zz\"}}\n",
        "{\"index\":{\"_index\":\"b\",\"_id\":\"6\"}}\n{\"a\":\"x\"}\n",
        "{\"index\":{\"_index\":\"b\",\"_id\":\"7\"}}\n{\"a\":\"1\"\n",
        "{\"index\":{\"_index\":\"Bad\",\"_id\":\"8\"}}\n{\"a\":1}\n",
        "{\"delete\":{\"_index\":\"none\",\"_id\":\"9\"}}\n",
        "{\"index\":{\"_index\":\"b\",\"_id\":\"\"}}\n{\"a\":1}\n",
    );
    let (status, answer) = engine.call("POST", "/_bulk", body);
    assert_eq!((status, &answer["errors"]), (200, &json!(true)));
    let short = |item: &Value| {
        let (action, item) = item.as_object().unwrap().iter().next().unwrap();
        let what = item["result"].as_str().or(item["error"]["type"].as_str()).unwrap();
        format!("{action} {} {what}", item["status"])
    };
    let items: Vec<String> = answer["items"].as_array().unwrap().iter().map(short).collect();
    assert_eq!(
        items,
        [
            "index 201 created",
            "create 409 version_conflict_engine_exception",
            "update 200 updated",
            "update 404 document_missing_exception",
            "delete 200 deleted",
            "delete 404 not_found",
            "index 400 mapper_parsing_exception",
            "index 400 mapper_parsing_exception",
            "index 400 invalid_index_name_exception",
            "delete 404 index_not_found_exception",
            "index 400 illegal_argument_exception",
        ]
    );
    let fault = &answer["items"][6]["index"]["error"];
    assert_eq!(
        fault["reason"],
        "failed to parse field [a] of type [long] in document with id '6'. Preview of field's value: 'x'"
    );
    assert_eq!(fault["caused_by"]["reason"], "For input string: \"x\"");
    assert_eq!(answer["items"][0]["index"]["_seq_no"], 0);
}

#[test]
fn denied_items_answer_403_and_the_others_run() {
    let engine = Engine::new();
    let body = "{\"index\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{}\n{\"index\":{\"_index\":\"b\",\"_id\":\"1\"}}\n{}\n";
    let view = View::of(Grants {
        names: ["b".to_owned()].into(),
        denied_items: [(0, "no".into())].into(),
        ..Grants::default()
    });
    let (_, answer) = engine.call_as(&view, "POST", "/_bulk", body);
    let denied = &answer["items"][0]["index"];
    assert_eq!(denied["status"], 403);
    assert_eq!(denied["error"], json!({"type": "security_exception", "reason": "no"}));
    assert_eq!(answer["items"][1]["index"]["status"], 201);
    assert!(engine.0.metadata().index("a").is_none());
}

#[test]
fn an_index_out_of_view_does_not_exist() {
    let engine = Engine::new();
    engine.call("PUT", "/t/_doc/1", "{}");
    let view = View::default();
    assert_eq!(engine.call_as(&view, "GET", "/t/_doc/1", "").0, 404);
    assert_eq!(engine.call_as(&view, "PUT", "/t/_doc/1", "{}").0, 404);
    assert_eq!(engine.call_as(&view, "PUT", "/new/_doc/1", "{}").0, 404);
    assert!(engine.0.metadata().index("new").is_none());
}

#[test]
fn mget_answers_item_by_item() {
    let engine = Engine::new();
    engine.call("PUT", "/t/_doc/1", r#"{"a": 9, "b": 1}"#);
    let body = r#"{"docs":[{"_index":"t","_id":"1"},{"_index":"t","_id":"none"},
        {"_index":"nope","_id":"1"},{"_index":"t","_id":"1","_source":["b"]}]}"#;
    let (status, answer) = engine.call("POST", "/_mget", body);
    assert_eq!(status, 200);
    assert_eq!(answer["docs"][0]["_source"], json!({"a": 9, "b": 1}));
    assert_eq!(answer["docs"][1]["found"], false);
    assert_eq!(answer["docs"][2]["error"]["type"], "index_not_found_exception");
    assert_eq!(answer["docs"][3]["_source"], json!({"b": 1}));
}

#[test]
fn source_filters_and_head_requests_work() {
    let engine = Engine::new();
    engine.call("PUT", "/t/_doc/1", r#"{"a": 1, "o": {"x": 1, "y": 2}}"#);
    assert_eq!(
        engine.call("GET", "/t/_doc/1?_source_includes=o.*&_source_excludes=*.y", "").1["_source"],
        json!({"o": {"x": 1}})
    );
    assert_eq!(engine.call("GET", "/t/_doc/1?_source=false", "").1.get("_source"), None);
    assert_eq!(engine.call("HEAD", "/t/_doc/1", ""), (200, Value::Null));
    assert_eq!(engine.call("HEAD", "/t/_doc/2", ""), (404, Value::Null));
    assert_eq!(engine.result("GET", "/t/_source/2", "").1, "Document not found [t]/[_doc]/[2]");
}

#[test]
fn writes_go_to_the_write_index_of_an_alias() {
    let engine = Engine::new();
    let body = crate::index::CreateIndex {
        aliases: json!({"al": {}}),
        ..crate::index::CreateIndex::default()
    };
    engine.0.indices.create_index("one", &body, 0).unwrap();
    assert_eq!(engine.call("PUT", "/al/_doc/1", "{}").1["_index"], "one");
    engine.0.indices.create_index("two", &body, 0).unwrap();
    let (status, answer) = engine.call("PUT", "/al/_doc/1", "{}");
    assert_eq!(status, 400);
    assert!(
        answer["error"]["reason"]
            .as_str()
            .unwrap()
            .starts_with("no write index is defined for alias [al]")
    );
    assert!(
        engine.result("GET", "/al/_doc/1", "").1.starts_with("Alias [al] has more than one index")
    );
}
