//! `match_all` and `match_none`.

use serde_json::Value;

use super::options::Options;
use super::{Kind, Query};
use crate::exception::Exception;

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    Query::with(Kind::MatchAll, &Options::new("match_all", value)?)
}

pub(super) fn parse_none(value: &Value, _depth: usize) -> Result<Query, Exception> {
    Query::with(Kind::MatchNone, &Options::new("match_none", value)?)
}
