//! The aggregations of one search.

use jiff::Timestamp;
use serde_json::{Map, Value};
use tantivy::query::EnableScoring;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use super::collector::{IndexContext, Subs};
use super::definition::Aggregation;
use super::shared::Shared;
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::exception::{Exception, internal};
use crate::flavor::Flavor;
use crate::search::Target;
use crate::work::{Held, Work};

/// Results by name, and the memory that they take.
type Results = (Map<String, Value>, Held);

/// The aggregations of one search while it runs.
pub(crate) struct Aggregator<'a> {
    targets: &'a [Target],
    statistics: &'a Statistics,
    now: Timestamp,
    flavor: Flavor,
    order: Vec<String>,
    matching: Subs,
    global: Subs,
    shared: Shared,
    work: &'a Work,
    /// Which target is open.
    target: usize,
}

impl<'a> Aggregator<'a> {
    /// Starts `definitions` over `targets`.
    pub(crate) fn new(
        definitions: &[(String, Aggregation)],
        targets: &'a [Target],
        statistics: &'a Statistics,
        now: Timestamp,
        flavor: Flavor,
        typed: bool,
        work: &'a Work,
    ) -> Result<Aggregator<'a>, Exception> {
        let shared = Shared::new(work);
        let (global, matching): (Vec<_>, Vec<_>) = definitions
            .iter()
            .cloned()
            .partition(|(_, aggregation)| aggregation.definition.is_global());
        Ok(Aggregator {
            targets,
            statistics,
            now,
            flavor,
            order: definitions.iter().map(|(name, _)| name.clone()).collect(),
            matching: Subs::new(&matching, typed, &shared)?,
            global: Subs::new(&global, typed, &shared)?,
            shared,
            work,
            target: 0,
        })
    }

    /// Whether there is nothing to collect.
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The target number `target` begins.
    pub(crate) fn open_index(&mut self, target: usize) -> Result<(), Exception> {
        self.target = target;
        let Some(target) = self.targets.get(target).filter(|_| !self.order.is_empty()) else {
            return Ok(());
        };
        let context = context(target, self.statistics, self.now, self.flavor, self.work);
        self.matching.open_index(&context)?;
        self.global.open_index(&context)
    }

    /// A segment of it begins.
    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.matching.open_segment(reader)?;
        if self.global.is_empty() {
            return Ok(());
        }
        self.global.open_segment(reader)?;
        let Some(target) = self.targets.get(self.target) else { return Ok(()) };
        // Global is everything the caller may see: the filters of the target still hold.
        let query = target.every_document(self.statistics, self.now, self.work)?;
        let scoring = EnableScoring::disabled_from_searcher(&target.snapshot().searcher);
        let mut scorer = query
            .weight(scoring)
            .and_then(|weight| weight.scorer(reader, 1.0))
            .map_err(internal)?;
        while scorer.doc() != TERMINATED {
            self.work.check()?;
            if !reader.is_deleted(scorer.doc()) {
                self.global.collect(scorer.doc(), 0.0, 0)?;
            }
            scorer.advance();
        }
        Ok(())
    }

    /// A document matches.
    #[inline]
    pub(crate) fn collect(&mut self, doc: DocId, score: f32) -> Result<(), Exception> {
        self.matching.collect(doc, score, 0)
    }

    /// The results by name, in the order of the request, with the memory they take; `None` when nothing was asked for.
    pub(crate) fn finish(mut self) -> Result<Option<Results>, Exception> {
        if self.order.is_empty() {
            return Ok(None);
        }
        let mut results = Map::new();
        self.matching.finish_into(0, &mut results)?;
        self.global.finish_into(0, &mut results)?;
        let place = |key: &str| {
            let own = |name: &&String| {
                *name == key || key.split_once('#').is_some_and(|(_, own)| own == name.as_str())
            };
            self.order.iter().position(|name| own(&name)).unwrap_or(usize::MAX)
        };
        let mut results: Vec<(usize, String, Value)> =
            results.into_iter().map(|(key, value)| (place(&key), key, value)).collect();
        results.sort_by_key(|(place, _, _)| *place);
        let ordered = results.into_iter().map(|(_, key, value)| (key, value)).collect();
        Ok(Some((ordered, self.shared.answer())))
    }
}

fn context<'a>(
    target: &'a Target,
    statistics: &'a Statistics,
    now: Timestamp,
    flavor: Flavor,
    work: &'a Work,
) -> IndexContext<'a> {
    let snapshot = target.snapshot();
    let lowering = Lowering::new(snapshot, statistics, now, work);
    IndexContext { snapshot, lowering, now, flavor }
}
