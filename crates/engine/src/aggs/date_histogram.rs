//! `date_histogram`: a bucket for every interval of time, fixed or by the calendar, in a time zone.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Unit};
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::buckets::{Buckets, By, Order, bad_interval, first, parse_order};
use super::histogram::listing;
use super::shared::Shared;
use super::values::{Values, ValuesSource};
use super::{AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, Subs};
use crate::dsl::date_math;
use crate::dsl::options::Options;
use crate::dsl::range::time_zone;
use crate::exception::Exception;
use crate::mapping::date::DateFormat;
use crate::value::time;
use crate::work::Held;

/// A `date_histogram` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct DateHistogramAggregation {
    source: ValuesSource,
    rounding: Rounding,
    offset: i64,
    min_doc_count: u64,
    order: Vec<Order>,
    keyed: bool,
    extended: Option<Bounds>,
    hard: Option<Bounds>,
}

/// The least and the greatest, where given.
type Bounds = (Option<Value>, Option<Value>);

/// How a moment becomes the start of its interval.
#[derive(Clone, Debug)]
struct Rounding {
    interval: Interval,
    zone: TimeZone,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Interval {
    /// Milliseconds.
    Fixed(i64),
    /// A unit of the calendar; a quarter is three months.
    Calendar(Unit),
    Quarter,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let source = ValuesSource::read("date_histogram", &options)?;
    let given: Vec<(&str, Option<String>)> = ["calendar_interval", "fixed_interval", "interval"]
        .into_iter()
        .map(|key| Ok((key, options.text(key)?)))
        .collect::<Result<_, Exception>>()?;
    let mut given = given.into_iter().filter_map(|(key, text)| Some((key, text?)));
    let Some((key, text)) = given.next() else {
        return Err(Exception::illegal_argument(
            "Invalid interval specified, must be non-null and non-empty",
        ));
    };
    if let Some((other, _)) = given.next() {
        return Err(Exception::illegal_argument(format!(
            "Cannot use [{other}] with [{key}] configuration option."
        )));
    }
    let interval = match key {
        "calendar_interval" => calendar(&text).ok_or_else(|| {
            let cause = format!(
                "The supplied interval [{text}] could not be parsed as a calendar interval."
            );
            options.failed("calendar_interval", bad_interval(&cause))
        })?,
        "fixed_interval" => {
            fixed(&text).map_err(|cause| options.failed("fixed_interval", cause))?
        }
        _ => match calendar(&text) {
            Some(interval) => interval,
            None => fixed(&text)?,
        },
    };
    let zone = match options.text("time_zone")? {
        Some(name) => time_zone(&name)?,
        None => TimeZone::UTC,
    };
    let order = match options.get("order") {
        Some(order) => parse_order(order)?,
        None => vec![Order { by: By::Key, descending: false }],
    };
    let bounds = |key: &str| -> Result<Option<Bounds>, Exception> {
        let Some(value) = options.get(key) else { return Ok(None) };
        let inner = Options::declared("date_histogram", value)?;
        let pair = (inner.get("min").cloned(), inner.get("max").cloned());
        inner.finish()?;
        Ok(Some(pair))
    };
    let histogram = DateHistogramAggregation {
        source,
        rounding: Rounding { interval, zone },
        offset: match options.text("offset")? {
            Some(text) => offset(&text)?,
            None => 0,
        },
        min_doc_count: options.count("min_doc_count")?.unwrap_or(0).into(),
        order,
        keyed: options.flag("keyed")?.unwrap_or(false),
        extended: bounds("extended_bounds")?,
        hard: bounds("hard_bounds")?,
    };
    options.finish()?;
    Ok(Arc::new(histogram))
}

impl AggregationDefinition for DateHistogramAggregation {
    fn start(&self, subs: Subs, shared: &Shared, held: Held) -> Box<dyn Collector> {
        Box::new(DateHistogramCollector::new(self.clone(), subs, shared, held))
    }
}

fn calendar(text: &str) -> Option<Interval> {
    Some(match text {
        "second" | "1s" => Interval::Calendar(Unit::Second),
        "minute" | "1m" => Interval::Calendar(Unit::Minute),
        "hour" | "1h" => Interval::Calendar(Unit::Hour),
        "day" | "1d" => Interval::Calendar(Unit::Day),
        "week" | "1w" => Interval::Calendar(Unit::Week),
        "month" | "1M" => Interval::Calendar(Unit::Month),
        "quarter" | "1q" => Interval::Quarter,
        "year" | "1y" => Interval::Calendar(Unit::Year),
        _ => return None,
    })
}

fn fixed(text: &str) -> Result<Interval, Exception> {
    let interval = time::milliseconds("date_histogram.fixedInterval", text)?;
    match i64::try_from(interval) {
        Ok(interval) if interval > 0 => Ok(Interval::Fixed(interval)),
        _ => {
            Err(bad_interval(&format!("[{text}] is not an interval: it must be greater than zero")))
        }
    }
}

fn offset(text: &str) -> Result<i64, Exception> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    match text.parse::<i64>() {
        Ok(milliseconds) => Ok(sign * milliseconds),
        Err(_) => match fixed(text)? {
            Interval::Fixed(milliseconds) => Ok(sign * milliseconds),
            _ => Ok(0),
        },
    }
}

impl Rounding {
    /// The start of the interval that holds `milliseconds`.
    fn floor(&self, milliseconds: i64) -> i64 {
        let interval = match self.interval {
            Interval::Fixed(interval) => interval,
            Interval::Calendar(_) | Interval::Quarter => {
                return self.calendar_floor(milliseconds).unwrap_or(milliseconds);
            }
        };
        let shift = self.shift(milliseconds);
        (milliseconds.saturating_add(shift))
            .div_euclid(interval)
            .saturating_mul(interval)
            .saturating_sub(shift)
    }

    /// The zone's offset from UTC then, in milliseconds.
    fn shift(&self, milliseconds: i64) -> i64 {
        let moment = Timestamp::from_millisecond(milliseconds);
        moment.map_or(0, |moment| i64::from(self.zone.to_offset(moment).seconds()) * 1000)
    }

    fn calendar_floor(&self, milliseconds: i64) -> Option<i64> {
        let moment =
            Timestamp::from_millisecond(milliseconds).ok()?.to_zoned_datetime(self.zone.clone());
        let start = match self.interval {
            Interval::Calendar(unit) => date_math::floor(&moment, unit)?,
            _ => {
                let month = date_math::floor(&moment, Unit::Month)?;
                let back = i64::from((month.month() - 1) % 3);
                month.checked_sub(Span::new().try_months(back).ok()?).ok()?
            }
        };
        Some(start.timestamp().as_millisecond())
    }

    /// The start of the next interval.
    fn next(&self, start: i64) -> i64 {
        let span = match self.interval {
            Interval::Fixed(interval) => {
                return self.floor(start.saturating_add(interval)).max(start.saturating_add(1));
            }
            Interval::Quarter => Span::new().try_months(3),
            Interval::Calendar(unit) => match unit {
                Unit::Year => Span::new().try_years(1),
                Unit::Month => Span::new().try_months(1),
                Unit::Week => Span::new().try_weeks(1),
                Unit::Day => Span::new().try_days(1),
                Unit::Hour => Span::new().try_hours(1),
                Unit::Minute => Span::new().try_minutes(1),
                _ => Span::new().try_seconds(1),
            },
        };
        let moment = Timestamp::from_millisecond(start)
            .map(|moment| moment.to_zoned_datetime(self.zone.clone()));
        match (moment, span) {
            (Ok(moment), Ok(span)) => {
                moment.checked_add(span).map_or(i64::MAX, |next| next.timestamp().as_millisecond())
            }
            _ => i64::MAX,
        }
    }
}

/// A `date_histogram` while it runs; keys are the starts of intervals, before the offset.
pub(super) struct DateHistogramCollector {
    definition: DateHistogramAggregation,
    subs: Subs,
    values: Values,
    buckets: Buckets<i64>,
    keys: Vec<i64>,
    /// The interval of the last value: documents near each other often share it.
    last: Option<(i64, i64)>,
    extended: (Option<i64>, Option<i64>),
    hard: Option<(i64, i64)>,
    shared: Shared,
}

impl DateHistogramCollector {
    pub(super) fn new(
        definition: DateHistogramAggregation,
        subs: Subs,
        shared: &Shared,
        held: Held,
    ) -> DateHistogramCollector {
        let values = Values::new(definition.source.clone());
        let extended = (None, None);
        DateHistogramCollector {
            definition,
            subs,
            values,
            buckets: Buckets::new(held),
            keys: Vec::new(),
            last: None,
            extended,
            hard: None,
            shared: shared.clone(),
        }
    }

    fn place(&mut self, value: i64) -> i64 {
        let value = value.saturating_sub(self.definition.offset);
        if let Some((start, end)) = self.last
            && (start..end).contains(&value)
        {
            return start;
        }
        let start = self.definition.rounding.floor(value);
        self.last = Some((start, self.definition.rounding.next(start)));
        start
    }

    fn bound(
        &self,
        value: Option<&Value>,
        index: &IndexContext<'_>,
    ) -> Result<Option<i64>, Exception> {
        let Some(value) = value else { return Ok(None) };
        let standard = DateFormat::default();
        let format = self.values.date_format().unwrap_or(&standard);
        if let Some(milliseconds) = value.as_i64() {
            return Ok(Some(milliseconds));
        }
        let text = crate::value::scalar::plain(value);
        date_math::resolve(&text, format, false, &self.definition.rounding.zone, index.now)
            .map(Some)
    }
}

impl Collector for DateHistogramCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.values.open_index(index, "date_histogram")?;
        if let Some((low, high)) = &self.definition.extended {
            self.extended = (self.bound(low.as_ref(), index)?, self.bound(high.as_ref(), index)?);
        }
        if let Some((low, high)) = &self.definition.hard {
            let low = self.bound(low.as_ref(), index)?.unwrap_or(i64::MIN);
            self.hard = Some((low, self.bound(high.as_ref(), index)?.unwrap_or(i64::MAX)));
        }
        self.subs.open_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.values.open_segment(reader)?;
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        self.values.each(doc, |value| keys.push(value as i64));
        for key in &mut keys {
            *key = self.place(*key);
        }
        if let Some((low, high)) = self.hard {
            keys.retain(|key| (low..high).contains(key));
        }
        keys.dedup();
        let counted = self.buckets.count_in(owner, &keys, |number| {
            self.shared.check()?;
            self.subs.collect(doc, score, number)
        });
        self.keys = keys;
        counted
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let (rounding, least) = (&self.definition.rounding, self.definition.min_doc_count);
        let bound = |bound: Option<i64>| bound.map(|bound| rounding.floor(bound));
        let bounds = (bound(self.extended.0), bound(self.extended.1));
        let mut listed = self.buckets.filled(owner, least, bounds, |start| rounding.next(start))?;
        self.shared.buckets(listed.len())?;
        let (orders, work) = (&self.definition.order, self.shared.work());
        listed = first(listed, usize::MAX, orders, &mut self.subs, i64::cmp, work)?;
        let standard = DateFormat::default();
        let format = self.values.date_format().cloned().unwrap_or(standard);
        let mut buckets = Vec::new();
        for (start, count, number) in listed {
            let key = start.saturating_add(self.definition.offset);
            let text = format.print_in(key, &self.definition.rounding.zone);
            let mut bucket = Map::new();
            bucket.insert("key_as_string".into(), text.clone().into());
            bucket.insert("key".into(), key.into());
            bucket.insert("doc_count".into(), count.into());
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push((text, Value::Object(bucket)));
        }
        Ok(listing(buckets, self.definition.keyed))
    }

    fn sort_value(&mut self, _: u32, _: &[&str]) -> Result<Option<f64>, Exception> {
        Ok(None)
    }

    fn type_name(&self) -> &'static str {
        "date_histogram"
    }
}
