//! The fetch phase: the hits of the page, with what of each document is asked for.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};
use tantivy::DocAddress;

use super::collapse;
use super::execute::{QueryOutcome, boosted_query, on_shard};
use super::found::{FoundHit, SearchRun};
use super::highlight::Highlighter;
use super::inner_hits::InnerFetch;
use super::named_queries::NamedQueries;
use super::nested_hit::NestedPlace;
use super::percolated::Percolated;
use super::response::{Hit, SearchResponse};
use super::script_fields::ScriptFields;
use super::shown_fields::{WordColumns, shown_fields};
use super::stored::Stored;
use super::{SearchRequest, Snapshot, Target, sort};
use crate::columns::Numbers;
use crate::dsl::Query;
use crate::dsl::explain::{self, Explanation};
use crate::dsl::lower::{Lowered, Lowering};
use crate::exception::{Exception, ExceptionKind, internal};
use crate::flavor::Flavor;
use crate::mapping::fields;
use crate::mapping::type_name::DOC;
use crate::work::HeldMemory;

/// The answer to a search.
pub(super) fn respond(
    run: &SearchRun<'_>,
    targets: &[Target],
    request: &SearchRequest,
    outcome: QueryOutcome,
) -> Result<SearchResponse, Exception> {
    let mut hits = Vec::with_capacity(outcome.hits.len());
    let mut held = run.work.holds("<hits>");
    let (borrowed, sorts) = (Cow::Borrowed(request), Cow::Borrowed(outcome.sorts.as_slice()));
    let mut fetch = Fetch::new(run, targets, borrowed, sorts);
    fetch.prepare(request)?;
    for found in &outcome.hits {
        run.work.check()?;
        hits.extend(fetch.hit(found, &mut held)?);
    }
    if let Some(collapse) = &request.collapse {
        collapse::expand(run, targets, request, collapse, &outcome.hits, &mut hits, &mut held)?;
    }
    Ok(SearchResponse {
        flavor: run.flavor,
        took_milliseconds: 0,
        shards: targets.len(),
        pit_id: None,
        scroll_id: None,
        terminated_early: request.terminate_after.map(|_| outcome.terminated_early),
        total: outcome.total,
        total_as_number: request.total_as_number,
        phase_took: request.phase_took,
        max_score: outcome.max_score,
        hits,
        aggregations: outcome.aggregations,
        suggest: None,
        profile: outcome.profile,
        spent: (0, 0),
        _held: outcome.held.into_iter().flatten().chain([held]).collect(),
    })
}

/// The fetching of the hits of one request.
pub(super) struct Fetch<'a> {
    pub(super) run: &'a SearchRun<'a>,
    pub(super) targets: &'a [Target],
    pub(super) request: Cow<'a, SearchRequest>,
    pub(super) sorts: Cow<'a, [sort::Sort]>,
    /// What they matched.
    query: Option<&'a Query>,
    /// The path of the nested objects that are the hits; `None`: whole documents.
    pub(super) nested: Option<&'a str>,
    /// Whether totals are plain numbers.
    pub(super) total_as_number: bool,
    words: WordColumns,
    named: NamedQueries,
    percolated: Percolated,
    highlighters: HashMap<usize, Highlighter>,
    scripted: HashMap<usize, ScriptFields>,
    /// The query by which hits are explained, by target.
    explained: HashMap<usize, Lowered>,
    /// What of joined documents is shown, by target.
    inner: HashMap<usize, Vec<InnerFetch<'a>>>,
}

impl<'a> Fetch<'a> {
    /// The fetching of `request`'s hits, which were found in the order of `sorts`.
    pub(super) fn new(
        run: &'a SearchRun<'a>,
        targets: &'a [Target],
        request: Cow<'a, SearchRequest>,
        sorts: Cow<'a, [sort::Sort]>,
    ) -> Fetch<'a> {
        let (highlighters, inner) = (HashMap::new(), HashMap::new());
        let total_as_number = request.total_as_number;
        Fetch {
            run,
            targets,
            request,
            sorts,
            query: None,
            nested: None,
            total_as_number,
            words: WordColumns::none(run.work),
            named: NamedQueries::default(),
            percolated: Percolated::default(),
            scripted: HashMap::new(),
            highlighters,
            explained: HashMap::new(),
            inner,
        }
    }

    /// Makes it the fetching of the nested objects at `path` that matched `query`, with what is shown `inside` them on
    /// the target of this number.
    pub(super) fn inside(
        mut self,
        path: &'a str,
        query: &'a Query,
        (target, inside): (usize, Vec<InnerFetch<'a>>),
        total_as_number: bool,
    ) -> Fetch<'a> {
        self.nested = Some(path);
        self.total_as_number = total_as_number;
        self.query = Some(query);
        self.named = NamedQueries::of(Some(query), false);
        if !inside.is_empty() {
            self.inner.insert(target, inside);
        }
        self
    }

    /// Makes ready what is shown of joined documents, on every target: whatever is hit, a fault in it is told.
    fn prepare(&mut self, request: &'a SearchRequest) -> Result<(), Exception> {
        self.query = request.query.as_ref();
        self.named = NamedQueries::of(self.query, request.named_scores);
        self.percolated = Percolated::of(self.query);
        for (number, target) in self.targets.iter().enumerate() {
            let queries = request.query.iter().chain(&request.post_filter);
            let lowering = self.lowering(target);
            let as_number = self.total_as_number;
            let inner =
                InnerFetch::all(self.run, self.targets, number, queries, lowering, as_number);
            let inner = inner.map_err(|cause| on_shard(&target.snapshot().name, cause))?;
            if !inner.is_empty() {
                self.inner.insert(number, inner);
            }
        }
        Ok(())
    }

    /// Where its queries are asked.
    pub(super) fn lowering<'b>(&'b self, target: &'b Target) -> Lowering<'b>
    where
        'a: 'b,
    {
        let run = self.run;
        let lowering = Lowering::new(target.snapshot(), run.statistics, run.now, run.work);
        match self.nested {
            Some(path) => lowering.within(path),
            None => lowering,
        }
    }

    /// Why a hit scores as it does, what scored it again included.
    fn explanation(&mut self, found: &FoundHit, target: &Target) -> Result<Explanation, Exception> {
        let lowered = match self.explained.entry(found.target) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(boosted_query(self.run, target, &self.request)?)
            }
        };
        let snapshot = target.snapshot();
        let first = explanation(self.run, snapshot, lowered, found.address)?;
        let searcher = &snapshot.searcher;
        let reader = searcher.segment_reader(found.address.segment_ord);
        let place = explain::DocumentAt { searcher, reader, doc: found.address.doc_id };
        let mut told = first;
        for (number, rescore) in self.request.rescore.iter().enumerate() {
            let lowered = self.lowering(target).lower(&rescore.query)?;
            let second = if found.rescored.checked_shr(number as u32).unwrap_or(1) & 1 == 1 {
                explain::explain(lowered.as_ref(), &place, 1.0, self.run.flavor)?
            } else {
                Explanation::not("no matching rescorer", Vec::new())
            };
            told = rescore.explanation(told, second);
        }
        Ok(told)
    }

    /// One hit with all that is asked for of it; what it takes is counted by `held`.
    // long: one step for each thing that a hit shows
    pub(super) fn hit(
        &mut self,
        found: &FoundHit,
        held: &mut HeldMemory,
    ) -> Result<Option<Hit>, Exception> {
        let Some(target) = self.targets.get(found.target) else { return Ok(None) };
        let (run, snapshot) = (self.run, target.snapshot());
        let failed = |cause: Exception| on_shard(&snapshot.name, cause);
        let fetched = Stored::read(snapshot, found.address)?;
        held.grow(fetched.bytes())?;
        let (request, sorts, words) = (&self.request, &self.sorts, &mut self.words);
        let hit = one(run.flavor, snapshot, request, found, &fetched, sorts, words);
        let mut hit = hit.map_err(failed)?;
        if let Some(collapse) = &self.request.collapse {
            collapse::show(collapse, found, &mut hit);
        }
        if !self.request.script_fields.is_empty() {
            if !self.scripted.contains_key(&found.target) {
                let new = ScriptFields::new(&self.request, &self.lowering(target));
                self.scripted.insert(found.target, new.map_err(failed)?);
            }
            if let Some(scripted) = self.scripted.get(&found.target) {
                scripted.add(found, &mut hit).map_err(failed)?;
            }
        }
        if let Some(highlight) = &self.request.highlight {
            if !self.highlighters.contains_key(&found.target) {
                let lowering = self.lowering(target);
                let new = Highlighter::new(highlight, self.query, &lowering).map_err(failed)?;
                self.highlighters.insert(found.target, new);
            }
            if let Some(highlighter) = self.highlighters.get(&found.target) {
                let sources = (&*fetched.shown_whole()?, fetched.whole()?);
                let fragments = highlighter.fragments(sources, snapshot, run.work);
                let fragments = fragments.map_err(failed)?;
                hit.highlight = (!fragments.is_empty()).then_some(fragments);
            }
        }
        if self.request.explain && self.nested.is_none() {
            hit.explanation = Some(self.explanation(found, target).map_err(failed)?.to_json());
        }
        if !self.named.is_empty() {
            let mut named = std::mem::take(&mut self.named);
            let names = named.matching(found.target, &self.lowering(target), found.address);
            self.named = named;
            hit.matched_queries = names?;
        }
        if !self.percolated.is_empty() {
            let lowering = Lowering::new(snapshot, run.statistics, run.now, run.work);
            let highlight = self.request.highlight.as_ref();
            let added = self.percolated.add(&mut hit, &fetched, found.target, highlight, &lowering);
            added.map_err(failed)?;
        }
        if let Some(inner) = self.inner.get_mut(&found.target) {
            let mut shown = Map::new();
            for inner in inner {
                run.work.check()?;
                let hits = inner.hits(found, &fetched, held)?;
                shown.insert(inner.name.clone(), hits);
            }
            hit.inner_hits = Some(shown);
        }
        // Of what a script failed by, whoever asked it says nothing.
        run.work.faults.check().map_err(failed)?;
        Ok(Some(hit))
    }
}

pub(super) fn one(
    flavor: Flavor,
    snapshot: &Snapshot,
    request: &SearchRequest,
    found: &FoundHit,
    stored: &Stored,
    sorts: &[sort::Sort],
    words: &mut WordColumns,
) -> Result<Hit, Exception> {
    let reader = snapshot.searcher.segment_reader(found.address.segment_ord);
    // An object has the version of its whole document.
    let doc = stored.nested.as_ref().map_or(found.address.doc_id, |place| place.root);
    let number = |name: &str| -> Result<u64, Exception> {
        let column = Numbers::open(reader, name).map_err(internal)?;
        Ok(match column {
            Some(Numbers::U64(column)) => column.first(doc).unwrap_or(0),
            _ => 0,
        })
    };
    if request.seq_no_primary_term && stored.nested.is_some() {
        let reason = "nested documents are not assigned sequence numbers";
        return Err(Exception::new(ExceptionKind::UnsupportedOperation, reason).with_status(500));
    }
    let by_score = request.sort.is_empty();
    let printed = || -> Result<Vec<Value>, Exception> {
        let values = found.values.iter().zip(sorts).map(|(value, sort)| {
            Ok(sort::printed(value, &sort::source(sort, &snapshot.mapping)?, sort, flavor))
        });
        values.collect()
    };
    let has_score =
        by_score || request.track_scores || sorts.iter().any(|sort| sort.by == sort::SortBy::Score);
    Ok(Hit {
        index: snapshot.name.to_string(),
        id: (!request.no_stored_fields).then(|| stored.id.clone()),
        nested: stored.nested.as_ref().map(NestedPlace::printed),
        score: found.score.filter(|_| has_score),
        routing: stored.routing.clone().filter(|_| !request.no_stored_fields),
        ignored: stored.ignored(&snapshot.mapping, request)?,
        version: if request.version { Some(number(fields::VERSION_NAME)?) } else { None },
        seq_no_primary_term: if request.seq_no_primary_term {
            Some((number(fields::SEQ_NO_NAME)?, number(fields::PRIMARY_TERM_NAME)?))
        } else {
            None
        },
        source: stored.shown(&request.source)?,
        fields: shown_fields(flavor, snapshot, request, found.address, stored, words)?,
        highlight: None,
        sort: if by_score { None } else { Some(printed()?) },
        matched_queries: Vec::new(),
        inner_hits: None,
        explanation: None,
        type_name: (flavor == Flavor::Elasticsearch710)
            .then(|| snapshot.mapping.type_name().unwrap_or(DOC).to_owned()),
    })
}

/// Why a document scores as it does by a lowered query.
///
/// # Errors
/// What the index library reports.
pub(super) fn explanation(
    run: &SearchRun<'_>,
    snapshot: &Snapshot,
    query: &Lowered,
    address: DocAddress,
) -> Result<Explanation, Exception> {
    let searcher = &snapshot.searcher;
    let reader = searcher.segment_reader(address.segment_ord);
    let place = explain::DocumentAt { searcher, reader, doc: address.doc_id };
    explain::explain(query.as_ref(), &place, 1.0, run.flavor)
}
