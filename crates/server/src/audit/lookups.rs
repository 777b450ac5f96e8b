//! Looking records up for `explain`: off the threads that serve everybody, few at once, and not in the places of the
//! engine's and the control plane's calls.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::Record;
use crate::guards::limits;
use crate::service::pool::{NotDone, Whose};
use crate::service::state::Porch;

/// Places of lookups.
pub struct Lookups {
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Default for Lookups {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(limits::AUDIT_LOOKUPS_RUNNING_MAX)),
            waiting: Semaphore::new(limits::AUDIT_LOOKUPS_WAITING_MAX),
        }
    }
}

impl Lookups {
    /// The record of a request, if there is one. A text that is no request id has none, and nothing is read for it.
    ///
    /// # Errors
    /// Where too many wait already.
    pub async fn find(&self, porch: &Porch, request_id: &str) -> Result<Option<Record>, NotDone> {
        if super::index::parse(request_id).is_none() {
            return Ok(None);
        }
        let turn = self.waiting.try_acquire().map_err(|_full| NotDone::Busy(Whose::All))?;
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_closed| NotDone::Busy(Whose::All))?;
        drop(turn);
        let (audit, id) = (Arc::clone(&porch.audit), request_id.to_owned());
        let looking = tokio::task::spawn_blocking(move || {
            // Held by the work itself: who goes away does not make room for more.
            let _running = running;
            audit.find(&id)
        });
        looking.await.map_err(|_panic| NotDone::Panicked)
    }
}
