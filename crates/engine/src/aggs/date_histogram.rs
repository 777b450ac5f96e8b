//! `date_histogram`: a bucket for every interval of time, fixed or by the calendar, in a time zone.

use std::sync::Arc;

use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Span, Timestamp, Unit};
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::buckets::{Buckets, Order, OrderKey, bad_interval, first, min_doc_count, parse_order};
use super::histogram::BucketListing;
use super::shared::SharedState;
use super::values::{ValueFormat, Values, ValuesSource, zone_option};
use super::{
    AggregationBody, AggregationDefinition, Block, Collector, Definition, IndexContext,
    SubAggregations,
};
use crate::column_block::NumberBlock;
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::mapping::date::DateFormat;
use crate::mapping::date::math as date_math;
use crate::value::time;
use crate::work::HeldMemory;

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
pub(super) struct Rounding {
    interval: Interval,
    zone: TimeZone,
    even: Option<EvenIntervals>,
}

/// Intervals of one length, in a zone whose offset never changes: they need no calendar.
#[derive(Clone, Copy, Debug)]
struct EvenIntervals {
    milliseconds: i64,
    /// How long before the beginning of time one of them begins.
    shift: i64,
}

const SECOND: i64 = 1000;
const DAY: i64 = 24 * 60 * 60 * SECOND;

impl EvenIntervals {
    /// The intervals, where they are so.
    fn of(interval: Interval, zone: &TimeZone) -> Option<EvenIntervals> {
        let offset = i64::from(zone.to_fixed_offset().ok()?.seconds()) * SECOND;
        let (milliseconds, shift) = match interval {
            Interval::Fixed(milliseconds) if milliseconds > 0 => (milliseconds, offset),
            Interval::Calendar(Unit::Second) => (SECOND, offset),
            Interval::Calendar(Unit::Minute) => (60 * SECOND, offset),
            Interval::Calendar(Unit::Hour) => (60 * 60 * SECOND, offset),
            Interval::Calendar(Unit::Day) => (DAY, offset),
            // The first of January 1970 was a Thursday.
            Interval::Calendar(Unit::Week) => (7 * DAY, offset + 3 * DAY),
            _ => return None,
        };
        Some(EvenIntervals { milliseconds, shift })
    }

    /// The start of the interval that holds `moment`; `None` near the ends of the calendar, which cuts intervals off.
    #[inline]
    fn floor(self, moment: i64) -> Option<i64> {
        let shifted = moment.checked_add(self.shift)?;
        let start = moment.checked_sub(shifted.rem_euclid(self.milliseconds))?;
        (is_in_calendar(moment) && is_in_calendar(start)).then_some(start)
    }

    /// The start of the next one.
    #[inline]
    fn next(self, start: i64) -> Option<i64> {
        let next = start.checked_add(self.milliseconds)?;
        (is_in_calendar(start) && is_in_calendar(next)).then_some(next)
    }
}

/// Whether a moment is one of the calendar's, and not within a day of its ends, where only one of two offsets has it.
fn is_in_calendar(moment: i64) -> bool {
    let first = Timestamp::MIN.as_millisecond() + DAY;
    (first..=Timestamp::MAX.as_millisecond() - DAY).contains(&moment)
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Interval {
    /// Milliseconds.
    Fixed(i64),
    /// A unit of the calendar; a quarter is three months.
    Calendar(Unit),
    Quarter,
    /// None was given.
    Absent,
}

/// Reads whichever of the three options is there.
fn interval(options: &Options<'_>) -> Result<Interval, Exception> {
    const KEYS: &[&str] = &["calendar_interval", "fixed_interval", "interval"];
    let mut given = options.entries().map(|(key, _)| key.as_str()).filter(|key| KEYS.contains(key));
    let Some(key) = given.next() else { return Ok(Interval::Absent) };
    if let Some(other) = given.next() {
        let cause = Exception::illegal_argument(format!(
            "Cannot use [{other}] with [{key}] configuration option."
        ));
        return Err(options.failed(other, cause));
    }
    let text = options.text(key)?.unwrap_or_default();
    match key {
        "calendar_interval" => calendar(&text).ok_or_else(|| {
            let cause = format!(
                "The supplied interval [{text}] could not be parsed as a calendar interval."
            );
            options.failed("calendar_interval", bad_interval(&cause))
        }),
        "fixed_interval" => fixed(&text).map_err(|cause| options.failed("fixed_interval", cause)),
        _ => calendar(&text).map_or_else(|| fixed(&text), Ok),
    }
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let source = ValuesSource::read_dates("date_histogram", &options)?;
    let interval = interval(&options)?;
    let zone = zone_option(&options)?;
    let order = match options.get("order") {
        Some(order) => parse_order(order).map_err(|cause| options.failed("order", cause))?,
        None => vec![Order { by: OrderKey::Key, descending: false }],
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
        rounding: Rounding::new(interval, zone),
        offset: offset_option(&options)?,
        min_doc_count: min_doc_count(&options, body.name)?,
        order,
        keyed: options.flag("keyed")?.unwrap_or(false),
        extended: bounds("extended_bounds")?,
        hard: bounds("hard_bounds")?,
    };
    options.finish()?;
    Ok(Arc::new(histogram))
}

impl AggregationDefinition for DateHistogramAggregation {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(DateHistogramCollector::new(self.clone(), subs, shared, held))
    }

    fn orders(&self) -> &[Order] {
        &self.order
    }

    fn intervals(&self) -> Option<u64> {
        Some(self.min_doc_count)
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
    Ok(Interval::Fixed(i64::try_from(interval).unwrap_or(i64::MAX)))
}

/// Reads `offset`, in milliseconds; 0 where none is given.
pub(super) fn offset_option(options: &Options<'_>) -> Result<i64, Exception> {
    options.text("offset")?.map_or(Ok(0), |text| offset(&text))
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
    /// To intervals in a time zone.
    pub(super) fn new(interval: Interval, zone: TimeZone) -> Rounding {
        let even = EvenIntervals::of(interval, &zone);
        Rounding { interval, zone, even }
    }

    /// To the interval that options ask for.
    pub(super) fn read(options: &Options<'_>, zone: TimeZone) -> Result<Rounding, Exception> {
        Ok(Rounding::new(interval(options)?, zone))
    }

    /// The time zone.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// What is found out only where documents are looked at.
    pub(super) fn check(&self) -> Result<(), Exception> {
        match self.interval {
            Interval::Absent => {
                Err(bad_interval("Invalid interval specified, must be non-null and non-empty"))
            }
            Interval::Fixed(0) => Err(bad_interval("Zero or negative time interval not supported")),
            _ => Ok(()),
        }
    }

    /// The start of the interval that holds `milliseconds`.
    pub(super) fn floor(&self, milliseconds: i64) -> i64 {
        if let Some(start) = self.even.and_then(|even| even.floor(milliseconds)) {
            return start;
        }
        match self.interval {
            Interval::Fixed(interval) => self.fixed_floor(milliseconds, interval),
            _ => self.calendar_floor(milliseconds).unwrap_or(milliseconds),
        }
    }

    /// Rounds the local time down; where that would step over a change of the offset, the moment of the change does
    /// instead. (`Rounding.TimeIntervalRounding`.)
    fn fixed_floor(&self, milliseconds: i64, interval: i64) -> i64 {
        let mut at = milliseconds;
        // A second change within one interval is as far as any zone has gone.
        for _ in 0..CHANGES_MAX {
            let local = at.saturating_add(self.shift(at));
            let rounded = local.div_euclid(interval.max(1)).saturating_mul(interval);
            if self.zone.to_fixed_offset().is_ok() {
                return rounded.saturating_sub(self.shift(at));
            }
            let Some(civil) = civil_of(rounded) else { return rounded };
            let change = self.change_before(at.saturating_add(1));
            let moments: Vec<i64> = match self.zone.to_ambiguous_timestamp(civil).offset() {
                AmbiguousOffset::Unambiguous { offset } => vec![moment(rounded, offset)],
                AmbiguousOffset::Fold { before, after } => {
                    vec![moment(rounded, after), moment(rounded, before)]
                }
                AmbiguousOffset::Gap { before, .. } => {
                    let behind = moment(rounded, before).saturating_add(1);
                    return self.change_before(behind).unwrap_or(rounded);
                }
            };
            let first = moments.first().copied().unwrap_or(rounded);
            let found = moments
                .iter()
                .find(|moment| **moment <= at || change.is_some_and(|change| **moment < change));
            let Some(found) = found.copied() else { return first };
            match change {
                Some(change) if found < change => at = change.saturating_sub(1),
                _ => return found,
            }
        }
        at
    }

    /// The last change of the zone's offset before `milliseconds`.
    fn change_before(&self, milliseconds: i64) -> Option<i64> {
        let at = Timestamp::from_millisecond(milliseconds).ok()?;
        let changes = self.zone.preceding(at).map(|change| change.timestamp().as_millisecond());
        let mut changes = changes.take(CHANGES_MAX);
        changes.find(|change| self.shift(*change) != self.shift(change.saturating_sub(1)))
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

    /// Up to where values are in the interval that begins at `start`: where the offset of the zone changes in a fixed
    /// interval, another one begins.
    fn end(&self, start: i64) -> i64 {
        let next = self.next(start);
        if !matches!(self.interval, Interval::Fixed(_)) || self.zone.to_fixed_offset().is_ok() {
            return next;
        }
        let at = Timestamp::from_millisecond(start).ok();
        let change = at.and_then(|at| self.zone.following(at).next());
        change.map_or(next, |change| next.min(change.timestamp().as_millisecond()))
    }

    /// The start of the next interval.
    pub(super) fn next(&self, start: i64) -> i64 {
        if let Some(next) = self.even.and_then(|even| even.next(start)) {
            return next;
        }
        let span = match self.interval {
            Interval::Absent => return i64::MAX,
            Interval::Fixed(interval) => {
                let local = start.saturating_add(interval).saturating_add(self.shift(start));
                let Some(civil) = civil_of(local) else { return i64::MAX };
                let next = civil.to_zoned_datetime(self.zone.clone());
                let next = next.map(|next| next.timestamp().as_millisecond());
                return next.unwrap_or(i64::MAX);
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

/// Most changes of a zone's offset that are looked at for one moment.
const CHANGES_MAX: usize = 100;

/// Milliseconds of local time as a date and a time.
fn civil_of(local: i64) -> Option<jiff::civil::DateTime> {
    let moment = Timestamp::from_millisecond(local).ok()?;
    Some(moment.to_zoned_datetime(TimeZone::UTC).datetime())
}

/// The moment of a local time at an offset.
fn moment(local: i64, offset: Offset) -> i64 {
    local.saturating_sub(i64::from(offset.seconds()) * 1000)
}

/// Intervals that values were found in, so that the calendar is asked once for each of them.
#[derive(Debug, Default)]
struct KnownIntervals {
    /// That of the last value: documents near each other often share it.
    last: (i64, i64),
    /// Starts and ends, in order.
    all: Vec<(i64, i64)>,
}

/// How many intervals are remembered.
const KNOWN_MAX: usize = 1024;

impl KnownIntervals {
    /// The start of the interval that holds `value`.
    #[inline]
    fn start(&mut self, value: i64, rounding: &Rounding) -> i64 {
        let (start, end) = self.last;
        if (start..end).contains(&value) { start } else { self.find(value, rounding) }
    }

    fn find(&mut self, value: i64, rounding: &Rounding) -> i64 {
        if let Some(even) = rounding.even
            && let Some(start) = even.floor(value)
        {
            self.last = (start, start.saturating_add(even.milliseconds));
            return start;
        }
        let after = self.all.partition_point(|(start, _)| *start <= value);
        let before = after.checked_sub(1).and_then(|before| self.all.get(before));
        if let Some((start, end)) = before.copied()
            && value < end
        {
            self.last = (start, end);
            return start;
        }
        let start = rounding.floor(value);
        self.last = (start, rounding.end(start));
        if self.all.len() >= KNOWN_MAX {
            self.all.clear();
        }
        let place = self.all.partition_point(|(known, _)| *known < start);
        self.all.insert(place, self.last);
        start
    }
}

/// A `date_histogram` while it runs; keys are the starts of intervals, before the offset.
pub(super) struct DateHistogramCollector {
    definition: DateHistogramAggregation,
    subs: SubAggregations,
    values: Values,
    numbers: NumberBlock,
    buckets: Buckets<i64>,
    keys: Vec<i64>,
    known: KnownIntervals,
    extended: (Option<i64>, Option<i64>),
    hard: Option<(i64, i64)>,
    /// Whether any index has the field.
    mapped: bool,
    shared: SharedState,
    /// Of the intervals of one document.
    held: HeldMemory,
}

impl DateHistogramCollector {
    pub(super) fn new(
        definition: DateHistogramAggregation,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> DateHistogramCollector {
        let zone = definition.rounding.zone.clone();
        let values = Values::in_zone(definition.source.clone(), zone, shared.work());
        let extended = (None, None);
        DateHistogramCollector {
            definition,
            subs,
            values,
            numbers: NumberBlock::default(),
            buckets: Buckets::new(held),
            keys: Vec::new(),
            known: KnownIntervals::default(),
            extended,
            hard: None,
            mapped: false,
            shared: shared.clone(),
            held: shared.work().holds("<agg [date_histogram]>"),
        }
    }

    fn place(&mut self, value: i64) -> i64 {
        let value = value.saturating_sub(self.definition.offset);
        self.known.start(value, &self.definition.rounding)
    }

    /// The intervals that the ranges of each document touch.
    fn collect_ranges(&mut self, block: Block<'_>) -> Result<(), Exception> {
        let mut keys = std::mem::take(&mut self.keys);
        for (doc, score, owner) in block.iter() {
            keys.clear();
            self.read_spans(doc, &mut keys)?;
            self.buckets.count_in(owner, &keys, |number| {
                self.shared.check()?;
                self.subs.collect(doc, score, number)
            })?;
        }
        self.keys = keys;
        Ok(())
    }

    /// Every interval that a range of the document touches.
    fn read_spans(&mut self, doc: DocId, keys: &mut Vec<i64>) -> Result<(), Exception> {
        let (least, most) = self.hard.unwrap_or((i64::MIN, i64::MAX));
        for (from, to) in self.values.spans(doc)? {
            let mut start = self.place((from as i64).max(least));
            let last = self.place((to as i64).min(most));
            if let Some(before) = keys.last() {
                start = start.max(self.definition.rounding.next(*before));
            }
            while start <= last {
                self.shared.check()?;
                self.held.grow(size_of::<i64>() as u64)?;
                keys.push(start);
                let next = self.definition.rounding.next(start);
                if next <= start {
                    break;
                }
                start = next;
            }
        }
        self.held.set(0)
    }

    /// A key as it is printed beside itself: dates are, numbers are not unless a format says so. Of an index without the
    /// field nothing is known but that it would be of dates.
    fn text(&self, key: i64) -> Option<String> {
        if !self.mapped && matches!(self.values.format(), ValueFormat::Raw) {
            return Some(DateFormat::default().print_in(key, &self.definition.rounding.zone));
        }
        self.values.format().text(key as f64)
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
        self.values.open_ranged(index, "date_histogram")?;
        self.definition.rounding.check()?;
        self.mapped |= self.values.is_mapped();
        if let Some((low, high)) = &self.definition.extended {
            self.extended = (self.bound(low.as_ref(), index)?, self.bound(high.as_ref(), index)?);
        }
        if let Some((low, high)) = &self.definition.hard {
            let low = self.bound(low.as_ref(), index)?.unwrap_or(i64::MIN);
            self.hard = Some((low, self.bound(high.as_ref(), index)?.unwrap_or(i64::MAX)));
        }
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
        self.collect_block(Block { docs: &[doc], scores: &[score], owners: &[owner] })
    }

    fn collect_block(&mut self, block: Block<'_>) -> Result<(), Exception> {
        if self.values.range().is_some() {
            return self.collect_ranges(block);
        }
        let mut rest = block;
        while !rest.docs.is_empty() {
            self.shared.check()?;
            let read = self.values.read(rest, &mut self.numbers)?;
            let mut last = None;
            for (at, value) in self.numbers.iter() {
                let value = (value as i64).saturating_sub(self.definition.offset);
                let start = self.known.start(value, &self.definition.rounding);
                let inside = |(low, high)| (low..high).contains(&start);
                // Values of one document that follow each other in one interval count once.
                if !self.hard.is_none_or(inside) || last == Some((at, start)) {
                    continue;
                }
                last = Some((at, start));
                let Some((doc, score, owner)) = rest.at(at) else { break };
                let number = self.buckets.near(owner, start, start as u64)?;
                self.buckets.add(number, 1);
                self.subs.collect(doc, score, number)?;
            }
            rest = rest.from(read);
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let (rounding, least) = (&self.definition.rounding, self.definition.min_doc_count);
        let bound = |bound: Option<i64>| bound.map(|bound| rounding.floor(bound));
        let bounds = (bound(self.extended.0), bound(self.extended.1));
        let next = |start| rounding.next(start);
        let mut listed = self.buckets.filled(owner, least, bounds, next, &self.shared)?;
        self.shared.buckets(listed.len())?;
        let (orders, work) = (&self.definition.order, self.shared.work());
        listed = first(listed, usize::MAX, orders, &mut self.subs, i64::cmp, work)?;
        let mut buckets = BucketListing::new(self.definition.keyed);
        for (start, count, number) in listed {
            let key = start.saturating_add(self.definition.offset);
            let mut bucket = Map::new();
            let text = self.text(key);
            let name = text.as_ref().filter(|_| self.definition.keyed).cloned();
            if let Some(text) = text {
                bucket.insert("key_as_string".into(), text.into());
            }
            bucket.insert("key".into(), key.into());
            bucket.insert("doc_count".into(), count.into());
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(|| name.unwrap_or_else(|| key.to_string()), bucket);
        }
        Ok(buckets.printed())
    }

    fn type_name(&self) -> &'static str {
        "date_histogram"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_one_length_are_those_of_the_calendar() {
        let zones = [TimeZone::UTC, TimeZone::fixed(jiff::tz::offset(-3))];
        let intervals = [Unit::Second, Unit::Minute, Unit::Hour, Unit::Day, Unit::Week]
            .map(Interval::Calendar)
            .into_iter()
            .chain(
                [1, 7, 250, 5 * 60 * SECOND, 6 * 60 * 60 * SECOND, 90 * DAY].map(Interval::Fixed),
            );
        let near = |moment: i64| {
            [-DAY, -7 * SECOND, -1, 0, 1, 999, DAY].map(|by| moment.saturating_add(by))
        };
        let (first, last) = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
        let moments = [0, -1, 86_399_999, 1_709_208_000_123, -62_135_596_800_000, first, last];
        let moments: Vec<i64> =
            moments.into_iter().chain([i64::MIN, i64::MAX]).flat_map(near).collect();
        for (interval, zone) in intervals.flat_map(|it| zones.clone().map(|zone| (it, zone))) {
            let even = Rounding::new(interval, zone);
            assert!(even.even.is_some());
            let asked = Rounding { even: None, ..even.clone() };
            for moment in &moments {
                let start = asked.floor(*moment);
                assert_eq!(even.floor(*moment), start, "{interval:?} {moment}");
                assert_eq!(even.next(start), asked.next(start), "{interval:?} {start}");
            }
        }
    }

    #[test]
    fn only_intervals_of_one_length_need_no_calendar() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert!(Rounding::new(Interval::Fixed(1), berlin).even.is_none());
        for interval in [Interval::Calendar(Unit::Month), Interval::Quarter, Interval::Absent] {
            assert!(Rounding::new(interval, TimeZone::UTC).even.is_none());
        }
    }
}
