//! `range` and `date_range`: a bucket for each of some ranges, which may overlap.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::histogram::listing;
use super::shared::Shared;
use super::values::{ValueFormat, Values, ValuesSource};
use super::{AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, Subs};
use crate::dsl::date_math;
use crate::dsl::options::Options;
use crate::dsl::range::time_zone;
use crate::exception::Exception;
use crate::mapping::date::DateFormat;
use crate::value::scalar;
use crate::work::Held;

/// Most ranges of one aggregation.
const RANGES_MAX: usize = 1024;

/// A `range` or `date_range` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct RangeAggregation {
    source: ValuesSource,
    ranges: Vec<KeyedRange>,
    keyed: bool,
    dates: bool,
    zone: TimeZone,
}

/// One range, from inclusive, to exclusive.
#[derive(Clone, Debug)]
struct KeyedRange {
    key: Option<String>,
    from: Option<Value>,
    to: Option<Value>,
}

/// Reads `range` and `date_range`.
pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let kind = body.type_name;
    let dates = kind == "date_range";
    let options = body.options()?;
    let source = ValuesSource::read(kind, &options)?;
    let Some(Value::Array(listed)) = options.get("ranges").filter(|ranges| {
        ranges.as_array().is_some_and(|ranges| !ranges.is_empty() && ranges.len() <= RANGES_MAX)
    }) else {
        return Err(Exception::illegal_argument(format!(
            "No [ranges] specified for the [{kind}] aggregation"
        )));
    };
    let mut ranges = Vec::new();
    for range in listed {
        let inner = Options::declared(kind, range)?;
        let one = KeyedRange {
            key: inner.text("key")?,
            from: inner.get("from").cloned(),
            to: inner.get("to").cloned(),
        };
        inner.finish()?;
        ranges.push(one);
    }
    let keyed = options.flag("keyed")?.unwrap_or(false);
    let zone = match options.text("time_zone")? {
        Some(name) if dates => time_zone(&name)?,
        Some(_) => return Err(options.unsupported("time_zone")),
        None => TimeZone::UTC,
    };
    options.finish()?;
    Ok(Arc::new(RangeAggregation { source, ranges, keyed, dates, zone }))
}

impl AggregationDefinition for RangeAggregation {
    fn start(&self, subs: Subs, shared: &Shared, held: Held) -> Box<dyn Collector> {
        Box::new(RangeCollector::new(self.clone(), subs, shared, held))
    }
}

/// Ranges while they run: the buckets of an owner stand side by side, in order of their bounds.
pub(super) struct RangeCollector {
    definition: RangeAggregation,
    subs: Subs,
    values: Values,
    bounds: Vec<(f64, f64, Option<String>)>,
    counts: Vec<u64>,
    shared: Shared,
    held: Held,
}

impl RangeCollector {
    pub(super) fn new(
        definition: RangeAggregation,
        subs: Subs,
        shared: &Shared,
        held: Held,
    ) -> RangeCollector {
        let values = Values::new(definition.source.clone());
        let shared = shared.clone();
        RangeCollector {
            definition,
            subs,
            values,
            bounds: Vec::new(),
            counts: Vec::new(),
            shared,
            held,
        }
    }

    fn kind(&self) -> &'static str {
        if self.definition.dates { "date_range" } else { "range" }
    }

    fn bound(
        &self,
        value: Option<&Value>,
        open: f64,
        index: &IndexContext<'_>,
    ) -> Result<f64, Exception> {
        let Some(value) = value else { return Ok(open) };
        if !self.definition.dates {
            return scalar::number(value).ok_or_else(|| {
                Exception::parsing(format!("[{value}] is not a number in [range]"))
            });
        }
        if let Some(number) = value.as_f64() {
            return Ok(number);
        }
        let standard = DateFormat::default();
        let format = self.values.date_format().unwrap_or(&standard);
        let text = scalar::plain(value);
        date_math::resolve(&text, format, false, &self.definition.zone, index.now)
            .map(|bound| bound as f64)
    }

    fn text(&self, bound: f64) -> Option<String> {
        if !self.definition.dates {
            return match self.values.format() {
                ValueFormat::Number(format) if bound.is_finite() => Some(format.print(bound)),
                _ => None,
            };
        }
        let standard = DateFormat::default();
        let format = self.values.date_format().unwrap_or(&standard);
        bound.is_finite().then(|| format.print_in(bound as i64, &self.definition.zone))
    }

    /// `*-10.0`, `10.0-20.0`, as the keys that nobody gave.
    fn key(&self, low: f64, high: f64) -> String {
        let one = |bound: f64| match self.text(bound) {
            Some(text) => text,
            None if bound.is_infinite() => "*".to_owned(),
            None => format!("{bound:?}"),
        };
        format!("{}-{}", one(low), one(high))
    }
}

impl Collector for RangeCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let kind = self.kind();
        self.values.open_index(index, kind)?;
        let mut bounds = Vec::new();
        for one in &self.definition.ranges {
            let low = self.bound(one.from.as_ref(), f64::NEG_INFINITY, index)?;
            let high = self.bound(one.to.as_ref(), f64::INFINITY, index)?;
            bounds.push((low, high, one.key.clone()));
        }
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        self.bounds = bounds;
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.values.open_segment(reader)?;
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let mut found = Vec::new();
        self.values.each(doc, |value| found.push(value));
        let width = self.bounds.len();
        let base = owner as usize * width;
        for place in 0..width {
            self.shared.check()?;
            let Some((low, high, _)) = self.bounds.get(place) else { break };
            if !found.iter().any(|value| *low <= *value && *value < *high) {
                continue;
            }
            let number = base + place;
            if self.counts.len() <= number {
                self.held.grow((number + 1 - self.counts.len()) as u64 * 8)?;
                self.counts.resize(number + 1, 0);
            }
            if let Some(count) = self.counts.get_mut(number) {
                *count += 1;
            }
            self.subs.collect(doc, score, u32::try_from(number).unwrap_or(u32::MAX))?;
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut Subs> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        self.shared.buckets(self.bounds.len())?;
        let mut buckets = Vec::new();
        let base = (owner as usize).saturating_mul(self.bounds.len());
        for (place, (low, high, key)) in self.bounds.clone().into_iter().enumerate() {
            let number = base.saturating_add(place);
            let key = key.unwrap_or_else(|| self.key(low, high));
            let mut bucket = Map::new();
            if !self.definition.keyed {
                bucket.insert("key".into(), key.clone().into());
            }
            for (name, bound) in [("from", low), ("to", high)] {
                if bound.is_finite() {
                    bucket.insert(name.into(), bound.into());
                    if let Some(text) = self.text(bound) {
                        bucket.insert(format!("{name}_as_string"), text.into());
                    }
                }
            }
            bucket.insert("doc_count".into(), self.counts.get(number).copied().unwrap_or(0).into());
            self.subs.finish_into(u32::try_from(number).unwrap_or(u32::MAX), &mut bucket)?;
            buckets.push((key, Value::Object(bucket)));
        }
        Ok(listing(buckets, self.definition.keyed))
    }

    fn type_name(&self) -> &'static str {
        if self.definition.dates { "date_range" } else { "range" }
    }
}
