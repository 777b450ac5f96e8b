//! `match_all` and `match_none`.

use serde_json::Value;

use super::lower::{Lowered, Lowering, everything, nothing_because};
use super::options::Options;
use super::{Query, QueryClause};
use crate::exception::Exception;

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let read = Query::with(MatchAll, &Options::declared("match_all", value)?);
    read.map_err(Exception::of_the_query)
}

pub(super) fn parse_none(value: &Value, _depth: usize) -> Result<Query, Exception> {
    Query::with(MatchNone, &Options::new("match_none", value)?)
}

/// A `match_all` query.
#[derive(Debug)]
pub(crate) struct MatchAll;

/// A `match_none` query.
#[derive(Debug)]
pub(crate) struct MatchNone;

impl QueryClause for MatchAll {
    fn lower(&self, _: &Lowering<'_>) -> Result<Lowered, Exception> {
        Ok(everything())
    }

    fn is_match_all(&self) -> bool {
        true
    }
}

impl QueryClause for MatchNone {
    fn lower(&self, _: &Lowering<'_>) -> Result<Lowered, Exception> {
        Ok(nothing_because("User requested \"match_none\" query."))
    }

    fn may_match(&self, _: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(false)
    }

    fn rewrites(&self, _: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(false)
    }
}
