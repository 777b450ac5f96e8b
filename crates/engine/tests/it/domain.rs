//! A domain of its own in memory, asked by method, path and body.

use bytes::Bytes;
use engine::rest::{Flavor, parse, route};
use engine::{Budget, Cancel, DiskUse, Engine, EngineSettings, View, Work};
use jiff::Timestamp;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// Its engine, and the folder of its repositories, which is made when one is put there.
pub(crate) struct Domain(Engine, PathBuf);

impl Drop for Domain {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.1);
    }
}

impl Domain {
    pub(crate) fn of(flavor: Flavor) -> Domain {
        Domain::made(flavor, |engine| engine)
    }

    fn made(flavor: Flavor, change: impl FnOnce(Engine) -> Engine) -> Domain {
        let settings = EngineSettings {
            directory: None,
            flavor,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("countersign-test-{}-{number}", std::process::id());
        let repositories = std::env::temp_dir().join(name);
        let engine = change(Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap());
        Domain(engine.with_repositories(repositories.clone()).unwrap(), repositories)
    }

    /// The same, with a clock that is a millisecond later each time it is looked at.
    pub(crate) fn with_clock(flavor: Flavor) -> Domain {
        let settings = EngineSettings {
            directory: None,
            flavor,
            cluster_name: "test".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        let looked = AtomicI64::new(0);
        let clock =
            move || Timestamp::from_millisecond(looked.fetch_add(1, Ordering::Relaxed)).unwrap();
        let engine = Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap().with_clock(clock);
        Domain(engine, PathBuf::new())
    }

    /// The same, on a disk with room for so many bytes.
    pub(crate) fn with_room(bytes: u64) -> Domain {
        let disk = DiskUse { bytes: 1 << 30, bytes_free: bytes, bytes_available: bytes };
        Domain::made(Flavor::OpenSearch219, |engine| engine.with_disk(move || disk))
    }

    /// The folder of its repositories.
    pub(crate) fn repositories(&self) -> &Path {
        &self.1
    }

    pub(crate) fn elasticsearch() -> Domain {
        Domain::of(Flavor::Elasticsearch710)
    }

    pub(crate) fn opensearch() -> Domain {
        Domain::of(Flavor::OpenSearch219)
    }

    /// Status and text of the answer to `line`, a method and a path with its query.
    pub(crate) fn text(&self, line: &str, body: &str) -> (u16, String) {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let route = route(method, path, query, self.0.flavor())
            .unwrap_or_else(|error| panic!("{line}: {error:?}"));
        self.run(route, body)
    }

    /// The same, where the head may lead nowhere.
    pub(crate) fn sent(&self, line: &str, body: &str) -> (u16, String) {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        match route(method, path, query, self.0.flavor()) {
            Ok(route) => self.run(route, body),
            Err(error) => {
                let refusal = engine::Response::exception(&error.exception(method, target));
                (refusal.status, String::from_utf8(refusal.body.to_vec()).unwrap())
            }
        }
    }

    /// Status and text of the answer where no more than `budget` may be held.
    pub(crate) fn within(&self, budget: &Budget, line: &str, body: &str) -> (u16, String) {
        let (method, target) = line.split_once(' ').unwrap();
        let route = route(method, target, "", self.0.flavor()).unwrap();
        self.run_with(route, body, &Work::new(Cancel::new(), budget.clone()))
    }

    fn run(&self, route: engine::rest::Route, body: &str) -> (u16, String) {
        self.run_with(route, body, &Work::unbounded())
    }

    fn run_with(&self, route: engine::rest::Route, body: &str, work: &Work) -> (u16, String) {
        let kind = if body.ends_with('\n') { "application/x-ndjson" } else { "application/json" };
        let body = Bytes::copy_from_slice(body.as_bytes());
        let work = &work.clone().on(&self.0.metadata());
        let response = match parse(route, Some(kind), body, work) {
            Ok(parsed) => {
                let view = View::everything("someone");
                let metadata = self.0.metadata();
                let now = Timestamp::UNIX_EPOCH;
                self.0.execute(&parsed, &metadata, &view, now, work)
            }
            Err(refusal) => engine::Response::exception(&refusal),
        };
        (response.status, String::from_utf8(response.body.to_vec()).unwrap())
    }

    /// The same, its answer read.
    pub(crate) fn ask(&self, line: &str, body: &str) -> (u16, Value) {
        let (status, text) = self.text(line, body);
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{line}: {text}")))
    }

    /// The answer, which must be a success.
    pub(crate) fn ok(&self, line: &str, body: &str) -> Value {
        let (status, answer) = self.ask(line, body);
        assert_eq!(status, 200, "{line}: {answer}");
        answer
    }

    /// The status and the reason of a refusal.
    pub(crate) fn refused(&self, line: &str, body: &str) -> (u16, String) {
        let (status, answer) = self.ask(line, body);
        (status, answer["error"]["reason"].as_str().unwrap_or_default().to_owned())
    }
}
