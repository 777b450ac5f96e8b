//! `histogram`: a bucket for every interval of numbers.

use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::buckets::{Buckets, Order, OrderKey, bad_interval, first, min_doc_count, parse_order};
use super::shared::SharedState;
use super::values::{Values, ValuesSource};
use super::{
    AggregationBody, AggregationDefinition, Block, Collector, Definition, IndexContext,
    SubAggregations,
};
use crate::column_block::NumberBlock;
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::mapping::histogram::CountedValue;
use crate::place::Whereabouts;
use crate::value::java::java_double;
use crate::work::HeldMemory;

/// A `histogram` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct HistogramAggregation {
    source: ValuesSource,
    interval: f64,
    offset: f64,
    min_doc_count: u64,
    order: Vec<Order>,
    keyed: bool,
    extended: Option<(f64, f64)>,
    hard: Option<(f64, f64)>,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let source = ValuesSource::read("histogram", &options)?;
    let interval = options.double("interval")?;
    if interval.is_some_and(|interval| !(interval > 0.0 && interval.is_finite())) {
        let name = body.name;
        let words = format!("[interval] must be >0 for histogram aggregation [{name}]");
        return Err(options.failed("interval", bad_interval(&words)));
    }
    let order = match options.get("order") {
        Some(order) => parse_order(order).map_err(|cause| options.failed("order", cause))?,
        None => vec![Order { by: OrderKey::Key, descending: false }],
    };
    let bounds = |key: &str, low: f64, high: f64| -> Result<Option<(f64, f64)>, Exception> {
        let Some(value) = options.get(key) else { return Ok(None) };
        let inner = Options::declared("double_bounds", value)?;
        let pair = (inner.double("min")?.unwrap_or(low), inner.double("max")?.unwrap_or(high));
        inner.finish()?;
        if pair.0.is_finite() && pair.1.is_finite() && pair.0 > pair.1 {
            let (min, max) = pair;
            let cause = Exception::illegal_argument(format!(
                "max bound [{max:?}] must be greater than min bound [{min:?}]"
            ));
            return Err(options.failed(key, unbuilt("double_bounds", cause)));
        }
        Ok(Some(pair))
    };
    let histogram = HistogramAggregation {
        source,
        interval: interval.unwrap_or(0.0),
        offset: options.double("offset")?.unwrap_or(0.0),
        min_doc_count: min_doc_count(&options, body.name)?,
        order,
        keyed: options.flag("keyed")?.unwrap_or(false),
        extended: bounds("extended_bounds", f64::INFINITY, f64::NEG_INFINITY)?,
        hard: bounds("hard_bounds", f64::NEG_INFINITY, f64::INFINITY)?,
    };
    options.finish()?;
    Ok(Arc::new(histogram))
}

/// The refusal of an object whose values do not go together.
pub(super) fn unbuilt(what: &str, cause: Exception) -> Exception {
    let reason = format!("Failed to build [{what}] after last required field arrived");
    let unbuilt = Exception::new(ExceptionKind::XContentParse, reason);
    unbuilt.somewhere(Whereabouts::Untold).caused_by(cause)
}

impl HistogramAggregation {
    /// The number of the interval that holds `value`.
    #[inline]
    fn place(&self, value: f64) -> i64 {
        let place = (value - self.offset) / self.interval;
        let whole = place as i64;
        // As `floor` rounds, which old processors have no instruction for.
        if whole as f64 > place { whole.saturating_sub(1) } else { whole }
    }

    /// The start of an interval.
    fn key(&self, place: i64) -> f64 {
        place as f64 * self.interval + self.offset
    }

    /// Whether an interval is inside the hard bounds, if there are any.
    fn is_inside(&self, place: i64) -> bool {
        self.hard.is_none_or(|(low, high)| (low..=high).contains(&self.key(place)))
    }

    /// What is found out only where documents are looked at.
    fn check(&self) -> Result<(), Exception> {
        if self.interval <= 0.0 {
            return Err(bad_interval(&format!(
                "interval must be positive, got: {:?}",
                self.interval
            )));
        }
        let (Some((low, high)), Some((least, most))) = (self.extended, self.hard) else {
            return Ok(());
        };
        let inside = (low.is_infinite() || low >= least) && (high.is_infinite() || high <= most);
        if inside {
            return Ok(());
        }
        Err(Exception::illegal_argument(format!(
            "Extended bounds have to be inside hard bounds, hard bounds: [{least:?}--{most:?}], extended bounds: \
             [{low:?}--{high:?}]"
        )))
    }
}

impl AggregationDefinition for HistogramAggregation {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(HistogramCollector::new(self.clone(), subs, shared, held))
    }

    fn orders(&self) -> &[Order] {
        &self.order
    }

    fn intervals(&self) -> Option<u64> {
        Some(self.min_doc_count)
    }
}

/// A `histogram` while it runs; keys are the numbers of intervals.
pub(super) struct HistogramCollector {
    definition: HistogramAggregation,
    subs: SubAggregations,
    values: Values,
    numbers: NumberBlock,
    buckets: Buckets<i64>,
    keys: Vec<i64>,
    shared: SharedState,
    /// Of the intervals of one document.
    held: HeldMemory,
}

impl HistogramCollector {
    pub(super) fn new(
        definition: HistogramAggregation,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> HistogramCollector {
        let values = Values::new(definition.source.clone(), shared.work());
        HistogramCollector {
            definition,
            subs,
            values,
            numbers: NumberBlock::default(),
            buckets: Buckets::new(held),
            keys: Vec::new(),
            shared: shared.clone(),
            held: shared.work().holds("<agg [histogram]>"),
        }
    }

    fn place(&self, value: f64) -> i64 {
        self.definition.place(value)
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

    /// The intervals of what the histogram of each document counted; a document is in one as often as it counted there.
    fn collect_histograms(&mut self, block: Block<'_>) -> Result<(), Exception> {
        for (doc, score, owner) in block.iter() {
            for CountedValue { value, count } in self.values.counted(doc)? {
                self.shared.check()?;
                let place = self.definition.place(value);
                if !self.definition.is_inside(place) {
                    continue;
                }
                let number = self.buckets.near(owner, place, place as u64)?;
                self.buckets.add(number, count.into());
                self.subs.collect(doc, score, number)?;
            }
        }
        Ok(())
    }

    /// Every interval that a range of the document touches.
    fn read_spans(&mut self, doc: DocId, keys: &mut Vec<i64>) -> Result<(), Exception> {
        let (least, most) = self.definition.hard.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        for (from, to) in self.values.spans(doc)? {
            let (mut place, last) = (self.place(from.max(least)), self.place(to.min(most)));
            if let Some(before) = keys.last() {
                place = place.max(before.saturating_add(1));
            }
            while place <= last {
                self.shared.check()?;
                self.held.grow(size_of::<i64>() as u64)?;
                keys.push(place);
                place = place.saturating_add(1);
                if place == i64::MAX {
                    break;
                }
            }
        }
        self.held.set(0)
    }

    fn key(&self, place: i64) -> f64 {
        self.definition.key(place)
    }
}

impl Collector for HistogramCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.values.open_ranged(index, "histogram")?;
        self.definition.check()?;
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
        if self.values.is_histogram() {
            return self.collect_histograms(block);
        }
        let mut rest = block;
        while !rest.docs.is_empty() {
            self.shared.check()?;
            let read = self.values.read(rest, &mut self.numbers)?;
            let (has_bounds, has_subs) = (self.definition.hard.is_some(), !self.subs.is_empty());
            let mut last = None;
            for (at, value) in self.numbers.iter() {
                let place = self.definition.place(value);
                // Values of one document that follow each other in one interval count once.
                if last == Some((at, place)) || has_bounds && !self.definition.is_inside(place) {
                    continue;
                }
                last = Some((at, place));
                let Some(owner) = rest.owners.get(at as usize) else { break };
                let number = self.buckets.near(*owner, place, place as u64)?;
                self.buckets.add(number, 1);
                if has_subs && let Some((doc, score, _)) = rest.at(at) {
                    self.subs.collect(doc, score, number)?;
                }
            }
            rest = rest.from(read);
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let bound = |bound: f64| bound.is_finite().then(|| self.place(bound));
        let bounds = self.definition.extended.map(|(low, high)| (bound(low), bound(high)));
        let next = |place: i64| place.saturating_add(1);
        let (least, bounds) = (self.definition.min_doc_count, bounds.unwrap_or_default());
        let mut listed = self.buckets.filled(owner, least, bounds, next, &self.shared)?;
        self.shared.buckets(listed.len())?;
        let (orders, work) = (&self.definition.order, self.shared.work());
        listed = first(listed, usize::MAX, orders, &mut self.subs, i64::cmp, work)?;
        let mut buckets = BucketListing::new(self.definition.keyed);
        for (place, count, number) in listed {
            let key = self.key(place);
            let mut bucket = Map::new();
            let text = self.values.text(key);
            let name = text.as_ref().and_then(Value::as_str).filter(|_| self.definition.keyed);
            let name = name.map(str::to_owned);
            if let Some(text) = text {
                bucket.insert("key_as_string".into(), text);
            }
            bucket.insert("key".into(), key.into());
            bucket.insert("doc_count".into(), count.into());
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(|| name.unwrap_or_else(|| java_double(key)), bucket);
        }
        Ok(buckets.printed())
    }

    fn type_name(&self) -> &'static str {
        "histogram"
    }
}

/// Buckets as a list, or by their names, which are made where they are printed.
pub(super) enum BucketListing {
    List(Vec<Value>),
    ByName(Map<String, Value>),
}

impl BucketListing {
    /// None yet.
    pub(super) fn new(keyed: bool) -> BucketListing {
        if keyed { BucketListing::ByName(Map::new()) } else { BucketListing::List(Vec::new()) }
    }

    /// Adds a bucket, whose name `name` tells.
    pub(super) fn push(&mut self, name: impl FnOnce() -> String, bucket: Map<String, Value>) {
        match self {
            BucketListing::List(buckets) => buckets.push(Value::Object(bucket)),
            BucketListing::ByName(buckets) => {
                buckets.insert(name(), Value::Object(bucket));
            }
        }
    }

    /// What is printed.
    pub(super) fn printed(self) -> Map<String, Value> {
        let buckets = match self {
            BucketListing::List(buckets) => Value::Array(buckets),
            BucketListing::ByName(buckets) => Value::Object(buckets),
        };
        Map::from_iter([("buckets".to_owned(), buckets)])
    }
}
