//! Counters of the service, in Prometheus's text format on the admin listener.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use jiff::Timestamp;
use serde_json::Value;

use crate::service::traffic::{
    BOUNDS_SECONDS, CountedAnswer, Held, Minute, Traffic, TrafficCounters, TrafficHistory,
};

/// The signature forms, as sigv4 names them.
const FORMS: [&str; 4] = ["aws", "raw-query", "plus-literal", "raw-path"];

/// How Basic authentication ended: proven by Argon2id, known from before, wrong, over the limit of failures.
const BASIC: [&str; 4] = ["proven", "kept", "refused", "limited"];

/// A row for each counter of single events: the method that counts one, its name on the page, what it counts.
macro_rules! counters {
    ($($method:ident $name:literal $help:literal;)*) => {
        #[derive(Debug, Default)]
        struct Counters {
            $($method: AtomicU64,)*
        }

        impl Counters {
            fn write(&self, page: &mut Page) {
                $(page.one($name, "counter", $help, &self.$method);)*
            }
        }

        impl Metrics {
            $(
                #[doc = $help]
                pub(crate) fn $method(&self) {
                    self.counters.$method.fetch_add(1, Relaxed);
                }
            )*
        }
    };
}

counters! {
    connection "connections_total" "TCP connections accepted.";
    connection_refused "connections_refused_total"
        "TCP connections closed at once because their address has enough.";
    handshake_failed "handshakes_failed_total" "TLS handshakes that failed.";
    plain_http "plain_http_total"
        "Connections that spoke plain HTTP where TLS is spoken: answered 400.";
    denied "denied_total" "Requests that the policies denied.";
    signature_refused "signature_refused_total" "Requests with a refused signature.";
    unmapped "unmapped_total" "Requests for an API that no table knows.";
    unparsed "unparsed_total" "Heads that were no HTTP or too large.";
    signature_limited "signature_limited_total"
        "Requests refused because their source had too many failed signatures.";
    replayed "replayed_total" "Requests refused because their signature was used before.";
    replays_full "replay_cache_full_total"
        "Requests refused because the replay cache was full.";
    workload_refused "workload_refused_total"
        "Requests for credentials with an unknown workload token.";
    workload_limited "workload_limited_total"
        "Requests for credentials refused because their source had too many wrong tokens.";
}

/// What the service counts.
#[derive(Debug, Default)]
pub struct Metrics {
    counters: Counters,
    forms: [AtomicU64; 4],
    basic: [AtomicU64; 4],
    traffic: TrafficCounters,
    history: TrafficHistory,
}

impl Metrics {
    pub(crate) fn form(&self, form: &str) {
        for (_, counter) in FORMS.iter().zip(&self.forms).filter(|(name, _)| **name == form) {
            counter.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn basic(&self, outcome: &str) {
        for (_, counter) in BASIC.iter().zip(&self.basic).filter(|(name, _)| **name == outcome) {
            counter.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn answer(&self, answer: &CountedAnswer) {
        self.traffic.count(answer);
    }

    /// A minute is over: it.
    pub(crate) fn take(&self, now: Timestamp, held: Held) -> Minute {
        self.history.take(now, &self.traffic, Some(held))
    }

    /// The last hour.
    pub(crate) fn history(&self, now: Timestamp, held: Held) -> Vec<Value> {
        self.history.told(now, &self.traffic, Some(held))
    }

    /// The page of `/metrics`.
    #[must_use]
    pub fn page(&self, audit_failures: u64, domains: usize) -> String {
        let mut page = Page(String::new());
        let traffic = self.traffic.read();
        self.counters.write(&mut page);
        page.head("answers_total", "counter", "Answers by class of status.");
        for (class, count) in (1..).zip(traffic.answers) {
            page.row("answers_total", &format!("{{class=\"{class}xx\"}}"), count);
        }
        page.head("refused_total", "counter", "Refused requests by the layer that refused them.");
        for (layer, count) in traffic.refusals() {
            page.row("refused_total", &format!("{{layer=\"{layer}\"}}"), count);
        }
        page.head(
            "signature_forms_total",
            "counter",
            "Verified signatures by the form that matched.",
        );
        for (form, counter) in FORMS.iter().zip(&self.forms) {
            page.row(
                "signature_forms_total",
                &format!("{{form=\"{form}\"}}"),
                counter.load(Relaxed),
            );
        }
        page.head("basic_total", "counter", "Name and password checks by their outcome.");
        for (outcome, counter) in BASIC.iter().zip(&self.basic) {
            page.row("basic_total", &format!("{{outcome=\"{outcome}\"}}"), counter.load(Relaxed));
        }
        durations(&traffic, &mut page);
        page.head("bytes_in_total", "counter", "Bytes of bodies received.");
        page.row("bytes_in_total", "", traffic.bytes_in);
        page.head("bytes_out_total", "counter", "Bytes of bodies sent.");
        page.row("bytes_out_total", "", traffic.bytes_out);
        page.head("audit_failures_total", "counter", "Audit records that could not be written.");
        page.row("audit_failures_total", "", audit_failures);
        page.head("domains", "gauge", "Domains that are listening.");
        page.row("domains", "", domains as u64);
        page.0
    }
}

fn durations(traffic: &Traffic, page: &mut Page) {
    page.head("duration_seconds", "histogram", "From the head of a request to its answer.");
    let mut total = 0;
    for (index, count) in traffic.buckets.iter().enumerate() {
        total += count;
        let bound = BOUNDS_SECONDS.get(index).map_or("+Inf".to_owned(), f64::to_string);
        page.row("duration_seconds_bucket", &format!("{{le=\"{bound}\"}}"), total);
    }
    let seconds = traffic.micros as f64 / 1e6;
    let _ = writeln!(page.0, "countersign_duration_seconds_sum {seconds}");
    page.row("duration_seconds_count", "", total);
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ =
            writeln!(self.0, "# HELP countersign_{name} {help}\n# TYPE countersign_{name} {kind}");
    }

    fn row(&mut self, name: &str, labels: &str, value: u64) {
        let _ = writeln!(self.0, "countersign_{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, counter: &AtomicU64) {
        self.head(name, kind, help);
        self.row(name, "", counter.load(Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_counter_is_counted_under_its_own_name_and_each_name_is_told_once() {
        let metrics = Metrics::default();
        metrics.denied();
        let page = metrics.page(0, 1);
        assert!(
            page.contains(
                "\n# TYPE countersign_denied_total counter\ncountersign_denied_total 1\n"
            )
        );
        assert!(page.contains("\ncountersign_replayed_total 0\n"));
        let mut names: Vec<&str> =
            page.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!((count, names.len()), (22, 22));
    }

    #[test]
    fn an_answer_is_counted_by_its_class_and_in_its_bucket() {
        let metrics = Metrics::default();
        metrics.answer(&CountedAnswer {
            status: 403,
            refused_by: serde_json::from_str("\"policies\"").ok(),
            took: Duration::from_millis(2),
            bytes_in: 10,
            bytes_out: 20,
        });
        let page = metrics.page(0, 1);
        assert!(page.contains("countersign_answers_total{class=\"4xx\"} 1"));
        assert!(page.contains("countersign_refused_total{layer=\"policies\"} 1"));
        assert!(page.contains("countersign_refused_total{layer=\"notBuilt\"} 0"));
        assert!(page.contains("countersign_duration_seconds_bucket{le=\"0.001\"} 0"));
        assert!(page.contains("countersign_duration_seconds_bucket{le=\"0.0025\"} 1"));
        assert!(page.contains("countersign_duration_seconds_count 1"));
    }
}
