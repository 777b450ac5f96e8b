//! An engine that begins as another one is: what both have, and that neither sees what becomes of the other.

use bytes::Bytes;
use engine::rest::{Flavor, parse, route};
use engine::{Cancel, Engine, EngineSettings, View, Work};
use jiff::Timestamp;
use serde_json::Value;
use std::path::PathBuf;

fn settings(directory: Option<PathBuf>) -> EngineSettings {
    EngineSettings {
        directory,
        flavor: Flavor::OpenSearch219,
        cluster_name: "test".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    }
}

fn ask(engine: &Engine, line: &str, body: &str) -> Value {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let route = route(method, path, query, engine.flavor()).unwrap();
    let work = Work::unbounded();
    let kind = if path.ends_with("_bulk") { "application/x-ndjson" } else { "application/json" };
    let kind = (!body.is_empty()).then_some(kind);
    let parsed = parse(route, kind, Bytes::copy_from_slice(body.as_bytes()), &work).unwrap();
    let view = View::everything("someone");
    let answer = engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work);
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}

fn count(engine: &Engine, query: &str) -> u64 {
    ask(engine, &format!("GET /books/_count?q={query}"), "")["count"].as_u64().unwrap()
}

fn filled(directory: Option<PathBuf>) -> Engine {
    let engine = Engine::open(settings(directory), Timestamp::UNIX_EPOCH).unwrap();
    ask(
        &engine,
        "PUT /books",
        r#"{"aliases":{"shelf":{}},"mappings":{"properties":{"title":{"type":"text"}}}}"#,
    );
    let lines: String = (0..20)
        .map(|id| format!("{{\"index\":{{\"_id\":\"{id}\"}}}}\n{{\"title\":\"book {id}\"}}\n"))
        .collect();
    ask(&engine, "POST /books/_bulk?refresh=true", &lines);
    ask(&engine, "DELETE /books/_doc/3", "");
    ask(&engine, "PUT /books/_doc/20", r#"{"title":"book unrefreshed"}"#);
    engine
}

#[test]
fn a_fork_has_what_was_written_refreshed_or_not() {
    let engine = filled(None);
    let fork = engine.fork(settings(None)).unwrap();
    assert_eq!(count(&fork, "title:book"), 20);
    assert_eq!(count(&fork, "title:unrefreshed"), 1);
    assert_eq!(ask(&fork, "GET /books/_doc/3", "")["found"], false);
    assert_eq!(ask(&fork, "GET /shelf/_doc/4", "")["_source"]["title"], "book 4");
    let uuid = |engine: &Engine| ask(engine, "GET /", "")["cluster_uuid"].clone();
    assert_ne!(uuid(&fork), uuid(&engine), "it is another cluster");
}

#[test]
fn neither_side_sees_what_is_done_to_the_other() {
    let engine = filled(None);
    let fork = engine.fork(settings(None)).unwrap();
    ask(&fork, "PUT /books/_doc/4?refresh=true", r#"{"title":"changed","year":1980}"#);
    ask(&fork, "DELETE /books/_doc/5?refresh=true", "");
    ask(&engine, "DELETE /books/_doc/6?refresh=true", "");
    ask(&engine, "PUT /books/_doc/90?refresh=true", r#"{"title":"new here"}"#);
    assert_eq!((count(&engine, "title:changed"), count(&fork, "title:changed")), (0, 1));
    assert_eq!((count(&engine, "title:here"), count(&fork, "title:here")), (1, 0));
    let found = |engine: &Engine, id: u8| {
        ask(engine, &format!("GET /books/_doc/{id}"), "")["found"].clone()
    };
    assert_eq!((found(&engine, 5), found(&fork, 5)), (true.into(), false.into()));
    assert_eq!((found(&engine, 6), found(&fork, 6)), (false.into(), true.into()));
    let year = |engine: &Engine| {
        ask(engine, "GET /books/_mapping", "").pointer("/books/mappings/properties/year").cloned()
    };
    assert!(year(&engine).is_none() && year(&fork).is_some());
    ask(&engine, "DELETE /books", "");
    assert_eq!(count(&fork, "title:book"), 18, "what the other side deletes stays readable");
}

#[test]
fn a_write_to_a_fork_goes_on_with_versions_and_sequence_numbers() {
    let engine = filled(None);
    let fork = engine.fork(settings(None)).unwrap();
    let again = ask(&fork, "PUT /books/_doc/3", r#"{"title":"back"}"#);
    let there = ask(&engine, "PUT /books/_doc/3", r#"{"title":"back"}"#);
    for member in ["_version", "_seq_no", "_primary_term"] {
        assert_eq!(again[member], there[member], "{member}");
    }
    assert_eq!(again["_version"], 3);
}

#[test]
fn a_fork_of_an_engine_on_disk_is_in_memory_and_outlives_its_files() {
    let folder = std::env::temp_dir().join(format!("countersign-fork-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let engine = filled(Some(folder.clone()));
    ask(&engine, "POST /books/_flush?force=true", "");
    let fork = engine.fork(settings(Some(folder.join("never")))).unwrap();
    ask(&engine, "POST /books/_forcemerge?max_num_segments=1", "");
    engine.close(&Cancel::new());
    drop(engine);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(count(&fork, "title:book"), 20);
    ask(&fork, "PUT /books/_doc/30?refresh=true", r#"{"title":"book 30"}"#);
    ask(&fork, "POST /books/_forcemerge?max_num_segments=1", "");
    assert_eq!(count(&fork, "title:book"), 21);
    assert!(!folder.exists());
}
