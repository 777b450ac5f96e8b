//! `range`, `date_range` and (with `geo_distance.rs`) `geo_distance`: a bucket for each of some ranges, which may overlap.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::geo_distance::Measure;
use super::histogram::BucketListing;
use super::places::Places;
use super::shared::SharedState;
use super::values::{ValueFormat, Values, ValuesSource};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
    token,
};
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::date::DateFormat;
use crate::mapping::date::math as date_math;
use crate::mapping::date::math::time_zone;
use crate::value::java::java_double;
use crate::value::scalar;
use crate::work::HeldMemory;

/// Most ranges of one aggregation.
pub(super) const RANGES_MAX: usize = 1024;

/// An aggregation of ranges.
#[derive(Clone, Debug)]
pub(crate) struct RangeAggregation {
    name: String,
    values: RangeValues,
    ranges: Vec<KeyedRange>,
    keyed: bool,
    zone: TimeZone,
}

/// What lies in the ranges.
#[derive(Clone, Debug)]
pub(super) enum RangeValues {
    Numbers(ValuesSource),
    Dates(ValuesSource),
    Distances(ValuesSource, Measure),
}

/// One range, from inclusive, to exclusive.
#[derive(Clone, Debug)]
pub(super) struct KeyedRange {
    pub(super) key: Option<String>,
    pub(super) from: Option<Value>,
    pub(super) to: Option<Value>,
}

impl RangeAggregation {
    pub(super) fn new(
        name: &str,
        values: RangeValues,
        ranges: Vec<KeyedRange>,
        keyed: bool,
    ) -> RangeAggregation {
        RangeAggregation { name: name.to_owned(), values, ranges, keyed, zone: TimeZone::UTC }
    }

    /// Whether a format is given.
    fn is_formatted(&self) -> bool {
        match &self.values {
            RangeValues::Numbers(source) | RangeValues::Dates(source) => source.format.is_some(),
            RangeValues::Distances(..) => false,
        }
    }

    fn dates(&self) -> bool {
        matches!(self.values, RangeValues::Dates(_))
    }

    fn type_name(&self) -> &'static str {
        match self.values {
            RangeValues::Numbers(_) => "range",
            RangeValues::Dates(_) => "date_range",
            RangeValues::Distances(..) => "geo_distance",
        }
    }
}

/// Reads `range` and `date_range`.
pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let kind = body.type_name;
    let dates = kind == "date_range";
    let options = body.options()?;
    let source = match kind {
        "date_range" => ValuesSource::read_dates(kind, &options)?,
        _ => ValuesSource::read(kind, &options)?,
    };
    let listed = match options.get("ranges") {
        None => &[][..],
        Some(Value::Array(listed)) => listed.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        Some(other) => return Err(wrong_token(kind, "ranges", other)),
    };
    if listed.len() > RANGES_MAX {
        let words = format!("[{}] has at most [{RANGES_MAX}] ranges", body.name);
        return Err(Exception::illegal_argument(words));
    }
    let ranges = listed.iter().map(one).collect::<Result<Vec<_>, _>>();
    let ranges = ranges.map_err(|cause| options.failed("ranges", cause))?;
    let keyed = options.flag("keyed")?.unwrap_or(false);
    let zone = match options.text("time_zone")? {
        Some(name) if dates => time_zone(&name)?,
        Some(_) => return Err(options.unsupported("time_zone")),
        None => TimeZone::UTC,
    };
    options.finish()?;
    let values = if dates { RangeValues::Dates(source) } else { RangeValues::Numbers(source) };
    let own = RangeAggregation::new(body.name, values, ranges, keyed);
    Ok(Arc::new(RangeAggregation { zone, ..own }))
}

fn one(range: &Value) -> Result<KeyedRange, Exception> {
    if !range.is_object() {
        // Elasticsearch names the token at which it noticed.
        let reason = "[range] Expected START_OBJECT but was: END_ARRAY";
        return Err(Exception::new(ExceptionKind::XContentParse, reason));
    }
    let options = Options::declared("range", range)?;
    let bound = |key: &str| match options.get(key) {
        Some(value @ (Value::Bool(_) | Value::Array(_) | Value::Object(_))) => {
            Err(wrong_token("range", key, value))
        }
        value => Ok(value.cloned()),
    };
    let read = KeyedRange { key: options.text("key")?, from: bound("from")?, to: bound("to")? };
    options.finish()?;
    Ok(read)
}

/// The refusal of a value that has the wrong shape.
fn wrong_token(kind: &str, key: &str, value: &Value) -> Exception {
    let reason = format!("[{kind}] {key} doesn't support values of type: {}", token(value));
    Exception::new(ExceptionKind::XContentParse, reason).at(value)
}

impl AggregationDefinition for RangeAggregation {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(RangeCollector::new(self.clone(), subs, shared, held))
    }
}

/// The refusal of an aggregation called `name` without ranges.
fn no_ranges(name: &str) -> Exception {
    Exception::illegal_argument(format!("No [ranges] specified for the [{name}] aggregation"))
}

/// What lies in the ranges, on the index that is open.
enum OpenValues {
    Numbers(Box<Values>),
    Distances(Box<Places>, Measure),
}

/// Ranges while they run: the buckets of an owner stand side by side, in order of their bounds.
pub(super) struct RangeCollector {
    definition: RangeAggregation,
    subs: SubAggregations,
    values: OpenValues,
    /// How dates are printed of which no index has the field.
    unmapped: DateFormat,
    bounds: Vec<(f64, f64, Option<String>)>,
    /// Of each range the greatest upper bound up to it.
    tops: Vec<f64>,
    counts: Vec<u64>,
    /// The values of one document, and the ranges that hold them.
    found: Vec<f64>,
    places: Vec<usize>,
    shared: SharedState,
    held: HeldMemory,
}

impl RangeCollector {
    pub(super) fn new(
        definition: RangeAggregation,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> RangeCollector {
        let values = match definition.values.clone() {
            RangeValues::Numbers(source) | RangeValues::Dates(source) => {
                let zone = definition.zone.clone();
                OpenValues::Numbers(Box::new(Values::in_zone(source, zone, shared.work())))
            }
            RangeValues::Distances(source, measure) => {
                OpenValues::Distances(Box::new(Places::new(source)), measure)
            }
        };
        let shared = shared.clone();
        RangeCollector {
            definition,
            subs,
            values,
            unmapped: DateFormat::default(),
            bounds: Vec::new(),
            tops: Vec::new(),
            counts: Vec::new(),
            found: Vec::new(),
            places: Vec::new(),
            shared,
            held,
        }
    }

    /// One bound; texts are read as the field's values are.
    fn bound(
        &self,
        value: Option<&Value>,
        open: f64,
        index: &IndexContext<'_>,
    ) -> Result<f64, Exception> {
        match value {
            None => Ok(open),
            Some(Value::String(text)) => match self.date_format() {
                Some(format) => {
                    let zone = &self.definition.zone;
                    let bound = date_math::resolve(text, format, false, zone, index.now)?;
                    Ok(bound as f64)
                }
                None => text.trim().parse().map_err(|_| match self.definition.is_formatted() {
                    // Java's `DecimalFormat` reads it.
                    true => Exception::new(
                        ExceptionKind::Runtime,
                        format!("java.text.ParseException: Unparseable number: \"{text}\""),
                    ),
                    false => scalar::not_a_number(text),
                }),
            },
            Some(value) => {
                let bad = || scalar::not_a_number(&scalar::plain(value));
                scalar::number(value).ok_or_else(bad)
            }
        }
    }

    /// How dates are read and printed, where the values are dates.
    fn date_format(&self) -> Option<&DateFormat> {
        match &self.values {
            OpenValues::Numbers(values) if values.is_mapped() || !self.definition.dates() => {
                values.date_format()
            }
            OpenValues::Numbers(_) => Some(&self.unmapped),
            OpenValues::Distances(..) => None,
        }
    }

    /// A bound as it is printed beside itself.
    fn shown(&self, bound: f64) -> Option<Value> {
        match &self.values {
            OpenValues::Numbers(values) if matches!(values.format(), ValueFormat::Boolean) => {
                Some(Value::from(bound != 0.0))
            }
            _ => self.text(bound).map(Value::from),
        }
    }

    /// The same, as a part of a key.
    fn text(&self, bound: f64) -> Option<String> {
        if !bound.is_finite() {
            return None;
        }
        match (self.date_format(), &self.values) {
            (Some(format), _) => Some(format.print_in(bound as i64, &self.definition.zone)),
            (None, OpenValues::Numbers(values)) => values.format().text(bound),
            (None, OpenValues::Distances(..)) => None,
        }
    }

    /// The ranges from number `first` on that may hold a value, and the first that the next one may be in: by halving, as
    /// `RangeAggregator.collect` of Elasticsearch 7.10 finds them, in ranges that are out of order too.
    fn holding(&self, value: f64, first: usize) -> (std::ops::Range<usize>, usize) {
        let low = |place: usize| self.bounds.get(place).is_some_and(|bound| bound.0 <= value);
        let below_top = |place: usize| self.tops.get(place).is_some_and(|top| value < *top);
        let (mut start, mut end) = (first, self.bounds.len());
        let mut middle = start + (end.saturating_sub(start + 1)) / 2;
        while start < end {
            if !low(middle) {
                end = middle;
            } else if !below_top(middle) {
                start = middle + 1;
            } else {
                break;
            }
            middle = start + (end.saturating_sub(start + 1)) / 2;
        }
        if start >= end {
            return (start..start, start);
        }
        let (mut from, mut to) = (start, middle + 1);
        while from < to {
            let half = from + (to - from - 1) / 2;
            if below_top(half) { to = half } else { from = half + 1 }
        }
        let (mut after, mut last) = (middle, end);
        while after < last {
            let half = after + (last - after - 1) / 2;
            if low(half) { after = half + 1 } else { last = half }
        }
        (from..after, after)
    }

    /// `*-10.0`, `10.0-20.0`, as the keys that nobody gave.
    fn key(&self, low: f64, high: f64) -> String {
        let one = |bound: f64| match self.text(bound) {
            Some(text) => text,
            None if bound.is_infinite() => "*".to_owned(),
            None => java_double(bound),
        };
        format!("{}-{}", one(low), one(high))
    }
}

impl Collector for RangeCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let kind = self.definition.type_name();
        match &mut self.values {
            OpenValues::Numbers(values) => values.open_index(index, kind)?,
            OpenValues::Distances(places, _) => places.open_index(index, kind)?,
        }
        if let RangeValues::Dates(ValuesSource { format: Some(format), .. }) =
            &self.definition.values
        {
            self.unmapped = DateFormat::parse(format)?;
        }
        if self.definition.ranges.is_empty() {
            return Err(no_ranges(&self.definition.name));
        }
        let mut bounds = Vec::new();
        for one in &self.definition.ranges {
            let low = self.bound(one.from.as_ref(), f64::NEG_INFINITY, index)?;
            let high = self.bound(one.to.as_ref(), f64::INFINITY, index)?;
            bounds.push((low, high, one.key.clone()));
        }
        // Distances stay in the order in which they are asked for, though they are looked for as if they were not.
        if !matches!(self.values, OpenValues::Distances(..)) {
            bounds.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        }
        self.tops.clear();
        let mut top = f64::NEG_INFINITY;
        for (_, high, _) in &bounds {
            top = top.max(*high);
            self.tops.push(top);
        }
        self.bounds = bounds;
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        match &mut self.values {
            OpenValues::Numbers(values) => values.open_segment(reader)?,
            OpenValues::Distances(places, _) => places.open_segment(reader)?,
        }
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let (mut found, mut places) =
            (std::mem::take(&mut self.found), std::mem::take(&mut self.places));
        found.clear();
        places.clear();
        match &mut self.values {
            OpenValues::Numbers(values) => values.each(doc, score, |value| found.push(value))?,
            OpenValues::Distances(places, measure) => {
                places.each(doc, |place| found.push(measure.of(place)));
            }
        }
        found.sort_unstable_by(f64::total_cmp);
        let width = self.bounds.len();
        let base = owner as usize * width;
        let mut next = 0;
        for value in found.iter().copied() {
            self.shared.check()?;
            let (holding, after) = self.holding(value, next);
            next = after;
            places.extend(holding.filter(|place| {
                self.bounds.get(*place).is_some_and(|(low, high, _)| *low <= value && value < *high)
            }));
        }
        for place in places.iter().copied() {
            self.shared.check()?;
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
        (self.found, self.places) = (found, places);
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        self.shared.buckets(self.bounds.len())?;
        let mut buckets = BucketListing::new(self.definition.keyed);
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
                    if let Some(text) = self.shown(bound).filter(|_| bound.is_finite()) {
                        bucket.insert(format!("{name}_as_string"), text);
                    }
                }
            }
            bucket.insert("doc_count".into(), self.counts.get(number).copied().unwrap_or(0).into());
            self.subs.finish_into(u32::try_from(number).unwrap_or(u32::MAX), &mut bucket)?;
            buckets.push(|| key, bucket);
        }
        Ok(buckets.printed())
    }

    fn type_name(&self) -> &'static str {
        self.definition.type_name()
    }
}
