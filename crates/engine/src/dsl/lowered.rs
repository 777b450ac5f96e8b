//! Queries of tantivy's, and how they are put together.

use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur};

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
