//! `avg`, `min`, `max`, `sum`, `value_count`, `stats`, `extended_stats`.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tantivy::{DocId, SegmentReader};

use super::cardinality::CountedValues;
use super::definition::Outcome;
use super::shared::SharedState;
use super::values::{ValueFormat, Values, ValuesSource};
use super::{
    AggregationBody, AggregationDefinition, Block, Collector, Definition, IndexContext,
    SubAggregations,
};
use crate::column_block::NumberBlock;
use crate::exception::Exception;
use crate::mapping::histogram::CountedValue;
use crate::work::{HeldMemory, Work};

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
    let sigma = match kind {
        "extended_stats" => options.double("sigma")?.unwrap_or(2.0),
        _ => 2.0,
    };
    if sigma < 0.0 {
        let cause = Exception::illegal_argument(format!(
            "[sigma] must be greater than or equal to 0. Found [{sigma:?}] in [{}]",
            body.name
        ));
        return Err(options.failed("sigma", cause));
    }
    options.finish()?;
    Ok(Arc::new(MetricAggregation { kind, source, sigma }))
}

impl AggregationDefinition for MetricAggregation {
    fn start(
        &self,
        _: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(MetricCollector::new(self.clone(), shared.work(), held))
    }

    fn outcome(&self) -> Outcome {
        match self.kind {
            "stats" => Outcome::Numbers(|name| STATS.contains(&name)),
            "extended_stats" => Outcome::Numbers(|name| {
                STATS.contains(&name)
                    || EXTENDED.contains(&name)
                    || name.strip_prefix("std_").is_some_and(|bound| BOUNDS.contains(&bound))
            }),
            _ => Outcome::Number,
        }
    }
}

/// The names of what `stats` tells, of what `extended_stats` tells besides, and of its bounds.
const STATS: &[&str] = &["count", "sum", "min", "max", "avg"];
const EXTENDED: &[&str] = &[
    "sum_of_squares",
    "variance",
    "variance_population",
    "variance_sampling",
    "std_deviation",
    "std_deviation_population",
    "std_deviation_sampling",
];
const BOUNDS: &[&str] =
    &["upper", "lower", "upper_population", "lower_population", "upper_sampling", "lower_sampling"];

/// Sums with Kahan's correction, as Elasticsearch adds them.
#[derive(Clone, Copy)]
pub(super) struct RunningStats {
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

/// Adds a value to a sum with its correction.
pub(super) fn add(sum: &mut f64, correction: &mut f64, value: f64) {
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
    /// Adds a value without correcting the sums.
    pub(super) fn add_plain(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds a value; its square only where it `is_squared`: of all metrics `extended_stats` alone tells of squares.
    #[inline]
    fn add(&mut self, value: f64, is_squared: bool) {
        self.count += 1;
        add(&mut self.sum, &mut self.sum_correction, value);
        if is_squared {
            add(&mut self.squares, &mut self.squares_correction, value * value);
        }
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds what a histogram counted.
    fn add_counted(&mut self, CountedValue { value, count }: CountedValue) {
        self.count += u64::from(count);
        add(&mut self.sum, &mut self.sum_correction, value * f64::from(count));
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// One of them by name.
    pub(super) fn value(&self, name: &str) -> Option<f64> {
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
    numbers: NumberBlock,
    /// For `value_count`, which counts values of every type.
    counted: Option<CountedValues>,
    owners: Vec<RunningStats>,
    held: HeldMemory,
}

impl MetricCollector {
    pub(super) fn new(metric: MetricAggregation, work: &Work, held: HeldMemory) -> MetricCollector {
        let counted =
            (metric.kind == "value_count").then(|| CountedValues::new(metric.source.clone(), work));
        let values = Values::new(metric.source.clone(), work);
        let numbers = NumberBlock::default();
        MetricCollector { values, numbers, counted, metric, owners: Vec::new(), held }
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

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        self.collect_block(Block { docs: &[doc], scores: &[score], owners: &[owner] })
    }

    fn collect_block(&mut self, block: Block<'_>) -> Result<(), Exception> {
        let most = block.owners.iter().max().map_or(0, |most| *most as usize);
        if self.owners.len() <= most {
            self.held.grow(((most + 1 - self.owners.len()) * size_of::<RunningStats>()) as u64)?;
            self.owners.resize(most + 1, RunningStats::default());
        }
        let owners = &mut self.owners;
        if let Some(counted) = &mut self.counted {
            for (doc, score, owner) in block.iter() {
                if let Some(stats) = owners.get_mut(owner as usize) {
                    stats.count += counted.count(doc, score)?;
                }
            }
            return Ok(());
        }
        if self.values.is_histogram() {
            for (doc, _, owner) in block.iter() {
                let Some(stats) = owners.get_mut(owner as usize) else { continue };
                self.values.counted(doc)?.into_iter().for_each(|value| stats.add_counted(value));
            }
            return Ok(());
        }
        let is_squared = self.metric.kind == "extended_stats";
        let mut rest = block;
        while !rest.docs.is_empty() {
            let read = self.values.read(rest, &mut self.numbers)?;
            for (at, value) in self.numbers.iter() {
                let owner = rest.owners.get(at as usize);
                if let Some(stats) = owner.and_then(|owner| owners.get_mut(*owner as usize)) {
                    stats.add(value, is_squared);
                }
            }
            rest = rest.from(read);
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
        // `stats` prints booleans as what they are, the others in quotes.
        let text = |value: f64| match self.values.format() {
            ValueFormat::Boolean => Some(Value::Bool(value != 0.0)),
            format => format.text(value).map(Value::from),
        };
        match self.metric.kind {
            "stats" => Ok(plain_stats(&stats, text)),
            "extended_stats" => Ok(extended(&stats, self.metric.sigma, text)),
            kind => {
                let value = stats.value(kind);
                result.insert("value".into(), json!(value));
                let text = value.filter(|value| value.is_finite());
                if let Some(text) = text.and_then(|value| self.values.text(value)) {
                    result.insert("value_as_string".into(), text);
                }
                Ok(result)
            }
        }
    }

    fn sort_value(&mut self, owner: u32, path: &[&str]) -> Result<Option<f64>, Exception> {
        let stats = self.stats(owner);
        let name = match (self.metric.kind, path) {
            ("stats" | "extended_stats", [name]) => *name,
            (kind, _) => kind,
        };
        if let Some(bound) = name.strip_prefix("std_").filter(|bound| BOUNDS.contains(bound)) {
            return Ok(bounds(&stats, self.metric.sigma).get(bound).and_then(Value::as_f64));
        }
        Ok(stats.value(name))
    }

    fn type_name(&self) -> &'static str {
        self.metric.kind
    }
}

/// What `stats` tells; `text` prints a value where it has a text.
pub(super) fn plain_stats(
    stats: &RunningStats,
    text: impl Fn(f64) -> Option<Value>,
) -> Map<String, Value> {
    let mut result = Map::new();
    result.insert("count".into(), stats.count.into());
    let names = ["min", "max", "avg", "sum"];
    for name in names {
        result.insert(name.into(), json!(stats.value(name)));
    }
    if stats.count > 0 {
        for name in names {
            if let Some(text) = stats.value(name).and_then(&text) {
                result.insert(format!("{name}_as_string"), text);
            }
        }
    }
    result
}

/// What `extended_stats` tells.
pub(super) fn extended(
    stats: &RunningStats,
    sigma: f64,
    text: impl Fn(f64) -> Option<Value>,
) -> Map<String, Value> {
    let mut result = plain_stats(stats, &text);
    for name in EXTENDED {
        let value = stats.value(name);
        let not_a_number = value.is_some_and(f64::is_nan);
        result.insert((*name).into(), if not_a_number { "NaN".into() } else { json!(value) });
    }
    let bounds = bounds(stats, sigma);
    let has_text = stats.count > 0 && text(0.0).is_some();
    if has_text {
        for name in EXTENDED {
            if let Some(text) = stats.value(name).and_then(&text) {
                result.insert(format!("{name}_as_string"), text);
            }
        }
        let printed = |value: &Value| {
            let number = value.as_f64().unwrap_or(f64::NAN);
            text(number).unwrap_or(Value::Null)
        };
        let all = bounds.as_object().into_iter().flatten();
        let all: Map<String, Value> =
            all.map(|(name, value)| (name.clone(), printed(value))).collect();
        result.insert("std_deviation_bounds".into(), bounds);
        result.insert("std_deviation_bounds_as_string".into(), Value::Object(all));
    } else {
        result.insert("std_deviation_bounds".into(), bounds);
    }
    result
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
