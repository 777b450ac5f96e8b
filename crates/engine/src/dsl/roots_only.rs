//! A query of which only whole documents are hits: what it finds in nested objects is passed over. It stands around the
//! query of every search on an index whose mapping has nested fields, and around no other.

use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::lowered::Lowered;
use crate::blocks::Roots;
use crate::work::Cancel;

/// The roots among what `inner` matches.
pub(crate) struct RootsOnly {
    inner: Lowered,
    cancel: Cancel,
}

impl RootsOnly {
    /// The roots among what `inner` matches, until `cancel` is set.
    pub(crate) fn of(inner: Lowered, cancel: &Cancel) -> Lowered {
        Box::new(RootsOnly { inner, cancel: cancel.clone() })
    }
}

impl Clone for RootsOnly {
    fn clone(&self) -> RootsOnly {
        RootsOnly { inner: self.inner.box_clone(), cancel: self.cancel.clone() }
    }
}

impl std::fmt::Debug for RootsOnly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RootsOnly({:?})", self.inner)
    }
}

impl Query for RootsOnly {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.inner.weight(scoring)?;
        Ok(Box::new(RootsOnlyWeight { inner, cancel: self.cancel.clone() }))
    }
}

struct RootsOnlyWeight {
    inner: Box<dyn Weight>,
    cancel: Cancel,
}

impl Weight for RootsOnlyWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inner = self.inner.scorer(reader, boost)?;
        let roots = Roots::of(reader)?;
        if matches!(roots, Roots::All) {
            return Ok(inner);
        }
        let mut scorer =
            RootsOnlyScorer { inner, roots, cancel: self.cancel.clone(), ended: false };
        if scorer.settle() == TERMINATED {
            return Ok(Box::new(EmptyScorer));
        }
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }
}

struct RootsOnlyScorer {
    inner: Box<dyn Scorer>,
    roots: Roots,
    cancel: Cancel,
    ended: bool,
}

impl RootsOnlyScorer {
    /// Goes on to the next root, unless it stands on one.
    fn settle(&mut self) -> DocId {
        let mut doc = self.inner.doc();
        while doc != TERMINATED && !self.roots.contains(doc) {
            self.ended |= self.cancel.is_cancelled();
            if self.ended {
                return TERMINATED;
            }
            // What the query finds in the block before its root is no hit.
            doc = self.inner.seek(self.roots.root_of(doc));
        }
        doc
    }
}

impl DocSet for RootsOnlyScorer {
    fn advance(&mut self) -> DocId {
        if self.ended {
            return TERMINATED;
        }
        self.inner.advance();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.ended {
            return TERMINATED;
        }
        self.inner.seek(target);
        self.settle()
    }

    fn doc(&self) -> DocId {
        if self.ended { TERMINATED } else { self.inner.doc() }
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }

    fn cost(&self) -> u64 {
        self.inner.cost()
    }
}

impl Scorer for RootsOnlyScorer {
    fn score(&mut self) -> Score {
        self.inner.score()
    }
}
