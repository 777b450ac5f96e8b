//! The query DSL: strict JSON → one tree ([`Query`]) → tantivy queries.
//!
//! One file per query; each has its `parse` and its `lower`. What is not built is refused with Elasticsearch's
//! `parsing_exception` "unknown query […]"; an option that is not built is refused by name. Nothing is ignored.
//!
//! Source: Elasticsearch 7.10 reference, "Query DSL", and the `fromXContent` of each query builder for the texts.

pub(crate) mod bm25;
pub(crate) mod boolean;
pub(crate) mod boosting;
pub(crate) mod constant_score;
pub(crate) mod date_math;
pub(crate) mod dis_max;
pub(crate) mod exists;
pub(crate) mod function_score;
pub(crate) mod fuzzy;
pub(crate) mod ids;
pub(crate) mod lower;
pub(crate) mod match_all;
pub(crate) mod match_phrase;
pub(crate) mod match_query;
pub(crate) mod minimum_should_match;
pub(crate) mod multi_match;
pub(crate) mod options;
pub(crate) mod phrase_scorer;
pub(crate) mod prefix;
pub(crate) mod query_string;
pub(crate) mod query_syntax;
pub(crate) mod range;
pub(crate) mod regexp;
pub(crate) mod simple_query_string;
pub(crate) mod stoppable;
pub(crate) mod term;
pub(crate) mod term_set;
pub(crate) mod terms;
pub(crate) mod wildcard;
pub(crate) mod words;

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

use crate::exception::Exception;
use lower::{Lowered, Lowering};
use options::Options;
use words::SoughtWords;

/// Deepest nesting of queries (`indices.query.bool.max_nested_depth` of later versions is 20–30; this bounds the stack).
pub const QUERY_DEPTH_MAX: usize = 50;

/// Most clauses of one boolean query, and most terms of one expansion (`indices.query.bool.max_clause_count`).
pub const CLAUSES_MAX: usize = 1024;

/// Most values of an `ids` query.
pub const TERMS_MAX: usize = 65_536;

/// THE table of queries: every one that Elasticsearch 7.10 or OpenSearch 2.19 know, and what reads it; `None` where
/// this engine does not have it yet, which is refused by name. A new one is its file and its row here.
const QUERIES: &[(&str, Option<Parse>)] = &[
    ("bool", Some(boolean::parse)),
    ("boosting", Some(boosting::parse)),
    ("combined_fields", None),
    ("common", None),
    ("constant_score", Some(constant_score::parse)),
    ("dis_max", Some(dis_max::parse)),
    ("distance_feature", None),
    ("exists", Some(exists::parse)),
    ("function_score", Some(function_score::parse)),
    ("fuzzy", Some(fuzzy::parse)),
    ("geo_bounding_box", None),
    ("geo_distance", None),
    ("geo_polygon", None),
    ("geo_shape", None),
    ("has_child", None),
    ("has_parent", None),
    ("hybrid", None),
    ("ids", Some(ids::parse)),
    ("intervals", None),
    ("knn", None),
    ("match", Some(match_query::parse)),
    ("match_all", Some(match_all::parse)),
    ("match_bool_prefix", Some(match_query::parse_bool_prefix)),
    ("match_none", Some(match_all::parse_none)),
    ("match_phrase", Some(match_phrase::parse)),
    ("match_phrase_prefix", Some(match_phrase::parse_prefix)),
    ("more_like_this", None),
    ("multi_match", Some(multi_match::parse)),
    ("nested", None),
    ("neural", None),
    ("parent_id", None),
    ("percolate", None),
    ("prefix", Some(prefix::parse)),
    ("query_string", Some(query_string::parse)),
    ("range", Some(range::parse)),
    ("rank_feature", None),
    ("regexp", Some(regexp::parse)),
    ("script", None),
    ("script_score", None),
    ("simple_query_string", Some(simple_query_string::parse)),
    ("span_containing", None),
    ("span_first", None),
    ("span_multi", None),
    ("span_near", None),
    ("span_not", None),
    ("span_or", None),
    ("span_term", None),
    ("span_within", None),
    ("template", None),
    ("term", Some(term::parse)),
    ("terms", Some(terms::parse)),
    ("terms_set", None),
    ("type", None),
    ("wildcard", Some(wildcard::parse)),
    ("wrapper", None),
];

/// Reads the body of one query, so many levels down.
type Parse = fn(&Value, usize) -> Result<Query, Exception>;

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

    /// Whether one step of its scorer may be many steps of others, so that each must look at the cancel flag.
    fn is_composite(&self) -> bool {
        false
    }

    /// The queries inside this one, for those that look for something in the whole tree.
    fn children(&self) -> Vec<&Query> {
        Vec::new()
    }

    /// Adds the words it looks for, which the highlighter marks.
    fn words(&self, _: &mut SoughtWords<'_>) -> Result<(), Exception> {
        Ok(())
    }

    /// Whether it is `match_all`, which needs no walk over postings.
    fn is_match_all(&self) -> bool {
        false
    }
}

/// Reads a query, such as the value of `query` in a search body.
///
/// # Errors
/// `parsing_exception` as Elasticsearch words it; 501 for a query that is known and not built.
pub fn parse(value: &Value) -> Result<Query, Exception> {
    parse_at(value, 0)
}

/// Reads a query `depth` levels down.
pub(crate) fn parse_at(value: &Value, depth: usize) -> Result<Query, Exception> {
    if depth > QUERY_DEPTH_MAX {
        return Err(Exception::illegal_argument(format!(
            "The nested depth of the query exceeds the maximum nested depth for queries set in [{QUERY_DEPTH_MAX}]"
        )));
    }
    let Some(object) = value.as_object() else {
        return Err(Exception::parsing("[_na] query malformed, must start with start_object"));
    };
    let mut entries = object.iter();
    let Some((name, body)) = entries.next() else {
        return Err(Exception::illegal_argument("query malformed, empty clause found"));
    };
    let parse = match QUERIES.iter().find(|(known, _)| known == name) {
        Some((_, Some(parse))) => parse,
        Some((_, None)) => return Err(Exception::not_implemented(&format!("{name} query"))),
        None => return Err(Exception::parsing(unknown_query(name))),
    };
    if !body.is_object() {
        return Err(Exception::parsing(format!(
            "[{name}] query malformed, no start_object after query name"
        )));
    }
    let query = parse(body, depth)?;
    if entries.next().is_some() {
        return Err(Exception::parsing(format!(
            "[{name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]"
        )));
    }
    Ok(query)
}

/// "unknown query [mtch] did you mean [match]?" as Elasticsearch suggests it.
fn unknown_query(name: &str) -> String {
    let near: Vec<&str> = QUERIES
        .iter()
        .filter(|(_, parse)| parse.is_some())
        .map(|(known, _)| *known)
        .filter(|known| strsim::osa_distance(name, known) <= (known.len() / 4).max(1))
        .collect();
    match near.as_slice() {
        [] => format!("unknown query [{name}]"),
        [one] => format!("unknown query [{name}] did you mean [{one}]?"),
        many => format!("unknown query [{name}] did you mean any of [{}]?", many.join(", ")),
    }
}

impl Query {
    /// A query of boost 1 without a name.
    pub(crate) fn of(clause: impl QueryClause + 'static) -> Query {
        Query { clause: Arc::new(clause), boost: 1.0, name: None }
    }

    /// `match_all`.
    pub fn all() -> Query {
        Query::of(match_all::MatchAll)
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
