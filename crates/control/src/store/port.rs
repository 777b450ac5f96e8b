//! The port: what the control plane asks of a store, whichever database it is.
//!
//! A store numbers its commits. Who commits says on which version it decided, and is told [`StoreError::Conflict`] when
//! another process came first; it then loads what happened since and decides again ([`crate::Control`] does). So several
//! processes may write one store and none of them loses a change (decision 0105).

use std::time::Duration;

use super::record::Record;
use crate::change::Change;

/// Records, kept: one transaction for each change, a version, a log of changes.
pub(crate) trait Store: Send {
    /// What a reader of `version` lacks; of `None`, everything. Read in one transaction.
    ///
    /// # Errors
    /// `Damaged` for what is no record of ours; `Io` when the store cannot be read.
    fn load_since(&mut self, version: Option<u64>) -> Result<LoadedRecords, StoreError>;

    /// Makes `change` real as version `version + 1`, together with its row of the change log; nothing of it on an error.
    ///
    /// # Errors
    /// `Conflict` when the store is no longer at `version`; `Io` when it cannot be written.
    fn commit_if_at(
        &mut self,
        version: u64,
        change: &Change,
        entry: &ChangeLogEntry<'_>,
    ) -> Result<(), StoreError>;

    /// The others let this process commit next: each waits a moment before its own commit, until [`Store::end_turn`]. Asked for by a
    /// change that was overtaken: to decide again takes longer than to commit, and who commits without a pause would else always
    /// come first. It is a courtesy and not a lock that anything rests on, so that it cannot fail.
    fn take_turn(&mut self) {}

    /// The others need not wait any more. Without a turn that was taken it does nothing.
    fn end_turn(&mut self) {}

    /// From now on `told` is called when a version was committed, by whichever process, for as long as the store lives:
    /// with that version, or with nothing when commits may have been missed. It is no promise, only sooner than asking on a
    /// clock; a store that cannot tell never calls it.
    fn listen(&mut self, _told: CommitListener) {}

    /// What the processes that share the store tell each other, on a way of its own: whoever waits there keeps nobody from changing
    /// something. `None`: one process has the store alone.
    ///
    /// # Errors
    /// `Lost` when there is no thread for it.
    fn news_board(&self) -> Result<Option<Box<dyn NewsBoard>>, StoreError> {
        Ok(None)
    }
}

/// What gateways tell each other beside the state (decision 0200).
pub(crate) trait NewsBoard: Send {
    /// Keeps `own` for the other processes, in place of what `gateway` told before (nothing: that holds still), and returns what they
    /// told; of those whose versions are `known` without its text. It has no part in versions and changes.
    ///
    /// # Errors
    /// `Lost` when the store cannot be asked.
    fn exchange(
        &mut self,
        gateway: &str,
        own: Option<&str>,
        known: &[(String, String)],
    ) -> Result<Vec<GatewayRow>, StoreError>;

    /// Keeps what `gateway` counted in these minutes for all processes, for an hour, and returns what was told after `since` (by the
    /// clock of the store), its own included: the newest `rows_max`. It has no part in versions and changes, either.
    ///
    /// # Errors
    /// `Lost` when the store cannot be asked.
    fn exchange_minutes(
        &mut self,
        gateway: &str,
        own: &[CountedMinute],
        since: f64,
        rows_max: usize,
    ) -> Result<Vec<ToldMinute>, StoreError>;
}

/// What a gateway counted in a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedMinute {
    /// When it ended: milliseconds since 1970, by the gateway's clock. One gateway's minutes differ in it.
    pub until: i64,
    /// What was counted, as gateways write it for each other.
    pub body: String,
}

/// The same as the store has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldMinute {
    /// Who counted.
    pub gateway: String,
    /// What.
    pub minute: CountedMinute,
    /// When it was told: seconds since 1970, by the store's clock.
    pub told: f64,
}

/// What a gateway told the others.
#[derive(Debug)]
pub(crate) struct GatewayRow {
    /// Which.
    pub(crate) gateway: String,
    /// Changes with the text.
    pub(crate) version: String,
    /// How long ago it was told last.
    pub(crate) age: Duration,
    /// The text; none where the reader has it.
    pub(crate) body: Option<String>,
}

/// Who wants to know of commits.
pub type CommitListener = Box<dyn Fn(Option<u64>) + Send>;

/// What [`Store::load_since`] found.
#[derive(Debug)]
pub(crate) enum LoadedRecords {
    /// Each record that was written or removed since, as it is now.
    Changes {
        /// The writes and removals.
        change: Change,
        /// The version they lead to.
        version: u64,
    },
    /// All records there are: the reader knew none, or the change log does not reach back to what it knew.
    Everything {
        /// The records.
        records: Vec<Record>,
        /// The version they are of.
        version: u64,
    },
}

/// Who changed what, for the change log.
#[derive(Clone, Debug)]
pub(crate) struct ChangeLogEntry<'a> {
    /// Seconds since 1970.
    pub(crate) at: i64,
    /// `iam:CreateUser` ….
    pub(crate) operation: &'a str,
    /// ARN of the caller.
    pub(crate) caller: &'a str,
    /// The request's id.
    pub(crate) request_id: &'a str,
}

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// What is there is not ours, or damaged.
    Damaged {
        /// What it said or lacked.
        why: String,
    },
    /// It was made by a newer countersign.
    Newer {
        /// Its schema version.
        seen: i64,
        /// Schema version we know.
        known: i64,
    },
    /// Another process changed the store in between.
    Conflict,
    /// The file system or SQLite refused (disk full, locked, permissions).
    Io {
        /// The cause.
        why: String,
    },
    /// PostgreSQL cannot be reached, or refused.
    Lost {
        /// The cause. It names hosts: it is for the operator.
        why: String,
    },
    /// PostgreSQL was lost while it committed: the change may have been made.
    Unknown {
        /// The cause, for the operator.
        why: String,
    },
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Damaged { why } => {
                write!(f, "the state is damaged or not countersign's: {why}")
            }
            StoreError::Newer { seen, known } => write!(
                f,
                "the state has schema {seen}; this countersign knows {known}: use the newer version that wrote it"
            ),
            StoreError::Conflict => f.write_str("another process changed the state in between"),
            StoreError::Io { why } | StoreError::Lost { why } => {
                write!(f, "the state cannot be used: {why}")
            }
            StoreError::Unknown { why } => {
                write!(f, "it is not known whether the state was changed: {why}")
            }
        }
    }
}

impl std::error::Error for StoreError {}
