//! What happens to a domain while it moves: indices and aliases that go, answers that are lost, moves that are called off, a domain
//! that is deleted.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use serde_json::{Value, json};

use super::cluster::{Does, Received};
use super::{Mover, fill};
use crate::service::scratch;

/// A request that waits at the cluster until the test lets it go on.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<(Mutex<(bool, bool)>, Condvar)>);

impl Gate {
    /// At the cluster: waits here.
    fn pass(&self) {
        let (state, told) = &*self.0;
        let mut state = state.lock().unwrap();
        state.0 = true;
        told.notify_all();
        while !state.1 {
            state = told.wait(state).unwrap();
        }
    }

    /// In the test: waits until something waits there.
    fn reached(&self) {
        let (state, told) = &*self.0;
        let mut state = state.lock().unwrap();
        while !state.0 {
            state = told.wait(state).unwrap();
        }
    }

    /// In the test: lets everything pass.
    pub(super) fn open(&self) {
        let (state, told) = &*self.0;
        state.lock().unwrap().1 = true;
        told.notify_all();
    }
}

/// A move that waits at its first request to `path`.
pub(super) fn held(
    mover: &Mover,
    path: &'static str,
    then: impl Fn(&Received) -> Does + Send + Sync + 'static,
) -> Gate {
    let gate = Gate::default();
    let held = gate.clone();
    mover.cluster.does(move |request| {
        if request.path == path {
            held.pass();
        }
        then(request)
    });
    let begun = mover.order("POST", "?to=main");
    assert_eq!(begun.status, 200, "{}", begun.text());
    gate.reached();
    gate
}

#[test]
fn what_was_written_of_an_index_that_is_deleted_meanwhile_keeps_no_move_from_its_end() {
    let mover = Mover::start(None);
    fill(&mover, 10);
    let gate = held(&mover, "/_bulk", |_| Does::Answers);
    let lines: String = (0..1_500)
        .map(|id| format!("{{\"index\":{{\"_index\":\"gone\",\"_id\":\"{id}\"}}}}\n{{}}\n"))
        .collect();
    let key = mover.running.developer();
    let kind = [("content-type", "application/x-ndjson")];
    let headers = mover.books.sign(&key, "POST", "/_bulk", &kind, lines.as_bytes());
    let told = mover.books.send("POST", "/_bulk", &headers, lines.as_bytes());
    assert_eq!(told.json()["errors"], false, "{}", told.text());
    mover.put("DELETE /gone", Value::Null);
    gate.open();
    let told = mover.ended();
    assert_eq!(told["phase"], "moved", "{told}");
    assert_eq!(mover.cluster.indices(), ["logs"]);
}

#[test]
fn what_was_done_though_its_answer_was_lost_is_not_done_twice() {
    let mover = Mover::start(None);
    mover.put("PUT /a", json!({"aliases": {"one": {}, "two": {}}}));
    fill(&mover, 10);
    let template = json!({"index_patterns": ["events"], "data_stream": {}});
    mover.put("PUT /_index_template/events", template);
    mover.put("PUT /events/_create/1", json!({"@timestamp": "2026-11-30T12:00:00Z"}));
    mover.put("POST /events/_rollover", Value::Null);
    mover.put("POST /events/_rollover", Value::Null);
    let (rollovers, removals) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (rolled, removed) = (Arc::clone(&rollovers), Arc::clone(&removals));
    let gate = held(&mover, "/_aliases", move |request| {
        let body = String::from_utf8_lossy(&request.body);
        if request.path == "/_aliases" && body.contains("remove") {
            let first = removed.fetch_add(1, Ordering::SeqCst) == 0;
            return if first { Does::LosesItsAnswer } else { Does::Answers };
        }
        if request.path.ends_with("/_rollover") {
            let nth = rolled.fetch_add(1, Ordering::SeqCst);
            // Done and not told, not done at all, done.
            return match nth {
                0 => Does::LosesItsAnswer,
                1 => Does::BreaksOff,
                _ => Does::Answers,
            };
        }
        Does::Answers
    });
    let remove = json!({"actions": [{"remove": {"index": "a", "alias": "one"}}]});
    mover.put("POST /_aliases", remove);
    gate.open();
    let told = mover.ended();
    assert_eq!(told["phase"], "moved", "{told}");
    assert_eq!(told["differences"], json!([]), "{told}");
    assert!(removals.load(Ordering::SeqCst) >= 2, "its answer was lost");
    assert_eq!(rollovers.load(Ordering::SeqCst), 3);
    let (_, there) = mover.cluster.ask("GET /_data_stream/events", &Value::Null);
    assert_eq!(there["data_streams"][0]["generation"], 3, "{there}");
    let (_, there) = mover.cluster.ask("GET /a/_alias", &Value::Null);
    assert_eq!(there["a"]["aliases"], json!({"two": {}}), "{there}");
}

#[test]
fn no_move_begins_while_what_an_earlier_one_left_is_removed() {
    let mover = Mover::start(None);
    fill(&mover, 10);
    mover.cluster.does(|request| match request.path.as_str() {
        "/_bulk" => Does::Says(200, json!({"errors": false})),
        _ => Does::Answers,
    });
    assert_eq!(mover.moved()["phase"], "failed");
    let gate = Gate::default();
    let held = gate.clone();
    mover.cluster.does(move |request| {
        if request.method == "DELETE" {
            held.pass();
        }
        Does::Answers
    });
    std::thread::scope(|scope| {
        let abort = scope.spawn(|| mover.order("DELETE", ""));
        gate.reached();
        let refused = mover.order("POST", "?to=main");
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert!(refused.text().contains("is being removed"), "{}", refused.text());
        gate.open();
        let told = abort.join().unwrap();
        assert_eq!(told.json()["phase"], "aborted", "{}", told.text());
    });
    assert!(mover.cluster.indices().is_empty());
    assert_eq!(mover.moved()["phase"], "moved");
    assert_eq!(mover.cluster.count("logs"), 10);
}

#[test]
fn a_domain_that_is_deleted_while_it_moves_leaves_nothing_at_the_cluster() {
    let folder = scratch("moves-deleted");
    let mover = Mover::start(Some(folder.clone()));
    fill(&mover, 10);
    mover.put("PUT /_template/t", json!({"index_patterns": ["t-*"]}));
    let gate = held(&mover, "/_bulk", |_| Does::Answers);
    let control = mover.running.control("es");
    let key = mover.running.developer();
    let path = "/2021-01-01/opensearch/domain/books";
    assert_eq!(control.signed(&key, "DELETE", path, b"").status, 200);
    gate.open();
    let gone = |_: &_| control.signed(&key, "GET", path, b"").status == 409;
    assert!(mover.running.eventually(gone), "the domain is there still");
    assert_eq!(mover.cluster.indices(), Vec::<String>::new());
    let journals = folder.join("migrations/123456789012/us-east-1");
    assert_eq!(std::fs::read_dir(journals).unwrap().count(), 0);
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn a_domain_with_settings_of_its_cluster_moves_to_one_that_has_them() {
    let mover = Mover::start(None);
    fill(&mover, 3);
    let settings = json!({"persistent": {"search.max_buckets": "100"}});
    mover.put("PUT /_cluster/settings", settings.clone());
    let told = mover.moved();
    assert_eq!(told["phase"], "failed", "{told}");
    let fault = told["fault"].as_str().unwrap();
    assert!(fault.contains("search.max_buckets = 100; set them there"), "{fault}");
    assert!(mover.cluster.indices().is_empty());
    mover.is_here_with(3);
    assert_eq!(mover.cluster.ask("PUT /_cluster/settings", &settings).0, 200);
    assert_eq!(mover.moved()["phase"], "moved");
}

mod on_postgres {
    use control::PostgresUrl;

    use super::super::cluster::Cluster;
    use super::super::crashes::copy;
    use super::*;
    use crate::postgres_server::PostgresServer;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_write_that_waits_while_nobody_knows_where_the_domain_is_is_not_done_here() {
        let folder = scratch("moves-unknown");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("sealing.key"), "07".repeat(32)).unwrap();
        let server = PostgresServer::start();
        server.database("state");
        let data = folder.join("one");
        let mover = Mover::before(Some(data.clone()), Cluster::start(), |options| {
            options.settings.state.url = PostgresUrl::read(&server.url("state"));
            options.settings.state.sealing_key_file = Some(folder.join("sealing.key"));
        });
        fill(&mover, 10);
        let server = Arc::new(Mutex::new(server));
        let (gone, stopping) = (Arc::new(AtomicBool::new(false)), Arc::clone(&server));
        let told = Arc::clone(&gone);
        mover.cluster.does(move |request| {
            // Its documents are counted while writes wait.
            if request.path == "/_search" && !told.swap(true, Ordering::SeqCst) {
                stopping.lock().unwrap().stop();
            }
            Does::Answers
        });
        assert_eq!(mover.order("POST", "?to=main").status, 200);
        assert!(mover.running.eventually(|_| gone.load(Ordering::SeqCst)));
        let key = mover.running.developer();
        let headers = mover.books.sign(&key, "PUT", "/logs/_doc/late", &[], b"{}");
        let Mover { running, books, cluster } = mover;
        let late = std::thread::spawn(move || {
            let sent = std::panic::AssertUnwindSafe(|| {
                books.send("PUT", "/logs/_doc/late", &headers, b"{}").status
            });
            std::panic::catch_unwind(sent).ok()
        });
        // It waits, and the move looks for the state again and again.
        std::thread::sleep(std::time::Duration::from_secs(2));
        assert!(!late.is_finished());
        running.stop_in_time();
        let status = late.join().unwrap();
        assert!(status.is_none_or(|status| status >= 500), "{status:?}");
        // Whoever starts next finds it where the state says that it is, and no document that nobody was told of.
        server.lock().unwrap().start_again();
        let (url, copied) = (cluster.url(), folder.join("copied"));
        copy(&data, &copied);
        let running = crate::service::Running::start_with(Some(copied), |options| {
            let pool = server::PoolSettings::new(String::new(), vec![url]);
            options.settings.pools = [("main".to_owned(), pool)].into();
            options.settings.state.url = PostgresUrl::read(&server.lock().unwrap().url("state"));
            options.settings.state.sealing_key_file = Some(folder.join("sealing.key"));
        });
        let told =
            running.control("es").signed(&running.developer(), "GET", super::super::MIGRATION, b"");
        assert_eq!(told.json()["phase"], "interrupted", "{}", told.text());
        drop(running);
        let _ = std::fs::remove_dir_all(folder);
    }
}
