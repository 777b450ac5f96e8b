//! Aggregations while they run.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tantivy::query::{EnableScoring, Weight};
use tantivy::{DocId, SegmentReader, TERMINATED};

use super::definition::{Aggregation, Outcome};
use super::pipeline;
use super::profile::{AggregationMeter, TimedStep};
use super::shared::SharedState;
use crate::dsl::Query;
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::dsl::lowered;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::flavor::Flavor;
use crate::index::Snapshot;
use crate::search::Target;

/// What collectors are told of the index they walk over.
pub(crate) struct IndexContext<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// The index with what restricts it.
    pub(crate) target: &'a Target,
    /// All that are searched.
    pub(crate) targets: &'a [Target],
    pub(crate) statistics: &'a Statistics,
    pub(crate) lowering: Lowering<'a>,
    /// What is searched for.
    pub(crate) query: Option<&'a Query>,
    pub(crate) now: Timestamp,
    pub(crate) flavor: Flavor,
    /// What is refused once all fields were looked up.
    pub(crate) refused: Rc<RefCell<Option<Exception>>>,
}

impl IndexContext<'_> {
    /// Refuses the search for `why` once the fields and filters of this aggregation and of those inside it were looked up: the real
    /// servers find what it does not take when they have made these. Of several the first is told.
    pub(crate) fn refuse_later(&self, why: Exception) {
        self.refused.borrow_mut().get_or_insert(why);
    }

    /// The documents that others are compared with: all that the caller may see, or those of them that `filter` finds. (For
    /// Elasticsearch each nested object is one more; their number would tell a caller of fields that are hidden.)
    ///
    /// # Errors
    /// Where the filter does not fit the index's mapping.
    pub(crate) fn background(&self, filter: Option<&Query>) -> Result<Box<dyn Weight>, Exception> {
        let work = self.lowering.work;
        let all = self.target.every_document(self.statistics, self.now, work)?;
        let query = match filter {
            None => all,
            Some(filter) => {
                let filters = vec![all, self.lowering.lower(filter)?];
                lowered::combine(Vec::new(), filters, Vec::new(), Vec::new(), 0)
            }
        };
        let scoring = EnableScoring::disabled_from_searcher(&self.snapshot.searcher);
        query.weight(scoring).map_err(internal)
    }
}

/// Every document of one segment whose values `min_doc_count: 0` lists, searched for or not: of a restricted view those
/// that it shows, else also those that were deleted, as in Elasticsearch.
pub(crate) struct EveryDocument(Option<Box<dyn Weight>>);

impl EveryDocument {
    /// Those of an index.
    ///
    /// # Errors
    /// Where the view's filter does not fit the index's mapping.
    pub(crate) fn of(index: &IndexContext<'_>) -> Result<EveryDocument, Exception> {
        let restricted = index.target.is_restricted();
        Ok(EveryDocument(restricted.then(|| index.background(None)).transpose()?))
    }

    /// Whether those of a view are fewer.
    pub(crate) fn is_restricted(&self) -> bool {
        self.0.is_some()
    }

    /// Hands each document of a segment to `take`.
    ///
    /// # Errors
    /// Those of `take`; `task_cancelled_exception`.
    pub(crate) fn each(
        &self,
        reader: &SegmentReader,
        shared: &SharedState,
        mut take: impl FnMut(DocId) -> Result<(), Exception>,
    ) -> Result<(), Exception> {
        let Some(weight) = &self.0 else {
            return (0..reader.max_doc()).try_for_each(|doc| {
                shared.check()?;
                take(doc)
            });
        };
        let mut scorer = weight.scorer(reader, 1.0).map_err(internal)?;
        while scorer.doc() != TERMINATED {
            shared.check()?;
            if !reader.is_deleted(scorer.doc()) {
                take(scorer.doc())?;
            }
            scorer.advance();
        }
        Ok(())
    }
}

/// One running aggregation.
pub(crate) trait Collector {
    /// A new index begins.
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception>;
    /// The index that was opened last ends.
    fn close_index(&mut self, _index: &IndexContext<'_>) -> Result<(), Exception> {
        Ok(())
    }
    /// A new segment of it begins.
    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception>;
    /// A document of the segment is in the bucket `owner`; documents come in rising order per owner's walk.
    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception>;
    /// The same of several documents at once, for those that read columns by blocks.
    fn collect_block(&mut self, block: Block<'_>) -> Result<(), Exception> {
        block.iter().try_for_each(|(doc, score, owner)| self.collect(doc, score, owner))
    }
    /// Every document of the open segment is in the bucket 0, and none was deleted: `true` where that was counted without a
    /// look at them; else they are collected like others.
    fn collect_all(&mut self, _reader: &SegmentReader) -> Result<bool, Exception> {
        Ok(false)
    }
    /// All documents were walked over, to be walked over again: what was found out goes to [`SharedState::set_plan`].
    fn survey(&mut self) -> Result<(), Exception> {
        Ok(())
    }
    /// The aggregations in its buckets.
    fn subs(&mut self) -> Option<&mut SubAggregations> {
        None
    }
    /// The result for the bucket `owner`.
    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception>;
    /// A number to sort buckets by: the value at `path` below this aggregation.
    fn sort_value(&mut self, _owner: u32, _path: &[&str]) -> Result<Option<f64>, Exception> {
        Ok(None)
    }
    /// How many buckets a shard would tell of in the bucket `owner`, where there may be many.
    fn buckets_of(&mut self, _owner: u32) -> Result<usize, Exception> {
        Ok(0)
    }
    /// How it went about its work on the index that ends, as `profile` tells under `debug`.
    fn debug(&mut self) -> Map<String, Value> {
        Map::new()
    }
    /// The name `typed_keys` prints, once all documents were collected.
    fn type_name(&self) -> &'static str;
}

/// Documents of the open segment, each with its score and the bucket that it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a> {
    pub(crate) docs: &'a [DocId],
    pub(crate) scores: &'a [f32],
    pub(crate) owners: &'a [u32],
}

impl<'a> Block<'a> {
    /// One document after the other.
    pub(crate) fn iter(self) -> impl Iterator<Item = (DocId, f32, u32)> + use<'a> {
        let docs = self.docs.iter().zip(self.scores).zip(self.owners);
        docs.map(|((doc, score), owner)| (*doc, *score, *owner))
    }

    /// The document at `place`.
    #[inline]
    pub(crate) fn at(self, place: u32) -> Option<(DocId, f32, u32)> {
        let place = place as usize;
        Some((*self.docs.get(place)?, *self.scores.get(place)?, *self.owners.get(place)?))
    }

    /// Those from `place` on.
    pub(crate) fn from(self, place: usize) -> Block<'a> {
        Block {
            docs: self.docs.get(place..).unwrap_or_default(),
            scores: self.scores.get(place..).unwrap_or_default(),
            owners: self.owners.get(place..).unwrap_or_default(),
        }
    }
}

/// How many documents wait for the collectors of one level, to be handed on together.
const BLOCK_DOCUMENTS: usize = 128;

/// At most [`BLOCK_DOCUMENTS`] of the first bucket, whose scores nobody asks for.
fn unscored(docs: &[DocId]) -> Block<'_> {
    const SCORES: &[f32] = &[0.0; BLOCK_DOCUMENTS];
    const OWNERS: &[u32] = &[0; BLOCK_DOCUMENTS];
    let scores = SCORES.get(..docs.len()).unwrap_or_default();
    Block { docs, scores, owners: OWNERS.get(..docs.len()).unwrap_or_default() }
}

/// Documents that wait.
#[derive(Debug, Default)]
struct WaitingDocuments {
    docs: Vec<DocId>,
    scores: Vec<f32>,
    owners: Vec<u32>,
}

/// The aggregations inside one bucket, or at the top.
pub(crate) struct SubAggregations {
    around: Surroundings,
    subs: Vec<Sub>,
    /// Documents of the open segment that the collectors were not told of yet.
    waiting: WaitingDocuments,
    shared: SharedState,
}

/// What stands around aggregations.
#[derive(Clone, Copy, Default)]
pub(crate) struct Surroundings {
    /// The type of the aggregation around them.
    type_name: Option<&'static str>,
    /// Whether it, or one around it, has several buckets.
    many: bool,
}

/// One of them: the name it is found by, its `meta`, and the collector.
struct Sub {
    name: String,
    meta: Option<Value>,
    /// As it was asked for.
    asked: Aggregation,
    collector: Box<dyn Collector>,
}

impl SubAggregations {
    /// Running aggregations for `definitions`.
    pub(crate) fn new(
        around: Surroundings,
        definitions: &[(String, Aggregation)],
        shared: &SharedState,
    ) -> Result<SubAggregations, Exception> {
        let one = |(name, definition): &(String, Aggregation)| -> Result<Sub, Exception> {
            shared.begin_meter(name);
            let held = shared.collector(name)?;
            let inside = Surroundings {
                type_name: Some(definition.type_name),
                many: around.many || !matches!(definition.definition.outcome(), Outcome::Bucket),
            };
            let subs = SubAggregations::new(inside, &definition.subs.tree, shared)?;
            let collector = definition.definition.start(subs, shared, held);
            let collector = match shared.end_meter() {
                Some(meter) => Box::new(MeteredCollector { inner: collector, meter }),
                None => collector,
            };
            Ok(Sub {
                name: name.clone(),
                meta: definition.meta.clone(),
                asked: definition.clone(),
                collector,
            })
        };
        let subs = definitions.iter().map(one).collect::<Result<_, _>>()?;
        let waiting = WaitingDocuments::default();
        Ok(SubAggregations { around, subs, waiting, shared: shared.clone() })
    }

    /// Hands on what waits: before anything is asked, and before another segment begins.
    fn flush(&mut self) -> Result<(), Exception> {
        if self.waiting.docs.is_empty() {
            return Ok(());
        }
        let WaitingDocuments { docs, scores, owners } = &self.waiting;
        for sub in &mut self.subs {
            self.shared.check()?;
            sub.collector.collect_block(Block { docs, scores, owners })?;
        }
        self.waiting.docs.clear();
        self.waiting.scores.clear();
        self.waiting.owners.clear();
        self.shared.work().faults.check()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.subs.is_empty()
    }

    pub(crate) fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.flush()?;
        self.subs.iter_mut().try_for_each(|sub| {
            self.shared.check()?;
            if self.around.many && sub.asked.definition.needs_one_bucket() {
                return Err(Exception::illegal_argument(format!(
                    "[{}] cannot be nested inside an aggregation that collects more than a single bucket.",
                    sub.asked.type_name
                )));
            }
            if let Some(around) = self.around.type_name
                && sub.asked.definition.is_paged()
                && !matches!(around, "nested" | "filter")
                && (around != "reverse_nested" || index.flavor == Flavor::Elasticsearch710)
            {
                return Err(Exception::illegal_argument(format!(
                    "[composite] aggregation cannot be used with a parent aggregation of type: [{}]",
                    factory_class(around)
                )));
            }
            if sub.meta.is_none() && sub.asked.rewrites(&index.lowering)? {
                // `AggregationBuilder.rewrite` gives the new one metadata in any case.
                sub.meta = Some(Value::Object(Map::new()));
            }
            sub.collector.open_index(index)?;
            index.refused.take().map_or(Ok(()), Err)
        })
    }

    pub(crate) fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.flush()?;
        self.subs.iter_mut().try_for_each(|sub| {
            self.shared.check()?;
            sub.collector.close_index(index)
        })
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.flush()?;
        self.subs.iter_mut().try_for_each(|sub| {
            self.shared.check()?;
            sub.collector.open_segment(reader)
        })
    }

    /// The open segment ends: what waits is handed on, at all levels, so that it fails where the others fail.
    pub(crate) fn close_segment(&mut self) -> Result<(), Exception> {
        self.flush()?;
        self.subs
            .iter_mut()
            .try_for_each(|sub| sub.collector.subs().map_or(Ok(()), SubAggregations::close_segment))
    }

    /// How many buckets a shard would tell of in all the buckets `owners`.
    pub(crate) fn buckets_in(
        &mut self,
        owners: impl Iterator<Item = u32>,
    ) -> Result<usize, Exception> {
        let mut count = 0usize;
        if self.subs.is_empty() {
            return Ok(count);
        }
        self.flush()?;
        for owner in owners {
            for sub in &mut self.subs {
                self.shared.check()?;
                count = count.saturating_add(sub.collector.buckets_of(owner)?);
            }
        }
        Ok(count)
    }

    /// See [`Collector::survey`].
    pub(crate) fn survey(&mut self) -> Result<(), Exception> {
        self.flush()?;
        self.subs.iter_mut().try_for_each(|sub| {
            self.shared.check()?;
            sub.collector.survey()?;
            sub.collector.subs().map_or(Ok(()), SubAggregations::survey)
        })
    }

    /// A document of the open segment is in the bucket `owner`.
    #[inline]
    pub(crate) fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        if self.subs.is_empty() {
            return Ok(());
        }
        self.waiting.docs.push(doc);
        self.waiting.scores.push(score);
        self.waiting.owners.push(owner);
        if self.waiting.docs.len() >= BLOCK_DOCUMENTS { self.flush() } else { Ok(()) }
    }

    /// Documents of the open segment, many at once: they are handed on as they are, behind those that wait.
    pub(crate) fn collect_block(&mut self, block: Block<'_>) -> Result<(), Exception> {
        self.flush()?;
        for sub in &mut self.subs {
            self.shared.check()?;
            sub.collector.collect_block(block)?;
        }
        self.shared.work().faults.check()
    }

    /// The documents of the open segment are in the bucket 0, without scores: they are handed on as they are.
    pub(crate) fn collect_first(&mut self, docs: &[DocId]) -> Result<(), Exception> {
        for docs in docs.chunks(BLOCK_DOCUMENTS) {
            for sub in &mut self.subs {
                self.shared.check()?;
                sub.collector.collect_block(unscored(docs))?;
            }
        }
        self.shared.work().faults.check()
    }

    /// Every document of the open segment is in the bucket 0, and none was deleted.
    pub(crate) fn collect_all(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        let SubAggregations { subs, shared, .. } = self;
        let mut rest = Vec::new();
        for sub in subs {
            shared.check()?;
            if !sub.collector.collect_all(reader)? {
                rest.push(sub);
            }
        }
        let mut docs: Vec<DocId> = Vec::with_capacity(BLOCK_DOCUMENTS);
        let mut all = (0..reader.max_doc()).take(if rest.is_empty() { 0 } else { usize::MAX });
        loop {
            docs.clear();
            docs.extend(all.by_ref().take(BLOCK_DOCUMENTS));
            if docs.is_empty() {
                return shared.work().faults.check();
            }
            for sub in &mut rest {
                shared.check()?;
                sub.collector.collect_block(unscored(&docs))?;
            }
        }
    }

    /// Puts the results of the bucket `owner` into `bucket`, each under its type and name, `avg>price`.
    pub(crate) fn finish_into(
        &mut self,
        owner: u32,
        bucket: &mut Map<String, Value>,
    ) -> Result<(), Exception> {
        self.flush()?;
        for sub in &mut self.subs {
            self.shared.check()?;
            let mut result = Map::new();
            if let Some(meta) = &sub.meta {
                result.insert("meta".into(), meta.clone());
            }
            result.extend(sub.collector.finish(owner)?);
            pipeline::run_inside(&sub.asked.subs.pipelines, &sub.name, &mut result, &self.shared)?;
            self.shared.result(&result)?;
            let key = format!("{}>{}", sub.collector.type_name(), sub.name);
            bucket.insert(key, Value::Object(result));
        }
        Ok(())
    }

    /// The value at a path such as `inner>stats.avg` in the bucket `owner`.
    pub(crate) fn sort_value(
        &mut self,
        owner: u32,
        path: &[&str],
    ) -> Result<Option<f64>, Exception> {
        self.flush()?;
        let Some((first, rest)) = path.split_first() else { return Ok(None) };
        match self.subs.iter_mut().find(|sub| sub.name == *first) {
            Some(sub) => sub.collector.sort_value(owner, rest),
            None => Err(Exception::new(
                ExceptionKind::AggregationExecution,
                format!("there is no aggregation [{first}] to order by"),
            )),
        }
    }
}

/// The class that makes an aggregation, which Elasticsearch names in one of its sentences.
fn factory_class(type_name: &str) -> String {
    if type_name == "multi_terms" {
        return "MultiTermsAggregationFactory".to_owned();
    }
    let words = type_name.split('_').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        format!("{}{rest}", first.to_uppercase())
    });
    format!("{}AggregatorFactory", words.collect::<String>())
}

/// A collector with its meter.
struct MeteredCollector {
    inner: Box<dyn Collector>,
    meter: Rc<AggregationMeter>,
}

impl Collector for MeteredCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.meter.measured(TimedStep::Initialize, 1, || self.inner.open_index(index))
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let closed =
            self.meter.measured(TimedStep::PostCollection, 1, || self.inner.close_index(index));
        self.meter.is_of(self.inner.type_name(), self.inner.debug());
        closed
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.meter.measured(TimedStep::BuildLeafCollector, 1, || self.inner.open_segment(reader))
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        self.meter.measured(TimedStep::Collect, 1, || self.inner.collect(doc, score, owner))
    }

    fn collect_block(&mut self, block: Block<'_>) -> Result<(), Exception> {
        // Documents come together and are counted one by one.
        let count = block.docs.len();
        self.meter.measured(TimedStep::Collect, count, || self.inner.collect_block(block))
    }

    fn survey(&mut self) -> Result<(), Exception> {
        self.inner.survey()
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        self.inner.subs()
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        self.meter.measured(TimedStep::BuildAggregation, 1, || self.inner.finish(owner))
    }

    fn sort_value(&mut self, owner: u32, path: &[&str]) -> Result<Option<f64>, Exception> {
        self.inner.sort_value(owner, path)
    }

    fn buckets_of(&mut self, owner: u32) -> Result<usize, Exception> {
        self.inner.buckets_of(owner)
    }

    fn type_name(&self) -> &'static str {
        self.inner.type_name()
    }
}
