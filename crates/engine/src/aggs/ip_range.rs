//! `ip_range`: a bucket for each of some ranges of addresses, which may overlap.

use std::net::Ipv6Addr;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::histogram::BucketListing;
use super::keys::{KeyType, Keys};
use super::shared::SharedState;
use super::values::{ValuesSource, no_field};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::columns::address_text;
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::mapping::ip::address as ip;
use crate::work::HeldMemory;

/// Most ranges of one aggregation.
const RANGES_MAX: usize = 1024;

/// An `ip_range` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct IpRanges {
    name: String,
    source: ValuesSource,
    ranges: Vec<IpRange>,
    keyed: bool,
}

/// One range: from inclusive, to exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct IpRange {
    from: Option<u128>,
    /// Ranges without an end come last.
    endless: bool,
    to: Option<u128>,
    key: Option<String>,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let source = ValuesSource::read_field("ip_range", &options)?
        .map_or_else(|| ValuesSource::absent("ip_range", &options, no_field()), Ok)?;
    let mut ranges = Vec::new();
    for range in
        options.get("ranges").and_then(Value::as_array).into_iter().flatten().take(RANGES_MAX)
    {
        ranges.push(one(range, body.name).map_err(|cause| options.failed("ranges", cause))?);
    }
    ranges.sort();
    let keyed = options.flag("keyed")?.unwrap_or(false);
    options.finish()?;
    Ok(Arc::new(IpRanges { name: body.name.to_owned(), source, ranges, keyed }))
}

fn one(range: &Value, name: &str) -> Result<IpRange, Exception> {
    let inner = Options::declared("ip_range", range)?;
    let bound = |key: &str| -> Result<Option<u128>, Exception> {
        let address = |text: String| ip(&text).map(u128::from);
        inner.text(key)?.map(address).transpose().map_err(|fault| fault.at_end(range))
    };
    let (key, mask) = (inner.text("key")?, inner.text("mask")?);
    let (from, to) = (bound("from")?, bound("to")?);
    inner.finish()?;
    let (from, to, key) = match mask {
        None => (from, to, key),
        Some(_) if from.is_some() || to.is_some() => {
            return Err(Exception::illegal_argument(format!(
                "[{name}]: range is either bounded by [from] and [to] or by [mask]"
            )));
        }
        Some(mask) => {
            let (from, to) = masked(&mask).map_err(|fault| fault.at_end(range))?;
            (from, to, key.or(Some(mask)))
        }
    };
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        let text = |bound: u128| address_text(Ipv6Addr::from(bound));
        return Err(Exception::illegal_argument(format!(
            "Invalid range: the lower bound [{}] is above the upper bound [{}]",
            text(from),
            text(to)
        )));
    }
    Ok(IpRange { from, endless: to.is_none(), to, key })
}

/// The bounds of a network such as `10.0.0.0/8`; open where they are the first or the last of all addresses.
fn masked(mask: &str) -> Result<(Option<u128>, Option<u128>), Exception> {
    let bad = || Exception::illegal_argument(format!("'{mask}' is not an IP string literal."));
    let (address, length) = mask.split_once('/').ok_or_else(|| {
        Exception::illegal_argument(format!("Expected [ip/prefix] but was [{mask}]"))
    })?;
    let length: u32 = length.parse().map_err(|_| bad())?;
    let start = u128::from(ip(address)?);
    let bits = if address.contains(':') { 128 } else { 32 };
    if length > bits {
        return Err(Exception::illegal_argument(format!(
            "Illegal prefix length [{length}] in [{mask}]. Must be 0-32 for IPv4 ranges, 0-128 for IPv6 ranges"
        )));
    }
    let host = if bits - length >= 128 { u128::MAX } else { (1 << (bits - length)) - 1 };
    let low = start & !host;
    Ok((Some(low).filter(|low| *low > 0), (low | host).checked_add(1)))
}

impl AggregationDefinition for IpRanges {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(IpRangesCollector {
            keys: Keys::new(self.source.clone(), TimeZone::UTC, shared.work()),
            definition: self.clone(),
            subs,
            counts: Vec::new(),
            shared: shared.clone(),
            held,
        })
    }
}

/// `ip_range` while it runs: the buckets of an owner stand side by side.
struct IpRangesCollector {
    definition: IpRanges,
    subs: SubAggregations,
    keys: Keys,
    counts: Vec<u64>,
    shared: SharedState,
    held: HeldMemory,
}

impl Collector for IpRangesCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.keys.open_index(index, "ip_range")?;
        if self.definition.ranges.is_empty() {
            return Err(Exception::illegal_argument(format!(
                "No [ranges] specified for the [{}] aggregation",
                self.definition.name
            )));
        }
        if let Some(leaf) = self.keys.leaf().filter(|_| self.keys.kind() != Some(KeyType::Address))
        {
            index.refuse_later(super::values::wrong_type(leaf, "ip_range"));
        }
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.keys.open_segment(reader)?;
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let addresses = self.keys.of(doc, score)?;
        let base = owner as usize * self.definition.ranges.len();
        for (place, range) in self.definition.ranges.iter().enumerate() {
            self.shared.check()?;
            let holds = |address: &u128| {
                range.from.is_none_or(|from| from <= *address)
                    && range.to.is_none_or(|to| *address < to)
            };
            if !addresses.iter().any(holds) {
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

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let base = (owner as usize).saturating_mul(self.definition.ranges.len());
        self.shared.buckets(self.definition.ranges.len())?;
        let mut buckets = BucketListing::new(self.definition.keyed);
        for (place, range) in self.definition.ranges.iter().enumerate() {
            let number = base.saturating_add(place);
            let text = |bound: Option<u128>| bound.map(|bound| address_text(Ipv6Addr::from(bound)));
            let (from, to) = (text(range.from), text(range.to));
            let open = || "*".to_owned();
            let key = range.key.clone().unwrap_or_else(|| {
                format!("{}-{}", from.clone().unwrap_or_else(open), to.clone().unwrap_or_else(open))
            });
            let mut bucket = Map::new();
            if !self.definition.keyed {
                bucket.insert("key".into(), key.clone().into());
            }
            for (name, bound) in [("from", from), ("to", to)] {
                if let Some(bound) = bound {
                    bucket.insert(name.into(), bound.into());
                }
            }
            bucket.insert("doc_count".into(), self.counts.get(number).copied().unwrap_or(0).into());
            self.subs.finish_into(u32::try_from(number).unwrap_or(u32::MAX), &mut bucket)?;
            buckets.push(|| key, bucket);
        }
        Ok(buckets.printed())
    }

    fn type_name(&self) -> &'static str {
        "ip_range"
    }
}
