//! When a node is asked again that did not answer.

use std::time::Duration;

use tokio::time::Instant;

/// Failures in a row after which a node is left alone for a while.
const FAILURES_MAX: u32 = 3;

/// How long it is left alone, the first time; each time after it twice as long.
const OPEN_TIME_MIN: Duration = Duration::from_secs(1);

/// The longest that it is left alone.
const OPEN_TIME_MAX: Duration = Duration::from_secs(30);

/// Whether a node is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CircuitState {
    /// It is.
    Closed,
    /// It is left alone.
    Open,
    /// One request finds out whether it is well again.
    HalfOpen,
}

/// The circuit of one node: closed until it fails [`FAILURES_MAX`] times in a row.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    failures: u32,
    open_until: Option<Instant>,
    /// When the one request began that finds out.
    trial: Option<Instant>,
}

impl Circuit {
    pub(super) fn state(&self, now: Instant) -> CircuitState {
        match self.open_until {
            None => CircuitState::Closed,
            Some(until) if now < until => CircuitState::Open,
            Some(_) => CircuitState::HalfOpen,
        }
    }

    /// Whether the node may be asked at `now`: of a half-open circuit one request, and another one when nothing was heard
    /// of it for as long as the node would be left alone.
    pub(super) fn admits(&mut self, now: Instant) -> bool {
        match self.state(now) {
            CircuitState::Closed => true,
            CircuitState::Open => false,
            CircuitState::HalfOpen => {
                self.trial.is_none_or(|begun| now.duration_since(begun) > self.open_time())
            }
        }
    }

    /// A request begins.
    pub(super) fn begins(&mut self, now: Instant) {
        if self.state(now) == CircuitState::HalfOpen {
            self.trial = Some(now);
        }
    }

    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    pub(super) fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.trial = None;
        if self.failures >= FAILURES_MAX {
            self.open_until = Some(now + self.open_time());
        }
    }

    fn open_time(&self) -> Duration {
        let times = self.failures.saturating_sub(FAILURES_MAX).min(10);
        (OPEN_TIME_MIN * 2u32.pow(times)).min(OPEN_TIME_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circuit_opens_after_three_failures_and_tries_one_request_after_a_second() {
        let (mut circuit, begun) = (Circuit::default(), Instant::now());
        circuit.failed(begun);
        circuit.failed(begun);
        assert!(circuit.admits(begun));
        circuit.failed(begun);
        assert_eq!(circuit.state(begun), CircuitState::Open);
        assert!(!circuit.admits(begun));
        let later = begun + Duration::from_secs(1);
        assert!(circuit.admits(later));
        circuit.begins(later);
        assert!(!circuit.admits(later));
        circuit.failed(later);
        assert!(!circuit.admits(later + Duration::from_millis(1_999)));
        assert!(circuit.admits(later + Duration::from_secs(2)));
        circuit.answered();
        assert_eq!(circuit.state(later), CircuitState::Closed);
    }

    #[test]
    fn a_node_is_never_left_alone_for_longer_than_half_a_minute() {
        let (mut circuit, now) = (Circuit::default(), Instant::now());
        (0..1_000).for_each(|_| circuit.failed(now));
        assert!(circuit.admits(now + Duration::from_secs(30)));
    }
}
