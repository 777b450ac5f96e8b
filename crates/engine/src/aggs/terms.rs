//! `terms`: a bucket for every value of a field.

use std::net::Ipv6Addr;
use std::sync::Arc;

use regex::Regex;
use serde_json::{Map, Value};
use tantivy::columnar::Cardinality;
use tantivy::{DocId, SegmentReader};

use super::buckets::{Buckets, By, Order, first, parse_order};
use super::shared::Shared;
use super::values::{ValuesSource, number_of, wrong_type};
use super::{AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, Subs};
use crate::columns::{self, AnyColumn, Texts, whole, whole_code};
use crate::dsl::regexp;
use crate::exception::Exception;
use crate::exception::io;
use crate::mapping::date::DateFormat;
use crate::mapping::{Column as Kind, FieldType, Leaf};
use crate::work::Held;

/// A `terms` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct TermsAggregation {
    source: ValuesSource,
    size: usize,
    min_doc_count: u64,
    order: Vec<Order>,
    include: Option<ChosenKeys>,
    exclude: Option<ChosenKeys>,
    show_error: bool,
}

/// Which keys count.
#[derive(Clone, Debug)]
enum ChosenKeys {
    Matching(Regex),
    Listed(Vec<String>),
}

impl ChosenKeys {
    fn read(key: &str, value: &Value) -> Result<ChosenKeys, Exception> {
        match value {
            Value::String(expression) => Ok(ChosenKeys::Matching(regexp::compile(
                expression,
                false,
                regexp::REGEX_LENGTH_DEFAULT,
            )?)),
            Value::Array(values) => {
                Ok(ChosenKeys::Listed(values.iter().map(crate::value::scalar::plain).collect()))
            }
            _ => Err(Exception::not_implemented(&format!(
                "terms aggregation with partitions in [{key}]"
            ))),
        }
    }

    fn holds(&self, key: &str) -> bool {
        match self {
            ChosenKeys::Matching(expression) => expression.is_match(key),
            ChosenKeys::Listed(keys) => keys.iter().any(|known| known == key),
        }
    }
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let source = ValuesSource::read("terms", &options)?;
    let size = options.count("size")?.unwrap_or(10) as usize;
    if size == 0 {
        return Err(Exception::illegal_argument(
            "[size] must be greater than 0. Found [0] in [terms]",
        ));
    }
    let order = match options.get("order") {
        Some(order) => parse_order(order)?,
        None => vec![Order { by: By::Count, descending: true }],
    };
    // How many a shard gathers and how it goes about it change no answer here: everything is counted.
    for hint in ["shard_size", "shard_min_doc_count", "execution_hint", "collect_mode"] {
        options.get(hint);
    }
    let choice = |key: &str| options.get(key).map(|value| ChosenKeys::read(key, value)).transpose();
    let terms = TermsAggregation {
        source,
        size,
        min_doc_count: options.count("min_doc_count")?.unwrap_or(1).into(),
        order,
        include: choice("include")?,
        exclude: choice("exclude")?,
        show_error: options.flag("show_term_doc_count_error")?.unwrap_or(false),
    };
    options.finish()?;
    Ok(Arc::new(terms))
}

impl AggregationDefinition for TermsAggregation {
    fn start(&self, subs: Subs, shared: &Shared, held: Held) -> Box<dyn Collector> {
        Box::new(TermsCollector::new(self.clone(), subs, shared, held))
    }
}

/// How many terms are read from a dictionary between two looks at the cancel flag.
const ORDINALS_AT_ONCE: usize = 16 * 1024;

/// What a bucket takes in the list that is ordered, and in the lists made of it.
const LISTED_BYTES: u64 = 96;

/// What the keys of the open index are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum KeyType {
    Texts,
    Whole,
    Unsigned,
    Float,
    Boolean,
    Date,
    Address,
}

/// A `terms` aggregation while it runs. Keys are numbers: of texts by `texts`, of others an order-preserving code.
pub(super) struct TermsCollector {
    definition: TermsAggregation,
    subs: Subs,
    buckets: Buckets<u128>,
    kind: Option<KeyType>,
    format: Option<DateFormat>,
    leaf: Option<Arc<Leaf>>,
    missing: Option<u128>,
    column: AnyColumn,
    texts: Texts,
    /// Counts of ordinals of the open segment, where nothing but counting is to be done.
    dense: Vec<u32>,
    keys: Vec<u128>,
    shared: Shared,
    /// What `dense` takes, and what is listed of one owner.
    held: Held,
}

impl TermsCollector {
    pub(super) fn new(
        definition: TermsAggregation,
        subs: Subs,
        shared: &Shared,
        held: Held,
    ) -> TermsCollector {
        let work = shared.work();
        TermsCollector {
            definition,
            subs,
            buckets: Buckets::new(held),
            kind: None,
            format: None,
            leaf: None,
            missing: None,
            column: AnyColumn::None,
            texts: Texts::new(work),
            dense: Vec::new(),
            keys: Vec::new(),
            shared: shared.clone(),
            held: work.holds("<agg [terms]>"),
        }
    }

    /// Turns the counts of ordinals into buckets: the terms are read in order, which is the fast way.
    fn flush(&mut self) -> Result<(), Exception> {
        let AnyColumn::Strings(column) = &self.column else { return Ok(()) };
        if self.dense.is_empty() {
            return Ok(());
        }
        let counts = std::mem::take(&mut self.dense);
        let wanted: Vec<u64> = (0u64..)
            .zip(&counts)
            .filter(|(_, count)| **count > 0)
            .map(|(ordinal, _)| ordinal)
            .collect();
        let column = column.clone();
        // In pieces, so that the walk over a large dictionary can be called off.
        for ordinals in wanted.chunks(ORDINALS_AT_ONCE) {
            self.shared.check()?;
            let mut found: Vec<String> = Vec::with_capacity(ordinals.len());
            let read = |term: &[u8]| found.push(String::from_utf8_lossy(term).into_owned());
            column.dictionary().sorted_ords_to_term_cb(ordinals, read).map_err(io)?;
            for (ordinal, text) in ordinals.iter().zip(&found) {
                let place = usize::try_from(*ordinal).ok();
                let count = place.and_then(|at| counts.get(at)).copied().unwrap_or(0);
                let key = u128::from(self.texts.number(text)?);
                let number = self.buckets.number(0, key)?;
                self.buckets.add(number, count.into());
            }
        }
        Ok(())
    }

    /// The codes of a document's values, each once.
    fn gather(&mut self, doc: DocId) -> Result<(), Exception> {
        self.keys.clear();
        self.column.codes(doc, &mut self.texts, float_code, &mut self.keys)?;
        if self.keys.len() > 1 {
            self.keys.sort_unstable();
            self.keys.dedup();
        }
        if self.keys.is_empty() {
            self.keys.extend(self.missing);
        }
        Ok(())
    }

    /// The key and its text as they are printed.
    fn printed(&self, key: u128) -> (Value, Option<Value>) {
        match self.kind.unwrap_or(KeyType::Texts) {
            KeyType::Texts => (Value::from(self.texts.name(key)), None),
            KeyType::Whole => (Value::from(whole(key)), None),
            KeyType::Unsigned => (Value::from(key as u64), None),
            KeyType::Float => (Value::from(float(key)), None),
            KeyType::Boolean => {
                let value = whole(key);
                (Value::from(value), Some(Value::from(if value == 0 { "false" } else { "true" })))
            }
            KeyType::Date => {
                let value = whole(key);
                let text = self.format.as_ref().map(|format| Value::from(format.print(value)));
                (Value::from(value), text)
            }
            KeyType::Address => (Value::from(columns::address_text(Ipv6Addr::from(key))), None),
        }
    }

    fn is_chosen(&self, key: u128) -> bool {
        if self.definition.include.is_none() && self.definition.exclude.is_none() {
            return true;
        }
        let (value, text) = self.printed(key);
        let text = text.unwrap_or(value);
        let text = crate::value::scalar::plain(&text);
        self.definition.include.as_ref().is_none_or(|choice| choice.holds(&text))
            && self.definition.exclude.as_ref().is_none_or(|choice| !choice.holds(&text))
    }

    fn all_terms(&mut self) -> Result<(), Exception> {
        let AnyColumn::Strings(column) = &self.column else { return Ok(()) };
        let column = column.clone();
        self.texts.read_all(&column)
    }
}

#[inline]
fn count_one(counts: &mut [u32], ordinal: u128) {
    if let Some(count) = usize::try_from(ordinal).ok().and_then(|at| counts.get_mut(at)) {
        *count += 1;
    }
}

fn float_code(value: f64) -> u128 {
    // Both zeros are one key.
    let bits = if value == 0.0 { 0 } else { value.to_bits() };
    u128::from(if bits >> 63 == 1 { !bits } else { bits | (1 << 63) })
}

fn float(key: u128) -> f64 {
    let ordered = key as u64;
    f64::from_bits(if ordered >> 63 == 1 { ordered & !(1 << 63) } else { !ordered })
}

impl Collector for TermsCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.flush()?;
        self.column = AnyColumn::None;
        self.leaf = self.definition.source.leaf(index)?;
        self.missing = None;
        let Some(leaf) = self.leaf.clone() else {
            if let Some(missing) = &self.definition.source.missing {
                let text = crate::value::scalar::plain(missing);
                self.missing = Some(self.texts.number(&text)?.into());
                self.kind.get_or_insert(KeyType::Texts);
            }
            return self.subs.open_index(index);
        };
        let kind = match &leaf.kind {
            FieldType::Keyword(_) => KeyType::Texts,
            FieldType::Boolean(_) => KeyType::Boolean,
            FieldType::Ip(_) => KeyType::Address,
            FieldType::Date(date) => {
                self.format = Some(match &self.definition.source.format {
                    Some(format) => DateFormat::parse(format)?,
                    None => date.format.clone(),
                });
                KeyType::Date
            }
            FieldType::Number(number) => match number.kind.column() {
                Kind::F64 => KeyType::Float,
                Kind::U64 => KeyType::Unsigned,
                _ => KeyType::Whole,
            },
            FieldType::Text(_) | FieldType::Binary => return Err(wrong_type(&leaf, "terms")),
        };
        if self.kind.is_some_and(|known| known != kind) && self.kind != Some(KeyType::Texts) {
            return Err(Exception::illegal_argument(format!(
                "the field [{}] has different types in the searched indices",
                leaf.path
            )));
        }
        self.kind = Some(kind);
        if let Some(missing) = self.definition.source.missing.clone() {
            self.missing = Some(match kind {
                KeyType::Texts => {
                    let text = crate::value::scalar::plain(&missing);
                    self.texts.number(&text)?.into()
                }
                KeyType::Float => float_code(number_of(&leaf, &missing)?),
                KeyType::Address => {
                    crate::dsl::term::ip(&crate::value::scalar::plain(&missing))?.into()
                }
                KeyType::Unsigned => number_of(&leaf, &missing)? as u128,
                KeyType::Whole | KeyType::Boolean | KeyType::Date => {
                    whole_code(number_of(&leaf, &missing)? as i64)
                }
            });
        }
        self.subs.open_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.flush()?;
        self.column = match &self.leaf {
            Some(leaf) => AnyColumn::open(reader, leaf)?,
            None => AnyColumn::None,
        };
        self.texts.open_segment(&self.column)?;
        self.dense.clear();
        if self.definition.min_doc_count == 0 {
            self.all_terms()?;
        }
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        if owner == 0
            && self.subs.is_empty()
            && self.missing.is_none()
            && let AnyColumn::Strings(column) = &self.column
        {
            if self.dense.is_empty() {
                self.held.set(column.num_terms() as u64 * 4)?;
                self.dense.resize(column.num_terms(), 0);
            }
            let ordinals = column.ords();
            if ordinals.get_cardinality() == Cardinality::Multivalued {
                self.keys.clear();
                self.keys.extend(ordinals.values_for_doc(doc).map(u128::from));
                self.keys.sort_unstable();
                self.keys.dedup();
                for ordinal in &self.keys {
                    count_one(&mut self.dense, *ordinal);
                }
            } else if let Some(ordinal) = ordinals.first(doc) {
                count_one(&mut self.dense, ordinal.into());
            }
            return Ok(());
        }
        self.gather(doc)?;
        for at in 0..self.keys.len() {
            let Some(key) = self.keys.get(at).copied() else { break };
            self.shared.check()?;
            let number = self.buckets.number(owner, key)?;
            self.buckets.add(number, 1);
            self.subs.collect(doc, score, number)?;
        }
        Ok(())
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        self.flush()?;
        let mut listed: Vec<(u128, u64, u32)> = Vec::new();
        self.held.set(self.buckets.of(owner).len() as u64 * LISTED_BYTES)?;
        for (key, number) in self.buckets.of(owner) {
            self.shared.check()?;
            listed.push((*key, self.buckets.count(*number), *number));
        }
        if self.definition.min_doc_count == 0 && self.kind == Some(KeyType::Texts) {
            let known: std::collections::HashSet<u128> =
                listed.iter().map(|bucket| bucket.0).collect();
            let nowhere = self.buckets.nowhere();
            let all = self.texts.all();
            let more = self.texts.count().saturating_sub(listed.len()) as u64;
            self.held.grow(more * LISTED_BYTES)?;
            listed.extend(all.filter(|key| !known.contains(key)).map(|key| (key, 0, nowhere)));
        }
        let mut chosen = Vec::with_capacity(listed.len());
        for bucket in listed {
            self.shared.check()?;
            if bucket.1 >= self.definition.min_doc_count && self.is_chosen(bucket.0) {
                chosen.push(bucket);
            }
        }
        let texts = self.kind.unwrap_or(KeyType::Texts) == KeyType::Texts;
        let name = |key: &u128| self.texts.name(*key).as_bytes();
        let by_key = |a: &u128, b: &u128| if texts { name(a).cmp(name(b)) } else { a.cmp(b) };
        let all: u64 = chosen.iter().map(|bucket| bucket.1).sum();
        let (size, orders) = (self.definition.size, &self.definition.order);
        self.shared.buckets(chosen.len().min(size))?;
        let work = self.shared.work();
        let listed = first(chosen, size, orders, &mut self.subs, by_key, work)?;
        let others = all - listed.iter().map(|bucket| bucket.1).sum::<u64>();
        let mut buckets = Vec::new();
        for (key, count, number) in listed {
            let (key, text) = self.printed(key);
            let mut bucket = Map::from_iter([("key".to_owned(), key)]);
            if let Some(text) = text {
                bucket.insert("key_as_string".into(), text);
            }
            bucket.insert("doc_count".into(), count.into());
            if self.definition.show_error {
                bucket.insert("doc_count_error_upper_bound".into(), 0.into());
            }
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        Ok(Map::from_iter([
            ("doc_count_error_upper_bound".to_owned(), Value::from(0)),
            ("sum_other_doc_count".to_owned(), Value::from(others)),
            ("buckets".to_owned(), Value::Array(buckets)),
        ]))
    }

    fn sort_value(&mut self, _: u32, _: &[&str]) -> Result<Option<f64>, Exception> {
        Ok(None)
    }

    fn type_name(&self) -> &'static str {
        match self.kind {
            None => "umterms",
            Some(KeyType::Texts | KeyType::Address) => "sterms",
            Some(KeyType::Float) => "dterms",
            Some(KeyType::Unsigned) => "ulterms",
            Some(_) => "lterms",
        }
    }
}
