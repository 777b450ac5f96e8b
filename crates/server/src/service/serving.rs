//! What serves a domain now, and how another backend takes over while clients write (decision 0169).
//!
//! Writes are counted while they run. Whoever hands the domain over holds new ones back, waits for those that run, and lets the
//! others go on when the domain is at its new place, or stays where it is. A write that waits is refused by nobody: it runs
//! wherever the domain is then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};

use crate::service::backends::Backend;

/// What serves a domain now.
pub struct ServingBackend {
    current: ArcSwap<Backend>,
    /// Writes that run.
    running: AtomicUsize,
    /// Told when the last of them is over.
    idle: Notify,
    /// Whether new writes wait.
    held: watch::Sender<bool>,
}

impl ServingBackend {
    /// A domain that `backend` serves.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        Self {
            current: ArcSwap::from_pointee(backend),
            running: AtomicUsize::new(0),
            idle: Notify::new(),
            held: watch::Sender::new(false),
        }
    }

    /// What serves it now.
    #[must_use]
    pub fn current(&self) -> Arc<Backend> {
        self.current.load_full()
    }

    /// Begins a write, when none are held back. Until what it gives is dropped the domain stays where it is.
    pub(crate) async fn begin_write(self: &Arc<Self>) -> RunningWrite {
        loop {
            let running = RunningWrite::of(self);
            // Whoever holds writes back says so first and counts then; this counts first and looks then.
            if !*self.held.borrow() {
                return running;
            }
            drop(running);
            let mut held = self.held.subscribe();
            let _ = held.wait_for(|held| !held).await;
        }
    }

    /// Holds new writes back and waits for those that run, at most `patience`; then they go on, and there is none.
    /// One at a time may do it.
    pub(crate) async fn hold_writes(self: &Arc<Self>, patience: Duration) -> Option<HeldWrites> {
        let held = HeldWrites(Arc::clone(self));
        self.held.send_replace(true);
        let all_over = async {
            loop {
                let idle = self.idle.notified();
                tokio::pin!(idle);
                idle.as_mut().enable();
                if self.running.load(Ordering::SeqCst) == 0 {
                    return;
                }
                idle.await;
            }
        };
        tokio::time::timeout(patience, all_over).await.ok().map(|()| held)
    }
}

/// A write that runs.
pub struct RunningWrite(Arc<ServingBackend>);

impl RunningWrite {
    fn of(domain: &Arc<ServingBackend>) -> Self {
        domain.running.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(domain))
    }
}

impl Drop for RunningWrite {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

/// No write runs, and new ones wait, until this is dropped.
pub(crate) struct HeldWrites(Arc<ServingBackend>);

impl HeldWrites {
    /// Lets `backend` serve from now on; the writes that wait go there.
    pub(crate) fn hand_over(self, backend: Backend) {
        self.0.current.store(Arc::new(backend));
    }
}

impl Drop for HeldWrites {
    fn drop(&mut self) {
        self.0.held.send_replace(false);
    }
}
