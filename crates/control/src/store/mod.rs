//! The store: records, one transaction per change, a version and a log of changes.
//!
//! The directory in memory is what requests read; the store is what a restart reads. A change is committed here first,
//! then published, then the reply leaves.

pub mod record;
mod sqlite;

use std::path::PathBuf;

use crate::change::Change;
use record::Record;
use sqlite::Sqlite;

/// Where records are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// They go with the process.
    Memory,
    /// A SQLite file (WAL); made when absent, its folder must exist.
    File(PathBuf),
}

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The file is not one of ours, or damaged.
    Damaged {
        /// What the file said or lacked.
        why: String,
    },
    /// The file was made by a newer countersign.
    Newer {
        /// Schema version of the file.
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
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Damaged { why } => {
                write!(f, "the state file is damaged or not countersign's: {why}")
            }
            StoreError::Newer { seen, known } => write!(
                f,
                "the state file has schema {seen}, this countersign knows {known}: use the newer countersign that made it"
            ),
            StoreError::Conflict => f.write_str("another process changed the state in between"),
            StoreError::Io { why } => write!(f, "the state file cannot be used: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// Who changed what, for the change log.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    /// Seconds since 1970.
    pub(crate) at: i64,
    /// `iam:CreateUser` ….
    pub(crate) operation: &'a str,
    /// ARN of the caller.
    pub(crate) caller: &'a str,
    /// The request's id.
    pub(crate) request_id: &'a str,
}

/// An open store.
pub(crate) struct Store(Option<Sqlite>);

impl Store {
    /// Opens it, migrates it, and reads everything: records and the version.
    pub(crate) fn open(place: &Place) -> Result<(Store, Vec<Record>, u64), StoreError> {
        match place {
            Place::Memory => Ok((Store(None), Vec::new(), 0)),
            Place::File(path) => {
                let sqlite = Sqlite::open(path)?;
                let (records, version) = sqlite.read()?;
                Ok((Store(Some(sqlite)), records, version))
            }
        }
    }

    /// Commits `change` as version `seen + 1` and returns that version. Nothing is changed on an error.
    pub(crate) fn commit(
        &mut self,
        seen: u64,
        change: &Change,
        entry: &Entry<'_>,
    ) -> Result<u64, StoreError> {
        match &mut self.0 {
            None => Ok(seen + 1),
            Some(sqlite) => sqlite.commit(seen, change, entry),
        }
    }
}
