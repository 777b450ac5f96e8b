//! Queries of tantivy's, and how they are put together. Each composition knows its parts, so that `explain`, `profile`
//! and `_validate/query` can tell of the same tree that is run.

use tantivy::query::{
    AllQuery, BooleanQuery, ConstScorer, DisjunctionMaxQuery, EmptyScorer, EnableScoring,
    Explanation, Occur, Query, Scorer, Weight,
};
use tantivy::{DocId, Score, SeekDangerResult, SegmentReader};

/// A query of tantivy's.
pub(crate) type Lowered = Box<dyn Query>;

/// A query whose hits all score 1.
pub(crate) fn constant(query: Lowered) -> Lowered {
    Box::new(Constant { inner: query, score: 1.0, leaf: None })
}

/// A query whose hits all score 1, which Lucene has as one query of type `kind`, written `text`.
pub(crate) fn leaf(query: Lowered, kind: &'static str, text: impl Into<String>) -> Lowered {
    let leaf = Some(LeafWords { kind, text: text.into() });
    Box::new(Constant { inner: query, score: 1.0, leaf })
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
    Box::new(Nothing { reason: reason.into() })
}

/// A query with its scores multiplied.
pub(crate) fn boosted(query: Lowered, boost: f32) -> Lowered {
    if boost == 1.0 { query } else { Box::new(Boosted { inner: query, boost }) }
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
    Box::new(Combined::new(clauses, required))
}

/// The best of `queries`.
pub(crate) fn best_of(mut queries: Vec<Lowered>, tie_breaker: f32) -> Lowered {
    match queries.len() {
        0 => nothing(),
        1 => queries.pop().unwrap_or_else(nothing),
        _ => Box::new(BestOf { parts: queries, tie_breaker }),
    }
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
}

impl Combined {
    pub(super) fn new(clauses: Vec<(Role, Lowered)>, required: usize) -> Combined {
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
        Combined { inner, roles, required }
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
        self.inner.weight(scoring)
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
        let unscored = match scoring.searcher() {
            Some(searcher) => EnableScoring::disabled_from_searcher(searcher),
            None => scoring,
        };
        Ok(Box::new(ConstantWeight { inner: self.inner.weight(unscored)?, score: self.score }))
    }
}

impl Constant {
    /// The same of another query.
    pub(super) fn of_another(&self, inner: Lowered) -> Lowered {
        Box::new(Constant { inner, score: self.score, leaf: self.leaf.clone() })
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
        let parts = self.parts.iter().map(|part| part.box_clone()).collect();
        DisjunctionMaxQuery::with_tie_breaker(parts, self.tie_breaker).weight(scoring)
    }
}

/// No document.
#[derive(Clone, Debug)]
pub(super) struct Nothing {
    pub(super) reason: String,
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
