//! Reading the suite and running a case: setup, steps, teardown on an engine of its own.

use super::check::{self, Stash};
use super::client::{Apis, SuiteServer};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use std::path::Path;
use yaml_rust2::{Yaml, YamlLoader};

/// One test case with the setup of its file.
pub(crate) struct Case {
    /// `folder/file.yml/name of the case`.
    pub(crate) name: String,
    setup: Vec<Value>,
    steps: Vec<Value>,
    teardown: Vec<Value>,
}

impl Case {
    /// Whether it, or its file, says that it is not for Elasticsearch 7.10.2, or needs to choose among nodes.
    pub(crate) fn is_skipped(&self) -> bool {
        let steps = self.setup.iter().chain(&self.steps);
        steps.filter_map(|step| step.get("skip")).any(|skip| {
            let features = skip.get("features").map(Value::to_string).unwrap_or_default();
            let ranges = skip.get("version").and_then(Value::as_str).unwrap_or_default();
            features.contains("node_selector") || ranges.split(',').any(covers_this_version)
        })
    }
}

/// Whether a range as ` - 7.9.99` or `8.0.0 - ` holds 7.10.2.
fn covers_this_version(range: &str) -> bool {
    let number = |text: &str| -> Vec<u32> {
        text.trim().split('.').map(|part| part.parse().unwrap_or(0)).collect()
    };
    match range.split_once('-') {
        Some((low, high)) => {
            let above = low.trim().is_empty() || number(low).as_slice() <= &[7, 10, 2][..];
            above && (high.trim().is_empty() || number(high).as_slice() >= &[7, 10, 2][..])
        }
        None => range.trim() == "all",
    }
}

/// The cases of the suite in `root/test` that `wants`, by the file and the case's own name.
pub(crate) fn cases(root: &Path, wants: impl Fn(&str, &str) -> bool) -> Vec<Case> {
    let mut files = Vec::new();
    list(&root.join("test"), "", &mut files);
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(root.join("test").join(&file)).unwrap();
        let read = YamlLoader::load_from_str(&text)
            .or_else(|_| YamlLoader::load_from_str(&with_flows_indented(&text)));
        let documents = match read {
            Ok(documents) => documents,
            Err(error) => {
                eprintln!("{file}: {error}");
                continue;
            }
        };
        let mut named: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for document in &documents {
            let Value::Object(object) = json(document) else { continue };
            for (name, steps) in object {
                named.insert(name, steps.as_array().cloned().unwrap_or_default());
            }
        }
        let part = |name: &str| named.get(name).cloned().unwrap_or_default();
        for (name, steps) in &named {
            if matches!(name.as_str(), "setup" | "teardown") || !wants(&file, name) {
                continue;
            }
            cases.push(Case {
                name: format!("{file}/{name}"),
                setup: part("setup"),
                steps: steps.clone(),
                teardown: part("teardown"),
            });
        }
    }
    cases
}

/// The text with everything inside brackets further to the right than anything else: the reader wants it right of what
/// the brackets belong to, the suites' own reader does not.
fn with_flows_indented(text: &str) -> String {
    let (mut depth, mut quote, mut out) = (0_usize, None, String::new());
    for line in text.lines() {
        if depth > 0 {
            out.push_str(&" ".repeat(80));
        }
        out.push_str(line);
        out.push('\n');
        let mut before = ' ';
        for character in line.chars() {
            match (quote, character) {
                (None, '#') if before.is_whitespace() => break,
                (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(character),
                (Some(open), close) if open == close && before != '\\' => quote = None,
                (None, '[' | '{') => depth += 1,
                (None, ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            before = character;
        }
    }
    out
}

/// The paths of all files of YAML in `folder`, from the top.
fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            list(&entry.path(), &format!("{name}/"), files);
        } else if name.ends_with(".yml") {
            files.push(name);
        }
    }
}

/// Runs `case` on a server that holds nothing. The error is the first step that is not as it should be.
pub(crate) fn run(apis: &Apis, server: &SuiteServer, case: &Case) -> Result<(), String> {
    let mut stash = Stash::default();
    for step in case.setup.iter().chain(&case.steps) {
        run_step(apis, server, &mut stash, step)?;
    }
    for step in &case.teardown {
        let _ = run_step(apis, server, &mut stash, step);
    }
    Ok(())
}

fn run_step(
    apis: &Apis,
    server: &SuiteServer,
    stash: &mut Stash,
    step: &Value,
) -> Result<(), String> {
    let (kind, argument) =
        step.as_object().and_then(|step| step.iter().next()).ok_or("an empty step")?;
    match kind.as_str() {
        "skip" => Ok(()),
        "do" => perform(apis, server, stash, argument),
        _ => check::check(stash, kind, argument),
    }
    .map_err(|fault| format!("{kind} {argument}: {fault}").chars().take(600).collect())
}

fn perform(
    apis: &Apis,
    server: &SuiteServer,
    stash: &mut Stash,
    call: &Value,
) -> Result<(), String> {
    let call = call.as_object().ok_or("do needs a map")?;
    let modifiers = [
        "catch",
        "headers",
        "warnings",
        "allowed_warnings",
        "warnings_regex",
        "allowed_warnings_regex",
        "node_selector",
    ];
    let (api, arguments) = call
        .iter()
        .find(|(key, _)| !modifiers.contains(&key.as_str()))
        .ok_or("do without an api")?;
    let catch = call.get("catch").and_then(Value::as_str);
    let arguments = match stash.replaced(arguments) {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    };
    let ignored: Vec<u64> = match arguments.get("ignore") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_u64).collect(),
        Some(one) => one.as_u64().into_iter().collect(),
        None => Vec::new(),
    };
    let opaque_id = call.get("headers").and_then(|headers| headers.get("X-Opaque-Id"));
    let opaque_id = opaque_id.and_then(Value::as_str);
    let reply = match apis.call(server, api, &arguments, opaque_id) {
        Err(fault) if catch == Some("param") && fault.starts_with("param") => {
            stash.response = Value::Null;
            return Ok(());
        }
        other => other?,
    };
    let status = reply.status;
    let failed = status >= 400
        && !(status == 404 && reply.body.is_boolean())
        && !ignored.contains(&status.into());
    stash.response = reply.body;
    match catch {
        None if failed => Err(format!("{status} {}", stash.response)),
        None => Ok(()),
        Some(catch) if failed => check::caught(catch, status, &stash.response),
        Some(catch) => Err(format!("no failure, wanted {catch}; got {status} {}", stash.response)),
    }
}

/// YAML as JSON: `y`, `no` and dates stay text, as YAML 1.2 has it.
fn json(yaml: &Yaml) -> Value {
    match yaml {
        // Beyond i64 the reader takes a whole number for one with a fraction, and leaves it as text.
        Yaml::Real(text) => match text.parse::<u64>() {
            Ok(whole) => whole.into(),
            Err(_) => text
                .parse()
                .ok()
                .and_then(Number::from_f64)
                .map_or(Value::String(text.clone()), Value::Number),
        },
        Yaml::Integer(number) => (*number).into(),
        Yaml::String(text) => match text.parse::<u64>() {
            Ok(number) if i64::try_from(number).is_err() => number.into(),
            _ => text.clone().into(),
        },
        Yaml::Boolean(value) => (*value).into(),
        Yaml::Array(list) => list.iter().map(json).collect(),
        Yaml::Hash(map) => Value::Object(
            map.iter().map(|(key, value)| (key_text(&json(key)), json(value))).collect(),
        ),
        Yaml::Null | Yaml::BadValue | Yaml::Alias(_) => Value::Null,
    }
}

fn key_text(key: &Value) -> String {
    match key {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
