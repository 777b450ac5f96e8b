//! What a move has made at the cluster, on disk before it is made: whoever comes after a crash can take it away again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::fault::MoveFault;
use crate::service::private_file;

/// How far a move has come, as a later start needs to know it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum JournalPhase {
    /// What is at the cluster is half a copy.
    #[default]
    Copying,
    /// The domain is served by the cluster, and its indices of before are here still.
    Moved,
}

/// What is written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct JournalRecord {
    pub(super) pool: String,
    pub(super) phase: JournalPhase,
    /// When it began, in seconds since 1970.
    pub(super) began: i64,
    /// Why it ended before its end.
    pub(super) fault: Option<String>,
    /// The indices that were made, each with the uuid that it got; without, where nobody saw the answer.
    pub(super) indices: BTreeMap<String, Option<String>>,
    pub(super) data_streams: BTreeSet<String>,
    /// The paths of templates, pipelines and scripts that were put.
    pub(super) entries: BTreeSet<String>,
}

impl JournalRecord {
    /// Whether something of it may be at the cluster.
    pub(super) fn has_made_something(&self) -> bool {
        !(self.indices.is_empty() && self.data_streams.is_empty() && self.entries.is_empty())
    }

    /// What it made, in words.
    pub(super) fn told(&self) -> String {
        format!(
            "{} indices, {} data streams, {} templates, pipelines and scripts",
            self.indices.len(),
            self.data_streams.len(),
            self.entries.len()
        )
    }
}

/// The file of one domain's move.
pub(super) struct Journal {
    path: PathBuf,
    record: JournalRecord,
}

impl Journal {
    /// Begins one in the place of any that is there.
    pub(super) fn begin(path: PathBuf, record: JournalRecord) -> Result<Self, MoveFault> {
        if let Some(folder) = path.parent() {
            private_file::folder(folder)?;
        }
        let journal = Self { path, record };
        journal.save()?;
        Ok(journal)
    }

    /// What an earlier move of the domain wrote down; none where there was none.
    pub(super) fn left(path: &Path) -> Result<Option<JournalRecord>, MoveFault> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let record = serde_json::from_str(&text);
        let record = record.map_err(|error| format!("{}: {error}", path.display()));
        record.map(Some).map_err(MoveFault::Here)
    }

    /// Removes what is written down.
    pub(super) fn remove(path: &Path) -> Result<(), MoveFault> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            removed => Ok(removed?),
        }
    }

    /// Changes it, on disk when this returns.
    pub(super) fn change(
        &mut self,
        change: impl FnOnce(&mut JournalRecord),
    ) -> Result<(), MoveFault> {
        change(&mut self.record);
        self.save()
    }

    fn save(&self) -> Result<(), MoveFault> {
        let text = serde_json::to_string(&self.record).unwrap_or_default();
        Ok(private_file::write(&self.path, &text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_known_after_a_crash_and_a_spoiled_file_is_named() {
        let folder = private_file::scratch("journal");
        let path = folder.join("123456789012").join("books.json");
        assert_eq!(Journal::left(&path), Ok(None));
        let record = JournalRecord { pool: "main".to_owned(), ..JournalRecord::default() };
        let mut journal = Journal::begin(path.clone(), record).unwrap();
        journal.change(|record| drop(record.indices.insert("x".to_owned(), None))).unwrap();
        let left = Journal::left(&path).unwrap().unwrap();
        assert_eq!(left, journal.record);
        assert!(left.has_made_something());
        std::fs::write(&path, "{").unwrap();
        let fault = Journal::left(&path).unwrap_err().to_string();
        assert!(fault.contains("books.json"), "{fault}");
        Journal::remove(&path).unwrap();
        Journal::remove(&path).unwrap();
        assert_eq!(Journal::left(&path), Ok(None));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
