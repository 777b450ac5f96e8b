//! `filter`, `filters`, `missing` and `global`: buckets of what queries match.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::query::{EnableScoring, Weight};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::keys::Keys;
use super::shared::SharedState;
use super::values::ValuesSource;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
    token,
};
use crate::dsl::boolean::Bool;
use crate::dsl::exists::Exists;
use crate::dsl::lower::Lowering;
use crate::dsl::match_all::MatchNone;
use crate::dsl::options::Options;
use crate::dsl::two_phase::TwoPhaseDocuments;
use crate::dsl::{self, Query};
use crate::exception::Exception;
use crate::exception::internal;
use crate::work::HeldMemory;

/// How the buckets are printed.
#[derive(Clone, Debug, PartialEq)]
enum FiltersShape {
    /// `filter`, `missing`, `global`: one bucket, the result itself.
    Single(&'static str),
    /// `filters` by name.
    Keyed(Vec<String>),
    /// `filters` in order.
    Anonymous,
}

/// An aggregation of filters.
#[derive(Clone, Debug)]
pub(crate) struct FiltersAggregation {
    shape: FiltersShape,
    filters: Vec<Query>,
    /// The name of the bucket of what no filter matches.
    other: Option<String>,
    /// The field that it is about, which must have a column.
    of_field: Option<ValuesSource>,
}

impl AggregationDefinition for FiltersAggregation {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(FiltersCollector::new(self.clone(), subs, shared, held))
    }

    fn outcome(&self) -> Outcome {
        match self.shape {
            FiltersShape::Single(_) => Outcome::Bucket,
            _ => Outcome::Buckets,
        }
    }

    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        if matches!(self.shape, FiltersShape::Single(kind) if kind != "filter") {
            return Ok(false);
        }
        one_rewrites(&self.filters, lowering)
    }

    fn is_global(&self) -> bool {
        self.shape == FiltersShape::Single("global")
    }
}

/// Whether Elasticsearch rewrites one of `filters`.
pub(super) fn one_rewrites(filters: &[Query], lowering: &Lowering<'_>) -> Result<bool, Exception> {
    for filter in filters {
        if filter.clause.rewrites(lowering)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn single(kind: &'static str, query: Query) -> Definition {
    let shape = FiltersShape::Single(kind);
    Arc::new(FiltersAggregation { shape, filters: vec![query], other: None, of_field: None })
}

pub(super) fn parse_filter(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    Ok(single("filter", dsl::parse(body.value)?))
}

pub(super) fn parse_missing(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let source = ValuesSource::read("missing", &options)?;
    options.finish()?;
    // With a value for those that have none, none is missing.
    let query = if source.missing.is_some() {
        Query::of(MatchNone)
    } else {
        let exists = Query::of(Exists { field: source.field.clone() });
        Query::of(Bool { must_not: vec![exists], ..Bool::default() })
    };
    Ok(Arc::new(FiltersAggregation {
        shape: FiltersShape::Single("missing"),
        filters: vec![query],
        other: None,
        of_field: Some(source),
    }))
}

pub(super) fn parse_global(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    match body.value.as_object().and_then(|object| object.values().next()) {
        None => Ok(single("global", Query::all())),
        Some(value) => Err(Exception::parsing(format!(
            "Expected [FIELD_NAME] under a [START_OBJECT], but got a [{}] in [{}]",
            token(value),
            body.name
        ))
        .at(value)),
    }
}

/// Refuses the first option that nobody read.
pub(super) fn known_filters(options: &Options<'_>, name: &str) -> Result<(), Exception> {
    match options.unread() {
        None => Ok(()),
        Some((key, value)) => Err(Exception::parsing(format!(
            "Unknown key for a {} in [{name}]: [{key}].",
            token(value)
        ))
        .at(value)),
    }
}

pub(super) fn parse_filters(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let (shape, filters) = match options.get("filters") {
        Some(Value::Object(named)) => {
            let filters: Result<Vec<_>, _> = named.values().map(dsl::parse).collect();
            (FiltersShape::Keyed(named.keys().cloned().collect()), filters?)
        }
        Some(Value::Array(filters)) => {
            let filters: Result<Vec<_>, _> = filters.iter().map(dsl::parse).collect();
            (FiltersShape::Anonymous, filters?)
        }
        _ => return Err(Exception::illegal_argument("[filters] cannot be empty.")),
    };
    if filters.is_empty() {
        return Err(Exception::illegal_argument("[filters] cannot be empty."));
    }
    let key = options.text("other_bucket_key")?;
    let wanted = options.flag("other_bucket")?.unwrap_or(key.is_some());
    known_filters(&options, body.name)?;
    let other = wanted.then(|| key.unwrap_or_else(|| "_other_".to_owned()));
    Ok(Arc::new(FiltersAggregation { shape, filters, other, of_field: None }))
}

/// Filters on the open segment: which of them hold a document.
pub(super) struct FilterSet {
    filters: Vec<Query>,
    weights: Vec<Arc<dyn Weight>>,
    asked: Vec<TwoPhaseDocuments>,
    /// The last document asked for and whether each filter holds it: a second owner asks again.
    last: Option<DocId>,
    matched: Vec<bool>,
    shared: SharedState,
}

impl FilterSet {
    pub(super) fn new(filters: Vec<Query>, shared: &SharedState) -> FilterSet {
        FilterSet {
            matched: vec![false; filters.len()],
            filters,
            weights: Vec::new(),
            asked: Vec::new(),
            last: None,
            shared: shared.clone(),
        }
    }

    pub(super) fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.weights.clear();
        let scoring = || EnableScoring::disabled_from_searcher(&index.snapshot.searcher);
        for filter in &self.filters {
            let lowered = index.lowering.lower_beside(filter)?;
            self.weights.push(lowered.weight(scoring()).map_err(internal)?.into());
        }
        Ok(())
    }

    pub(super) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        let asked = |weight| TwoPhaseDocuments::new(weight, reader, 1.0);
        (self.asked, self.last) = (self.weights.iter().map(asked).collect(), None);
        Ok(())
    }

    /// Whether each filter holds `doc`.
    pub(super) fn judge(&mut self, doc: DocId) -> Result<&[bool], Exception> {
        if self.last == Some(doc) {
            return Ok(&self.matched);
        }
        for (asked, matched) in self.asked.iter_mut().zip(&mut self.matched) {
            self.shared.check()?;
            *matched = asked.holds(doc)?;
        }
        self.last = Some(doc);
        Ok(&self.matched)
    }
}

/// Filters while they run: the buckets of an owner stand side by side.
pub(super) struct FiltersCollector {
    definition: FiltersAggregation,
    subs: SubAggregations,
    set: FilterSet,
    counts: Vec<u64>,
    /// What a script gives, where documents are asked for of which it gives nothing.
    scripted: Option<Keys>,
    shared: SharedState,
    held: HeldMemory,
}

impl FiltersCollector {
    pub(super) fn new(
        definition: FiltersAggregation,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> FiltersCollector {
        FiltersCollector {
            set: FilterSet::new(definition.filters.clone(), shared),
            scripted: definition
                .of_field
                .as_ref()
                .filter(|source| source.script.is_some() && source.missing.is_none())
                .map(|source| Keys::new(source.clone(), TimeZone::UTC, shared.work())),
            definition,
            subs,
            counts: Vec::new(),
            shared: shared.clone(),
            held,
        }
    }

    fn width(&self) -> u32 {
        u32::try_from(self.definition.filters.len() + usize::from(self.definition.other.is_some()))
            .unwrap_or(1)
    }

    fn count(&mut self, doc: DocId, score: f32, bucket: u32) -> Result<(), Exception> {
        let place = bucket as usize;
        if self.counts.len() <= place {
            self.held.grow((place + 1 - self.counts.len()) as u64 * 8)?;
            self.counts.resize(place + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
        self.subs.collect(doc, score, bucket)
    }

    fn bucket(&mut self, number: u32) -> Result<Map<String, Value>, Exception> {
        let count = self.counts.get(number as usize).copied().unwrap_or(0);
        let mut bucket = Map::from_iter([("doc_count".to_owned(), Value::from(count))]);
        self.subs.finish_into(number, &mut bucket)?;
        Ok(bucket)
    }
}

impl Collector for FiltersCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        if let Some(keys) = &mut self.scripted {
            keys.open_index(index, "missing")?;
        } else if let Some(source) = &self.definition.of_field {
            source.leaf(index)?;
            // An object is no field: it is missing everywhere.
            let exists = Query::of(Exists { field: source.field.clone() });
            let absent = Query::of(Bool { must_not: vec![exists], ..Bool::default() });
            let object = index.snapshot.mapping.is_object(&source.field);
            self.set.filters = match &source.missing {
                Some(_) => vec![Query::of(MatchNone)],
                None if object => vec![Query::all()],
                None => vec![absent],
            };
        }
        // The real servers make what is inside first.
        self.subs.open_index(index)?;
        self.set.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.set.open_segment(reader)?;
        if let Some(keys) = &mut self.scripted {
            keys.open_segment(reader)?;
        }
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        if let Some(keys) = &mut self.scripted {
            return match keys.of(doc, score)?.is_empty() {
                true => self.count(doc, score, owner),
                false => Ok(()),
            };
        }
        self.set.judge(doc)?;
        let base = owner.saturating_mul(self.width());
        let mut any = false;
        for filter in 0..self.definition.filters.len() {
            if self.set.matched.get(filter) == Some(&true) {
                any = true;
                self.count(doc, score, base.saturating_add(u32::try_from(filter).unwrap_or(0)))?;
            }
        }
        if !any && self.definition.other.is_some() {
            self.count(doc, score, base.saturating_add(self.width() - 1))?;
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let base = owner.saturating_mul(self.width());
        let shape = self.definition.shape.clone();
        let names = match shape {
            FiltersShape::Single(_) => return self.bucket(base),
            FiltersShape::Keyed(names) => Some(names),
            FiltersShape::Anonymous => None,
        };
        self.shared.buckets(self.width() as usize)?;
        let mut listed = Vec::new();
        for number in 0..self.width() {
            listed.push(self.bucket(base.saturating_add(number))?);
        }
        let buckets = match names {
            None => Value::Array(listed.into_iter().map(Value::Object).collect()),
            Some(mut names) => {
                names.extend(self.definition.other.clone());
                Value::Object(
                    names.into_iter().zip(listed.into_iter().map(Value::Object)).collect(),
                )
            }
        };
        Ok(Map::from_iter([("buckets".to_owned(), buckets)]))
    }

    fn sort_value(&mut self, owner: u32, path: &[&str]) -> Result<Option<f64>, Exception> {
        let base = owner.saturating_mul(self.width());
        match path {
            [] | ["_count" | "doc_count"] => {
                Ok(Some(self.counts.get(base as usize).copied().unwrap_or(0) as f64))
            }
            path => self.subs.sort_value(base, path),
        }
    }

    fn type_name(&self) -> &'static str {
        match self.definition.shape {
            FiltersShape::Single(kind) => kind,
            _ => "filters",
        }
    }
}
