//! The best hits of each of many buckets: `top_hits`.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tantivy::{DocAddress, DocId, SegmentReader};

use super::SearchRequest;
use super::fetch::one;
use super::found::{FoundHit, order};
use super::highlight::Highlighter;
use super::response::{self, Hit};
use super::script_fields::ScriptFields;
use super::shown_fields::WordColumns;
use super::sort::{self, SegmentKeys, Sort, SortSource};
use super::stored::Stored;
use crate::dsl::Query;
use crate::dsl::explain::{self, DocumentAt};
use crate::dsl::lower::{Lowered, Lowering};
use crate::dsl::lowered::everything;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::index::Snapshot;
use crate::work::{HeldMemory, Work};

/// A hit of the open segment: its sort codes, itself, its score.
type Candidate = (Vec<u128>, DocId, f32);

/// The best hits by bucket, over all segments of all indices.
pub(crate) struct Top {
    request: SearchRequest,
    sorts: Vec<Sort>,
    flavor: Flavor,
    snapshots: Vec<Snapshot>,
    /// What is shown of hits beside themselves, by target.
    shown: Vec<Shown>,
    sources: Vec<SortSource>,
    keys: Vec<SegmentKeys>,
    segment: u32,
    base: u32,
    candidates: HashMap<u32, Vec<Candidate>>,
    best: HashMap<u32, Vec<FoundHit>>,
    /// How many documents a bucket has, and the best score.
    seen: HashMap<u32, (u64, f32)>,
    words: WordColumns,
    work: Work,
    held: HeldMemory,
}

/// What a hit takes while it is kept, beside its sort values; and what a bucket takes.
const HIT_BYTES: u64 = 96;
const BUCKET_BYTES: u64 = 160;

/// What is shown of a target's hits beside themselves, where it is asked for.
struct Shown {
    scripted: Option<ScriptFields>,
    highlighter: Option<Highlighter>,
    /// The query by which hits are explained.
    explained: Option<Lowered>,
}

impl Shown {
    fn of(
        request: &SearchRequest,
        query: Option<&Query>,
        lowering: &Lowering<'_>,
    ) -> Result<Shown, Exception> {
        let scripted = (!request.script_fields.is_empty())
            .then(|| ScriptFields::new(request, lowering))
            .transpose()?;
        let highlight = request.highlight.as_ref();
        let highlighter =
            highlight.map(|highlight| Highlighter::new(highlight, query, lowering)).transpose()?;
        let explained = match query {
            Some(query) if request.explain => Some(lowering.lower(query)?),
            None if request.explain => Some(everything()),
            _ => None,
        };
        Ok(Shown { scripted, highlighter, explained })
    }

    fn add(
        &self,
        found: &FoundHit,
        stored: &Stored,
        snapshot: &Snapshot,
        hit: &mut Hit,
        (work, flavor): (&Work, Flavor),
    ) -> Result<(), Exception> {
        if let Some(scripted) = &self.scripted {
            scripted.add(found, hit)?;
        }
        if let Some(highlighter) = &self.highlighter {
            let fragments = highlighter.fragments(
                (&*stored.shown_whole()?, stored.whole()?),
                snapshot,
                work,
            )?;
            hit.highlight = (!fragments.is_empty()).then_some(fragments);
        }
        if let Some(query) = &self.explained {
            let (searcher, doc) = (&snapshot.searcher, found.address.doc_id);
            let reader = searcher.segment_reader(found.address.segment_ord);
            let place = DocumentAt { searcher, reader, doc };
            let told = explain::explain(query.as_ref(), &place, 1.0, flavor)?;
            hit.explanation = Some(told.to_json());
        }
        Ok(())
    }
}

impl Top {
    /// The best hits as `request` orders and shows them.
    /// Their memory is `held`.
    pub(crate) fn new(request: SearchRequest, work: &Work, held: HeldMemory) -> Top {
        let sorts = if request.sort.is_empty() {
            vec![Sort { by: sort::SortBy::Score, descending: true }]
        } else {
            request.sort.clone()
        };
        Top {
            request,
            sorts,
            flavor: Flavor::Elasticsearch710,
            snapshots: Vec::new(),
            shown: Vec::new(),
            sources: Vec::new(),
            keys: Vec::new(),
            segment: 0,
            base: 0,
            candidates: HashMap::new(),
            best: HashMap::new(),
            seen: HashMap::new(),
            words: WordColumns::none(work),
            work: work.clone(),
            held,
        }
    }

    /// Another index begins.
    pub(crate) fn open_index(
        &mut self,
        snapshot: &Snapshot,
        lowering: &Lowering<'_>,
        query: Option<&Query>,
        flavor: Flavor,
    ) -> Result<(), Exception> {
        self.settle()?;
        self.flavor = flavor;
        self.keys.clear();
        let sources: Result<_, _> =
            self.sorts.iter().map(|sort| sort::lowered(sort, lowering)).collect();
        self.sources = sources?;
        self.shown.push(Shown::of(&self.request, query, lowering)?);
        self.snapshots.push(snapshot.clone());
        Ok(())
    }

    /// Another of its segments begins.
    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.settle()?;
        let first = self.keys.is_empty();
        self.segment = if first { 0 } else { self.segment + 1 };
        if first {
            self.base = 0;
        }
        let kept = self.snapshots.last().map(|snapshot| Arc::clone(&snapshot.kept_texts));
        let kept = kept.unwrap_or_default();
        let keys: Result<_, _> = self
            .sources
            .iter()
            .zip(&self.sorts)
            .map(|(source, sort)| {
                SegmentKeys::open(source, sort.descending, reader, self.base, &kept, &self.work)
            })
            .collect();
        self.keys = keys?;
        self.base += reader.max_doc();
        Ok(())
    }

    /// A document is in the bucket `owner`.
    pub(crate) fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        if !self.seen.contains_key(&owner) {
            self.held.grow(BUCKET_BYTES)?;
        }
        let seen = self.seen.entry(owner).or_insert((0, f32::NEG_INFINITY));
        *seen = (seen.0 + 1, seen.1.max(score));
        let window = self.request.from + self.request.size;
        let keys = self.keys.iter().zip(&self.sorts);
        let codes: Vec<u128> =
            keys.map(|(keys, sort)| keys.code(doc, score, sort.descending)).collect();
        let kept = self.candidates.entry(owner).or_default();
        // Documents come in rising order: of equals the one already there comes first.
        let place = kept.partition_point(|(known, _, _)| *known <= codes);
        if place < window {
            let before = kept.len();
            kept.insert(place, (codes, doc, score));
            kept.truncate(window);
            let more = (kept.len() - before) as u64;
            self.held.grow(more * (HIT_BYTES + 16 * self.keys.len() as u64))?;
        }
        Ok(())
    }

    /// Turns the open segment's hits into values and joins them with the best so far.
    fn settle(&mut self) -> Result<(), Exception> {
        let window = self.request.from + self.request.size;
        for (owner, candidates) in self.candidates.drain() {
            self.work.check()?;
            let best = self.best.entry(owner).or_default();
            for (codes, doc, score) in candidates {
                let values: Result<Vec<_>, Exception> = codes
                    .iter()
                    .zip(&self.keys)
                    .zip(&self.sorts)
                    .map(|((code, keys), sort)| keys.value(*code, sort.descending))
                    .collect();
                best.push(FoundHit {
                    rescored: 0,
                    target: self.snapshots.len().saturating_sub(1),
                    address: DocAddress::new(self.segment, doc),
                    score: Some(score),
                    values: values?,
                    group: None,
                });
            }
            best.sort_by(|a, b| order(a, b, &self.sorts));
            best.truncate(window);
        }
        Ok(())
    }

    /// `hits` of the bucket `owner`.
    pub(crate) fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        self.settle()?;
        let (count, max_score) = self.seen.get(&owner).copied().unwrap_or((0, 0.0));
        let mut hits = Vec::new();
        let best = self.best.get(&owner).map_or(&[][..], Vec::as_slice);
        for found in best.iter().skip(self.request.from).take(self.request.size) {
            let Some(snapshot) = self.snapshots.get(found.target) else { continue };
            self.work.check()?;
            let stored = Stored::read(snapshot, found.address)?;
            self.held.grow(stored.bytes())?;
            let (request, sorts, words) = (&self.request, &self.sorts, &mut self.words);
            let mut hit = one(self.flavor, snapshot, request, found, &stored, sorts, words)?;
            if let Some(shown) = self.shown.get(found.target) {
                shown.add(found, &stored, snapshot, &mut hit, (&self.work, self.flavor))?;
            }
            hits.push(serde_json::to_value(&hit).unwrap_or_default());
        }
        let scored = self.request.sort.is_empty() || self.request.track_scores;
        let max_score = (scored && count > 0).then(|| response::score(max_score));
        let total = json!({"value": count, "relation": "eq"});
        let hits = json!({"total": total, "max_score": max_score, "hits": hits});
        Ok(Map::from_iter([("hits".to_owned(), hits)]))
    }
}
