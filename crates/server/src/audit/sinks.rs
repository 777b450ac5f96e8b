//! Where records go beside the files: standard output, a collector of OpenTelemetry's, an index of their domain (decision 0193). Each
//! gets the very line that the files get, once its request has ended: what is redacted there is redacted here. From the index of a
//! domain is missing, too, what the domain's owner may not see of callers of other accounts (`audit/view.rs`).

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;

use super::queue::{RecordQueue, SinkCounts};
use crate::guards::limits;
use crate::service::domain_key::DomainKey;
use crate::settings::AuditSettings;

/// The sinks, as settings and metrics name them.
const NAMES: [&str; 3] = ["stdout", "otlp", "index"];

/// The queues of the sinks.
#[derive(Debug, Default)]
pub(crate) struct AuditSinks {
    counts: [Arc<SinkCounts>; 3],
    stdout: Option<Arc<RecordQueue>>,
    collector: Option<Arc<RecordQueue>>,
    /// Of the domains that want their records in an index.
    indices: RwLock<BTreeMap<DomainKey, Arc<RecordQueue>>>,
    has_indices: AtomicBool,
}

impl AuditSinks {
    /// Those of the settings. Whoever starts the service lets them be emptied.
    pub(crate) fn new(settings: &AuditSettings) -> Self {
        let counts: [Arc<SinkCounts>; 3] = Default::default();
        let [stdout, collector, _] = &counts;
        let queue = |chosen: bool, name, counts: &Arc<SinkCounts>| {
            let bytes = limits::AUDIT_SINK_BYTES_WAITING_MAX;
            chosen.then(|| RecordQueue::new(name, bytes, Arc::clone(counts)))
        };
        let [stdout_name, collector_name, _] = NAMES;
        Self {
            stdout: queue(settings.stdout, stdout_name, stdout),
            collector: queue(settings.otlp, collector_name, collector),
            counts,
            ..Self::default()
        }
    }

    /// The queue for the collector, where records go to one.
    pub(crate) fn collector(&self) -> Option<Arc<RecordQueue>> {
        self.collector.clone()
    }

    /// Writes to standard output what waits for it, on a thread of its own: whoever does not read it stops nothing else.
    ///
    /// # Errors
    /// Where there is no such thread.
    pub(crate) fn write_stdout(&self) -> std::io::Result<()> {
        let Some(queue) = self.stdout.clone() else { return Ok(()) };
        let thread = std::thread::Builder::new().name("audit-stdout".to_owned());
        thread.spawn(move || write(&queue, std::io::stdout())).map(drop)
    }

    /// Gives a record to every sink that wants it; `line` is the record's in the files, and with `domain` is what the index of that
    /// domain gets.
    pub(super) fn offer(
        &self,
        line: &[u8],
        time: Option<Timestamp>,
        domain: Option<(&DomainKey, &[u8])>,
    ) {
        for queue in [&self.stdout, &self.collector].into_iter().flatten() {
            queue.offer(line, time);
        }
        if let Some((domain, line)) = domain.filter(|_| self.has_indices.load(Relaxed)) {
            let indices = self.indices.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(queue) = indices.get(domain) {
                queue.offer(line, time);
            }
        }
    }

    /// Whether this domain's records go to an index.
    pub(super) fn has_index(&self, domain: &DomainKey) -> bool {
        let indices = || self.indices.read().unwrap_or_else(PoisonError::into_inner);
        self.has_indices.load(Relaxed) && indices().contains_key(domain)
    }

    /// These domains want their records in an index, and no others; their queues.
    pub(crate) fn choose_indices(&self, domains: &[DomainKey]) -> Vec<Arc<RecordQueue>> {
        if domains.is_empty() && !self.has_indices.load(Relaxed) {
            return Vec::new();
        }
        let mut indices = self.indices.write().unwrap_or_else(PoisonError::into_inner);
        let gone = indices.extract_if(.., |key, _| !domains.contains(key));
        gone.for_each(|(_, queue)| self.lost_of_index(queue.take(usize::MAX).len()));
        let ([.., counts], [.., name]) = (&self.counts, NAMES);
        let new =
            || RecordQueue::new(name, limits::AUDIT_INDEX_BYTES_WAITING_MAX, Arc::clone(counts));
        let queues = domains
            .iter()
            .map(|key| Arc::clone(indices.entry(key.clone()).or_insert_with(new)))
            .collect();
        self.has_indices.store(!domains.is_empty(), Relaxed);
        queues
    }

    /// So many records wait for an index that their domain does not want any more.
    pub(crate) fn lost_of_index(&self, records: usize) {
        let [.., counts] = &self.counts;
        counts.failed.fetch_add(records as u64, Relaxed);
    }

    /// Waits until standard output has what waits for it, or `patience` is over.
    pub(crate) fn settle(&self, patience: Duration) {
        if let Some(queue) = &self.stdout {
            queue.settle(patience);
        }
    }

    /// Nothing will come any more.
    pub(super) fn end(&self) {
        self.stdout.iter().for_each(|queue| queue.end());
    }

    /// Which sinks take nothing, and why.
    pub(crate) fn missing(&self) -> Vec<(String, String)> {
        let of = |queue: &Arc<RecordQueue>| queue.fault();
        let [stdout, collector, index] = NAMES.map(|name| format!("audit.{name}"));
        let indices = self.indices.read().unwrap_or_else(PoisonError::into_inner);
        let indices = indices.iter().filter_map(|(key, queue)| {
            Some((index.clone(), format!("domain {}: {}", key.name, queue.fault()?)))
        });
        let others = [(stdout, &self.stdout), (collector, &self.collector)];
        let others = others
            .into_iter()
            .filter_map(|(name, queue)| Some((name, queue.as_ref().and_then(of)?)));
        others.chain(indices).collect()
    }

    /// Its rows of the page of metrics.
    pub(crate) fn metrics(&self) -> String {
        type Counted = fn(&SinkCounts) -> &AtomicU64;
        let rows: [(&str, &str, Counted); 3] = [
            ("written", "Audit records that a sink beside the files took.", |it| &it.written),
            (
                "left_out",
                "Audit records that came faster than a sink beside the files took them.",
                |it| &it.left_out,
            ),
            ("failed", "Audit records that a sink beside the files did not take.", |it| &it.failed),
        ];
        let mut page = String::new();
        for (what, help, count) in rows {
            let name = format!("countersign_audit_sink_{what}_total");
            page += &format!("# HELP {name} {help}\n# TYPE {name} counter\n");
            for (sink, counts) in NAMES.iter().zip(&self.counts) {
                page += &format!("{name}{{sink=\"{sink}\"}} {}\n", count(counts).load(Relaxed));
            }
        }
        page
    }
}

/// Writes what waits, until nothing will come any more.
fn write(queue: &RecordQueue, mut out: impl Write) {
    loop {
        let lines = queue.wait(limits::AUDIT_SINK_AT_ONCE_MAX);
        if lines.is_empty() {
            return;
        }
        let written = out.write_all(&lines.concat()).and_then(|()| out.flush());
        match written {
            Ok(()) => queue.done(lines.len(), 0, None),
            Err(error) => queue.done(0, lines.len(), Some(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> DomainKey {
        let text = str::to_owned;
        DomainKey { account: text("1"), region: text("r"), name: text(name), unique: text("u") }
    }

    #[test]
    fn a_record_goes_to_the_index_of_its_own_domain_and_of_no_other() {
        let sinks = AuditSinks::new(&AuditSettings::default());
        assert!(sinks.choose_indices(&[]).is_empty());
        let queues = sinks.choose_indices(&[key("a"), key("b")]);
        sinks.offer(b"line", None, Some((&key("b"), b"owner's")));
        sinks.offer(b"line", None, Some((&key("c"), b"owner's")));
        sinks.offer(b"line", None, None);
        let lines: Vec<_> = queues.iter().map(|queue| queue.take(9).concat()).collect();
        assert_eq!(lines, [&b""[..], b"owner's"]);
        // A domain that is chosen again keeps what waits for it.
        sinks.offer(b"line", None, Some((&key("b"), b"line")));
        assert_eq!(sinks.choose_indices(&[key("b")])[0].take(9).len(), 1);
        // What waits for one that is not chosen any more is counted.
        sinks.offer(b"line", None, Some((&key("b"), b"line")));
        assert!(sinks.choose_indices(&[]).is_empty());
        let lost = "countersign_audit_sink_failed_total{sink=\"index\"} 1\n";
        assert!(sinks.metrics().contains(lost), "{}", sinks.metrics());
    }

    #[test]
    fn standard_output_that_is_closed_is_told_and_the_records_are_counted() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let settings = AuditSettings { stdout: true, ..AuditSettings::default() };
        let sinks = AuditSinks::new(&settings);
        sinks.offer(b"{}\n", None, None);
        let queue = sinks.stdout.clone().unwrap();
        queue.end();
        write(&queue, Closed);
        assert_eq!(sinks.missing(), [("audit.stdout".to_owned(), "broken pipe".to_owned())]);
        assert!(
            sinks.metrics().contains("countersign_audit_sink_failed_total{sink=\"stdout\"} 1\n")
        );
        let mut out = Vec::new();
        sinks.offer(b"{}\n", None, None);
        write(&queue, &mut out);
        assert_eq!((out.as_slice(), sinks.missing()), (&b"{}\n"[..], Vec::new()));
    }
}
