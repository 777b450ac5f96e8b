//! Aggregations: our own layer over the columns, in Elasticsearch's shape.
//!
//! One tree of collectors serves a whole search: it walks over all segments of all indices, so that nothing is merged
//! afterwards. Buckets have numbers; a collector is told the number of the bucket a document is in (its *owner*), and
//! must answer for owners it was never told of (they are empty).
//!
//! Source: Elasticsearch 7.10 reference, "Aggregations".

pub(crate) mod aggregator;
pub(crate) mod buckets;
pub(crate) mod cardinality;
pub(crate) mod collector;
pub(crate) mod date_histogram;
pub(crate) mod definition;
pub(crate) mod filters;
pub(crate) mod hashes;
pub(crate) mod histogram;
pub(crate) mod hyperloglog;
pub(crate) mod metrics;
pub(crate) mod percentiles;
pub(crate) mod range;
pub(crate) mod shared;
pub(crate) mod terms;
pub(crate) mod top_hits;
pub(crate) mod values;

use serde_json::Value;

use crate::exception::{Exception, ExceptionKind};
pub(crate) use aggregator::Aggregator;
pub(crate) use collector::{Collector, IndexContext, Subs};
pub use definition::Aggregation;
pub(crate) use definition::{AggregationBody, AggregationDefinition, Definition, needs_scores};
pub use shared::BUCKETS_MAX;
pub(crate) use shared::too_many_buckets;

/// Deepest nesting of aggregations.
const DEPTH_MAX: usize = 20;

/// Most aggregations of one search.
const AGGREGATIONS_MAX: usize = 1000;

/// THE table of aggregations: every type that Elasticsearch 7.10 or OpenSearch 2.19 know, and what reads it; `None`
/// where this engine does not have it yet, which is refused by name. A new one is its file and its row here.
const AGGREGATIONS: &[(&str, Option<ParseAggregation>)] = &[
    ("adjacency_matrix", None),
    ("auto_date_histogram", None),
    ("avg", Some(metrics::parse)),
    ("avg_bucket", None),
    ("boxplot", None),
    ("bucket_script", None),
    ("bucket_selector", None),
    ("bucket_sort", None),
    ("cardinality", Some(cardinality::parse)),
    ("children", None),
    ("composite", None),
    ("cumulative_sum", None),
    ("date_histogram", Some(date_histogram::parse)),
    ("date_range", Some(range::parse)),
    ("derivative", None),
    ("diversified_sampler", None),
    ("extended_stats", Some(metrics::parse)),
    ("extended_stats_bucket", None),
    ("filter", Some(filters::parse_filter)),
    ("filters", Some(filters::parse_filters)),
    ("geo_bounds", None),
    ("geo_centroid", None),
    ("geo_distance", None),
    ("geohash_grid", None),
    ("geotile_grid", None),
    ("global", Some(filters::parse_global)),
    ("histogram", Some(histogram::parse)),
    ("ip_range", None),
    ("matrix_stats", None),
    ("max", Some(metrics::parse)),
    ("max_bucket", None),
    ("median_absolute_deviation", Some(percentiles::parse)),
    ("min", Some(metrics::parse)),
    ("min_bucket", None),
    ("missing", Some(filters::parse_missing)),
    ("moving_avg", None),
    ("moving_fn", None),
    ("multi_terms", None),
    ("nested", None),
    ("parent", None),
    ("percentile_ranks", Some(percentiles::parse)),
    ("percentiles", Some(percentiles::parse)),
    ("percentiles_bucket", None),
    ("range", Some(range::parse)),
    ("rare_terms", None),
    ("reverse_nested", None),
    ("sampler", None),
    ("scripted_metric", None),
    ("serial_diff", None),
    ("significant_terms", None),
    ("significant_text", None),
    ("stats", Some(metrics::parse)),
    ("stats_bucket", None),
    ("sum", Some(metrics::parse)),
    ("sum_bucket", None),
    ("t_test", None),
    ("terms", Some(terms::parse)),
    ("top_hits", Some(top_hits::parse)),
    ("top_metrics", None),
    ("value_count", Some(metrics::parse)),
    ("variable_width_histogram", None),
    ("weighted_avg", None),
];

/// Reads the body of one aggregation.
type ParseAggregation = fn(&AggregationBody<'_>) -> Result<Definition, Exception>;

/// Reads the value of `aggs`.
///
/// # Errors
/// `parsing_exception` as Elasticsearch words it; 501 for what is known and not built.
///
/// ```
/// let aggregations = serde_json::json!({"by_author": {"terms": {"field": "author"}}});
/// let parsed = engine::aggs::parse(&aggregations).unwrap();
/// assert_eq!(parsed.first().map(|(name, _)| name.as_str()), Some("by_author"));
/// ```
pub fn parse(value: &Value) -> Result<Vec<(String, Aggregation)>, Exception> {
    let mut budget = AGGREGATIONS_MAX;
    parse_at(value, 0, &mut budget)
}

fn parse_at(
    value: &Value,
    depth: usize,
    budget: &mut usize,
) -> Result<Vec<(String, Aggregation)>, Exception> {
    let Some(object) = value.as_object() else {
        return Err(Exception::parsing("Expected [START_OBJECT] under [aggs]"));
    };
    if depth > DEPTH_MAX {
        return Err(Exception::illegal_argument(format!(
            "aggregations are nested deeper than [{DEPTH_MAX}]"
        )));
    }
    let mut parsed = Vec::new();
    for (name, definition) in object {
        *budget = budget.checked_sub(1).ok_or_else(|| {
            Exception::illegal_argument(format!(
                "a search has at most [{AGGREGATIONS_MAX}] aggregations"
            ))
        })?;
        if name.is_empty() || name.contains(['[', ']', '>']) {
            return Err(Exception::parsing(format!(
                "Invalid aggregation name [{name}]. Aggregation names can contain any character except '[', ']', and '>'"
            )));
        }
        parsed.push((name.clone(), one(name, definition, depth, budget)?));
    }
    Ok(parsed)
}

fn one(
    name: &str,
    definition: &Value,
    depth: usize,
    budget: &mut usize,
) -> Result<Aggregation, Exception> {
    let Some(object) = definition.as_object() else {
        return Err(Exception::parsing(format!(
            "Aggregation definition for [{name}] starts with a value, expected a [START_OBJECT]."
        )));
    };
    let mut found: Option<(&str, Definition)> = None;
    let mut subs = Vec::new();
    let mut meta = None;
    for (key, value) in object {
        match key.as_str() {
            "aggs" | "aggregations" => subs = parse_at(value, depth + 1, budget)?,
            "meta" => meta = Some(value.clone()),
            type_name => {
                if let Some((other, _)) = &found {
                    return Err(Exception::parsing(format!(
                        "Found two aggregation type definitions in [{name}]: [{other}] and [{type_name}]"
                    )));
                }
                found = Some((type_name, parse_definition(name, type_name, value)?));
            }
        }
    }
    let Some((type_name, definition)) = found else {
        return Err(Exception::parsing(format!("Missing definition for aggregation [{name}]")));
    };
    if !subs.is_empty() && !definition.takes_subs() {
        return Err(Exception::new(
            ExceptionKind::AggregationExecution,
            format!("Aggregator [{name}] of type [{type_name}] cannot accept sub-aggregations"),
        ));
    }
    Ok(Aggregation { definition, subs, meta })
}

fn parse_definition(name: &str, type_name: &str, value: &Value) -> Result<Definition, Exception> {
    match AGGREGATIONS.iter().find(|(known, _)| *known == type_name) {
        Some((type_name, Some(parse))) => parse(&AggregationBody { name, type_name, value }),
        Some((known, None)) => Err(Exception::not_implemented(&format!("{known} aggregation"))),
        None => Err(Exception::parsing(format!("Unknown aggregation type [{type_name}]"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_has_each_name_once_in_order() {
        assert!(AGGREGATIONS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn an_aggregation_that_is_known_and_not_built_is_refused_by_name() {
        for (name, _) in AGGREGATIONS.iter().filter(|(_, parse)| parse.is_none()) {
            let refusal = parse(&json!({"a": { *name: {} }})).unwrap_err();
            assert_eq!(refusal.status(), 501, "{name}");
            assert!(refusal.reason().contains(name), "{name}: {}", refusal.reason());
        }
    }

    #[test]
    fn an_aggregation_that_nobody_knows_is_refused() {
        let refusal = parse(&json!({"a": {"avrage": {"field": "n"}}})).unwrap_err();
        assert_eq!(refusal.reason(), "Unknown aggregation type [avrage]");
    }

    #[test]
    fn only_what_makes_buckets_takes_aggregations_inside() {
        let nested = |kind: &str, options: Value| json!({"a": {kind: options, "aggs": {"b": {"avg": {"field": "n"}}}}});
        assert!(parse(&nested("terms", json!({"field": "k"}))).is_ok());
        for (kind, options) in [
            ("avg", json!({"field": "n"})),
            ("cardinality", json!({"field": "n"})),
            ("percentiles", json!({"field": "n"})),
            ("top_hits", json!({})),
        ] {
            let refusal = parse(&nested(kind, options)).unwrap_err();
            let words = format!("Aggregator [a] of type [{kind}] cannot accept sub-aggregations");
            assert_eq!(refusal.reason(), words);
        }
    }
}
