//! `bool`: must, filter, should, must_not.

use serde_json::Value;
use tantivy::query::{AllQuery, ConstScoreQuery};

use super::lower::{Lowered, Lowering};
use super::lowered::combine;
use super::match_all::MatchNone;
use super::options::Options;
use super::query::too_many_clauses;
use super::stoppable::StoppableQuery;
use super::words::SoughtWords;
use super::{CLAUSES_MAX, Query, QueryClause, minimum_should_match, parse_at};
use crate::exception::{Exception, ExceptionKind};

/// A `bool` query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bool {
    /// All must match; their scores add up.
    pub(crate) must: Vec<Query>,
    /// All must match; no scores.
    pub(crate) filter: Vec<Query>,
    /// Some may or must match; their scores add up.
    pub(crate) should: Vec<Query>,
    /// None may match.
    pub(crate) must_not: Vec<Query>,
    /// How many of `should` must match.
    pub(crate) minimum_should_match: Option<String>,
    /// `adjust_pure_negative: false`: of nothing but what must not match, nothing is found.
    pub(crate) not_adjusted: bool,
}

pub(super) fn parse(value: &Value, depth: usize) -> Result<Query, Exception> {
    let options = Options::declared("bool", value)?;
    let mut query = Bool::default();
    // The first that is wrong is named, in the order in which they are given.
    for (key, _) in options.entries() {
        let clauses = match key.as_str() {
            "must" => &mut query.must,
            "filter" => &mut query.filter,
            "should" => &mut query.should,
            "must_not" | "mustNot" => &mut query.must_not,
            _ => continue,
        };
        let parse = |query| parse_at(query, depth + 1).map_err(|cause| options.failed(key, cause));
        match options.get(key) {
            None => {}
            Some(Value::Array(queries)) => {
                if queries.len() > CLAUSES_MAX {
                    return Err(too_many_clauses());
                }
                for query in queries {
                    clauses.push(parse(query)?);
                }
            }
            Some(query @ Value::Object(_)) => clauses.push(parse(query)?),
            Some(other) => {
                let token = crate::value::scalar::token(other);
                return Err(Exception::new(
                    ExceptionKind::XContentParse,
                    format!("[bool] {key} doesn't support values of type: {token}"),
                )
                .at(other));
            }
        }
    }
    for key in ["must", "filter", "should", "must_not", "mustNot"] {
        options.get(key);
    }
    query.minimum_should_match = options.text("minimum_should_match")?;
    query.not_adjusted = options.flag("adjust_pure_negative")? == Some(false);
    Query::with(query, &options)
}

/// Up to so many clauses are walked through a segment without a look at the cancel flag, some milliseconds for each
/// million documents: simple queries keep tantivy's fast paths.
const UNWATCHED_MAX: usize = 4;

impl QueryClause for Bool {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let is_negative = self.must.is_empty() && self.filter.is_empty() && self.should.is_empty();
        if self.not_adjusted && is_negative && !self.must_not.is_empty() {
            return MatchNone.lower(lowering);
        }
        if !self.may_match(lowering)? {
            // What else is wrong with it is not looked at.
            return MatchNone.lower(lowering);
        }
        let lower = |queries: &[Query]| -> Result<Vec<Lowered>, Exception> {
            queries.iter().map(|query| lowering.lower(query)).collect()
        };
        // The first that is refused is told, in Elasticsearch's order.
        let (must, must_not) = (lower(&self.must)?, lower(&self.must_not)?);
        let (should, filter) = (lower(&self.should)?, lower(&self.filter)?);
        if must.is_empty() && filter.is_empty() && should.is_empty() && must_not.is_empty() {
            return Ok(Box::new(ConstScoreQuery::new(Box::new(AllQuery), 1.0)));
        }
        // Where nothing else is required, one optional clause is, whatever the minimum says.
        let least = usize::from(must.is_empty() && filter.is_empty() && !should.is_empty());
        let required = match &self.minimum_should_match {
            // `Queries.fixNegativeQueryIfNeeded`: with nothing but what must not be, the minimum is forgotten.
            _ if must.is_empty() && filter.is_empty() && should.is_empty() => 0,
            Some(specification) => {
                minimum_should_match::calculate(specification, should.len())?.max(least)
            }
            None => least,
        };
        let clauses = must.len() + filter.len() + should.len() + must_not.len();
        let stoppable = |queries: Vec<Lowered>| -> Vec<Lowered> {
            if clauses <= UNWATCHED_MAX {
                return queries;
            }
            let around = |query| StoppableQuery::around(query, &lowering.work.cancel);
            queries.into_iter().map(around).collect()
        };
        let [must, filter, should, must_not] = [must, filter, should, must_not].map(stoppable);
        Ok(combine(must, filter, should, must_not, required))
    }

    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        let is_empty = self.children().is_empty();
        let own = is_empty || !self.may_match(lowering)?;
        Ok(own || Query::one_inside_rewrites(self, lowering)?)
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        for query in self.must.iter().chain(&self.filter) {
            if !query.clause.may_match(lowering)? {
                return Ok(false);
            }
        }
        if !self.must.is_empty() || !self.filter.is_empty() || self.should.is_empty() {
            return Ok(true);
        }
        for query in &self.should {
            if query.clause.may_match(lowering)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn children(&self) -> Vec<&Query> {
        // In the order in which Elasticsearch makes queries of them: of a name that two have the last one is told.
        let all = self.must.iter().chain(&self.must_not).chain(&self.should).chain(&self.filter);
        all.collect()
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        let wanted = self.must.iter().chain(&self.filter).chain(&self.should);
        wanted.into_iter().try_for_each(|query| sought.query(query))
    }
}
