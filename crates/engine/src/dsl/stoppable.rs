//! A query whose scorers end when the work is called off. tantivy's own scorers may walk a whole segment within one step:
//! a conjunction or an exclusion of many clauses that agree on nothing. With this around its clauses each of their
//! steps is a look; the collector that drives them sees an early end and then the flag.

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::lowered::Lowered;
use crate::work::Cancel;

/// `inner`, until `cancel` is set.
pub(crate) struct Stoppable {
    inner: Lowered,
    cancel: Cancel,
}

impl Stoppable {
    /// `inner`, until `cancel` is set.
    pub(crate) fn around(inner: Lowered, cancel: &Cancel) -> Lowered {
        Box::new(Stoppable { inner, cancel: cancel.clone() })
    }

    /// Another query that ends as this does.
    pub(super) fn around_another(&self, inner: Lowered) -> Lowered {
        Stoppable::around(inner, &self.cancel)
    }

    /// What ends.
    pub(super) fn inner(&self) -> &dyn Query {
        self.inner.as_ref()
    }
}

impl Clone for Stoppable {
    fn clone(&self) -> Stoppable {
        Stoppable { inner: self.inner.box_clone(), cancel: self.cancel.clone() }
    }
}

impl std::fmt::Debug for Stoppable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

impl Query for Stoppable {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.inner.weight(scoring)?;
        Ok(Box::new(StoppableWeight { inner, cancel: self.cancel.clone() }))
    }
}

/// What a loop inside a weight ends with when the work is called off; whoever runs the search tells it by the flag.
pub(crate) fn stopped() -> tantivy::TantivyError {
    tantivy::TantivyError::InternalError("the work was cancelled".to_owned())
}

struct StoppableWeight {
    inner: Box<dyn Weight>,
    cancel: Cancel,
}

impl Weight for StoppableWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inner = self.inner.scorer(reader, boost)?;
        Ok(Box::new(StoppableScorer { inner, cancel: self.cancel.clone(), ended: false }))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }
}

struct StoppableScorer {
    inner: Box<dyn Scorer>,
    cancel: Cancel,
    ended: bool,
}

impl StoppableScorer {
    fn ends(&mut self) -> bool {
        self.ended |= self.cancel.is_cancelled();
        self.ended
    }
}

impl DocSet for StoppableScorer {
    fn advance(&mut self) -> DocId {
        if self.ends() { TERMINATED } else { self.inner.advance() }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.ends() { TERMINATED } else { self.inner.seek(target) }
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

impl Scorer for StoppableScorer {
    fn score(&mut self) -> Score {
        if self.ended { 0.0 } else { self.inner.score() }
    }
}
