//! Bulk, queries and aggregations inside the engine, without a network: processor time of each, and under Valgrind the
//! instructions, which are the same whatever else the machine does (`instructions.py` runs it so).

mod corpus;
mod operations;

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use engine::rest::{Flavor, parse, route};
use engine::{Engine, EngineSettings, View, Work};
use jiff::Timestamp;

use corpus::Corpus;
use operations::{Operation, operations};

/// Documents of the index that is searched, unless the command says otherwise.
const DOCUMENTS: usize = 30_000;
/// How often each operation runs where instructions are counted.
const COUNTED: usize = 4;
/// Time that each operation is given where time is measured; the fastest run is told.
const TIMED: Duration = Duration::from_millis(400);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().expect("a number of documents");
    match words.as_slice() {
        ["make", folder, documents] => make(&Bench::open(Some(folder.into())), number(documents)),
        ["count", folder, documents, name] => {
            count(&Bench::open(Some(folder.into())), number(documents), name);
        }
        ["list"] => operations(1).iter().for_each(|operation| println!("{}", operation.name)),
        [] => time(DOCUMENTS),
        [documents] => time(number(documents)),
        _ => panic!("engine-bench [DOCUMENTS]"),
    }
}

/// An engine with the index `bench`.
struct Bench(Engine);

impl Bench {
    fn open(directory: Option<PathBuf>) -> Bench {
        let settings = EngineSettings {
            directory,
            flavor: Flavor::OpenSearch219,
            cluster_name: "bench".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        Bench(Engine::open(settings, Timestamp::UNIX_EPOCH).expect("a folder"))
    }

    /// Asks as a request would; the body of the answer.
    fn ask(&self, method: &str, path: &str, query: &str, body: &str) -> Vec<u8> {
        let route = route(method, path, query, self.0.flavor()).expect("a path");
        let work = Work::unbounded();
        let kind = "application/x-ndjson";
        let kind = if path.ends_with("_bulk") { kind } else { "application/json" };
        let parsed = parse(route, Some(kind), body.to_owned().into(), &work).expect("a body");
        let view = View::everything("bench");
        let metadata = self.0.metadata();
        let answer = self.0.execute(&parsed, &metadata, &view, Timestamp::UNIX_EPOCH, &work);
        assert!(answer.status < 300, "{method} {path}: {:?}", answer.body);
        answer.body.to_vec()
    }

    fn run(&self, operation: &Operation) -> Vec<u8> {
        self.ask(operation.method, operation.path, operation.query, &operation.body)
    }
}

/// Fills the index `bench` with `documents`.
fn make(bench: &Bench, documents: usize) {
    bench.ask("PUT", "/bench", "", corpus::MAPPING);
    let mut corpus = Corpus::new(1);
    for first in (0..documents).step_by(1000) {
        let body = corpus.bulk(first, 1000.min(documents - first));
        bench.ask("POST", "/bench/_bulk", "", &body);
    }
    bench.ask("POST", "/bench/_refresh", "", "");
    bench.ask("POST", "/bench/_flush", "", "");
    bench.ask("PUT", "/written", "", corpus::MAPPING);
    bench.0.close(&engine::Cancel::new());
}

/// Runs one operation once, so that it is warm, and then so that Valgrind counts.
fn count(bench: &Bench, documents: usize, name: &str) {
    let all = operations(documents);
    let operation = all.iter().find(|operation| operation.name == name).expect("its name");
    black_box(bench.run(operation));
    measured(bench, operation);
    println!("{}", COUNTED * operation.units);
}

/// What Valgrind counts.
#[inline(never)]
fn measured(bench: &Bench, operation: &Operation) {
    for _ in 0..COUNTED {
        black_box(bench.run(operation));
    }
}

/// Prints microseconds of each operation.
fn time(documents: usize) {
    let bench = Bench::open(None);
    make(&bench, documents);
    println!("{documents} documents; the fastest run of each");
    for operation in operations(documents) {
        black_box(bench.run(&operation));
        let (begun, mut fastest, mut runs) = (Instant::now(), Duration::MAX, 0);
        while begun.elapsed() < TIMED || runs < 3 {
            let start = Instant::now();
            black_box(bench.run(&operation));
            fastest = fastest.min(start.elapsed());
            runs += 1;
        }
        let micros = fastest.as_secs_f64() * 1e6 / operation.units as f64;
        println!("{:24} {micros:12.1} µs", operation.name);
    }
}
