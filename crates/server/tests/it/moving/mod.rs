//! A domain moves to a cluster while it serves: what arrives there, that no acknowledged write is lost, and that whatever fails
//! leaves the domain where it was.

pub(crate) mod cluster;
mod crashes;
mod gateways;
mod meanwhile;
mod writing;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use server::{PoolSettings, StartOptions, TimeLimits};

use self::cluster::{Cluster, Does, refusal};
use crate::client::{Answer, Client, Key};
use crate::service::{Running, scratch};

const MIGRATION: &str = "/_countersign/domains/books/migration";

/// A service with a domain `books` of OpenSearch, and a cluster that it may move to.
struct Mover {
    running: Running,
    books: Client,
    cluster: Cluster,
}

impl Mover {
    fn start(data: Option<PathBuf>) -> Self {
        Self::before(data, Cluster::start(), |_| {})
    }

    fn before(
        data: Option<PathBuf>,
        cluster: Cluster,
        edit: impl FnOnce(&mut StartOptions),
    ) -> Self {
        let url = cluster.url();
        let running = Running::start_with(data, |options| {
            let pool = PoolSettings::new(String::new(), vec![url]);
            options.settings.pools = [("main".to_owned(), pool)].into();
            options.times = TimeLimits {
                move_patience: Duration::from_secs(2),
                move_unfollowed: Duration::from_secs(5),
                ..options.times
            };
            edit(options);
        });
        let control = running.control("es");
        let key = running.developer();
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:user/developer"},
            "Action": "es:*", "Resource": "arn:aws:es:us-east-1:123456789012:domain/books/*"}]});
        let body = json!({"DomainName": "books", "EngineVersion": "OpenSearch_2.19",
            "AccessPolicies": policy.to_string()});
        let path = "/2021-01-01/opensearch/domain";
        let made = control.signed(&key, "POST", path, body.to_string().as_bytes());
        assert_eq!(made.status, 200, "{}", made.text());
        let mut port = None;
        assert!(running.eventually(|_| {
            let path = "/2021-01-01/opensearch/domain/books";
            let told = control.signed(&key, "GET", path, b"").json();
            let endpoint = told["DomainStatus"]["Endpoint"].as_str().map(str::to_owned);
            port = endpoint.and_then(|it| it.rsplit_once(':')?.1.parse().ok());
            port.is_some()
        }));
        let books = Client::new(port.unwrap(), &running.ca());
        Self { running, books, cluster }
    }

    /// A request to the domain.
    fn ask(&self, line: &str, body: &Value) -> Answer {
        let (method, target) = line.split_once(' ').unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.books.signed(&self.running.developer(), method, target, body.as_bytes())
    }

    /// A request to the domain that must succeed.
    fn put(&self, line: &str, body: Value) {
        let told = self.ask(line, &body);
        assert!(told.status < 300, "{line}: {} {}", told.status, told.text());
    }

    /// A request about the move.
    fn order(&self, method: &str, rest: &str) -> Answer {
        self.ordered_by(&self.running.developer(), method, rest)
    }

    fn ordered_by(&self, key: &Key, method: &str, rest: &str) -> Answer {
        let target = format!("{MIGRATION}{rest}");
        self.running.control("es").signed(key, method, &target, b"")
    }

    /// Begins a move and waits for its end.
    fn moved(&self) -> Value {
        let begun = self.order("POST", "?to=main");
        assert_eq!(begun.status, 200, "{}", begun.text());
        self.ended()
    }

    fn ended(&self) -> Value {
        let mut told = Value::Null;
        assert!(
            self.running.eventually(|_| {
                told = self.order("GET", "").json();
                let runs = ["copying", "catching-up", "switching"];
                !runs.contains(&told["phase"].as_str().unwrap())
            }),
            "{told}"
        );
        told
    }

    /// Whether the domain is served from here, with this many documents in `logs`.
    fn is_here_with(&self, count: u64) {
        self.put("POST /logs/_refresh", Value::Null);
        let told = self.ask("GET /logs/_count", &Value::Null);
        assert_eq!(told.json()["count"], count, "{}", told.text());
        let told = self.ask("GET /", &Value::Null).json();
        assert_ne!(told["cluster_name"], "cluster", "{told}");
    }
}

/// Documents 0 to `count` of `logs`.
fn fill(mover: &Mover, count: usize) {
    let lines: String = (0..count)
        .map(|id| {
            format!("{{\"index\":{{\"_index\":\"logs\",\"_id\":\"{id}\"}}}}\n{{\"n\":{id}}}\n")
        })
        .collect();
    let key = mover.running.developer();
    let kind = [("content-type", "application/x-ndjson")];
    let headers = mover.books.sign(&key, "POST", "/_bulk", &kind, lines.as_bytes());
    let told = mover.books.send("POST", "/_bulk", &headers, lines.as_bytes());
    assert_eq!(told.json()["errors"], false, "{}", told.text());
}

// long: all that a domain has
#[test]
fn a_domain_moves_with_all_that_it_has() {
    let mover = Mover::start(Some(scratch("moves-whole")));
    mover.put(
        "PUT /songs",
        json!({"settings": {"number_of_shards": 2, "analysis": {"analyzer": {"own": {"type": "custom",
            "tokenizer": "standard", "filter": ["lowercase"]}}}},
            "mappings": {"properties": {"title": {"type": "text", "analyzer": "own"},
                "parts": {"type": "nested"}, "n": {"type": "long"}}},
            "aliases": {"music": {}, "loud": {"filter": {"term": {"n": 1}}, "routing": "r"}}}),
    );
    mover.put("PUT /songs/_doc/1?routing=r", json!({"title": "One", "n": 1, "parts": [{"a": 1}]}));
    mover.put("PUT /songs/_doc/2", json!({"title": "Two", "n": 2}));
    mover.put("PUT /songs/_doc/2", json!({"title": "Two again", "n": 2}));
    mover.put("PUT /songs/_doc/3", json!({"title": "Gone"}));
    mover.put("DELETE /songs/_doc/3", Value::Null);
    let put =
        json!({"description": "p", "processors": [{"set": {"field": "seen", "value": true}}]});
    mover.put("PUT /_ingest/pipeline/p", put);
    mover.put("PUT /piped", json!({"settings": {"default_pipeline": "p", "final_pipeline": "p"}}));
    mover.put("PUT /piped/_doc/1", json!({"n": 1}));
    mover.put("PUT /shut", json!({}));
    mover.put("PUT /shut/_doc/1", json!({"n": 1}));
    mover.put("POST /shut/_close", Value::Null);
    mover.put("PUT /blocked/_doc/1", json!({"n": 1}));
    mover.put("PUT /blocked/_settings", json!({"index.blocks.write": true}));
    mover.put("PUT /_scripts/s", json!({"script": {"lang": "painless", "source": "1 + 1"}}));
    mover.put(
        "PUT /_template/old",
        json!({"index_patterns": ["old-*"], "settings": {"number_of_shards": 1}}),
    );
    mover.put(
        "PUT /_component_template/part",
        json!({"template": {"settings": {"number_of_shards": 1}}}),
    );
    mover.put(
        "PUT /_index_template/new",
        json!({"index_patterns": ["new-*"], "composed_of": ["part"]}),
    );
    let before = mover.ask("GET /songs/_mapping", &Value::Null).json();

    let told = mover.moved();
    assert_eq!(told["phase"], "moved", "{told}");
    assert_eq!(told["differences"], json!([]), "{told}");
    assert_eq!(told["documents_copied"], 5, "{told}");
    assert!(told["writes_waited_milliseconds"].as_u64().unwrap() < 10_000, "{told}");

    let cluster = &mover.cluster;
    assert_eq!(cluster.indices(), ["blocked", "piped", "shut", "songs"]);
    let (_, there) = cluster.ask("GET /songs/_doc/2", &Value::Null);
    assert_eq!((&there["_version"], &there["_source"]["title"]), (&json!(2), &json!("Two again")));
    let (_, there) = cluster.ask("GET /songs/_doc/1?routing=r", &Value::Null);
    assert_eq!(there["_routing"], "r", "{there}");
    assert_eq!(cluster.ask("GET /songs/_doc/3", &Value::Null).0, 404);
    assert_eq!(cluster.ask("GET /songs/_mapping", &Value::Null).1, before);
    let (_, there) = cluster.ask("GET /songs/_alias/loud", &Value::Null);
    assert_eq!(there["songs"]["aliases"]["loud"]["index_routing"], "r", "{there}");
    let (_, there) = cluster.ask("GET /piped/_settings?flat_settings=true", &Value::Null);
    assert_eq!(there["piped"]["settings"]["index.default_pipeline"], "p", "{there}");
    // It went through the pipeline when it was written, and not once more.
    let (_, there) = cluster.ask("GET /piped/_doc/1", &Value::Null);
    assert_eq!((&there["_version"], &there["_source"]["seen"]), (&json!(1), &json!(true)));
    assert_eq!(cluster.ask("GET /shut/_doc/1", &Value::Null).0, 400, "it is closed");
    assert_eq!(cluster.ask("PUT /blocked/_doc/2", &json!({})).0, 403, "it is blocked");
    for path in ["_scripts/s", "_template/old", "_component_template/part", "_index_template/new"] {
        assert_eq!(cluster.ask(&format!("GET /{path}"), &Value::Null).0, 200, "{path}");
    }

    // The domain is the same one, and served by the cluster.
    let told = mover.ask("GET /", &Value::Null).json();
    assert_eq!(told["cluster_name"], "cluster", "{told}");
    mover.put("PUT /songs/_doc/4", json!({"title": "Four", "n": 4}));
    assert_eq!(cluster.ask("GET /songs/_doc/4", &Value::Null).0, 200);
    let told = mover.ask("GET /music/_search?q=title:two", &Value::Null).json();
    assert_eq!(told["hits"]["total"]["value"], 1, "{told}");
}

#[test]
fn a_data_stream_moves_with_the_indices_behind_it() {
    let mover = Mover::start(None);
    mover.put(
        "PUT /_index_template/events",
        json!({"index_patterns": ["events"], "data_stream": {}}),
    );
    let event = |n: u64| json!({"@timestamp": "2026-11-30T12:00:00Z", "n": n});
    mover.put("PUT /events/_create/1", event(1));
    mover.put("PUT /events/_create/2", event(2));
    mover.put("POST /events/_rollover", Value::Null);
    mover.put("PUT /events/_create/3", event(3));
    mover.put("POST /events/_rollover", Value::Null);
    mover.put("PUT /events/_create/4", event(4));
    mover.put("DELETE /.ds-events-000002", Value::Null);

    let told = mover.moved();
    assert_eq!(told["phase"], "moved", "{told}");
    let (_, there) = mover.cluster.ask("GET /_data_stream/events", &Value::Null);
    let stream = &there["data_streams"][0];
    assert_eq!(stream["generation"], 3, "{there}");
    let names: Vec<&str> = stream["indices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["index_name"].as_str().unwrap())
        .collect();
    assert_eq!(names, [".ds-events-000001", ".ds-events-000003"]);
    assert_eq!(mover.cluster.count(".ds-events-000001"), 2);
    assert_eq!(mover.cluster.count(".ds-events-000003"), 1);
}

#[test]
fn only_who_may_change_a_domain_moves_it_and_all_of_it_is_on_record() {
    let mover = Mover::start(None);
    let stranger = mover.running.stranger();
    for (method, rest, action) in [
        ("GET", "", "es:DescribeDomainChangeProgress"),
        ("POST", "?to=main", "es:UpdateDomainConfig"),
        ("DELETE", "", "es:UpdateDomainConfig"),
        ("POST", "/discard-source", "es:DeleteDomain"),
    ] {
        let refused = mover.ordered_by(&stranger, method, rest);
        assert_eq!(refused.status, 403, "{}", refused.text());
        assert!(refused.text().contains(action), "{}", refused.text());
    }
    let anonymous = mover.running.control("es").anonymous("GET", MIGRATION, b"");
    assert_eq!(anonymous.status, 403, "{}", anonymous.text());
    assert_eq!(mover.moved()["phase"], "moved");
    let record = mover.running.newest(|record| record.action.as_deref() == Some("MoveDomain"));
    assert_eq!(record.service_reason.as_deref(), Some("migration"));
    assert_eq!(record.resources, ["domain/books", "pool/main"]);
    let record = mover.running.newest(|record| record.action.as_deref() == Some("DomainMoved"));
    assert_eq!(record.status, 200);
}

#[test]
fn what_cannot_be_moved_is_told_with_what_to_do() {
    let mover = Mover::start(None);
    fill(&mover, 3);
    let refused = mover.order("POST", "?to=other");
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("the settings have: main"), "{}", refused.text());
    assert_eq!(mover.order("POST", "").status, 400);
    assert_eq!(mover.order("DELETE", "").status, 409);
    assert_eq!(mover.order("POST", "/discard-source").status, 409);
    mover.cluster.ask("PUT /theirs", &Value::Null);
    let told = mover.moved();
    assert_eq!(told["phase"], "failed", "{told}");
    let fault = told["fault"].as_str().unwrap();
    assert!(fault.contains("(theirs)") && fault.contains("expected an empty one"), "{fault}");
    mover.cluster.ask("DELETE /theirs", &Value::Null);
    mover.is_here_with(3);
    assert_eq!(mover.moved()["phase"], "moved");
    let refused = mover.order("POST", "?to=main");
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("is not moved back"), "{}", refused.text());
}

#[test]
fn a_cluster_that_serves_another_domain_is_refused_by_whatever_name_its_pool_has() {
    let cluster = Cluster::start();
    let (again, named) = (cluster.url(), cluster.url());
    let mover = Mover::before(None, cluster, |options| {
        let pools = &mut options.settings.pools;
        pools.insert("again".to_owned(), PoolSettings::new(String::new(), vec![again]));
        let later = "arn:aws:es:us-east-1:123456789012:domain/later".to_owned();
        pools.insert("named".to_owned(), PoolSettings::new(later, vec![named]));
    });
    let told = mover.moved();
    let fault = "the cluster of pool main is that of pool named, which names domains in the settings, by another name";
    assert_eq!((&told["phase"], &told["fault"]), (&json!("failed"), &json!(fault)), "{told}");
}

#[test]
fn the_cluster_that_a_domain_was_moved_to_takes_no_second_one_by_another_name() {
    let cluster = Cluster::start();
    let again = cluster.url();
    let mover = Mover::before(None, cluster, |options| {
        let pools = &mut options.settings.pools;
        pools.insert("again".to_owned(), PoolSettings::new(String::new(), vec![again]));
    });
    // It is empty all the same: nothing but its own name tells that it is the other's.
    assert_eq!(mover.moved()["phase"], "moved");
    let (control, key) = (mover.running.control("es"), mover.running.developer());
    let body = json!({"DomainName": "more", "EngineVersion": "OpenSearch_2.19"}).to_string();
    let made = control.signed(&key, "POST", "/2021-01-01/opensearch/domain", body.as_bytes());
    assert_eq!(made.status, 200, "{}", made.text());
    assert!(mover.running.eventually(|it| it.service().domains().contains_key("more")));
    let path = "/_countersign/domains/more/migration";
    let begun = control.signed(&key, "POST", &format!("{path}?to=again"), b"");
    assert_eq!(begun.status, 200, "{}", begun.text());
    let mut told = Value::Null;
    assert!(mover.running.eventually(|_| {
        told = control.signed(&key, "GET", path, b"").json();
        told["phase"] == "failed"
    }));
    let fault = "the cluster of pool again is that of pool main, which serves domain books, by another name";
    assert_eq!(told["fault"], fault, "{told}");
}

#[test]
fn repositories_that_do_not_go_along_are_named_before_anything_is_copied() {
    let mover = Mover::start(Some(scratch("moves-repositories")));
    fill(&mover, 1);
    mover.put("PUT /_snapshot/nightly", json!({"type": "fs", "settings": {"location": "n"}}));
    let note = "repository nightly (fs, location n) is not registered at the cluster, which cannot read snapshots of the engine here";
    mover.cluster.does(|_| refusal(403, "security_exception", "no"));
    assert_eq!(mover.moved()["notes"], json!([]), "the cluster did not say what it is");
    mover.cluster.does(|request| match request.writes() {
        true => refusal(403, "security_exception", "no"),
        false => Does::Answers,
    });
    let told = mover.moved();
    assert_eq!((&told["phase"], &told["notes"]), (&json!("failed"), &json!([note])), "{told}");
}

#[test]
fn a_domain_with_roles_is_not_moved_because_a_cluster_does_not_know_them() {
    let mover = Mover::start(None);
    let enabled = json!({"Enabled": true});
    let change = json!({
        "DomainEndpointOptions": {"EnforceHTTPS": true}, "NodeToNodeEncryptionOptions": enabled,
        "EncryptionAtRestOptions": enabled,
        "AdvancedSecurityOptions": {"Enabled": true, "MasterUserOptions":
            {"MasterUserARN": "arn:aws:iam::123456789012:user/developer"}},
    });
    let path = "/2021-01-01/opensearch/domain/books/config";
    let control = mover.running.control("es");
    let told =
        control.signed(&mover.running.developer(), "POST", path, change.to_string().as_bytes());
    assert_eq!(told.status, 200, "{}", told.text());
    let refused = mover.order("POST", "?to=main");
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("fine-grained access control"), "{}", refused.text());
    assert_eq!(mover.ask("GET /_cluster/health", &Value::Null).status, 200);
}

#[test]
fn what_the_cluster_refuses_ends_the_move_and_leaves_the_domain_here() {
    let mover = Mover::start(None);
    fill(&mover, 10);
    mover.cluster.does(|request| match request.path.as_str() {
        "/_bulk" => {
            let error = json!({"type": "mapper_parsing_exception", "reason": "too odd"});
            let item = json!({"index": {"status": 400, "error": error}});
            Does::Says(200, json!({"errors": true, "items": vec![item; 10]}))
        }
        _ => Does::Answers,
    });
    let told = mover.moved();
    assert_eq!(told["phase"], "failed", "{told}");
    let fault = told["fault"].as_str().unwrap();
    assert!(fault.contains("document [0] of index [logs]") && fault.contains("too odd"), "{fault}");
    mover.is_here_with(10);
    // What it left there is known, removed by whoever asks for it, and the next run begins anew.
    assert_eq!(mover.cluster.indices(), ["logs"]);
    mover.cluster.does(|_| Does::Answers);
    let told = mover.order("DELETE", "").json();
    assert_eq!(told["phase"], "aborted", "{told}");
    assert_eq!(mover.cluster.indices(), Vec::<String>::new());
    assert_eq!(mover.moved()["phase"], "moved");
    assert_eq!(mover.cluster.count("logs"), 10);
}

#[test]
fn a_setting_that_the_cluster_does_not_know_is_left_out_and_told() {
    let mover = Mover::start(None);
    mover.put("PUT /logs", json!({"settings": {"index.max_result_window": 20_000}}));
    mover.cluster.does(|request| {
        let knows = !String::from_utf8_lossy(&request.body).contains("max_result_window");
        match knows {
            true => Does::Answers,
            false => refusal(
                400,
                "illegal_argument_exception",
                "unknown setting [index.max_result_window] please check",
            ),
        }
    });
    let told = mover.moved();
    assert_eq!(told["phase"], "moved", "{told}");
    let difference = "index logs: the cluster does not know index.max_result_window = 20000";
    assert_eq!(told["differences"], json!([difference]));
}

#[test]
fn a_cluster_that_is_lost_for_a_moment_is_asked_again_and_one_that_is_gone_ends_the_move() {
    let mover = Mover::start(None);
    fill(&mover, 10);
    let breaks = std::sync::atomic::AtomicUsize::new(0);
    mover.cluster.does(move |request| {
        let nth = breaks.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        match nth % 3 {
            0 if request.writes() => Does::LosesItsAnswer,
            1 if request.writes() => Does::BreaksOff,
            _ => Does::Answers,
        }
    });
    let told = mover.moved();
    assert_eq!(told["phase"], "moved", "{told}");
    mover.cluster.does(|_| Does::Answers);
    assert_eq!(mover.cluster.count("logs"), 10);

    let mover = Mover::start(None);
    fill(&mover, 10);
    mover.cluster.does(|request| match request.writes() {
        true => Does::BreaksOff,
        false => Does::Answers,
    });
    let told = mover.moved();
    assert_eq!(told["phase"], "failed", "{told}");
    assert!(told["fault"].as_str().unwrap().contains("the cluster is lost"), "{told}");
    mover.is_here_with(10);
}

#[test]
fn documents_that_are_missing_there_stop_the_move_before_the_hand_over() {
    let mover = Mover::start(None);
    fill(&mover, 10);
    mover.cluster.does(|request| match request.path.as_str() {
        "/_bulk" => Does::Says(200, json!({"errors": false})),
        _ => Does::Answers,
    });
    let told = mover.moved();
    assert_eq!(told["phase"], "failed", "{told}");
    let fault = "index [logs] has 10 documents here and 0 there";
    assert_eq!(told["fault"], fault, "{told}");
    mover.is_here_with(10);
}

#[test]
fn a_move_that_nobody_follows_ends_and_one_that_is_called_off_too() {
    let mover = Mover::start(None);
    fill(&mover, 10);
    mover.cluster.does(|request| match request.writes() {
        // Too busy for as long as it is waited for.
        true => refusal(429, "es_rejected_execution_exception", "busy"),
        false => Does::Answers,
    });
    assert_eq!(mover.order("POST", "?to=main").status, 200);
    let again = mover.order("POST", "?to=main").json();
    assert_eq!(again["notes"], json!(["it was under way already"]));
    let told = mover.order("DELETE", "").json();
    assert_eq!(told["phase"], "aborted", "{told}");
    mover.is_here_with(10);
    assert_eq!(mover.order("GET", "").json()["phase"], "aborted");
}

#[test]
fn the_indices_left_behind_stay_until_they_are_discarded() {
    let folder = scratch("moves-discard");
    let mover = Mover::start(Some(folder.clone()));
    fill(&mover, 5);
    let told = mover.moved();
    assert!(told["next"].as_str().unwrap().contains("--discard-source"), "{told}");
    let own = folder.join("domains/123456789012/us-east-1");
    let left = || {
        std::fs::read_dir(&own)
            .unwrap()
            .any(|it| it.unwrap().file_name().to_string_lossy().starts_with("books-"))
    };
    assert!(left());
    // A restart finds the domain at the cluster.
    let cluster = mover.cluster.clone();
    mover.running.stop();
    let url = cluster.url();
    let running = Running::start_with(Some(folder), |options| {
        let pool = PoolSettings::new(String::new(), vec![url]);
        options.settings.pools = [("main".to_owned(), pool)].into();
    });
    let control = running.control("es");
    let told = control.signed(&running.developer(), "GET", MIGRATION, b"").json();
    assert_eq!(told["phase"], "moved", "{told}");
    let discard = format!("{MIGRATION}/discard-source");
    let told = control.signed(&running.developer(), "POST", &discard, b"");
    assert_eq!(told.status, 200, "{}", told.text());
    assert!(!left());
    assert_eq!(control.signed(&running.developer(), "POST", &discard, b"").status, 409);
}
