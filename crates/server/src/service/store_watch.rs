//! How old what this gateway decides on is, where the state is in a database that several share: while the database is gone it
//! decides on what it read last, for as long as `state.stale_for` says, and then on nothing (decision 0163).

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::service::clock::Stopwatch;

/// Since when there is nothing new to know, and why.
pub(crate) struct StoreWatch {
    /// The state is in a database; a file beside the process does not get lost.
    shared: bool,
    /// Told when somebody committed.
    pub(crate) news: Notify,
    watch: Stopwatch,
    /// When the newest look began that found everything, in milliseconds of `watch`.
    seen: AtomicU64,
    /// Why the last look failed.
    fault: Mutex<Option<String>>,
    failures: AtomicU64,
    refused: AtomicU64,
}

impl StoreWatch {
    /// Everything was read just now.
    pub(crate) fn new(shared: bool) -> Self {
        Self {
            shared,
            news: Notify::new(),
            watch: Stopwatch::start(),
            seen: AtomicU64::new(0),
            fault: Mutex::default(),
            failures: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// The moment at which a look begins: what was committed before is found by it.
    pub(crate) fn begin(&self) -> Duration {
        self.watch.elapsed()
    }

    /// What a look found that began at `begun`. Says whether that is another thing than the one before it did.
    pub(crate) fn looked(&self, begun: Duration, outcome: Result<(), String>) -> bool {
        let fault = outcome.err();
        match &fault {
            None => self.seen.store(millis(begun), Ordering::Release),
            Some(_) => drop(self.failures.fetch_add(1, Ordering::Relaxed)),
        }
        let mut told = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = told.is_some() != fault.is_some();
        *told = fault;
        changed
    }

    /// How old what is known is, if that is more than `stale_for`.
    pub(crate) fn too_old(&self, stale_for: Duration) -> Option<Duration> {
        self.shared.then(|| self.age()).filter(|age| *age > stale_for)
    }

    /// As [`StoreWatch::too_old`], for a request, which is refused then.
    pub(crate) fn refuses(&self, stale_for: Duration) -> bool {
        let refused = self.too_old(stale_for).is_some();
        if refused {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        refused
    }

    /// What `/readyz` says of a database that is gone.
    pub(crate) fn missing(&self, stale_for: Duration) -> Option<String> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let age = self.age().as_secs();
        let left = stale_for.as_secs().saturating_sub(age);
        let then = match self.too_old(stale_for) {
            None => format!("changes are refused; everything is in {left} s"),
            Some(_) => "everything is refused".to_owned(),
        };
        let why = fault?;
        self.shared.then(|| format!("missing: the state, last read {age} s ago: {why}; {then}\n"))
    }

    fn age(&self) -> Duration {
        self.watch
            .elapsed()
            .saturating_sub(Duration::from_millis(self.seen.load(Ordering::Acquire)))
    }

    /// Its rows of `/metrics`; none where the state is in a file.
    pub(crate) fn metrics(&self, version: u64) -> String {
        if !self.shared {
            return String::new();
        }
        let lost = self.fault.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let mut page = String::new();
        let mut row = |name: &str, kind: &str, help: &str, value: f64| {
            let _ = writeln!(
                page,
                "# HELP countersign_state_{name} {help}\n# TYPE countersign_state_{name} {kind}\ncountersign_state_{name} {value}"
            );
        };
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
        row(
            "up",
            "gauge",
            "Whether the state's database could be read when it was looked at last.",
            f64::from(u8::from(!lost)),
        );
        row(
            "age_seconds",
            "gauge",
            "How old what requests are decided on may be.",
            self.age().as_secs_f64(),
        );
        row(
            "version",
            "gauge",
            "The version of the state that requests are decided on: the same on all gateways.",
            version as f64,
        );
        row(
            "failures_total",
            "counter",
            "Looks at the state's database that failed.",
            count(&self.failures),
        );
        row(
            "refused_total",
            "counter",
            "Requests refused because what is known of the state is too old.",
            count(&self.refused),
        );
        page
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn what_is_known_is_as_old_as_the_begin_of_the_last_look_that_found_it() {
        let watch = StoreWatch::new(true);
        assert!(watch.too_old(Duration::ZERO).is_some() && watch.too_old(HOUR).is_none());
        assert!(watch.refuses(Duration::ZERO) && !watch.refuses(HOUR));
        assert!(watch.looked(HOUR, Err("gone".to_owned())), "that is news");
        assert!(!watch.looked(HOUR, Err("gone".to_owned())), "and that is none");
        assert!(watch.too_old(Duration::ZERO).is_some(), "a look that failed found nothing");
        let missing = |time| watch.missing(time).unwrap();
        assert_eq!(
            missing(HOUR),
            "missing: the state, last read 0 s ago: gone; changes are refused; everything is in 3600 s\n"
        );
        assert!(missing(Duration::ZERO).ends_with("gone; everything is refused\n"));
        assert!(watch.looked(HOUR, Ok(())), "found again");
        assert!(watch.too_old(Duration::ZERO).is_none());
        assert_eq!(watch.missing(HOUR), None);
        let page = watch.metrics(7);
        for row in ["up 1", "version 7", "failures_total 2", "refused_total 1"] {
            assert!(page.contains(&format!("\ncountersign_state_{row}\n")), "{row}: {page}");
        }
    }

    #[test]
    fn a_state_in_a_file_is_never_too_old() {
        let watch = StoreWatch::new(false);
        watch.looked(Duration::ZERO, Err("damaged".to_owned()));
        assert!(watch.too_old(Duration::ZERO).is_none());
        assert!(watch.missing(HOUR).is_none() && watch.metrics(1).is_empty());
    }
}
