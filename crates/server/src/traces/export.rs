//! The way of traces to the collector: a few hundred at a time.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::collector::{Collector, PAUSES};
use super::{Counts, Message, Trace, otlp};
use crate::guards::limits;

/// Where spans are taken: the path that OTLP's exporters append to an endpoint.
pub(super) const PATH: &str = "/v1/traces";

/// How long traces are gathered.
const GATHER_TIME: Duration = Duration::from_secs(2);

/// Sends what ends, until nobody is left who could end anything.
pub(super) async fn run(
    collector: Collector,
    mut ended: mpsc::Receiver<Message>,
    counts: Arc<Counts>,
) {
    let mut gathered = Vec::new();
    while let Some(message) = ended.recv().await {
        let mut flushed = take(message, &mut gathered);
        let until = Instant::now() + GATHER_TIME;
        while flushed.is_none() && gathered.len() < limits::TRACES_AT_ONCE_MAX {
            match tokio::time::timeout_at(until, ended.recv()).await {
                Ok(Some(message)) => flushed = take(message, &mut gathered),
                Ok(None) | Err(_) => break,
            }
        }
        let pauses = if flushed.is_some() { &[][..] } else { &PAUSES[..] };
        if !gathered.is_empty() {
            let fault = collector.send(otlp::body(&gathered), pauses).await;
            tell(&counts, gathered.len(), fault);
            gathered.clear();
        }
        flushed.map(|told| told.send(()));
    }
}

/// What became of so many traces.
fn tell(counts: &Counts, traces: usize, fault: Option<String>) {
    let count = if fault.is_none() { &counts.exported } else { &counts.failed };
    count.fetch_add(traces as u64, Relaxed);
    let mut known = counts.fault.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match (&*known, &fault) {
        (None, Some(why)) => tracing::warn!(why, "the collector takes no traces"),
        (Some(_), None) => tracing::info!("the collector takes traces again"),
        _ => {}
    }
    *known = fault;
}

/// Gathers a trace; whoever waits until all are sent is given back.
fn take(message: Message, gathered: &mut Vec<Trace>) -> Option<oneshot::Sender<()>> {
    match message {
        Message::Ended(trace) => {
            gathered.push(*trace);
            None
        }
        Message::Flush(told) => Some(told),
    }
}
