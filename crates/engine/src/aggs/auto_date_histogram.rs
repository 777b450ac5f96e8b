//! `auto_date_histogram`: intervals of time, as long as it takes for there to be few enough of them.
//!
//! How long is known only when all documents were seen. Where aggregations stand in its buckets, the documents are walked
//! over twice: first for the intervals alone (`SharedState::plan`).

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::date_histogram::{Interval, Rounding};
use super::shared::{Plan, SharedState};
use super::values::{ValueFormat, Values, ValuesSource, zone_option};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::exception::Exception;
use crate::mapping::date::DateFormat;
use crate::work::HeldMemory;
use jiff::Unit;

/// What a kept value takes.
const VALUE_BYTES: u64 = 12;

/// A unit, its letter, about how many milliseconds it has, and how many of them may be one interval.
struct IntervalStep {
    unit: Unit,
    letter: &'static str,
    milliseconds: i64,
    multiples: &'static [usize],
}

/// The intervals there may be. (`AutoDateHistogramAggregationBuilder.buildRoundings`.)
const STEPS: &[IntervalStep] = &[
    IntervalStep {
        unit: Unit::Second,
        letter: "s",
        milliseconds: 1000,
        multiples: &[1, 5, 10, 30],
    },
    IntervalStep {
        unit: Unit::Minute,
        letter: "m",
        milliseconds: 60_000,
        multiples: &[1, 5, 10, 30],
    },
    IntervalStep { unit: Unit::Hour, letter: "h", milliseconds: 3_600_000, multiples: &[1, 3, 12] },
    IntervalStep { unit: Unit::Day, letter: "d", milliseconds: 86_400_000, multiples: &[1, 7] },
    IntervalStep {
        unit: Unit::Month,
        letter: "M",
        milliseconds: 2_592_000_000,
        multiples: &[1, 3],
    },
    IntervalStep {
        unit: Unit::Year,
        letter: "y",
        milliseconds: 31_536_000_000,
        multiples: &[1, 5, 10, 20, 50, 100],
    },
];

impl IntervalStep {
    fn most(&self) -> usize {
        self.multiples.last().copied().unwrap_or(1)
    }
}

/// The names of `minimum_interval`.
const NAMES: &[&str] = &["second", "minute", "hour", "day", "month", "year"];

/// An `auto_date_histogram` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct AutoDateHistogram {
    source: ValuesSource,
    buckets: usize,
    /// The first of [`STEPS`] that may be taken.
    least: usize,
    roundings: Vec<Rounding>,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (options, name) = (body.options()?, body.name);
    let buckets = options.whole("buckets")?.unwrap_or(10);
    if buckets <= 0 {
        let cause =
            Exception::illegal_argument(format!("buckets must be greater than 0 for [{name}]"));
        return Err(options.failed("buckets", cause));
    }
    let most = super::BUCKETS_MAX as i64 / 100;
    if buckets > most {
        return Err(Exception::illegal_argument(format!("buckets must be less than {most}")));
    }
    let least = match options.text("minimum_interval")? {
        None => 0,
        Some(unit) => NAMES.iter().position(|name| *name == unit).ok_or_else(|| {
            let names = NAMES.join(", ");
            let cause =
                Exception::illegal_argument(format!("minimumInterval must be one of [{names}]"));
            options.failed("minimum_interval", cause)
        })?,
    };
    let zone = zone_option(&options)?;
    let histogram = AutoDateHistogram {
        source: ValuesSource::read_dates("auto_date_histogram", &options)?,
        buckets: usize::try_from(buckets).unwrap_or(10),
        least,
        roundings: STEPS
            .iter()
            .map(|step| Rounding::new(Interval::Calendar(step.unit), zone.clone()))
            .collect(),
    };
    options.finish()?;
    Ok(Arc::new(histogram))
}

impl AggregationDefinition for AutoDateHistogram {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        let zone = self.roundings.first().map(|rounding| rounding.zone().clone());
        Box::new(AutoDateCollector {
            values: Values::in_zone(
                self.source.clone(),
                zone.unwrap_or(jiff::tz::TimeZone::UTC),
                shared.work(),
            ),
            definition: self.clone(),
            serial: shared.serial(),
            subs,
            owners: Vec::new(),
            sofar: Vec::new(),
            counts: Vec::new(),
            shared: shared.clone(),
            held,
        })
    }

    fn intervals(&self) -> Option<u64> {
        Some(0)
    }

    fn surveys(&self) -> bool {
        true
    }
}

/// While it runs: all values by owner; on the second walk the buckets that were found.
struct AutoDateCollector {
    definition: AutoDateHistogram,
    values: Values,
    serial: usize,
    subs: SubAggregations,
    owners: Vec<Vec<i64>>,
    /// The intervals so far, by owner.
    sofar: Vec<IntervalsSoFar>,
    counts: Vec<u64>,
    shared: SharedState,
    held: HeldMemory,
}

/// The intervals that an owner's values were found in so far, as long as it takes for these: values of one document count
/// once within one of them, though they may end in one bucket that is longer. (`AutoDateHistogramAggregator`.)
#[derive(Default)]
struct IntervalsSoFar {
    /// Which of [`STEPS`], beyond the least that may be taken.
    step: usize,
    starts: HashSet<i64>,
    ends: Option<(i64, i64)>,
}

impl AutoDateCollector {
    /// The starts of an owner's buckets, and which interval they are of.
    fn plan(&self, owner: u32) -> Result<Plan, Exception> {
        let values = self.owners.get(owner as usize).map_or(&[][..], Vec::as_slice);
        let sorted = self.shared.work().sorted_by(values.to_vec(), i64::cmp)?;
        let (Some(first), Some(last)) = (sorted.first().copied(), sorted.last().copied()) else {
            let letter = STEPS.get(self.definition.least).map_or("s", |step| step.letter);
            return Ok(Plan { words: format!("1{letter}"), ..Plan::default() });
        };
        let step = self.step(first, last)?;
        let (Some(rounding), Some(own)) = (self.definition.roundings.get(step), STEPS.get(step))
        else {
            return Ok(Plan::default());
        };
        let mut starts = Vec::new();
        let (mut at, end) = (rounding.floor(first), rounding.floor(last));
        while at <= end {
            self.shared.check()?;
            starts.push(at as f64);
            self.shared.at_most(starts.len())?;
            let next = rounding.next(at);
            if next <= at {
                break;
            }
            at = next;
        }
        let wanted = self.definition.buckets;
        if starts.len() <= wanted {
            return Ok(Plan { starts, words: format!("1{}", own.letter), first: 0 });
        }
        let enough =
            own.multiples.iter().find(|multiple| starts.len().div_ceil(**multiple) <= wanted);
        let multiple = enough.copied().unwrap_or(1);
        let starts = starts.into_iter().step_by(multiple).collect();
        Ok(Plan { starts, words: format!("{multiple}{}", own.letter), first: 0 })
    }

    /// The first step of which few enough intervals hold all values.
    fn step(&self, first: i64, last: i64) -> Result<usize, Exception> {
        let (wanted, mut step) = (self.definition.buckets, self.definition.least);
        while let (Some(own), Some(rounding)) =
            (STEPS.get(step), self.definition.roundings.get(step))
        {
            if step + 1 == STEPS.len() {
                break;
            }
            self.shared.check()?;
            let most = wanted.saturating_mul(own.most());
            let (low, high) = (rounding.floor(first), rounding.floor(last));
            let width = high.saturating_sub(low);
            let widest = i64::try_from(most).unwrap_or(i64::MAX).saturating_mul(own.milliseconds);
            let mut intervals = 0usize;
            if width <= widest {
                // Those between the first and the last, of which empty ones count too.
                let mut at = low;
                while at < high && intervals <= most {
                    intervals += 1;
                    at = rounding.next(at).max(at.saturating_add(1));
                }
                intervals += 1;
            }
            if width <= widest && intervals <= most {
                break;
            }
            step += 1;
        }
        Ok(step)
    }

    /// Those of a document's values that count.
    fn counted(&mut self, place: usize, mut found: Vec<i64>) -> Result<Vec<i64>, Exception> {
        if self.sofar.len() <= place {
            let more = place + 1 - self.sofar.len();
            self.held.grow((more * size_of::<IntervalsSoFar>()) as u64)?;
            self.sofar.resize_with(place + 1, IntervalsSoFar::default);
        }
        let (definition, sofar) = (&self.definition, self.sofar.get_mut(place));
        let Some(sofar) = sofar else { return Ok(Vec::new()) };
        found.sort_unstable();
        let (mut counted, mut before) = (Vec::new(), None);
        for value in found {
            self.shared.check()?;
            let rounding = definition.roundings.get(definition.least + sofar.step);
            let start = rounding.map_or(value, |rounding| rounding.floor(value));
            if before.replace(start) == Some(start) {
                continue;
            }
            counted.push(value);
            if sofar.starts.insert(start) {
                self.held.grow(VALUE_BYTES)?;
                sofar.widen(start, definition);
            }
        }
        Ok(counted)
    }

    /// As a key is printed beside itself.
    fn text(&self, key: i64) -> Option<String> {
        match self.values.format() {
            ValueFormat::Date(format, zone) => Some(format.print_in(key, zone)),
            // Where no index has the field.
            _ if !self.values.is_mapped() => Some(DateFormat::default().print(key)),
            format => format.text(key as f64),
        }
    }
}

impl IntervalsSoFar {
    /// Takes the interval that begins at `start` in, and longer ones where there are too many now.
    fn widen(&mut self, start: i64, definition: &AutoDateHistogram) {
        let (low, high) = self.ends.unwrap_or((start, start));
        let (low, high) = (low.min(start), high.max(start));
        self.ends = Some((low, high));
        while let Some(own) = STEPS.get(definition.least + self.step) {
            let most = definition.buckets.saturating_mul(own.most());
            let widest = i64::try_from(most).unwrap_or(i64::MAX).saturating_mul(own.milliseconds);
            if self.starts.len() <= most && high.saturating_sub(low) <= widest {
                return;
            }
            let Some(rounding) = definition.roundings.get(definition.least + self.step + 1) else {
                return;
            };
            self.step += 1;
            self.starts = self.starts.iter().map(|start| rounding.floor(*start)).collect();
        }
    }
}

impl Collector for AutoDateCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.values.open_index(index, "auto_date_histogram")?;
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
        self.values.each(doc, score, |value| found.push(value as i64))?;
        let place = owner as usize;
        let found = self.counted(place, found)?;
        let Some(plan) = self.shared.plan(self.serial, owner) else {
            if self.owners.len() <= place {
                self.held.grow(((place + 1 - self.owners.len()) * size_of::<Vec<i64>>()) as u64)?;
                self.owners.resize_with(place + 1, Vec::new);
            }
            self.held.grow(found.len() as u64 * VALUE_BYTES)?;
            if let Some(kept) = self.owners.get_mut(place) {
                kept.extend(found);
            }
            return Ok(());
        };
        for value in found {
            self.shared.check()?;
            let bucket =
                plan.starts.partition_point(|start| *start <= value as f64).saturating_sub(1);
            let number = plan.first.saturating_add(u32::try_from(bucket).unwrap_or(u32::MAX));
            let at = number as usize;
            if self.counts.len() <= at {
                self.held.grow((at + 1 - self.counts.len()) as u64 * 8)?;
                self.counts.resize(at + 1, 0);
            }
            if let Some(count) = self.counts.get_mut(at) {
                *count += 1;
            }
            self.subs.collect(doc, score, number)?;
        }
        Ok(())
    }

    fn survey(&mut self) -> Result<(), Exception> {
        for owner in 0..u32::try_from(self.owners.len()).unwrap_or(0) {
            self.shared.set_plan(self.serial, owner, self.plan(owner)?);
        }
        // The second walk begins as the first.
        self.sofar.clear();
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let (plan, counts) = match self.shared.plan(self.serial, owner) {
            Some(plan) => {
                let numbers = plan.starts.iter().zip(plan.first as usize..);
                let counts: Vec<u64> =
                    numbers.map(|(_, at)| self.counts.get(at).copied().unwrap_or(0)).collect();
                (Plan::clone(&plan), counts)
            }
            None => {
                let plan = self.plan(owner)?;
                let mut counts = vec![0; plan.starts.len()];
                for value in self.owners.get(owner as usize).into_iter().flatten() {
                    let value = *value as f64;
                    let at = plan.starts.partition_point(|start| *start <= value).saturating_sub(1);
                    if let Some(count) = counts.get_mut(at) {
                        *count += 1;
                    }
                }
                (plan, counts)
            }
        };
        self.shared.buckets(plan.starts.len())?;
        let mut buckets = Vec::new();
        for ((start, count), number) in plan.starts.iter().zip(counts).zip(plan.first..) {
            let start = *start as i64;
            let mut bucket = Map::new();
            if let Some(text) = self.text(start) {
                bucket.insert("key_as_string".into(), text.into());
            }
            bucket.insert("key".into(), start.into());
            bucket.insert("doc_count".into(), count.into());
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        Ok(Map::from_iter([
            ("buckets".to_owned(), Value::Array(buckets)),
            ("interval".to_owned(), plan.words.into()),
        ]))
    }

    fn type_name(&self) -> &'static str {
        "auto_date_histogram"
    }
}
