//! Templates are cluster metadata: they are there after a restart.

use engine::cluster::registries::Registry;
use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, View, Work};
use jiff::Timestamp;

fn engine(directory: &std::path::Path) -> Engine {
    let settings = EngineSettings {
        directory: Some(directory.to_path_buf()),
        flavor: Flavor::OpenSearch219,
        cluster_name: "test".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap()
}

fn put(engine: &Engine, path: &str, body: &'static str) {
    let route = route("PUT", path, "", engine.flavor()).unwrap();
    let work = Work::unbounded();
    let parsed = parse(route, Some("application/json"), body.into(), &work).unwrap();
    let view = View::everything("someone");
    let answer = engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work);
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
}

#[test]
fn templates_of_all_kinds_survive_a_restart() {
    let directory = std::env::temp_dir().join(format!("cs-templates-{}", std::process::id()));
    {
        let engine = engine(&directory);
        put(&engine, "/_template/a", r#"{"index_patterns": ["a*"]}"#);
        put(
            &engine,
            "/_component_template/b",
            r#"{"template": {"settings": {"number_of_replicas": 0}}}"#,
        );
        put(&engine, "/_index_template/c", r#"{"index_patterns": ["c*"], "composed_of": ["b"]}"#);
    }
    let engine = engine(&directory);
    let metadata = engine.metadata();
    let there = |kind, name| metadata.registries().get(kind, name).is_some();
    assert!(there(Registry::LegacyTemplates, "a"));
    assert!(there(Registry::ComponentTemplates, "b"));
    assert!(there(Registry::IndexTemplates, "c"));
    put(&engine, "/c1", "{}");
    let metadata = engine.metadata();
    assert_eq!(metadata.index("c1").unwrap().settings.get("number_of_replicas"), Some("0"));
    drop(engine);
    std::fs::remove_dir_all(&directory).unwrap();
}
