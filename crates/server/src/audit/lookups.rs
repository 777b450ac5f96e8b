//! Looking records up for `explain`: off the threads that serve everybody, few at once, and not in the places of the
//! engine's and the control plane's calls.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::files::files;
use super::record::AuditRecord;
use super::store::Audit;
use super::{index, store};
use crate::guards::limits;
use crate::service::pool::{QueueOwner, WorkNotDone};

/// Places of lookups.
pub struct RecordLookups {
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Default for RecordLookups {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(limits::AUDIT_LOOKUPS_RUNNING_MAX)),
            waiting: Semaphore::new(limits::AUDIT_LOOKUPS_WAITING_MAX),
        }
    }
}

impl RecordLookups {
    /// The record of a request, if there is one. A text that is no request id has none, and nothing is read for it.
    ///
    /// # Errors
    /// Where too many wait already.
    pub async fn find(
        &self,
        audit: &Arc<Audit>,
        request_id: &str,
    ) -> Result<Option<AuditRecord>, WorkNotDone> {
        if index::parse(request_id).is_none() {
            return Ok(None);
        }
        let (audit, id) = (Arc::clone(audit), request_id.to_owned());
        self.run(move || audit.find(&id)).await
    }

    /// Reads files, in its turn.
    ///
    /// # Errors
    /// Where too many wait already.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkNotDone> {
        let turn =
            self.waiting.try_acquire().map_err(|_full| WorkNotDone::Busy(QueueOwner::All))?;
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_closed| WorkNotDone::Busy(QueueOwner::All))?;
        drop(turn);
        let looking = tokio::task::spawn_blocking(move || {
            // Held by the work itself: who goes away does not make room for more.
            let _running = running;
            work()
        });
        looking.await.map_err(|_panic| WorkNotDone::Panicked)
    }
}

/// Looks a request up in the files of a folder that no running service has open; reads all of them if it must.
///
/// # Errors
/// Where the folder cannot be read.
pub fn find_record(folder: &Path, request_id: &str) -> std::io::Result<Option<AuditRecord>> {
    let Some(id) = index::parse(request_id) else { return Ok(None) };
    for name in store::NAMES {
        let current = folder.join(format!("{name}.jsonl"));
        let rotated = files(folder, name)?;
        for path in current.exists().then_some(current).into_iter().chain(rotated) {
            let file = File::open(&path)?;
            let place = match index::places_of(&path, &file)? {
                Some(known) => index::search(&known, id)?,
                None => index::newest(&index::scan(&file, 0, file.metadata()?.len())?, id),
            };
            if let Some(offset) = place
                && let Some(record) = index::read(&file, offset)?
            {
                return Ok(Some(record));
            }
        }
    }
    Ok(None)
}
