//! The aggregations of one search.

use std::rc::Rc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tantivy::query::EnableScoring;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use super::buckets::OrderKey;
use super::collector::{IndexContext, SubAggregations, Surroundings};
use super::definition::{Aggregations, Outcome};
use super::path::AggregationPath;
use super::pipeline;
use super::profile::add_share;
use super::shared::{Plans, SharedState};
use crate::dsl::Query;
use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::dsl::profile::Clock;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::search::Target;
use crate::work::{HeldMemory, Work};

/// Results by name, and the memory that they take.
type Results = (Map<String, Value>, HeldMemory);

/// The aggregations of one search while it runs.
pub(crate) struct Aggregator<'a> {
    targets: &'a [Target],
    statistics: &'a Statistics,
    now: Timestamp,
    definitions: &'a Aggregations,
    order: Vec<String>,
    typed: bool,
    matching: SubAggregations,
    global: SubAggregations,
    shared: SharedState,
    work: &'a Work,
    /// Which target is open.
    target: usize,
    /// What was measured on each target.
    measured: Vec<Value>,
    /// What is searched for.
    query: Option<&'a Query>,
}

impl<'a> Aggregator<'a> {
    /// Starts `definitions` over `targets`, measured by `clock`.
    pub(crate) fn new(
        definitions: &'a Aggregations,
        targets: &'a [Target],
        statistics: &'a Statistics,
        now: Timestamp,
        typed: bool,
        clock: Option<&Clock>,
        work: &'a Work,
    ) -> Result<Aggregator<'a>, Exception> {
        definitions.known_to(statistics.flavor())?;
        let shared = SharedState::new(work, now, clock);
        let (global, matching): (Vec<_>, Vec<_>) = definitions
            .tree
            .iter()
            .cloned()
            .partition(|(_, aggregation)| aggregation.definition.is_global());
        Ok(Aggregator {
            targets,
            statistics,
            now,
            definitions,
            order: definitions.tree.iter().map(|(name, _)| name.clone()).collect(),
            typed,
            matching: SubAggregations::new(Surroundings::default(), &matching, &shared)?,
            global: SubAggregations::new(Surroundings::default(), &global, &shared)?,
            shared,
            work,
            target: 0,
            measured: Vec::new(),
            query: None,
        })
    }

    /// The same, of a search for `query`.
    pub(crate) fn of(self, query: Option<&'a Query>) -> Aggregator<'a> {
        Aggregator { query, ..self }
    }

    /// The same, knowing what earlier walks found out.
    pub(crate) fn knowing(self, plans: Plans) -> Aggregator<'a> {
        self.shared.know(plans);
        self
    }

    /// Whether there is nothing to collect.
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// What collectors are told of `target`.
    fn context(&self, target: &'a Target) -> IndexContext<'a> {
        let Aggregator { targets, statistics, now, query, .. } = *self;
        let (snapshot, flavor) = (target.snapshot(), statistics.flavor());
        let lowering = Lowering::new(snapshot, statistics, now, self.work);
        let refused = Rc::default();
        IndexContext {
            snapshot,
            target,
            targets,
            statistics,
            lowering,
            query,
            now,
            flavor,
            refused,
        }
    }

    /// The target number `target` begins.
    pub(crate) fn open_index(&mut self, target: usize) -> Result<(), Exception> {
        self.target = target;
        let Some(target) = self.targets.get(target).filter(|_| !self.order.is_empty()) else {
            return Ok(());
        };
        let context = self.context(target);
        self.matching.open_index(&context)?;
        self.global.open_index(&context)?;
        settled(self.definitions, false)
    }

    /// The target that was opened last ends.
    pub(crate) fn close_index(&mut self) -> Result<(), Exception> {
        let Some(target) = self.targets.get(self.target).filter(|_| !self.order.is_empty()) else {
            return Ok(());
        };
        let context = self.context(target);
        self.matching.close_index(&context)?;
        self.global.close_index(&context)?;
        self.measured.extend(self.shared.measured());
        Ok(())
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
                // As `match_all` scores them.
                self.global.collect(scorer.doc(), 1.0, 0)?;
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

    /// The documents match, without scores.
    pub(crate) fn collect_block(&mut self, docs: &[DocId]) -> Result<(), Exception> {
        self.matching.collect_first(docs)
    }

    /// Every document of the open segment, of which none was deleted, matches.
    pub(crate) fn collect_all(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.matching.collect_all(reader)?;
        self.close_segment()
    }

    /// The segment that was opened last ends.
    pub(crate) fn close_segment(&mut self) -> Result<(), Exception> {
        self.matching.close_segment()?;
        self.global.close_segment()
    }

    /// What this walk found out for the next one.
    pub(crate) fn survey(mut self) -> Result<Plans, Exception> {
        self.matching.survey()?;
        self.global.survey()?;
        Ok(self.shared.plans())
    }

    /// The results by name, in the order of the request, with the memory they take; `None` when nothing was asked for. And
    /// what was measured on each target.
    pub(crate) fn finish(mut self) -> Result<(Option<Results>, Vec<Value>), Exception> {
        if self.order.is_empty() {
            return Ok((None, Vec::new()));
        }
        let (shared, mut measured) = (self.shared.clone(), std::mem::take(&mut self.measured));
        let results = self.results();
        if let Some(more) = shared.measured() {
            let indices = measured.len() as u64;
            measured.iter_mut().for_each(|told| add_share(told, &more, indices));
        }
        results.map(|results| (Some(results), measured)).map_err(|cause| match cause.kind() {
            ExceptionKind::AggregationExecution
            | ExceptionKind::IllegalArgument
            | ExceptionKind::TooManyBuckets
            | ExceptionKind::InvalidAggregationPath => Exception::reduce_phase(cause),
            _ => cause,
        })
    }

    fn results(mut self) -> Result<Results, Exception> {
        let mut results = Map::new();
        self.matching.finish_into(0, &mut results)?;
        self.global.finish_into(0, &mut results)?;
        let place = |key: &str| {
            let own = key.split_once('>').map_or(key, |(_, own)| own);
            self.order.iter().position(|name| name == own).unwrap_or(usize::MAX)
        };
        let mut listed: Vec<(usize, String, Value)> =
            results.into_iter().map(|(key, value)| (place(&key), key, value)).collect();
        listed.sort_by_key(|(place, _, _)| *place);
        let mut results = listed.into_iter().map(|(_, key, value)| (key, value)).collect();
        pipeline::run_top(&self.definitions.pipelines, &mut results, self.work)?;
        named(&mut results, self.typed, self.work)?;
        Ok((results, self.shared.answer()))
    }
}

/// Calls results by their names: inside the engine each is called by its type and name, `avg>price`. As deep as
/// aggregations are nested.
fn named(level: &mut Map<String, Value>, typed: bool, work: &Work) -> Result<(), Exception> {
    let is_result = |key: &String| key.contains('>');
    if !level.keys().any(is_result) {
        return Ok(());
    }
    work.check()?;
    let all = std::mem::take(level);
    for (key, mut value) in all {
        let Some((kind, name)) = key.split_once('>') else {
            level.insert(key, value);
            continue;
        };
        if let Value::Object(result) = &mut value {
            match result.get_mut("buckets") {
                Some(Value::Array(list)) => {
                    for bucket in list.iter_mut().filter_map(Value::as_object_mut) {
                        named(bucket, typed, work)?;
                    }
                }
                Some(Value::Object(buckets)) => {
                    for bucket in buckets.values_mut().filter_map(Value::as_object_mut) {
                        named(bucket, typed, work)?;
                    }
                }
                _ => named(result, typed, work)?,
            }
        }
        // `UnmappedTerms.getType`: where no index has the field its terms are told as texts.
        let kind = if kind == "umterms" { "sterms" } else { kind };
        let key = if typed { format!("{kind}#{name}") } else { name.to_owned() };
        level.insert(key, value);
    }
    Ok(())
}

/// Checks what Elasticsearch checks on each shard when all fields are known, before it looks at documents: what buckets are
/// ordered by, and where `global` and `sampler` stand.
fn settled(level: &Aggregations, in_buckets: bool) -> Result<(), Exception> {
    for (name, aggregation) in &level.tree {
        if in_buckets && aggregation.type_name == "variable_width_histogram" {
            return Err(Exception::illegal_argument(
                "[variable_width_histogram] cannot be nested inside an aggregation that collects more than a single bucket.",
            ));
        }
        if matches!(aggregation.type_name, "sampler" | "diversified_sampler")
            && aggregation.subs.tree.is_empty()
        {
            return Err(Exception::new(
                ExceptionKind::AggregationExecution,
                "Sampler aggregation must be used with child aggregations.",
            ));
        }
        for (inner, sub) in &aggregation.subs.tree {
            if sub.definition.is_global() {
                return Err(Exception::new(
                    ExceptionKind::AggregationExecution,
                    format!(
                        "Aggregation [{name}] cannot have a global sub-aggregation [{inner}]. Global aggregations \
                         can only be defined as top level aggregations"
                    ),
                ));
            }
        }
        for order in aggregation.definition.orders() {
            if let OrderKey::Metric(path) = &order.by {
                orderable(path, &aggregation.subs).map_err(|fault| {
                    Exception::new(
                        ExceptionKind::AggregationExecution,
                        format!("Invalid aggregation order path [{}]. {fault}", path.text),
                    )
                })?;
            }
        }
        let buckets = !matches!(aggregation.definition.outcome(), Outcome::Bucket);
        settled(&aggregation.subs, in_buckets || buckets)?;
    }
    Ok(())
}

/// Checks that buckets can be ordered by `path`. Source: `AggregationPath.validate` and the `Aggregator`s of Elasticsearch
/// 7.10.
fn orderable(path: &AggregationPath, subs: &Aggregations) -> Result<(), String> {
    let mut level = subs;
    let buckets = || {
        "Buckets can only be sorted on a sub-aggregator path that is built out of zero or more single-bucket \
         aggregations within the path and a final single-bucket or a metrics aggregation at the path end."
            .to_owned()
    };
    for (place, step) in path.steps.iter().enumerate() {
        let (name, is_last) = (&step.name, place + 1 == path.steps.len());
        let Some(found) = level.get(name) else {
            return Err(format!(
                "The provided aggregation [{name}] either does not exist, or is a pipeline aggregation and cannot be \
                 used to sort the buckets."
            ));
        };
        let outcome = found.definition.outcome();
        if !is_last {
            if !matches!(outcome, Outcome::Bucket) {
                return Err(buckets());
            }
            level = &found.subs;
            continue;
        }
        return match (outcome, step.key.as_deref()) {
            (Outcome::Number, None | Some("value")) => Ok(()),
            (Outcome::Number, Some(key)) => Err(format!(
                "Ordering on a single-value metrics aggregation can only be done on its value. Either drop the key \
                 (a la \"{name}\") or change it to \"value\" (a la \"{name}.value\"): [{key}]"
            )),
            (Outcome::Numbers(_), None) => Err(
                "When ordering on a multi-value metrics aggregation a metric name must be specified.".to_owned(),
            ),
            (Outcome::Numbers(has), Some(key)) if has(key) => Ok(()),
            (Outcome::Numbers(_), Some(key)) => {
                Err(format!("Unknown metric name [{key}] on multi-value metrics aggregation [{name}]"))
            }
            (Outcome::Bucket, None | Some("doc_count")) => Ok(()),
            (Outcome::Bucket, Some(_)) => Err(format!(
                "Ordering on a single-bucket aggregation can only be done on its doc_count. Either drop the key (a la \
                 \"{name}\") or change it to \"doc_count\" (a la \"{name}.doc_count\")"
            )),
            (Outcome::Buckets | Outcome::Other, _) => Err(buckets()),
        };
    }
    Ok(())
}
