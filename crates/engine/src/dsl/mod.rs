//! The query DSL: strict JSON → one tree ([`Query`]) → tantivy queries.
//!
//! One file per query; each has its `parse` and its `lower`. What is not built is refused with Elasticsearch's
//! `parsing_exception` "unknown query […]"; an option that is not built is refused by name. Nothing is ignored.
//!
//! Source: Elasticsearch 7.10 reference, "Query DSL", and the `fromXContent` of each query builder for the texts.

mod bitmap;
pub(crate) mod bm25;
pub(crate) mod boolean;
pub(crate) mod boosting;
mod column_search;
mod common;
pub(crate) mod constant_score;
pub(crate) mod decay;
pub(crate) mod dis_max;
mod distance_feature;
pub(crate) mod exists;
pub(crate) mod explain;
mod explanation;
pub(crate) mod flat_object;
pub(crate) mod function_score;
pub(crate) mod fuzzy;
pub(crate) mod geo;
pub(crate) mod ids;
mod index_names;
pub(crate) mod inner_hits;
pub(crate) mod intervals;
pub(crate) mod join;
mod knn;
pub(crate) mod looked_up;
pub(crate) mod lower;
pub(crate) mod lowered;
pub(crate) mod match_all;
pub(crate) mod match_phrase;
pub(crate) mod match_query;
pub(crate) mod minimum_should_match;
pub(crate) mod more_like_this;
pub(crate) mod multi_match;
mod near_terms;
pub(crate) mod nested;
pub(crate) mod options;
pub(crate) mod percolate;
pub(crate) mod phrase_scorer;
mod places;
pub(crate) mod prefix;
pub(crate) mod profile;
pub(crate) mod query;
pub(crate) mod query_string;
pub(crate) mod query_syntax;
pub(crate) mod random_score;
pub(crate) mod range;
pub(crate) mod range_field;
pub(crate) mod rank_feature;
mod refused_keys;
pub(crate) mod regexp;
mod rewrite;
pub(crate) mod roots_only;
pub(crate) mod rule;
mod rule_terms;
pub(crate) mod scan;
mod scores;
pub(crate) mod script;
mod seen_terms;
pub(crate) mod simple_query_string;
mod sought_spans;
pub(crate) mod span;
mod span_rules;
pub(crate) mod span_source;
pub(crate) mod stoppable;
pub(crate) mod term;
pub(crate) mod term_set;
pub(crate) mod terms;
pub(crate) mod terms_lookup;
mod terms_set;
pub(crate) mod to_parent;
pub(crate) mod two_phase;
mod type_query;
pub(crate) mod wildcard;
mod word_graph;
pub(crate) mod words;
pub(crate) mod wrapper;

use serde_json::Value;

use crate::exception::{Exception, ExceptionKind};
use crate::place::Place;
use crate::rest::likeness::did_you_mean;
pub(crate) use query::QueryClause;
pub use query::{CLAUSES_MAX, QUERY_DEPTH_MAX, Query, TERMS_MAX};

/// THE table of queries: every one that Elasticsearch 7.10 or OpenSearch 2.19 know, and what reads it; `None` where
/// this engine does not have it yet, which is refused by name. A new one is its file and its row here.
const QUERIES: &[(&str, Option<ParseQuery>)] = &[
    ("bool", Some(boolean::parse)),
    ("boosting", Some(boosting::parse)),
    ("common", Some(common::parse)),
    ("constant_score", Some(constant_score::parse)),
    ("dis_max", Some(dis_max::parse)),
    ("distance_feature", Some(distance_feature::parse)),
    ("exists", Some(exists::parse)),
    ("field_masking_span", Some(span::parse_masking)),
    ("function_score", Some(function_score::parse)),
    ("fuzzy", Some(fuzzy::parse)),
    ("geo_bounding_box", Some(geo::bounding_box::parse)),
    ("geo_distance", Some(geo::distance::parse)),
    ("geo_polygon", Some(geo::polygon::parse)),
    ("geo_shape", Some(geo::shape::parse)),
    ("has_child", Some(join::parse_child)),
    ("has_parent", Some(join::parse_parent)),
    ("hybrid", None),
    ("ids", Some(ids::parse)),
    ("intervals", Some(intervals::parse)),
    ("knn", Some(knn::parse)),
    ("match", Some(match_query::parse)),
    ("match_all", Some(match_all::parse)),
    ("match_bool_prefix", Some(match_query::parse_bool_prefix)),
    ("match_none", Some(match_all::parse_none)),
    ("match_phrase", Some(match_phrase::parse)),
    ("match_phrase_prefix", Some(match_phrase::parse_prefix)),
    ("more_like_this", Some(more_like_this::parse)),
    ("multi_match", Some(multi_match::parse)),
    ("nested", Some(nested::parse)),
    ("neural", None),
    ("parent_id", Some(join::parse_parent_id)),
    ("percolate", Some(percolate::parse)),
    ("prefix", Some(prefix::parse)),
    ("query_string", Some(query_string::parse)),
    ("range", Some(range::parse)),
    ("rank_feature", Some(rank_feature::parse)),
    ("regexp", Some(regexp::parse)),
    ("script", Some(script::parse)),
    ("script_score", Some(script::parse_score)),
    ("simple_query_string", Some(simple_query_string::parse)),
    ("span_containing", Some(span::parse_containing)),
    ("span_field_masking", Some(span::parse_masking)),
    ("span_first", Some(span::parse_first)),
    ("span_multi", Some(span::parse_multi)),
    ("span_near", Some(span::parse_near)),
    ("span_not", Some(span::parse_not)),
    ("span_or", Some(span::parse_or)),
    ("span_term", Some(span::parse_term)),
    ("span_within", Some(span::parse_within)),
    ("template", None),
    ("term", Some(term::parse)),
    ("terms", Some(terms::parse)),
    ("terms_set", Some(terms_set::parse)),
    ("type", Some(type_query::parse)),
    ("wildcard", Some(wildcard::parse)),
    ("wrapper", Some(wrapper::parse)),
];

/// Reads the body of one query, so many levels down.
type ParseQuery = fn(&Value, usize) -> Result<Query, Exception>;

/// Reads a query, such as the value of `query` in a search body.
///
/// # Errors
/// `parsing_exception` as Elasticsearch words it; 501 for a query that is known and not built.
///
/// ```
/// let query = serde_json::json!({"match": {"title": "emma"}});
/// assert!(engine::dsl::parse(&query).is_ok());
/// let unknown = engine::dsl::parse(&serde_json::json!({"mach": {"title": "emma"}})).unwrap_err();
/// assert_eq!(unknown.reason(), "unknown query [mach] did you mean [match]?");
/// ```
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
        let reason = "[_na] query malformed, must start with start_object";
        return Err(Exception::parsing(reason).at(value));
    };
    let mut entries = object.iter();
    let Some((name, body)) = entries.next() else {
        return Err(
            Exception::illegal_argument("query malformed, empty clause found").at_end(value)
        );
    };
    if !body.is_object() {
        return Err(Exception::parsing(format!(
            "[{name}] query malformed, no start_object after query name"
        ))
        .at(body));
    }
    let parse = match QUERIES.iter().find(|(known, _)| known == name) {
        Some((_, Some(parse))) => parse,
        Some((_, None)) => return Err(Exception::not_implemented(&format!("{name} query"))),
        None => {
            let cause = Exception::new(
                ExceptionKind::NamedObjectNotFound,
                format!("unknown field [{name}]"),
            )
            .at(body);
            let built = QUERIES.iter().filter(|(_, parse)| parse.is_some());
            let meant = did_you_mean(name, built.map(|(known, _)| *known));
            let reason = format!("unknown query [{name}]{meant}");
            return Err(Exception::parsing(reason).at(body).caused_by(cause));
        }
    };
    // What a query lacks is noticed when it has been read to its end.
    let query = parse(body, depth).map_err(|refusal| {
        refused_keys::told_first(name, body, refusal).by_default(Place::end(body))
    })?;
    if let Some((_, second)) = entries.next() {
        return Err(Exception::parsing(format!(
            "[{name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]"
        ))
        .at_name(second));
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_has_each_name_once_in_order() {
        assert!(QUERIES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_query_that_is_known_and_not_built_is_refused_by_name() {
        for (name, _) in QUERIES.iter().filter(|(_, parse)| parse.is_none()) {
            let refusal = parse(&json!({ *name: {} })).unwrap_err();
            assert_eq!(refusal.status(), 501, "{name}");
            assert!(refusal.reason().contains(name), "{name}: {}", refusal.reason());
        }
    }

    #[test]
    fn a_query_that_nobody_knows_is_refused_with_the_names_that_are_near_and_built() {
        let refusal = parse(&json!({"mtch": {}})).unwrap_err();
        assert_eq!(refusal.reason(), "unknown query [mtch] did you mean [match]?");
        let refusal = parse(&json!({"wraper": {}})).unwrap_err();
        assert_eq!(refusal.reason(), "unknown query [wraper] did you mean [wrapper]?");
    }
}
