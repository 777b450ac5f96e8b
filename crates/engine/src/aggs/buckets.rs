//! Buckets by key, for every owner, and the order they are printed in.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;

use serde_json::Value;

use super::SubAggregations;
use super::path::AggregationPath;
use super::shared::SharedState;
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::key_hash::KeyHashes;
use crate::work::{HeldMemory, Work};

/// What a bucket takes while it is gathered: its key and number, twice, and its count, with the slack of tables.
const BUCKET_BYTES: u64 = 160;
/// What an owner takes.
const OWNER_BYTES: u64 = 24;

/// Buckets by owner and key; a bucket's number is the owner of what is inside it.
pub(crate) struct Buckets<K> {
    numbers: HashMap<(u32, K), u32, KeyHashes>,
    counts: Vec<u64>,
    owners: Vec<Vec<(K, u32)>>,
    /// Buckets that were asked for before, each at the place that its key and its owner give.
    near: Vec<Option<(u32, K, u32)>>,
    held: HeldMemory,
}

/// How many buckets are found without asking the table.
const NEAR: usize = 512;

impl<K: Copy + Eq + Hash> Buckets<K> {
    /// None yet; their memory is `held`'s.
    pub(crate) fn new(held: HeldMemory) -> Buckets<K> {
        Buckets {
            numbers: HashMap::default(),
            counts: Vec::new(),
            owners: Vec::new(),
            near: Vec::new(),
            held,
        }
    }

    /// The number of the bucket `key` of `owner`, made when it is new.
    pub(crate) fn number(&mut self, owner: u32, key: K) -> Result<u32, Exception> {
        if let Some(known) = self.numbers.get(&(owner, key)) {
            return Ok(*known);
        }
        let number = self.unfound(owner, key)?;
        self.numbers.insert((owner, key), number);
        Ok(number)
    }

    /// A new bucket, which is not found by its key before those of its owner are called by others ([`Buckets::rename`]).
    pub(crate) fn unfound(&mut self, owner: u32, key: K) -> Result<u32, Exception> {
        self.held.grow(BUCKET_BYTES)?;
        let number = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
        self.counts.push(0);
        let place = owner as usize;
        if self.owners.len() <= place {
            self.held.grow((place + 1 - self.owners.len()) as u64 * OWNER_BYTES)?;
            self.owners.resize_with(place + 1, Vec::new);
        }
        if let Some(listed) = self.owners.get_mut(place) {
            listed.push((key, number));
        }
        Ok(number)
    }

    /// As [`Buckets::number`], the faster the more often a bucket is asked for; `spread` differs where keys do.
    #[inline]
    pub(crate) fn near(&mut self, owner: u32, key: K, spread: u64) -> Result<u32, Exception> {
        if self.near.is_empty() {
            self.held.grow((NEAR * size_of::<Option<(u32, K, u32)>>()) as u64)?;
            self.near.resize(NEAR, None);
        }
        let mixed = spread.wrapping_add(u64::from(owner).wrapping_mul(0x9e37_79b9));
        let place = (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize % NEAR;
        if let Some(Some((its_owner, its_key, number))) = self.near.get(place)
            && (*its_owner, *its_key) == (owner, key)
        {
            return Ok(*number);
        }
        let number = self.number(owner, key)?;
        if let Some(place) = self.near.get_mut(place) {
            *place = Some((owner, key, number));
        }
        Ok(number)
    }

    /// Calls the buckets of `owner` by other keys: by those at their places in `keys`. No two of them are the same.
    pub(crate) fn rename(&mut self, owner: u32, keys: &[K]) {
        self.near.fill(None);
        let Some(listed) = self.owners.get_mut(owner as usize) else { return };
        for (key, _) in listed.iter() {
            self.numbers.remove(&(owner, *key));
        }
        for ((known, number), key) in listed.iter_mut().zip(keys) {
            *known = *key;
            self.numbers.insert((owner, *key), *number);
        }
    }

    /// Counts `count` more documents.
    #[inline]
    pub(crate) fn add(&mut self, number: u32, count: u64) {
        if let Some(known) = self.counts.get_mut(number as usize) {
            *known += count;
        }
    }

    pub(crate) fn count(&self, number: u32) -> u64 {
        self.counts.get(number as usize).copied().unwrap_or(0)
    }

    /// The buckets of `owner`, unordered.
    pub(crate) fn of(&self, owner: u32) -> &[(K, u32)] {
        self.owners.get(owner as usize).map_or(&[], Vec::as_slice)
    }

    /// A number no bucket has, for what is empty.
    pub(crate) fn nowhere(&self) -> u32 {
        u32::MAX
    }
}

impl Buckets<i64> {
    /// Counts a document in the buckets `keys` of `owner`, and hands the number of each to `inside`.
    #[inline]
    pub(crate) fn count_in(
        &mut self,
        owner: u32,
        keys: &[i64],
        mut inside: impl FnMut(u32) -> Result<(), Exception>,
    ) -> Result<(), Exception> {
        for key in keys {
            let number = self.number(owner, *key)?;
            self.add(number, 1);
            inside(number)?;
        }
        Ok(())
    }

    /// The buckets of `owner` with at least `least` documents, in order of their keys. With `least` 0 there are none
    /// missing between the first and the last, nor up to the bounds where those lie outside.
    pub(crate) fn filled(
        &self,
        owner: u32,
        least: u64,
        bounds: (Option<i64>, Option<i64>),
        next: impl Fn(i64) -> i64,
        shared: &SharedState,
    ) -> Result<Vec<(i64, u64, u32)>, Exception> {
        let mut known: Vec<(i64, u64, u32)> = Vec::new();
        for (key, number) in self.of(owner) {
            known.push((*key, self.count(*number), *number));
        }
        known.sort_unstable();
        if least > 0 {
            known.retain(|(_, count, _)| *count >= least);
            return Ok(known);
        }
        let mut filled = Vec::with_capacity(known.len());
        // From `start` on, up to `end`, which is left out.
        let fill = |filled: &mut Vec<_>, start: i64, end: i64| -> Result<(), Exception> {
            let mut start = start;
            while start < end {
                filled.push((start, 0, self.nowhere()));
                shared.at_most(filled.len())?;
                let after = next(start);
                if after <= start {
                    // The end of numbers, or of time: there is no next interval.
                    break;
                }
                start = after;
            }
            Ok(())
        };
        let beyond = |bound: i64| bound.saturating_add(1);
        match (known.first(), bounds) {
            (None, (Some(low), Some(high))) => fill(&mut filled, low, beyond(high))?,
            (Some((first, ..)), (Some(low), _)) => fill(&mut filled, low, *first)?,
            _ => {}
        }
        let mut last = None;
        for bucket in known {
            if let Some(last) = last {
                fill(&mut filled, next(last), bucket.0)?;
            }
            last = Some(bucket.0);
            filled.push(bucket);
        }
        if let (Some(last), Some(high)) = (last, bounds.1)
            && high > last
        {
            fill(&mut filled, next(last), beyond(high))?;
        }
        shared.at_most(filled.len())?;
        Ok(filled)
    }
}

/// What buckets are ordered by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum OrderKey {
    Count,
    Key,
    /// A metric inside: `stats.avg`, `inner>max`.
    Metric(AggregationPath),
}

/// One order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) by: OrderKey,
    pub(crate) descending: bool,
}

/// Reads `order`: an object, of which the last key counts, or a list of those.
pub(crate) fn parse_order(value: &Value) -> Result<Vec<Order>, Exception> {
    let one = |value: &Value| -> Result<Order, Exception> {
        let entry = value.as_object().and_then(|object| object.iter().next_back());
        let Some((key, direction)) = entry else {
            return Err(Exception::parsing("Must specify at least one field for [order]"));
        };
        let descending = match direction.as_str().map(str::to_lowercase).as_deref() {
            Some("asc") => false,
            Some("desc") => true,
            _ => {
                let shown = crate::value::scalar::plain(direction);
                let reason = format!("Unknown order direction [{shown}]");
                return Err(Exception::parsing(reason).at(direction));
            }
        };
        let by = match key.as_str() {
            "_count" => OrderKey::Count,
            "_key" | "_term" | "_time" => OrderKey::Key,
            path => OrderKey::Metric(AggregationPath::parse(path)?),
        };
        Ok(Order { by, descending })
    };
    match value {
        Value::Array(orders) => orders.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

/// The first `most` buckets (key, count, number) in order; what is equal stays in the order of keys.
pub(crate) fn first<K: Copy>(
    buckets: Vec<(K, u64, u32)>,
    most: usize,
    orders: &[Order],
    subs: &mut SubAggregations,
    by_key: impl Fn(&K, &K) -> Ordering,
    work: &Work,
) -> Result<Vec<(K, u64, u32)>, Exception> {
    let mut metrics: HashMap<(usize, u32), f64> = HashMap::new();
    for (position, order) in orders.iter().enumerate() {
        let OrderKey::Metric(path) = &order.by else { continue };
        let path = path.words();
        // An absent value comes last in both directions.
        let absent = if order.descending { f64::NEG_INFINITY } else { f64::INFINITY };
        for (_, _, number) in buckets.iter() {
            work.check()?;
            let value = subs.sort_value(*number, &path)?.filter(|value| !value.is_nan());
            metrics.insert((position, *number), value.unwrap_or(absent));
        }
    }
    let compare = |a: &(K, u64, u32), b: &(K, u64, u32)| {
        for (position, order) in orders.iter().enumerate() {
            let ordering = match &order.by {
                OrderKey::Count => a.1.cmp(&b.1),
                OrderKey::Key => by_key(&a.0, &b.0),
                OrderKey::Metric(_) => {
                    let of = |number: u32| metrics.get(&(position, number)).copied().unwrap_or(0.0);
                    of(a.2).total_cmp(&of(b.2))
                }
            };
            let ordering = if order.descending { ordering.reverse() } else { ordering };
            if ordering.is_ne() {
                return ordering;
            }
        }
        by_key(&a.0, &b.0)
    };
    if buckets.len() / 2 <= most {
        let mut buckets = work.sorted_by(buckets, compare)?;
        buckets.truncate(most);
        return Ok(buckets);
    }
    // Few of many: whenever twice as many are kept as are wanted, the worse half goes.
    let mut kept: Vec<(K, u64, u32)> = Vec::new();
    let mut worst = None;
    for bucket in buckets {
        work.check()?;
        if worst.as_ref().is_some_and(|worst| compare(&bucket, worst).is_ge()) {
            continue;
        }
        kept.push(bucket);
        if kept.len() >= most.saturating_mul(2).max(KEPT_MIN) {
            kept = work.sorted_by(kept, compare)?;
            kept.truncate(most);
            worst = kept.last().copied();
        }
    }
    let mut kept = work.sorted_by(kept, compare)?;
    kept.truncate(most);
    Ok(kept)
}

/// How many buckets are kept at least before the worse ones go.
const KEPT_MIN: usize = 128;

/// Reads `min_doc_count` of the aggregation `name`; 0 where none is given.
pub(crate) fn min_doc_count(options: &Options<'_>, name: &str) -> Result<u64, Exception> {
    let Some(count) = options.whole("min_doc_count")? else { return Ok(0) };
    u64::try_from(count).map_err(|_| {
        let cause = Exception::illegal_argument(format!(
            "[minDocCount] must be greater than or equal to 0. Found [{count}] in [{name}]"
        ));
        options.failed("min_doc_count", cause)
    })
}

/// The refusal of an interval that is no interval.
pub(crate) fn bad_interval(what: &str) -> Exception {
    Exception::new(ExceptionKind::IllegalArgument, what.to_owned())
}
