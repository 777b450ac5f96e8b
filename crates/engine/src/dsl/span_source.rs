//! What stands where in a document: places, and what finds them on a segment.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use tantivy::{DocId, SegmentReader};

use crate::work::Cancel;

/// Where something stands in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SpanPosition {
    /// The position of its first word.
    pub(super) start: i64,
    /// The position behind its last word.
    pub(super) end: i64,
    /// Of a span: its width as Lucene weighs it. Of an interval: the words within that are none of its own.
    pub(super) gaps: i64,
}

/// A part of a query on one segment.
pub(super) trait SpanPositions: Send + Sync {
    /// The first document at or after `target` that may have places.
    fn seek(&mut self, target: DocId, cancel: &Cancel) -> DocId;

    /// The places in `doc`, which [`SpanPositions::seek`] was asked for, in order of their starts.
    fn places(&mut self, doc: DocId, cancel: &Cancel) -> Vec<SpanPosition>;
}

/// A part of a query on one index.
pub(super) trait SpanPositionsSource: Debug + Send + Sync {
    /// The same on one segment; `None` where it has no places.
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Option<Box<dyn SpanPositions>>>;
}

/// Spans on one index.
pub(crate) struct IndexSpans {
    /// The field whose length counts.
    pub(super) path: String,
    /// What finds them on a segment.
    pub(super) source: Arc<dyn SpanPositionsSource>,
    /// The different terms that are looked for.
    pub(super) terms: BTreeSet<tantivy::Term>,
    /// As Lucene writes it.
    pub(super) shown: String,
}
