//! How fast a request by query goes: `requests_per_second`. Source: `WorkerBulkByScrollTaskState` of Elasticsearch 7.10.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::LOOK;
use crate::exception::Exception;
use crate::work::Cancel;

/// The pace of one request, which may be changed while it runs.
#[derive(Debug)]
pub(crate) struct Pace(Mutex<PaceState>);

#[derive(Clone, Copy, Debug)]
struct PaceState {
    /// Documents a second; infinite: as fast as it goes.
    rate: f64,
    /// How long it has waited.
    waited: Duration,
    /// How long it will still wait before it goes on.
    left: Duration,
}

impl Pace {
    /// A pace of `rate` documents a second.
    pub(crate) fn new(rate: f64) -> Pace {
        Pace(Mutex::new(PaceState { rate, waited: Duration::ZERO, left: Duration::ZERO }))
    }

    /// Reads `requests_per_second`.
    ///
    /// # Errors
    /// `illegal_argument_exception` in Elasticsearch's words.
    pub(crate) fn parse(text: Option<&str>) -> Result<f64, Exception> {
        let rate = match text {
            None | Some("unlimited") => Some(f64::INFINITY),
            Some(text) => text.parse::<f64>().ok(),
        };
        match rate {
            Some(rate) if rate > 0.0 => Ok(rate),
            Some(-1.0) => Ok(f64::INFINITY),
            _ => Err(Exception::illegal_argument(
                "[requests_per_second] must be a float greater than 0. Use -1 to disable throttling.",
            )),
        }
    }

    /// Documents a second; infinite: as fast as it goes.
    pub(crate) fn rate(&self) -> f64 {
        self.state().rate
    }

    /// The rate as it is told: `-1.0` where it is infinite.
    pub(crate) fn printed(&self) -> f64 {
        printed(self.rate())
    }

    /// Milliseconds that it has waited, and that it will still wait before it goes on.
    pub(crate) fn milliseconds(&self) -> (u64, u64) {
        let state = self.state();
        let whole = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        (whole(state.waited), whole(state.left))
    }

    /// Goes at `rate` from now on. A wait that is under way becomes shorter by it, and never longer.
    pub(crate) fn set(&self, rate: f64) {
        let mut state = self.state();
        if rate > state.rate {
            state.left = state.left.mul_f64(state.rate / rate);
        }
        state.rate = rate;
    }

    /// Waits until a batch of `documents` that began `elapsed` ago has taken as long as the pace wants it to.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    pub(crate) fn wait(
        &self,
        documents: usize,
        elapsed: Duration,
        cancel: &Cancel,
    ) -> Result<(), Exception> {
        let rate = self.rate();
        if rate.is_infinite() {
            return Ok(());
        }
        #[expect(clippy::cast_precision_loss, reason = "a batch has at most 10,000 documents")]
        let whole = Duration::try_from_secs_f64(documents as f64 / rate).unwrap_or(Duration::MAX);
        self.state().left = whole.saturating_sub(elapsed);
        loop {
            let left = self.state().left;
            if left.is_zero() {
                return Ok(());
            }
            if let Err(called_off) = cancel.check() {
                self.state().left = Duration::ZERO;
                return Err(called_off);
            }
            let slept = LOOK.min(left);
            std::thread::sleep(slept);
            let mut state = self.state();
            state.left = state.left.saturating_sub(slept);
            state.waited += slept;
        }
    }

    fn state(&self) -> MutexGuard<'_, PaceState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rate as it is told.
pub(crate) fn printed(rate: f64) -> f64 {
    if rate.is_infinite() { -1.0 } else { rate }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_waits_for_what_is_missing_of_its_time() {
        let pace = Pace::new(1000.0);
        pace.wait(50, Duration::from_millis(20), &Cancel::new()).unwrap();
        assert_eq!(pace.milliseconds(), (30, 0));
        pace.wait(50, Duration::from_millis(50), &Cancel::new()).unwrap();
        assert_eq!(pace.milliseconds(), (30, 0));
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        let pace = Pace::new(f64::INFINITY);
        pace.wait(usize::MAX, Duration::ZERO, &Cancel::new()).unwrap();
        assert_eq!(pace.milliseconds(), (0, 0));
    }

    #[test]
    fn a_wait_ends_when_it_is_called_off_or_has_no_rate_any_more() {
        let (pace, cancel) = (Pace::new(1e-9), Cancel::new());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| pace.wait(1, Duration::ZERO, &cancel));
            while pace.milliseconds().1 == 0 {
                std::thread::yield_now();
            }
            cancel.cancel();
            assert!(waiting.join().unwrap().is_err());
            let waiting = scope.spawn(|| pace.wait(1, Duration::ZERO, &Cancel::new()));
            while pace.milliseconds().1 == 0 {
                std::thread::yield_now();
            }
            pace.set(f64::INFINITY);
            assert!(waiting.join().unwrap().is_ok());
        });
    }

    #[test]
    fn a_slower_pace_does_not_make_a_wait_longer() {
        let pace = Pace::new(10.0);
        pace.state().left = Duration::from_secs(8);
        pace.set(1.0);
        assert_eq!(pace.milliseconds().1, 8000);
        pace.set(4.0);
        assert_eq!(pace.milliseconds().1, 2000);
    }
}
