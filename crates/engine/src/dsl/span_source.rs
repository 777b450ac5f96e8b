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
    /// The field that they are in, as the clauses around them see it.
    pub(super) path: String,
    /// The field by which they are scored alone, where that is another one. (`FieldMaskingSpanQuery.createWeight`)
    pub(super) scored_by: Option<String>,
    /// What finds them on a segment.
    pub(super) source: Arc<dyn SpanPositionsSource>,
    /// The different terms that are looked for.
    pub(super) terms: BTreeSet<tantivy::Term>,
    /// As Lucene writes it.
    pub(super) shown: String,
}

impl IndexSpans {
    /// Those of `terms` in the field at `path`.
    pub(super) fn new(
        path: String,
        source: Arc<dyn SpanPositionsSource>,
        terms: BTreeSet<tantivy::Term>,
        shown: String,
    ) -> IndexSpans {
        IndexSpans { path, scored_by: None, source, terms, shown }
    }

    /// The same, which clauses around them see in the field at `path`.
    pub(super) fn masked(self, path: &str) -> IndexSpans {
        let shown = format!("mask({}) as {path}", self.shown);
        let scored_by = self.scored_by.or(Some(self.path));
        IndexSpans { path: path.to_owned(), scored_by, shown, ..self }
    }
}
