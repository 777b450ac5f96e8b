//! `cardinality`: how many different values. Almost exact up to `precision_threshold`, estimated beyond, by the hashes and the
//! arithmetic of Elasticsearch.

use std::rc::Rc;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::columnar::StrColumn;
use tantivy::index::SegmentId;
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::hashes::{of_bytes, of_number};
use super::hyperloglog::{Counter, precision};
use super::script_values::ScriptValues;
use super::shared::{SharedHashes, SharedState};
use super::values::{ValueFormat, ValuesSource, counted, no_missing, number_of, wrong_type};
use super::{
    AggregationBody, AggregationDefinition, Block, Collector, Definition, IndexContext,
    SubAggregations,
};
use crate::column_block::{self, CodeBlock, ColumnBlock};
use crate::columns::{AnyColumn, Numbers, ORDINALS_AT_ONCE, scaled, whole};
use crate::exception::{Exception, io};
use crate::index::{KeptTexts, SegmentColumn};
use crate::mapping::ip::address;
use crate::mapping::{Column, Leaf};
use crate::value::scalar::plain;
use crate::work::{HeldMemory, Work};

/// `precision_threshold` where none is given.
const THRESHOLD_DEFAULT: u64 = 3000;

/// A `cardinality` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct CardinalityAggregation {
    source: ValuesSource,
    threshold: u64,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let source = ValuesSource::read("cardinality", &options)?;
    let given = options.get("precision_threshold").and_then(Value::as_i64);
    if let Some(threshold) = given.filter(|threshold| *threshold < 0) {
        let cause = Exception::illegal_argument(format!(
            "[precisionThreshold] must be greater than or equal to 0. Found [{threshold}] in [{}]",
            body.name
        ));
        return Err(options.failed("precision_threshold", cause));
    }
    // However it is executed, the answer is the same.
    options.get("execution_hint");
    options.finish()?;
    let threshold = given.and_then(|given| u64::try_from(given).ok()).unwrap_or(THRESHOLD_DEFAULT);
    Ok(Arc::new(CardinalityAggregation { source, threshold }))
}

impl AggregationDefinition for CardinalityAggregation {
    fn start(
        &self,
        _: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(CardinalityCollector::new(self.clone(), shared, held))
    }

    fn outcome(&self) -> Outcome {
        Outcome::Number
    }
}

/// The values of a field of any type, counted.
pub(crate) struct CountedValues {
    source: ValuesSource,
    script: Option<ScriptValues>,
    leaf: Option<Arc<Leaf>>,
    column: AnyColumn,
    work: Work,
    held: HeldMemory,
}

impl CountedValues {
    pub(crate) fn new(source: ValuesSource, work: &Work) -> CountedValues {
        let held = work.holds("<fielddata>");
        let script = ScriptValues::of(&source, work);
        let (leaf, column) = (None, AnyColumn::None);
        CountedValues { source, script, leaf, column, work: work.clone(), held }
    }

    pub(crate) fn open_index(
        &mut self,
        index: &IndexContext<'_>,
        kind: &str,
    ) -> Result<(), Exception> {
        self.leaf = self.source.leaf(index)?;
        if let Some(script) = &mut self.script {
            script.open_index(index, self.leaf.as_ref())?;
        }
        let Some(leaf) = &self.leaf else { return Ok(()) };
        let has_none = match leaf.column {
            Some(Column::Bytes) => true,
            Some(Column::Histogram) => kind != "value_count",
            _ => false,
        };
        if has_none {
            index.refuse_later(wrong_type(leaf, kind));
            return Ok(());
        }
        if let (Some(Column::Histogram), Some(_)) = (leaf.column, &self.source.missing) {
            return Err(no_missing());
        }
        Ok(())
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        if let Some(script) = &mut self.script {
            return script.open_segment(reader);
        }
        self.column = match &self.leaf {
            Some(leaf) => AnyColumn::open(reader, leaf, &self.work, &mut self.held)?,
            None => AnyColumn::None,
        };
        Ok(())
    }

    /// How many values a document has; one when it has none and `missing` is given.
    ///
    /// # Errors
    /// What a script fails by.
    pub(crate) fn count(&mut self, doc: DocId, score: f32) -> Result<u64, Exception> {
        if self.is_histogram() {
            return self.in_histogram(doc);
        }
        let count = match &mut self.script {
            Some(script) => script.texts(doc, score)?.len() as u64,
            None => self.in_column(doc),
        };
        Ok(if count == 0 && self.source.missing.is_some() { 1 } else { count })
    }

    fn is_histogram(&self) -> bool {
        self.leaf.as_deref().is_some_and(|leaf| leaf.column == Some(Column::Histogram))
    }

    fn in_histogram(&self, doc: DocId) -> Result<u64, Exception> {
        let AnyColumn::Bytes(column) = &self.column else { return Ok(0) };
        Ok(counted(Some(column), doc)?.iter().map(|value| u64::from(value.count)).sum())
    }

    fn in_column(&self, doc: DocId) -> u64 {
        match &self.column {
            AnyColumn::None => 0,
            AnyColumn::Numbers(numbers) => {
                let mut count = 0;
                numbers.each(doc, |_| count += 1);
                count
            }
            AnyColumn::Nanos(column) => column.values_for_doc(doc).count() as u64,
            // Several ranges of one document are one value.
            AnyColumn::Bytes(column) => column.term_ords(doc).count().min(1) as u64,
            AnyColumn::Strings(column) => distinct(column.term_ords(doc)),
            AnyColumn::Addresses(column) => distinct(column.values_for_doc(doc)),
        }
    }
}

/// How many different values there are: strings and addresses are sets.
fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> u64 {
    let mut values: Vec<T> = values.collect();
    if values.len() > 1 {
        values.sort_unstable();
        values.dedup();
    }
    values.len() as u64
}

/// The texts of one segment that documents of the first owner have: they are hashed once, when they have to be.
#[derive(Default)]
struct SeenTexts {
    column: Option<StrColumn>,
    /// A bit for each ordinal.
    ordinals: Vec<u64>,
}

impl SeenTexts {
    #[inline]
    fn insert(&mut self, ordinal: u64) {
        let place = usize::try_from(ordinal / 64).ok();
        if let Some(word) = place.and_then(|place| self.ordinals.get_mut(place)) {
            *word |= 1 << (ordinal % 64);
        }
    }

    /// Those of `column` from now on; the bytes that this takes.
    fn begin(&mut self, column: &StrColumn) -> i64 {
        let words = column.num_terms().div_ceil(64);
        *self = SeenTexts { column: Some(column.clone()), ordinals: vec![0; words] };
        words as i64 * 8
    }

    /// Hands the hash of each of them to `take`, and forgets them; the bytes that gives back. `shared` has the hashes of all
    /// texts for several who count them, `kept` gives those that are kept.
    fn hashed(
        &mut self,
        kept: impl Fn(&StrColumn, u64) -> Result<Option<Arc<[u64]>>, Exception>,
        shared: Option<&SharedHashes>,
        work: &Work,
        mut take: impl FnMut(u64),
    ) -> Result<i64, Exception> {
        let SeenTexts { column, ordinals: words } = std::mem::take(self);
        let Some(column) = column else { return Ok(0) };
        let seen = words.iter().map(|word| u64::from(word.count_ones())).sum();
        let kept = kept(&column, seen)?;
        let mut ordinals = Vec::with_capacity(ORDINALS_AT_ONCE);
        let mut first = 0;
        for words in words.chunks(ORDINALS_AT_ONCE / 64) {
            work.check()?;
            ordinals.clear();
            for word in words {
                let mut rest = *word;
                while rest != 0 {
                    ordinals.push(first + u64::from(rest.trailing_zeros()));
                    rest &= rest - 1;
                }
                first += 64;
            }
            if let Some(kept) = &kept {
                let hash = |ordinal: &u64| kept.get(usize::try_from(*ordinal).ok()?);
                ordinals.iter().filter_map(hash).for_each(|hash| take(*hash));
            } else if let Some(shared) = shared {
                let mut shared = shared.borrow_mut();
                for ordinal in &ordinals {
                    take(shared.get(&column, *ordinal)?);
                }
            } else {
                let hash = |term: &[u8]| take(of_bytes(term));
                column.dictionary().sorted_ords_to_term_cb(&ordinals, hash).map_err(io)?;
            }
        }
        Ok(words.len() as i64 * 8)
    }
}

/// The share of a segment's texts whose hashes are worth computing all of them, to be kept.
const MOST_TEXTS: u64 = 4;

/// The hashes of all texts of a column, if they are kept, or are computed now because as many as `seen` are wanted.
fn all_hashes(
    kept: &KeptTexts,
    of: SegmentColumn<'_>,
    seen: u64,
    work: &Work,
) -> Result<Option<Arc<[u64]>>, Exception> {
    if let Some(hashes) = kept.hashes(of) {
        return Ok(Some(hashes));
    }
    let texts = of.column.num_terms();
    if seen < texts as u64 / MOST_TEXTS || !KeptTexts::takes(texts) {
        return Ok(None);
    }
    let mut held = work.holds("<fielddata>");
    held.grow(texts as u64 * 8)?;
    let mut hashes = Vec::with_capacity(texts);
    for first in (0..texts as u64).step_by(ORDINALS_AT_ONCE) {
        work.check()?;
        let end = (first + ORDINALS_AT_ONCE as u64).min(texts as u64);
        let ordinals: Vec<u64> = (first..end).collect();
        let hash = |term: &[u8]| hashes.push(of_bytes(term));
        of.column.dictionary().sorted_ords_to_term_cb(&ordinals, hash).map_err(io)?;
    }
    let hashes: Arc<[u64]> = hashes.into();
    kept.keep_hashes(of, &hashes);
    Ok(Some(hashes))
}

/// A `cardinality` aggregation while it runs.
pub(super) struct CardinalityCollector {
    counted: CountedValues,
    precision: u32,
    shared: SharedState,
    /// The hash of what stands for absent values.
    missing: Option<u64>,
    /// Whether whole numbers are hashed as fractions, because what stands for absent values is one.
    as_fractions: bool,
    texts: Option<SharedHashes>,
    /// What is kept of segments, and the open one where that may be something.
    kept: Option<Arc<KeptTexts>>,
    segment: Option<SegmentId>,
    seen: SeenTexts,
    block: CodeBlock,
    ordinals: ColumnBlock<u64>,
    codes: Vec<(u32, u128)>,
    /// The hashes of a block of documents, each behind the place of its document.
    found: Vec<(u32, u64)>,
    filled: Vec<(u32, u64)>,
    owners: Vec<Counter>,
    ways: CountingWays,
    held: HeldMemory,
}

/// On how many segments values were counted in which way.
#[derive(Default)]
struct CountingWays {
    none: u64,
    numbers: u64,
    ordinals: u64,
    /// Those whose ordinals would take more than a fourth of what hashes take.
    ordinals_too_many: u64,
    hashes: u64,
}

impl CountingWays {
    /// A segment begins whose values are in `column`. Source: `CardinalityAggregator.pickCollector`.
    fn add(&mut self, column: &AnyColumn, precision: u32) {
        match column {
            AnyColumn::None => self.none += 1,
            AnyColumn::Strings(column) if column.num_terms() == 0 => self.none += 1,
            AnyColumn::Strings(column) => {
                let bits = column.num_terms().div_ceil(8) as u64 + 4;
                if bits < (1 << precision) / 4 {
                    self.ordinals += 1;
                } else {
                    self.ordinals_too_many += 1;
                    self.hashes += 1;
                }
            }
            AnyColumn::Addresses(_) | AnyColumn::Bytes(_) => self.hashes += 1,
            _ => self.numbers += 1,
        }
    }

    fn told(&self) -> Map<String, Value> {
        let all = [
            ("empty_collectors_used", self.none),
            ("numeric_collectors_used", self.numbers),
            ("ordinals_collectors_used", self.ordinals),
            ("ordinals_collectors_overhead_too_high", self.ordinals_too_many),
            ("string_hashing_collectors_used", self.hashes),
        ];
        all.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect()
    }
}

impl CardinalityCollector {
    pub(super) fn new(
        definition: CardinalityAggregation,
        shared: &SharedState,
        held: HeldMemory,
    ) -> CardinalityCollector {
        CardinalityCollector {
            counted: CountedValues::new(definition.source, shared.work()),
            precision: precision(definition.threshold),
            shared: shared.clone(),
            missing: None,
            as_fractions: false,
            texts: None,
            kept: None,
            segment: None,
            seen: SeenTexts::default(),
            block: CodeBlock::default(),
            ordinals: ColumnBlock::default(),
            codes: Vec::new(),
            found: Vec::new(),
            filled: Vec::new(),
            owners: Vec::new(),
            ways: CountingWays::default(),
            held,
        }
    }

    /// Reads the hashes of the values of the first documents of `block`; of how many.
    fn read(&mut self, block: Block<'_>) -> Result<usize, Exception> {
        self.found.clear();
        let docs = block.docs;
        if let Some(script) = &mut self.counted.script {
            for (at, (doc, score, _)) in (0u32..).zip(block.iter()) {
                let texts = script.texts(doc, score)?;
                self.found.extend(texts.iter().map(|text| (at, of_bytes(text.as_bytes()))));
            }
            return Ok(self.filled(docs.len()));
        }
        let column = &self.counted.column;
        let bits = |value: f64, factor: Option<f64>| {
            factor.map_or(value, |factor| scaled(value, factor)).to_bits().into()
        };
        let read = match (column, &self.texts) {
            (AnyColumn::Strings(column), Some(texts)) => {
                let read = self.ordinals.read(column.ords(), docs);
                let mut texts = texts.borrow_mut();
                for (at, ordinal) in self.ordinals.iter() {
                    self.found.push((at, texts.get(column, ordinal)?));
                }
                read
            }
            (AnyColumn::Addresses(column), _) => {
                for (at, doc) in (0u32..).zip(docs) {
                    let hashes = column.values_for_doc(*doc).map(|value| of_bytes(&value.octets()));
                    self.found.extend(hashes.map(|hash| (at, hash)));
                }
                docs.len()
            }
            // All ranges of a document are one value.
            (AnyColumn::Bytes(column), _) => {
                for (at, doc) in (0u32..).zip(docs) {
                    let mut whole = Vec::new();
                    for ordinal in column.term_ords(*doc) {
                        let mut bytes = Vec::new();
                        column.ord_to_bytes(ordinal, &mut bytes).map_err(io)?;
                        whole.append(&mut bytes);
                    }
                    if !whole.is_empty() {
                        self.found.push((at, of_bytes(&whole)));
                    }
                }
                docs.len()
            }
            _ => {
                self.codes.clear();
                let read = self.block.read(column, docs, bits, &mut self.codes);
                let bits = self.bits_of_code();
                self.found
                    .extend(self.codes.iter().map(|(at, code)| (*at, of_number(bits(*code)))));
                read.unwrap_or(docs.len())
            }
        };
        Ok(self.filled(read))
    }

    /// What of a number's code is hashed.
    fn bits_of_code(&self) -> fn(u128) -> u64 {
        match &self.counted.column {
            AnyColumn::Numbers(Numbers::I64(_)) if self.as_fractions => {
                |code| (whole(code) as f64).to_bits()
            }
            AnyColumn::Numbers(Numbers::U64(_)) if self.as_fractions => {
                |code| (code as u64 as f64).to_bits()
            }
            AnyColumn::Numbers(Numbers::I64(_)) | AnyColumn::Nanos(_) => |code| whole(code) as u64,
            _ => |code| code as u64,
        }
    }

    /// Hashes what stands for absent values as the field's own are.
    fn open_missing(&mut self) -> Result<(), Exception> {
        let Some(missing) = &self.counted.source.missing else { return Ok(()) };
        let text = plain(missing);
        let leaf = self.counted.leaf.as_ref().filter(|_| self.counted.script.is_none());
        let hash = match leaf.and_then(|leaf| Some((leaf, leaf.column?))) {
            None | Some((_, Column::Str | Column::Terms)) => of_bytes(text.as_bytes()),
            Some((_, Column::Ip)) => of_bytes(&address(&text)?.octets()),
            Some((leaf, column)) => {
                let format = ValueFormat::of(Some(leaf), None, &TimeZone::UTC)?;
                let number = number_of(leaf, &format, missing)?;
                self.as_fractions = number.fract() != 0.0;
                let is_fraction = self.as_fractions || column.is_fraction();
                // A number of many digits is no fraction's neighbour.
                let whole = || missing.as_i64().map(|it| it as u64).or(missing.as_u64());
                of_number(match (is_fraction, whole()) {
                    (true, _) => number.to_bits(),
                    (false, Some(whole)) if !column.is_date() => whole,
                    (false, _) => number as i64 as u64,
                })
            }
        };
        self.missing = Some(hash);
        Ok(())
    }

    /// Counts the texts of the first of the documents, all of the first owner, by their ordinals; of how many. `None`: what
    /// is counted is no text.
    fn collect_ordinals(&mut self, block: Block<'_>) -> Result<Option<usize>, Exception> {
        let AnyColumn::Strings(column) = &self.counted.column else { return Ok(None) };
        let is_first = block.owners.iter().all(|owner| *owner == 0);
        if !is_first || self.missing.is_some() || self.counted.script.is_some() {
            return Ok(None);
        }
        if self.seen.column.is_none() {
            let more = self.seen.begin(column);
            self.held.set(self.held.bytes().saturating_add_signed(more))?;
        }
        let read = self.ordinals.read(column.ords(), block.docs);
        self.ordinals.iter().for_each(|(_, ordinal)| self.seen.insert(ordinal));
        Ok(Some(read))
    }

    /// Adds the texts that were seen to the first owner's.
    fn settle(&mut self) -> Result<(), Exception> {
        let (precision, held, mut refused) = (self.precision, &mut self.held, None);
        let Some(first) = self.owners.first_mut() else { return Ok(()) };
        // Beside this collector the table of all who count the field holds them.
        let shared = self.texts.as_ref().filter(|texts| Rc::strong_count(texts) > 2);
        let add = |hash| {
            let grown = first.add(hash, precision);
            if grown != 0 && refused.is_none() {
                refused = held.set(held.bytes().saturating_add_signed(grown)).err();
            }
        };
        let place = self.kept.as_deref().zip(self.segment).zip(self.counted.leaf.as_deref());
        let work = self.shared.work();
        let kept = |column: &StrColumn, seen: u64| match place {
            Some(((kept, segment), leaf)) => {
                all_hashes(kept, SegmentColumn { segment, field: &leaf.path, column }, seen, work)
            }
            None => Ok(None),
        };
        let back = self.seen.hashed(kept, shared, work, add)?;
        refused.map_or(Ok(()), Err)?;
        self.held.set(self.held.bytes().saturating_add_signed(-back))
    }

    /// How many different values `owner` has.
    fn count(&mut self, owner: u32) -> Result<u64, Exception> {
        self.settle()?;
        Ok(self.owners.get(owner as usize).map_or(0, Counter::count))
    }

    /// Puts what stands for absent values where one of `read` documents has none.
    fn filled(&mut self, read: usize) -> usize {
        if let Some(missing) = self.missing {
            column_block::fill(&mut self.found, &mut self.filled, read, missing);
        }
        read
    }
}

impl Collector for CardinalityCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.counted.open_index(index, "cardinality")?;
        self.kept = Some(Arc::clone(&index.snapshot.kept_texts));
        self.open_missing()
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.settle()?;
        self.counted.open_segment(reader)?;
        self.ways.add(&self.counted.column, self.precision);
        (self.texts, self.segment) = match (&self.counted.column, &self.counted.leaf) {
            (AnyColumn::Strings(column), Some(leaf)) => {
                let texts = self.shared.hashes(&leaf.path, reader, column.num_terms());
                // Of texts that were turned round for this request nothing is kept.
                let is_kept = leaf.column == Some(Column::Str);
                (Some(texts), is_kept.then(|| reader.segment_id()))
            }
            _ => (None, None),
        };
        Ok(())
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        self.collect_block(Block { docs: &[doc], scores: &[score], owners: &[owner] })
    }

    fn collect_block(&mut self, block: Block<'_>) -> Result<(), Exception> {
        let most = block.owners.iter().max().map_or(0, |most| *most as usize);
        if self.owners.len() <= most {
            let more = (most + 1 - self.owners.len()) * size_of::<Counter>();
            self.held.grow(more as u64)?;
            self.owners.resize_with(most + 1, Counter::default);
        }
        let mut rest = block;
        while !rest.docs.is_empty() {
            self.shared.check()?;
            if let Some(read) = self.collect_ordinals(rest)? {
                rest = rest.from(read);
                continue;
            }
            let read = self.read(rest)?;
            let mut grown = 0;
            for (at, hash) in &self.found {
                let owner = rest.owners.get(*at as usize);
                let counter = owner.and_then(|owner| self.owners.get_mut(*owner as usize));
                grown += counter.map_or(0, |counter| counter.add(*hash, self.precision));
            }
            self.held.set(self.held.bytes().saturating_add_signed(grown))?;
            rest = rest.from(read);
        }
        Ok(())
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        Ok(Map::from_iter([("value".to_owned(), Value::from(self.count(owner)?))]))
    }

    fn sort_value(&mut self, owner: u32, _: &[&str]) -> Result<Option<f64>, Exception> {
        Ok(Some(self.count(owner)? as f64))
    }

    fn debug(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.ways).told()
    }

    fn type_name(&self) -> &'static str {
        "cardinality"
    }
}
