//! Counters of the service, in Prometheus's text format on the admin listener.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Upper bounds of the duration histogram, in seconds.
const BOUNDS_SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];

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
    /// By class of status: 1xx … 5xx.
    answers: [AtomicU64; 5],
    forms: [AtomicU64; 4],
    basic: [AtomicU64; 4],
    buckets: [AtomicU64; 11],
    micros: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
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

    pub(crate) fn answer(&self, status: u16, took: Duration, bytes_in: u64, bytes_out: u64) {
        if let Some(counter) = self.answers.get(usize::from(status / 100).saturating_sub(1)) {
            counter.fetch_add(1, Relaxed);
        }
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS_SECONDS.iter().take_while(|bound| seconds > **bound).count();
        if let Some(counter) = self.buckets.get(bucket) {
            counter.fetch_add(1, Relaxed);
        }
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(0), Relaxed);
        self.bytes_in.fetch_add(bytes_in, Relaxed);
        self.bytes_out.fetch_add(bytes_out, Relaxed);
    }

    /// The page of `/metrics`.
    #[must_use]
    pub fn page(&self, audit_failures: u64, domains: usize) -> String {
        let mut page = Page(String::new());
        self.counters.write(&mut page);
        page.head("answers_total", "counter", "Answers by class of status.");
        for (class, counter) in (1..).zip(&self.answers) {
            page.row("answers_total", &format!("{{class=\"{class}xx\"}}"), counter.load(Relaxed));
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
        self.durations(&mut page);
        page.one("bytes_in_total", "counter", "Bytes of bodies received.", &self.bytes_in);
        page.one("bytes_out_total", "counter", "Bytes of bodies sent.", &self.bytes_out);
        page.head("audit_failures_total", "counter", "Audit records that could not be written.");
        page.row("audit_failures_total", "", audit_failures);
        page.head("domains", "gauge", "Domains that are listening.");
        page.row("domains", "", domains as u64);
        page.0
    }

    fn durations(&self, page: &mut Page) {
        page.head("duration_seconds", "histogram", "From the head of a request to its answer.");
        let mut total = 0;
        for (index, counter) in self.buckets.iter().enumerate() {
            total += counter.load(Relaxed);
            let bound = BOUNDS_SECONDS.get(index).map_or("+Inf".to_owned(), f64::to_string);
            page.row("duration_seconds_bucket", &format!("{{le=\"{bound}\"}}"), total);
        }
        let seconds = self.micros.load(Relaxed) as f64 / 1e6;
        let _ = writeln!(page.0, "countersign_duration_seconds_sum {seconds}");
        page.row("duration_seconds_count", "", total);
    }
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
        assert_eq!((count, names.len()), (21, 21));
    }

    #[test]
    fn an_answer_is_counted_by_its_class_and_in_its_bucket() {
        let metrics = Metrics::default();
        metrics.answer(403, Duration::from_millis(2), 10, 20);
        let page = metrics.page(0, 1);
        assert!(page.contains("countersign_answers_total{class=\"4xx\"} 1"));
        assert!(page.contains("countersign_duration_seconds_bucket{le=\"0.001\"} 0"));
        assert!(page.contains("countersign_duration_seconds_bucket{le=\"0.0025\"} 1"));
        assert!(page.contains("countersign_duration_seconds_count 1"));
    }
}
