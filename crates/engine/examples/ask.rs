//! Answers requests from its standard input: an engine in memory, without HTTP and without a gate.
//!
//! `cargo run -p engine --example ask -- elasticsearch` (or `opensearch`) reads lines of JSON, `["GET /_search?q=a", "BODY"]`,
//! and answers each with one line, `[200, "BODY"]`. It is the quick side of `conformance/differential`.

use std::error::Error;
use std::io::{BufRead as _, Write as _};

use engine::rest::{Flavor, parse, route};
use engine::{Budget, Cancel, Engine, EngineSettings, Response, View, Work};
use jiff::Timestamp;

fn main() -> Result<(), Box<dyn Error>> {
    let flavor = match std::env::args().nth(1).as_deref() {
        Some("elasticsearch") => Flavor::Elasticsearch710,
        Some("opensearch") => Flavor::OpenSearch219,
        _ => return Err("expected elasticsearch or opensearch".into()),
    };
    let settings = EngineSettings {
        directory: None,
        flavor,
        cluster_name: "ask".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    let engine = Engine::open(settings, Timestamp::UNIX_EPOCH)?;
    let mut output = std::io::stdout().lock();
    for request in std::io::stdin().lock().lines() {
        let (line, body): (String, String) = serde_json::from_str(&request?)?;
        let answer = ask(&engine, &line, body);
        let text = String::from_utf8_lossy(&answer.body);
        writeln!(output, "{}", serde_json::json!([answer.status, text]))?;
        output.flush()?;
    }
    Ok(())
}

/// The answer to `line`, a method and a path with its query.
fn ask(engine: &Engine, line: &str, body: String) -> Response {
    let mut answer = answered(engine, line, body);
    if line.starts_with("HEAD ") {
        answer.body.clear();
    }
    answer
}

fn answered(engine: &Engine, line: &str, body: String) -> Response {
    let (method, target) = line.split_once(' ').unwrap_or(("GET", line));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let kind = if body.ends_with('\n') { "application/x-ndjson" } else { "application/json" };
    let route = match route(method, path, query, engine.flavor()) {
        Ok(route) => route,
        Err(error) => return Response::exception(&error.exception(method, target)),
    };
    // As much as a server with the heap that the differential run gives it.
    let work = Work::new(Cancel::new(), Budget::new("request", 270 << 20));
    match parse(route, Some(kind), body.into(), &work) {
        Ok(parsed) => {
            let view = View::everything("the one who asks");
            engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work)
        }
        Err(refusal) => Response::exception(&refusal),
    }
}
