//! `constant_score`: the hits of a filter, all with the score `boost`.

use serde_json::Value;

use super::lower::{Lowered, Lowering, constant};
use super::options::Options;
use super::words::SoughtWords;
use super::{Query, QueryClause, parse_at};
use crate::exception::Exception;

/// A `constant_score` query.
#[derive(Debug)]
struct ConstantScore {
    filter: Query,
}

pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("constant_score", value)?;
    let Some(filter) = options.get("filter") else {
        return Err(Exception::parsing("[constant_score] requires a 'filter' element"));
    };
    if filter.is_array() {
        return Err(Exception::parsing("unexpected token [START_ARRAY]").at(filter));
    }
    let filter = parse_at(filter, depth + 1)?;
    Query::with(ConstantScore { filter }, &options)
}

impl QueryClause for ConstantScore {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        Ok(constant(lowering.lower(&self.filter)?))
    }

    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(!self.may_match(lowering)? || Query::one_inside_rewrites(self, lowering)?)
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        self.filter.clause.may_match(lowering)
    }

    fn children(&self) -> Vec<&Query> {
        vec![&self.filter]
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        sought.query(&self.filter)
    }
}
