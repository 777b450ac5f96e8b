//! The REST suites of the two servers, run against the engine: OpenSearch's (`../shared/conformance/opensearch-yaml`) and
//! that of Elasticsearch 7.10.2, which Maven's registry has (`cargo xtask rest-suite` puts it below `target/`).
//!
//! Of each suite two lists are kept beside this file: the cases that the real server passes, in this runner, and those of
//! them that pass here (`*.passing`). One that stops passing fails the test. `UPDATE_EXPECT=1` rewrites that list,
//! `YAML_CASE=path/part` runs the cases whose name holds that text and tells why each fails, `YAML_FAULTS=FILE` writes why
//! each that fails does. `COUNTERSIGN_REFERENCE=http://127.0.0.1:PORT` runs Elasticsearch's suite on a real server, of
//! which everything is deleted, and writes the first list. What a runner has to know is in the first suite's `FORMAT.md`.

mod check;
mod client;
mod suite;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use client::{Apis, SuiteServer};
use engine::rest::Flavor;

use crate::reference_server::ReferenceServer;

/// One of the suites.
struct RestSuite {
    /// Where it is; the folders `api` and `test` are in it.
    root: PathBuf,
    flavor: Flavor,
    /// The list of the cases that pass.
    passing: PathBuf,
}

fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(name)
}

#[test]
#[ignore = "needs ../shared/conformance"]
fn every_case_of_the_opensearch_suite_that_passed_still_passes() {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/opensearch-yaml");
    let reference = std::fs::read_to_string(root.join("reference.tsv")).unwrap();
    let passes = reference.lines().skip(1).filter_map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        (cells[3] == "pass").then(|| format!("{}/{}", cells[0], cells[1]))
    });
    let suite = RestSuite { root, flavor: Flavor::OpenSearch219, passing: beside("yaml.passing") };
    suite.check(&passes.collect());
}

#[test]
#[ignore = "needs Elasticsearch's suite: cargo xtask rest-suite"]
fn every_case_of_the_elasticsearch_suite_that_passed_still_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/rest-suite/rest-api-spec");
    let passing = beside("yaml.elasticsearch.passing");
    let suite = RestSuite { root, flavor: Flavor::Elasticsearch710, passing };
    let reference = beside("yaml.elasticsearch.reference");
    if let Some(server) = ReferenceServer::from_environment() {
        suite.record(server, &reference);
        return;
    }
    let passes = std::fs::read_to_string(reference).unwrap();
    suite.check(&passes.lines().map(str::to_owned).collect());
}

impl RestSuite {
    /// Compares what passes with what passed. `real`: the cases that the real server passes.
    fn check(&self, real: &BTreeSet<String>) {
        let only = std::env::var("YAML_CASE").ok();
        let apis = Apis::read(&self.root.join("api"));
        let cases = suite::cases(&self.root, |file, case| {
            let name = format!("{file}/{case}");
            real.contains(&name) && only.as_ref().is_none_or(|part| name.contains(part))
        });
        let outcomes = self.run(&apis, &cases);
        let passing: BTreeSet<&String> =
            outcomes.iter().filter(|(_, fault)| fault.is_none()).map(|(name, _)| name).collect();
        eprintln!("{} of {} cases pass", passing.len(), outcomes.len());
        if only.is_some() {
            for (name, fault) in &outcomes {
                eprintln!("{name}: {}", fault.as_deref().unwrap_or("ok"));
            }
            return;
        }
        if let Ok(path) = std::env::var("YAML_FAULTS") {
            let faults = outcomes
                .iter()
                .filter_map(|(name, fault)| Some(format!("{name}: {}\n", fault.as_ref()?)));
            std::fs::write(path, faults.collect::<String>()).unwrap();
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let list: String = passing.iter().map(|name| format!("{name}\n")).collect();
            std::fs::write(&self.passing, list).unwrap();
            return;
        }
        let expected = std::fs::read_to_string(&self.passing).unwrap();
        let lost: Vec<String> = expected
            .lines()
            .filter(|name| !passing.contains(&(*name).to_owned()))
            .map(|name| match outcomes.get(name) {
                Some(fault) => format!("{name}: {}", fault.as_deref().unwrap_or_default()),
                None => format!("{name}: was not run"),
            })
            .collect();
        assert!(!expected.is_empty(), "{} names no case", self.passing.display());
        assert!(lost.is_empty(), "cases that used to pass:\n{}", lost.join("\n"));
    }

    /// Every case with what is wrong, on as many threads as there are cores.
    fn run(&self, apis: &Apis, cases: &[suite::Case]) -> BTreeMap<String, Option<String>> {
        let next = AtomicUsize::new(0);
        let found = Mutex::new(BTreeMap::new());
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let server = SuiteServer::Embedded(Box::new(client::engine(self.flavor)));
                        let fault = suite::run(apis, &server, case).err();
                        found.lock().unwrap().insert(case.name.clone(), fault);
                    }
                });
            }
        });
        found.into_inner().unwrap()
    }

    /// Runs all cases that are for this version on a real server, and writes which of them pass.
    fn record(&self, server: ReferenceServer, list: &Path) {
        let apis = Apis::read(&self.root.join("api"));
        let server = SuiteServer::Real(server);
        let mut passing = String::new();
        for case in suite::cases(&self.root, |_, _| true) {
            server.empty();
            match suite::run(&apis, &server, &case) {
                Ok(()) if !case.is_skipped() => {
                    passing.push_str(&case.name);
                    passing.push('\n');
                }
                Ok(()) => {}
                Err(fault) => eprintln!("{}: {fault}", case.name),
            }
        }
        std::fs::write(list, passing).unwrap();
    }
}
