//! Stopping: one flag that everything long-running watches, and a count of what still runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

/// Told once, heard by every listener and connection.
#[derive(Clone, Debug)]
pub struct Shutdown {
    told: Arc<watch::Sender<bool>>,
    /// Each running connection holds one permit, so that "all gone" is "all permits back".
    running: Arc<Semaphore>,
    running_max: u32,
}

/// Held by a connection while it lives.
#[derive(Debug)]
pub struct Running {
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl Shutdown {
    /// A service that may hold `running_max` connections at once.
    #[must_use]
    pub fn new(running_max: usize) -> Self {
        let running_max = u32::try_from(running_max).unwrap_or(u32::MAX);
        let running = Arc::new(Semaphore::new(running_max as usize));
        Self { told: Arc::new(watch::Sender::new(false)), running, running_max }
    }

    /// Tells everyone to finish what they do and begin nothing new.
    pub fn tell(&self) {
        self.told.send_replace(true);
    }

    /// Resolves when [`Shutdown::tell`] was called, before or after.
    pub async fn told(&self) {
        let mut watch = self.told.subscribe();
        // An error means that the sender is gone, which is as good as being told.
        let _ = watch.wait_for(|told| *told).await;
    }

    /// Whether [`Shutdown::tell`] was called.
    #[must_use]
    pub fn is_told(&self) -> bool {
        *self.told.borrow()
    }

    /// Waits for a place among the running connections. `None` only if the service is gone.
    pub async fn enter(&self) -> Option<Running> {
        let permit = Arc::clone(&self.running).acquire_owned().await.ok()?;
        Some(Running { _permit: permit })
    }

    /// How many hold a place: connections, and each listener while it waits for one.
    #[must_use]
    pub fn running(&self) -> usize {
        (self.running_max as usize).saturating_sub(self.running.available_permits())
    }

    /// Waits until every connection ended, at most `patience`. Says whether all did.
    pub async fn all_gone(&self, patience: Duration) -> bool {
        let everyone = self.running.acquire_many(self.running_max);
        tokio::time::timeout(patience, everyone).await.is_ok()
    }
}
