//! `constant_score`: the hits of a filter, all with the score `boost`.

use serde_json::Value;

use super::options::Options;
use super::{Kind, Query, parse_at};
use crate::exception::Exception;

pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("constant_score", value)?;
    let Some(filter) = options.get("filter") else {
        return Err(Exception::parsing("[constant_score] requires a 'filter' element"));
    };
    let filter = parse_at(filter, depth + 1)?;
    Query::with(Kind::ConstantScore(Box::new(filter)), &options)
}
