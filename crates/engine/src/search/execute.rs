//! The query phase: one pass over what matches. Counts, keeps the best hits, feeds the aggregations.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tantivy::query::{EnableScoring, Weight};
use tantivy::{DocAddress, DocSet, SegmentReader, TERMINATED};

use super::collapse::Collapse;
use super::found::{FoundHit, QueryState, SearchRun, order};
use super::group_column::GroupColumn;
use super::pass::{Floor, SegmentPass};
use super::shown_fields::column_names;
use super::sort::{self, SegmentKeys, Sort, SortSource, SortValue};
use super::{SearchRequest, Target, Total};
use crate::aggs;
use crate::dsl::Query;
use crate::dsl::explain;
use crate::dsl::lower::{Lowered, Lowering, boosted};
use crate::dsl::lowered;
use crate::dsl::profile::Meter;
use crate::dsl::roots_only::RootsOnly;
use crate::dsl::stoppable;
use crate::dsl::two_phase::TwoPhaseDocuments;
use crate::exception::internal;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::work::HeldMemory;

/// What the query phase found.
pub(super) struct QueryOutcome {
    pub(super) hits: Vec<FoundHit>,
    /// The last hit of the page, where the next one starts.
    pub(super) last: Option<FoundHit>,
    pub(super) count: u64,
    pub(super) total: Option<Total>,
    pub(super) max_score: Option<f32>,
    pub(super) terminated_early: bool,
    pub(super) aggregations: Option<Map<String, Value>>,
    pub(super) profile: Option<Value>,
    /// What all of it takes.
    pub(super) held: [Option<HeldMemory>; 2],
    pub(super) sorts: Vec<Sort>,
}

/// Refuses pages and lists of fields that are longer than an index allows, as Elasticsearch words it: behind what is wrong with
/// its query, its sorts and its aggregations. (`SearchService.parseSource`, then `DefaultSearchContext.preProcess`.)
fn check_limits(target: &Target, request: &SearchRequest, flavor: Flavor) -> Result<(), Exception> {
    let (mapping, settings) = (&target.snapshot().mapping, &target.snapshot().settings);
    Collapse::check(request)?;
    // Each pattern is compared with all fields, whether it means one or not.
    settings.check_fields("docvalue_fields", request.docvalue_fields.len())?;
    let patterns = request.docvalue_fields.iter();
    let columns = patterns.map(|(pattern, _)| column_names(mapping, pattern, flavor).len());
    for (key, count) in [
        ("docvalue_fields", columns.sum()),
        ("fields", request.fields.len()),
        ("script_fields", request.script_fields.len()),
    ] {
        settings.check_fields(key, count)?;
    }
    if let Some(collapse) = &request.collapse {
        GroupColumn::check(&collapse.field, mapping)?;
    }
    request.check_on_index()?;
    request.check_rescore(settings.max_rescore_window)?;
    if let Some(slice) = &request.slice {
        slice.check(request, settings, flavor)?;
    }
    let wanted = request.from.saturating_add(request.size) as u64;
    settings.check_window(wanted, request.scroll_milliseconds.is_some())
}

/// Runs the query phase; `after` continues a scroll behind its last hit.
// long: what a search keeps, one line each
pub(super) fn query(
    run: &SearchRun<'_>,
    targets: &[Target],
    request: &SearchRequest,
    after: Option<&FoundHit>,
) -> Result<QueryOutcome, Exception> {
    let sorts = if request.sort.is_empty() {
        vec![Sort { by: sort::SortBy::Score, descending: true }]
    } else {
        request.sort.clone()
    };
    let by_score = request.sort.is_empty();
    let scored = request.min_score.is_some()
        || request.track_scores
        || request.aggregations.needs_scores()
        || request.size > 0 && sorts.iter().any(|sort| sort.by == sort::SortBy::Score);
    let plans = surveyed(run, targets, request, &sorts, scored)?;
    let mut aggregator = aggs::Aggregator::new(
        &request.aggregations,
        targets,
        run.statistics,
        run.now,
        request.typed_keys,
        run.clock.as_ref().filter(|_| request.profile),
        run.work,
    )?
    .of(request.query.as_ref())
    .knowing(plans);
    let mut state = QueryState {
        request,
        sorts: &sorts,
        window: request.kept(),
        best: Vec::new(),
        worst: None,
        groups: HashMap::new(),
        groups_here: HashMap::new(),
        held: run.work.holds("<hits>"),
        count: 0,
        max_score: None,
        terminated_early: false,
        profiles: Vec::new(),
    };
    let mut rescored = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let mut work = || {
            on_index(run, index, target, scored, after, &mut state, &mut aggregator)?;
            if !request.rescore.is_empty() && state.window > 0 {
                rescored.extend(rescore(run, target, request, &mut state)?);
            }
            Ok(())
        };
        work().map_err(|cause| on_shard(&target.snapshot().name, cause))?;
    }
    state.best.extend(rescored);
    state.best.extend(std::mem::take(&mut state.groups).into_values());
    let mut best =
        run.work.sorted_by(std::mem::take(&mut state.best), |a, b| order(a, b, &sorts))?;
    if !request.rescore.is_empty() {
        best = run.work.sorted_by(best, by_score_alone)?;
        state.max_score = best.first().and_then(|hit| hit.score);
    }
    let hits: Vec<FoundHit> = best.into_iter().skip(request.from).take(request.size).collect();
    let total = request.track_total_hits.map(|most| match state.count {
        count if count <= most => Total { value: count, exact: true },
        _ => Total { value: most, exact: false },
    });
    let max_score = if by_score || request.track_scores { state.max_score } else { None };
    // Elasticsearch tells none of collapsed hits.
    let told = request.collapse.is_none() || run.flavor == Flavor::OpenSearch219;
    let max_score = max_score.filter(|_| told);
    // Of no index the best score is told as a number.
    let max_score = if targets.is_empty() { Some(0.0) } else { max_score };
    let (results, measured) = aggregator.finish()?;
    // Where there is no index there are no aggregations either, as on the real servers.
    let (aggregations, held) = results.filter(|_| !targets.is_empty()).unzip();
    for (profile, measured) in state.profiles.iter_mut().zip(measured) {
        if let Some(told) = profile.get_mut("aggregations") {
            *told = measured;
        }
    }
    Ok(QueryOutcome {
        last: hits.last().cloned(),
        hits,
        count: state.count,
        total,
        max_score: max_score.filter(|_| request.size > 0 || targets.is_empty()),
        terminated_early: state.terminated_early,
        profile: request.profile.then(|| json!({"shards": state.profiles})),
        aggregations,
        held: [Some(state.held), held],
        sorts,
    })
}

/// What a search answers where an index fails: Elasticsearch's exception around it, unless the fault is none of the index's.
pub(super) fn on_shard(index: &str, cause: Exception) -> Exception {
    match cause.kind() {
        ExceptionKind::TaskCancelled
        | ExceptionKind::SearchPhaseExecution
        | ExceptionKind::TooManyBuckets
        | ExceptionKind::CircuitBreaking
        | ExceptionKind::NotImplemented => cause,
        _ => Exception::search_phase(index, cause),
    }
}

/// Walks over what matches as often as aggregations need it before they can make their buckets.
fn surveyed(
    run: &SearchRun<'_>,
    targets: &[Target],
    request: &SearchRequest,
    sorts: &[Sort],
    scored: bool,
) -> Result<aggs::Plans, Exception> {
    let mut plans = aggs::Plans::default();
    for _ in 0..request.aggregations.surveys() {
        let mut aggregator = aggs::Aggregator::new(
            &request.aggregations,
            targets,
            run.statistics,
            run.now,
            request.typed_keys,
            None,
            run.work,
        )?
        .of(request.query.as_ref())
        .knowing(plans);
        let mut state = QueryState {
            request,
            sorts,
            window: 0,
            best: Vec::new(),
            worst: None,
            groups: HashMap::new(),
            groups_here: HashMap::new(),
            held: run.work.holds("<hits>"),
            count: 0,
            max_score: None,
            terminated_early: false,
            profiles: Vec::new(),
        };
        for (index, target) in targets.iter().enumerate() {
            let name = &target.snapshot().name;
            on_index(run, index, target, scored, None, &mut state, &mut aggregator)
                .map_err(|cause| on_shard(name, cause))?;
        }
        plans = aggregator.survey()?;
    }
    Ok(plans)
}

/// Scores the first hits of an index again, one rescorer after the other. (Elasticsearch's `QueryRescorer`.)
fn rescore(
    run: &SearchRun<'_>,
    target: &Target,
    request: &SearchRequest,
    state: &mut QueryState<'_>,
) -> Result<Vec<FoundHit>, Exception> {
    let (sorts, window) = (state.sorts, state.window);
    let hits = std::mem::take(&mut state.best);
    let mut hits = run.work.sorted_by(hits, |a, b| order(a, b, sorts))?;
    hits.truncate(window);
    for (number, rescore) in request.rescore.iter().enumerate() {
        let lowering = Lowering::new(target.snapshot(), run.statistics, run.now, run.work);
        let lowered = lowering.lower_beside(&rescore.query)?;
        for (rank, hit) in hits.iter_mut().enumerate() {
            run.work.check()?;
            // What is behind the window counts like a hit that the second query does not find.
            let second = if rank < rescore.window {
                hit.rescored |= 1_u64.checked_shl(number as u32).unwrap_or_default();
                let searcher = &target.snapshot().searcher;
                let reader = searcher.segment_reader(hit.address.segment_ord);
                let place = explain::DocumentAt { searcher, reader, doc: hit.address.doc_id };
                explain::score(lowered.as_ref(), &place, 1.0)?
            } else {
                None
            };
            let score = rescore.joined(hit.score.unwrap_or_default(), second);
            hit.score = Some(score);
            hit.values = vec![SortValue::Float(score.into())];
        }
        run.work.faults.check()?;
        hits = run.work.sorted_by(hits, by_score_alone)?;
    }
    Ok(hits)
}

fn by_score_alone(a: &FoundHit, b: &FoundHit) -> Ordering {
    let score = |hit: &FoundHit| hit.score.unwrap_or_default();
    score(b).total_cmp(&score(a)).then(a.target.cmp(&b.target)).then(a.address.cmp(&b.address))
}

impl QueryState<'_> {
    /// The values by which the hits of a segment are collapsed.
    fn group_column(
        &self,
        target: &Target,
        reader: &SegmentReader,
    ) -> Result<Option<GroupColumn>, Exception> {
        let collapse = self.request.collapse.as_ref().filter(|_| self.window > 0);
        let open = |collapse: &Collapse| {
            GroupColumn::open(&collapse.field, &target.snapshot().mapping, reader)
        };
        collapse.map(open).transpose()
    }
}

/// The query of a target with its filter, lowered.
fn lowered(
    run: &SearchRun<'_>,
    target: &Target,
    query: Option<&Query>,
) -> Result<Lowered, Exception> {
    let lowering = Lowering::new(target.snapshot(), run.statistics, run.now, run.work);
    let all = Query::all();
    let main = lowering.lower(query.unwrap_or(&all))?;
    let found = if target.is_unfiltered() {
        main
    } else {
        let filters = target.filters(run.statistics, run.now, run.work)?;
        lowered::combine(vec![main], filters, Vec::new(), Vec::new(), 0)
    };
    if target.snapshot().mapping.has_blocks() {
        return Ok(RootsOnly::of(found, &run.work.cancel));
    }
    Ok(found)
}

/// A query's weight and a post filter's.
struct Weights {
    query: Box<dyn Weight>,
    post_filter: Option<Arc<dyn Weight>>,
    /// What measures the query, where asked for.
    meter: Option<Arc<Meter>>,
}

/// What the scores of an index's hits are multiplied with.
fn index_boost(target: &Target, request: &SearchRequest) -> f32 {
    let name = &target.snapshot().name;
    let mut boosts = request.indices_boost.iter();
    let boost = boosts.find(|(pattern, _)| crate::name_pattern::matches(pattern, name));
    boost.map_or(1.0, |(_, boost)| *boost)
}

/// The request's own query on a target, without what besides restricts its hits.
pub(super) fn boosted_query(
    run: &SearchRun<'_>,
    target: &Target,
    request: &SearchRequest,
) -> Result<Lowered, Exception> {
    let lowering = Lowering::new(target.snapshot(), run.statistics, run.now, run.work);
    let all = Query::all();
    let query = lowering.lower(request.query.as_ref().unwrap_or(&all))?;
    Ok(boosted(query, index_boost(target, request)))
}

/// The weights of the query (with its alias's filter and its index's boost) and of the post filter.
fn weights(
    run: &SearchRun<'_>,
    target: &Target,
    request: &SearchRequest,
    scored: bool,
) -> Result<Weights, Exception> {
    let searcher = &target.snapshot().searcher;
    let unscored = || EnableScoring::disabled_from_searcher(searcher);
    let scoring = if scored { EnableScoring::enabled_from_searcher(searcher) } else { unscored() };
    let query = lowered(run, target, request.query.as_ref())?;
    let query = boosted(query, index_boost(target, request));
    let query = match &request.slice {
        None => query,
        Some(slice) => {
            let slice = slice.lowered(target, &run.work.cancel)?;
            lowered::combine(vec![query], vec![slice], Vec::new(), Vec::new(), 0)
        }
    };
    let (query, meter) = match &run.clock {
        Some(clock) if request.profile => {
            let (query, meter) = Meter::around(query.as_ref(), run.flavor, clock);
            (query, Some(meter))
        }
        _ => (query, None),
    };
    let post_filter = match &request.post_filter {
        None => None,
        Some(query) => {
            let filter =
                Lowering::new(target.snapshot(), run.statistics, run.now, run.work).lower(query)?;
            Some(filter.weight(unscored()).map_err(internal)?.into())
        }
    };
    let query = stoppable::whole(query.as_ref(), scoring).map_err(internal)?;
    Ok(Weights { query, post_filter, meter })
}

/// What the keys of a sort read on a target.
fn sources(
    run: &SearchRun<'_>,
    target: &Target,
    sorts: &[Sort],
) -> Result<Vec<SortSource>, Exception> {
    let lowering = Lowering::new(target.snapshot(), run.statistics, run.now, run.work);
    let sources = sorts.iter().map(|sort| sort::lowered(sort, &lowering));
    sources.collect::<Result<_, Exception>>().map_err(|cause| match cause.kind() {
        ExceptionKind::QueryShard => {
            cause.on_index(&target.snapshot().name, &target.snapshot().uuid)
        }
        _ => cause,
    })
}

// long: one step after the other on one index
fn on_index(
    run: &SearchRun<'_>,
    index: usize,
    target: &Target,
    scored: bool,
    after: Option<&FoundHit>,
    state: &mut QueryState<'_>,
    aggregator: &mut aggs::Aggregator<'_>,
) -> Result<(), Exception> {
    let (searcher, kept) = (&target.snapshot().searcher, &target.snapshot().kept_texts);
    let begun = run.tick();
    let Weights { query: weight, post_filter, meter } =
        weights(run, target, state.request, scored)?;
    let rewritten = run.nanoseconds_since(begun);
    let sources = sources(run, target, state.sorts)?;
    aggregator.open_index(index)?;
    if after.is_none() {
        check_limits(target, state.request, run.flavor)?;
    }
    let start = match (&state.request.search_after, after) {
        (Some(values), _) => Some((search_after(values, &sources, state.sorts, run.flavor)?, None)),
        (None, Some(last)) => Some((last.values.clone(), Some(last))),
        (None, None) => None,
    };
    let (mut seen_here, mut base) = (0, 0);
    for (segment, reader) in searcher.segment_readers().iter().enumerate() {
        let segment = u32::try_from(segment).unwrap_or(u32::MAX);
        let keys: Vec<SegmentKeys> = sources
            .iter()
            .zip(state.sorts)
            .map(|(source, sort)| {
                SegmentKeys::open(source, sort.descending, reader, base, kept, run.work)
            })
            .collect::<Result<_, _>>()?;
        let floor = match &start {
            None => None,
            Some((values, last)) => {
                Some(Floor::new(values, *last, &keys, state.sorts, index, segment)?)
            }
        };
        let filter = post_filter.as_ref().map(|weight| TwoPhaseDocuments::new(weight, reader, 1.0));
        run.work.check()?;
        aggregator.open_segment(reader)?;
        let everything = is_everything(state.request, target) && filter.is_none();
        let group = state.group_column(target, reader)?;
        let pass = SegmentPass {
            group,
            run,
            reader,
            keys: &keys,
            floor,
            scored,
            target: index,
            segment,
            everything,
        };
        if pass.collect(weight.as_ref(), filter, state, aggregator, &mut seen_here)? {
            state.terminated_early = true;
            break;
        }
        base += reader.max_doc();
    }
    if let Some(meter) = meter {
        let took = run.nanoseconds_since(begun).saturating_sub(rewritten);
        let name = &target.snapshot().name;
        let aggregates = !aggregator.is_empty();
        state.profiles.push(run.profile(name, &meter, rewritten, took, state.request, aggregates));
    }
    aggregator.close_index()
}

impl SearchRun<'_> {
    /// The time of the clock, if there is one.
    fn tick(&self) -> Option<Timestamp> {
        self.clock.as_ref().map(|clock| clock())
    }

    fn nanoseconds_since(&self, begun: Option<Timestamp>) -> u64 {
        let took = self.tick().zip(begun).map(|(now, begun)| now.duration_since(begun).as_nanos());
        took.and_then(|took| u64::try_from(took).ok()).unwrap_or(0)
    }

    /// What is told of one index.
    fn profile(
        &self,
        index: &str,
        meter: &Meter,
        rewritten: u64,
        took: u64,
        request: &SearchRequest,
        aggregates: bool,
    ) -> Value {
        let (name, reason) = match (request.size, request.sort.is_empty()) {
            (0, _) => ("EarlyTerminatingCollector", "search_count"),
            (_, true) => ("SimpleTopScoreDocCollector", "search_top_hits"),
            (_, false) => ("SimpleFieldCollector", "search_top_hits"),
        };
        let mut collector = json!({"name": name, "reason": reason, "time_in_nanos": took});
        if aggregates {
            collector = json!({
                "name": "MultiCollector", "reason": "search_multi", "time_in_nanos": took, "children": [collector],
            });
        }
        let searches = json!([{
            "query": [meter.to_json()], "rewrite_time": rewritten, "collector": [collector],
        }]);
        let id = format!("[{}][{index}][0]", crate::NODE_ID);
        match self.flavor {
            Flavor::Elasticsearch710 => {
                json!({"id": id, "searches": searches, "aggregations": []})
            }
            Flavor::OpenSearch219 => json!({
                "id": id, "inbound_network_time_in_millis": 0, "outbound_network_time_in_millis": 0,
                "searches": searches, "aggregations": [],
            }),
        }
    }
}

/// Whether the hits are all documents in their own order, so that the first ones are the best.
fn is_everything(request: &SearchRequest, target: &Target) -> bool {
    let all = request.query.as_ref().is_none_or(|query| query.clause.is_match_all());
    let in_order = match request.sort.as_slice() {
        [] => true,
        [sort] => sort.by == sort::SortBy::Doc && !sort.descending,
        _ => false,
    };
    all && in_order
        && target.is_unfiltered()
        && !target.snapshot().mapping.has_blocks()
        && request.collapse.is_none()
        && request.min_score.is_none()
        && request.terminate_after.is_none()
        && !request.profile
        && request.slice.is_none()
        && request.search_after.is_none()
}

/// The values of `search_after` as what hits are compared by.
fn search_after(
    values: &[Value],
    sources: &[SortSource],
    sorts: &[Sort],
    flavor: Flavor,
) -> Result<Vec<SortValue>, Exception> {
    let mut read = Vec::new();
    for ((value, source), sort) in values.iter().zip(sources).zip(sorts) {
        let missing = |first: bool| SortValue::Missing { first };
        read.push(match (value, source) {
            (Value::Null, SortSource::Field { by, .. }) => {
                missing(by.missing == sort::MissingOrder::First)
            }
            (Value::Null, _) => missing(false),
            (value, SortSource::Id) => SortValue::Text(crate::value::scalar::plain(value)),
            (Value::String(text), SortSource::Distance { .. }) if text == "Infinity" => {
                SortValue::Float(f64::INFINITY)
            }
            (value, SortSource::Distance { .. }) => {
                SortValue::Float(crate::value::scalar::number(value).unwrap_or(0.0))
            }
            (value, SortSource::Score) => {
                SortValue::Float(f64::from(value.as_f64().unwrap_or(0.0) as f32))
            }
            (value, SortSource::Doc) => {
                let text = crate::value::scalar::plain(value);
                let number = value.as_f64().map(|number| number as i128);
                let number = number.or_else(|| text.parse().ok());
                let bad = || not_after("null", crate::value::scalar::not_a_number(&text));
                SortValue::Integer(number.ok_or_else(bad)?)
            }
            (value, SortSource::Script { .. }) => match value {
                Value::String(text) => SortValue::Text(text.clone()),
                number => SortValue::Float(number.as_f64().unwrap_or(0.0)),
            },
            (value, SortSource::Field { leaf, by, .. }) => {
                let read = match by.numeric_type {
                    Some(to) => to.value(value),
                    None => sort::sort_value(&*leaf.kind, value),
                };
                let read = read.map_err(|cause| not_after(&by.field, cause))?;
                // What Elasticsearch prints for missing values comes back as that value.
                let limit = match (&read, sort.descending) {
                    (SortValue::Integer(number), _) => {
                        let (least, most) = if leaf
                            .column
                            .is_some_and(|column| sort::is_sorted_as_int(column, flavor))
                        {
                            (i32::MIN.into(), i32::MAX.into())
                        } else {
                            (i64::MIN, i64::MAX)
                        };
                        *number == most.into() || *number == least.into()
                    }
                    (SortValue::Float(number), _) => number.is_infinite(),
                    _ => false,
                };
                if limit { missing(by.missing == sort::MissingOrder::First) } else { read }
            }
        });
    }
    Ok(read)
}

/// The refusal of a value of `search_after` that is no number where there must be one.
fn not_after(field: &str, cause: Exception) -> Exception {
    if cause.kind() != ExceptionKind::NumberFormat {
        return cause;
    }
    let reason = format!("Failed to parse search_after value for field [{field}].");
    Exception::illegal_argument(reason).caused_by(cause)
}

/// Every match of `query` on one target, in order.
pub(super) fn matching(
    run: &SearchRun<'_>,
    target: &Target,
    query: &Query,
    held: &mut HeldMemory,
) -> Result<Vec<DocAddress>, Exception> {
    let searcher = &target.snapshot().searcher;
    let query = lowered(run, target, Some(query))?;
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher)).map_err(internal)?;
    let mut found = Vec::new();
    for (segment, reader) in searcher.segment_readers().iter().enumerate() {
        let segment = u32::try_from(segment).unwrap_or(u32::MAX);
        let mut scorer = weight.scorer(reader, 1.0).map_err(internal)?;
        let mut doc = scorer.doc();
        while doc != TERMINATED {
            run.work.check()?;
            if !reader.is_deleted(doc) {
                held.grow(size_of::<DocAddress>() as u64)?;
                found.push(DocAddress::new(segment, doc));
            }
            doc = scorer.advance();
        }
        run.work.check()?;
        run.work.faults.check()?;
    }
    Ok(found)
}
