//! What many small indices hold at rest: in a process of its own, because memory is counted for a whole process.

use bytes::Bytes;
use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, View, Work};
use jiff::Timestamp;

const INDICES: usize = 400;
/// Most that an index may hold at rest (the goal of the finding: 0.2 MB).
const INDEX_BYTES_MAX: u64 = 200_000;

fn run(engine: &Engine, line: &str, body: &str) {
    let (method, url) = line.split_once(' ').unwrap();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let route = route(method, path, query, Flavor::Elasticsearch710).unwrap();
    let work = Work::unbounded();
    let kind = (!body.is_empty()).then_some("application/x-ndjson");
    let parsed = parse(route, kind, Bytes::copy_from_slice(body.as_bytes()), &work).unwrap();
    let view = View::everything("someone");
    let answer = engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work);
    let text = String::from_utf8_lossy(&answer.body);
    assert!(answer.status < 300 && !text.contains("\"errors\":true"), "{line}: {text:.500}");
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// The child: writes one bulk over many new indices, and prints what it holds before and after.
#[test]
#[ignore = "run by a_bulk_over_many_new_indices_keeps_little_memory in a process of its own"]
fn child() {
    let settings = EngineSettings {
        // In memory, so that no disk has to be waited for: what an index holds is the same.
        directory: None,
        flavor: Flavor::Elasticsearch710,
        cluster_name: "c".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap();
    // What the first index costs is not what each costs.
    run(&engine, "POST /_bulk?refresh=true", "{\"index\":{\"_index\":\"warm\"}}\n{\"a\":\"b\"}\n");
    let before = resident();
    let document =
        "{\"title\":\"a few words\",\"kind\":\"k\",\"n\":1,\"when\":\"2026-11-28T00:00:00Z\"}";
    let line = |number: usize| format!("{{\"index\":{{\"_index\":\"i{number}\"}}}}\n{document}\n");
    let body: String = (0..INDICES).map(line).collect();
    run(&engine, "POST /_bulk", &body);
    let written = resident();
    run(&engine, "POST /_refresh", "");
    let rest = resident();
    println!("before {before}, written {written}, at rest {rest}");
    println!("each {}", rest.max(written).saturating_sub(before) / INDICES as u64);
}

#[test]
fn a_bulk_over_many_new_indices_keeps_little_memory() {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["many_indices::child", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    println!("{text}");
    let each = text.lines().find_map(|line| line.strip_prefix("each "));
    let each: u64 = each.unwrap_or_else(|| panic!("{text}")).parse().unwrap();
    assert!(each <= INDEX_BYTES_MAX, "{each} bytes for each index: {text}");
}
