//! A query of any type.

use std::fmt::Debug;
use std::sync::Arc;

use super::inner_hits::InnerHitsOf;
use super::lower::Lowering;
use super::lowered::Lowered;
use super::match_all::MatchAll;
use super::options::Options;
use super::percolate::Percolate;
use super::sought_spans::SoughtSpans;
use super::span_source::IndexSpans;
use super::words::SoughtWords;
use crate::exception::{Exception, ExceptionKind};

/// Deepest nesting of queries (`indices.query.bool.max_nested_depth` of later versions is 20–30; this bounds the stack).
pub const QUERY_DEPTH_MAX: usize = 50;

/// Most clauses of one boolean query, and most terms of one expansion (`indices.query.bool.max_clause_count`).
pub const CLAUSES_MAX: usize = 1024;

/// Most values of an `ids` query.
pub const TERMS_MAX: usize = 65_536;

/// A query with its boost.
#[derive(Clone, Debug)]
pub struct Query {
    /// What it matches.
    pub(crate) clause: Arc<dyn QueryClause>,
    /// What its scores are multiplied with.
    pub boost: f32,
    /// `_name`: listed in `matched_queries` of the hits that it matches.
    pub name: Option<String>,
}

/// All that the engine asks of a type of query.
pub(crate) trait QueryClause: Debug + Send + Sync {
    /// The query of tantivy's that matches and scores as this one, on one index.
    ///
    /// # Errors
    /// Elasticsearch's exception where it does not fit the index's mapping.
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception>;

    /// Whether a document of the index may match, as far as its mapping tells, and the least and largest of its dates:
    /// what Elasticsearch rewrites to `match_none` without a search does not.
    ///
    /// # Errors
    /// As `lower`.
    fn may_match(&self, _: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(true)
    }

    /// Whether Elasticsearch rewrites it on an index to another query, before it is run.
    ///
    /// # Errors
    /// As `lower`.
    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        Ok(!self.may_match(lowering)?)
    }

    /// Whether one step of its scorer may be many steps of others, so that each must look at the cancel flag.
    fn is_composite(&self) -> bool {
        false
    }

    /// What it counts as among the queries that `search.allow_expensive_queries` turns off.
    fn expensive(&self) -> Option<&'static str> {
        None
    }

    /// The queries inside this one, for those that look for something in the whole tree.
    fn children(&self) -> Vec<&Query> {
        Vec::new()
    }

    /// Adds the words it looks for, which the highlighter marks.
    fn words(&self, _: &mut SoughtWords<'_>) -> Result<(), Exception> {
        Ok(())
    }

    /// What a span query looks for in a text, where others stand around it.
    ///
    /// # Errors
    /// As `words`.
    fn sought_spans(&self, _: &SoughtWords<'_>) -> Result<Option<SoughtSpans>, Exception> {
        Ok(None)
    }

    /// Whether it is a span query, of which [`QueryClause::spans`] tells the places.
    fn is_span(&self) -> bool {
        false
    }

    /// The places that it finds on an index.
    ///
    /// # Errors
    /// As `lower`; a query that is no span query.
    fn spans(&self, _: &Lowering<'_>) -> Result<IndexSpans, Exception> {
        Err(Exception::illegal_argument("the query is not a span query"))
    }

    /// Whether it stands for terms of a field, which [`QueryClause::expansions`] tells.
    fn is_multi_term(&self) -> bool {
        false
    }

    /// The path of its field, and the terms that it stands for.
    ///
    /// # Errors
    /// `too_many_clauses`; a query that stands for none.
    fn expansions(&self, _: &Lowering<'_>) -> Result<(String, Vec<String>), Exception> {
        Err(Exception::illegal_argument("the query expands to no terms"))
    }

    /// This, where it is `percolate`, whose hits show which of the given documents they find.
    fn percolates(&self) -> Option<&Percolate> {
        None
    }

    /// What it is asked to show of the documents it joins.
    fn inner_hits(&self) -> Option<InnerHitsOf<'_>> {
        None
    }

    /// Whether it is `match_all`, which needs no walk over postings.
    fn is_match_all(&self) -> bool {
        false
    }
}

impl Query {
    /// A query of boost 1 without a name.
    pub(crate) fn of(clause: impl QueryClause + 'static) -> Query {
        Query { clause: Arc::new(clause), boost: 1.0, name: None }
    }

    /// Those in the tree that are `wanted`, each behind those inside it.
    pub(crate) fn those(&self, wanted: fn(&Query) -> bool) -> Vec<Query> {
        let inside = self.clause.children().into_iter().flat_map(|child| child.those(wanted));
        inside.chain(wanted(self).then(|| self.clone())).collect()
    }

    /// Whether one of the queries inside `clause` is rewritten.
    pub(super) fn one_inside_rewrites(
        clause: &dyn QueryClause,
        lowering: &Lowering<'_>,
    ) -> Result<bool, Exception> {
        for child in clause.children() {
            lowering.work.check()?;
            if child.clause.rewrites(lowering)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `match_all`.
    pub fn all() -> Query {
        Query::of(MatchAll)
    }

    /// A query with the `boost` and `_name` of its options.
    pub(crate) fn with(
        clause: impl QueryClause + 'static,
        options: &Options<'_>,
    ) -> Result<Query, Exception> {
        let boost = options.float("boost")?.unwrap_or(1.0);
        if boost < 0.0 || !boost.is_finite() {
            return Err(Exception::illegal_argument(format!(
                "negative [boost] are not allowed in [{boost}]"
            )));
        }
        let name = options.text("_name")?;
        options.finish()?;
        Ok(Query { boost, name, ..Query::of(clause) })
    }
}

/// Lucene's refusal of an expansion that is too large.
pub(crate) fn too_many_clauses() -> Exception {
    Exception::new(ExceptionKind::TooManyClauses, format!("maxClauseCount is set to {CLAUSES_MAX}"))
}
