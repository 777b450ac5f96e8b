//! So many bytes a second, over everything that shares it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A bound on bytes a second.
#[derive(Debug)]
pub struct Pace {
    /// `None`: no bound.
    bytes_per_second: Option<u64>,
    /// When what was taken so far has had its time.
    free_at: Mutex<Option<Instant>>,
}

impl Pace {
    /// At most so many bytes a second; `None`: any.
    #[must_use]
    pub const fn new(bytes_per_second: Option<u64>) -> Pace {
        Pace { bytes_per_second, free_at: Mutex::new(None) }
    }

    /// Waits until `bytes` that were just moved have had their time.
    pub async fn moved(&self, bytes: u64) {
        let Some(rate) = self.bytes_per_second.filter(|rate| *rate > 0) else { return };
        let wait = Duration::from_nanos(
            u64::try_from(u128::from(bytes) * 1_000_000_000 / u128::from(rate)).unwrap_or(u64::MAX),
        );
        let now = Instant::now();
        let until = {
            let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
            let from = free_at.map_or(now, |free_at| free_at.max(now));
            let until = from.checked_add(wait).unwrap_or(from);
            *free_at = Some(until);
            until
        };
        tokio::time::sleep_until(until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_take_the_time_that_their_rate_says() {
        let (pace, begun) = (Pace::new(Some(1_000_000)), Instant::now());
        pace.moved(5_000).await;
        pace.moved(15_000).await;
        assert!(begun.elapsed() >= Duration::from_millis(20));
        // It would take a million seconds.
        Pace::new(None).moved(1 << 40).await;
    }
}
