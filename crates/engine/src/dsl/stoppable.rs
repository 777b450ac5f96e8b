//! A query whose scorers end when the work is called off. tantivy's own scorers may walk a whole segment within one step:
//! a conjunction or an exclusion of many clauses that agree on nothing. With this around its clauses each of their
//! steps is a look; the collector that drives them sees an early end and then the flag.

use tantivy::fastfield::AliveBitSet;
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SeekDangerResult, SegmentReader, TERMINATED};

use super::bm25::ScoredTerm;
use super::lowered::Lowered;
use super::two_phase;
use crate::work::Cancel;

/// `inner`, until `cancel` is set.
pub(crate) struct StoppableQuery {
    inner: Lowered,
    cancel: Cancel,
}

impl StoppableQuery {
    /// `inner`, until `cancel` is set; a query in phases looks at it as it is.
    pub(crate) fn around(inner: Lowered, cancel: &Cancel) -> Lowered {
        if two_phase::work(inner.as_ref()).is_some() {
            return inner;
        }
        Box::new(StoppableQuery { inner, cancel: cancel.clone() })
    }

    /// Another query that ends as this does.
    pub(super) fn around_another(&self, inner: Lowered) -> Lowered {
        StoppableQuery::around(inner, &self.cancel)
    }

    /// What ends.
    pub(super) fn inner(&self) -> &dyn Query {
        self.inner.as_ref()
    }
}

impl Clone for StoppableQuery {
    fn clone(&self) -> StoppableQuery {
        StoppableQuery { inner: self.inner.box_clone(), cancel: self.cancel.clone() }
    }
}

impl std::fmt::Debug for StoppableQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

impl Query for StoppableQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let (inner, cancel) = (whole(self.inner.as_ref(), scoring)?, self.cancel.clone());
        Ok(Box::new(StoppableWeight { inner, cancel }))
    }
}

/// The weight of a query that tantivy does not join with others.
pub(crate) fn whole(
    query: &dyn Query,
    scoring: EnableScoring<'_>,
) -> tantivy::Result<Box<dyn Weight>> {
    match query.downcast_ref::<ScoredTerm>() {
        Some(term) => term.weight_alone(scoring),
        None => query.weight(scoring),
    }
}

/// What `scorer` walks over, for a loop that asks of each match whether it was deleted, and whether the work was called off: as this
/// does, which is then between them for nothing.
pub(crate) fn watched(scorer: Box<dyn Scorer>) -> Box<dyn Scorer> {
    match scorer.downcast::<StoppableScorer>() {
        Ok(stoppable) => stoppable.inner,
        Err(scorer) => scorer,
    }
}

/// A query that is walked over: nothing is asked of what it matches but whether it was deleted.
struct StoppableWeight {
    inner: Box<dyn Weight>,
    cancel: Cancel,
}

impl StoppableWeight {
    fn open(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<StoppableScorer> {
        let (inner, cancel) = (self.inner.scorer(reader, boost)?, self.cancel.clone());
        let alive = reader.alive_bitset().cloned();
        Ok(StoppableScorer { inner, alive, cancel, ended: false })
    }
}

impl Weight for StoppableWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorer = self.open(reader, boost)?;
        scorer.settle(scorer.doc());
        Ok(Box::new(scorer))
    }

    fn scorer_danger(
        &self,
        reader: &SegmentReader,
        target: DocId,
        boost: Score,
    ) -> tantivy::Result<(SeekDangerResult, Box<dyn Scorer>)> {
        let mut scorer = self.open(reader, boost)?;
        Ok((scorer.seek_danger(target), Box::new(scorer)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let (found, mut scorer) = self.scorer_danger(reader, doc, 1.0)?;
        let found = found == SeekDangerResult::Found;
        Ok(Explanation::new("until it is called off", if found { scorer.score() } else { 0.0 }))
    }
}

struct StoppableScorer {
    inner: Box<dyn Scorer>,
    /// The documents that were not deleted; `None`: all.
    alive: Option<AliveBitSet>,
    cancel: Cancel,
    ended: bool,
}

impl StoppableScorer {
    /// Goes on from `doc`, on which it stands, to the next document that was not deleted.
    #[inline]
    fn settle(&mut self, doc: DocId) -> DocId {
        if self.cancel.is_cancelled() {
            self.ended = true;
            return TERMINATED;
        }
        if self.alive.is_none() { doc } else { self.settle_alive(doc) }
    }

    fn settle_alive(&mut self, doc: DocId) -> DocId {
        let mut doc = doc;
        while doc != TERMINATED && !self.is_alive(doc) {
            if self.cancel.is_cancelled() {
                self.ended = true;
                return TERMINATED;
            }
            doc = self.inner.advance();
        }
        doc
    }

    fn is_alive(&self, doc: DocId) -> bool {
        self.alive.as_ref().is_none_or(|alive| alive.is_alive(doc))
    }
}

impl DocSet for StoppableScorer {
    #[inline]
    fn advance(&mut self) -> DocId {
        if self.ended {
            return TERMINATED;
        }
        let doc = self.inner.advance();
        self.settle(doc)
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let doc = self.doc();
        let doc = if doc < target { self.inner.seek(target) } else { doc };
        self.settle(doc)
    }

    fn seek_danger(&mut self, target: DocId) -> SeekDangerResult {
        if self.doc() < target {
            self.inner.seek(target);
        }
        self.ended |= self.cancel.is_cancelled();
        match self.doc() {
            TERMINATED => SeekDangerResult::SeekLowerBound(TERMINATED),
            doc if doc > target => SeekDangerResult::SeekLowerBound(doc),
            doc if self.is_alive(doc) => SeekDangerResult::Found,
            doc => SeekDangerResult::SeekLowerBound(doc + 1),
        }
    }

    #[inline]
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
    #[inline]
    fn score(&mut self) -> Score {
        if self.ended { 0.0 } else { self.inner.score() }
    }
}
