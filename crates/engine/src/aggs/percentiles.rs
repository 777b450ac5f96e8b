//! `percentiles`, `percentile_ranks` and `median_absolute_deviation`, over all values; with `hdr` they are told by
//! its steps.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::distribution::Distribution;
use super::hdr::{self, HdrPrecision, HdrRange};
use super::histogram::unbuilt;
use super::shared::SharedState;
use super::values::{Values, ValuesSource};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
    token,
};
use crate::columns::{float, float_code};
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::mapping::histogram::CountedValue;
use crate::value::java::java_double;
use crate::value::scalar;
use crate::work::HeldMemory;

/// What a kept value takes, with the slack of lists that grow.
const VALUE_BYTES: u64 = 12;

/// What a counted value takes in its tree.
const COUNTED_BYTES: u64 = 48;

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
    /// With `hdr`; by t-digest otherwise.
    hdr: Option<HdrPrecision>,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (kind, name) = (body.type_name, body.name);
    let options = body.options()?;
    let mut hdr = None;
    let question = match kind {
        "median_absolute_deviation" => {
            let compression = options.double("compression")?;
            if let Some(bad) = compression.filter(|compression| *compression <= 0.0) {
                return Err(options.failed(
                    "compression",
                    Exception::illegal_argument(format!(
                        "[compression] must be greater than 0. Found [{bad:?}] in [{name}]"
                    )),
                ));
            }
            PercentilesQuestion::Deviation
        }
        _ => {
            let key = if kind == "percentiles" { "percents" } else { "values" };
            for key in [key, "hdr", "tdigest"] {
                options.not_null(key)?;
            }
            let numbers = numbers(&options, kind, key)?;
            hdr = method(&options, kind)?;
            asked(kind, numbers).map_err(|words| {
                unbuilt(kind, Exception::illegal_argument(format!("{words}: [{name}]")))
            })?
        }
    };
    let keyed = kind == "median_absolute_deviation" || options.flag("keyed")?.unwrap_or(true);
    let source = ValuesSource::read(kind, &options)?;
    options.finish()?;
    Ok(Arc::new(PercentilesAggregation { source, question, keyed, hdr }))
}

/// The numbers that are asked for, in order: one, or a list.
fn numbers(options: &Options<'_>, kind: &str, key: &str) -> Result<Option<Vec<f64>>, Exception> {
    let Some(value) = options.get(key) else { return Ok(None) };
    let listed = match value {
        Value::Array(listed) => listed.as_slice(),
        one => std::slice::from_ref(one),
    };
    if listed.len() > PERCENTS_MAX {
        return Err(Exception::illegal_argument(format!(
            "[{kind}] has at most [{PERCENTS_MAX}] numbers in [{key}]"
        )));
    }
    let one = |value: &Value| {
        let bad = || {
            let reason = format!("[{kind}] failed to parse field [{key}]");
            Exception::new(ExceptionKind::XContentParse, reason)
                .at(value)
                .caused_by(scalar::not_a_number(&scalar::plain(value)))
        };
        scalar::number(value).ok_or_else(bad)
    };
    let mut numbers: Vec<f64> = listed.iter().map(one).collect::<Result<_, _>>()?;
    numbers.sort_by(f64::total_cmp);
    Ok(Some(numbers))
}

/// Reads `tdigest` and `hdr`, of which one may stand. Values are kept as they are: every compression is satisfied.
fn method(options: &Options<'_>, kind: &str) -> Result<Option<HdrPrecision>, Exception> {
    let object = |key: &str| match options.get(key) {
        Some(value) if !value.is_object() => {
            let reason = format!("[{kind}] {key} doesn't support values of type: {}", token(value));
            Err(Exception::new(ExceptionKind::XContentParse, reason).at(value))
        }
        value => Ok(value),
    };
    let (tdigest, hdr) = (object("tdigest")?, object("hdr")?);
    if let Some(tdigest) = tdigest {
        let inner = Options::declared("tdigest", tdigest)?;
        let compression =
            inner.double("compression").map_err(|cause| options.failed("tdigest", cause))?;
        if let Some(bad) = compression.filter(|compression| *compression < 0.0) {
            let cause = inner.failed(
                "compression",
                Exception::illegal_argument(format!(
                    "[compression] must be greater than or equal to 0. Found [{bad:?}]"
                )),
            );
            return Err(options.failed("tdigest", cause));
        }
        inner.finish().map_err(|cause| options.failed("tdigest", cause))?;
    }
    let hdr = hdr.map(|hdr| HdrPrecision::read(hdr).map_err(|cause| options.failed("hdr", cause)));
    match (tdigest, hdr.transpose()?) {
        (Some(_), Some(_)) => Err(hdr::two_methods(kind)),
        (_, hdr) => Ok(hdr),
    }
}

/// What is asked with `numbers`; why not, where it cannot be.
fn asked(kind: &str, numbers: Option<Vec<f64>>) -> Result<PercentilesQuestion, String> {
    if kind == "percentile_ranks" {
        return match numbers {
            None => Err("[values] must not be null".to_owned()),
            Some(values) if values.is_empty() => {
                Err("[values] must not be an empty array".to_owned())
            }
            Some(values) => Ok(PercentilesQuestion::Ranks(values)),
        };
    }
    let percents = numbers.unwrap_or_else(|| vec![1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0]);
    if percents.is_empty() {
        return Err("[percents] must not be empty".to_owned());
    }
    if let Some(bad) = percents.iter().find(|percent| !(0.0..=100.0).contains(*percent)) {
        return Err(format!("percent must be in [0,100], got [{bad:?}]"));
    }
    Ok(PercentilesQuestion::At(percents))
}

impl AggregationDefinition for PercentilesAggregation {
    fn start(
        &self,
        _: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(PercentilesCollector::new(self.clone(), shared, held))
    }

    fn outcome(&self) -> Outcome {
        match self.question {
            PercentilesQuestion::Deviation => Outcome::Number,
            _ => Outcome::Numbers(|name| name.parse::<f64>().is_ok()),
        }
    }
}

/// All of `sorted`, and what was `counted`.
fn with_counted(sorted: &[f64], mut counted: BTreeMap<u64, u64>) -> Distribution<'static> {
    for value in sorted {
        *counted.entry(float_code(*value)).or_insert(0) += 1;
    }
    Distribution::of_counts(counted.into_iter().map(|(code, count)| (float(code), count)))
}

/// While it runs: all values by owner.
pub(super) struct PercentilesCollector {
    definition: PercentilesAggregation,
    values: Values,
    owners: Vec<Vec<f64>>,
    /// What histograms counted of each owner: by the codes of numbers, how often.
    counted: Vec<BTreeMap<u64, u64>>,
    /// With `hdr`, what each owner's histogram covers.
    ranges: Vec<HdrRange>,
    flavor: Flavor,
    shared: SharedState,
    held: HeldMemory,
}

impl PercentilesCollector {
    pub(super) fn new(
        definition: PercentilesAggregation,
        shared: &SharedState,
        held: HeldMemory,
    ) -> PercentilesCollector {
        let values = Values::new(definition.source.clone(), shared.work());
        PercentilesCollector {
            definition,
            values,
            owners: Vec::new(),
            counted: Vec::new(),
            ranges: Vec::new(),
            flavor: Flavor::OpenSearch219,
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

    /// Adds what the histogram of a document counted.
    fn collect_counted(&mut self, doc: DocId, owner: usize) -> Result<(), Exception> {
        if self.counted.len() <= owner {
            let more = (owner + 1 - self.counted.len()) * size_of::<BTreeMap<u64, u64>>();
            self.held.grow(more as u64)?;
            self.counted.resize_with(owner + 1, BTreeMap::new);
        }
        let Some(counted) = self.counted.get_mut(owner) else { return Ok(()) };
        let before = counted.len();
        for CountedValue { value, count } in self.values.counted(doc)? {
            if let (Some(hdr), Some(range)) = (self.definition.hdr, self.ranges.get_mut(owner)) {
                range.cover(value, hdr)?;
            }
            let sum = counted.entry(float_code(value)).or_insert(0);
            *sum = sum.saturating_add(count.into());
        }
        self.held.grow((counted.len() - before) as u64 * COUNTED_BYTES)
    }

    /// The answers, each with what was asked.
    fn answers(&mut self, owner: u32) -> Result<Vec<(f64, Option<f64>)>, Exception> {
        self.sort(owner)?;
        let sorted = self.owners.get(owner as usize).map_or(&[][..], Vec::as_slice);
        let counted = self.counted.get(owner as usize).filter(|map| !map.is_empty());
        let copied = counted.map_or(0, |counted| counted.len() + sorted.len()) as u64;
        let _copy = self.shared.work().budget.take(copied * COUNTED_BYTES, "<agg [counted]>")?;
        let distribution = match counted {
            None => Distribution::Each(sorted),
            Some(counted) => with_counted(sorted, counted.clone()),
        };
        Ok(match &self.definition.question {
            PercentilesQuestion::At(percents) => {
                let at = |percent: f64| match self.definition.hdr {
                    Some(hdr) => hdr.value(&distribution, percent, self.flavor),
                    None => distribution.quantile(percent / 100.0),
                };
                percents.iter().map(|percent| (*percent, at(*percent))).collect()
            }
            PercentilesQuestion::Ranks(values) => {
                let mut ranks = Vec::with_capacity(values.len());
                for value in values {
                    self.shared.check()?;
                    let rank = match self.definition.hdr {
                        Some(hdr) => hdr.rank(&distribution, *value)?,
                        None => distribution.rank(*value).map(|rank| rank * 100.0),
                    };
                    ranks.push((*value, rank));
                }
                ranks
            }
            PercentilesQuestion::Deviation => {
                let Some(median) = distribution.quantile(0.5) else { return Ok(vec![(0.0, None)]) };
                let bytes = sorted.len() as u64 * VALUE_BYTES;
                let _distances = self.shared.work().budget.take(bytes, "<agg [distances]>")?;
                let distances: Vec<f64> =
                    sorted.iter().map(|value| (*value - median).abs()).collect();
                let distances = self.shared.work().sorted_by(distances, f64::total_cmp)?;
                vec![(0.0, Distribution::Each(&distances).quantile(0.5))]
            }
        })
    }
}

impl Collector for PercentilesCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.flavor = index.flavor;
        let kind = match self.definition.question {
            PercentilesQuestion::At(_) => "percentiles",
            PercentilesQuestion::Ranks(_) => "percentile_ranks",
            PercentilesQuestion::Deviation => "median_absolute_deviation",
        };
        self.values.open_index(index, kind)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.values.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let owner = owner as usize;
        if self.owners.len() <= owner {
            self.held.grow(
                ((owner + 1 - self.owners.len()) * (size_of::<Vec<f64>>() + size_of::<HdrRange>()))
                    as u64,
            )?;
            self.owners.resize_with(owner + 1, Vec::new);
            if let Some(hdr) = self.definition.hdr {
                self.ranges.resize_with(owner + 1, || HdrRange::new(hdr));
            }
        }
        if self.values.is_histogram() {
            return self.collect_counted(doc, owner);
        }
        let Some(kept) = self.owners.get_mut(owner) else { return Ok(()) };
        let before = kept.len();
        self.values.each(doc, score, |value| kept.push(value))?;
        if let (Some(hdr), Some(range)) = (self.definition.hdr, self.ranges.get_mut(owner)) {
            for value in kept.iter().skip(before) {
                range.cover(*value, hdr)?;
            }
        }
        self.held.grow((kept.len() - before) as u64 * VALUE_BYTES)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let answers = self.answers(owner)?;
        if self.definition.question == PercentilesQuestion::Deviation {
            let value = answers.first().and_then(|(_, value)| *value);
            let mut result = Map::from_iter([("value".to_owned(), json!(value))]);
            if let Some(text) = value.and_then(|value| self.values.text(value)) {
                result.insert("value_as_string".into(), text);
            }
            return Ok(result);
        }
        // Ranks are printed as values of the field are, whatever that says.
        let text = |value: Option<f64>| value.and_then(|value| self.values.text(value));
        let values = if self.definition.keyed {
            let mut named = Map::new();
            for (asked, value) in answers {
                named.insert(java_double(asked), json!(value));
                if let Some(text) = text(value) {
                    named.insert(format!("{}_as_string", java_double(asked)), text);
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
        let is_hdr = self.definition.hdr.is_some();
        match self.definition.question {
            PercentilesQuestion::At(_) if is_hdr => "hdr_percentiles",
            PercentilesQuestion::At(_) => "tdigest_percentiles",
            PercentilesQuestion::Ranks(_) if is_hdr => "hdr_percentile_ranks",
            PercentilesQuestion::Ranks(_) => "tdigest_percentile_ranks",
            PercentilesQuestion::Deviation => "median_absolute_deviation",
        }
    }
}
