//! `cardinality`: how many different values. Exact up to `precision_threshold`, estimated beyond, as in Elasticsearch.

use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::hashes::{of_code, of_text};
use super::hyperloglog::{Counter, Limits, THRESHOLD_MAX, precision};
use super::script_values::ScriptValues;
use super::shared::{SharedHashes, SharedState};
use super::values::{ValuesSource, wrong_type};
use super::{
    AggregationBody, AggregationDefinition, Block, Collector, Definition, IndexContext,
    SubAggregations,
};
use crate::column_block::{self, CodeBlock, ColumnBlock};
use crate::columns::AnyColumn;
use crate::exception::Exception;
use crate::mapping::{FieldType, Leaf};
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
        if matches!(leaf.kind, FieldType::Binary(_)) {
            return Err(wrong_type(leaf, kind));
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
        let count = match &mut self.script {
            Some(script) => script.texts(doc, score)?.len() as u64,
            None => self.in_column(doc),
        };
        Ok(if count == 0 && self.source.missing.is_some() { 1 } else { count })
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

/// A `cardinality` aggregation while it runs.
pub(super) struct CardinalityCollector {
    counted: CountedValues,
    limits: Limits,
    shared: SharedState,
    /// The hash of what stands for absent values.
    missing: Option<u64>,
    texts: Option<SharedHashes>,
    block: CodeBlock,
    ordinals: ColumnBlock<u64>,
    codes: Vec<(u32, u128)>,
    /// The hashes of a block of documents, each behind the place of its document.
    found: Vec<(u32, u64)>,
    filled: Vec<(u32, u64)>,
    owners: Vec<Counter>,
    held: HeldMemory,
}

impl CardinalityCollector {
    pub(super) fn new(
        definition: CardinalityAggregation,
        shared: &SharedState,
        held: HeldMemory,
    ) -> CardinalityCollector {
        let missing = definition.source.missing.as_ref().map(|missing| {
            of_text(format!("\0missing {}", crate::value::scalar::plain(missing)).as_bytes())
        });
        let threshold = definition.threshold.min(THRESHOLD_MAX);
        CardinalityCollector {
            counted: CountedValues::new(definition.source, shared.work()),
            limits: Limits {
                threshold: usize::try_from(threshold).unwrap_or(usize::MAX),
                precision: precision(threshold),
            },
            shared: shared.clone(),
            missing,
            texts: None,
            block: CodeBlock::default(),
            ordinals: ColumnBlock::default(),
            codes: Vec::new(),
            found: Vec::new(),
            filled: Vec::new(),
            owners: Vec::new(),
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
                self.found.extend(texts.iter().map(|text| (at, of_text(text.as_bytes()))));
            }
            return Ok(self.filled(docs.len()));
        }
        let column = &self.counted.column;
        let bits = |value: f64, _: Option<f64>| value.to_bits().into();
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
                    let hashes = column.values_for_doc(*doc).map(|value| of_code(value.into()));
                    self.found.extend(hashes.map(|hash| (at, hash)));
                }
                docs.len()
            }
            _ => {
                self.codes.clear();
                let read = self.block.read(column, docs, bits, &mut self.codes);
                self.found.extend(self.codes.iter().map(|(at, code)| (*at, of_code(*code))));
                read.unwrap_or(docs.len())
            }
        };
        Ok(self.filled(read))
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
        self.counted.open_index(index, "cardinality")
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.counted.open_segment(reader)?;
        self.texts = match (&self.counted.column, &self.counted.leaf) {
            (AnyColumn::Strings(column), Some(leaf)) => {
                Some(self.shared.hashes(&leaf.path, reader, column.num_terms())?)
            }
            _ => None,
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
            let read = self.read(rest)?;
            let mut grown = 0;
            for (at, hash) in &self.found {
                let owner = rest.owners.get(*at as usize);
                let counter = owner.and_then(|owner| self.owners.get_mut(*owner as usize));
                grown += counter.map_or(0, |counter| counter.add(*hash, self.limits));
            }
            self.held.set(self.held.bytes().saturating_add_signed(grown))?;
            rest = rest.from(read);
        }
        Ok(())
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let count = self.owners.get(owner as usize).map_or(0, Counter::count);
        Ok(Map::from_iter([("value".to_owned(), Value::from(count))]))
    }

    fn sort_value(&mut self, owner: u32, _: &[&str]) -> Result<Option<f64>, Exception> {
        Ok(Some(self.owners.get(owner as usize).map_or(0, Counter::count) as f64))
    }

    fn type_name(&self) -> &'static str {
        "cardinality"
    }
}
