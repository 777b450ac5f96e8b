//! A query of which only whole documents are hits: what it finds in nested objects is passed over. It stands around the
//! query of every search on an index whose mapping has nested fields, and around no other.

use tantivy::query::{EnableScoring, Query, Scorer, Weight};
use tantivy::{DocId, Score, SegmentReader};

use super::lowered::Lowered;
use super::two_phase::{self, InnerQuery, InnerWeight, Judge, PhasedWeight, Phases, TwoPhaseQuery};
use crate::blocks::Roots;
use crate::exception::Exception;
use crate::work::Cancel;

/// The roots among what `inner` matches.
pub(crate) struct RootsOnly {
    inner: Lowered,
    cancel: Cancel,
}

impl RootsOnly {
    /// The roots among what `inner` matches, until `cancel` is set.
    pub(crate) fn of(inner: Lowered, cancel: &Cancel) -> Lowered {
        let roots = |inner| RootsOnly { inner, cancel: cancel.clone() };
        match two_phase::work(inner.as_ref()) {
            Some(work) => {
                let likely = Box::new(roots(two_phase::likely(inner.as_ref())));
                TwoPhaseQuery::of(roots(inner), likely, &work)
            }
            None => Box::new(roots(inner)),
        }
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
        let faults = two_phase::work(self.inner.as_ref()).map(|work| work.faults);
        let inner = InnerWeight::of(self.inner.as_ref(), scoring)?;
        Ok(PhasedWeight::boxed(RootsOfQuery(inner), &self.cancel, &faults.unwrap_or_default()))
    }
}

struct RootsOfQuery(InnerWeight);

impl Phases for RootsOfQuery {
    type Judge = RootsOfSegment;

    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, RootsOfSegment)> {
        let (lead, inner) = self.0.open(reader, boost)?;
        Ok((lead, RootsOfSegment { inner, roots: Roots::of(reader)? }))
    }
}

struct RootsOfSegment {
    inner: InnerQuery,
    roots: Roots,
}

impl Judge for RootsOfSegment {
    fn matches(&mut self, doc: DocId, _: &mut dyn Scorer) -> Result<bool, Exception> {
        Ok(self.roots.contains(doc) && self.inner.holds(doc)?)
    }

    fn score(&mut self, _: DocId, lead: &mut dyn Scorer) -> Result<f32, Exception> {
        Ok(self.inner.score(lead))
    }

    fn behind(&self, doc: DocId) -> DocId {
        // What the query finds in the block before its root is no hit.
        self.roots.root_of(doc).max(doc + 1)
    }
}
