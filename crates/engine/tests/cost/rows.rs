//! The rows, what they cost here, and what `golden` says.

use std::fmt::Write;
use std::path::Path;

use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, View, Work};
use jiff::Timestamp;

use crate::corpus::{self, Corpus};
use crate::operations::{Operation, operations};

const DOCUMENTS: usize = 2000;
/// How often a row runs before it is counted: the first runs fill what is kept.
const BEFORE: usize = 2;
/// What a row may cost more than `golden` says, in hundredths, and in allocations besides: tables grow by steps.
const SLACK: (u64, u64) = (10, 20);

#[test]
fn no_row_allocates_more_than_it_did() {
    let (golden, counted) = (golden(), counted());
    let mut faults = String::new();
    for (name, allocations, bytes) in &counted {
        let Some((_, most, most_bytes)) = golden.iter().find(|row| row.0 == *name) else {
            writeln!(faults, "{name}: no line in golden").unwrap();
            continue;
        };
        let over =
            |value: u64, most: u64, besides: u64| value > most + most * SLACK.0 / 100 + besides;
        if over(*allocations, *most, SLACK.1) || over(*bytes, *most_bytes, SLACK.1 * 1024) {
            writeln!(
                faults,
                "{name}: {allocations} allocations of {bytes} bytes; golden has {most} of {most_bytes}"
            )
            .unwrap();
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path(), written(&counted)).unwrap();
        return;
    }
    assert!(faults.is_empty(), "{faults}UPDATE_EXPECT=1 writes what is counted now");
}

#[test]
fn a_search_allocates_as_much_over_twice_the_documents() {
    let (few, many) = (filled(DOCUMENTS), filled(2 * DOCUMENTS));
    for row in operations(DOCUMENTS).iter().filter(|row| ONE_PASS.contains(&row.name)) {
        let (few, many) = (cost(&few, row).0, cost(&many, row).0);
        assert!(many <= few + few / 4 + SLACK.1, "{}: {few}, then {many}", row.name);
    }
}

/// Rows whose answer does not grow with the index.
const ONE_PASS: [&str; 9] = [
    "match",
    "match, 3 or",
    "match, 3 and",
    "bool, filter",
    "sort all by a number",
    "terms",
    "stats",
    "range",
    "date_histogram",
];

/// Each row with its allocations and their bytes.
fn counted() -> Vec<(&'static str, u64, u64)> {
    let engine = filled(DOCUMENTS);
    operations(DOCUMENTS)
        .iter()
        .map(|row| {
            let (allocations, bytes) = cost(&engine, row);
            (row.name, allocations, bytes)
        })
        .collect()
}

/// The allocations of one run, of one of its units, and their bytes.
fn cost(engine: &Engine, row: &Operation) -> (u64, u64) {
    for _ in 0..BEFORE {
        run(engine, row);
    }
    let counted = allocation_counter::measure(|| run(engine, row));
    let units = row.units as u64;
    (counted.count_total / units, counted.bytes_total / units)
}

/// An engine with the index `bench` of so many documents in memory.
fn filled(documents: usize) -> Engine {
    let settings = EngineSettings {
        directory: None,
        flavor: Flavor::OpenSearch219,
        cluster_name: "cost".to_owned(),
        publish_address: "127.0.0.1:9200".to_owned(),
    };
    let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap();
    ask(&engine, "PUT", "/bench", "", corpus::MAPPING);
    ask(&engine, "POST", "/bench/_bulk", "", &Corpus::new(1).bulk(0, documents));
    ask(&engine, "POST", "/bench/_forcemerge", "max_num_segments=1", "");
    ask(&engine, "POST", "/bench/_refresh", "", "");
    engine
}

fn run(engine: &Engine, row: &Operation) {
    ask(engine, row.method, row.path, row.query, &row.body);
}

fn ask(engine: &Engine, method: &str, path: &str, query: &str, body: &str) {
    let route = route(method, path, query, engine.flavor()).unwrap();
    let kind = if path.ends_with("_bulk") { "application/x-ndjson" } else { "application/json" };
    let work = Work::unbounded();
    let parsed = parse(route, Some(kind), body.to_owned().into(), &work).unwrap();
    let view = View::everything("cost");
    let answer = engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work);
    assert!(answer.status < 300, "{method} {path}: {:?}", answer.body);
}

fn path() -> impl AsRef<Path> {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cost/golden")
}

fn golden() -> Vec<(String, u64, u64)> {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let lines = text.lines().map(|line| {
        let mut words = line.rsplitn(3, ' ');
        let mut number = || words.next().unwrap().parse().unwrap();
        let (bytes, allocations) = (number(), number());
        (words.next().unwrap().trim_end().to_owned(), allocations, bytes)
    });
    lines.collect()
}

fn written(counted: &[(&str, u64, u64)]) -> String {
    counted.iter().fold(String::new(), |mut text, (name, allocations, bytes)| {
        writeln!(text, "{name:24} {allocations} {bytes}").unwrap();
        text
    })
}
