//! `weighted_avg`: the mean of a field's values, each with the weight that another field gives it.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::metrics::add;
use super::shared::SharedState;
use super::values::{Values, ValuesSource};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::value::number_format::NumberFormat;
use crate::work::HeldMemory;

/// A `weighted_avg` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct WeightedAverage {
    value: Option<ValuesSource>,
    weight: Option<ValuesSource>,
    format: Option<NumberFormat>,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let source = |key: &str| -> Result<Option<ValuesSource>, Exception> {
        let Some(value) = options.get(key) else { return Ok(None) };
        let inner = Options::declared("weighted_avg", value)?;
        let source = ValuesSource::read("weighted_avg", &inner)?;
        inner.finish()?;
        Ok(Some(source))
    };
    let average = WeightedAverage {
        value: source("value")?,
        weight: source("weight")?,
        format: options.text("format")?.map(|text| NumberFormat::parse(&text)).transpose()?,
    };
    options.get("value_type");
    options.finish()?;
    Ok(Arc::new(average))
}

impl AggregationDefinition for WeightedAverage {
    fn start(
        &self,
        _: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(WeightedAverageCollector {
            absent: [("value", &self.value), ("weight", &self.weight)]
                .into_iter()
                .find(|(_, source)| source.is_none())
                .map(|(name, _)| name),
            value: Values::new(self.value.clone().unwrap_or_default(), shared.work()),
            weight: Values::new(self.weight.clone().unwrap_or_default(), shared.work()),
            format: self.format.clone(),
            sums: Vec::new(),
            shared: shared.clone(),
            held,
        })
    }

    fn outcome(&self) -> Outcome {
        Outcome::Number
    }
}

/// The weighted sum and the sum of the weights, each with its correction.
type WeightedSums = [f64; 4];

/// While it runs.
struct WeightedAverageCollector {
    /// Which of the two was not named.
    absent: Option<&'static str>,
    value: Values,
    weight: Values,
    format: Option<NumberFormat>,
    sums: Vec<WeightedSums>,
    shared: SharedState,
    held: HeldMemory,
}

impl WeightedAverageCollector {
    fn average(&self, owner: u32) -> f64 {
        match self.sums.get(owner as usize) {
            Some([sum, _, weights, _]) => sum / weights,
            None => f64::NAN,
        }
    }
}

impl Collector for WeightedAverageCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        if let Some(name) = self.absent {
            return Err(Exception::illegal_argument(format!(
                "Could not find field name [{name}] in multiValuesSource"
            )));
        }
        // In the order of a `HashMap` of Java's.
        self.weight.open_index(index, "weighted_avg")?;
        self.value.open_index(index, "weighted_avg")
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.value.open_segment(reader)?;
        self.weight.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let place = owner as usize;
        if self.sums.len() <= place {
            self.held.grow(((place + 1 - self.sums.len()) * size_of::<WeightedSums>()) as u64)?;
            self.sums.resize(place + 1, [0.0; 4]);
        }
        self.shared.check()?;
        let (mut values, mut weights) = (Vec::new(), Vec::new());
        self.value.each(doc, score, |value| values.push(value))?;
        self.weight.each(doc, score, |weight| weights.push(weight))?;
        let (Some(weight), false) = (weights.first().copied(), values.is_empty()) else {
            return Ok(());
        };
        if weights.len() > 1 {
            return Err(Exception::new(
                ExceptionKind::AggregationExecution,
                "Encountered more than one weight for a single document. Use a script to combine multiple \
                 weights-per-doc into a single value.",
            ));
        }
        if let Some([sum, correction, all, all_correction]) = self.sums.get_mut(place) {
            for value in values {
                add(sum, correction, value * weight);
                add(all, all_correction, weight);
            }
        }
        Ok(())
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let average = self.average(owner);
        let mut result = Map::from_iter([("value".to_owned(), json!(average))]);
        if let Some(format) = self.format.as_ref().filter(|_| average.is_finite()) {
            result.insert("value_as_string".into(), format.print(average).into());
        }
        Ok(result)
    }

    fn sort_value(&mut self, owner: u32, _: &[&str]) -> Result<Option<f64>, Exception> {
        Ok(Some(self.average(owner)))
    }

    fn type_name(&self) -> &'static str {
        "weighted_avg"
    }
}
