//! How long work takes: the time is told by whoever has a clock.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::stats::Count;

/// Measures work once it has a clock; without one all work takes no time.
#[derive(Default)]
pub(crate) struct StopWatch(OnceLock<Arc<dyn Fn() -> Timestamp + Send + Sync>>);

impl StopWatch {
    /// From now on `clock` tells the time; the first one stays.
    pub(crate) fn set(&self, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) {
        let _ = self.0.set(clock);
    }

    /// Does `work` and adds the nanoseconds that it took to `spent`.
    pub(crate) fn time<T>(&self, spent: &Count, work: impl FnOnce() -> T) -> T {
        self.timed(spent, work).0
    }

    /// As [`StopWatch::time`]; gives the nanoseconds, too.
    pub(crate) fn timed<T>(&self, spent: &Count, work: impl FnOnce() -> T) -> (T, u64) {
        let begun = self.0.get().map(|clock| clock());
        let done = work();
        let mut took = 0;
        if let (Some(begun), Some(clock)) = (begun, self.0.get()) {
            took = u64::try_from(clock().duration_since(begun).as_nanos()).unwrap_or(0);
            spent.add(took);
        }
        (done, took)
    }
}
