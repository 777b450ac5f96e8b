//! The hand-written corpus: `tests/cases/*.json`.
//!
//! A case has a description, the policies, the request, the decision and its reasons. Policies
//! and request together are a question of `countersign policy simulate --batch`.

use std::path::Path;

use policy::simulation::Simulation;
use serde_json::{Value, json};

fn cases() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let Value::Array(list) = serde_json::from_str(&text).unwrap() else { panic!("{file}") };
        cases.extend(list.into_iter().map(|case| (file.clone(), case)));
    }
    cases
}

fn question(case: &Value) -> String {
    let mut question = case["request"].as_object().unwrap().clone();
    question.extend(case["policies"].as_object().unwrap().clone());
    Value::from(question).to_string()
}

#[test]
fn every_case_of_the_corpus_is_decided_for_its_reasons() {
    let mut wrong = Vec::new();
    for (file, case) in cases() {
        let simulation = match Simulation::parse(&question(&case)) {
            Ok(simulation) => simulation,
            Err(error) => {
                wrong.push(format!("{file}: {}\n  {error}", case["description"]));
                continue;
            }
        };
        let expected = json!({
            "decision": case["decision"], "by": case["reasons"], "missing": case["missing"],
        });
        let answer: Value = serde_json::from_str(&simulation.answer()).unwrap();
        if answer != expected {
            let description = &case["description"];
            wrong
                .push(format!("{file}: {description}\n  expected {expected}\n  answered {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_corpus_has_three_hundred_cases_with_distinct_descriptions() {
    let mut names: Vec<String> =
        cases().iter().map(|(file, case)| format!("{file}: {}", case["description"])).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert!(names.len() == count && count >= 300, "{count} cases, {} distinct", names.len());
}
