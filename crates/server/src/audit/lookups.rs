//! Looking records up for `explain`: off the threads that serve everybody, few at once, and not in the places of the
//! engine's and the control plane's calls.

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::account_turns::AccountTurns;
use super::files::files;
use super::policies::PolicyTexts;
use super::query::AuditRecords;
use super::record::AuditRecord;
use super::repair::{RepairRecord, RepairSources, operators_text, repairs};
use super::store::Audit;
use super::{index, store};
use crate::guards::limits;
use crate::service::pool::{QueueOwner, WorkNotDone};

/// Places of lookups; searches and replays have their own, because they read for long.
pub struct RecordLookups {
    lookups: LookupPlaces,
    searches: LookupPlaces,
    searching: Arc<AccountTurns>,
    replays: LookupPlaces,
    replaying: Arc<AccountTurns>,
}

impl Default for RecordLookups {
    fn default() -> Self {
        Self {
            lookups: LookupPlaces::new(limits::AUDIT_LOOKUPS_RUNNING_MAX),
            searches: LookupPlaces::new(limits::AUDIT_SEARCHES_RUNNING_MAX),
            searching: Arc::default(),
            replays: LookupPlaces::new(limits::AUDIT_REPLAYS_RUNNING_MAX),
            replaying: Arc::default(),
        }
    }
}

/// Those of one kind.
struct LookupPlaces {
    running: Arc<Semaphore>,
    waiting: Semaphore,
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
        self.lookups.run(move || audit.find(&id)).await
    }

    /// The newest record that `is_wanted`, of those in memory.
    ///
    /// # Errors
    /// Where too many wait already.
    pub async fn newest(
        &self,
        audit: &Arc<Audit>,
        is_wanted: impl Fn(&AuditRecord) -> bool + Send + 'static,
    ) -> Result<Option<AuditRecord>, WorkNotDone> {
        let audit = Arc::clone(audit);
        self.lookups.run(move || audit.newest_first().find(is_wanted)).await
    }

    /// Searches the records for `account`, in its turn: one account's searches run one after the other.
    ///
    /// # Errors
    /// Where too many wait already, of the account or of all.
    pub(crate) async fn search<T: Send + 'static>(
        &self,
        account: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkNotDone> {
        let turn = self.searching.wait(account).await?;
        let work = move || {
            // Held by the work itself, as its place is.
            let _turn = turn;
            work()
        };
        self.searches.run(work).await
    }

    /// Reads recorded traffic for `account`, in its turn: as [`RecordLookups::search`].
    ///
    /// # Errors
    /// Where too many wait already, of the account or of all.
    pub(crate) async fn replay<T: Send + 'static>(
        &self,
        account: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkNotDone> {
        let turn = self.replaying.wait(account).await?;
        let work = move || {
            let _turn = turn;
            work()
        };
        self.replays.run(work).await
    }
}

impl LookupPlaces {
    fn new(running: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(running)),
            waiting: Semaphore::new(limits::AUDIT_LOOKUPS_WAITING_MAX),
        }
    }

    /// Reads, in its turn.
    async fn run<T: Send + 'static>(
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

/// Which record of files is explained.
pub enum ExplainedRecord<'a> {
    /// That of this request id or authorization id.
    Id(&'a str),
    /// The newest.
    Last,
    /// The newest that was denied.
    LastDenied,
}

/// A record in the files of a folder's audit, with what would allow its denials, the texts of policies from there too.
///
/// # Errors
/// Where the folder cannot be read.
pub fn find_explained(
    folder: &Path,
    wanted: &ExplainedRecord<'_>,
) -> std::io::Result<Option<(AuditRecord, Vec<RepairRecord>)>> {
    let mut found = match wanted {
        ExplainedRecord::Id(id) => match find_record(folder, id)? {
            Some(record) => Some(record),
            None => return Ok(None),
        },
        ExplainedRecord::Last | ExplainedRecord::LastDenied => None,
    };
    let mut denied: VecDeque<Arc<AuditRecord>> = VecDeque::new();
    let mut records = AuditRecords::open(folder)?;
    while let Some((record, _)) = records.read()? {
        let is_denied = record.is_denied();
        let is_wanted = match wanted {
            ExplainedRecord::Id(_) => false,
            ExplainedRecord::Last => record.is_of_somebody(),
            ExplainedRecord::LastDenied => is_denied,
        };
        if is_wanted {
            found = Some(record.clone());
        }
        if is_denied {
            if denied.len() == limits::REPLAYED_DENIALS_MAX {
                denied.pop_front();
            }
            denied.push_back(Arc::new(record));
        }
    }
    let Some(record) = found else { return Ok(None) };
    let text = |digest: &str| PolicyTexts::read(folder, digest);
    let recorded = Vec::from(denied);
    // The audit's files do not tell whose a policy is (one of the caller's own is proposed), nor what it is now; those of the operator's
    // policies do.
    let sources = RepairSources {
        text: &text,
        has_inline: &|_, _| false,
        current: &|place, _| operators_text(place),
        recorded: &recorded,
    };
    let repairs = repairs(&record, &sources);
    Ok(Some((record, repairs)))
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn an_accounts_replays_keep_no_other_account_from_its_own() {
        let records = Arc::new(RecordLookups::default());
        let (begun, has_begun) = channel();
        let (end, ends) = channel::<()>();
        let mut running = Vec::new();
        let mut first = Some((begun, ends));
        for _ in 0..3 {
            let (records, blocks) = (Arc::clone(&records), first.take());
            running.push(tokio::spawn(async move {
                records
                    .replay("1", || blocks.map(|(begun, ends)| (begun.send(()), ends.recv())))
                    .await
            }));
        }
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
        assert_eq!(records.replay("2", || 7).await.ok(), Some(7));
        assert!(running.iter().all(|it| !it.is_finished()));
        end.send(()).unwrap();
        for one in running {
            assert!(one.await.unwrap().is_ok());
        }
    }
}
