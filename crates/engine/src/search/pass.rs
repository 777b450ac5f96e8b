//! One pass over the matches of one segment: they are counted, the best are kept, the aggregations are told of all.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use tantivy::query::{Scorer, Weight};
use tantivy::{COLLECT_BLOCK_BUFFER_LEN, DocAddress, DocId, DocSet, SegmentReader, TERMINATED};

use super::found::{Candidate, FoundHit, HIT_BYTES, QueryState, SearchRun, order};
use super::group_column::GroupColumn;
use super::sort::{SegmentKeys, Sort, SortValue};
use crate::aggs;
use crate::column_block::ColumnBlock;
use crate::dsl::bm25::TermScorer;
use crate::dsl::stoppable;
use crate::dsl::two_phase::TwoPhaseDocuments;
use crate::exception::{Exception, internal};

/// Of so many hits the best are kept after each segment, of more after some.
const SMALL_PAGE: usize = 1000;

/// Where a page starts, on one segment.
pub(super) struct Floor {
    codes: Vec<u128>,
    /// What of the hits with equal codes still comes.
    equals: Equals,
}

enum Equals {
    None,
    All,
    AfterDocument(DocId),
}

impl Floor {
    pub(super) fn new(
        values: &[SortValue],
        last: Option<&FoundHit>,
        keys: &[SegmentKeys],
        sorts: &[Sort],
        target: usize,
        segment: u32,
    ) -> Result<Floor, Exception> {
        let codes: Result<Vec<u128>, Exception> = values
            .iter()
            .zip(keys)
            .zip(sorts)
            .map(|((value, keys), sort)| keys.code_of(value, sort.descending))
            .collect();
        let equals = match last {
            None => Equals::None,
            Some(last) => match (target, segment).cmp(&(last.target, last.address.segment_ord)) {
                Ordering::Less => Equals::None,
                Ordering::Greater => Equals::All,
                Ordering::Equal => Equals::AfterDocument(last.address.doc_id),
            },
        };
        Ok(Floor { codes: codes?, equals })
    }

    fn lets_pass(&self, codes: &[u128], doc: DocId) -> bool {
        match codes.cmp(self.codes.as_slice()) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => match self.equals {
                Equals::None => false,
                Equals::All => true,
                Equals::AfterDocument(last) => doc > last,
            },
        }
    }
}

/// One pass over one segment.
pub(super) struct SegmentPass<'a> {
    pub(super) run: &'a SearchRun<'a>,
    pub(super) reader: &'a SegmentReader,
    pub(super) keys: &'a [SegmentKeys],
    pub(super) floor: Option<Floor>,
    pub(super) scored: bool,
    pub(super) target: usize,
    pub(super) segment: u32,
    /// Every document matches with the same score, and they are wanted in their own order.
    pub(super) everything: bool,
    /// The values by which hits are collapsed.
    pub(super) group: Option<GroupColumn>,
}

/// The best hits of a segment, and those that wait to be looked at together.
#[derive(Default)]
struct BestHits {
    heap: BinaryHeap<Candidate>,
    /// The codes of the hit that is looked at.
    codes: Vec<u128>,
    /// The greatest first code that is not behind the hits of other segments.
    bound: Option<u128>,
    docs: Vec<DocId>,
    scores: Vec<f32>,
    block: ColumnBlock<i64>,
    /// The first codes of those that wait.
    first: Vec<u128>,
}

/// Where the matches of a segment go.
struct Sink<'a, 's, 'g> {
    filter: Option<TwoPhaseDocuments>,
    state: &'a mut QueryState<'s>,
    aggregator: &'a mut aggs::Aggregator<'g>,
    best: &'a mut BestHits,
    seen_here: &'a mut u64,
}

impl SegmentPass<'_> {
    /// Looks at every match; `true` when `terminate_after` ended it.
    pub(super) fn collect(
        &self,
        weight: &dyn Weight,
        filter: Option<TwoPhaseDocuments>,
        state: &mut QueryState<'_>,
        aggregator: &mut aggs::Aggregator<'_>,
        seen_here: &mut u64,
    ) -> Result<bool, Exception> {
        let only_counted = state.window == 0
            && filter.is_none()
            && state.request.min_score.is_none()
            && state.request.terminate_after.is_none()
            && aggregator.is_empty();
        if only_counted {
            state.count += u64::from(weight.count(self.reader).map_err(internal)?);
            // A count that was called off, or that failed, is too small.
            self.run.work.faults.check()?;
            return self.run.work.check().map(|()| false);
        }
        if state.request.terminate_after == Some(0) {
            return Ok(true);
        }
        if self.everything && aggregator.is_empty() {
            return self.collect_first(weight, state).map(|()| false);
        }
        let all_alive = self.reader.alive_bitset().is_none();
        if self.everything && state.window == 0 && !self.scored && all_alive {
            state.count += u64::from(self.reader.num_docs());
            aggregator.collect_all(self.reader)?;
            self.run.work.check()?;
            return self.run.work.faults.check().map(|()| false);
        }
        let scorer = weight.scorer(self.reader, 1.0).map_err(internal)?;
        let mut scorer = stoppable::watched(scorer);
        let (codes, bound) = (vec![0; self.keys.len()], self.bound(state)?);
        let mut best = BestHits { codes, bound, ..BestHits::default() };
        if self.scored && filter.is_none() && aggregator.is_empty() && self.only_scores_count(state)
        {
            match scorer.downcast_mut::<TermScorer>() {
                Some(term) => self.each_scored(term, &mut best, state)?,
                None => self.each_scored(scorer.as_mut(), &mut best, state)?,
            }
            self.run.work.check()?;
            self.run.work.faults.check()?;
            return self.settle(best.heap, state).map(|()| false);
        }
        let mut sink = Sink { filter, state, aggregator, best: &mut best, seen_here };
        // Where a match may be the last, none behind it is looked for.
        let ended = if self.scored || sink.state.request.terminate_after.is_some() {
            self.each_by_itself(scorer.as_mut(), &mut sink)?
        } else {
            self.each_unscored(scorer.as_mut(), &mut sink)?
        };
        sink.aggregator.close_segment()?;
        // Scorers end early when the work is called off, and where they fail.
        self.run.work.check()?;
        self.run.work.faults.check()?;
        self.keep_waiting(&mut best, state)?;
        self.settle(best.heap, state)?;
        Ok(ended)
    }

    /// The first code of which greater ones are behind enough hits of other segments.
    fn bound(&self, state: &QueryState<'_>) -> Result<Option<u128>, Exception> {
        let (Some(keys), Some(sort)) = (self.keys.first(), state.sorts.first()) else {
            return Ok(None);
        };
        match &state.worst {
            Some((target, worst)) if *target == self.target && self.group.is_none() => {
                keys.bound(worst, sort.descending)
            }
            _ => Ok(None),
        }
    }

    /// Whether matches are ordered by their scores, and nothing else is asked of them.
    fn only_scores_count(&self, state: &QueryState<'_>) -> bool {
        let by_score = matches!(self.keys, [SegmentKeys::Score])
            && state.sorts.first().is_some_and(|sort| sort.descending);
        by_score
            && state.window > 0
            && self.floor.is_none()
            && self.group.is_none()
            && state.request.min_score.is_none()
            && state.request.terminate_after.is_none()
    }

    /// Counts every match, and keeps those that score higher than the worst of the best so far.
    fn each_scored<S: Scorer + ?Sized>(
        &self,
        scorer: &mut S,
        best: &mut BestHits,
        state: &mut QueryState<'_>,
    ) -> Result<(), Exception> {
        let Some(keys) = self.keys.first() else { return Ok(()) };
        let mut worst = f32::NEG_INFINITY;
        // Scores below those of other segments' hits are not looked at twice.
        let bound = state.worst.as_ref().filter(|_| best.bound.is_some());
        let least = match bound {
            Some((_, SortValue::Float(least))) => *least as f32,
            _ => f32::NEG_INFINITY,
        };
        let mut doc = scorer.doc();
        while doc != TERMINATED {
            self.run.work.check()?;
            if self.is_alive(doc) {
                state.count += 1;
                let score = scorer.score();
                // Documents come in rising order: of equals the one already there stays.
                let is_best = best.heap.len() < state.window || score.total_cmp(&worst).is_gt();
                if is_best && score.total_cmp(&least).is_ge() {
                    if state.max_score.is_none_or(|most| score > most) {
                        state.max_score = Some(score);
                    }
                    let code = keys.code(doc, score, true);
                    self.keep(doc, score, code, &mut best.codes, &mut best.heap, state)?;
                    if best.heap.len() >= state.window {
                        worst = best.heap.peek().map_or(worst, |it| f32::from_bits(it.score_bits));
                    }
                }
            }
            doc = scorer.advance();
        }
        Ok(())
    }

    /// Takes one match after the other; `true` when `terminate_after` ended it.
    fn each_by_itself(
        &self,
        scorer: &mut dyn Scorer,
        sink: &mut Sink<'_, '_, '_>,
    ) -> Result<bool, Exception> {
        let mut doc = scorer.doc();
        while doc != TERMINATED {
            self.run.work.check()?;
            if self.is_alive(doc) {
                let score = if self.scored { scorer.score() } else { 0.0 };
                if self.take(doc, score, sink)? {
                    return Ok(true);
                }
            }
            doc = scorer.advance();
        }
        Ok(false)
    }

    /// Takes every match without a score, many at once from the scorer; `true` when `terminate_after` ended it.
    fn each_unscored(
        &self,
        scorer: &mut dyn Scorer,
        sink: &mut Sink<'_, '_, '_>,
    ) -> Result<bool, Exception> {
        let mut docs = [0; COLLECT_BLOCK_BUFFER_LEN];
        let together = sink.filter.is_none()
            && sink.state.request.min_score.is_none()
            && sink.state.request.terminate_after.is_none();
        loop {
            self.run.work.check()?;
            let count = scorer.fill_buffer(&mut docs);
            if together {
                self.take_together(&mut docs, count, sink)?;
                if count == 0 {
                    return Ok(false);
                }
                continue;
            }
            for doc in docs.iter().take(count) {
                if self.is_alive(*doc) && self.take(*doc, 0.0, sink)? {
                    return Ok(true);
                }
            }
            if count == 0 {
                return Ok(false);
            }
        }
    }

    /// Takes the first `count` of `docs`, of which none can be refused and none is the last.
    fn take_together(
        &self,
        docs: &mut [DocId],
        count: usize,
        sink: &mut Sink<'_, '_, '_>,
    ) -> Result<(), Exception> {
        let mut kept = count;
        if let Some(alive) = self.reader.alive_bitset() {
            kept = 0;
            for place in 0..count {
                let doc = docs.get(place).copied().unwrap_or(TERMINATED);
                if alive.is_alive(doc) {
                    docs.swap(kept, place);
                    kept += 1;
                }
            }
        }
        let docs = docs.get(..kept).unwrap_or_default();
        sink.aggregator.collect_block(docs)?;
        sink.state.count += docs.len() as u64;
        *sink.seen_here += docs.len() as u64;
        if sink.state.window > 0 {
            sink.best.docs.extend_from_slice(docs);
            sink.best.scores.resize(sink.best.docs.len(), 0.0);
            self.keep_waiting(sink.best, sink.state)?;
        }
        Ok(())
    }

    #[inline]
    fn is_alive(&self, doc: DocId) -> bool {
        self.reader.alive_bitset().is_none_or(|alive| alive.is_alive(doc))
    }

    /// Takes one match; `true` when `terminate_after` ends the walk with it.
    #[inline]
    fn take(&self, doc: DocId, score: f32, sink: &mut Sink<'_, '_, '_>) -> Result<bool, Exception> {
        if sink.state.request.min_score.is_some_and(|least| score < least) {
            return Ok(false);
        }
        sink.aggregator.collect(doc, score)?;
        let passes = sink.filter.as_mut().map_or(Ok(true), |filter| filter.holds(doc))?;
        if !passes {
            return Ok(false);
        }
        sink.state.count += 1;
        *sink.seen_here += 1;
        if self.scored && sink.state.max_score.is_none_or(|best| score > best) {
            sink.state.max_score = Some(score);
        }
        if sink.state.window > 0 {
            sink.best.docs.push(doc);
            sink.best.scores.push(score);
            if sink.best.docs.len() >= COLLECT_BLOCK_BUFFER_LEN {
                self.keep_waiting(sink.best, sink.state)?;
            }
        }
        Ok(sink.state.request.terminate_after.is_some_and(|most| *sink.seen_here >= most))
    }

    /// Keeps those of the waiting hits that are among the best. A hit whose first code is behind the worst of them is passed
    /// over without a look at its others.
    fn keep_waiting(
        &self,
        best: &mut BestHits,
        state: &mut QueryState<'_>,
    ) -> Result<(), Exception> {
        let (Some(keys), Some(sort)) = (self.keys.first(), state.sorts.first()) else {
            return Ok(());
        };
        let BestHits { heap, codes, bound, docs, scores, block, first } = best;
        keys.read_codes(docs, scores, sort.descending, block, first);
        let prunes = self.floor.is_none() && self.group.is_none();
        for ((doc, score), code) in docs.iter().zip(scores.iter()).zip(first.iter()) {
            if bound.is_some_and(|bound| *code > bound) {
                continue;
            }
            let worst = heap.peek().and_then(|worst| worst.codes.first());
            if prunes && heap.len() >= state.window && worst.is_some_and(|worst| code > worst) {
                continue;
            }
            self.keep(*doc, *score, *code, codes, heap, state)?;
        }
        docs.clear();
        scores.clear();
        Ok(())
    }

    /// The first documents of a segment of which every document is a hit: the rest is only counted.
    fn collect_first(
        &self,
        weight: &dyn Weight,
        state: &mut QueryState<'_>,
    ) -> Result<(), Exception> {
        state.count += u64::from(self.reader.num_docs());
        let mut scorer = weight.scorer(self.reader, 1.0).map_err(internal)?;
        match self.floor.as_ref().map(|floor| &floor.equals) {
            None | Some(Equals::All) => {}
            Some(Equals::None) => return Ok(()),
            Some(Equals::AfterDocument(last)) => {
                scorer.seek(last + 1);
            }
        }
        let mut heap: BinaryHeap<Candidate> = BinaryHeap::new();
        let mut codes: Vec<u128> = vec![0; self.keys.len()];
        while scorer.doc() != TERMINATED && heap.len() < state.window {
            let doc = scorer.doc();
            if !self.reader.is_deleted(doc) {
                let score = if self.scored { scorer.score() } else { 0.0 };
                if self.scored && state.max_score.is_none_or(|best| score > best) {
                    state.max_score = Some(score);
                }
                let keys = self.keys.iter().zip(state.sorts).next();
                let first = keys.map_or(0, |(keys, sort)| keys.code(doc, score, sort.descending));
                self.keep(doc, score, first, &mut codes, &mut heap, state)?;
            }
            self.run.work.check()?;
            scorer.advance();
        }
        self.settle(heap, state)
    }

    /// Keeps a hit whose first code is `first`, if it is among the best.
    #[inline]
    fn keep(
        &self,
        doc: DocId,
        score: f32,
        first: u128,
        codes: &mut Vec<u128>,
        heap: &mut BinaryHeap<Candidate>,
        state: &mut QueryState<'_>,
    ) -> Result<(), Exception> {
        if let Some(code) = codes.first_mut() {
            *code = first;
        }
        for ((code, keys), sort) in codes.iter_mut().zip(self.keys).zip(state.sorts).skip(1) {
            *code = keys.code(doc, score, sort.descending);
        }
        if self.floor.as_ref().is_some_and(|floor| !floor.lets_pass(codes, doc)) {
            return Ok(());
        }
        if let Some(group) = &self.group {
            return self.keep_of_group(group.code(doc)?, doc, score, codes, state);
        }
        if heap.len() >= state.window {
            // Documents come in rising order: of equals the one already there stays.
            if heap.peek().is_some_and(|worst| codes.as_slice() >= worst.codes.as_slice()) {
                return Ok(());
            }
            if let Some(mut worst) = heap.peek_mut() {
                worst.codes.copy_from_slice(codes);
                worst.doc = doc;
                worst.score_bits = score.to_bits();
            }
            return Ok(());
        }
        state.held.grow(HIT_BYTES + 16 * codes.len() as u64)?;
        heap.push(Candidate { codes: codes.clone(), doc, score_bits: score.to_bits() });
        Ok(())
    }

    /// Keeps a hit if it is the best of its group in this segment.
    fn keep_of_group(
        &self,
        group: Option<u64>,
        doc: DocId,
        score: f32,
        codes: &[u128],
        state: &mut QueryState<'_>,
    ) -> Result<(), Exception> {
        // Documents come in rising order: of equals the one already there stays.
        if state.groups_here.get(&group).is_some_and(|best| best.codes.as_slice() <= codes) {
            return Ok(());
        }
        let hit = Candidate { codes: codes.to_vec(), doc, score_bits: score.to_bits() };
        if state.groups_here.insert(group, hit).is_none() {
            state.held.grow(HIT_BYTES + 16 * codes.len() as u64)?;
        }
        Ok(())
    }

    /// Joins the segment's best of each group with the best so far.
    fn settle_groups(&self, state: &mut QueryState<'_>) -> Result<(), Exception> {
        let Some(column) = &self.group else { return Ok(()) };
        for (code, candidate) in std::mem::take(&mut state.groups_here) {
            self.run.work.check()?;
            let group = column.value(code)?;
            let key = group.to_string();
            let hit = FoundHit { group: Some(group), ..self.found(candidate, state.sorts)? };
            let known = state.groups.get(&key);
            if known.is_none_or(|known| order(&hit, known, state.sorts).is_lt()) {
                state.held.grow(key.len() as u64)?;
                state.groups.insert(key, hit);
            }
        }
        Ok(())
    }

    /// Turns the segment's best into values and joins them with the best so far.
    fn settle(
        &self,
        heap: BinaryHeap<Candidate>,
        state: &mut QueryState<'_>,
    ) -> Result<(), Exception> {
        for candidate in heap {
            self.run.work.check()?;
            let found = self.found(candidate, state.sorts)?;
            state.best.push(found);
        }
        self.settle_groups(state)?;
        let most = if state.window <= SMALL_PAGE { 1 } else { 2 };
        if state.window > 0 && state.best.len() >= state.window.saturating_mul(most) {
            let (sorts, best) = (state.sorts, std::mem::take(&mut state.best));
            state.best = self.run.work.sorted_by(best, |a, b| order(a, b, sorts))?;
            state.best.truncate(state.window);
            let worst = state.best.last().map(|hit| (hit.target, hit.values.first().cloned()));
            state.worst = worst.and_then(|(target, value)| Some((target, value?)));
        }
        let kept = state.best.iter().chain(state.groups.values());
        state.held.set(kept.map(FoundHit::bytes).sum())
    }

    /// A hit of the segment as it is known outside.
    fn found(&self, candidate: Candidate, sorts: &[Sort]) -> Result<FoundHit, Exception> {
        let codes = candidate.codes.iter().zip(self.keys).zip(sorts);
        let values = codes.map(|((code, keys), sort)| keys.value(*code, sort.descending));
        Ok(FoundHit {
            rescored: 0,
            target: self.target,
            address: DocAddress::new(self.segment, candidate.doc),
            score: self.scored.then(|| f32::from_bits(candidate.score_bits)),
            values: values.collect::<Result<_, _>>()?,
            group: None,
        })
    }
}
