//! `significant_terms`: the values that documents of a bucket have more often than others.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::columnar::StrColumn;
use tantivy::query::Weight;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use super::buckets::Buckets;
use super::include::{DecidedKeys, IncludeExclude};
use super::java::greatest;
use super::keys::{KeyType, Keys};
use super::shared::SharedState;
use super::significance::{Frequencies, Measure, Significance};
use super::terms::{Thresholds, suggested_shard_size};
use super::values::ValuesSource;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::columns::AnyColumn;
use crate::dsl::options::Options;
use crate::dsl::{self, Query};
use crate::exception::{Exception, ExceptionKind, internal, io};
use crate::flavor::Flavor;
use crate::value::java::hash_order;
use crate::work::HeldMemory;

/// What a counted value takes.
const VALUE_BYTES: u64 = 48;

/// What `significant_terms` and `significant_text` share.
#[derive(Clone, Debug)]
pub(crate) struct SignificantOptions {
    pub(crate) name: String,
    pub(crate) thresholds: Thresholds,
    pub(crate) choice: IncludeExclude,
    pub(crate) measure: Significance,
    pub(crate) background: Option<Query>,
}

impl SignificantOptions {
    pub(crate) fn read(options: &Options<'_>, name: &str) -> Result<SignificantOptions, Exception> {
        let background = match options.get("background_filter") {
            Some(filter) => Some(dsl::parse(filter)?),
            None => None,
        };
        Ok(SignificantOptions {
            name: name.to_owned(),
            thresholds: Thresholds::read(options, name, (10, 3), |size| {
                2 * suggested_shard_size(size)
            })?,
            choice: IncludeExclude::read(options)?,
            measure: Significance::read(options)?,
            background,
        })
    }

    /// The weight of the documents that others are compared with.
    pub(crate) fn background(
        &self,
        index: &IndexContext<'_>,
    ) -> Result<Box<dyn Weight>, Exception> {
        index.background(self.background.as_ref())
    }
}

/// A `significant_terms` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct SignificantTerms {
    source: ValuesSource,
    own: SignificantOptions,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let own = SignificantOptions::read(&options, body.name)?;
    // How it is executed changes no answer here.
    options.get("execution_hint");
    let source = ValuesSource::read("significant_terms", &options)?;
    known_significant(&options, "significant_terms")?;
    Ok(Arc::new(SignificantTerms { source, own }))
}

/// The options, among which measures are looked for by name.
const OPTIONS: &[&str] = &[
    "background_filter",
    "chi_square",
    "exclude",
    "execution_hint",
    "field",
    "format",
    "gnd",
    "include",
    "jlh",
    "min_doc_count",
    "missing",
    "mutual_information",
    "percentage",
    "script",
    "script_heuristic",
    "shard_min_doc_count",
    "shard_size",
    "size",
    "value_type",
];

/// Refuses the first option that nobody read, as a measure that there is not.
pub(crate) fn known_significant(options: &Options<'_>, kind: &str) -> Result<(), Exception> {
    let Some((key, value)) = options.unread() else { return Ok(()) };
    let likely = super::did_you_mean(key, OPTIONS.iter().copied());
    let reason = format!("[{kind}] unknown field [{key}]{likely}");
    let root = Exception::new(ExceptionKind::NamedObjectNotFound, format!("unknown field [{key}]"));
    let root = root.at(value);
    Err(Exception::new(ExceptionKind::XContentParse, reason)
        .at_key(value)
        .root_cause(root.clone())
        .caused_by(root))
}

impl AggregationDefinition for SignificantTerms {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        let work = shared.work();
        Box::new(SignificantCollector {
            keys: Keys::new(self.source.clone(), TimeZone::UTC, work),
            definition: self.clone(),
            subs,
            buckets: Buckets::new(held),
            decided: DecidedKeys::default(),
            subsets: Vec::new(),
            background: None,
            measure: Measure::default(),
            superset: 0,
            counted: HashMap::new(),
            segments: Vec::new(),
            unscripted: AnyColumn::None,
            unscripted_held: work.holds("<fielddata>"),
            is_mapped: false,
            flavor: Flavor::OpenSearch219,
            shared: shared.clone(),
            held: work.holds("<agg [significant_terms]>"),
        })
    }
}

/// `significant_terms` while it runs.
struct SignificantCollector {
    definition: SignificantTerms,
    subs: SubAggregations,
    buckets: Buckets<u128>,
    keys: Keys,
    decided: DecidedKeys,
    /// How many documents each owner has.
    subsets: Vec<u64>,
    background: Option<Box<dyn Weight>>,
    measure: Measure,
    /// How many documents there are to compare with, and how many of them have a value: by its key, texts by the ordinals
    /// of each segment.
    superset: u64,
    counted: HashMap<u128, u64>,
    segments: Vec<(StrColumn, Vec<u32>)>,
    /// The column of the field where a script makes the keys of it: in the background its own values are counted.
    unscripted: AnyColumn,
    unscripted_held: HeldMemory,
    /// Whether an index has the field, or something stands for it.
    is_mapped: bool,
    flavor: Flavor,
    shared: SharedState,
    held: HeldMemory,
}

impl SignificantCollector {
    /// Counts the values of all documents of the segment that others are compared with.
    fn count_background(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        let Some(weight) = &self.background else { return Ok(()) };
        let mut scorer = weight.scorer(reader, 1.0).map_err(internal)?;
        let scripted = self.definition.source.script.is_some();
        let texts = match if scripted { &self.unscripted } else { &self.keys.column } {
            AnyColumn::Strings(column) => Some(column.clone()),
            _ => None,
        };
        let mut codes = Vec::new();
        let mut counts = vec![0u32; texts.as_ref().map_or(0, |column| column.num_terms())];
        self.held.grow(counts.len() as u64 * 4)?;
        let mut ordinals: Vec<u64> = Vec::new();
        while scorer.doc() != TERMINATED {
            self.shared.check()?;
            let doc = scorer.doc();
            if !reader.is_deleted(doc) {
                self.superset += 1;
                if let Some(column) = &texts {
                    ordinals.clear();
                    ordinals.extend(column.term_ords(doc));
                    ordinals.sort_unstable();
                    ordinals.dedup();
                    for ordinal in &ordinals {
                        let place = usize::try_from(*ordinal).unwrap_or(usize::MAX);
                        if let Some(count) = counts.get_mut(place) {
                            *count += 1;
                        }
                    }
                } else {
                    codes.clear();
                    if scripted {
                        let texts = &mut self.keys.texts;
                        self.unscripted.codes(doc, texts, super::keys::float_code, &mut codes)?;
                        codes.sort_unstable();
                        codes.dedup();
                    } else {
                        codes.extend_from_slice(self.keys.of(doc, 0.0)?);
                    }
                    for key in &codes {
                        let count = self.counted.entry(*key).or_insert_with(|| 0);
                        *count += 1;
                        if *count == 1 {
                            self.held.grow(VALUE_BYTES)?;
                        }
                    }
                }
            }
            scorer.advance();
        }
        if let Some(column) = texts {
            self.segments.push((column, counts));
        }
        Ok(())
    }

    /// How many of all documents have a value.
    fn superset_of(&self, key: u128) -> Result<u64, Exception> {
        let mut count = self.counted.get(&key).copied().unwrap_or(0);
        for (column, counts) in self.segments.iter().filter(|_| self.keys.are_texts()) {
            let text = self.keys.texts.name(key);
            let ordinal = column.dictionary().term_ord(text.as_bytes()).map_err(io)?;
            let place = ordinal.and_then(|ordinal| usize::try_from(ordinal).ok());
            count += u64::from(place.and_then(|at| counts.get(at)).copied().unwrap_or(0));
        }
        Ok(count)
    }
}

/// A term that may be significant: its score, its key, what it has, its bucket.
pub(crate) type ScoredTerm = (f64, u128, Frequencies, u32);

impl Collector for SignificantCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        if self.definition.source.field.is_empty() {
            // The real servers look for the field and fail with a null pointer.
            return Err(Exception::illegal_argument(
                "[significant_terms] compares with the values of a [field], and a [script] alone has none",
            ));
        }
        self.keys.open_index(index, "significant_terms")?;
        self.is_mapped |= self.keys.leaf().is_some() || self.definition.source.missing.is_some();
        self.flavor = index.flavor;
        if self.keys.kind() == Some(KeyType::Float) {
            return Err(Exception::new(
                ExceptionKind::UnsupportedOperation,
                "No support for examining floating point numerics",
            )
            .with_status(500));
        }
        if !self.definition.own.choice.is_everything() {
            let name = self.definition.own.name.clone();
            let fault = ExceptionKind::IllegalArgument;
            self.decided = self.definition.own.choice.decide(&name, &mut self.keys, fault)?;
        }
        self.background = Some(self.definition.own.background(index)?);
        let work = self.shared.work();
        self.measure = self.definition.own.measure.ready(work, self.shared.now())?;
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.keys.open_segment(reader)?;
        if let (Some(leaf), Some(_)) = (self.keys.leaf(), &self.definition.source.script) {
            let (work, held) = (self.shared.work(), &mut self.unscripted_held);
            self.unscripted = AnyColumn::open(reader, leaf, work, held)?;
        }
        self.count_background(reader)?;
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let place = owner as usize;
        if self.subsets.len() <= place {
            self.held.grow((place + 1 - self.subsets.len()) as u64 * 8)?;
            self.subsets.resize(place + 1, 0);
        }
        if let Some(count) = self.subsets.get_mut(place) {
            *count += 1;
        }
        for key in self.keys.of(doc, score)? {
            self.shared.check()?;
            let number = self.buckets.number(owner, *key)?;
            self.buckets.add(number, 1);
            self.subs.collect(doc, score, number)?;
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let subset = self.subsets.get(owner as usize).copied().unwrap_or(0);
        let thresholds = self.definition.own.thresholds;
        let mut scored: Vec<ScoredTerm> = Vec::new();
        for (key, number) in self.buckets.of(owner) {
            self.shared.check()?;
            let subset_term = self.buckets.count(*number);
            let is_chosen = self.decided.is_everything() || self.decided.holds(*key, &self.keys);
            if subset_term < thresholds.shard_min_doc_count || !is_chosen {
                continue;
            }
            let superset_term = self.superset_of(*key)?;
            let of = Frequencies { subset_term, subset, superset_term, superset: self.superset };
            scored.push((self.measure.score(of)?, *key, of, *number));
        }
        // Elasticsearch walks over the ordinals of texts where there is one set of them, and else over what was seen first.
        let all_alone = self.subsets.len() <= 1 && self.subs.is_empty();
        if all_alone && self.keys.are_texts() && self.definition.own.choice.is_everything() {
            scored = self.shared.work().sorted_by(scored, |a, b| self.keys.compare(a.1, b.1))?;
        }
        let scored = most_significant(scored, |key| self.keys.text(*key), thresholds, self.flavor);
        self.shared.buckets(scored.len())?;
        let mut buckets = Vec::new();
        for (score, key, of, number) in scored {
            let (key, text) = self.keys.printed(key);
            let mut bucket = Map::from_iter([("key".to_owned(), key)]);
            if let Some(text) = text {
                // Elasticsearch prints booleans here as what they are.
                let text = match self.keys.kind() {
                    Some(KeyType::Boolean) => Value::Bool(text == "true"),
                    _ => Value::from(text),
                };
                bucket.insert("key_as_string".into(), text);
            }
            told(&mut bucket, score, of);
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        let is_scripted = self.definition.source.script.is_some();
        if self.keys.kind().is_none() || is_scripted && !self.is_mapped {
            return Ok(Map::from_iter([("buckets".to_owned(), Value::Array(buckets))]));
        }
        Ok(Map::from_iter([
            ("doc_count".to_owned(), Value::from(subset)),
            ("bg_count".to_owned(), Value::from(self.superset)),
            ("buckets".to_owned(), Value::Array(buckets)),
        ]))
    }

    fn type_name(&self) -> &'static str {
        match self.keys.kind() {
            None | Some(KeyType::Texts | KeyType::Address) => "sigsterms",
            Some(_) => "siglterms",
        }
    }
}

/// The terms with the highest scores, of those that are frequent enough and more frequent than in the background; of equals
/// those that come first in Elasticsearch: a shard picks `shard_size` with a heap, however rare, then all are gathered in a
/// hash table by the `text` of their key, and `size` are picked with a heap.
pub(crate) fn most_significant<K>(
    scored: Vec<(f64, K, Frequencies, u32)>,
    text: impl Fn(&K) -> String,
    thresholds: Thresholds,
    flavor: Flavor,
) -> Vec<(f64, K, Frequencies, u32)> {
    type Scored<K> = (f64, K, Frequencies, u32);
    let less = |a: &Scored<K>, b: &Scored<K>| a.0 < b.0;
    let of_shard = greatest(scored, thresholds.shard_size, flavor, less);
    let texts: Vec<String> = of_shard.iter().map(|term| text(&term.1)).collect();
    let mut of_shard: Vec<Option<Scored<K>>> = of_shard.into_iter().map(Some).collect();
    let ordered = hash_order(&texts).into_iter();
    let ordered = ordered.filter_map(|at| of_shard.get_mut(at).and_then(Option::take));
    let told = |term: &Scored<K>| term.0 > 0.0 && term.2.subset_term >= thresholds.min_doc_count;
    greatest(ordered.filter(told), thresholds.size, flavor, less)
}

/// What a bucket tells besides its key.
pub(crate) fn told(bucket: &mut Map<String, Value>, score: f64, of: Frequencies) {
    bucket.insert("doc_count".into(), of.subset_term.into());
    bucket.insert("score".into(), score.into());
    bucket.insert("bg_count".into(), of.superset_term.into());
}
