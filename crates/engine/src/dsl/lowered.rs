//! Queries of tantivy's, and how they are put together.

use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur,
};

/// A query of tantivy's.
pub(crate) type Lowered = Box<dyn tantivy::query::Query>;

/// A query whose hits all score 1.
pub(crate) fn constant(query: Lowered) -> Lowered {
    Box::new(ConstScoreQuery::new(query, 1.0))
}

/// A query that matches nothing.
pub(crate) fn nothing() -> Lowered {
    Box::new(EmptyQuery)
}

/// A query with its scores multiplied.
pub(crate) fn boosted(query: Lowered, boost: f32) -> Lowered {
    if boost == 1.0 { query } else { Box::new(BoostQuery::new(query, boost)) }
}

/// The union of queries.
pub(crate) fn any_of(queries: impl Iterator<Item = Lowered>) -> Lowered {
    let mut queries: Vec<Lowered> = queries.collect();
    match queries.len() {
        0 => nothing(),
        1 => queries.pop().unwrap_or_else(nothing),
        _ => {
            let clauses = queries.into_iter().map(|query| (Occur::Should, query)).collect();
            Box::new(BooleanQuery::with_minimum_required_clauses(clauses, 1))
        }
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
    let mut clauses: Vec<(Occur, Lowered)> = Vec::new();
    if must.is_empty() && filter.is_empty() && required == 0 {
        // Nothing is required, so everything is a candidate; Elasticsearch adds the same clause to pure negatives.
        clauses.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0))));
    }
    if required > should.len() {
        return nothing();
    }
    clauses.extend(must.into_iter().map(|query| (Occur::Must, query)));
    for query in filter {
        clauses.push((Occur::Must, Box::new(ConstScoreQuery::new(query, 0.0))));
    }
    clauses.extend(should.into_iter().map(|query| (Occur::Should, query)));
    clauses.extend(must_not.into_iter().map(|query| (Occur::MustNot, query)));
    Box::new(BooleanQuery::with_minimum_required_clauses(clauses, required))
}

/// The best of `queries`.
pub(crate) fn best_of(mut queries: Vec<Lowered>, tie_breaker: f32) -> Lowered {
    match queries.len() {
        0 => nothing(),
        1 => queries.pop().unwrap_or_else(nothing),
        _ => Box::new(DisjunctionMaxQuery::with_tie_breaker(queries, tie_breaker)),
    }
}
