//! `boosting`: hits of `positive`; those that also match `negative` have their score multiplied by `negative_boost`.

use serde_json::Value;

use super::function_score::Scripted;
use super::lower::{Lowered, Lowering};
use super::match_all::MatchNone;
use super::options::Options;
use super::words::SoughtWords;
use super::{Query, QueryClause, parse_at};
use crate::exception::Exception;

/// A `boosting` query.
#[derive(Clone, Debug)]
pub(crate) struct Boosting {
    /// What matches.
    pub(crate) positive: Query,
    /// What lowers the score.
    pub(crate) negative: Query,
    /// By how much.
    pub(crate) negative_boost: f32,
}

pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::new("boosting", value)?;
    let part = |key: &str| match options.get(key) {
        Some(query) => parse_at(query, depth + 1),
        None => {
            Err(Exception::parsing(format!("[boosting] query requires '{key}' query to be set'")))
        }
    };
    let (positive, negative) = (part("positive")?, part("negative")?);
    let Some(negative_boost) = options.float("negative_boost")?.filter(|boost| *boost >= 0.0)
    else {
        return Err(Exception::parsing(
            "[boosting] query requires 'negative_boost' to be set to be a positive value'",
        ));
    };
    let query = Boosting { positive, negative, negative_boost };
    Query::with(query, &options)
}

impl QueryClause for Boosting {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if !self.may_match(lowering)? {
            // What is wrong with the other is not looked at.
            return MatchNone.lower(lowering);
        }
        let (positive, negative) =
            (lowering.lower(&self.positive)?, lowering.lower(&self.negative)?);
        Ok(Scripted::weighted(positive, negative, self.negative_boost, lowering.work))
    }

    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(!self.may_match(lowering)? || Query::one_inside_rewrites(self, lowering)?)
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        self.positive.clause.may_match(lowering)
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn children(&self) -> Vec<&Query> {
        vec![&self.positive, &self.negative]
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        sought.query(&self.positive)
    }
}
