//! What a document filter of a policy costs beside the same filter in the query: processor time, and under Valgrind instructions.
//!
//!     cargo run --release --manifest-path benches/engine/Cargo.toml --bin filters
//!     valgrind --tool=callgrind --collect-atstart=no '--toggle-collect=*filters*measured*' …/filters 10000 NAME
//!
//! NAME is `query` or `policy`, and what is asked: `hits`, `words`, `terms`. The answers are compared first.

#[allow(dead_code, reason = "the other program of this package uses the rest of it")]
#[path = "../corpus.rs"]
mod corpus;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::rest::{Flavor, parse, route};
use engine::{
    DocumentRule, Engine, EngineSettings, FieldRules, Grants, OnlyValues, ShownFields, TestedValue,
    ValueTest, View, Work,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The section whose documents are seen.
const SECTION: &str = "section";
const TIMED: Duration = Duration::from_millis(800);
const COUNTED: usize = 4;

/// That a document is of a section, as a policy says it.
#[derive(Debug)]
struct OfSection(String);

impl ValueTest for OfSection {
    fn field(&self) -> &str {
        SECTION
    }

    fn reads(&self) -> TestedValue {
        TestedValue::Text
    }

    fn holds(&self, values: &[String]) -> bool {
        values.iter().any(|value| *value == self.0)
    }

    fn only_of(&self) -> Option<OnlyValues> {
        Some(OnlyValues { values: vec![self.0.clone()], of_several: true })
    }
}

#[derive(Debug)]
struct Rules(DocumentRule);

impl FieldRules for Rules {
    fn at_field(&self, _path: &str) -> DocumentRule {
        self.0.clone()
    }

    fn differ(&self) -> bool {
        false
    }

    fn differ_inside(&self, _path: &str) -> bool {
        false
    }

    fn of_fields(&self, _paths: &[&str]) -> ShownFields {
        ShownFields { documents: self.0.clone(), shows: Arc::new(|_| true) }
    }
}

fn ask(engine: &Engine, view: &View, method: &str, path: &str, body: &str) -> Value {
    let route = route(method, path, "", engine.flavor()).expect("a path");
    let work = Work::unbounded();
    let kind = if path.ends_with("_bulk") { "application/x-ndjson" } else { "application/json" };
    let parsed = parse(route, Some(kind), body.to_owned().into(), &work).expect("a body");
    let metadata = engine.metadata();
    let answer = engine.execute(&parsed, &metadata, view, Timestamp::UNIX_EPOCH, &work);
    assert!(answer.status < 300, "{method} {path}: {:?}", answer.body);
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// A search as the caller writes it, with the filter in it or without.
fn search(what: &str, filter: Option<&str>) -> String {
    let words = format!("{} {}", corpus::word(3), corpus::word(40));
    let query = match what {
        "words" => json!({"match": {"description": words}}),
        _ => json!({"match_all": {}}),
    };
    let filtered = filter.map(|section| json!({"term": {SECTION: section}}));
    let mut body = match filtered {
        Some(filter) => json!({"query": {"bool": {"must": [query], "filter": [filter]}}}),
        None => json!({"query": query}),
    };
    if what == "terms" {
        body["size"] = 0.into();
        body["aggs"] = json!({"by": {"terms": {"field": "maintainer"}}});
    }
    body.to_string()
}

/// What Valgrind counts.
#[inline(never)]
fn measured(engine: &Engine, view: &View, body: &str) {
    for _ in 0..COUNTED {
        black_box(ask(engine, view, "POST", "/bench/_search", body));
    }
}

fn fastest(engine: &Engine, view: &View, body: &str) -> f64 {
    let (begun, mut best) = (Instant::now(), Duration::MAX);
    while begun.elapsed() < TIMED {
        let start = Instant::now();
        black_box(ask(engine, view, "POST", "/bench/_search", body));
        best = best.min(start.elapsed());
    }
    best.as_secs_f64() * 1e6
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let documents: usize = arguments.first().map_or(30_000, |it| it.parse().expect("a number"));
    let settings = EngineSettings {
        directory: None,
        flavor: Flavor::OpenSearch219,
        cluster_name: "bench".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).expect("an engine");
    let everything = View::everything("bench");
    ask(&engine, &everything, "PUT", "/bench", corpus::MAPPING);
    let mut made = corpus::Corpus::new(1);
    for first in (0..documents).step_by(1000) {
        let body = made.bulk(first, 1000.min(documents - first));
        ask(&engine, &everything, "POST", "/bench/_bulk", &body);
    }
    ask(&engine, &everything, "POST", "/bench/_refresh", "");
    let common = r#"{"size": 0, "aggs": {"s": {"terms": {"field": "section", "size": 1}}}}"#;
    let common = ask(&engine, &everything, "POST", "/bench/_search", common);
    let section = common["aggregations"]["s"]["buckets"][0]["key"].as_str().expect("a section");
    let mut grants = Grants::everything("bench");
    let uuid = Arc::clone(&engine.metadata().index("bench").expect("the index").uuid);
    let rule = DocumentRule::If(Arc::new(OfSection(section.to_owned())));
    grants.restrictions.restrict(&uuid, Arc::new(Rules(rule)));
    let restricted = View::of(grants);
    for what in ["hits", "words", "terms"] {
        let (query, policy) = (search(what, Some(section)), search(what, None));
        let pairs = [(&everything, &query, "query"), (&restricted, &policy, "policy")];
        let answers = pairs.map(|(view, body, _)| {
            let answer = ask(&engine, view, "POST", "/bench/_search", body);
            (answer["hits"]["total"].clone(), answer["aggregations"].clone())
        });
        assert_eq!(answers[0], answers[1], "{what}");
        if let [_, how, asked] = arguments.as_slice() {
            if asked == what {
                let (view, body, _) = pairs.iter().find(|(_, _, it)| it == how).expect("how");
                measured(&engine, view, body);
            }
            continue;
        }
        let [in_query, in_policy] = pairs.map(|(view, body, _)| fastest(&engine, view, body));
        println!(
            "{what}: {in_query:.1} µs with the filter in the query, {in_policy:.1} µs with it in the policy (× {:.2})",
            in_policy / in_query
        );
    }
}
