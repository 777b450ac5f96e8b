//! Requests judged as in mode `strict` and run by the engine, without a listener: one domain, one caller who is denied
//! everything on names that begin with `secret`. What happens between judging and running can be put in between.

use std::sync::Arc;

use engine::cluster::Metadata;
use engine::rest::{Flavor, Parsed, Route, parse, route};
use engine::{Engine, EngineSettings, Grants, View, Work};
use jiff::Timestamp;
use serde_json::Value;
use server::for_tests::targets::{self, Ask, Denied, IndexCatalog, RequestQuestions};

/// A domain's engine, in memory.
pub(crate) struct Judged {
    pub(crate) engine: Engine,
}

/// A request that was judged.
pub(crate) struct Ready {
    parsed: Parsed,
    metadata: Arc<Metadata>,
    view: View,
    now: Timestamp,
}

/// Status and body.
pub(crate) type Answer = (u16, String);

impl Judged {
    pub(crate) fn new(flavor: Flavor) -> Self {
        let settings = EngineSettings {
            directory: None,
            flavor,
            cluster_name: "123456789012:dev".to_owned(),
            publish_address: "127.0.0.1:9200".to_owned(),
        };
        Self { engine: Engine::open(settings, Timestamp::UNIX_EPOCH).unwrap() }
    }

    /// Runs a request of somebody who may do everything; it must succeed.
    pub(crate) fn admin(&self, line: &str, body: &str) -> Value {
        let ready = self.judge(line, body, Timestamp::UNIX_EPOCH, |_| false);
        let (status, text) = self.run(&ready.unwrap());
        assert!(status < 300, "{line}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Runs a request that nobody judges: what no request may do.
    pub(crate) fn unjudged(&self, line: &str, body: &str) -> Value {
        let (status, text) = self.run(&self.for_everything(line, body));
        assert!(status < 300, "{line}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A request that nobody judges, on everything there is.
    pub(crate) fn for_everything(&self, line: &str, body: &str) -> Ready {
        let metadata = self.engine.metadata();
        let work = Work::unbounded().on(&metadata);
        let bytes = bytes::Bytes::copy_from_slice(body.as_bytes());
        let parsed = parse(self.route(line), Some("application/json"), bytes, &work).unwrap();
        let (view, now) = (View::everything("nobody"), Timestamp::UNIX_EPOCH);
        Ready { parsed, metadata, view, now }
    }

    /// Judges a request as `authorize` does, or answers the denial, or what the request is refused with.
    pub(crate) fn judge(
        &self,
        line: &str,
        body: &str,
        now: Timestamp,
        denied: impl Fn(&Ask) -> bool,
    ) -> Result<Ready, Answer> {
        let verdict = |ask: &Ask| {
            // Amazon's text names the action and not the resource.
            let text = || Arc::from(format!("not authorized to perform: {}", ask.action));
            if denied(ask) { Err(text()) } else { Ok(()) }
        };
        let url = targets::url_ask(&self.route(line));
        verdict(&url).map_err(|text: Arc<str>| (403, text.to_string()))?;
        self.granted(line, body, now, |asks| asks.settle("caller", verdict))
    }

    /// As [`Judged::judge`], in mode `aws`, of somebody whom the policies allow everything.
    pub(crate) fn judge_by_url(&self, line: &str, body: &str) -> Result<Ready, Answer> {
        self.granted(line, body, Timestamp::UNIX_EPOCH, |asks| asks.by_url("caller"))
    }

    fn route(&self, line: &str) -> Route {
        let (method, url) = line.split_once(' ').unwrap();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        route(method, path, query, self.engine.flavor()).expect(line)
    }

    fn granted(
        &self,
        line: &str,
        body: &str,
        now: Timestamp,
        granted: impl FnOnce(&RequestQuestions) -> Result<Grants, Denied>,
    ) -> Result<Ready, Answer> {
        let refused =
            |error: engine::exception::Exception| (error.status(), error.body().to_string());
        let bytes = bytes::Bytes::copy_from_slice(body.as_bytes());
        let kind = Some("application/json");
        let metadata = self.engine.metadata();
        let work = Work::unbounded().on(&metadata);
        let parsed = parse(self.route(line), kind, bytes, &work).map_err(refused)?;
        let being_snapshotted = &self.engine.being_snapshotted(&parsed.route);
        let catalog = IndexCatalog { metadata: &metadata, now, being_snapshotted };
        let asks = targets::asks(&parsed, &catalog, &work).map_err(refused)?;
        let granted = granted(&asks).map_err(|denied| (403, denied.text.to_string()))?;
        let view = engine::View::of(granted);
        Ok(Ready { parsed, metadata, view, now })
    }

    /// Runs a request that was judged.
    pub(crate) fn run(&self, ready: &Ready) -> Answer {
        let Ready { parsed, metadata, view, now } = ready;
        let answer = self.engine.execute(parsed, metadata, view, *now, &Work::unbounded());
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// Begins a request that was judged and goes on when it is answered; what is left of it is not done.
    pub(crate) fn begin(&self, ready: &Ready) -> engine::BackgroundTask {
        let Ready { parsed, metadata, view, now } = ready;
        let (answer, left) = self.engine.begin(parsed, metadata, view, *now, &Work::unbounded());
        left.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&answer.body)))
    }

    /// Judges and runs a request of the caller who is denied what begins with `secret`.
    pub(crate) fn restricted(&self, line: &str, body: &str) -> Answer {
        match self.judge(line, body, Timestamp::UNIX_EPOCH, secret) {
            Ok(ready) => self.run(&ready),
            Err(answer) => answer,
        }
    }
}

/// Whether a question is about a name that begins with `secret`.
pub(crate) fn secret(ask: &Ask) -> bool {
    ask.path.starts_with("/secret")
}
