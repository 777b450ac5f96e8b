//! Where synchronous work runs: the engine's and the control plane's calls, off the network threads,
//! bounded in how many run and how many wait.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::limits;

/// Why work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// Too many calls wait already.
    Busy,
    /// The work panicked: our fault; only this request ends.
    Panicked,
}

/// A bounded pool of blocking threads.
#[derive(Clone, Debug)]
pub struct Pool {
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            waiting: Arc::new(Semaphore::new(limits::CALLS_WAITING_MAX)),
            running: Arc::new(Semaphore::new(limits::CALLS_RUNNING_MAX)),
        }
    }
}

impl Pool {
    /// Runs `work` on a thread where it may block. The work goes on when the caller goes away: whoever
    /// starts it gives it a cancel flag.
    pub async fn run<T, F>(&self, work: F) -> Result<T, NotDone>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let turn = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_full| NotDone::Busy)?;
        let running =
            Arc::clone(&self.running).acquire_owned().await.map_err(|_closed| NotDone::Busy)?;
        drop(turn);
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work itself, so that a caller who goes away does not make room for more.
            let _running = running;
            work()
        });
        done.await.map_err(|_panic| NotDone::Panicked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_one_call_and_not_the_pool() {
        let pool = Pool::default();
        assert_eq!(pool.run(|| panic!("bug")).await, Err::<(), _>(NotDone::Panicked));
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn a_full_queue_is_busy() {
        let pool = Pool { waiting: Arc::new(Semaphore::new(0)), ..Pool::default() };
        assert_eq!(pool.run(|| 1).await, Err(NotDone::Busy));
    }
}
