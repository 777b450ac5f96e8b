//! Stopping: flags that everything long-running watches, and a count of what still runs.
//!
//! In three steps, each with a time of its own (`limits.rs`), so that a process that is told to end does, whatever
//! runs: nothing new begins and what runs may finish; what still runs is called off; the engines write down what they
//! hold.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// How far stopping has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ShutdownStep {
    Serving,
    Told,
    CallingOff,
}

/// Told once, heard by every listener and connection.
#[derive(Clone, Debug)]
pub struct Shutdown {
    step: Arc<watch::Sender<ShutdownStep>>,
    running: Arc<watch::Sender<usize>>,
}

/// Held by a connection or a listener while it lives.
#[derive(Debug)]
pub struct RunningGuard(Arc<watch::Sender<usize>>);

impl Default for Shutdown {
    fn default() -> Self {
        let (step, running) = (watch::Sender::new(ShutdownStep::Serving), watch::Sender::new(0));
        Self { step: Arc::new(step), running: Arc::new(running) }
    }
}

impl Shutdown {
    /// Tells everyone to finish what they do and begin nothing new.
    pub fn tell(&self) {
        self.reach(ShutdownStep::Told);
    }

    /// Tells every call that still runs to end.
    pub fn call_off(&self) {
        self.reach(ShutdownStep::CallingOff);
    }

    /// Resolves when [`Shutdown::tell`] was called, before or after.
    pub async fn told(&self) {
        self.reached(ShutdownStep::Told).await;
    }

    /// Resolves when [`Shutdown::call_off`] was called, before or after.
    pub async fn calls_off(&self) {
        self.reached(ShutdownStep::CallingOff).await;
    }

    /// Whether [`Shutdown::tell`] was called.
    #[must_use]
    pub fn is_told(&self) -> bool {
        *self.step.borrow() >= ShutdownStep::Told
    }

    /// Counts a connection or a listener while it lives.
    #[must_use]
    pub fn enter(&self) -> RunningGuard {
        self.running.send_modify(|running| *running += 1);
        RunningGuard(Arc::clone(&self.running))
    }

    /// How many connections and listeners live.
    #[must_use]
    pub fn running(&self) -> usize {
        *self.running.borrow()
    }

    /// Waits until every connection and listener ended, at most `patience`. Says whether all did.
    pub async fn all_gone(&self, patience: Duration) -> bool {
        let mut watch = self.running.subscribe();
        let gone = watch.wait_for(|running| *running == 0);
        tokio::time::timeout(patience, gone).await.is_ok()
    }

    fn reach(&self, step: ShutdownStep) {
        self.step.send_if_modified(|reached| {
            let further = *reached < step;
            *reached = (*reached).max(step);
            further
        });
    }

    async fn reached(&self, step: ShutdownStep) {
        let mut watch = self.step.subscribe();
        // An error means that the sender is gone, which is as good as being told.
        let _ = watch.wait_for(|reached| *reached >= step).await;
    }
}

impl Drop for RunningGuard {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running = running.saturating_sub(1));
    }
}
