//! What a document with a long text holds at once beside its body, as multiples of the text.

use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, View, Work};
use jiff::Timestamp;

/// Bytes of the text.
const TEXT: usize = 4 << 20;

/// Words of a vocabulary of 20,000, which a generator of its own chooses: the same on every run.
fn text() -> String {
    let (mut text, mut state) = (String::with_capacity(TEXT + 16), 1_u64);
    while text.len() < TEXT {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!("w{:x}ord ", (state >> 33) % 20_000));
    }
    text
}

#[test]
fn a_document_with_a_long_text_holds_few_copies_of_it() {
    let folder = std::env::temp_dir().join(format!("countersign-cost-{}", std::process::id()));
    let settings = EngineSettings {
        directory: Some(folder.clone()),
        flavor: Flavor::OpenSearch219,
        cluster_name: "cost".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    std::fs::create_dir_all(&folder).unwrap();
    let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap();
    let ask = |method: &str, path: &str, body: bytes::Bytes| {
        let route = route(method, path, "", engine.flavor()).unwrap();
        let work = Work::unbounded();
        let parsed = parse(route, Some("application/json"), body, &work).unwrap();
        let view = View::everything("cost");
        let answer =
            engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work);
        assert!(answer.status < 300, "{method} {path}: {:?}", answer.body);
    };
    ask("PUT", "/small/_doc/1", r#"{"text":"warm"}"#.into());
    ask("POST", "/small/_refresh", bytes::Bytes::new());
    let body = bytes::Bytes::from(format!(r#"{{"text":"{}"}}"#, text()));
    let length = body.len() as u64;
    let write = allocation_counter::measure(|| ask("PUT", "/large/_doc/1", body));
    let refresh =
        allocation_counter::measure(|| ask("POST", "/large/_refresh", bytes::Bytes::new()));
    drop(engine);
    std::fs::remove_dir_all(folder).unwrap();
    let hundredths = |bytes: u64| bytes * 100 / length;
    let (written, refreshed) = (hundredths(write.bytes_max), hundredths(refresh.bytes_max));
    // Copies of it, and 9 MB of arenas that a segment begins with: benches/documents/RESULTS.md says which.
    assert!(written <= 490 && refreshed <= 130, "{written} and {refreshed} hundredths of the text");
}
