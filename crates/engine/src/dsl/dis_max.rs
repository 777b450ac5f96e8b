//! `dis_max`: the best of several scores, plus `tie_breaker` times the others.

use serde_json::Value;

use super::lower::{Lowered, Lowering};
use super::lowered::best_of;
use super::options::Options;
use super::words::SoughtWords;
use super::{CLAUSES_MAX, Query, QueryClause, parse_at};
use crate::exception::Exception;

/// A `dis_max` query.
#[derive(Clone, Debug)]
pub(crate) struct DisMax {
    /// The queries of which the best counts.
    pub(crate) queries: Vec<Query>,
    /// What of the other scores is added.
    pub(crate) tie_breaker: f32,
}

pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("dis_max", value)?;
    let queries = match options.get("queries") {
        Some(Value::Array(queries)) if !queries.is_empty() && queries.len() <= CLAUSES_MAX => {
            queries.iter().map(|query| parse_at(query, depth + 1)).collect::<Result<Vec<_>, _>>()?
        }
        Some(query @ Value::Object(_)) => vec![parse_at(query, depth + 1)?],
        Some(empty @ Value::Array(queries)) if queries.is_empty() => {
            // What is read for a query is the end of the list.
            let reason = "[_na] query malformed, must start with start_object";
            return Err(Exception::parsing(reason).at_end(empty));
        }
        _ => {
            return Err(Exception::parsing(
                "[dis_max] requires 'queries' field with at least one clause",
            ));
        }
    };
    let tie_breaker = options.float("tie_breaker")?.unwrap_or(0.0);
    Query::with(DisMax { queries, tie_breaker }, &options)
}

impl QueryClause for DisMax {
    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Query::one_inside_rewrites(self, lowering)
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let queries: Result<Vec<_>, _> =
            self.queries.iter().map(|query| lowering.lower(query)).collect();
        Ok(best_of(queries?, self.tie_breaker))
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn children(&self) -> Vec<&Query> {
        self.queries.iter().collect()
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        self.queries.iter().try_for_each(|query| sought.query(query))
    }
}
