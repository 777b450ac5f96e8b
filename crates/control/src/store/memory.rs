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
