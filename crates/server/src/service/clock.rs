//! The one place that reads the time of day. Everything else takes `now` as a value; intervals on a connection are
//! measured by tokio's clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A source of wall-clock time: the system's, or one that a test has in its hand.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The operating system's clock.
    System,
    /// Always this instant (tests of expiry and skew).
    Fixed(Timestamp),
    /// The system's time and so many seconds (tests in which time passes).
    Moved(&'static AtomicI64),
}

impl Clock {
    /// The time of day, for signatures, sessions and audit records.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this file is the one that reads the clock")]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(now) => now,
            Self::Moved(seconds) => {
                let moved = SignedDuration::from_secs(seconds.load(Ordering::Relaxed));
                Timestamp::now().checked_add(moved).unwrap_or(Timestamp::MAX)
            }
        }
    }
}

/// A stopwatch on the monotonic clock, for durations in audit records and metrics.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts at zero.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this file is the one that reads the clock")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
