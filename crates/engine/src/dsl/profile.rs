//! `profile`: the tree of a query with a meter around each of its parts. What is told was measured while it ran.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SeekDangerResult, SegmentReader, TERMINATED};

use super::explain;
use super::lowered::{
    self, BestOf, Boosted, Combined, Constant, Lowered, best_of_several, boolean,
};
use super::stoppable::StoppableQuery;
use super::two_phase::{self, TwoPhaseQuery};
use crate::flavor::Flavor;

/// A clock to measure with.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What is measured of a part.
#[derive(Clone, Copy)]
enum MeteredStep {
    CreateWeight,
    BuildScorer,
    NextDoc,
    Advance,
    Score,
}

/// The names of all that Elasticsearch tells of a part; what is not in [`MeteredStep`] does not happen here.
const NAMES: [&str; 9] = [
    "create_weight",
    "build_scorer",
    "next_doc",
    "advance",
    "score",
    "match",
    "shallow_advance",
    "compute_max_score",
    "set_min_competitive_score",
];

/// How often each step of a part was done, and how long it took.
#[derive(Default)]
struct Counters([(AtomicU64, AtomicU64); 5]);

/// The measured part of a query.
pub(crate) struct Meter {
    kind: &'static str,
    text: String,
    counters: Counters,
    parts: Vec<Arc<Meter>>,
    clock: Clock,
}

impl Meter {
    /// `query` with meters around it and its parts, and the outermost of them.
    pub(crate) fn around(
        query: &dyn Query,
        flavor: Flavor,
        clock: &Clock,
    ) -> (Lowered, Arc<Meter>) {
        let (kind, _) = explain::kind_and_parts(query);
        let text = explain::text(query, flavor);
        let mut parts = Vec::new();
        let mut within = |part: &dyn Query| {
            let (query, meter) = Meter::around(part, flavor, clock);
            parts.push(meter);
            query
        };
        let whole = two_phase::whole(query);
        let inner: Lowered = if let Some(stoppable) = whole.downcast_ref::<StoppableQuery>() {
            // What ends a part is none itself.
            let (inner, meter) = Meter::around(stoppable.inner(), flavor, clock);
            return (stoppable.around_another(inner), meter);
        } else if let Some(combined) = whole.downcast_ref::<Combined>() {
            let clauses = combined.clauses().map(|(role, query)| (role, within(query))).collect();
            boolean(clauses, combined.required)
        } else if let Some(boosted) = whole.downcast_ref::<Boosted>() {
            lowered::boosted(within(boosted.inner.as_ref()), boosted.boost)
        } else if let Some(best) = whole.downcast_ref::<BestOf>() {
            let parts = best.parts.iter().map(|part| within(part.as_ref())).collect();
            best_of_several(parts, best.tie_breaker)
        } else if let Some(constant) =
            whole.downcast_ref::<Constant>().filter(|it| it.leaf.is_none())
        {
            constant.of_another(within(constant.inner.as_ref()))
        } else {
            query.box_clone()
        };
        let meter =
            Meter { kind, text, counters: Counters::default(), parts, clock: Arc::clone(clock) };
        let meter = Arc::new(meter);
        let measured = Arc::clone(&meter);
        let query =
            TwoPhaseQuery::change(inner, |inner| Box::new(MeteredQuery { inner, meter: measured }));
        (query, meter)
    }

    /// Does a step, and counts it.
    fn step<T>(&self, step: MeteredStep, work: impl FnOnce() -> T) -> T {
        let begun = (self.clock)();
        let done = work();
        let took = u64::try_from((self.clock)().duration_since(begun).as_nanos()).unwrap_or(0);
        if let Some((count, time)) = self.counters.0.get(step as usize) {
            count.fetch_add(1, Ordering::Relaxed);
            time.fetch_add(took, Ordering::Relaxed);
        }
        done
    }

    /// As it is printed.
    pub(crate) fn to_json(&self) -> Value {
        let mut breakdown = Map::new();
        let mut total = 0;
        for (at, name) in NAMES.iter().enumerate() {
            let (count, time) = self.counters.0.get(at).map_or((0, 0), |(count, time)| {
                (count.load(Ordering::Relaxed), time.load(Ordering::Relaxed))
            });
            total += time;
            breakdown.insert((*name).to_owned(), time.into());
            breakdown.insert(format!("{name}_count"), count.into());
        }
        let mut told = json!({
            "type": self.kind, "description": self.text, "time_in_nanos": total, "breakdown": breakdown,
        });
        if let (Some(told), false) = (told.as_object_mut(), self.parts.is_empty()) {
            let parts: Vec<Value> = self.parts.iter().map(|part| part.to_json()).collect();
            told.insert("children".to_owned(), parts.into());
        }
        told
    }
}

/// A query with a meter.
struct MeteredQuery {
    inner: Lowered,
    meter: Arc<Meter>,
}

impl Clone for MeteredQuery {
    fn clone(&self) -> MeteredQuery {
        MeteredQuery { inner: self.inner.box_clone(), meter: Arc::clone(&self.meter) }
    }
}

impl std::fmt::Debug for MeteredQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

impl Query for MeteredQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.meter.step(MeteredStep::CreateWeight, || self.inner.weight(scoring))?;
        Ok(Box::new(MeteredWeight { inner, meter: Arc::clone(&self.meter) }))
    }
}

struct MeteredWeight {
    inner: Box<dyn Weight>,
    meter: Arc<Meter>,
}

impl Weight for MeteredWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inner =
            self.meter.step(MeteredStep::BuildScorer, || self.inner.scorer(reader, boost))?;
        if inner.doc() == TERMINATED {
            return Ok(inner);
        }
        Ok(Box::new(MeteredScorer { inner, meter: Arc::clone(&self.meter) }))
    }

    fn scorer_danger(
        &self,
        reader: &SegmentReader,
        target: DocId,
        boost: Score,
    ) -> tantivy::Result<(SeekDangerResult, Box<dyn Scorer>)> {
        let opened = || self.inner.scorer_danger(reader, target, boost);
        let (found, inner) = self.meter.step(MeteredStep::BuildScorer, opened)?;
        Ok((found, Box::new(MeteredScorer { inner, meter: Arc::clone(&self.meter) })))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }
}

struct MeteredScorer {
    inner: Box<dyn Scorer>,
    meter: Arc<Meter>,
}

impl DocSet for MeteredScorer {
    fn advance(&mut self) -> DocId {
        let inner = &mut self.inner;
        self.meter.step(MeteredStep::NextDoc, || inner.advance())
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let inner = &mut self.inner;
        self.meter.step(MeteredStep::Advance, || inner.seek(target))
    }

    fn seek_danger(&mut self, target: DocId) -> SeekDangerResult {
        let inner = &mut self.inner;
        self.meter.step(MeteredStep::Advance, || inner.seek_danger(target))
    }

    fn doc(&self) -> DocId {
        self.inner.doc()
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }
}

impl Scorer for MeteredScorer {
    fn score(&mut self) -> Score {
        let inner = &mut self.inner;
        self.meter.step(MeteredStep::Score, || inner.score())
    }
}
