//! One node of a cluster: whether it is asked, and what is counted of it.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::Instant;

use super::breaker::{Circuit, CircuitState};
use super::connections::CountedConnector;
use crate::endpoint::Endpoint;
use crate::spool::SpooledBody;

/// Idle connections that are kept for the next request.
const IDLE_CONNECTIONS_MAX: usize = 64;
const IDLE_TIME_MAX: Duration = Duration::from_secs(30);

/// Upper bounds of the histogram of answers, in seconds.
const BOUNDS_SECONDS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0];

/// One node.
pub struct Node {
    url: Endpoint,
    http: Client<CountedConnector, SpooledBody>,
    /// Connections to it that are open.
    open: Arc<AtomicU64>,
    circuit: Mutex<Circuit>,
    busy: AtomicU64,
    /// By class of status: 1xx … 5xx.
    answers: [AtomicU64; 5],
    failures: AtomicU64,
    buckets: [AtomicU64; 10],
    micros: AtomicU64,
}

/// A request that a node has, until its answer is read.
pub struct BusyNode {
    node: Arc<Node>,
    begun: Instant,
}

impl Node {
    /// A node that `connector` connects to. Nothing is connected yet.
    pub(super) fn new(url: Endpoint, connector: &HttpsConnector<HttpConnector>) -> Self {
        let open = Arc::default();
        let http = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build(CountedConnector::new(connector.clone(), &open));
        Self {
            url,
            http,
            open,
            circuit: Mutex::default(),
            busy: AtomicU64::default(),
            answers: Default::default(),
            failures: AtomicU64::default(),
            buckets: Default::default(),
            micros: AtomicU64::default(),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &Endpoint {
        &self.url
    }

    /// The connections to it.
    pub(super) fn http(&self) -> &Client<CountedConnector, SpooledBody> {
        &self.http
    }

    /// As faults and metrics call it: its host and port.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.url.host(), self.url.port())
    }

    /// Whether it is asked.
    #[must_use]
    pub fn circuit(&self) -> CircuitState {
        self.state().state(Instant::now())
    }

    /// Requests that it has.
    pub(super) fn busy_with(&self) -> u64 {
        self.busy.load(Relaxed)
    }

    pub(super) fn may_be_asked(&self) -> bool {
        self.state().admits(Instant::now())
    }

    /// A request goes to `node`.
    pub(super) fn begin(node: &Arc<Self>) -> BusyNode {
        let begun = Instant::now();
        node.state().begins(begun);
        node.busy.fetch_add(1, Relaxed);
        BusyNode { node: Arc::clone(node), begun }
    }

    /// Its rows of a page of metrics in Prometheus's text format; `labels` go before its own.
    pub fn metrics(&self, labels: &str, page: &mut String) {
        let labels = format!("{labels}node=\"{}\"", self.name());
        for (class, counter) in (1..).zip(&self.answers) {
            let count = counter.load(Relaxed);
            let _ = writeln!(
                page,
                "countersign_cluster_answers_total{{{labels},class=\"{class}xx\"}} {count}"
            );
        }
        let mut row = |name: &str, value: u64| {
            let _ = writeln!(page, "countersign_cluster_{name}{{{labels}}} {value}");
        };
        row("failures_total", self.failures.load(Relaxed));
        row("requests_running", self.busy_with());
        row("connections_open", self.open.load(Relaxed));
        row("circuit_open", u64::from(self.circuit() != CircuitState::Closed));
        let mut total = 0;
        for (index, counter) in self.buckets.iter().enumerate() {
            total += counter.load(Relaxed);
            let bound = BOUNDS_SECONDS.get(index).map_or("+Inf".to_owned(), f64::to_string);
            let _ = writeln!(
                page,
                "countersign_cluster_answer_seconds_bucket{{{labels},le=\"{bound}\"}} {total}"
            );
        }
        let seconds = self.micros.load(Relaxed) as f64 / 1e6;
        let _ = writeln!(page, "countersign_cluster_answer_seconds_sum{{{labels}}} {seconds}");
        let _ = writeln!(page, "countersign_cluster_answer_seconds_count{{{labels}}} {total}");
    }

    fn state(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BusyNode {
    /// Which node.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The head of an answer came.
    pub(super) fn answered(&self, status: u16) {
        let (node, took) = (&self.node, self.begun.elapsed());
        node.state().answered();
        if let Some(counter) = node.answers.get(usize::from(status / 100).saturating_sub(1)) {
            counter.fetch_add(1, Relaxed);
        }
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS_SECONDS.iter().take_while(|bound| seconds > **bound).count();
        if let Some(counter) = node.buckets.get(bucket) {
            counter.fetch_add(1, Relaxed);
        }
        node.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(0), Relaxed);
    }

    /// No answer came.
    pub(super) fn failed(&self) {
        self.node.failures.fetch_add(1, Relaxed);
        self.node.state().failed(Instant::now());
    }
}

impl Drop for BusyNode {
    fn drop(&mut self) {
        self.node.busy.fetch_sub(1, Relaxed);
    }
}
