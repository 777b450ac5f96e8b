//! A query whose scorers end when the work is called off. tantivy's own scorers may walk a whole segment within one step:
//! a conjunction or an exclusion of many clauses that agree on nothing. With this around its clauses each of their
//! steps is a look; the collector that drives them sees an early end and then the flag.

use tantivy::query::{EnableScoring, Query, Scorer, Weight};
use tantivy::{DocId, Score, SegmentReader};

use super::lowered::Lowered;
use super::two_phase::{self, Judge, PhasedWeight, Phases};
use crate::exception::Exception;
use crate::work::{Cancel, WorkFaults};

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
        let phases = WholeQuery(self.inner.weight(scoring)?);
        Ok(PhasedWeight::boxed(phases, &self.cancel, &WorkFaults::default()))
    }
}

/// What a loop inside a weight ends with when the work is called off; whoever runs the search tells it by the flag.
pub(crate) fn stopped() -> tantivy::TantivyError {
    tantivy::TantivyError::InternalError("the work was cancelled".to_owned())
}

/// A query that is walked over, and nothing is asked of what it matches.
struct WholeQuery(Box<dyn Weight>);

impl Phases for WholeQuery {
    type Judge = EveryMatch;

    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, EveryMatch)> {
        Ok((self.0.scorer(reader, boost)?, EveryMatch))
    }
}

struct EveryMatch;

impl Judge for EveryMatch {
    fn matches(&mut self, _: DocId, _: &mut dyn Scorer) -> Result<bool, Exception> {
        Ok(true)
    }
}
