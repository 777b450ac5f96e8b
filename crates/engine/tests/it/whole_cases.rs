//! Whole cases from public reports of search users, with what Elasticsearch 7.10.2 and OpenSearch 2.19.1 answered to each
//! step: `../shared/findings/engine-cases/*.jsonl`, one step a line. Steps that are answered alike may not become fewer.
//!
//! `WHOLE_CASES=B01` shows the differences of the cases whose name begins so; an empty one shows all of them.

use std::path::{Path, PathBuf};

use engine::rest::Flavor;
use serde_json::{Map, Value, json};

use crate::domain::Domain;

/// How many of the 337 steps are answered as the real server does.
const FLOORS: [(Flavor, &str, usize); 2] = [
    (Flavor::Elasticsearch710, "elasticsearch-7.10.2.jsonl", 241),
    (Flavor::OpenSearch219, "opensearch-2.19.1.jsonl", 241),
];

#[test]
#[ignore = "needs ../shared/findings"]
fn whole_cases_are_answered_as_the_real_servers_answer_them() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/findings/engine-cases");
    let mut fallen = Vec::new();
    for (flavor, file, floor) in FLOORS {
        let steps = steps(&folder.join(file));
        assert_eq!(steps.len(), 337, "{file}");
        let alike = alike(flavor, file, &steps);
        eprintln!("{file}: {alike} of {} steps are answered alike", steps.len());
        if alike < floor {
            fallen.push(format!("{file}: {alike}, and {floor} were"));
        }
    }
    assert!(fallen.is_empty(), "{}", fallen.join("; "));
}

fn steps(file: &PathBuf) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    // Half a surrogate pair is none of JSON's characters here; what is compared is how the rest is answered.
    let whole = regex::Regex::new(r"\\ud[89a-f][0-9a-f]{2}").unwrap();
    let read = |line: &str| {
        serde_json::from_str(line)
            .unwrap_or_else(|_| serde_json::from_str(&whole.replace_all(line, r"\ufffd")).unwrap())
    };
    text.lines().map(read).collect()
}

fn alike(flavor: Flavor, file: &str, steps: &[Value]) -> usize {
    let wanted = std::env::var("WHOLE_CASES").ok();
    let mut domain = Domain::of(flavor);
    let (mut case, mut alike) = ("", 0);
    for step in steps {
        let own = step["case"].as_str().unwrap();
        if own != case {
            // Each case begins on nothing.
            (case, domain) = (own, Domain::of(flavor));
        }
        let [method, path, body] = [0, 1, 2].map(|part| &step["request"][part]);
        let line = format!("{} {}", method.as_str().unwrap(), path.as_str().unwrap());
        let body = match body {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
            object => object.to_string(),
        };
        let (status, text) = domain.sent(&line, &body);
        let ours = normal(&serde_json::from_str(&text).unwrap_or(Value::String(text)));
        let theirs = normal(&step["answer"]);
        let differs = step["status"] != status || ours != theirs;
        alike += usize::from(!differs);
        if differs && wanted.as_deref().is_some_and(|wanted| case.starts_with(wanted)) {
            let head = json!([file, case, step["step"], line, body]);
            eprintln!("{}", json!([head, [status, ours], [step["status"], theirs]]));
        }
    }
    alike
}

/// An answer without what is another on each run, its objects in the order of their keys.
fn normal(answer: &Value) -> Value {
    let of_the_run = [
        "took",
        "node",
        "_seq_no",
        "_primary_term",
        "index_uuid",
        "uuid",
        "creation_date",
        "_scroll_id",
        "provided_name",
        "build_hash",
        "build_date",
        "build_snapshot",
        "created",
    ];
    match answer {
        Value::Object(object) => {
            let mut kept: Vec<(&String, Value)> = object
                .iter()
                .filter(|(key, _)| !of_the_run.contains(&key.as_str()))
                .map(|(key, value)| (key, normal(value)))
                .collect();
            kept.sort_by(|a, b| a.0.cmp(b.0));
            kept.into_iter().map(|(key, value)| (key.clone(), value)).collect::<Map<_, _>>().into()
        }
        Value::Array(values) => values.iter().map(normal).collect(),
        // Which bytes a parser read is told by one of the two servers alone, with the head of the request before them.
        Value::String(text) => text
            .replace("\\r", "")
            .split_once("[Source: ")
            .and_then(|(before, rest)| Some(format!("{before}[{}", rest.rsplit_once("; line")?.1)))
            .unwrap_or_else(|| text.clone())
            .into(),
        other => other.clone(),
    }
}
