//! Tasks: what goes on after its request was answered, and what is told of it.

use std::sync::Arc;

use bytes::Bytes;
use engine::rest::{Flavor, parse, route};
use engine::{BackgroundTask, Cancel, CursorOwner, Engine, EngineSettings, Grants, View, Work};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cases::{Setup, asks};

fn six() -> Setup {
    let documents: Vec<_> = (0..6).map(|n| json!({"n": n})).collect();
    let settings = json!({"settings": {"number_of_shards": 1, "number_of_replicas": 0}});
    Setup::index("tk-from", settings, documents.into())
}

#[test]
fn what_came_of_a_copy_is_kept_with_its_task() {
    asks!(
        six(),
        "POST /_reindex?wait_for_completion=false&refresh=true" => {"source": {"index": "tk-from", "size": 4}, "dest": {"index": "tk-to"}},
        "GET /_tasks/{task}?wait_for_completion=true",
        "GET /tk-to/_count"
    );
}

#[test]
fn what_came_of_requests_by_query_is_kept_with_all_counts() {
    asks!(
        six(),
        "POST /tk-from/_update_by_query?wait_for_completion=false&refresh=true",
        "GET /_tasks/{task}?wait_for_completion=true",
        "POST /tk-from/_delete_by_query?wait_for_completion=false&refresh=true" => {"query": {"range": {"n": {"lt": 2}}}},
        "GET /_tasks/{task}?wait_for_completion=true",
        "GET /tk-from/_count"
    );
}

#[test]
fn slices_are_told_of_one_by_one() {
    asks!(
        six(),
        "POST /tk-from/_update_by_query?wait_for_completion=false&slices=2",
        "GET /_tasks/{task}?wait_for_completion=true"
    );
}

#[test]
fn what_a_task_failed_with_is_kept() {
    asks!(
        six(),
        "POST /_reindex?wait_for_completion=false" => {"source": {"index": "tk-nothing"}, "dest": {"index": "tk-to"}},
        "GET /_tasks/{task}?wait_for_completion=true",
        "POST /tk-nothing/_delete_by_query?wait_for_completion=false" => {"query": {"match_all": {}}},
        "GET /_tasks/{task}?wait_for_completion=true"
    );
}

#[test]
fn what_cannot_be_read_has_no_task() {
    asks!(
        six(),
        "POST /_reindex?wait_for_completion=false" => {"source": {"index": "tk-from"}, "dest": {}},
        "POST /tk-from/_delete_by_query?wait_for_completion=false" => {"query": {"nope": {}}},
        "POST /tk-from/_delete_by_query?wait_for_completion=false" => {},
        "POST /tk-from/_update_by_query?wait_for_completion=maybe"
    );
}

#[test]
fn indices_are_merged_opened_and_resized_without_being_waited_for() {
    asks!(
        six().of_opensearch(),
        "POST /tk-from/_forcemerge?max_num_segments=1&wait_for_completion=false",
        "GET /_tasks/{task}?wait_for_completion=true",
        "PUT /tk-from/_settings" => {"index.blocks.write": true},
        "PUT /tk-from/_clone/tk-clone?wait_for_completion=false",
        "GET /_tasks/{task}?wait_for_completion=true",
        "PUT /tk-from/_split/tk-split?wait_for_completion=false" => {"settings": {"index.number_of_shards": 2}},
        "GET /_tasks/{task}?wait_for_completion=true",
        "PUT /tk-from/_split/tk-other?wait_for_completion=false" => {"settings": {}},
        "PUT /tk-from/_shrink/tk-other?wait_for_completion=false",
        "GET /_tasks/{task}?wait_for_completion=true",
        "POST /tk-from/_close",
        "POST /tk-from/_open?wait_for_completion=false",
        "GET /_tasks/{task}?wait_for_completion=true"
    );
}

#[test]
fn elasticsearch_waits_for_what_it_does_to_indices() {
    asks!(
        six().of_elasticsearch(),
        "POST /tk-from/_forcemerge?wait_for_completion=false",
        "PUT /tk-from/_clone/tk-clone?wait_for_completion=false",
        "POST /tk-from/_open?wait_for_completion=false"
    );
}

#[test]
fn a_pace_must_be_a_pace() {
    asks!(
        Setup::nothing(),
        "POST /_reindex/x:1/_rethrottle?requests_per_second=0",
        "POST /_reindex/x:1/_rethrottle?requests_per_second=fast",
        "POST /_reindex/x:1/_rethrottle?requests_per_second=1&group_by=none",
        "POST /_tasks/_cancel?actions=*reindex&group_by=parents",
        "GET /_tasks?parent_task_id=x"
    );
}

// --- while they run: answers of ours alone, because when something is looked at is chance on a real server ---------------------

/// An engine whose requests begin and go on by hand.
#[derive(Clone)]
struct ByHand(Arc<Engine>);

/// What is left of a request: the test says when it is done.
type Rest = Box<dyn FnOnce() + Send>;

impl ByHand {
    fn new() -> ByHand {
        let settings = EngineSettings {
            directory: None,
            flavor: Flavor::OpenSearch219,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let by_hand = ByHand(Arc::new(Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap()));
        for number in 0..6 {
            let line = format!("PUT /from/_doc/{number}?refresh=true");
            by_hand.ask(&line, json!({"n": number}));
        }
        by_hand
    }

    /// One with a repository `r`, in a folder that the test removes.
    fn with_repository(test: &str) -> (ByHand, std::path::PathBuf) {
        let name = format!("countersign-{test}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let engine = Arc::into_inner(ByHand::new().0).unwrap();
        let engine = ByHand(Arc::new(engine.with_repositories(folder.clone()).unwrap()));
        let body = json!({"type": "fs", "settings": {"location": "r"}});
        engine.ask("PUT /_snapshot/r", body);
        (engine, folder)
    }

    fn begin(
        &self,
        owner: CursorOwner,
        line: &str,
        body: &Value,
    ) -> (u16, Value, Option<(Rest, Cancel)>) {
        let (method, url) = line.split_once(' ').unwrap();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let route = route(method, path, query, self.0.flavor()).unwrap();
        let (work, now) = (Work::unbounded(), Timestamp::UNIX_EPOCH);
        let parsed = match parse(route, Some("application/json"), Bytes::from(body), &work) {
            Ok(parsed) => parsed,
            Err(refusal) => return (refusal.status(), refusal.body(), None),
        };
        let view = View::of(Grants::everything(owner));
        let metadata = self.0.metadata();
        let (answer, rest) = self.0.begin(&parsed, &metadata, &view, now, &work);
        let engine = Arc::clone(&self.0);
        let rest = rest.map(|rest: BackgroundTask| {
            let cancel = rest.cancel();
            let run = move || rest.run(&engine, &parsed, &metadata, &view, now, &work);
            (Box::new(run) as Rest, cancel)
        });
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default(), rest)
    }

    fn ask(&self, line: &str, body: Value) -> Value {
        self.begin("one".into(), line, &body).1
    }

    /// A copy that nobody waits for: its task, and what is left of it.
    fn copy(&self, more: &str) -> (String, Rest, Cancel) {
        let line = format!("POST /_reindex?wait_for_completion=false{more}");
        let body = json!({"source": {"index": "from", "size": 1}, "dest": {"index": "to"}});
        let (_, answer, rest) = self.begin("one".into(), &line, &body);
        let (rest, cancel) = rest.unwrap();
        (answer["task"].as_str().unwrap().to_owned(), rest, cancel)
    }

    /// Asks again and again until the answer is as it should be.
    fn until(&self, line: &str, is: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..3000 {
            let answer = self.ask(line, Value::Null);
            if is(&answer) {
                return answer;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        panic!("{line}: {:.2000}", self.ask(line, Value::Null).to_string());
    }
}

#[test]
fn a_request_that_is_not_waited_for_is_answered_before_it_has_done_anything() {
    let engine = ByHand::new();
    let (id, rest, _) = engine.copy("&refresh=true");
    let told = engine.ask(&format!("GET /_tasks/{id}"), Value::Null);
    assert_eq!(
        (&told["completed"], &told["task"]["status"]["created"]),
        (&json!(false), &json!(0))
    );
    let listed = engine.ask("GET /_tasks?actions=*reindex&detailed", Value::Null);
    let node = listed["nodes"].as_object().unwrap().values().next().unwrap();
    assert_eq!(node["tasks"][&id]["description"], "reindex from [from] to [to]");
    let (status, waited, _) = engine.begin(
        "one".into(),
        &format!("GET /_tasks/{id}?wait_for_completion=true&timeout=5ms"),
        &Value::Null,
    );
    assert_eq!((status, &waited["error"]["type"]), (500, &json!("timeout_exception")));
    rest();
    let told = engine.ask(&format!("GET /_tasks/{id}"), Value::Null);
    assert_eq!((&told["completed"], &told["response"]["created"]), (&json!(true), &json!(6)));
    assert_eq!(engine.ask("GET /_tasks?actions=*reindex", Value::Null), json!({"nodes": {}}));
}

#[test]
fn what_others_run_is_not_there() {
    let engine = ByHand::new();
    let (id, rest, cancel) = engine.copy("");
    let other = |owner: CursorOwner, line: &str| engine.begin(owner, line, &Value::Null);
    let (get, list) = (format!("GET /_tasks/{id}"), "GET /_tasks?actions=*reindex");
    assert_eq!(other("two".into(), &get).0, 404);
    assert_eq!(other("two".into(), list).1, json!({"nodes": {}}));
    assert_eq!(other("two".into(), "POST /_tasks/_cancel").1, json!({"nodes": {}}));
    let refused = other("two".into(), &format!("POST /_tasks/{id}/_cancel")).1;
    assert_eq!(refused["nodes"], json!({}));
    let refused =
        other("two".into(), &format!("POST /_reindex/{id}/_rethrottle?requests_per_second=1"));
    assert_eq!(refused.1["nodes"], json!({}));
    assert!(!cancel.is_cancelled());
    // Whoever may end what others began sees it too.
    let root = || CursorOwner { closes_all: true, ..CursorOwner::from("root") };
    assert_eq!(other(root(), &get).0, 200);
    rest();
    assert_eq!((other("two".into(), &get).0, other(root(), &get).0), (404, 200));
}

#[test]
fn a_pace_is_kept_told_of_and_changed() {
    let engine = ByHand::new();
    let (id, rest, _) = engine.copy("&requests_per_second=0.001");
    let running = std::thread::spawn(rest);
    let waits = |told: &Value| told["task"]["status"]["throttled_until_millis"].as_u64() > Some(0);
    let told = engine.until(&format!("GET /_tasks/{id}"), waits);
    let status = &told["task"]["status"];
    assert_eq!((&status["created"], &status["requests_per_second"]), (&json!(1), &json!(0.001)));
    let line = format!("POST /_reindex/{id}/_rethrottle?requests_per_second=-1&group_by=none");
    let told = engine.ask(&line, Value::Null);
    assert_eq!(told["tasks"][0]["status"]["requests_per_second"], -1.0);
    running.join().unwrap();
    let told = engine.ask(&format!("GET /_tasks/{id}"), Value::Null);
    assert_eq!(told["response"]["created"], 6);
}

#[test]
fn a_request_that_is_waited_for_keeps_its_pace_too() {
    let engine = ByHand::new();
    let line = "POST /from/_update_by_query?scroll_size=2&requests_per_second=100";
    let answer = engine.ask(line, Value::Null);
    // Three batches of two, each a fiftieth of a second, the last one too.
    assert_eq!((&answer["updated"], &answer["batches"]), (&json!(6), &json!(3)));
    let throttled = answer["throttled_millis"].as_u64().unwrap();
    assert!((50..=60).contains(&throttled), "{answer}");
}

#[test]
fn a_task_that_is_called_off_tells_what_it_has_done() {
    let engine = ByHand::new();
    let (id, rest, _) = engine.copy("&requests_per_second=0.001");
    let running = std::thread::spawn(rest);
    engine.until(&format!("GET /_tasks/{id}"), |told| told["task"]["status"]["created"] == 1);
    let line = format!("POST /_tasks/{id}/_cancel?group_by=none&wait_for_completion=true");
    let told = engine.ask(&line, Value::Null);
    assert_eq!(told["tasks"][0]["cancelled"], true, "{told}");
    running.join().unwrap();
    let told = engine.ask(&format!("GET /_tasks/{id}"), Value::Null);
    assert_eq!(told["response"]["canceled"], "by user request", "{told}");
    assert_eq!((&told["response"]["created"], &told["completed"]), (&json!(1), &json!(true)));
}

#[test]
fn slices_that_have_not_ended_are_tasks_of_their_own() {
    let engine = ByHand::new();
    let line = "POST /from/_update_by_query?wait_for_completion=false&slices=2&scroll_size=1&requests_per_second=0.001";
    let (_, answer, rest) = engine.begin("one".into(), line, &Value::Null);
    let id = answer["task"].as_str().unwrap();
    let running = std::thread::spawn(rest.unwrap().0);
    let listed = engine.until("GET /_tasks?actions=*byquery&detailed&group_by=parents", |listed| {
        listed["tasks"][id]["children"][0]["status"]["updated"] == 1
    });
    let whole = &listed["tasks"][id];
    assert_eq!(whole["status"]["slices"], json!([null, null]));
    assert_eq!(whole["children"][0]["parent_task_id"], id);
    assert_eq!(whole["children"][0]["status"]["requests_per_second"], 0.0005);
    let parts = engine.ask(&format!("GET /_tasks?parent_task_id={id}&group_by=none"), Value::Null);
    assert_eq!(parts["tasks"].as_array().unwrap().len(), 1);
    engine.ask(&format!("POST /_tasks/{id}/_cancel"), Value::Null);
    running.join().unwrap();
}

#[test]
fn a_search_that_runs_is_listed_and_can_be_called_off() {
    let engine = ByHand::new();
    // Long enough to be seen, and to end only because it is called off.
    let script = "long sum = 0; for (int n = 0; n < 900000; ++n) { sum += n } return sum < 0";
    let search = json!({"query": {"script": {"script": script}}});
    let other = engine.clone();
    let searching =
        std::thread::spawn(move || other.begin("one".into(), "POST /from/_search", &search).1);
    let one = |listed: &Value| listed["tasks"].as_array().is_some_and(|tasks| !tasks.is_empty());
    let listed = engine.until("GET /_tasks?actions=*search&group_by=none&detailed", one);
    let task = &listed["tasks"][0];
    let description = task["description"].as_str().unwrap();
    assert!(description.starts_with("indices[from], search_type[QUERY_THEN_FETCH], source[{"));
    let called_off = engine.ask("POST /_tasks/_cancel?actions=*search&group_by=none", Value::Null);
    assert_eq!(called_off["tasks"][0]["cancelled"], true, "{called_off}");
    assert_eq!(searching.join().unwrap()["error"]["type"], "task_cancelled_exception");
}

#[test]
fn an_engine_that_ends_calls_off_what_runs() {
    let engine = ByHand::new();
    let (id, rest, _) = engine.copy("&requests_per_second=0.001");
    let running = std::thread::spawn(rest);
    engine.until(&format!("GET /_tasks/{id}"), |told| told["task"]["status"]["created"] == 1);
    engine.0.call_off();
    running.join().unwrap();
    let told = engine.ask(&format!("GET /_tasks/{id}"), Value::Null);
    assert_eq!(told["error"]["type"], "task_cancelled_exception", "{told}");
}

#[test]
fn a_request_that_is_not_told_to_go_on_is_done_when_it_is_answered() {
    let engine = ByHand::new();
    let body = json!({"source": {"index": "from"}, "dest": {"index": "to"}});
    let (_, answer, rest) = engine.begin("one".into(), "POST /_reindex", &body);
    assert!(rest.is_none() && answer["created"] == 6, "{answer}");
}

#[test]
fn a_snapshot_that_is_not_waited_for_is_told_of_while_it_is_made() {
    let (engine, folder) = ByHand::with_repository("made");
    let (status, answer, rest) = engine.begin("one".into(), "PUT /_snapshot/r/s", &json!({}));
    assert_eq!((status, answer), (200, json!({"accepted": true})));
    let (rest, _) = rest.unwrap();

    let made = |line: &str| engine.ask(line, Value::Null);
    let told = made("GET /_snapshot/r/s");
    let row = &told["snapshots"][0];
    assert_eq!((&row["state"], &row["indices"]), (&json!("IN_PROGRESS"), &json!(["from"])));
    let uuid = row["uuid"].clone();
    for line in ["GET /_snapshot/r/_current", "GET /_snapshot/r/_all"] {
        let rows = made(line)["snapshots"].as_array().map(Vec::len);
        assert_eq!(rows, Some(1), "{line}");
    }
    for line in ["GET /_snapshot/_status", "GET /_snapshot/r/_status", "GET /_snapshot/r/s/_status"]
    {
        let row = made(line)["snapshots"][0].clone();
        assert_eq!(
            (&row["state"], &row["shards_stats"]["started"]),
            (&json!("STARTED"), &json!(1)),
            "{line}"
        );
    }
    let listed = made("GET /_tasks?actions=*snapshot*&detailed");
    assert!(listed.to_string().contains("snapshot [r:s]"), "{listed}");
    // Whoever comes second is refused, with a new one and with the repository's end.
    for (line, error) in [
        ("PUT /_snapshot/r/s", "invalid_snapshot_name_exception"),
        ("PUT /_snapshot/r/s?wait_for_completion=true", "invalid_snapshot_name_exception"),
        ("DELETE /_snapshot/r", "illegal_state_exception"),
        ("PUT /_snapshot/r", "illegal_state_exception"),
    ] {
        let body = match line == "PUT /_snapshot/r" {
            true => json!({"type": "fs", "settings": {"location": "else"}}),
            false => Value::Null,
        };
        assert_eq!(engine.ask(line, body)["error"]["type"], error, "{line}");
    }

    rest();
    let row = made("GET /_snapshot/r/s")["snapshots"][0].clone();
    assert_eq!((&row["state"], &row["uuid"]), (&json!("SUCCESS"), &uuid));
    assert_eq!(made("GET /_snapshot/r/_current"), json!({"snapshots": []}));
    assert_eq!(made("GET /_snapshot/_status"), json!({"snapshots": []}));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_snapshot_that_is_deleted_while_it_is_made_is_called_off() {
    let (engine, folder) = ByHand::with_repository("off");
    let (_, _, rest) = engine.begin("one".into(), "PUT /_snapshot/r/s", &json!({}));
    assert_eq!(engine.ask("DELETE /_snapshot/r/s", Value::Null), json!({"acknowledged": true}));
    let (rest, cancel) = rest.unwrap();
    assert!(cancel.is_cancelled());
    rest();
    assert_eq!(engine.ask("GET /_snapshot/r/_all", Value::Null), json!({"snapshots": []}));
    let missing = engine.ask("DELETE /_snapshot/r/s", Value::Null);
    assert_eq!(missing["error"]["type"], "snapshot_missing_exception");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_no_snapshot_can_come_of_is_refused_before_it_is_accepted() {
    let (engine, folder) = ByHand::with_repository("none");
    engine.ask("PUT /_snapshot/r/there?wait_for_completion=true", json!({}));
    for (line, body, error) in [
        ("PUT /_snapshot/none/s", json!({}), "repository_missing_exception"),
        ("PUT /_snapshot/r/Upper", json!({}), "invalid_snapshot_name_exception"),
        ("PUT /_snapshot/r/there", json!({}), "invalid_snapshot_name_exception"),
        ("PUT /_snapshot/r/s", json!({"indices": "nope"}), "index_not_found_exception"),
        ("PUT /_snapshot/r/s?wait_for_completion=so", json!({}), "illegal_argument_exception"),
    ] {
        let (status, answer, rest) = engine.begin("one".into(), line, &body);
        assert_eq!(
            (&answer["error"]["type"], rest.is_none()),
            (&json!(error), true),
            "{line} {status}"
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
