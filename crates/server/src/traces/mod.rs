//! Traces of requests, for a collector of OpenTelemetry's (decision 0174): a span for the request, one for each phase of the walk, and
//! one for what a cluster elsewhere was asked. Off unless `traces.endpoint` is set; then nothing is measured, and of a request only the
//! caller's `traceparent` is read, to be handed on.
//!
//! What is told is taken from the audit's record, where secrets are redacted already; and of that no path, no query, no body,
//! no address and no name of a caller. Audit records go to the same collector where the operator wants them there (decision 0193).

mod collector;
mod context;
mod export;
mod logs;
mod otlp;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

pub(crate) use self::collector::check;
pub(crate) use self::context::TraceParent;
pub(crate) use self::logs::{AuditLogs, check_logs};
use crate::audit::AuditRecord;
use crate::guards::limits;
use crate::service::clock::Stopwatch;
use crate::settings::TraceSettings;

/// Where traces go.
pub(crate) struct Traces {
    queue: mpsc::Sender<Message>,
    percent: u32,
    counts: Arc<Counts>,
}

/// What became of traces.
#[derive(Default)]
struct Counts {
    exported: AtomicU64,
    /// They came faster than the collector took them.
    dropped: AtomicU64,
    /// The collector did not take them.
    failed: AtomicU64,
    /// Why, the last time.
    fault: std::sync::Mutex<Option<String>>,
}

enum Message {
    Ended(Box<Trace>),
    /// Everything before it shall be sent now.
    Flush(oneshot::Sender<()>),
}

impl Traces {
    /// Traces to the collector of the settings; none where there is none.
    ///
    /// # Errors
    /// In words: what of the settings cannot be used.
    pub(crate) fn open(settings: &TraceSettings) -> Result<Option<Self>, String> {
        let Some(collector) = collector::Collector::of(settings, export::PATH)? else {
            return Ok(None);
        };
        let (queue, ended) = mpsc::channel(limits::TRACES_WAITING_MAX);
        let counts = Arc::<Counts>::default();
        tokio::spawn(export::run(collector, ended, Arc::clone(&counts)));
        Ok(Some(Self { queue, percent: settings.percent, counts }))
    }

    /// The trace of a request that begins; none where the caller said that it is not to be traced, or by lot.
    pub(crate) fn begin(
        &self,
        parent: Option<TraceParent>,
        begun: Timestamp,
    ) -> Option<Box<Trace>> {
        let random = crate::audit::random_bytes;
        let trace_id = match &parent {
            Some(parent) if parent.is_sampled() => parent.trace_id,
            Some(_) => return None,
            None => random(),
        };
        if parent.is_none() && context::lot(&trace_id) >= self.percent {
            return None;
        }
        let span = u64::from_be_bytes(random().first_chunk().copied().unwrap_or_default());
        let (queue, counts) = (self.queue.clone(), Arc::clone(&self.counts));
        Some(Box::new(Trace {
            sink: Some((queue, counts)),
            trace_id,
            parent: parent.map(|parent| parent.span_id),
            span,
            begun,
            watch: Stopwatch::start(),
            phases: Vec::with_capacity(12),
            call: None,
            ended: Duration::ZERO,
            told: Told::default(),
        }))
    }

    /// Lets what has ended be sent, at most `patience`.
    pub(crate) async fn settle(&self, patience: Duration) {
        let (told, sent) = oneshot::channel();
        let flushing = async {
            if self.queue.send(Message::Flush(told)).await.is_ok() {
                let _ = sent.await;
            }
        };
        let _ = tokio::time::timeout(patience, flushing).await;
    }

    /// What `/readyz` says of a collector that takes nothing.
    pub(crate) fn missing(&self) -> Option<String> {
        let fault = self.counts.fault.lock();
        fault.unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Its rows of the page of metrics.
    pub(crate) fn metrics(&self) -> String {
        let rows = [
            ("exported", "Traces that the collector took.", &self.counts.exported),
            (
                "dropped",
                "Traces that came faster than the collector took them.",
                &self.counts.dropped,
            ),
            ("failed", "Traces that the collector did not take.", &self.counts.failed),
        ];
        let row = |(name, help, count): (&str, &str, &AtomicU64)| {
            let (name, count) = (format!("countersign_traces_{name}_total"), count.load(Relaxed));
            format!("# HELP {name} {help}\n# TYPE {name} counter\n{name} {count}\n")
        };
        rows.map(row).concat()
    }
}

/// One request, while it is under way and until it is sent.
pub(crate) struct Trace {
    sink: Option<(mpsc::Sender<Message>, Arc<Counts>)>,
    trace_id: [u8; 16],
    parent: Option<[u8; 8]>,
    /// The id of the request's own span; those of the others follow it.
    span: u64,
    begun: Timestamp,
    watch: Stopwatch,
    /// When each phase began.
    phases: Vec<(&'static str, Duration)>,
    call: Option<ClusterCall>,
    ended: Duration,
    told: Told,
}

/// What a cluster was asked.
struct ClusterCall {
    begun: Duration,
    ended: Option<Duration>,
    node: Option<String>,
    status: Option<u16>,
}

/// What is told of a request.
#[derive(Default)]
struct Told {
    method: String,
    status: u16,
    request_id: String,
    listener: String,
    action: Option<String>,
    refusal: Option<String>,
}

impl Trace {
    /// A phase begins, and the one before it has ended.
    pub(crate) fn phase(&mut self, name: &'static str) {
        if self.phases.len() < limits::TRACE_PHASES_MAX {
            self.phases.push((name, self.watch.elapsed()));
        }
    }

    /// A cluster is asked: the `traceparent` that says by whom.
    pub(crate) fn calls(&mut self) -> TraceParent {
        let begun = self.watch.elapsed();
        self.call = Some(ClusterCall { begun, ended: None, node: None, status: None });
        TraceParent::sampled(self.trace_id, self.call_id())
    }

    /// The cluster answered, or did not.
    pub(crate) fn called(&mut self, node: Option<String>, status: Option<u16>) {
        let ended = Some(self.watch.elapsed());
        if let Some(call) = &mut self.call {
            *call = ClusterCall { begun: call.begun, ended, node, status };
        }
    }

    /// The request has ended as `record` says.
    pub(crate) fn end(mut self: Box<Self>, record: &AuditRecord) {
        self.ended = self.watch.elapsed();
        self.told = Told {
            method: record.method.clone(),
            status: record.status,
            request_id: record.request_id.clone(),
            listener: record.listener.clone(),
            action: record.action.clone(),
            refusal: record.refusal_kind.clone(),
        };
        let Some((queue, counts)) = self.sink.take() else { return };
        if queue.try_send(Message::Ended(self)).is_err() {
            counts.dropped.fetch_add(1, Relaxed);
        }
    }

    /// Behind the phases' ids.
    fn call_id(&self) -> [u8; 8] {
        self.id(limits::TRACE_PHASES_MAX as u64 + 1)
    }

    fn id(&self, number: u64) -> [u8; 8] {
        // No id is 0.
        self.span.wrapping_add(number).max(1).to_be_bytes()
    }
}
