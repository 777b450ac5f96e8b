//! Clients write while the domain moves.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::cluster::Does;
use super::{Mover, fill};
use crate::client::{Client, Key};

/// What each document of a writer may be now: the last acknowledged value (none: it is not there), and those that were sent since and
/// not acknowledged, which may have been done or not.
pub(super) type PossibleValues = BTreeMap<String, Vec<Option<u64>>>;

/// A client that writes some 50 times a second, until it is told to end: what its documents may be, and what was not acknowledged: a
/// refusal, an error of the service, a connection that broke.
pub(super) fn writer(
    name: &'static str,
    books: Client,
    key: Key,
    ends: Arc<AtomicBool>,
    writes: Arc<AtomicU64>,
) -> std::thread::JoinHandle<(PossibleValues, Vec<String>)> {
    std::thread::spawn(move || {
        let (mut possible, mut errors) = (PossibleValues::new(), Vec::new());
        let mut n = 0;
        while !ends.load(Ordering::SeqCst) {
            n += 1;
            // Documents are written anew, deleted, and written again.
            let id = format!("{name}-{}", n % 150);
            let (method, target, body) = match n % 7 {
                0 => ("DELETE", format!("/logs/_doc/{id}"), String::new()),
                3 => {
                    let bulk = format!("{{\"index\":{{\"_id\":\"{id}\"}}}}\n{{\"n\":{n}}}\n");
                    ("POST", "/logs/_bulk".to_owned(), bulk)
                }
                _ => ("PUT", format!("/logs/_doc/{id}"), json!({ "n": n }).to_string()),
            };
            let kind = if method == "POST" { "application/x-ndjson" } else { "application/json" };
            let headers =
                books.sign(&key, method, &target, &[("content-type", kind)], body.as_bytes());
            let sent = AssertUnwindSafe(|| books.send(method, &target, &headers, body.as_bytes()));
            let told = catch_unwind(sent).map_err(|_| "the connection broke".to_owned());
            let told = told.and_then(|told| {
                let well = told.status < 300 || (method == "DELETE" && told.status == 404);
                let well = well && (method != "POST" || told.json()["errors"] == false);
                if well { Ok(()) } else { Err(format!("{} {}", told.status, told.text())) }
            });
            let value = (method != "DELETE").then_some(n);
            match told {
                Ok(()) => {
                    possible.insert(id, vec![value]);
                    writes.fetch_add(1, Ordering::SeqCst);
                }
                Err(why) => {
                    possible.entry(id).or_insert_with(|| vec![None]).push(value);
                    errors.push(format!("{method} {target}: {why}"));
                }
            }
            std::thread::sleep(Duration::from_millis(15));
        }
        (possible, errors)
    })
}

#[test]
fn nothing_acknowledged_is_lost_while_clients_write_200_times_a_second() {
    let mover = Mover::start(Some(crate::service::scratch("moves-writing")));
    fill(&mover, 3_000);
    let bulks = AtomicU64::new(0);
    mover.cluster.does(move |request| {
        if request.path == "/_bulk" {
            bulks.fetch_add(1, Ordering::SeqCst);
            // So that the copy takes a while.
            std::thread::sleep(Duration::from_millis(100));
        }
        Does::Answers
    });
    let (ends, writes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let writers: Vec<_> = ["a", "b", "c", "d"]
        .into_iter()
        .map(|name| {
            let (books, key) = (mover.books.clone(), mover.running.developer());
            writer(name, books, key, Arc::clone(&ends), Arc::clone(&writes))
        })
        .collect();
    let many =
        |than: u64| assert!(mover.running.eventually(|_| writes.load(Ordering::SeqCst) > than));
    many(100);
    assert_eq!(mover.order("POST", "?to=main").status, 200);
    // What is made while it moves moves along.
    mover.put("PUT /late", json!({"mappings": {"properties": {"k": {"type": "keyword"}}}}));
    mover.put("PUT /late/_doc/1", json!({"k": "v", "new": 1}));
    mover.put("PUT /logs/_mapping", json!({"properties": {"later": {"type": "keyword"}}}));
    mover.put("POST /_aliases", json!({"actions": [{"add": {"index": "logs", "alias": "l"}}]}));
    let told = mover.ended();
    assert_eq!(told["phase"], "moved", "{told}");
    assert_eq!(told["differences"], json!([]), "{told}");
    let at_hand_over = writes.load(Ordering::SeqCst);
    many(at_hand_over + 100);
    ends.store(true, Ordering::SeqCst);

    mover.cluster.does(|_| Does::Answers);
    let (mut lost, mut count) = (Vec::new(), 0);
    for writer in writers {
        let (possible, errors) = writer.join().unwrap();
        assert_eq!(errors, Vec::<String>::new());
        for (id, values) in possible {
            count += 1;
            let (_, there) = mover.cluster.ask(&format!("GET /logs/_doc/{id}"), &Value::Null);
            if !values.contains(&there["_source"]["n"].as_u64()) {
                lost.push(format!("{id}: {values:?}, {there}"));
            }
        }
    }
    assert_eq!(lost, Vec::<String>::new(), "of {count} documents");
    assert!(count > 100, "{count}");
    assert_eq!(mover.cluster.count("late"), 1);
    let (_, there) = mover.cluster.ask("GET /_alias/l", &Value::Null);
    assert_eq!(there, json!({"logs": {"aliases": {"l": {}}}}));
    assert!(told["changes_copied"].as_u64().unwrap() > 0, "{told}");
}

#[test]
fn a_write_that_arrives_at_the_hand_over_waits_and_runs_at_the_cluster() {
    let mover = Mover::start(None);
    fill(&mover, 10);
    let (books, key) = (mover.books.clone(), mover.running.developer());
    let waiting = Arc::new(std::sync::Mutex::new(None));
    let begun = Arc::clone(&waiting);
    mover.cluster.does(move |request| {
        // The comparison: writes are held back.
        if request.path == "/_search" {
            let (books, key) = (books.clone(), key.clone());
            let mut begun = begun.lock().unwrap();
            begun.get_or_insert_with(|| {
                std::thread::spawn(move || books.signed(&key, "PUT", "/logs/_doc/w", b"{\"n\":1}"))
            });
            std::thread::sleep(Duration::from_millis(300));
        }
        Does::Answers
    });
    let told = mover.moved();
    assert_eq!(told["phase"], "moved", "{told}");
    let told = waiting.lock().unwrap().take().unwrap().join().unwrap();
    assert_eq!(told.status, 201, "{}", told.text());
    assert_eq!(mover.cluster.ask("GET /logs/_doc/w", &Value::Null).0, 200);
}

#[test]
fn a_hand_over_that_takes_too_long_lets_the_writes_go_on_here() {
    let mover = Mover::start(None);
    fill(&mover, 10);
    mover.cluster.does(|request| {
        if request.path == "/_search" {
            std::thread::sleep(Duration::from_secs(60));
        }
        Does::Answers
    });
    assert_eq!(mover.order("POST", "?to=main").status, 200);
    assert!(mover.running.eventually(|_| mover.order("GET", "").json()["phase"] == "switching"));
    let told = mover.ask("PUT /logs/_doc/w", &json!({"n": 1}));
    assert_eq!(told.status, 201, "{}", told.text());
    assert_eq!(mover.order("DELETE", "").json()["phase"], "aborted");
    mover.is_here_with(11);
}
