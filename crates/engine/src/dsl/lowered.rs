//! Queries of tantivy's, and how they are put together. Each composition knows its parts, so that `explain`, `profile`
//! and `_validate/query` can tell of the same tree that is run.

use std::sync::Arc;

use tantivy::query::{
    AllQuery, BooleanQuery, ConstScorer, DisjunctionMaxQuery, EmptyScorer, EnableScoring,
    Explanation, Occur, Query, Scorer, Weight,
};
use tantivy::{DocId, Score, SeekDangerResult, SegmentReader};

use super::two_phase::{self, Judge, PhasedWeight, Phases, TwoPhaseDocuments, TwoPhaseQuery};
use crate::exception::Exception;
use crate::work::Work;

/// A query of tantivy's.
pub(crate) type Lowered = Box<dyn Query>;

/// A query whose hits all score 1.
pub(crate) fn constant(query: Lowered) -> Lowered {
    TwoPhaseQuery::change(query, |query| {
        Box::new(Constant { inner: query, score: 1.0, leaf: None })
    })
}

/// A query whose hits all score 1, which Lucene has as one query of type `kind`, written `text`.
pub(crate) fn leaf(query: Lowered, kind: &'static str, text: impl Into<String>) -> Lowered {
    let leaf = Some(LeafWords { kind, text: text.into() });
    TwoPhaseQuery::change(query, |query| Box::new(Constant { inner: query, score: 1.0, leaf }))
}

/// Every document, with the score 1.
pub(crate) fn everything() -> Lowered {
    leaf(Box::new(AllQuery), "MatchAllDocsQuery", "*:*")
}

/// A query that matches nothing.
pub(crate) fn nothing() -> Lowered {
    nothing_because("no matching documents")
}

/// A query that matches nothing, and why.
pub(crate) fn nothing_because(reason: impl Into<String>) -> Lowered {
    Box::new(Nothing { reason: reason.into(), no_terms: false })
}

/// What a text without any term matches: nothing, where it stands alone. See [`has_no_terms`].
pub(super) fn no_terms() -> Lowered {
    let reason = "Matching no documents because no terms present".to_owned();
    Box::new(Nothing { reason, no_terms: true })
}

/// Whether it is a text of which the analyzer left no term. Lucene's parsers of query strings leave such a clause out, so that
/// `the AND fox` finds foxes where `the` is a stop word.
pub(super) fn has_no_terms(query: &Lowered) -> bool {
    query.downcast_ref::<Nothing>().is_some_and(|nothing| nothing.no_terms)
}

/// A query with its scores multiplied.
pub(crate) fn boosted(query: Lowered, boost: f32) -> Lowered {
    if boost == 1.0 || has_no_terms(&query) {
        return query;
    }
    TwoPhaseQuery::change(query, |query| Box::new(Boosted { inner: query, boost }))
}

/// The union of queries.
pub(crate) fn any_of(queries: impl Iterator<Item = Lowered>) -> Lowered {
    let mut queries: Vec<Lowered> = queries.collect();
    match queries.len() {
        0 => nothing(),
        1 => queries.pop().unwrap_or_else(nothing),
        _ => combine(Vec::new(), Vec::new(), queries, Vec::new(), 1),
    }
}

/// One boolean query of `required` out of `should`, and all the others.
pub(crate) fn combine(
    must: Vec<Lowered>,
    filter: Vec<Lowered>,
    should: Vec<Lowered>,
    must_not: Vec<Lowered>,
    required: usize,
) -> Lowered {
    let mut clauses: Vec<(Role, Lowered)> = Vec::new();
    clauses.extend(must.into_iter().map(|query| (Role::Must, query)));
    clauses.extend(must_not.into_iter().map(|query| (Role::MustNot, query)));
    clauses.extend(should.into_iter().map(|query| (Role::Should, query)));
    clauses.extend(filter.into_iter().map(|query| (Role::Filter, query)));
    joined(clauses, required)
}

/// One boolean query of clauses in their order, `required` of the optional ones.
pub(super) fn joined(mut clauses: Vec<(Role, Lowered)>, required: usize) -> Lowered {
    let count = |wanted: &[Role]| clauses.iter().filter(|(role, _)| wanted.contains(role)).count();
    if required > count(&[Role::Should]) {
        return nothing();
    }
    if required == 0 && count(&[Role::Must, Role::Filter]) == 0 {
        // Nothing is required, so everything is a candidate; Elasticsearch adds the same clause to pure negatives.
        clauses.push((Role::Filter, everything()));
    }
    boolean(clauses, required)
}

/// The same, of clauses some of which can match.
pub(super) fn boolean(clauses: Vec<(Role, Lowered)>, required: usize) -> Lowered {
    let asking = RemainingClauses::of(&clauses, required);
    let combined = Combined::new(clauses, required, asking.clone());
    match asking {
        Some(asking) => TwoPhaseQuery::of(combined, asking.base, &asking.work),
        None => Box::new(combined),
    }
}

/// The best of `queries`.
pub(crate) fn best_of(mut queries: Vec<Lowered>, tie_breaker: f32) -> Lowered {
    match queries.len() {
        0 => nothing(),
        1 => queries.pop().unwrap_or_else(nothing),
        _ if queries.iter().all(has_no_terms) => no_terms(),
        _ => best_of_several(queries, tie_breaker),
    }
}

/// The best of more than one.
pub(super) fn best_of_several(parts: Vec<Lowered>, tie_breaker: f32) -> Lowered {
    let likely = likely(&parts);
    let best = BestOf { parts, tie_breaker };
    match likely {
        Some((likely, work)) => TwoPhaseQuery::of(best, likely, &work),
        None => Box::new(best),
    }
}

/// The union of the approximations of `parts`, where any is in phases.
fn likely(parts: &[Lowered]) -> Option<(Lowered, Work)> {
    let work = parts.iter().find_map(|part| two_phase::work(part.as_ref()))?;
    Some((any_of(parts.iter().map(|part| two_phase::likely(part.as_ref()))), work))
}

/// How a clause of a boolean query counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Must,
    Filter,
    Should,
    MustNot,
}

/// A boolean query.
#[derive(Clone, Debug)]
pub(super) struct Combined {
    inner: BooleanQuery,
    roles: Vec<Role>,
    /// How many of the optional clauses must match.
    pub(super) required: usize,
    asking: Option<RemainingClauses>,
}

impl Combined {
    fn new(
        clauses: Vec<(Role, Lowered)>,
        required: usize,
        asking: Option<RemainingClauses>,
    ) -> Combined {
        let roles = clauses.iter().map(|(role, _)| *role).collect();
        let clauses = clauses.into_iter().map(|(role, query)| match role {
            Role::Must => (Occur::Must, query),
            Role::Filter => {
                let silent = Constant { inner: query, score: 0.0, leaf: None };
                (Occur::Must, Box::new(silent) as Lowered)
            }
            Role::Should => (Occur::Should, query),
            Role::MustNot => (Occur::MustNot, query),
        });
        let inner = BooleanQuery::with_minimum_required_clauses(clauses.collect(), required);
        Combined { inner, roles, required, asking }
    }

    /// The clauses, in Lucene's order.
    pub(super) fn clauses(&self) -> impl Iterator<Item = (Role, &dyn Query)> {
        let queries = self.inner.clauses().iter().map(|(_, query)| query.as_ref());
        self.roles.iter().copied().zip(queries).map(|(role, query)| match role {
            Role::Filter => {
                let silent = query.downcast_ref::<Constant>();
                (role, silent.map_or(query, |silent| silent.inner.as_ref()))
            }
            _ => (role, query),
        })
    }
}

impl Query for Combined {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        match &self.asking {
            Some(asking) => asking.weight(scoring),
            None => self.inner.weight(scoring),
        }
    }
}

/// The clauses of a boolean query that are asked only of what all the others match.
struct RemainingClauses {
    /// What the others match, and the approximations of those that are asked.
    base: Lowered,
    asked: Vec<(Role, Lowered)>,
    /// How many of the optional ones among them must match.
    required: usize,
    work: Work,
}

impl Clone for RemainingClauses {
    fn clone(&self) -> RemainingClauses {
        let asked = self.asked.iter().map(|(role, query)| (*role, query.box_clone()));
        RemainingClauses {
            base: self.base.box_clone(),
            asked: asked.collect(),
            required: self.required,
            work: self.work.clone(),
        }
    }
}

impl std::fmt::Debug for RemainingClauses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.asked.fmt(f)
    }
}

impl RemainingClauses {
    /// Of a boolean query with clauses in phases; `None`: it has none.
    fn of(clauses: &[(Role, Lowered)], required: usize) -> Option<RemainingClauses> {
        let work = clauses.iter().find_map(|(_, query)| two_phase::work(query.as_ref()))?;
        let is_asked = |query: &Lowered| two_phase::work(query.as_ref()).is_some();
        // Where some optional clauses must match and one is in phases, all of them are counted document by document.
        let counted = required > 0
            && clauses.iter().any(|(role, query)| *role == Role::Should && is_asked(query));
        let (mut base, mut asked, mut optional) = (Vec::new(), Vec::new(), Vec::new());
        for (role, query) in clauses {
            let likely = || two_phase::likely(query.as_ref());
            match role {
                Role::Should if counted => optional.push((Role::Should, likely())),
                _ if !is_asked(query) => {
                    base.push((*role, query.box_clone()));
                    continue;
                }
                Role::Must | Role::Filter => base.push((Role::Filter, likely())),
                Role::MustNot | Role::Should => {}
            }
            asked.push((*role, query.box_clone()));
        }
        if counted {
            base.push((Role::Filter, joined(optional, required)));
        }
        let (of_base, of_asked) = if counted { (0, required) } else { (required, 0) };
        Some(RemainingClauses { base: joined(base, of_base), asked, required: of_asked, work })
    }

    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let mut asked: Vec<(Role, Arc<dyn Weight>)> = Vec::new();
        for (role, query) in &self.asked {
            let scores = matches!(role, Role::Must | Role::Should);
            let scoring = if scores { scoring } else { unscored(scoring) };
            asked.push((*role, query.weight(scoring)?.into()));
        }
        let base = self.base.weight(scoring)?;
        let phases = AskingPhases { base, asked, required: self.required };
        Ok(PhasedWeight::boxed(phases, &self.work.cancel, &self.work.faults))
    }
}

struct AskingPhases {
    base: Box<dyn Weight>,
    asked: Vec<(Role, Arc<dyn Weight>)>,
    required: usize,
}

impl Phases for AskingPhases {
    type Judge = AskedClauses;

    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, AskedClauses)> {
        let asked =
            |(role, weight): &(Role, _)| (*role, TwoPhaseDocuments::new(weight, reader, boost));
        let clauses = self.asked.iter().map(asked).collect();
        let judge = AskedClauses { clauses, required: self.required };
        Ok((self.base.scorer(reader, boost)?, judge))
    }
}

struct AskedClauses {
    clauses: Vec<(Role, TwoPhaseDocuments)>,
    required: usize,
}

impl Judge for AskedClauses {
    fn matches(&mut self, doc: DocId, _: &mut dyn Scorer) -> Result<bool, Exception> {
        let mut optional = 0;
        for (role, asked) in &mut self.clauses {
            match role {
                Role::Must | Role::Filter if !asked.holds(doc)? => return Ok(false),
                Role::MustNot if asked.holds(doc)? => return Ok(false),
                Role::Should if self.required > 0 => optional += usize::from(asked.holds(doc)?),
                _ => {}
            }
        }
        Ok(optional >= self.required)
    }

    fn score(&mut self, doc: DocId, lead: &mut dyn Scorer) -> Result<f32, Exception> {
        let mut sum = f64::from(lead.score());
        for (role, asked) in &mut self.clauses {
            if matches!(role, Role::Must | Role::Should) && asked.holds(doc)? {
                sum += f64::from(asked.score());
            }
        }
        Ok(sum as f32)
    }
}

/// The same search without scores.
fn unscored(scoring: EnableScoring<'_>) -> EnableScoring<'_> {
    match scoring {
        EnableScoring::Enabled { searcher, .. } => EnableScoring::disabled_from_searcher(searcher),
        disabled => disabled,
    }
}

/// Declares `Clone` and `Debug` of what holds one query, and what tantivy asks of it.
macro_rules! around_one_query {
    ($name:ident { $($field:ident),* }) => {
        impl Clone for $name {
            fn clone(&self) -> $name {
                $name { inner: self.inner.box_clone(), $($field: self.$field.clone()),* }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

/// What Lucene calls a query that it has as one.
#[derive(Clone, Debug)]
pub(super) struct LeafWords {
    pub(super) kind: &'static str,
    pub(super) text: String,
}

/// The hits of a query, all with the same score.
pub(super) struct Constant {
    pub(super) inner: Lowered,
    score: f32,
    /// Where Lucene has all of it as one query.
    pub(super) leaf: Option<LeafWords>,
}

around_one_query!(Constant { score, leaf });

impl Query for Constant {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.inner.weight(unscored(scoring))?;
        Ok(Box::new(ConstantWeight { inner, score: self.score }))
    }
}

impl Constant {
    /// The same of another query.
    pub(super) fn of_another(&self, inner: Lowered) -> Lowered {
        let (score, leaf) = (self.score, self.leaf.clone());
        TwoPhaseQuery::change(inner, |inner| Box::new(Constant { inner, score, leaf }))
    }
}

struct ConstantWeight {
    inner: Box<dyn Weight>,
    score: f32,
}

impl Weight for ConstantWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inner = self.inner.scorer(reader, 1.0)?;
        Ok(Box::new(ConstScorer::new(inner, self.score * boost)))
    }

    fn scorer_danger(
        &self,
        reader: &SegmentReader,
        target: DocId,
        boost: Score,
    ) -> tantivy::Result<(SeekDangerResult, Box<dyn Scorer>)> {
        let (found, inner) = self.inner.scorer_danger(reader, target, 1.0)?;
        Ok((found, Box::new(ConstScorer::new(inner, self.score * boost))))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("constant", self.score))
    }

    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        self.inner.count(reader)
    }
}

/// A query whose scores are multiplied.
pub(super) struct Boosted {
    pub(super) inner: Lowered,
    pub(super) boost: f32,
}

around_one_query!(Boosted { boost });

impl Query for Boosted {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(BoostedWeight { inner: self.inner.weight(scoring)?, boost: self.boost }))
    }
}

struct BoostedWeight {
    inner: Box<dyn Weight>,
    boost: f32,
}

impl Weight for BoostedWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        self.inner.scorer(reader, boost * self.boost)
    }

    fn scorer_danger(
        &self,
        reader: &SegmentReader,
        target: DocId,
        boost: Score,
    ) -> tantivy::Result<(SeekDangerResult, Box<dyn Scorer>)> {
        self.inner.scorer_danger(reader, target, boost * self.boost)
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }

    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        self.inner.count(reader)
    }
}

/// The best of several.
pub(super) struct BestOf {
    pub(super) parts: Vec<Lowered>,
    pub(super) tie_breaker: f32,
}

impl Clone for BestOf {
    fn clone(&self) -> BestOf {
        let parts = self.parts.iter().map(|part| part.box_clone()).collect();
        BestOf { parts, tie_breaker: self.tie_breaker }
    }
}

impl std::fmt::Debug for BestOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.parts.fmt(f)
    }
}

impl Query for BestOf {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let Some((likely, work)) = likely(&self.parts) else {
            let parts = self.parts.iter().map(|part| part.box_clone()).collect();
            return DisjunctionMaxQuery::with_tie_breaker(parts, self.tie_breaker).weight(scoring);
        };
        let parts = self.parts.iter().map(|part| Ok(part.weight(scoring)?.into()));
        let phases = BestPhases {
            likely: likely.weight(unscored(scoring))?,
            parts: parts.collect::<tantivy::Result<_>>()?,
            tie_breaker: self.tie_breaker,
        };
        Ok(PhasedWeight::boxed(phases, &work.cancel, &work.faults))
    }
}

struct BestPhases {
    likely: Box<dyn Weight>,
    parts: Vec<Arc<dyn Weight>>,
    tie_breaker: f32,
}

impl Phases for BestPhases {
    type Judge = AskedParts;

    fn open(
        &self,
        reader: &SegmentReader,
        boost: Score,
    ) -> tantivy::Result<(Box<dyn Scorer>, AskedParts)> {
        let parts =
            self.parts.iter().map(|weight| TwoPhaseDocuments::new(weight, reader, boost)).collect();
        let judge = AskedParts { parts, tie_breaker: self.tie_breaker };
        Ok((self.likely.scorer(reader, 1.0)?, judge))
    }
}

struct AskedParts {
    parts: Vec<TwoPhaseDocuments>,
    tie_breaker: f32,
}

impl Judge for AskedParts {
    fn matches(&mut self, doc: DocId, _: &mut dyn Scorer) -> Result<bool, Exception> {
        for part in &mut self.parts {
            if part.holds(doc)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn score(&mut self, doc: DocId, _: &mut dyn Scorer) -> Result<f32, Exception> {
        let (mut most, mut sum) = (0.0f32, 0.0);
        for part in &mut self.parts {
            if part.holds(doc)? {
                let score = part.score();
                (most, sum) = (most.max(score), sum + f64::from(score));
            }
        }
        let others = (sum - f64::from(most)) * f64::from(self.tie_breaker);
        Ok((f64::from(most) + others) as f32)
    }
}

/// No document.
#[derive(Clone, Debug)]
pub(super) struct Nothing {
    pub(super) reason: String,
    no_terms: bool,
}

impl Query for Nothing {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Nothing {
    fn scorer(&self, _: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(EmptyScorer))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("nothing", 0.0))
    }
}
