//! `avg`, `min`, `max`, `sum`, `value_count`, `stats`, `extended_stats`.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tantivy::{DocId, SegmentReader};

use super::cardinality::CountedValues;
use super::shared::Shared;
use super::values::{Values, ValuesSource};
use super::{AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, Subs};
use crate::exception::{Exception, ExceptionKind};
use crate::work::Held;

/// A metric over the numbers of a field.
#[derive(Clone, Debug)]
pub(crate) struct MetricAggregation {
    kind: &'static str,
    source: ValuesSource,
    sigma: f64,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let kind = body.type_name;
    let options = body.options()?;
    let source = ValuesSource::read(kind, &options)?;
    let sigma =
        if kind == "extended_stats" { options.float("sigma")?.map_or(2.0, f64::from) } else { 2.0 };
    options.finish()?;
    Ok(Arc::new(MetricAggregation { kind, source, sigma }))
}

impl AggregationDefinition for MetricAggregation {
    fn start(&self, _: Subs, _: &Shared, held: Held) -> Box<dyn Collector> {
        Box::new(MetricCollector::new(self.clone(), held))
    }

    fn takes_subs(&self) -> bool {
        false
    }
}

/// Sums with Kahan's correction, as Elasticsearch adds them.
#[derive(Clone, Copy)]
struct RunningStats {
    count: u64,
    sum: f64,
    sum_correction: f64,
    squares: f64,
    squares_correction: f64,
    min: f64,
    max: f64,
}

impl Default for RunningStats {
    fn default() -> RunningStats {
        RunningStats {
            count: 0,
            sum: 0.0,
            sum_correction: 0.0,
            squares: 0.0,
            squares_correction: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

fn add(sum: &mut f64, correction: &mut f64, value: f64) {
    if !value.is_finite() {
        *sum += value;
        return;
    }
    let corrected = value - *correction;
    let next = *sum + corrected;
    *correction = (next - *sum) - corrected;
    *sum = next;
}

impl RunningStats {
    #[inline]
    fn add(&mut self, value: f64) {
        self.count += 1;
        add(&mut self.sum, &mut self.sum_correction, value);
        add(&mut self.squares, &mut self.squares_correction, value * value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    fn value(&self, name: &str) -> Option<f64> {
        let some = self.count > 0;
        match name {
            "count" | "value_count" => Some(self.count as f64),
            "sum" => Some(self.sum),
            "min" => some.then_some(self.min),
            "max" => some.then_some(self.max),
            "avg" => some.then(|| self.sum / self.count as f64),
            "sum_of_squares" => some.then_some(self.squares),
            "variance" | "variance_population" => some.then(|| self.variance(self.count as f64)),
            "variance_sampling" => some.then(|| self.variance(self.count as f64 - 1.0)),
            "std_deviation" | "std_deviation_population" => {
                some.then(|| self.variance(self.count as f64).sqrt())
            }
            "std_deviation_sampling" => some.then(|| self.variance(self.count as f64 - 1.0).sqrt()),
            _ => None,
        }
    }

    fn variance(&self, divisor: f64) -> f64 {
        let variance = (self.squares - self.sum * self.sum / self.count as f64) / divisor;
        if variance < 0.0 { 0.0 } else { variance }
    }
}

/// A metric while it runs.
pub(super) struct MetricCollector {
    metric: MetricAggregation,
    values: Values,
    /// For `value_count`, which counts values of every type.
    counted: Option<CountedValues>,
    owners: Vec<RunningStats>,
    held: Held,
}

impl MetricCollector {
    pub(super) fn new(metric: MetricAggregation, held: Held) -> MetricCollector {
        let counted =
            (metric.kind == "value_count").then(|| CountedValues::new(metric.source.clone()));
        let values = Values::new(metric.source.clone());
        MetricCollector { values, counted, metric, owners: Vec::new(), held }
    }

    fn stats(&self, owner: u32) -> RunningStats {
        self.owners.get(owner as usize).copied().unwrap_or_default()
    }
}

impl Collector for MetricCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        match &mut self.counted {
            Some(counted) => counted.open_index(index, self.metric.kind),
            None => self.values.open_index(index, self.metric.kind),
        }
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        match &mut self.counted {
            Some(counted) => counted.open_segment(reader),
            None => self.values.open_segment(reader),
        }
    }

    #[inline]
    fn collect(&mut self, doc: DocId, _: f32, owner: u32) -> Result<(), Exception> {
        let owner = owner as usize;
        if self.owners.len() <= owner {
            self.held.grow(((owner + 1 - self.owners.len()) * size_of::<RunningStats>()) as u64)?;
            self.owners.resize(owner + 1, RunningStats::default());
        }
        if let Some(stats) = self.owners.get_mut(owner) {
            match &self.counted {
                Some(counted) => stats.count += counted.count(doc),
                None => self.values.each(doc, |value| stats.add(value)),
            }
        }
        Ok(())
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let stats = self.stats(owner);
        let mut result = Map::new();
        if self.metric.kind == "value_count" {
            result.insert("value".into(), stats.count.into());
            return Ok(result);
        }
        let text = |value: Option<f64>| {
            value.filter(|value| value.is_finite()).and_then(|value| self.values.text(value))
        };
        if !matches!(self.metric.kind, "stats" | "extended_stats") {
            let value = stats.value(self.metric.kind);
            result.insert("value".into(), json!(value));
            if let Some(text) = text(value) {
                result.insert("value_as_string".into(), text);
            }
            return Ok(result);
        }
        let names: &[&str] = &["min", "max", "avg", "sum"];
        result.insert("count".into(), stats.count.into());
        for name in names {
            result.insert((*name).into(), json!(stats.value(name)));
        }
        if self.metric.kind == "stats" {
            for name in names {
                if let Some(text) = text(stats.value(name)).filter(|_| stats.count > 0) {
                    result.insert(format!("{name}_as_string"), text);
                }
            }
            return Ok(result);
        }
        for name in [
            "sum_of_squares",
            "variance",
            "variance_population",
            "variance_sampling",
            "std_deviation",
            "std_deviation_population",
            "std_deviation_sampling",
        ] {
            let value = stats.value(name);
            let not_a_number = value.is_some_and(f64::is_nan);
            result.insert(name.into(), if not_a_number { "NaN".into() } else { json!(value) });
        }
        result.insert("std_deviation_bounds".into(), bounds(&stats, self.metric.sigma));
        Ok(result)
    }

    fn sort_value(&mut self, owner: u32, path: &[&str]) -> Result<Option<f64>, Exception> {
        let stats = self.stats(owner);
        let name = match (self.metric.kind, path) {
            ("stats" | "extended_stats", [name]) => *name,
            ("stats" | "extended_stats", _) => {
                return Err(Exception::new(
                    ExceptionKind::AggregationExecution,
                    "Invalid aggregation order path. When ordering on a multi-value metrics aggregation a metric name must be specified.",
                ));
            }
            (kind, _) => kind,
        };
        Ok(stats.value(name))
    }

    fn type_name(&self) -> &'static str {
        self.metric.kind
    }
}

fn bounds(stats: &RunningStats, sigma: f64) -> Value {
    let average = stats.value("avg");
    let both = |deviation: Option<f64>| {
        let of = |sign: f64| match (average, deviation) {
            (Some(average), Some(deviation)) if deviation.is_nan() => {
                let _ = average;
                Value::from("NaN")
            }
            (Some(average), Some(deviation)) => json!(average + sign * sigma * deviation),
            _ => Value::Null,
        };
        (of(1.0), of(-1.0))
    };
    let (upper, lower) = both(stats.value("std_deviation"));
    let (upper_sampling, lower_sampling) = both(stats.value("std_deviation_sampling"));
    json!({
        "upper": upper, "lower": lower,
        "upper_population": upper, "lower_population": lower,
        "upper_sampling": upper_sampling, "lower_sampling": lower_sampling,
    })
}
