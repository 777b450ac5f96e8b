//! The version map: the newest state of every document that no published segment shows yet, and of recent deletions.

use std::collections::HashMap;

use bytes::Bytes;
use tantivy::DocId;

/// Most deletions remembered.
const DELETES_MAX: usize = 200_000;

/// The newest state of one document.
#[derive(Clone, Debug)]
pub(crate) struct LiveVersion {
    pub(crate) seq_no: u64,
    pub(crate) version: u64,
    pub(crate) primary_term: u64,
    pub(crate) state: VersionState,
}

/// Where it is, or that it is gone.
#[derive(Clone, Debug)]
pub(crate) enum VersionState {
    /// In the builder, under this number; its block begins at `first`.
    Built { first: DocId, document: DocId, source: Bytes, routing: Option<String> },
    /// Deleted at this time, in milliseconds since 1970.
    Deleted { at: i64 },
}

/// The map by id.
#[derive(Clone, Default)]
pub(crate) struct Versions {
    live: HashMap<String, LiveVersion>,
    /// How long a deletion is remembered, in milliseconds (`index.gc_deletes`): a write in that time continues its
    /// version numbers.
    deletions_kept: i64,
}

impl Versions {
    /// An empty map that remembers deletions for so many milliseconds.
    pub(crate) fn keeping(deletions_kept: i64) -> Versions {
        Versions { live: HashMap::new(), deletions_kept }
    }

    /// Remembers deletions for so many milliseconds from now on.
    pub(crate) fn keep(&mut self, deletions_kept: i64) {
        self.deletions_kept = deletions_kept;
    }

    pub(crate) fn get(&self, id: &str) -> Option<&LiveVersion> {
        self.live.get(id)
    }

    pub(crate) fn set(&mut self, id: String, live: LiveVersion) {
        self.live.insert(id, live);
    }

    /// Forgets what published segments now show, and deletions that are old enough.
    pub(crate) fn published(&mut self, now: i64) {
        let oldest = now.saturating_sub(self.deletions_kept);
        self.live
            .retain(|_, live| matches!(live.state, VersionState::Deleted { at } if at >= oldest));
        if self.live.len() > DELETES_MAX {
            self.live.clear();
        }
        if self.live.capacity() > 4 * self.live.len() + 1024 {
            self.live.shrink_to_fit();
        }
    }
}
