//! `inner_hits`: with each hit, what it was joined with. Source: `InnerHitBuilder` and `NestedQueryBuilder` of
//! Elasticsearch 7.10.

use std::borrow::Cow;

use serde_json::{Value, json};
use tantivy::query::{EnableScoring, Weight};
use tantivy::{DocAddress, DocId, DocSet};

use super::execute;
use super::fetch::{self, Fetch};
use super::found::{FoundHit, SearchRun};
use super::sort::{self, SegmentKeys, Sort, SortSource};
use super::stored::Stored;
use super::{SearchRequest, Target, response};
use crate::blocks::{self, Parents};
use crate::dsl::Query;
use crate::dsl::inner_hits::{InnerHits, InnerHitsOf, InnerHitsSource, found_in};
use crate::dsl::join::{JoinSides, joined_with};
use crate::dsl::lower::Lowering;
use crate::dsl::lowered::combine;
use crate::dsl::match_all::MatchNone;
use crate::dsl::nested::check_path;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::rest::QueryParameters;
use crate::work::HeldMemory;

/// `inner_hits` as a search of its own.
pub(super) struct InnerRequest {
    name: Option<String>,
    request: SearchRequest,
    /// The order of the hits, told or not.
    sorts: Vec<Sort>,
}

/// Refuses a search whose query asks for inner hits that cannot be read.
///
/// # Errors
/// What their options are refused with.
pub(super) fn check(request: &SearchRequest) -> Result<(), Exception> {
    let mut found = Vec::new();
    for query in request.query.iter().chain(&request.post_filter) {
        found_in(query, &mut found);
    }
    while let Some((of, definition)) = found.pop() {
        InnerRequest::read(definition)?;
        found_in(of.query, &mut found);
    }
    Ok(())
}

impl InnerRequest {
    fn read(definition: &InnerHits) -> Result<InnerRequest, Exception> {
        let Some(inside) = definition.options.get("collapse") else {
            return InnerRequest::read_all(definition);
        };
        let object = inside.as_object().filter(|object| object.len() == 1);
        let field = object.and_then(|object| object.get("field")?.as_str());
        if field.is_none_or(str::is_empty) {
            let cause = Exception::parsing(super::collapse::NO_THIRD_LEVEL).at(inside);
            let reason = "[inner_hits] failed to parse field [collapse]";
            return Err(Exception::new(ExceptionKind::XContentParse, reason)
                .root_cause(cause.clone())
                .caused_by(cause));
        }
        // The real servers read it, and collapse nothing but the hits of groups.
        let mut options = definition.options.clone();
        options.shift_remove("collapse");
        InnerRequest::read_all(&InnerHits { name: definition.name.clone(), options })
    }

    /// What is shown of the hits of a group: they may be collapsed once more.
    ///
    /// # Errors
    /// What its options are refused with.
    pub(super) fn of_group(definition: &InnerHits) -> Result<SearchRequest, Exception> {
        let inside = definition.options.get("collapse");
        if inside.is_some_and(|inside| inside.get("inner_hits").is_some()) {
            return Err(Exception::parsing(super::collapse::NO_THIRD_LEVEL));
        }
        InnerRequest::read_all(definition).map(|read| read.request)
    }

    fn read_all(definition: &InnerHits) -> Result<InnerRequest, Exception> {
        let body = Value::Object(definition.options.clone());
        let request = SearchRequest::parse(Some(&body), &QueryParameters::default())?;
        let sorts = match request.sort.as_slice() {
            [] => vec![Sort { by: sort::SortBy::Score, descending: true }],
            sorts => sorts.to_vec(),
        };
        Ok(InnerRequest { name: definition.name.clone(), request, sorts })
    }

    /// Refuses more hits than an index allows.
    fn check_window(&self, target: &Target) -> Result<(), Exception> {
        let window = self.request.from.saturating_add(self.request.size) as u64;
        let most = target.snapshot().settings.max_inner_result_window;
        if window <= most {
            return Ok(());
        }
        let name = self.name.as_deref().unwrap_or("null");
        Err(Exception::illegal_argument(format!(
            "Inner result window is too large, the inner hit definition's [{name}]'s from + size must be less than or \
             equal to: [{most}] but was [{window}]. This limit can be set by changing the \
             [index.max_inner_result_window] index level setting."
        )))
    }
}

/// The fetching of what one query joined with the hits of one target.
pub(super) struct InnerFetch<'a> {
    /// Under which name it is shown.
    pub(super) name: String,
    from: InnerFrom<'a>,
}

enum InnerFrom<'a> {
    Objects(Box<InnerObjects<'a>>),
    Join(Box<InnerJoin<'a>>),
}

/// Nested objects, asked for in the block of each hit.
struct InnerObjects<'a> {
    weight: Box<dyn Weight>,
    /// The nested objects that hold them; `None`: whole documents.
    scope: Option<String>,
    sources: Vec<SortSource>,
    fetch: Fetch<'a>,
    open: Option<OpenSegment>,
}

/// What is open of the segment of the last hit.
struct OpenSegment {
    number: u32,
    parents: Parents,
    keys: Vec<SegmentKeys>,
}

/// The best of the objects of one hit: sort codes, document, score.
type BestObjects = Vec<(Vec<u128>, DocId, f32)>;

impl<'a> InnerFetch<'a> {
    /// One for each query in `queries` that shows what it joins, on the target that `lowering` is of.
    ///
    /// # Errors
    /// Two of one name; more hits than the index allows; what a query is refused with.
    pub(super) fn all(
        run: &'a SearchRun<'a>,
        targets: &'a [Target],
        number: usize,
        queries: impl Iterator<Item = &'a Query>,
        lowering: Lowering<'_>,
        as_number: bool,
    ) -> Result<Vec<InnerFetch<'a>>, Exception> {
        let mut found = Vec::new();
        for query in queries {
            found_in(query, &mut found);
        }
        let mut all: Vec<InnerFetch<'a>> = Vec::new();
        for (of, definition) in found {
            let definition = InnerRequest::read(definition)?;
            let (InnerHitsSource::Nested { path: named }
            | InnerHitsSource::Children { relation: named }
            | InnerHitsSource::Parent { relation: named }) = of.source;
            let name = definition.name.clone().unwrap_or_else(|| named.to_owned());
            if all.iter().any(|other| other.name == name) {
                return Err(Exception::illegal_argument(format!(
                    "[inner_hits] already contains an entry for key [{name}]"
                )));
            }
            if let Some(target) = targets.get(number) {
                definition.check_window(target)?;
            }
            let InnerHitsSource::Nested { path } = of.source else {
                let join =
                    InnerJoin::of(run, targets, number, &of, definition, &lowering, as_number);
                all.extend(
                    join.map(|join| InnerFetch { name, from: InnerFrom::Join(Box::new(join)) }),
                );
                continue;
            };
            if check_path(&lowering, path).is_err() && of.ignore_unmapped {
                continue;
            }
            let inner = lowering.within(path);
            let lowered = inner.lower(of.query)?;
            let objects =
                combine(vec![lowered], vec![blocks::objects(path)], Vec::new(), Vec::new(), 0);
            let scoring = EnableScoring::enabled_from_searcher(lowering.searcher);
            let sources = definition.sorts.iter();
            let sources =
                sources.map(|sort| sort::lowered(sort, &inner)).collect::<Result<_, _>>()?;
            let inside = InnerFetch::inside(run, targets, number, of.query, inner, as_number)?;
            let InnerRequest { request, sorts, .. } = definition;
            let fetch = Fetch::new(run, targets, Cow::Owned(request), Cow::Owned(sorts));
            let fetch = fetch.inside(path, of.query, (number, inside), as_number);
            let objects = InnerObjects {
                weight: objects.weight(scoring).map_err(internal)?,
                scope: lowering.nested.map(str::to_owned),
                sources,
                fetch,
                open: None,
            };
            all.push(InnerFetch { name, from: InnerFrom::Objects(Box::new(objects)) });
        }
        Ok(all)
    }

    /// As [`InnerFetch::all`], of what is inside `query`.
    fn inside(
        run: &'a SearchRun<'a>,
        targets: &'a [Target],
        number: usize,
        query: &'a Query,
        lowering: Lowering<'_>,
        as_number: bool,
    ) -> Result<Vec<InnerFetch<'a>>, Exception> {
        let queries: Box<dyn Iterator<Item = &'a Query>> = Box::new(std::iter::once(query));
        InnerFetch::all(run, targets, number, queries, lowering, as_number)
    }

    /// What is shown with `found`, which `stored` is of.
    pub(super) fn hits(
        &mut self,
        found: &FoundHit,
        stored: &Stored,
        held: &mut HeldMemory,
    ) -> Result<Value, Exception> {
        match &mut self.from {
            InnerFrom::Objects(objects) => objects.hits(found, held),
            InnerFrom::Join(join) => join.hits(found, stored, held),
        }
    }
}

impl InnerObjects<'_> {
    fn hits(&mut self, found: &FoundHit, held: &mut HeldMemory) -> Result<Value, Exception> {
        self.open(found)?;
        let (count, max_score, best) = self.best(found)?;
        let (from, size) = (self.fetch.request.from, self.fetch.request.size);
        let by_score = self.fetch.request.sort.is_empty();
        let scored = by_score || self.fetch.request.track_scores;
        let mut hits = Vec::new();
        for (codes, doc, score) in best.into_iter().skip(from) {
            let keys = self.open.iter().flat_map(|open| &open.keys);
            let values = codes.iter().zip(keys).zip(self.fetch.sorts.iter());
            let values = values.map(|((code, keys), sort)| keys.value(*code, sort.descending));
            let inner = FoundHit {
                rescored: 0,
                target: found.target,
                address: DocAddress::new(found.address.segment_ord, doc),
                // With an order of their own objects show no score, asked for or not.
                score: Some(score).filter(|_| by_score),
                values: values.collect::<Result<_, _>>()?,
                group: None,
            };
            hits.extend(self.fetch.hit(&inner, held)?);
        }
        let max_score = max_score.filter(|_| scored && size > 0).map(response::score);
        let total = match self.fetch.total_as_number {
            true => Value::from(count),
            false => json!({"value": count, "relation": "eq"}),
        };
        Ok(json!({"hits": {"total": total, "max_score": max_score, "hits": hits}}))
    }

    /// Opens the segment of `found`.
    fn open(&mut self, found: &FoundHit) -> Result<(), Exception> {
        let number = found.address.segment_ord;
        let Some(target) = self.fetch.targets.get(found.target) else { return Ok(()) };
        if self.open.as_ref().is_some_and(|open| open.number == number) {
            return Ok(());
        }
        let searcher = &target.snapshot().searcher;
        let reader = searcher.segment_reader(number);
        let before = searcher.segment_readers().iter().take(number as usize);
        let base = before.map(tantivy::SegmentReader::max_doc).sum();
        let work = self.fetch.run.work;
        let keys = self.sources.iter().zip(self.fetch.sorts.iter());
        let kept = &target.snapshot().kept_texts;
        let keys = keys.map(|(source, sort)| {
            SegmentKeys::open(source, sort.descending, reader, base, kept, work)
        });
        self.open = Some(OpenSegment {
            number,
            parents: Parents::of(self.scope.as_deref(), reader).map_err(internal)?,
            keys: keys.collect::<Result<_, _>>()?,
        });
        Ok(())
    }

    /// How many objects of `found` match, the best score, and the best of them.
    fn best(&self, found: &FoundHit) -> Result<(u64, Option<f32>, BestObjects), Exception> {
        let (Some(target), Some(open)) = (self.fetch.targets.get(found.target), &self.open) else {
            return Ok((0, None, Vec::new()));
        };
        let reader = target.snapshot().searcher.segment_reader(open.number);
        let mut scorer = self.weight.scorer(reader, 1.0).map_err(internal)?;
        let parent = found.address.doc_id;
        let start = open.parents.start(parent);
        if scorer.doc() < start {
            scorer.seek(start);
        }
        let window = self.fetch.request.from + self.fetch.request.size;
        let (mut count, mut max_score, mut best) = (0, None, BestObjects::new());
        while scorer.doc() < parent {
            self.fetch.run.work.check()?;
            let (doc, score) = (scorer.doc(), scorer.score());
            count += 1;
            max_score = Some(max_score.map_or(score, |best: f32| best.max(score)));
            let keys = open.keys.iter().zip(self.fetch.sorts.iter());
            let codes: Vec<u128> =
                keys.map(|(keys, sort)| keys.code(doc, score, sort.descending)).collect();
            // Documents come in rising order: of equals the one already there comes first.
            let place = best.partition_point(|(known, _, _)| *known <= codes);
            if place < window {
                best.insert(place, (codes, doc, score));
                best.truncate(window);
            }
            scorer.advance();
        }
        self.fetch.run.work.check()?;
        Ok((count, max_score, best))
    }
}

/// Documents that a join field ties to each hit: a search of its own for each.
struct InnerJoin<'a> {
    run: &'a SearchRun<'a>,
    target: Target,
    request: SearchRequest,
    query: &'a Query,
    sides: JoinSides,
    /// Whether the hits are parents.
    of_parents: bool,
    relation: String,
}

impl<'a> InnerJoin<'a> {
    /// `None` where the index has no such join.
    fn of(
        run: &'a SearchRun<'a>,
        targets: &'a [Target],
        number: usize,
        of: &InnerHitsOf<'a>,
        definition: InnerRequest,
        lowering: &Lowering<'_>,
        total_as_number: bool,
    ) -> Option<InnerJoin<'a>> {
        let (sides, relation, of_parents) = match of.source {
            InnerHitsSource::Children { relation } => {
                (JoinSides::of_child(lowering, relation)?, relation, true)
            }
            InnerHitsSource::Parent { relation } => {
                (JoinSides::of_parent(lowering, relation)?, relation, false)
            }
            InnerHitsSource::Nested { .. } => return None,
        };
        Some(InnerJoin {
            run,
            target: targets.get(number)?.without_alias(),
            request: SearchRequest { total_as_number, ..definition.request },
            query: of.query,
            sides,
            of_parents,
            relation: relation.to_owned(),
        })
    }

    fn hits(
        &self,
        found: &FoundHit,
        stored: &Stored,
        held: &mut HeldMemory,
    ) -> Result<Value, Exception> {
        let id = if self.of_parents { Some(stored.id.clone()) } else { self.parent_of(found)? };
        let query = match id {
            Some(id) => joined_with(self.query, &self.sides, &self.relation, &id),
            None => Query::of(MatchNone),
        };
        let request = SearchRequest { query: Some(query), ..self.request.clone() };
        let targets = std::slice::from_ref(&self.target);
        let outcome = execute::query(self.run, targets, &request, None)?;
        let answer = fetch::respond(self.run, targets, &request, outcome)?;
        held.grow(answer.bytes())?;
        let mut answer = serde_json::to_value(&answer).unwrap_or_default();
        let hits = answer.get_mut("hits").map(Value::take).unwrap_or_default();
        Ok(json!({ "hits": hits }))
    }

    /// The id of the parent of `found`.
    fn parent_of(&self, found: &FoundHit) -> Result<Option<String>, Exception> {
        let reader = self.target.snapshot().searcher.segment_reader(found.address.segment_ord);
        let name = crate::mapping::fields::stored_name(&self.sides.ids);
        let Some(column) = crate::columns::strings(reader, &name).map_err(internal)? else {
            return Ok(None);
        };
        let Some(ordinal) = column.term_ords(found.address.doc_id).next() else { return Ok(None) };
        let mut id = String::new();
        column.ord_to_str(ordinal, &mut id).map_err(crate::exception::io)?;
        Ok(Some(id))
    }
}
