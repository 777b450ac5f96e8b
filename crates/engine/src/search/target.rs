//! What a search runs on: the one place where a search meets what its view shows.

use std::sync::Arc;

use jiff::Timestamp;
use tantivy::query::AllQuery;

use crate::dsl::Query;
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::{Lowered, Lowering};
use crate::dsl::lowered;
use crate::dsl::roots_only::RootsOnly;
use crate::exception::Exception;
use crate::index::{ExistingDocuments, Snapshot};
use crate::restriction::Shown;
use crate::view::View;
use crate::work::Work;

/// One index that a search runs on, as its view shows it.
#[derive(Clone)]
pub struct Target {
    snapshot: Arc<Snapshot>,
    /// The index with all of its fields, on which the view's filter is judged.
    whole: Arc<Snapshot>,
    /// Of the aliases: callers' own words, which see what the caller sees.
    alias_filter: Option<Query>,
    view_filter: Option<Query>,
}

impl Target {
    /// The index of `snapshot`, of which hits must also match `alias_filter` (the filters of the aliases it was named
    /// by, joined by OR) and what `view` asks of its documents; only the fields that `view` shows are there.
    pub fn new(snapshot: Arc<Snapshot>, alias_filter: Option<Query>, view: &View) -> Target {
        let Shown { filter: view_filter, fields } = view.shown(&snapshot.uuid, &snapshot.mapping);
        let shown = match &fields {
            Some(fields) => Arc::new(snapshot.restricted(fields)),
            None => Arc::clone(&snapshot),
        };
        let shown = match &view_filter {
            Some(filter) => {
                let (filter, whole) = (filter.clone(), Arc::clone(&snapshot));
                let existing = Some(Arc::new(ExistingDocuments { filter, whole }));
                Arc::new(Snapshot { existing, ..Snapshot::clone(&shown) })
            }
            None => shown,
        };
        Target { snapshot: shown, whole: snapshot, alias_filter, view_filter }
    }

    /// The same index, whatever aliases it was named by.
    pub(crate) fn without_alias(&self) -> Target {
        Target { alias_filter: None, ..self.clone() }
    }

    /// What of the index is searched.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Whether every document of the index may be a hit.
    pub(crate) fn is_unfiltered(&self) -> bool {
        self.alias_filter.is_none() && self.view_filter.is_none()
    }

    /// Whether the view shows only some of its documents.
    pub(crate) fn is_restricted(&self) -> bool {
        self.view_filter.is_some()
    }

    /// Every document that is there for this search, lowered.
    ///
    /// # Errors
    /// As [`Target::filters`].
    pub(crate) fn every_document(
        &self,
        statistics: &Statistics,
        now: Timestamp,
        work: &Work,
    ) -> Result<Lowered, Exception> {
        let every: Lowered = if self.is_unfiltered() {
            Box::new(AllQuery)
        } else {
            let filters = self.filters(statistics, now, work)?;
            lowered::combine(Vec::new(), filters, Vec::new(), Vec::new(), 0)
        };
        if self.snapshot.mapping.has_blocks() {
            return Ok(RootsOnly::of(every, &work.cancel));
        }
        Ok(every)
    }

    /// What every hit must match besides the query, lowered.
    ///
    /// # Errors
    /// Where a filter does not fit the index's mapping.
    pub(crate) fn filters(
        &self,
        statistics: &Statistics,
        now: Timestamp,
        work: &Work,
    ) -> Result<Vec<Lowered>, Exception> {
        let shown = Lowering::new(&self.snapshot, statistics, now, work);
        let whole = Lowering::new(&self.whole, statistics, now, work);
        let of_aliases = self.alias_filter.iter().map(|filter| shown.lower(filter));
        of_aliases.chain(self.view_filter.iter().map(|filter| whole.lower(filter))).collect()
    }
}
