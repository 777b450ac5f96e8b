//! Slow logs. The lines are those that Elasticsearch 7.10.2 and OpenSearch 2.19.1 wrote of the same requests; what they
//! wrote of a search's source is with every default, ours as it was sent.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, Response, SlowLogKind, View, Work};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// An engine whose clock is at another time whenever it is looked at, and what it logs.
struct Logged {
    engine: Engine,
    lines: Arc<Mutex<Vec<(SlowLogKind, String)>>>,
}

fn begin() -> Timestamp {
    "2026-11-29T20:58:09.626Z".parse().unwrap()
}

impl Logged {
    fn new(flavor: Flavor) -> Self {
        let settings = EngineSettings {
            directory: None,
            flavor,
            cluster_name: "c".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let lines = Arc::<Mutex<Vec<_>>>::default();
        let (kept, looks) = (Arc::clone(&lines), AtomicI64::new(0));
        let clock = move || {
            let micros = 1_500 * looks.fetch_add(1, Ordering::Relaxed);
            begin() + SignedDuration::from_micros(micros)
        };
        let engine = Engine::open(settings, begin()).unwrap().with_clock(clock);
        let engine = engine.with_slow_log(move |kind, line| {
            kept.lock().unwrap().push((kind, line.to_owned()));
        });
        Self { engine, lines }
    }

    fn answer(&self, line: &str, body: &str) -> Response {
        let (method, url) = line.split_once(' ').unwrap();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut work = Work::unbounded();
        work.opaque_id = Some("me".into());
        let route = route(method, path, query, self.engine.flavor()).unwrap();
        let kind = if line.contains("_bulk") { "application/x-ndjson" } else { "application/json" };
        let parsed = parse(route, Some(kind), body.to_owned().into(), &work).unwrap();
        let view = View::everything("o");
        self.engine.execute(&parsed, &self.engine.metadata(), &view, begin(), &work)
    }

    /// What was logged of one request, without the time of day and how long it took.
    fn log(&self, line: &str, body: &str) -> Vec<String> {
        self.lines.lock().unwrap().clear();
        let response = self.answer(line, body);
        assert!(response.status < 300, "{line}: {}", String::from_utf8_lossy(&response.body));
        let lines = self.lines.lock().unwrap();
        lines.iter().map(|(_, line)| timeless(line)).collect()
    }

    fn index(&self, settings: serde_json::Value) {
        let body = json!({"settings": settings}).to_string();
        assert!(self.answer("PUT /books", &body).status < 300);
    }

    fn settings(&self, settings: serde_json::Value) -> Response {
        self.answer("PUT /books/_settings", &settings.to_string())
    }
}

/// `[2026-11-29T20:58:09,626]` and `took[1.5ms], took_millis[1], ` are taken out, and the index's uuid.
fn timeless(line: &str) -> String {
    let (time, rest) = line.split_at(25);
    assert!(time.starts_with("[2026-11-29T20:58:") && time.ends_with(']'), "{line}");
    let (before, rest) = rest.split_once("took[").unwrap();
    let (took, rest) = rest.split_once("], took_millis[").unwrap();
    assert!(took.ends_with('s'), "{line}");
    let (_, rest) = rest.split_once("], ").unwrap();
    let line = format!("{before}{rest}");
    match line.split_once("[books/") {
        Some((before, rest)) => format!("{before}[books/U]{}", rest.split_once(']').unwrap().1),
        None => line,
    }
}

#[test]
fn a_search_is_logged_for_finding_and_for_fetching_in_the_words_of_each_server() {
    for (flavor, types) in [(Flavor::Elasticsearch710, "types[], "), (Flavor::OpenSearch219, "")] {
        let logged = Logged::new(flavor);
        logged.index(json!({
            "index.search.slowlog.threshold.query.warn": "0ms",
            "index.search.slowlog.threshold.fetch.info": "0ms",
        }));
        logged.answer("PUT /books/_doc/1?refresh=true", r#"{"title": "long"}"#);
        let search = r#"{"query":{"match":{"title":"long"}},"stats":["g1","g2"]}"#;
        let told = format!(
            "[books][0] total_hits[1 hits], {types}stats[g1,g2], search_type[QUERY_THEN_FETCH], total_shards[1], source[{search}], id[me], "
        );
        assert_eq!(
            logged.log("POST /books/_search", search),
            [
                format!("[WARN ][i.s.s.query              ] [countersign] {told}"),
                format!("[INFO ][i.s.s.fetch              ] [countersign] {told}"),
            ],
        );
        let lines = logged.log("POST /books/_search?track_total_hits=false", "");
        assert!(lines[0].contains("total_hits[0+ hits]") && lines[0].contains("source[{}]"));
        let lines = logged.log("GET /books/_search?q=title:long", "");
        assert!(lines[0].contains(r#"source[{"query":{"query_string":{"query":"title:long"}}}]"#));
        assert!(logged.lines.lock().unwrap().iter().all(|(kind, _)| *kind == SlowLogKind::Search));
    }
}

#[test]
fn a_write_is_logged_with_so_much_of_its_document_as_the_index_says() {
    for (flavor, own) in [(Flavor::Elasticsearch710, "type[_doc], "), (Flavor::OpenSearch219, "")] {
        let logged = Logged::new(flavor);
        logged.index(json!({
            "index.indexing.slowlog.threshold.index.warn": "0ms",
            "index.indexing.slowlog.source": "20",
        }));
        let head = format!("[WARN ][i.i.s.index              ] [countersign] [books/U] {own}");
        assert_eq!(
            logged.log("PUT /books/_doc/1?routing=r", r#"{"title": "a long  title", "n": 1}"#),
            [format!(r#"{head}id[1], routing[r], source[{{"title":"a long  ti]"#)]
        );
        let bulk = "{\"index\":{\"_id\":\"7\"}}\n{\"x\":1}\n{\"delete\":{\"_id\":\"1\",\"routing\":\"r\"}}\n{\"update\":{\"_id\":\"7\"}}\n{\"doc\":{\"y\":2}}\n";
        assert_eq!(
            logged.log("POST /books/_bulk", bulk),
            [
                format!(r#"{head}id[7], routing[], source[{{"x":1}}]"#),
                format!(r#"{head}id[7], routing[], source[{{"x":1,"y":2}}]"#),
            ]
        );
        assert!(logged.settings(json!({"index.indexing.slowlog.source": "false"})).status < 300);
        assert_eq!(
            logged.log("PUT /books/_doc/3", r#"{"a":1}"#),
            [format!("{head}id[3], routing[]")]
        );
        let raw = json!({"index.indexing.slowlog": {"source": "true", "reformat": false}});
        assert!(logged.settings(raw).status < 300);
        assert_eq!(
            logged.log("PUT /books/_doc/3", r#"{ "a": 1 }"#),
            [format!(r#"{head}id[3], routing[], source[{{ "a": 1 }}]"#)]
        );
    }
}

#[test]
fn nothing_is_logged_below_the_threshold_below_the_level_or_without_one() {
    let logged = Logged::new(Flavor::Elasticsearch710);
    logged.index(json!({}));
    assert!(logged.log("PUT /books/_doc/1", "{}").is_empty());
    assert!(logged.log("GET /books/_search", "").is_empty());
    let search = |settings: serde_json::Value| {
        assert!(logged.settings(settings).status < 300);
        logged.log("GET /books/_search", "").len()
    };
    assert_eq!(search(json!({"index.search.slowlog.threshold.query.debug": "10s"})), 0);
    assert_eq!(search(json!({"index.search.slowlog.threshold.query.debug": "500micros"})), 1);
    assert_eq!(search(json!({"index.search.slowlog.threshold.query.debug": "0"})), 1);
    assert_eq!(search(json!({"index.search.slowlog.threshold.query.debug": "1.5ms"})), 1);
    assert_eq!(search(json!({"index.search.slowlog.level": "info"})), 0);
    assert_eq!(search(json!({"index.search.slowlog.level": "trace"})), 1);
    assert_eq!(search(json!({"index.search.slowlog.threshold.query.debug": "-1"})), 0);
}

#[test]
fn what_no_level_and_no_number_is_is_refused_in_elasticsearchs_words() {
    let logged = Logged::new(Flavor::Elasticsearch710);
    logged.index(json!({}));
    for (setting, value, told) in [
        (
            "indexing.slowlog.source",
            "x",
            "Failed to parse value [x] as only [true] or [false] are allowed.",
        ),
        (
            "search.slowlog.level",
            "loud",
            "No enum constant org.elasticsearch.index.SlowLogLevel.LOUD",
        ),
    ] {
        let response = logged.settings(json!({"index": {setting: value}}));
        let body = String::from_utf8_lossy(&response.body).into_owned();
        assert_eq!(response.status, 400, "{body}");
        assert!(body.contains(told), "{body}");
    }
}

#[test]
fn a_line_is_one_line_whatever_a_caller_writes_and_is_cut() {
    let logged = Logged::new(Flavor::Elasticsearch710);
    logged.index(json!({
        "index.indexing.slowlog.threshold.index.trace": "0ms",
        "index.indexing.slowlog.source": "true",
    }));
    let long = json!({"t": "x".repeat(20_000)}).to_string();
    let lines = logged.log("PUT /books/_doc/a%0Ab%1B", &long);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(r"id[a\nb\u{1b}]"), "{}", lines[0]);
    assert!(lines[0].len() < 10_100, "{}", lines[0].len());
}
