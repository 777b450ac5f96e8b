//! OpenSearch's own REST suite (`../shared/conformance/opensearch-yaml`) run against the engine.
//!
//! `yaml.passing` lists the cases that pass; one that stops passing fails this test. `UPDATE_EXPECT=1` rewrites the
//! list, and `YAML_CASE=path/part` runs the cases whose name holds that text and tells why each fails. What a runner
//! has to know is in the suite's `FORMAT.md`; a case that a real OpenSearch 2.19.1 does not pass there is not run.

mod check;
mod client;
mod suite;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const PASSING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/yaml.passing");

#[test]
#[ignore = "needs ../shared/conformance"]
fn every_case_of_the_opensearch_suite_that_passed_still_passes() {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/opensearch-yaml");
    let only = std::env::var("YAML_CASE").ok();
    let apis = client::Apis::read(&root.join("api"));
    let cases = suite::cases(&root, only.as_deref());
    let outcomes = run(&apis, &cases);
    let passing: BTreeSet<String> = outcomes
        .iter()
        .filter(|(_, fault)| fault.is_none())
        .map(|(name, _)| name.clone())
        .collect();
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
        std::fs::write(PASSING, list).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(PASSING).unwrap();
    let outcomes: BTreeMap<_, _> = outcomes.into_iter().collect();
    let lost: Vec<String> = expected
        .lines()
        .filter(|name| !passing.contains(*name))
        .map(|name| match outcomes.get(name) {
            Some(fault) => format!("{name}: {}", fault.as_deref().unwrap_or_default()),
            None => format!("{name}: was not run"),
        })
        .collect();
    assert!(!expected.is_empty(), "{PASSING} names no case");
    assert!(lost.is_empty(), "cases that used to pass:\n{}", lost.join("\n"));
}

/// Every case's name with what is wrong, on as many threads as there are cores.
fn run(apis: &client::Apis, cases: &[suite::Case]) -> Vec<(String, Option<String>)> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let found = std::sync::Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) =
                    cases.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let fault = suite::run(apis, case).err();
                    found.lock().unwrap().push((case.name.clone(), fault));
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort();
    found
}
