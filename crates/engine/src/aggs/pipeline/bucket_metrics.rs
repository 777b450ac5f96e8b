//! `avg_bucket`, `max_bucket`, `min_bucket`, `sum_bucket`, `stats_bucket`, `extended_stats_bucket` and
//! `percentiles_bucket`: a metric over the buckets of the aggregation beside it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::results::{find, key_of, value_in};
use super::{
    Computation, GapPolicy, PipelineDefinition, PipelinePlace, known, number, number_format, paths,
};
use crate::aggs::definition::AggregationBody;
use crate::aggs::metrics::{RunningStats, extended, plain_stats};
use crate::aggs::path::AggregationPath;
use crate::exception::{Exception, ExceptionKind};
use crate::value::number_format::NumberFormat;

/// One of them.
#[derive(Debug)]
struct BucketMetric {
    kind: &'static str,
    paths: Vec<String>,
    gaps: GapPolicy,
    format: Option<NumberFormat>,
    sigma: f64,
    percents: Vec<f64>,
    keyed: bool,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Computation, Exception> {
    let (options, name) = (body.options()?, body.name);
    let Some(paths) = paths(&options)? else {
        return Err(Exception::parsing(format!(
            "Missing required field [buckets_path] for aggregation [{name}]"
        )));
    };
    let mut metric = BucketMetric {
        kind: body.type_name,
        paths,
        gaps: GapPolicy::read(&options)?,
        format: number_format(&options)?,
        sigma: 2.0,
        percents: vec![1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0],
        keyed: true,
    };
    if metric.kind == "extended_stats_bucket"
        && let Some(sigma) = options.double("sigma")?
    {
        if sigma < 0.0 {
            return Err(Exception::illegal_argument("sigma must be a non-negative double"));
        }
        metric.sigma = sigma;
    }
    if metric.kind == "percentiles_bucket" {
        if let Some(value) = options.get("percents") {
            let numbers = value.as_array().and_then(|all| all.iter().map(Value::as_f64).collect());
            metric.percents = numbers.ok_or_else(|| {
                Exception::new(
                    ExceptionKind::ElasticsearchParse,
                    format!("Could not parse percents for [{name}]"),
                )
            })?;
        }
        if metric.percents.iter().any(|percent| !(0.0..=100.0).contains(percent)) {
            return Err(Exception::illegal_argument(
                "percents must only contain non-null doubles from 0.0-100.0 inclusive",
            ));
        }
        metric.keyed = options.flag("keyed")?.unwrap_or(true);
    }
    known(&options, name)?;
    Ok(Arc::new(metric))
}

impl BucketMetric {
    /// The values of the buckets with their keys.
    fn values(&self, level: &Map<String, Value>) -> Result<Vec<(String, f64)>, Exception> {
        let path = AggregationPath::parse(self.paths.first().map_or("", String::as_str))?;
        let words = path.words();
        let Some((first, rest)) = words.split_first() else { return Ok(Vec::new()) };
        let Some((_, result)) = find(level, first) else { return Ok(Vec::new()) };
        let mut values = Vec::new();
        let mut take = |key: String, bucket: &Value| -> Result<(), Exception> {
            let Some(bucket) = bucket.as_object() else { return Ok(()) };
            let key = if key.is_empty() { key_of(bucket) } else { key };
            let value = value_in(first, bucket, rest, self.gaps)?;
            values.extend(value.filter(|value| !value.is_nan()).map(|value| (key, value)));
            Ok(())
        };
        match result.get("buckets") {
            Some(Value::Array(list)) => {
                list.iter().try_for_each(|bucket| take(String::new(), bucket))?;
            }
            Some(Value::Object(named)) => {
                named.iter().try_for_each(|(name, bucket)| take(name.clone(), bucket))?;
            }
            _ => {}
        }
        Ok(values)
    }

    /// The greatest or the least, with the keys of all buckets that have it.
    fn best(&self, values: &[(String, f64)], greatest: bool) -> Map<String, Value> {
        let worst = if greatest { f64::NEG_INFINITY } else { f64::INFINITY };
        let pick = |a: f64, b: f64| if greatest { a.max(b) } else { a.min(b) };
        let best = values.iter().fold(worst, |best, (_, value)| pick(best, *value));
        let keys: Vec<&String> =
            values.iter().filter(|(_, value)| *value == best).map(|(key, _)| key).collect();
        let mut result = number(best, self.format.as_ref());
        result.insert("keys".into(), json!(keys));
        result
    }

    fn percentiles(&self, values: &[(String, f64)]) -> Map<String, Value> {
        let mut sorted: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |percent: f64| {
            let place = (percent / 100.0 * (sorted.len() as f64 - 1.0) + 0.5).floor();
            sorted.get(place.max(0.0) as usize).copied().unwrap_or(f64::NAN)
        };
        let text = |value: f64| {
            self.format.as_ref().filter(|_| value.is_finite()).map(|format| format.print(value))
        };
        let values = if self.keyed {
            let mut named = Map::new();
            for percent in &self.percents {
                let value = at(*percent);
                named.insert(format!("{percent:?}"), json!(value));
                if let Some(text) = text(value) {
                    named.insert(format!("{percent:?}_as_string"), text.into());
                }
            }
            Value::Object(named)
        } else {
            let one = |percent: &f64| {
                let value = at(*percent);
                let mut entry = Map::new();
                entry.insert("key".into(), json!(percent));
                entry.insert("value".into(), json!(value));
                if let Some(text) = text(value) {
                    entry.insert("value_as_string".into(), text.into());
                }
                Value::Object(entry)
            };
            Value::Array(self.percents.iter().map(one).collect())
        };
        Map::from_iter([("values".to_owned(), values)])
    }

    fn result(&self, level: &Map<String, Value>) -> Result<Map<String, Value>, Exception> {
        let values = self.values(level)?;
        let mut stats = RunningStats::default();
        values.iter().for_each(|(_, value)| stats.add_plain(*value));
        let text = |value: f64| self.format.as_ref().map(|format| Value::from(format.print(value)));
        Ok(match self.kind {
            "max_bucket" => self.best(&values, true),
            "min_bucket" => self.best(&values, false),
            "percentiles_bucket" => self.percentiles(&values),
            "stats_bucket" => plain_stats(&stats, text),
            "extended_stats_bucket" => extended(&stats, self.sigma, text),
            "sum_bucket" => number(stats.value("sum").unwrap_or(0.0), self.format.as_ref()),
            _ => number(stats.value("avg").unwrap_or(f64::NAN), self.format.as_ref()),
        })
    }
}

impl PipelineDefinition for BucketMetric {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn printed_type(&self) -> &'static str {
        match self.kind {
            "max_bucket" | "min_bucket" => "bucket_metric_value",
            "sum_bucket" | "avg_bucket" => "simple_value",
            kind => kind,
        }
    }

    fn check(&self, place: &PipelinePlace<'_>) -> Vec<String> {
        place.over_buckets(&self.paths)
    }

    fn beside(&self, level: &Map<String, Value>) -> Option<Result<Map<String, Value>, Exception>> {
        Some(self.result(level))
    }
}
