//! The store that keeps nothing: the directory in memory is all there is, and goes with the process.

use super::port::{ChangeLogEntry, LoadedRecords, Store, StoreError};
use crate::change::Change;

/// Counts versions and nothing else.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore {
    version: u64,
}

impl Store for MemoryStore {
    fn load_since(&mut self, version: Option<u64>) -> Result<LoadedRecords, StoreError> {
        Ok(match version {
            Some(_) => LoadedRecords::Changes { change: Change::default(), version: self.version },
            None => LoadedRecords::Everything { records: Vec::new(), version: self.version },
        })
    }

    fn commit_if_at(
        &mut self,
        version: u64,
        _change: &Change,
        _entry: &ChangeLogEntry<'_>,
    ) -> Result<(), StoreError> {
        if version != self.version {
            return Err(StoreError::Conflict);
        }
        self.version += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: ChangeLogEntry<'static> =
        ChangeLogEntry { at: 0, operation: "test", caller: "test", request_id: "" };

    #[test]
    fn a_commit_at_another_version_is_a_conflict() {
        let mut store = MemoryStore::default();
        let mut commit = |version| store.commit_if_at(version, &Change::default(), &ENTRY);
        assert_eq!(commit(1), Err(StoreError::Conflict));
        assert_eq!((commit(0), commit(1)), (Ok(()), Ok(())));
        assert_eq!(commit(1), Err(StoreError::Conflict));
    }

    #[test]
    fn it_holds_nothing_that_a_reader_could_lack() {
        let mut store = MemoryStore::default();
        store.commit_if_at(0, &Change::default(), &ENTRY).unwrap();
        let Ok(LoadedRecords::Everything { records, version: 1 }) = store.load_since(None) else {
            panic!("everything, at version 1")
        };
        assert!(records.is_empty());
        let Ok(LoadedRecords::Changes { change, version: 1 }) = store.load_since(Some(0)) else {
            panic!("changes, to version 1")
        };
        assert!(change.is_empty());
    }
}
