//! Aggregations: our own layer over the columns, in Elasticsearch's shape.
//!
//! One tree of collectors serves a whole search: it walks over all segments of all indices, so that nothing is merged
//! afterwards. Buckets have numbers; a collector is told the number of the bucket a document is in (its *owner*), and
//! must answer for owners it was never told of (they are empty).
//!
//! Source: Elasticsearch 7.10 reference, "Aggregations".

pub(crate) mod adjacency;
pub(crate) mod aggregator;
pub(crate) mod auto_date_histogram;
pub(crate) mod buckets;
pub(crate) mod cardinality;
pub(crate) mod collector;
pub(crate) mod composite;
pub(crate) mod date_histogram;
pub(crate) mod definition;
pub(crate) mod distribution;
pub(crate) mod filters;
pub(crate) mod geo_distance;
pub(crate) mod geo_grid;
pub(crate) mod geo_metrics;
pub(crate) mod hashes;
pub(crate) mod hdr;
pub(crate) mod histogram;
pub(crate) mod hyperloglog;
pub(crate) mod include;
pub(crate) mod ip_range;
pub(crate) mod java;
pub(crate) mod join;
pub(crate) mod keys;
pub(crate) mod matrix_stats;
pub(crate) mod metrics;
pub(crate) mod multi_terms;
pub(crate) mod nested;
pub(crate) mod ordinal_counts;
pub(crate) mod path;
pub(crate) mod percentiles;
pub(crate) mod pipeline;
pub(crate) mod places;
mod profile;
pub(crate) mod range;
pub(crate) mod rare_terms;
pub(crate) mod sampler;
pub(crate) mod script_values;
pub(crate) mod scripted_metric;
pub(crate) mod shapes;
mod shared;
pub(crate) mod significance;
pub(crate) mod significant;
pub(crate) mod significant_text;
pub(crate) mod terms;
pub(crate) mod top_hits;
pub(crate) mod tuples;
pub(crate) mod values;
pub(crate) mod variable_width;
pub(crate) mod weighted_avg;

use serde_json::Value;

use crate::exception::{Exception, ExceptionKind};
use crate::place::Place;
pub use crate::work::BUCKETS_MAX;
pub(crate) use aggregator::Aggregator;
pub(crate) use collector::{Block, Collector, IndexContext, SubAggregations};
pub use definition::{Aggregation, Aggregations};
pub(crate) use definition::{AggregationBody, AggregationDefinition, Definition};
pub(crate) use shared::Plans;

use pipeline::{Computation, PIPELINES, Pipeline};

/// Deepest nesting of aggregations.
const DEPTH_MAX: usize = 20;

/// The types that are built.
pub(crate) fn built() -> impl Iterator<Item = &'static str> {
    AGGREGATIONS.iter().filter(|(_, parse)| parse.is_some()).map(|(name, _)| *name)
}

/// Most aggregations of one search.
const AGGREGATIONS_MAX: usize = 1000;

/// THE table of aggregations: every type that Elasticsearch 7.10 or OpenSearch 2.19 know, and what reads it; `None`
/// where this engine does not have it yet, which is refused by name. A new one is its file and its row here.
const AGGREGATIONS: &[(&str, Option<ParseAggregation>)] = &[
    ("adjacency_matrix", Some(adjacency::parse)),
    ("auto_date_histogram", Some(auto_date_histogram::parse)),
    ("avg", Some(metrics::parse)),
    ("cardinality", Some(cardinality::parse)),
    ("children", Some(join::parse)),
    ("composite", Some(composite::parse)),
    ("date_histogram", Some(date_histogram::parse)),
    ("date_range", Some(range::parse)),
    ("diversified_sampler", Some(sampler::parse_diversified)),
    ("extended_stats", Some(metrics::parse)),
    ("filter", Some(filters::parse_filter)),
    ("filters", Some(filters::parse_filters)),
    ("geo_bounds", Some(geo_metrics::parse)),
    ("geo_centroid", Some(geo_metrics::parse)),
    ("geo_distance", Some(geo_distance::parse)),
    ("geohash_grid", Some(geo_grid::parse_geohash)),
    ("geotile_grid", Some(geo_grid::parse_tile)),
    ("global", Some(filters::parse_global)),
    ("histogram", Some(histogram::parse)),
    ("ip_range", Some(ip_range::parse)),
    ("matrix_stats", Some(matrix_stats::parse)),
    ("max", Some(metrics::parse)),
    ("median_absolute_deviation", Some(percentiles::parse)),
    ("min", Some(metrics::parse)),
    ("missing", Some(filters::parse_missing)),
    ("multi_terms", Some(multi_terms::parse)),
    ("nested", Some(nested::parse_nested)),
    ("parent", Some(join::parse)),
    ("percentile_ranks", Some(percentiles::parse)),
    ("percentiles", Some(percentiles::parse)),
    ("range", Some(range::parse)),
    ("rare_terms", Some(rare_terms::parse)),
    ("reverse_nested", Some(nested::parse_reverse)),
    ("sampler", Some(sampler::parse)),
    ("scripted_metric", Some(scripted_metric::parse)),
    ("significant_terms", Some(significant::parse)),
    ("significant_text", Some(significant_text::parse)),
    ("stats", Some(metrics::parse)),
    ("sum", Some(metrics::parse)),
    ("terms", Some(terms::parse)),
    ("top_hits", Some(top_hits::parse)),
    ("value_count", Some(metrics::parse)),
    ("variable_width_histogram", Some(variable_width::parse)),
    ("weighted_avg", Some(weighted_avg::parse)),
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
/// assert!(!parsed.is_empty());
/// ```
pub fn parse(value: &Value) -> Result<Aggregations, Exception> {
    let mut budget = AGGREGATIONS_MAX;
    let mut parsed = parse_at("aggs", value, 0, &mut budget)?;
    pipeline::settle(&mut parsed)?;
    Ok(parsed)
}

fn parse_at(
    key: &str,
    value: &Value,
    depth: usize,
    budget: &mut usize,
) -> Result<Aggregations, Exception> {
    let Some(object) = value.as_object() else {
        let reason = format!("Unknown key for a {} in [{key}].", token(value));
        return Err(Exception::parsing(reason).at(value));
    };
    if depth > DEPTH_MAX {
        return Err(Exception::illegal_argument(format!(
            "aggregations are nested deeper than [{DEPTH_MAX}]"
        )));
    }
    let mut parsed = Aggregations::default();
    for (name, definition) in object {
        *budget = budget.checked_sub(1).ok_or_else(|| {
            Exception::illegal_argument(format!(
                "a search has at most [{AGGREGATIONS_MAX}] aggregations"
            ))
        })?;
        if name.is_empty() || name.contains(['[', ']', '>']) {
            return Err(Exception::parsing(format!(
                "Invalid aggregation name [{name}]. Aggregation names can contain any character except '[', ']', and '>'"
            ))
            .at_key(definition));
        }
        match one(name, definition, depth, budget)? {
            ReadAggregation::Collected(aggregation) => {
                parsed.tree.push((name.clone(), aggregation))
            }
            ReadAggregation::Computed(pipeline) => parsed.pipelines.push(pipeline),
        }
    }
    Ok(parsed)
}

/// One aggregation of either kind.
enum ReadAggregation {
    Collected(Aggregation),
    Computed(Pipeline),
}

/// The same while its definition is read.
enum Read {
    Collected(&'static str, Definition),
    Computed(&'static str, Computation),
}

fn one(
    name: &str,
    definition: &Value,
    depth: usize,
    budget: &mut usize,
) -> Result<ReadAggregation, Exception> {
    let Some(object) = definition.as_object() else {
        return Err(Exception::parsing(format!(
            "Aggregation definition for [{name} starts with a [{}], expected a [START_OBJECT].",
            token(definition)
        ))
        .at(definition));
    };
    let mut found: Option<(&str, Read)> = None;
    let mut subs = Aggregations::default();
    let mut meta = None;
    for (key, value) in object {
        match key.as_str() {
            "aggs" | "aggregations" if value.is_object() => {
                subs = parse_at(key, value, depth + 1, budget)?;
            }
            "meta" if value.is_object() => meta = Some(value.clone()),
            key if !value.is_object() => {
                return Err(Exception::parsing(format!(
                    "Expected [START_OBJECT] under [{key}], but got a [{}] in [{name}]",
                    token(value)
                ))
                .at(value));
            }
            type_name => {
                if let Some((other, _)) = &found {
                    return Err(Exception::parsing(format!(
                        "Found two aggregation type definitions in [{name}]: [{other}] and [{type_name}]"
                    ))
                    .at(value));
                }
                let read = parse_definition(name, type_name, value);
                let read = read.map_err(|fault| fault.by_default(Place::end(value)))?;
                found = Some((type_name, read));
            }
        }
    }
    if !subs.is_empty() && matches!(found, Some((_, Read::Computed(..)))) {
        let reason = format!("Aggregation [{name}] cannot define sub-aggregations");
        return Err(Exception::illegal_argument(reason));
    }
    let scripts_score = object.iter().any(|(key, body)| {
        !matches!(key.as_str(), "aggs" | "aggregations" | "meta") && scripts_score(body, 0)
    });
    collected(name, found, (subs, meta, scripts_score))
        .map_err(|fault| fault.by_default(Place::end(definition)))
}

/// An aggregation of what was read, with those inside it, its `meta`, and whether a script of it reads scores.
fn collected(
    name: &str,
    found: Option<(&str, Read)>,
    (subs, meta, scripts_score): (Aggregations, Option<Value>, bool),
) -> Result<ReadAggregation, Exception> {
    let no_subs = |type_name: &str| {
        Exception::new(
            ExceptionKind::AggregationInitialization,
            format!("Aggregator [{name}] of type [{type_name}] cannot accept sub-aggregations"),
        )
    };
    match found {
        None => Err(Exception::parsing(format!("Missing definition for aggregation [{name}]"))),
        Some((type_name, Read::Collected(..) | Read::Computed(..)))
            if !subs.is_empty() && !takes_subs(&found) =>
        {
            Err(no_subs(type_name))
        }
        Some((_, Read::Collected(type_name, definition))) => {
            Ok(ReadAggregation::Collected(Aggregation {
                definition,
                type_name,
                scripts_score,
                subs,
                meta,
            }))
        }
        Some((_, Read::Computed(type_name, computation))) => {
            Ok(ReadAggregation::Computed(Pipeline {
                name: name.to_owned(),
                type_name,
                meta,
                computation,
            }))
        }
    }
}

/// Whether a script among the options of an aggregation reads scores, or may: of a stored one nobody knows here.
fn scripts_score(body: &Value, depth: usize) -> bool {
    let inside = |value: &Value| depth < DEPTH_MAX && scripts_score(value, depth + 1);
    match body {
        Value::Array(items) => items.iter().any(inside),
        Value::Object(options) => options.iter().any(|(key, value)| {
            if !key.ends_with("script") {
                return inside(value);
            }
            let source = value.get("source").unwrap_or(value);
            source.as_str().is_none_or(|source| source.contains("_score"))
        }),
        _ => false,
    }
}

fn takes_subs(found: &Option<(&str, Read)>) -> bool {
    matches!(found, Some((_, Read::Collected(_, definition))) if definition.takes_subs())
}

fn parse_definition(name: &str, type_name: &str, value: &Value) -> Result<Read, Exception> {
    let unbuilt = |known: &str| Exception::not_implemented(&format!("{known} aggregation"));
    if let Some((known, parse)) = AGGREGATIONS.iter().find(|(known, _)| *known == type_name) {
        let parse = parse.ok_or_else(|| unbuilt(known))?;
        let definition = parse(&AggregationBody { name, type_name: known, value })?;
        return Ok(Read::Collected(known, definition));
    }
    if let Some((known, parse)) = PIPELINES.iter().find(|(known, _)| *known == type_name) {
        let parse = parse.ok_or_else(|| unbuilt(known))?;
        let computation = parse(&AggregationBody { name, type_name: known, value })?;
        return Ok(Read::Computed(known, computation));
    }
    let cause =
        Exception::new(ExceptionKind::NamedObjectNotFound, format!("unknown field [{type_name}]"));
    Err(unknown_type(type_name).at(value).caused_by(cause.at(value)))
}

/// The refusal of a type that there is not.
pub(crate) fn unknown_type(name: &str) -> Exception {
    Exception::parsing(format!("Unknown aggregation type [{name}]{}", likely(name)))
}

/// Elasticsearch's name of the first token of a value.
pub(crate) fn token(value: &Value) -> &'static str {
    match value {
        Value::Null => "VALUE_NULL",
        Value::Bool(_) => "VALUE_BOOLEAN",
        Value::Number(_) => "VALUE_NUMBER",
        Value::String(_) => "VALUE_STRING",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    }
}

/// Longest name that likely ones are looked for.
const LIKENESS_BYTES_MAX: usize = 100;

/// Elasticsearch's ` did you mean [terms]?` behind an unknown type: names that are alike by at least a half
/// (`SuggestingErrorOnUnknown`, with Lucene's `LevenshteinDistance`).
fn likely(name: &str) -> String {
    if name.len() > LIKENESS_BYTES_MAX {
        return String::new();
    }
    let names = AGGREGATIONS.iter().map(|row| row.0).chain(PIPELINES.iter().map(|row| row.0));
    did_you_mean(name, names.filter(|known| *known != name))
}

/// Elasticsearch's ` did you mean [terms]?` behind a name that is none of `known`.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let mut near: Vec<(f64, &str)> = known
        .map(|known| {
            let longest = name.chars().count().max(known.chars().count()).max(1);
            (1.0 - strsim::levenshtein(name, known) as f64 / longest as f64, known)
        })
        .filter(|(likeness, _)| *likeness > 0.5)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let names: Vec<&str> = near.into_iter().map(|(_, known)| known).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!(" did you mean [{one}]?"),
        many => format!(" did you mean any of [{}]?", many.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_has_each_name_once_in_order() {
        assert!(AGGREGATIONS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(PIPELINES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn an_aggregation_that_is_known_and_not_built_is_refused_by_name() {
        let unbuilt = AGGREGATIONS.iter().filter(|row| row.1.is_none()).map(|row| row.0);
        let unbuilt =
            unbuilt.chain(PIPELINES.iter().filter(|row| row.1.is_none()).map(|row| row.0));
        for name in unbuilt {
            let refusal = parse(&json!({"a": { name: {} }})).unwrap_err();
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
