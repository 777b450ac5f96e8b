//! Counters of a proxy, in the Prometheus text format.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use crate::credentials::CacheStatus;

/// What is counted.
#[derive(Default)]
pub struct ProxyMetrics {
    answered: [AtomicU64; 6],
    /// Requests that never left: refused by the proxy itself.
    pub refused: AtomicU64,
    /// Requests that the endpoint did not answer.
    pub failed: AtomicU64,
    /// Bodies that went to a temporary file.
    pub spilled: AtomicU64,
    /// Bytes of request bodies sent.
    pub sent_bytes: AtomicU64,
}

impl ProxyMetrics {
    /// Counts an answer of the endpoint.
    pub fn answered(&self, status: u16) {
        if let Some(counter) = self.answered.get(usize::from(status / 100)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The page.
    #[must_use]
    pub fn page(&self, credentials: CacheStatus, now: Timestamp) -> String {
        let mut page = String::from("# TYPE countersign_proxy_answers_total counter\n");
        for (class, counter) in self.answered.iter().enumerate().skip(1) {
            let count = counter.load(Ordering::Relaxed);
            let _ =
                writeln!(page, "countersign_proxy_answers_total{{class=\"{class}xx\"}} {count}");
        }
        let counters = [
            ("countersign_proxy_refused_total", self.refused.load(Ordering::Relaxed)),
            ("countersign_proxy_failed_total", self.failed.load(Ordering::Relaxed)),
            ("countersign_proxy_spilled_total", self.spilled.load(Ordering::Relaxed)),
            ("countersign_proxy_sent_bytes_total", self.sent_bytes.load(Ordering::Relaxed)),
            ("countersign_proxy_credential_loads_total", credentials.loads),
            ("countersign_proxy_credential_failures_total", credentials.failures),
        ];
        for (name, count) in counters {
            let _ = writeln!(page, "# TYPE {name} counter\n{name} {count}");
        }
        if let Some(expires) = credentials.expires {
            let seconds = now.duration_until(expires).as_secs();
            let name = "countersign_proxy_credentials_expire_seconds";
            let _ = writeln!(page, "# TYPE {name} gauge\n{name} {seconds}");
        }
        page
    }
}
