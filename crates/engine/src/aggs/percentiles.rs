//! `percentiles`, `percentile_ranks` and `median_absolute_deviation`, over all values. Between two values they interpolate as
//! Elasticsearch's t-digest does while it has not yet begun to merge values.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::shared::Shared;
use super::values::{Values, ValuesSource};
use super::{AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, Subs};
use crate::exception::Exception;
use crate::work::Held;

/// What a kept value takes, with the slack of lists that grow.
const VALUE_BYTES: u64 = 12;

/// Most percents of one aggregation.
const PERCENTS_MAX: usize = 1000;

/// What is asked of the values.
#[derive(Clone, Debug, PartialEq)]
enum PercentilesQuestion {
    /// The values at these percents.
    At(Vec<f64>),
    /// The percents at these values.
    Ranks(Vec<f64>),
    /// The median of the distances from the median.
    Deviation,
}

/// An aggregation over the distribution of a field.
#[derive(Clone, Debug)]
pub(crate) struct PercentilesAggregation {
    source: ValuesSource,
    question: PercentilesQuestion,
    keyed: bool,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let kind = body.type_name;
    let options = body.options()?;
    let source = ValuesSource::read(kind, &options)?;
    if options.get("hdr").is_some() {
        return Err(Exception::not_implemented(&format!("{kind} aggregation with [hdr]")));
    }
    // Values are kept as they are: every compression is satisfied.
    let compression = match options.get("tdigest") {
        Some(tdigest) => tdigest.get("compression").and_then(Value::as_f64),
        None => options.float("compression")?.map(f64::from),
    };
    if let Some(compression) = compression.filter(|compression| *compression < 0.0) {
        return Err(Exception::illegal_argument(format!(
            "[compression] must be greater than or equal to 0. Found [{compression:?}]"
        )));
    }
    let numbers = |key: &str| -> Result<Option<Vec<f64>>, Exception> {
        let Some(value) = options.get(key) else { return Ok(None) };
        let numbers = value.as_array().filter(|numbers| numbers.len() <= PERCENTS_MAX);
        let numbers = numbers.and_then(|numbers| numbers.iter().map(Value::as_f64).collect());
        let bad = || Exception::parsing(format!("[{kind}] needs a list of numbers in [{key}]"));
        numbers.map(Some).ok_or_else(bad)
    };
    let question = match kind {
        "percentiles" => {
            let percents = numbers("percents")?
                .unwrap_or_else(|| vec![1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0]);
            if let Some(bad) = percents.iter().find(|percent| !(0.0..=100.0).contains(*percent)) {
                return Err(Exception::illegal_argument(format!(
                    "percent must be in [0,100], got [{bad}]"
                )));
            }
            PercentilesQuestion::At(percents)
        }
        "percentile_ranks" => match numbers("values")? {
            Some(values) if !values.is_empty() => PercentilesQuestion::Ranks(values),
            _ => return Err(Exception::illegal_argument("[values] must not be an empty array")),
        },
        _ => PercentilesQuestion::Deviation,
    };
    let keyed = options.flag("keyed")?.unwrap_or(true);
    options.finish()?;
    Ok(Arc::new(PercentilesAggregation { source, question, keyed }))
}

impl AggregationDefinition for PercentilesAggregation {
    fn start(&self, _: Subs, shared: &Shared, held: Held) -> Box<dyn Collector> {
        Box::new(PercentilesCollector::new(self.clone(), shared, held))
    }

    fn outcome(&self) -> Outcome {
        match self.question {
            PercentilesQuestion::Deviation => Outcome::Number,
            _ => Outcome::Numbers(|name| name.parse::<f64>().is_ok()),
        }
    }
}

/// The value at `share` (0 to 1) of sorted values; each stands for the middle of its share.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len() as f64 - 0.5;
    let below = place.floor().max(0.0);
    let low = sorted.get(below as usize).or_else(|| sorted.last()).copied()?;
    let high = sorted.get(below as usize + 1).copied().unwrap_or(low);
    Some(if place <= 0.0 { low } else { low + (high - low) * (place - below).min(1.0) })
}

/// The share (0 to 1) of sorted values below `value`: each value is as wide as half the way to its neighbours
/// (`AVLTreeDigest.cdf`).
fn rank(sorted: &[f64], value: f64) -> Option<f64> {
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    let count = sorted.len() as f64;
    let half = |low: f64, high: f64| (high - low) / 2.0;
    let Some(second) = sorted.get(1) else {
        return Some(if value < first { 0.0 } else { 1.0 });
    };
    let mut left = half(first, *second);
    for (before, (own, next)) in sorted.iter().zip(sorted.iter().skip(1)).enumerate() {
        let right = half(*own, *next);
        if value < own + right {
            let within = (value - (own - left)) / (left + right);
            return Some(((before as f64 + within) / count).max(0.0));
        }
        left = right;
    }
    if value < last + left {
        let within = (value - (last - left)) / (left + left);
        return Some(((count - 1.0 + within) / count).max(0.0));
    }
    Some(1.0)
}

/// While it runs: all values by owner.
pub(super) struct PercentilesCollector {
    definition: PercentilesAggregation,
    values: Values,
    owners: Vec<Vec<f64>>,
    shared: Shared,
    held: Held,
}

impl PercentilesCollector {
    pub(super) fn new(
        definition: PercentilesAggregation,
        shared: &Shared,
        held: Held,
    ) -> PercentilesCollector {
        let values = Values::new(definition.source.clone());
        PercentilesCollector {
            definition,
            values,
            owners: Vec::new(),
            shared: shared.clone(),
            held,
        }
    }

    /// The values of `owner`, in order.
    fn sort(&mut self, owner: u32) -> Result<(), Exception> {
        let Some(values) = self.owners.get_mut(owner as usize) else { return Ok(()) };
        if !values.is_sorted_by(|a, b| a.total_cmp(b).is_le()) {
            *values = self.shared.work().sorted_by(std::mem::take(values), f64::total_cmp)?;
        }
        Ok(())
    }

    /// The answers, each with what was asked.
    fn answers(&mut self, owner: u32) -> Result<Vec<(f64, Option<f64>)>, Exception> {
        self.sort(owner)?;
        let sorted = self.owners.get(owner as usize).map_or(&[][..], Vec::as_slice);
        Ok(match &self.definition.question {
            PercentilesQuestion::At(percents) => {
                percents.iter().map(|p| (*p, quantile(sorted, p / 100.0))).collect()
            }
            PercentilesQuestion::Ranks(values) => {
                let mut ranks = Vec::with_capacity(values.len());
                for value in values {
                    self.shared.check()?;
                    ranks.push((*value, rank(sorted, *value).map(|rank| rank * 100.0)));
                }
                ranks
            }
            PercentilesQuestion::Deviation => {
                let Some(median) = quantile(sorted, 0.5) else { return Ok(vec![(0.0, None)]) };
                let bytes = sorted.len() as u64 * VALUE_BYTES;
                let _distances = self.shared.work().budget.take(bytes, "<agg [distances]>")?;
                let distances = sorted.iter().map(|value| (*value - median).abs()).collect();
                let distances = self.shared.work().sorted_by(distances, f64::total_cmp)?;
                vec![(0.0, quantile(&distances, 0.5))]
            }
        })
    }
}

impl Collector for PercentilesCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let kind = self.type_name();
        self.values.open_index(index, kind)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.values.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, _: f32, owner: u32) -> Result<(), Exception> {
        let owner = owner as usize;
        if self.owners.len() <= owner {
            self.held.grow(((owner + 1 - self.owners.len()) * size_of::<Vec<f64>>()) as u64)?;
            self.owners.resize_with(owner + 1, Vec::new);
        }
        let Some(kept) = self.owners.get_mut(owner) else { return Ok(()) };
        let before = kept.len();
        self.values.each(doc, |value| kept.push(value));
        self.held.grow((kept.len() - before) as u64 * VALUE_BYTES)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let answers = self.answers(owner)?;
        if self.definition.question == PercentilesQuestion::Deviation {
            let value = answers.first().and_then(|(_, value)| *value);
            return Ok(Map::from_iter([("value".to_owned(), json!(value))]));
        }
        let is_value = matches!(self.definition.question, PercentilesQuestion::At(_));
        let text = |value: Option<f64>| {
            value.filter(|_| is_value).and_then(|value| self.values.text(value))
        };
        let values = if self.definition.keyed {
            let mut named = Map::new();
            for (asked, value) in answers {
                named.insert(format!("{asked:?}"), json!(value));
                if let Some(text) = text(value) {
                    named.insert(format!("{asked:?}_as_string"), text);
                }
            }
            Value::Object(named)
        } else {
            let one = |(asked, value): (f64, Option<f64>)| {
                let mut entry = Map::new();
                entry.insert("key".into(), json!(asked));
                entry.insert("value".into(), json!(value));
                if let Some(text) = text(value) {
                    entry.insert("value_as_string".into(), text);
                }
                Value::Object(entry)
            };
            Value::Array(answers.into_iter().map(one).collect())
        };
        Ok(Map::from_iter([("values".to_owned(), values)]))
    }

    fn sort_value(&mut self, owner: u32, path: &[&str]) -> Result<Option<f64>, Exception> {
        let wanted = path.first().and_then(|name| name.parse::<f64>().ok());
        let answers = self.answers(owner)?;
        let found = match wanted {
            Some(wanted) => answers.into_iter().find(|(asked, _)| *asked == wanted),
            None => answers.into_iter().next(),
        };
        Ok(found.and_then(|(_, value)| value))
    }

    fn type_name(&self) -> &'static str {
        match self.definition.question {
            PercentilesQuestion::At(_) => "tdigest_percentiles",
            PercentilesQuestion::Ranks(_) => "tdigest_percentile_ranks",
            PercentilesQuestion::Deviation => "median_absolute_deviation",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{quantile, rank};

    #[test]
    fn between_two_values_a_percentile_is_interpolated() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(quantile(&sorted, 0.5), Some(2.5));
        assert_eq!((quantile(&sorted, 0.0), quantile(&sorted, 1.0)), (Some(1.0), Some(4.0)));
        assert_eq!(quantile(&[7.0], 0.3), Some(7.0));
        assert_eq!(quantile(&[], 0.3), None);
    }

    #[test]
    fn a_rank_is_the_way_back() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(rank(&sorted, 2.5), Some(0.5));
        assert_eq!((rank(&sorted, 0.0), rank(&sorted, 9.0)), (Some(0.0), Some(1.0)));
    }
}
