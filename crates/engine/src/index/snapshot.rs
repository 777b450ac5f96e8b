//! What a search sees.

use std::sync::Arc;

use tantivy::Searcher;

use crate::mapping::Mapping;

/// One index at the moment of its last refresh. Searches run on it; it never changes.
#[derive(Clone)]
pub struct Snapshot {
    /// The segments, their deletions applied.
    pub searcher: Searcher,
    /// The mapping whose schema the segments were opened with.
    pub mapping: Arc<Mapping>,
    /// The index's name.
    pub name: Arc<str>,
    /// The index's uuid.
    pub uuid: Arc<str>,
    /// `index.max_result_window`.
    pub max_result_window: u64,
}
