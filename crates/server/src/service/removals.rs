//! Which removals of what deleted domains have at clusters that they share run, and what came of those that ended. Each is a task of its
//! own: a cluster that does not answer keeps no other domain from its clients.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::guards::limits;
use crate::transport::listener::DomainKey;

/// Them, by whose things they remove; without an outcome: it runs.
pub(crate) struct Removals {
    of: Mutex<BTreeMap<DomainKey, Option<RemovalOutcome>>>,
    /// To run one takes a place.
    places: Semaphore,
}

/// Whether it is the deleted domain still, all of whose things are gone; or why they are not.
pub(super) type RemovalOutcome = Result<bool, String>;

/// How far the removal of a domain's things is.
pub(super) enum Removal {
    /// Whoever asked runs it.
    Begins,
    Runs,
    Ended(RemovalOutcome),
}

impl Default for Removals {
    fn default() -> Self {
        Self { of: Mutex::default(), places: Semaphore::new(limits::REMOVALS_RUNNING_MAX) }
    }
}

impl Removals {
    /// How far it is. What came of it is told once; where none runs, one does from now on.
    pub(super) fn look(&self, key: &DomainKey) -> Removal {
        let mut removals = self.lock();
        match removals.remove(key) {
            Some(Some(outcome)) => Removal::Ended(outcome),
            running => {
                removals.insert(key.clone(), None);
                if running.is_some() { Removal::Runs } else { Removal::Begins }
            }
        }
    }

    /// Waits for one of the places of those that do something.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.acquire().await.ok()
    }

    /// Notes what came of one.
    pub(super) fn ended(&self, key: DomainKey, outcome: RemovalOutcome) {
        self.lock().insert(key, Some(outcome));
    }

    /// Forgets what came of removals of domains whose records are gone.
    pub(super) fn keep_only(&self, is_deleted: impl Fn(&DomainKey) -> bool) {
        self.lock().retain(|key, outcome| outcome.is_none() || is_deleted(key));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<DomainKey, Option<RemovalOutcome>>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
