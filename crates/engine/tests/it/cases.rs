//! Cases: documents and requests, with what Elasticsearch 7.10.2 and OpenSearch 2.19.1 answered.
//!
//! A case is a test that states its documents and its requests; what the two servers answered lies in
//! `tests/recorded/`, in a file for each test file. They were asked once, by
//! `COUNTERSIGN_REFERENCE=http://127.0.0.1:9200 cargo test -p engine --test it`, once for each server. The same command
//! records a new or changed case, and compares nothing; it deletes every index of that server. Where our answer differs on purpose, the case
//! says why (`differs: "…"`) and ours is pinned beside theirs; `UPDATE_EXPECT=1` rewrites what is pinned.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use engine::rest::Flavor;
use serde_json::{Map, Value, json};

use crate::domain::Domain;
use crate::reference_server::ReferenceServer;

/// Sends requests and compares the answers with the recorded ones:
/// `asks!(setup, "PUT /a/_doc/1" => {"n": 1}, "GET /a/_doc/1"; differs: "why")`.
macro_rules! asks {
    ($setup:expr, $($line:literal $(=> $body:tt)?),+ $(; differs: $why:literal)? $(,)?) => {{
        fn here() {}
        let steps = vec![$(crate::cases::Step::new($line, crate::cases::body!($($body)?))),+];
        let differs: &[&str] = &[$($why)?];
        let name = std::any::type_name_of_val(&here);
        crate::cases::Case { name, setup: $setup, steps, differs: differs.first().copied() }.check();
    }};
}

/// Searches every index: `search!(setup, {"query": {"match_all": {}}})`.
macro_rules! search {
    ($setup:expr, $body:tt $(; differs: $why:literal)? $(,)?) => {
        crate::cases::asks!($setup, "POST /_search" => $body $(; differs: $why)?)
    };
}

/// The body of a request: none, JSON, an array for one JSON value a line, or a string as it stands.
macro_rules! body {
    () => {
        serde_json::Value::Null
    };
    ($body:tt) => {
        serde_json::json!($body)
    };
}

pub(crate) use {asks, body, search};

/// One request: a method and a path with its query, and its body.
pub(crate) struct Step {
    line: String,
    body: String,
}

impl Step {
    pub(crate) fn new(line: &str, body: Value) -> Step {
        let body = match body {
            Value::Null => String::new(),
            Value::String(text) => text,
            Value::Array(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
            object => object.to_string(),
        };
        Step { line: line.to_owned(), body }
    }

    /// Whether it leaves everything as it is.
    fn reads(&self) -> bool {
        let path = self.line.split(['?', ' ']).nth(1).unwrap_or_default();
        let ends = ["_search", "_count", "_msearch", "_mget", "/query", "_field_caps", "_analyze"];
        let searches = ends.iter().any(|end| path.ends_with(end)) && !self.line.contains("scroll");
        searches || (self.line.starts_with("GET ") && !self.line.contains("_search"))
    }
}

/// What a domain holds before it is asked: the requests that put it there, and the one service that has what is asked, if the
/// other does not know it.
pub(crate) struct Setup(Vec<Step>, Option<&'static str>);

impl Setup {
    /// Nothing at all.
    pub(crate) fn nothing() -> Setup {
        Setup(Vec::new(), None)
    }

    /// An index of `documents`, an array, with the ids 0, 1, 2 …
    pub(crate) fn index(name: &str, definition: Value, documents: Value) -> Setup {
        Setup::nothing().and(name, definition, documents)
    }

    /// Another index.
    pub(crate) fn and(mut self, name: &str, definition: Value, documents: Value) -> Setup {
        self.0.push(Step::new(&format!("PUT /{name}"), definition));
        let documents = documents.as_array().cloned().unwrap_or_default();
        let lines = documents.into_iter().enumerate().flat_map(|(number, document)| {
            [json!({"index": {"_id": number.to_string()}}), document]
        });
        let lines: Vec<Value> = lines.collect();
        if !lines.is_empty() {
            self.0.push(Step::new(&format!("POST /{name}/_bulk?refresh=true"), lines.into()));
        }
        self
    }
}

impl Setup {
    /// Asked of OpenSearch alone: Elasticsearch has it in its licensed parts.
    pub(crate) fn of_opensearch(mut self) -> Setup {
        self.1 = Some("opensearch");
        self
    }

    /// Asked of Elasticsearch alone: OpenSearch no longer has it.
    pub(crate) fn of_elasticsearch(mut self) -> Setup {
        self.1 = Some("elasticsearch");
        self
    }

    /// One more request, such as a `_bulk` that an index of its own has not.
    pub(crate) fn and_then(mut self, line: &str, body: Value) -> Setup {
        self.0.push(Step::new(line, body));
        self
    }
}

/// One test's requests.
pub(crate) struct Case<'a> {
    /// The path of a function within the test: `it::FOLDER::FILE::TEST::here`.
    pub(crate) name: &'static str,
    pub(crate) setup: Setup,
    pub(crate) steps: Vec<Step>,
    /// Why our answer differs.
    pub(crate) differs: Option<&'a str>,
}

/// By the checksum of what they hold, and whether they answer as Elasticsearch.
type SharedDomains = HashMap<(u32, bool), Arc<Domain>>;

const FLAVORS: [(Flavor, &str); 2] =
    [(Flavor::Elasticsearch710, "elasticsearch"), (Flavor::OpenSearch219, "opensearch")];

impl Case<'_> {
    /// Compares our answers with the recorded ones, as each of the two services.
    pub(crate) fn check(&self) {
        let mut recorded = Recorded::of(self.name);
        if let Some(reference) = &*REFERENCE {
            recorded.ask(reference, self);
            return;
        }
        let (mut differing, mut places) = (false, Vec::new());
        let asked = |service: &str| self.setup.1.is_none_or(|only| only == service);
        for (flavor, service) in FLAVORS.into_iter().filter(|(_, service)| asked(service)) {
            let theirs = recorded.answers(service, self).unwrap_or_else(|| {
                panic!("{service} was not asked this: {} says how it is recorded", file!())
            });
            let ours: Vec<Value> = self.ours(flavor);
            let ours_whole = Value::from(ours.clone());
            let faults = faults(&without_places(&ours_whole), &without_places(&theirs));
            let Some(why) = self.differs else {
                assert!(faults.is_empty(), "unlike {service}:\n{}", faults.join("\n"));
                places.extend(self::faults(&ours_whole, &theirs));
                continue;
            };
            if faults.is_empty() {
                continue;
            }
            differing = true;
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                recorded.pin(&format!("ours as {service}"), ours);
                continue;
            }
            let pinned = recorded.entry().get(&format!("ours as {service}")).cloned();
            let faults = faults_of_pinned(&ours.into(), pinned.as_ref());
            assert!(faults.is_empty(), "unlike what is pinned ({why}):\n{}", faults.join("\n"));
        }
        assert!(
            differing || self.differs.is_none(),
            "our answer no longer differs: take the reason away"
        );
        if self.differs.is_none() {
            let entry = recorded.entry();
            let pinned = entry.keys().find(|key| key.starts_with("ours as "));
            assert!(pinned.is_none(), "pinned, though nothing differs: take {pinned:?} away");
            self.check_places(&places);
        }
    }

    /// Faults are told where the real servers tell them, but for tests that `tests/recorded/other-places.txt` names: those must
    /// differ.
    fn check_places(&self, differing: &[String]) {
        let words: Vec<&str> = self.name.split("::").collect();
        let name = words[1..words.len() - 1].join("::");
        match (OTHER_PLACES.lines().any(|known| known == name), differing.is_empty()) {
            (false, true) | (true, false) => {}
            (false, false) => panic!("unlike, only in places: {name}\n{}", differing.join("\n")),
            (true, true) => panic!("the places are the same now: take the line {name} away"),
        }
    }

    fn ours(&self, flavor: Flavor) -> Vec<Value> {
        let fresh = || {
            let domain = Domain::of(flavor);
            for Step { line, body } in &self.setup.0 {
                let (status, text) = domain.text(line, body);
                assert!(status < 300 && !text.contains("\"errors\":true"), "{line}: {text}");
            }
            Arc::new(domain)
        };
        let domain = if self.steps.iter().all(Step::reads) {
            // Who only reads may share.
            static SHARED: LazyLock<Mutex<SharedDomains>> = LazyLock::new(Mutex::default);
            let key = (digest(&self.setup.0), flavor == Flavor::Elasticsearch710);
            let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(shared.entry(key).or_insert_with(fresh))
        } else {
            fresh()
        };
        answers(&self.steps, |line, body| domain.text(line, body))
    }
}

/// Tests whose faults are told at another place than a real server tells, one a line.
const OTHER_PLACES: &str = include_str!("../recorded/other-places.txt");

/// An answer that tells no places.
fn without_places(answer: &Value) -> Value {
    match answer {
        Value::Object(object) => {
            let kept = object.iter().filter(|(key, _)| *key != "places");
            kept.map(|(key, value)| (key.clone(), without_places(value)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(values) => values.iter().map(without_places).collect(),
        other => other.clone(),
    }
}

fn digest(steps: &[Step]) -> u32 {
    let text: String = steps.iter().map(|step| format!("{} {}\n", step.line, step.body)).collect();
    crc32fast::hash(text.as_bytes())
}

/// The answers to `steps`, each `[status, body]`. `{scroll}` in a body is the id of the scroll that was opened last, `{task}`
/// in a path the task that the last request was answered with.
fn answers(steps: &[Step], ask: impl Fn(&str, &str) -> (u16, String)) -> Vec<Value> {
    let (mut scroll, mut task) = (String::new(), String::new());
    let mut answers = Vec::new();
    for Step { line, body } in steps {
        let line = line.replace("{task}", &task);
        let (status, text) = ask(&line, &body.replace("{scroll}", &scroll));
        let body = match serde_json::from_str::<Value>(&text) {
            Ok(body) => body,
            Err(_) => Value::String(text),
        };
        if let Some(id) = body.get("_scroll_id").and_then(Value::as_str) {
            scroll = id.to_owned();
        }
        if let Some(id) = body.get("task").and_then(Value::as_str) {
            task = id.to_owned();
        }
        answers.push(json!([status, normal(&body)]));
    }
    answers
}

static REFERENCE: LazyLock<Option<ReferenceServer>> =
    LazyLock::new(ReferenceServer::from_environment);

/// One test's entry in the file of its test file.
struct Recorded {
    path: PathBuf,
    test: String,
    entries: BTreeMap<String, Map<String, Value>>,
}

/// One writes at a time.
static WRITING: Mutex<()> = Mutex::new(());

impl Recorded {
    fn of(name: &str) -> Recorded {
        let words: Vec<&str> = name.split("::").collect();
        let (test, file) = (words[words.len() - 2], words[1..words.len() - 2].join("/"));
        let path = folder().join(format!("{file}.json"));
        let _none_writes = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        Recorded { entries: read(&path), path, test: test.to_owned() }
    }

    fn entry(&self) -> Map<String, Value> {
        self.entries.get(&self.test).cloned().unwrap_or_default()
    }

    /// What `service` answered, unless it was asked something else.
    fn answers(&self, service: &str, case: &Case<'_>) -> Option<Value> {
        let entry = self.entry();
        let same = entry.get("asked") == Some(&case.digest());
        entry.get("both").or_else(|| entry.get(service)).filter(|_| same).cloned()
    }

    /// Keeps `answers` as those of `key`.
    fn pin(&mut self, key: &str, answers: Vec<Value>) {
        let _one = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        self.entries = read(&self.path);
        self.entries.entry(self.test.clone()).or_default().insert(key.to_owned(), answers.into());
        write(&self.path, &self.entries);
    }

    /// Asks the server and keeps its answers.
    fn ask(&mut self, reference: &ReferenceServer, case: &Case<'_>) {
        let _one = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        self.entries = read(&self.path);
        let service = FLAVORS.iter().find(|(flavor, _)| *flavor == reference.flavor).unwrap().1;
        let is_asked = case.setup.1.is_none_or(|only| only == service);
        if !is_asked || self.answers(service, case).is_some() {
            return;
        }
        reference.prepare(case);
        let theirs: Value = answers(&case.steps, |line, body| reference.text(line, body)).into();
        let entry = self.entries.entry(self.test.clone()).or_default();
        if entry.get("asked") != Some(&case.digest()) {
            *entry = Map::from_iter([("asked".to_owned(), case.digest())]);
        }
        if let Some(both) = entry.remove("both") {
            FLAVORS
                .iter()
                .for_each(|(_, name)| drop(entry.insert((*name).to_owned(), both.clone())));
        }
        let (own, other) = match reference.flavor {
            Flavor::Elasticsearch710 => ("elasticsearch", "opensearch"),
            Flavor::OpenSearch219 => ("opensearch", "elasticsearch"),
        };
        if entry.get(other) == Some(&theirs) {
            entry.remove(other);
            entry.remove(own);
            entry.insert("both".to_owned(), theirs);
        } else {
            entry.insert(own.to_owned(), theirs);
        }
        write(&self.path, &self.entries);
    }
}

impl ReferenceServer {
    /// Puts what the case needs there, unless the case before it needed the same and only read it.
    fn prepare(&self, case: &Case<'_>) {
        static THERE: Mutex<Option<u32>> = Mutex::new(None);
        let mut there = THERE.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = digest(&case.setup.0);
        if *there != Some(wanted) {
            *there = None;
            self.text("DELETE /_all", "");
            for Step { line, body } in &case.setup.0 {
                let (status, text) = self.text(line, body);
                assert!(status < 300 && !text.contains("\"errors\":true"), "{line}: {text}");
            }
        }
        *there = case.steps.iter().all(Step::reads).then_some(wanted);
    }
}

impl Case<'_> {
    /// What the recording is of.
    fn digest(&self) -> Value {
        format!("{:08x}", digest(&self.setup.0) ^ digest(&self.steps).rotate_left(1)).into()
    }
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "recorded"].iter().collect()
}

fn read(path: &PathBuf) -> BTreeMap<String, Map<String, Value>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|_| "{}".to_owned());
    serde_json::from_str(&text).unwrap()
}

/// One line for each answer.
fn write(path: &PathBuf, entries: &BTreeMap<String, Map<String, Value>>) {
    let tests: Vec<String> = entries
        .iter()
        .map(|(test, entry)| {
            let parts: Vec<String> = entry
                .iter()
                .map(|(key, value)| {
                    let value = match value {
                        Value::Array(answers) => {
                            let lines: Vec<String> = answers.iter().map(Value::to_string).collect();
                            format!("[\n    {}\n  ]", lines.join(",\n    "))
                        }
                        other => other.to_string(),
                    };
                    format!("  \"{key}\": {value}")
                })
                .collect();
            format!("\"{test}\": {{\n{}\n}}", parts.join(",\n"))
        })
        .collect();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("{{\n{}\n}}\n", tests.join(",\n"))).unwrap();
}

#[test]
fn every_recording_is_of_a_test_that_is_there() {
    let mut stale = Vec::new();
    for folder in std::fs::read_dir(folder()).unwrap() {
        if folder.as_ref().unwrap().path().is_file() {
            continue;
        }
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let relative = path.strip_prefix(self::folder()).unwrap().with_extension("rs");
            let tests = PathBuf::from_iter([env!("CARGO_MANIFEST_DIR"), "tests", "it"]);
            let source = std::fs::read_to_string(tests.join(relative)).unwrap_or_default();
            let gone = |test: &String| !source.contains(&format!("fn {test}()"));
            let gone = read(&path).into_keys().filter(gone);
            stale.extend(gone.map(|test| format!("{}: {test}", path.display())));
        }
    }
    assert!(stale.is_empty(), "recorded, but no test:\n{}", stale.join("\n"));
}

// --- what is compared ---------------------------------------------------------------------------------------------

/// An answer without what is another on each run, and without what is known not to be told here: in which node and shard a
/// fault is. Where in the body it is stands beside its words.
fn normal(answer: &Value) -> Value {
    match answer {
        Value::Object(object) => {
            if let Some(error) = object.get("error").filter(|_| object.contains_key("status")) {
                return refusal(error);
            }
            let is_task = object.contains_key("running_time_in_nanos");
            let kept = object.iter().filter(|(key, value)| {
                !(is_of_the_run(key, value) || is_task && is_of_the_task(key))
            });
            kept.map(|(key, value)| (key.clone(), normal(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(values) => values.iter().map(normal).collect(),
        Value::String(text) => words(text).into(),
        other => other.clone(),
    }
}

/// What differs from task to task, and what OpenSearch measures for each.
fn is_of_the_task(key: &str) -> bool {
    let times = ["start_time_in_millis", "running_time_in_nanos", "cancellation_time_millis"];
    times.contains(&key) || matches!(key, "id" | "parent_task_id" | "resource_stats")
}

fn is_of_the_run(key: &str, value: &Value) -> bool {
    let kinds = [
        "took",
        "ingest_took",
        "line",
        "col",
        "node",
        "_node",
        "index_uuid",
        "uuid",
        "creation_date",
        "_scroll_id",
    ];
    // Elasticsearch alone tells the type. That a search without a fault says so too is held by `search.rs`.
    let of_course = (key == "_type" && value == "_doc")
        || (key == "timed_out" && value == false)
        || (key == "_shards" && value.get("skipped").is_some() && value["failed"] == 0);
    // When a pipeline ran, and the order of what it suppressed.
    let of_ingest = (key == "timestamp" && value.as_str().is_some_and(|text| text.len() > 26))
        || key == "suppressed";
    kinds.contains(&key) || of_course || of_ingest || (key == "task" && value.is_string())
}

/// Type and reason, and those of the root cause.
fn refusal(error: &Value) -> Value {
    let Some(kind) = error.get("type") else { return error.clone() };
    let root = &error["root_cause"][0];
    let mut told = Map::from_iter([("type".to_owned(), kind.clone())]);
    told.insert("reason".to_owned(), normal(&error["reason"]));
    if (root.get("type"), root.get("reason")) != (Some(kind), error.get("reason")) {
        told.insert("root".to_owned(), json!([root["type"], normal(&root["reason"])]));
    }
    if let Some(script) = script_fault(error) {
        told.insert("script".to_owned(), script);
    }
    let places = places(error);
    if places.iter().any(|place| !place.is_null()) {
        told.insert("places".to_owned(), places.into());
    }
    json!({"error": told})
}

/// Where in the body the fault, its root cause and each of its causes are: `line:column`, or null.
fn places(error: &Value) -> Vec<Value> {
    let mut places = vec![place(error), place(&error["root_cause"][0])];
    let mut cause = &error["caused_by"];
    while cause.is_object() {
        places.push(place(cause));
        cause = &cause["caused_by"];
    }
    places
}

fn place(fault: &Value) -> Value {
    static IN_WORDS: LazyLock<regex::Regex> = LazyLock::new(|| {
        let words = r"^\[(\d+):(\d+)\] | at \[(\d+):(\d+)\]$| at (\d+):(\d+)$|; line: (\d+), column: (\d+)\]$";
        regex::Regex::new(words).unwrap()
    });
    if let (Some(line), Some(column)) = (fault.get("line"), fault.get("col")) {
        return format!("{line}:{column}").into();
    }
    let found = IN_WORDS.captures(fault["reason"].as_str().unwrap_or_default());
    let numbers: Vec<&str> =
        found.iter().flat_map(|found| found.iter().skip(1).flatten()).map(|m| m.as_str()).collect();
    if numbers.is_empty() { Value::Null } else { numbers.join(":").into() }
}

/// Where a script failed and by what. What Java says about a null is about its own code.
fn script_fault(error: &Value) -> Option<Value> {
    let cause = &error["caused_by"];
    if error.get("script_stack").is_some() && error["lang"] != "mustache" && cause.is_object() {
        let kind = &cause["type"];
        let reason = if kind == "null_pointer_exception" { &Value::Null } else { &cause["reason"] };
        return Some(json!([error["position"]["offset"], kind, normal(reason)]));
    }
    let inside = [cause, &error["failed_shards"][0]["reason"]];
    inside.into_iter().filter(|inside| inside.is_object()).find_map(script_fault)
}

/// A text without the place that it names in the body, in Elasticsearch's spelling of its own name.
fn words(text: &str) -> String {
    // The uuid of an index is another on each run.
    static UUID: LazyLock<regex::Regex> =
        LazyLock::new(|| regex::Regex::new(r"\[(\w+)/[\w-]{22}\]").unwrap());
    let is_place = |place: &str| {
        place.strip_prefix('[').is_some_and(|place| {
            place.contains(':') && place.bytes().all(|b| b.is_ascii_digit() || b == b':')
        })
    };
    let text = match text.split_once("] ") {
        Some((place, rest)) if is_place(place) => rest,
        _ => text,
    };
    let text = text.split(" at [1:").next().unwrap_or_default();
    // How Jackson calls what it reads; the place is told beside.
    static SOURCE: LazyLock<regex::Regex> = LazyLock::new(|| {
        regex::Regex::new(r"(?s)\n at \[Source: .*|\[Source: .*?; line: (\d+), column: (\d+)\]")
            .unwrap()
    });
    let text = &SOURCE.replace_all(text, "$1:$2");
    let text = UUID.replace_all(text, "[$1/_]");
    // OpenSearch has no wildcard fields in this sentence.
    text.replace("keyword, text and wildcard fields", "keyword and text fields")
}

fn faults_of_pinned(ours: &Value, pinned: Option<&Value>) -> Vec<String> {
    pinned.map_or_else(|| vec!["nothing is pinned".to_owned()], |pinned| faults(ours, pinned))
}

/// Where two answers differ. Numbers may by as much as [`most`] says.
fn faults(ours: &Value, theirs: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    compare("", ours, theirs, &mut faults);
    faults.truncate(12);
    faults
}

/// The part by which the fraction at this place may differ: scores are single-precision sums in another order, sort
/// values single-precision numbers; everything else only adds in another order.
fn most(at: &str) -> f64 {
    if at.contains("score") || at.contains(".matched_queries.") {
        1e-5
    } else if at.contains(".sort") {
        1e-6
    } else {
        1e-9
    }
}

fn compare(at: &str, ours: &Value, theirs: &Value, faults: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, theirs) in b {
                match a.get(key) {
                    Some(ours) => compare(&format!("{at}.{key}"), ours, theirs, faults),
                    None => faults.push(format!("{at}.{key}: missing, theirs is {theirs}")),
                }
            }
            for (key, ours) in a.iter().filter(|(key, _)| !b.contains_key(*key)) {
                faults.push(format!("{at}.{key}: ours alone has {ours}"));
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.for_each(|(index, (a, b))| compare(&format!("{at}[{index}]"), a, b, faults));
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            if (a - b).abs() > most(at) * b.abs().max(1e-3) {
                faults.push(format!("{at}: ours {a}, theirs {b}"));
            }
        }
        (ours, theirs) if ours != theirs => {
            faults.push(format!("{at}: ours {ours}, theirs {theirs}"));
        }
        _ => {}
    }
}
