//! What all aggregations of one search share: how they are called off, what their memory is taken from, how many
//! buckets they have printed, and what is known of the ordinals of the open segment.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tantivy::SegmentReader;
use tantivy::index::SegmentId;

use super::hashes::OrdinalHashes;
use super::profile::{AggregationMeter, Meters};
use crate::dsl::profile::Clock;
use crate::exception::{Exception, ExceptionKind};
use crate::work::{HeldMemory, Work};

/// What a collector itself takes: its columns, formats and tables. (Elasticsearch's breaker starts each with 5 KiB.)
const COLLECTOR_BYTES: u64 = 1024;
/// What a printed bucket takes beside what is in it: its object, key and count.
const BUCKET_BYTES: u64 = 640;
/// What a printed result takes, and each of its members.
const RESULT_BYTES: u64 = 512;
const MEMBER_BYTES: u64 = 160;

/// What was found out of one owner on the first walk: where its buckets start, how they are called, and the number of the
/// first of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) starts: Vec<f64>,
    pub(crate) words: String,
    pub(crate) first: u32,
}

/// The plans by aggregation and owner, and how many buckets each aggregation has by them.
#[derive(Clone, Default)]
pub(crate) struct Plans {
    by_owner: HashMap<(usize, u32), Rc<Plan>>,
    buckets: HashMap<usize, u32>,
}

/// A handle on it; there is one for each collector.
#[derive(Clone)]
pub(crate) struct SharedState(Rc<SharedStateInner>);

/// The hashes of one field on the open segment, for every collector that counts it.
pub(crate) type SharedHashes = Rc<RefCell<OrdinalHashes>>;

struct SharedStateInner {
    work: Work,
    /// The time of the search.
    now: Timestamp,
    buckets: Cell<usize>,
    answer: RefCell<HeldMemory>,
    /// How many aggregations were started.
    started: Cell<usize>,
    plans: RefCell<Plans>,
    /// By field: the segment they are of, and the hashes.
    hashes: RefCell<HashMap<String, (SegmentId, SharedHashes)>>,
    /// What measures the collectors, where asked for.
    meters: RefCell<Option<Meters>>,
}

impl SharedState {
    /// For one walk of a search.
    pub(crate) fn new(work: &Work, now: Timestamp, clock: Option<&Clock>) -> SharedState {
        SharedState(Rc::new(SharedStateInner {
            work: work.clone(),
            now,
            buckets: Cell::new(0),
            answer: RefCell::new(work.holds("<reduce_aggs>")),
            started: Cell::new(0),
            plans: RefCell::default(),
            hashes: RefCell::default(),
            meters: RefCell::new(clock.map(Meters::new)),
        }))
    }

    /// The aggregation `name` is being started.
    pub(super) fn begin_meter(&self, name: &str) {
        if let Some(meters) = self.0.meters.borrow_mut().as_mut() {
            meters.begin(name);
        }
    }

    /// The aggregation that was begun last is started: its meter, where there are meters.
    pub(super) fn end_meter(&self) -> Option<Rc<AggregationMeter>> {
        self.0.meters.borrow_mut().as_mut().and_then(Meters::end)
    }

    /// What was measured since this was asked last; `None` where nothing is.
    pub(super) fn measured(&self) -> Option<Value> {
        self.0.meters.borrow().as_ref().map(Meters::told)
    }

    /// The number of an aggregation that is being started: the same on each walk.
    pub(crate) fn serial(&self) -> usize {
        self.0.started.replace(self.0.started.get() + 1)
    }

    /// What an earlier walk found out for an owner of the aggregation number `serial`.
    pub(crate) fn plan(&self, serial: usize, owner: u32) -> Option<Rc<Plan>> {
        self.0.plans.borrow().by_owner.get(&(serial, owner)).cloned()
    }

    /// Keeps what was found out, unless it was before.
    pub(crate) fn set_plan(&self, serial: usize, owner: u32, plan: Plan) {
        let mut plans = self.0.plans.borrow_mut();
        if plans.by_owner.contains_key(&(serial, owner)) {
            return;
        }
        let first = plans.buckets.get(&serial).copied().unwrap_or(0);
        let count = u32::try_from(plan.starts.len()).unwrap_or(u32::MAX);
        plans.buckets.insert(serial, first.saturating_add(count));
        plans.by_owner.insert((serial, owner), Rc::new(Plan { first, ..plan }));
    }

    /// Takes over what earlier walks found out.
    pub(crate) fn know(&self, plans: Plans) {
        self.0.plans.replace(plans);
    }

    /// All that was found out.
    pub(crate) fn plans(&self) -> Plans {
        self.0.plans.borrow().clone()
    }

    /// One look at the cancel flag.
    #[inline]
    pub(crate) fn check(&self) -> Result<(), Exception> {
        self.0.work.check()
    }

    /// What the search runs with.
    pub(crate) fn work(&self) -> &Work {
        &self.0.work
    }

    /// The time of the search.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.now
    }

    /// The memory of the aggregation `name`, with what every collector takes.
    pub(crate) fn collector(&self, name: &str) -> Result<HeldMemory, Exception> {
        let mut held = self.0.work.holds(&format!("<agg [{name}]>"));
        held.grow(COLLECTOR_BYTES)?;
        Ok(held)
    }

    /// `count` more buckets are about to be printed, wherever in the tree.
    ///
    /// # Errors
    /// `too_many_buckets_exception` beyond [`Work::buckets_max`] over the whole answer; `circuit_breaking_exception`.
    pub(crate) fn buckets(&self, count: usize) -> Result<(), Exception> {
        let printed = self.0.buckets.get().saturating_add(count);
        self.0.buckets.set(printed);
        self.at_most(printed)?;
        self.0.answer.borrow_mut().grow(count as u64 * BUCKET_BYTES)
    }

    /// Whether `count` more buckets could be printed.
    ///
    /// # Errors
    /// `too_many_buckets_exception`.
    pub(crate) fn fits(&self, count: usize) -> Result<(), Exception> {
        self.at_most(self.0.buckets.get().saturating_add(count))
    }

    /// Refuses `count` buckets where that is too many.
    ///
    /// # Errors
    /// `too_many_buckets_exception`.
    pub(crate) fn at_most(&self, count: usize) -> Result<(), Exception> {
        let most = self.0.work.buckets_max;
        if count > most { Err(too_many_buckets(count, most)) } else { Ok(()) }
    }

    /// A result was printed.
    pub(crate) fn result(&self, result: &Map<String, Value>) -> Result<(), Exception> {
        self.0.answer.borrow_mut().grow(RESULT_BYTES + result.len() as u64 * MEMBER_BYTES)
    }

    /// The memory of everything that was printed, to be held as long as that.
    pub(crate) fn answer(&self) -> HeldMemory {
        self.0.answer.replace(self.0.work.holds("<reduce_aggs>"))
    }

    /// The hashes of the values of `field` on the segment of `reader`, for all who count them.
    pub(crate) fn hashes(
        &self,
        field: &str,
        reader: &SegmentReader,
        ordinals: usize,
    ) -> SharedHashes {
        let mut all = self.0.hashes.borrow_mut();
        if let Some((segment, hashes)) = all.get(field)
            && *segment == reader.segment_id()
        {
            return Rc::clone(hashes);
        }
        let hashes = OrdinalHashes::new(&self.0.work, field, ordinals);
        let hashes = Rc::new(RefCell::new(hashes));
        all.insert(field.to_owned(), (reader.segment_id(), Rc::clone(&hashes)));
        hashes
    }
}

/// The refusal of an answer with too many buckets.
fn too_many_buckets(count: usize, most: usize) -> Exception {
    Exception::new(
        ExceptionKind::TooManyBuckets,
        format!(
            "Trying to create too many buckets. Must be less than or equal to: [{most}] but was [{count}]. This limit \
             can be set by changing the [search.max_buckets] cluster level setting."
        ),
    )
    .with("max_buckets", most)
}
