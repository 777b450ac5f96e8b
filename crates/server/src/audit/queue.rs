//! Records that wait for a sink: bounded, so that one which takes nothing costs records and neither memory nor anybody's time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::line;
use super::record::AuditRecord;

/// What became of the records for a sink, over all of its queues.
#[derive(Debug, Default)]
pub(crate) struct SinkCounts {
    pub(super) written: AtomicU64,
    /// They came faster than the sink took them.
    pub(super) left_out: AtomicU64,
    /// The sink did not take them.
    pub(super) failed: AtomicU64,
}

/// The queue of one sink.
#[derive(Debug)]
pub(crate) struct RecordQueue {
    /// As settings and metrics name the sink.
    name: &'static str,
    bytes_max: usize,
    waiting: Mutex<WaitingRecords>,
    changed: Condvar,
    counts: Arc<SinkCounts>,
    /// Why the sink took nothing, the last time.
    fault: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
struct WaitingRecords {
    lines: VecDeque<Box<[u8]>>,
    bytes: usize,
    /// Records that did not fit since the last one that was taken.
    left_out: usize,
    newest: Option<Timestamp>,
    /// Whoever took lines is not done with them.
    busy: bool,
    ended: bool,
}

impl RecordQueue {
    /// An empty queue of so many bytes.
    pub(crate) fn new(name: &'static str, bytes_max: usize, counts: Arc<SinkCounts>) -> Arc<Self> {
        Arc::new(Self {
            name,
            bytes_max,
            waiting: Mutex::default(),
            changed: Condvar::new(),
            counts,
            fault: Mutex::default(),
        })
    }

    /// Lets a record wait, if there is room. It waits for nobody.
    pub(super) fn offer(&self, line: &[u8], time: Option<Timestamp>) {
        let mut waiting = self.waiting();
        waiting.newest = waiting.newest.max(time);
        if waiting.bytes + line.len() > self.bytes_max {
            waiting.left_out += 1;
            drop(waiting);
            let left_out = self.counts.left_out.fetch_add(1, Relaxed) + 1;
            if left_out.is_power_of_two() {
                tracing::warn!(
                    sink = self.name,
                    left_out,
                    "audit records come faster than the sink takes them"
                );
            }
            return;
        }
        waiting.bytes += line.len();
        waiting.lines.push_back(line.into());
        drop(waiting);
        self.changed.notify_all();
    }

    /// The oldest records, at most so many; where others did not fit, a record before them says how many. Whoever takes
    /// some says by [`RecordQueue::done`] what became of them.
    pub(crate) fn take(&self, most: usize) -> Vec<Box<[u8]>> {
        Self::some(&mut self.waiting(), most)
    }

    fn some(waiting: &mut WaitingRecords, most: usize) -> Vec<Box<[u8]>> {
        let left_out = std::mem::take(&mut waiting.left_out);
        let told = (left_out > 0).then(|| missing(left_out, waiting.newest.unwrap_or_default()));
        let count = most.min(waiting.lines.len());
        let lines: Vec<_> = waiting.lines.drain(..count).collect();
        waiting.bytes -= lines.iter().map(|line| line.len()).sum::<usize>();
        waiting.busy = told.is_some() || !lines.is_empty();
        // What is missing came after what is here.
        lines.into_iter().chain(told).collect()
    }

    /// As [`RecordQueue::take`], and waits until there are some; none once the queue has ended.
    pub(super) fn wait(&self, most: usize) -> Vec<Box<[u8]>> {
        let idle = |waiting: &mut WaitingRecords| {
            waiting.lines.is_empty() && waiting.left_out == 0 && !waiting.ended
        };
        let waiting = self.changed.wait_while(self.waiting(), idle);
        Self::some(&mut waiting.unwrap_or_else(PoisonError::into_inner), most)
    }

    /// The sink took so many records that were taken out of the queue, and of so many others did not; why not.
    pub(crate) fn done(&self, written: usize, failed: usize, fault: Option<String>) {
        self.counts.written.fetch_add(written as u64, Relaxed);
        self.counts.failed.fetch_add(failed as u64, Relaxed);
        let mut known = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*known, &fault) {
            (None, Some(why)) => {
                tracing::error!(sink = self.name, why, "audit records are not taken")
            }
            (Some(_), None) => tracing::info!(sink = self.name, "audit records are taken again"),
            _ => {}
        }
        *known = fault;
        drop(known);
        self.waiting().busy = false;
        self.changed.notify_all();
    }

    /// Waits until all that waits was taken, or `patience` is over.
    pub(super) fn settle(&self, patience: Duration) {
        let busy = |waiting: &mut WaitingRecords| waiting.busy || !waiting.lines.is_empty();
        drop(self.changed.wait_timeout_while(self.waiting(), patience, busy));
    }

    /// Nothing will come any more.
    pub(super) fn end(&self) {
        self.waiting().ended = true;
        self.changed.notify_all();
    }

    /// Why the sink takes nothing, if that is so.
    pub(crate) fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn waiting(&self) -> MutexGuard<'_, WaitingRecords> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The record that says how many are missing.
fn missing(left_out: usize, time: Timestamp) -> Box<[u8]> {
    let why = format!("{left_out} records are missing here: they came faster than they were taken");
    let record = AuditRecord {
        requests_left_out: left_out,
        refusal: Some(why),
        ..AuditRecord::of_service(time, "AuditSink")
    };
    line::of(&record).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(bytes: usize) -> Arc<RecordQueue> {
        RecordQueue::new("stdout", bytes, Arc::default())
    }

    #[test]
    fn what_does_not_fit_is_counted_and_told_behind_what_was_there() {
        let queue = queue(10);
        for _ in 0..5 {
            queue.offer(b"four", Some(Timestamp::UNIX_EPOCH));
        }
        let lines = queue.take(100);
        assert_eq!(lines.len(), 3);
        let told: AuditRecord = serde_json::from_slice(&lines[2]).unwrap();
        assert_eq!((told.requests_left_out, told.action.as_deref()), (3, Some("AuditSink")));
        queue.done(3, 0, None);
        assert!(queue.take(100).is_empty(), "it is told once");
        queue.offer(b"four", None);
        assert_eq!(queue.take(100).len(), 1, "there is room again");
        assert_eq!(queue.counts.left_out.load(Relaxed), 3);
    }

    #[test]
    fn who_waits_for_a_sink_waits_no_longer_than_it_said() {
        let queue = queue(10);
        queue.offer(b"four", None);
        assert_eq!(queue.take(1).len(), 1);
        // Nobody ever says what became of it.
        queue.settle(Duration::from_millis(1));
        queue.done(0, 1, Some("gone".to_owned()));
        assert_eq!(queue.fault().as_deref(), Some("gone"));
        queue.settle(Duration::from_secs(600));
    }
}
