//! Reading numbers out of results. The key of a result is its type and its name, `avg>price`: no name has a `>` in it.

use serde_json::{Map, Value};

use super::{GapPolicy, no_number};
use crate::exception::Exception;
use crate::value::scalar;

/// The buckets of a result, taken out of it: each with its name where it has one.
pub(crate) struct Buckets {
    named: bool,
    buckets: Vec<(String, Map<String, Value>)>,
}

impl Buckets {
    /// Takes them out of `result`; `None` where it has none.
    pub(crate) fn take(result: &mut Map<String, Value>) -> Option<Buckets> {
        match result.get_mut("buckets")? {
            Value::Array(list) => {
                let buckets = std::mem::take(list).into_iter().map(|bucket| match bucket {
                    Value::Object(bucket) => (key_of(&bucket), bucket),
                    _ => (String::new(), Map::new()),
                });
                Some(Buckets { named: false, buckets: buckets.collect() })
            }
            Value::Object(object) => {
                let buckets =
                    std::mem::take(object).into_iter().map(|(name, bucket)| match bucket {
                        Value::Object(bucket) => (name, bucket),
                        _ => (name, Map::new()),
                    });
                Some(Buckets { named: true, buckets: buckets.collect() })
            }
            _ => None,
        }
    }

    /// Puts them back.
    pub(crate) fn put_back(self, result: &mut Map<String, Value>) {
        let all = self.buckets.into_iter();
        let buckets = if self.named {
            Value::Object(all.map(|(name, bucket)| (name, Value::Object(bucket))).collect())
        } else {
            Value::Array(all.map(|(_, bucket)| Value::Object(bucket)).collect())
        };
        result.insert("buckets".into(), buckets);
    }

    /// Each of them.
    pub(crate) fn each(&mut self) -> impl Iterator<Item = &mut Map<String, Value>> {
        self.buckets.iter_mut().map(|(_, bucket)| bucket)
    }

    /// All of them, with their keys.
    pub(super) fn all(&mut self) -> &mut Vec<(String, Map<String, Value>)> {
        &mut self.buckets
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.buckets.len()
    }
}

/// The key of a bucket in words.
pub(super) fn key_of(bucket: &Map<String, Value>) -> String {
    let text = bucket.get("key_as_string").or_else(|| bucket.get("key"));
    text.map(scalar::plain).unwrap_or_default()
}

/// The result called `name` of a level: its type and itself.
pub(super) fn find<'a>(
    level: &'a Map<String, Value>,
    name: &str,
) -> Option<(&'a str, &'a Map<String, Value>)> {
    level.iter().find_map(|(key, value)| {
        let (kind, own) = key.split_once('>')?;
        Some((kind, value.as_object()?)).filter(|_| own == name)
    })
}

/// What a path leads to.
enum PathValue {
    Number(f64),
    /// Something else, by the name of its class in Elasticsearch.
    ImmutableObject(&'static str),
    /// A metric of several numbers.
    Several,
    /// There is no such aggregation in this bucket.
    Nothing,
}

/// The number at `path` in a bucket of the aggregation `parent`; NaN where a gap is skipped, `None` where there is no such
/// aggregation in this bucket.
///
/// # Errors
/// `aggregation_execution_exception` for what is no number. (`BucketHelpers.resolveBucketValue`.)
pub(super) fn value_in(
    parent: &str,
    bucket: &Map<String, Value>,
    path: &[&str],
    gaps: GapPolicy,
) -> Result<Option<f64>, Exception> {
    let whole = "buckets_path must reference either a number value or a single value numeric metric aggregation";
    let current = path.first().copied().unwrap_or(parent);
    let value = match in_bucket(bucket, path)? {
        PathValue::Number(value) => value,
        PathValue::Nothing => return Ok(None),
        PathValue::Several => {
            return Err(no_number(format!(
                "{whole}, but [{current}] contains multiple values. Please specify which to use."
            )));
        }
        PathValue::ImmutableObject(class) => {
            return Err(no_number(format!("{whole}, got: [{class}] at aggregation [{current}]")));
        }
    };
    let is_empty = bucket.get("doc_count").and_then(Value::as_u64) == Some(0) && path != ["_count"];
    if value.is_finite() && !is_empty {
        return Ok(Some(value));
    }
    Ok(Some(match gaps {
        GapPolicy::Skip => f64::NAN,
        GapPolicy::InsertZeros => 0.0,
    }))
}

fn in_bucket(bucket: &Map<String, Value>, path: &[&str]) -> Result<PathValue, Exception> {
    match path {
        [] => Ok(PathValue::ImmutableObject("Bucket")),
        ["_count"] => Ok(PathValue::Number(number(bucket.get("doc_count")))),
        ["_count", ..] => Ok(PathValue::Nothing),
        ["_key"] => Ok(match bucket.get("key") {
            Some(Value::Number(_)) if bucket.contains_key("key_as_string") => {
                PathValue::ImmutableObject("ZonedDateTime")
            }
            Some(key @ Value::Number(_)) => PathValue::Number(number(Some(key))),
            _ => PathValue::ImmutableObject("String"),
        }),
        [name, rest @ ..] => match find(bucket, name) {
            Some((kind, result)) => in_result(name, kind, result, rest),
            None => Ok(PathValue::Nothing),
        },
    }
}

fn in_result(
    name: &str,
    kind: &str,
    result: &Map<String, Value>,
    path: &[&str],
) -> Result<PathValue, Exception> {
    if matches!(kind, "geo_bounds" | "geo_centroid") {
        return Ok(place(kind, result, path));
    }
    if result.contains_key("value") && kind != "scripted_metric" {
        return match path {
            [] | ["value"] => Ok(PathValue::Number(number(result.get("value")))),
            ["normalized_value"] if kind == "derivative" => Ok(PathValue::Number(number(
                result.get("normalized_value").or(result.get("value")),
            ))),
            path => Err(unsupported(name, path)),
        };
    }
    if let Some(values) = result.get("values") {
        return match path {
            [] => Ok(PathValue::Several),
            path => Ok(PathValue::Number(percentile(values, &path.join(".")))),
        };
    }
    if result.contains_key("buckets") {
        return many(kind, result, path);
    }
    if result.contains_key("doc_count") {
        return match path {
            [] => Ok(PathValue::ImmutableObject(class_of(kind))),
            ["_count"] => Ok(PathValue::Number(number(result.get("doc_count")))),
            [inner, rest @ ..] => match find(result, inner) {
                Some((kind, inner_result)) => in_result(inner, kind, inner_result, rest),
                None => Err(Exception::illegal_argument(format!(
                    "Cannot find an aggregation named [{inner}] in [{name}]"
                ))),
            },
        };
    }
    match path {
        [] => Ok(PathValue::Several),
        [one] => match bound(result, one).or_else(|| result.get(*one)) {
            Some(value) => Ok(PathValue::Number(number(Some(value)))),
            None => Err(Exception::illegal_argument(format!(
                "Unknown value [{one}] in common stats aggregation"
            ))),
        },
        path => Err(unsupported(name, path)),
    }
}

/// A side of a box, or a part of a middle.
fn place(kind: &str, result: &Map<String, Value>, path: &[&str]) -> PathValue {
    let of = |pointer: &str| {
        let (first, second) = pointer.split_once('.').unwrap_or((pointer, ""));
        let (whole, part) = second.split_once('.').unwrap_or((second, ""));
        let inside = result.get(first).and_then(|value| value.get(whole));
        number(if part.is_empty() { inside } else { inside.and_then(|value| value.get(part)) })
    };
    match (kind, path) {
        ("geo_bounds", ["top"]) => PathValue::Number(of("bounds.top_left.lat")),
        ("geo_bounds", ["left"]) => PathValue::Number(of("bounds.top_left.lon")),
        ("geo_bounds", ["bottom"]) => PathValue::Number(of("bounds.bottom_right.lat")),
        ("geo_bounds", ["right"]) => PathValue::Number(of("bounds.bottom_right.lon")),
        ("geo_centroid", ["lat"]) => PathValue::Number(of("location.lat")),
        ("geo_centroid", ["lon"]) => PathValue::Number(of("location.lon")),
        ("geo_centroid", ["count"]) => PathValue::Number(number(result.get("count"))),
        ("geo_centroid", []) => PathValue::ImmutableObject("InternalGeoCentroid"),
        _ => PathValue::ImmutableObject("BoundingBox"),
    }
}

fn unsupported(name: &str, path: &[&str]) -> Exception {
    Exception::illegal_argument(format!("path not supported for [{name}]: [{}]", path.join(", ")))
}

/// `std_upper` and `std_lower` of extended statistics.
fn bound<'a>(result: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    result.get("std_deviation_bounds")?.get(name.strip_prefix("std_")?)
}

fn many(kind: &str, result: &Map<String, Value>, path: &[&str]) -> Result<PathValue, Exception> {
    let buckets = result.get("buckets");
    let count = match buckets {
        Some(Value::Array(list)) => list.len(),
        Some(Value::Object(object)) => object.len(),
        _ => 0,
    };
    match path {
        [] => Ok(PathValue::ImmutableObject(class_of(kind))),
        ["_bucket_count"] => Ok(PathValue::Number(count as f64)),
        [key, rest @ ..] if key.starts_with('\'') => {
            let key = key.trim_matches('\'');
            let bucket = match buckets {
                Some(Value::Array(list)) => {
                    list.iter().filter_map(Value::as_object).find(|bucket| {
                        key_of(bucket) == key
                            || bucket.get("key").map(scalar::plain).as_deref() == Some(key)
                    })
                }
                Some(Value::Object(object)) => object.get(key).and_then(Value::as_object),
                _ => None,
            };
            match bucket {
                Some(bucket) => in_bucket(bucket, rest),
                None => Ok(PathValue::Nothing),
            }
        }
        _ => Ok(PathValue::ImmutableObject("Object[]")),
    }
}

/// The class of a result in Elasticsearch.
fn class_of(kind: &str) -> &'static str {
    match kind {
        "lterms" => "LongTerms",
        "ulterms" => "UnsignedLongTerms",
        "dterms" => "DoubleTerms",
        "sterms" => "StringTerms",
        "umterms" => "UnmappedTerms",
        "histogram" => "InternalHistogram",
        "date_histogram" => "InternalDateHistogram",
        "auto_date_histogram" => "InternalAutoDateHistogram",
        "variable_width_histogram" => "InternalVariableWidthHistogram",
        "range" => "InternalRange",
        "date_range" => "InternalDateRange",
        "ip_range" => "InternalBinaryRange",
        "filters" => "InternalFilters",
        "filter" => "InternalFilter",
        "global" => "InternalGlobal",
        "missing" => "InternalMissing",
        "sampler" => "InternalSampler",
        "nested" => "InternalNested",
        "reverse_nested" => "InternalReverseNested",
        "composite" => "InternalComposite",
        "adjacency_matrix" => "InternalAdjacencyMatrix",
        "multi_terms" => "InternalMultiTerms",
        "srareterms" => "StringRareTerms",
        "lrareterms" => "LongRareTerms",
        "sigsterms" => "SignificantStringTerms",
        "siglterms" => "SignificantLongTerms",
        _ => "InternalAggregation",
    }
}

fn percentile(values: &Value, wanted: &str) -> f64 {
    let same = |key: &str| match (key.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(key), Ok(wanted)) => key == wanted,
        _ => false,
    };
    match values {
        Value::Object(named) => {
            number(named.iter().find(|(key, _)| same(key)).map(|(_, value)| value))
        }
        Value::Array(listed) => number(
            listed
                .iter()
                .find(|entry| entry.get("key").is_some_and(|key| same(&key.to_string())))
                .and_then(|entry| entry.get("value")),
        ),
        _ => f64::NAN,
    }
}

/// A printed number; what is printed as null or in words is none.
pub(super) fn number(value: Option<&Value>) -> f64 {
    value.and_then(scalar::number).unwrap_or(f64::NAN)
}
