//! `terms`: a bucket for every value of a field.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::columnar::{Cardinality, StrColumn};
use tantivy::{DocId, SegmentReader};

use super::buckets::{Buckets, Order, OrderKey, first, parse_order};
use super::collector::EveryDocument;
use super::include::{DecidedKeys, IncludeExclude};
use super::keys::{KeyType, Keys};
use super::ordinal_counts::{self, CountedText, OrdinalCounts};
use super::shared::SharedState;
use super::values::ValuesSource;
use super::{
    AggregationBody, AggregationDefinition, Block, Collector, Definition, IndexContext,
    SubAggregations,
};
use crate::column_block::{self, ColumnBlock};
use crate::columns::AnyColumn;
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind, io};
use crate::index::{KeptColumn, KeptTexts};
use crate::work::HeldMemory;

/// A `terms` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct TermsAggregation {
    name: String,
    source: ValuesSource,
    thresholds: Thresholds,
    order: Vec<Order>,
    choice: IncludeExclude,
    show_error: bool,
    execution_hint: Option<String>,
}

/// How many buckets there are, and what they need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thresholds {
    pub(crate) size: usize,
    pub(crate) shard_size: usize,
    pub(crate) min_doc_count: u64,
    /// What a shard does not tell of at all.
    pub(crate) shard_min_doc_count: u64,
}

impl Thresholds {
    /// Reads `size`, `shard_size`, `min_doc_count` and `shard_min_doc_count`; of `shard_size`, without one, `suggested` of
    /// the size.
    pub(crate) fn read(
        options: &Options<'_>,
        name: &str,
        (size, min_doc_count): (i64, i64),
        suggested: impl Fn(i64) -> i64,
    ) -> Result<Thresholds, Exception> {
        let above = |key: &str, words: &str, least: i64| -> Result<Option<i64>, Exception> {
            let Some(number) = options.whole(key)? else { return Ok(None) };
            if number >= least {
                return Ok(Some(number));
            }
            let cause =
                Exception::illegal_argument(format!("{words} Found [{number}] in [{name}]"));
            Err(options.failed(key, cause))
        };
        let size = above("size", "[size] must be greater than 0.", 1)?.unwrap_or(size);
        let shard_size = above("shard_size", "[shardSize] must be greater than  0.", 1)?;
        let not_negative = "must be greater than or equal to 0.";
        let min_doc_count = above("min_doc_count", &format!("[minDocCount] {not_negative}"), 0)?
            .unwrap_or(min_doc_count);
        // How many a shard needs to tell of a term changes nothing where there is one shard, below the other threshold, but for
        // which terms are the most significant.
        let shard_min =
            above("shard_min_doc_count", &format!("[shardMinDocCount] {not_negative}"), 0)?;
        let shard_size = shard_size.unwrap_or_else(|| suggested(size)).max(size);
        let whole = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Thresholds {
            size: whole(size),
            shard_size: whole(shard_size),
            min_doc_count: min_doc_count.max(shard_min.unwrap_or(0)).try_into().unwrap_or(0),
            shard_min_doc_count: shard_min.unwrap_or(0).try_into().unwrap_or(0),
        })
    }
}

/// What the number of documents of a bucket may be wrong by: unknown (-1) where a shard that orders by something else than
/// the count does not tell of all its `buckets`.
pub(crate) fn count_error(orders: &[Order], thresholds: Thresholds, buckets: usize) -> i64 {
    let certain = match orders.first().map(|order| (&order.by, order.descending)) {
        Some((OrderKey::Key, _)) => true,
        Some((OrderKey::Count, descending)) => descending,
        _ => false,
    };
    if certain || buckets < thresholds.shard_size { 0 } else { -1 }
}

/// How many buckets a shard is asked for (`BucketUtils.suggestShardSideQueueSize`).
pub(crate) fn suggested_shard_size(size: i64) -> i64 {
    (size as f64 * 1.5 + 10.0) as i64
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let order = match options.get("order") {
        Some(order) => parse_order(order).map_err(|cause| options.failed("order", cause))?,
        None => vec![Order { by: OrderKey::Count, descending: true }],
    };
    collect_mode(&options)?;
    let terms = TermsAggregation {
        name: body.name.to_owned(),
        thresholds: Thresholds::read(&options, body.name, (10, 1), suggested_shard_size)?,
        order,
        choice: IncludeExclude::read(&options)?,
        show_error: options.flag("show_term_doc_count_error")?.unwrap_or(false),
        execution_hint: options.text("execution_hint")?,
        source: ValuesSource::read("terms", &options)?,
    };
    options.finish()?;
    Ok(Arc::new(terms))
}

/// Reads `collect_mode`, which changes no answer here: everything is counted at once.
pub(crate) fn collect_mode(options: &Options<'_>) -> Result<(), Exception> {
    match options.text("collect_mode")?.as_deref() {
        None | Some("breadth_first" | "depth_first") => Ok(()),
        Some(unknown) => {
            let reason = format!("no [collect_mode] found for value [{unknown}]");
            let cause = Exception::new(ExceptionKind::ElasticsearchParse, reason);
            Err(options.failed("collect_mode", cause))
        }
    }
}

/// Refuses an `execution_hint` that there is not, of those of texts.
pub(crate) fn execution_hint(hint: Option<&str>, known: &[&str]) -> Result<(), Exception> {
    match hint {
        Some(hint) if !known.contains(&hint) => Err(Exception::illegal_argument(format!(
            "Unknown `execution_hint`: [{hint}], expected any of [{}]",
            known.join(", ")
        ))),
        _ => Ok(()),
    }
}

impl AggregationDefinition for TermsAggregation {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(TermsCollector::new(self.clone(), subs, shared, held))
    }

    fn orders(&self) -> &[Order] {
        &self.order
    }
}

/// What a bucket takes in the list that is ordered, and in the lists made of it.
const LISTED_BYTES: u64 = 96;

/// A bucket that no ordinal has yet.
const UNKNOWN: u32 = u32::MAX;

/// Counts each ordinal.
fn count(counts: &mut [u32], ordinals: impl Iterator<Item = (u32, u64)>) {
    for (_, ordinal) in ordinals {
        let place = usize::try_from(ordinal).ok();
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
    }
}

/// A `terms` aggregation while it runs.
pub(super) struct TermsCollector {
    definition: TermsAggregation,
    subs: SubAggregations,
    buckets: Buckets<u128>,
    keys: Keys,
    decided: DecidedKeys,
    /// Counts of ordinals, where nothing but counting is to be done and there is one owner.
    counts: OrdinalCounts,
    /// Buckets of ordinals of the open segment, where there is one owner.
    numbers: Vec<u32>,
    /// The only column so far, by whose ordinals the buckets of the first owner are called.
    unnamed: Option<(StrColumn, Option<KeptColumn>)>,
    ordinals: ColumnBlock<u64>,
    /// The ordinals of a block of documents, each behind the place of its document.
    found: Vec<(u32, u64)>,
    /// All keys there are, where those without documents are shown too.
    all: std::collections::HashSet<u128>,
    /// The buckets of a block of documents.
    owners: Vec<u32>,
    every: Option<EveryDocument>,
    /// What is kept of segments, and of the column of the open one.
    kept: Option<Arc<KeptTexts>>,
    here: Option<KeptColumn>,
    shared: SharedState,
    /// What `numbers` takes, and what is listed of one owner.
    held: HeldMemory,
}

/// How many documents are handed on as they come: fewer wait for others.
const HANDED_ON_MIN: usize = 32;

impl TermsCollector {
    pub(super) fn new(
        definition: TermsAggregation,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> TermsCollector {
        let work = shared.work();
        let keys = Keys::new(definition.source.clone(), TimeZone::UTC, work);
        TermsCollector {
            definition,
            subs,
            buckets: Buckets::new(held),
            keys,
            decided: DecidedKeys::default(),
            counts: OrdinalCounts::new(work),
            kept: None,
            here: None,
            owners: Vec::new(),
            numbers: Vec::new(),
            unnamed: None,
            ordinals: ColumnBlock::default(),
            found: Vec::new(),
            all: std::collections::HashSet::new(),
            every: None,
            shared: shared.clone(),
            held: work.holds("<agg [terms]>"),
        }
    }

    /// Turns what was counted by ordinals into buckets that are called by their texts.
    fn name_all(&mut self) -> Result<(), Exception> {
        self.name_buckets()?;
        if self.counts.is_empty() {
            return Ok(());
        }
        let buckets = &mut self.buckets;
        self.counts.drain(&mut self.keys.texts, |text, count| {
            let number = buckets.number(0, text.into())?;
            buckets.add(number, count.into());
            Ok(())
        })
    }

    /// Calls the buckets of the first owner by their texts, where ordinals have been enough.
    fn name_buckets(&mut self) -> Result<(), Exception> {
        let Some((column, _)) = self.unnamed.take() else { return Ok(()) };
        let called = self.buckets.of(0).iter().map(|(ordinal, _)| *ordinal as u64);
        let called: Vec<u64> = called.collect();
        let mut ordinals = called.clone();
        ordinals.sort_unstable();
        let texts = self.keys.texts.numbers_of(&column, &ordinals)?;
        let text = |ordinal: &u64| {
            let place = ordinals.binary_search(ordinal).ok();
            place.and_then(|place| texts.get(place)).map_or(0, |text| u128::from(*text))
        };
        let keys: Vec<u128> = called.iter().map(text).collect();
        self.buckets.rename(0, &keys);
        Ok(())
    }

    /// Every key of the segment, for `min_doc_count: 0`.
    fn all_keys(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        let Some(every) = &self.every else { return Ok(()) };
        if let AnyColumn::Strings(column) = &self.keys.column
            && !every.is_restricted()
        {
            let column = column.clone();
            return self.keys.texts.read_all(&column);
        }
        let (keys, all, held) = (&mut self.keys, &mut self.all, &mut self.held);
        every.each(reader, &self.shared, |doc| {
            for key in keys.of(doc, 0.0)? {
                if all.insert(*key) {
                    held.grow(LISTED_BYTES)?;
                }
            }
            Ok(())
        })
    }

    /// Counts the first of the documents by the ordinals of their texts, where there is one owner; of how many.
    fn collect_ordinals(&mut self, block: Block<'_>) -> Result<usize, Exception> {
        let AnyColumn::Strings(column) = &self.keys.column else { return Ok(block.docs.len()) };
        let ordinals = column.ords();
        let read = self.ordinals.read(ordinals, block.docs);
        let several = ordinals.get_cardinality() == Cardinality::Multivalued;
        if self.subs.is_empty() && !several {
            count(self.counts.of(column)?, self.ordinals.iter());
            return Ok(read);
        }
        let each_has_one = !several && self.ordinals.len() == block.docs.len();
        if each_has_one && !self.subs.is_empty() && block.docs.len() >= HANDED_ON_MIN {
            return self.hand_on(block);
        }
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        found.extend(self.ordinals.iter());
        if several {
            column_block::distinct(&mut found);
        }
        if self.subs.is_empty() {
            count(self.counts.of(column)?, found.iter().copied());
        } else {
            self.open_numbers()?;
            for (at, ordinal) in &found {
                let Some((doc, score, _)) = block.at(*at) else { break };
                let number = self.bucket_of(*ordinal)?;
                self.buckets.add(number, 1);
                self.subs.collect(doc, score, number)?;
            }
        }
        self.found = found;
        Ok(read)
    }

    /// Hands documents that have one text each on to what is inside their buckets, all of them at once.
    fn hand_on(&mut self, block: Block<'_>) -> Result<usize, Exception> {
        self.open_numbers()?;
        let ordinals = std::mem::take(&mut self.ordinals);
        let mut owners = std::mem::take(&mut self.owners);
        owners.clear();
        for (_, ordinal) in ordinals.iter() {
            let number = self.bucket_of(ordinal)?;
            self.buckets.add(number, 1);
            owners.push(number);
        }
        self.subs.collect_block(Block { owners: &owners, ..block })?;
        (self.ordinals, self.owners) = (ordinals, owners);
        Ok(block.docs.len())
    }

    /// Makes ready for the ordinals of the open segment. As long as it is the only one, nobody asks what they are called.
    fn open_numbers(&mut self) -> Result<(), Exception> {
        let AnyColumn::Strings(column) = &self.keys.column else { return Ok(()) };
        if !self.numbers.is_empty() {
            return Ok(());
        }
        let (column, terms) = (column.clone(), column.num_terms());
        if self.buckets.of(0).is_empty() {
            self.unnamed = Some((column, self.here.clone()));
        } else {
            self.name_buckets()?;
        }
        self.held.set(terms as u64 * 4)?;
        self.numbers.resize(terms, UNKNOWN);
        Ok(())
    }

    /// The bucket of the text that has `ordinal` in the open segment, where there is one owner.
    #[inline]
    fn bucket_of(&mut self, ordinal: u64) -> Result<u32, Exception> {
        let place = usize::try_from(ordinal).unwrap_or(usize::MAX);
        match self.numbers.get(place) {
            Some(known) if *known != UNKNOWN => Ok(*known),
            _ => self.new_bucket(ordinal, place),
        }
    }

    fn new_bucket(&mut self, ordinal: u64, place: usize) -> Result<u32, Exception> {
        let AnyColumn::Strings(column) = &self.keys.column else { return Ok(UNKNOWN) };
        self.shared.check()?;
        let number = match &self.unnamed {
            // It is found by its ordinal.
            Some(_) => self.buckets.unfound(0, ordinal.into())?,
            None => {
                let text = self.keys.texts.of_ordinal(column, ordinal)?;
                self.buckets.number(0, text.into())?
            }
        };
        if let Some(place) = self.numbers.get_mut(place) {
            *place = number;
        }
        Ok(number)
    }

    /// Whether the answer for `owner` needs no more names than it prints.
    fn is_settled_by_ordinals(&self, owner: u32) -> bool {
        let has_ordinals = match &self.unnamed {
            Some(_) => self.counts.is_empty(),
            None => !self.counts.is_empty() && self.buckets.of(0).is_empty(),
        };
        let shows_all =
            self.decided.is_everything() && self.definition.thresholds.min_doc_count > 0;
        owner == 0 && has_ordinals && shows_all
    }

    fn finish_by_ordinals(&mut self) -> Result<Map<String, Value>, Exception> {
        let Some((column, kept)) = self.unnamed.clone() else {
            let least = self.definition.thresholds.min_doc_count;
            let mut chosen = self.counts.texts()?;
            chosen.retain(|(_, count, _)| *count >= least);
            let by_key = |a: &CountedText, b: &CountedText| a.rank.cmp(&b.rank);
            let counts = &self.counts;
            let print = |text| Ok((Value::from(counts.name(text)?), None));
            let subs = &mut self.subs;
            return finished(&self.definition, chosen, subs, &self.shared, by_key, print);
        };
        let chosen = self.listed(0)?;
        let print = |ordinal| {
            let name = ordinal_counts::name(&column, kept.as_ref(), ordinal as u64)?;
            Ok((Value::from(name), None))
        };
        finished(&self.definition, chosen, &mut self.subs, &self.shared, u128::cmp, print)
    }

    /// The buckets of an owner that may be shown: key, count, number.
    fn listed(&mut self, owner: u32) -> Result<Vec<(u128, u64, u32)>, Exception> {
        let mut listed: Vec<(u128, u64, u32)> = Vec::new();
        let least = self.definition.thresholds.min_doc_count;
        self.held.set(self.buckets.of(owner).len() as u64 * LISTED_BYTES)?;
        for (key, number) in self.buckets.of(owner) {
            self.shared.check()?;
            let count = self.buckets.count(*number);
            if count >= least
                && (self.decided.is_everything() || self.decided.holds(*key, &self.keys))
            {
                listed.push((*key, count, *number));
            }
        }
        if least > 0 {
            return Ok(listed);
        }
        let known: std::collections::HashSet<u128> =
            self.buckets.of(owner).iter().map(|bucket| bucket.0).collect();
        let nowhere = self.buckets.nowhere();
        let texts = if self.keys.are_texts() { self.keys.texts.all() } else { 0..0 };
        let others = self.all.iter().copied().filter(|key| !texts.contains(key));
        for key in texts.clone().chain(others) {
            self.shared.check()?;
            if !known.contains(&key) && self.decided.holds(key, &self.keys) {
                self.held.grow(LISTED_BYTES)?;
                listed.push((key, 0, nowhere));
            }
        }
        Ok(listed)
    }
}

impl Collector for TermsCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.keys.open_index(index, "terms")?;
        self.kept = Some(Arc::clone(&index.snapshot.kept_texts));
        if self.keys.are_texts() {
            let hint = self.definition.execution_hint.as_deref();
            execution_hint(hint, &["map", "global_ordinals"])?;
        }
        if !self.definition.choice.is_everything() {
            let (name, fault) = (&self.definition.name, ExceptionKind::AggregationExecution);
            self.decided = self.definition.choice.decide(name, &mut self.keys, fault)?;
        }
        if self.definition.thresholds.min_doc_count == 0 {
            self.every = Some(EveryDocument::of(index)?);
        }
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.keys.open_segment(reader)?;
        let leaf = self.keys.leaf().zip(self.kept.as_ref());
        self.here = leaf.and_then(|(leaf, kept)| KeptColumn::of(kept, reader, leaf));
        self.counts.open_segment(self.here.clone());
        self.numbers.clear();
        self.all_keys(reader)?;
        self.subs.open_segment(reader)
    }

    fn collect_all(&mut self, reader: &SegmentReader) -> Result<bool, Exception> {
        let AnyColumn::Strings(column) = &self.keys.column else { return Ok(false) };
        if !self.subs.is_empty() || self.keys.has_missing() {
            return Ok(false);
        }
        let Some(terms) = self.keys.counted_terms(reader)? else { return Ok(false) };
        let mut terms = terms.terms().stream().map_err(io)?;
        for count in self.counts.of(column)? {
            self.shared.check()?;
            *count += if terms.advance() { terms.value().doc_freq } else { 0 };
        }
        Ok(true)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        self.collect_block(Block { docs: &[doc], scores: &[score], owners: &[owner] })
    }

    fn collect_block(&mut self, block: Block<'_>) -> Result<(), Exception> {
        let by_ordinals = !self.keys.has_missing()
            && matches!(self.keys.column, AnyColumn::Strings(_))
            && block.owners.iter().all(|owner| *owner == 0);
        if !by_ordinals {
            self.name_buckets()?;
        }
        let mut rest = block;
        while !rest.docs.is_empty() {
            self.shared.check()?;
            if by_ordinals {
                rest = rest.from(self.collect_ordinals(rest)?);
                continue;
            }
            let read = self.keys.read(rest)?;
            for (at, key) in self.keys.found() {
                let Some((doc, score, owner)) = rest.at(*at) else { break };
                let number = self.buckets.near(owner, *key, *key as u64)?;
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
        if self.is_settled_by_ordinals(owner) {
            return self.finish_by_ordinals();
        }
        self.name_all()?;
        let chosen = self.listed(owner)?;
        let keys = &self.keys;
        let by_key = |a: &u128, b: &u128| keys.compare(*a, *b);
        let print = |key| Ok(keys.printed(key));
        finished(&self.definition, chosen, &mut self.subs, &self.shared, by_key, print)
    }

    fn buckets_of(&mut self, owner: u32) -> Result<usize, Exception> {
        self.name_all()?;
        let own: Vec<u32> = self.buckets.of(owner).iter().map(|bucket| bucket.1).collect();
        let told = own.len().min(self.definition.thresholds.shard_size);
        Ok(told + self.subs.buckets_in(own.into_iter().take(told))?)
    }

    fn type_name(&self) -> &'static str {
        match self.keys.kind() {
            None => "umterms",
            Some(KeyType::Texts | KeyType::Address) => "sterms",
            Some(KeyType::Float) => "dterms",
            Some(KeyType::Unsigned) => "ulterms",
            Some(_) => "lterms",
        }
    }
}

/// The first of the buckets `chosen` (key, count, number), as they are printed.
fn finished<K: Copy>(
    definition: &TermsAggregation,
    chosen: Vec<(K, u64, u32)>,
    subs: &mut SubAggregations,
    shared: &SharedState,
    by_key: impl Fn(&K, &K) -> Ordering,
    print: impl Fn(K) -> Result<(Value, Option<String>), Exception>,
) -> Result<Map<String, Value>, Exception> {
    let all = chosen.iter().map(|bucket| bucket.1).sum::<u64>();
    let (thresholds, orders) = (definition.thresholds, &definition.order);
    let error = count_error(orders, thresholds, chosen.len());
    // What a shard tells of is reduced, and counted, before the last of it goes.
    let most = if subs.is_empty() { thresholds.size } else { thresholds.shard_size };
    let mut listed = first(chosen, most, orders, subs, by_key, shared.work())?;
    let inside = subs.buckets_in(listed.iter().map(|bucket| bucket.2))?;
    listed.truncate(thresholds.size);
    shared.fits(listed.len() + inside)?;
    shared.buckets(listed.len())?;
    let others = all - listed.iter().map(|bucket| bucket.1).sum::<u64>();
    let mut buckets = Vec::new();
    for (key, count, number) in listed {
        let (key, text) = print(key)?;
        let mut bucket = Map::from_iter([("key".to_owned(), key)]);
        if let Some(text) = text {
            bucket.insert("key_as_string".into(), text.into());
        }
        bucket.insert("doc_count".into(), count.into());
        if definition.show_error {
            bucket.insert("doc_count_error_upper_bound".into(), error.into());
        }
        subs.finish_into(number, &mut bucket)?;
        buckets.push(Value::Object(bucket));
    }
    Ok(Map::from_iter([
        ("doc_count_error_upper_bound".to_owned(), Value::from(error)),
        ("sum_other_doc_count".to_owned(), Value::from(others)),
        ("buckets".to_owned(), Value::Array(buckets)),
    ]))
}
