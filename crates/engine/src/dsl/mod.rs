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

use serde_json::Value;

use crate::exception::Exception;
use options::Options;

/// Deepest nesting of queries (`indices.query.bool.max_nested_depth` of later versions is 20–30; this bounds the stack).
pub const QUERY_DEPTH_MAX: usize = 50;

/// Most clauses of one boolean query, and most terms of one expansion (`indices.query.bool.max_clause_count`).
pub const CLAUSES_MAX: usize = 1024;

/// Most values of an `ids` query.
pub const TERMS_MAX: usize = 65_536;

/// A query with its boost.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What it matches.
    pub kind: Kind,
    /// What its scores are multiplied with.
    pub boost: f32,
    /// `_name`: listed in `matched_queries` of the hits that it matches.
    pub name: Option<String>,
}

/// Every query that is built.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `match_all`
    MatchAll,
    /// `match_none`
    MatchNone,
    /// `match`
    Match(match_query::Match),
    /// `match_phrase` and `match_phrase_prefix`
    MatchPhrase(match_phrase::MatchPhrase),
    /// `multi_match`
    MultiMatch(multi_match::MultiMatch),
    /// `term`
    Term(term::Term),
    /// `terms`
    Terms(terms::Terms),
    /// `range`
    Range(range::Range),
    /// `bool`
    Bool(boolean::Bool),
    /// `exists`
    Exists(exists::Exists),
    /// `prefix`
    Prefix(prefix::Prefix),
    /// `wildcard`
    Wildcard(wildcard::Wildcard),
    /// `regexp`
    Regexp(regexp::Regexp),
    /// `fuzzy`
    Fuzzy(fuzzy::Fuzzy),
    /// `ids`
    Ids(ids::Ids),
    /// `constant_score`
    ConstantScore(Box<Query>),
    /// `dis_max`
    DisMax(dis_max::DisMax),
    /// `boosting`
    Boosting(Box<boosting::Boosting>),
    /// `function_score`
    FunctionScore(Box<function_score::FunctionScore>),
    /// `query_string`
    QueryString(query_string::QueryString),
    /// `simple_query_string`
    SimpleQueryString(simple_query_string::SimpleQueryString),
}

type Parse = fn(&Value, usize) -> Result<Query, Exception>;

/// THE table of queries: name and parser.
const QUERIES: &[(&str, Parse)] = &[
    ("bool", boolean::parse),
    ("boosting", boosting::parse),
    ("constant_score", constant_score::parse),
    ("dis_max", dis_max::parse),
    ("exists", exists::parse),
    ("function_score", function_score::parse),
    ("fuzzy", fuzzy::parse),
    ("ids", ids::parse),
    ("match", match_query::parse),
    ("match_all", match_all::parse),
    ("match_bool_prefix", match_query::parse_bool_prefix),
    ("match_none", match_all::parse_none),
    ("match_phrase", match_phrase::parse),
    ("match_phrase_prefix", match_phrase::parse_prefix),
    ("multi_match", multi_match::parse),
    ("prefix", prefix::parse),
    ("query_string", query_string::parse),
    ("range", range::parse),
    ("regexp", regexp::parse),
    ("simple_query_string", simple_query_string::parse),
    ("term", term::parse),
    ("terms", terms::parse),
    ("wildcard", wildcard::parse),
];

/// Queries Elasticsearch 7.10 or OpenSearch 2.19 know and this engine does not have yet.
const NOT_BUILT: &[&str] = &[
    "combined_fields",
    "common",
    "distance_feature",
    "geo_bounding_box",
    "geo_distance",
    "geo_polygon",
    "geo_shape",
    "has_child",
    "has_parent",
    "hybrid",
    "intervals",
    "knn",
    "more_like_this",
    "nested",
    "neural",
    "parent_id",
    "percolate",
    "rank_feature",
    "script",
    "script_score",
    "span_containing",
    "span_first",
    "span_multi",
    "span_near",
    "span_not",
    "span_or",
    "span_term",
    "span_within",
    "template",
    "terms_set",
    "type",
    "wrapper",
];

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
    let Some((_, parse)) = QUERIES.iter().find(|(known, _)| known == name) else {
        if NOT_BUILT.contains(&name.as_str()) {
            return Err(Exception::not_implemented(&format!("{name} query")));
        }
        return Err(Exception::parsing(unknown_query(name)));
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
        .map(|(known, _)| *known)
        .filter(|known| fuzzy::edit_distance(name, known, true) <= (known.len() / 4).max(1))
        .collect();
    match near.as_slice() {
        [] => format!("unknown query [{name}]"),
        [one] => format!("unknown query [{name}] did you mean [{one}]?"),
        many => format!("unknown query [{name}] did you mean any of [{}]?", many.join(", ")),
    }
}

impl Query {
    /// A query of boost 1 without a name.
    pub fn of(kind: Kind) -> Query {
        Query { kind, boost: 1.0, name: None }
    }

    /// `match_all`.
    pub fn all() -> Query {
        Query::of(Kind::MatchAll)
    }

    /// A query with the `boost` and `_name` of its options.
    pub(crate) fn with(kind: Kind, options: &Options<'_>) -> Result<Query, Exception> {
        let boost = options.float("boost")?.unwrap_or(1.0);
        if boost < 0.0 || !boost.is_finite() {
            return Err(Exception::illegal_argument(format!(
                "negative [boost] are not allowed in [{boost}]"
            )));
        }
        let name = options.text("_name")?;
        options.finish()?;
        Ok(Query { kind, boost, name })
    }

    /// The queries inside this one, for those that look for something in the whole tree.
    pub(crate) fn children(&self) -> Vec<&Query> {
        match &self.kind {
            Kind::Bool(query) => query
                .must
                .iter()
                .chain(&query.filter)
                .chain(&query.should)
                .chain(&query.must_not)
                .collect(),
            Kind::ConstantScore(query) => vec![query],
            Kind::DisMax(query) => query.queries.iter().collect(),
            Kind::Boosting(query) => vec![&query.positive, &query.negative],
            Kind::FunctionScore(query) => {
                let filters =
                    query.functions.iter().filter_map(|function| function.filter.as_ref());
                std::iter::once(&query.query).chain(filters).collect()
            }
            _ => Vec::new(),
        }
    }
}
