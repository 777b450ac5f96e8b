//! The documents that a test accepts, each looked at: for values that no term stands for, such as places and ranges.

use std::sync::Arc;

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use crate::work::Cancel;

/// A test on one segment: the score of a document that it accepts.
pub(crate) type SegmentTest = Box<dyn FnMut(DocId) -> Option<Score> + Send>;

/// Opens a test on a segment; `None` where no document of it can be accepted.
pub(crate) type OpenTest =
    Arc<dyn Fn(&SegmentReader) -> tantivy::Result<Option<SegmentTest>> + Send + Sync>;

/// Every document that the test accepts, with the score that it gives.
#[derive(Clone)]
pub(crate) struct Scan {
    what: &'static str,
    open: OpenTest,
    cancel: Cancel,
}

impl Scan {
    /// The documents accepted by what `open` opens; `what` names it for whoever debugs.
    pub(crate) fn new(what: &'static str, cancel: &Cancel, open: OpenTest) -> Scan {
        Scan { what, open, cancel: cancel.clone() }
    }
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scan({})", self.what)
    }
}

impl Query for Scan {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Scan {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Some(test) = (self.open)(reader)? else {
            return Ok(Box::new(tantivy::query::EmptyScorer));
        };
        let mut scorer = ScanScorer {
            test,
            end: reader.max_doc(),
            doc: 0,
            score: 0.0,
            boost,
            cancel: self.cancel.clone(),
        };
        scorer.find(0);
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() != doc && scorer.seek(doc) != doc {
            return Err(tantivy::TantivyError::InvalidArgument(format!(
                "document {doc} does not match"
            )));
        }
        Ok(Explanation::new(self.what, scorer.score()))
    }
}

struct ScanScorer {
    test: SegmentTest,
    end: DocId,
    doc: DocId,
    score: Score,
    boost: Score,
    cancel: Cancel,
}

impl ScanScorer {
    /// Goes to the first accepted document from `doc` on.
    fn find(&mut self, mut doc: DocId) -> DocId {
        while doc < self.end && !self.cancel.is_cancelled() {
            if let Some(score) = (self.test)(doc) {
                (self.doc, self.score) = (doc, score);
                return doc;
            }
            doc += 1;
        }
        self.doc = TERMINATED;
        TERMINATED
    }
}

impl DocSet for ScanScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED { TERMINATED } else { self.find(self.doc + 1) }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target <= self.doc { self.doc } else { self.find(target) }
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.end
    }

    fn cost(&self) -> u64 {
        u64::from(self.end)
    }
}

impl Scorer for ScanScorer {
    fn score(&mut self) -> Score {
        self.score * self.boost
    }
}
