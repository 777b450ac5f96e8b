//! `filter`, `filters`, `missing` and `global`: buckets of what queries match.

use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::query::{EnableScoring, Scorer, Weight};
use tantivy::{DocId, DocSet, SegmentReader};

use super::definition::Outcome;
use super::shared::Shared;
use super::{AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, Subs};
use crate::dsl::boolean::Bool;
use crate::dsl::exists::Exists;
use crate::dsl::match_all::MatchNone;
use crate::dsl::{self, Query};
use crate::exception::Exception;
use crate::exception::internal;
use crate::work::Held;

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
}

impl AggregationDefinition for FiltersAggregation {
    fn start(&self, subs: Subs, shared: &Shared, held: Held) -> Box<dyn Collector> {
        Box::new(FiltersCollector::new(self.clone(), subs, shared, held))
    }

    fn outcome(&self) -> Outcome {
        match self.shape {
            FiltersShape::Single(_) => Outcome::Bucket,
            _ => Outcome::Buckets,
        }
    }

    fn is_global(&self) -> bool {
        self.shape == FiltersShape::Single("global")
    }
}

fn single(kind: &'static str, query: Query) -> Definition {
    let shape = FiltersShape::Single(kind);
    Arc::new(FiltersAggregation { shape, filters: vec![query], other: None })
}

pub(super) fn parse_filter(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    Ok(single("filter", dsl::parse(body.value)?))
}

pub(super) fn parse_missing(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let field = options.required_text("field")?;
    let stands_in = options.get("missing").is_some();
    options.finish()?;
    if stands_in {
        // With a value for those that have none, none is missing.
        return Ok(single("missing", Query::of(MatchNone)));
    }
    let exists = Query::of(Exists { field });
    let absent = Bool { must_not: vec![exists], ..Bool::default() };
    Ok(single("missing", Query::of(absent)))
}

pub(super) fn parse_global(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    body.options()?.finish()?;
    Ok(single("global", Query::all()))
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
        _ => return Err(Exception::illegal_argument("[filters] cannot be empty")),
    };
    if filters.is_empty() {
        return Err(Exception::illegal_argument("[filters] cannot be empty."));
    }
    let key = options.text("other_bucket_key")?;
    let wanted = options.flag("other_bucket")?.unwrap_or(key.is_some());
    options.finish()?;
    let other = wanted.then(|| key.unwrap_or_else(|| "_other_".to_owned()));
    Ok(Arc::new(FiltersAggregation { shape, filters, other }))
}

/// Filters while they run: the buckets of an owner stand side by side.
pub(super) struct FiltersCollector {
    definition: FiltersAggregation,
    subs: Subs,
    weights: Vec<Box<dyn Weight>>,
    scorers: Vec<Box<dyn Scorer>>,
    /// The last document asked for and whether each filter holds it: a second owner asks again.
    counts: Vec<u64>,
    reader: Option<SegmentReader>,
    last: Option<DocId>,
    matched: Vec<bool>,
    shared: Shared,
    held: Held,
}

impl FiltersCollector {
    pub(super) fn new(
        definition: FiltersAggregation,
        subs: Subs,
        shared: &Shared,
        held: Held,
    ) -> FiltersCollector {
        let matched = vec![false; definition.filters.len()];
        FiltersCollector {
            definition,
            subs,
            weights: Vec::new(),
            scorers: Vec::new(),
            counts: Vec::new(),
            reader: None,
            last: None,
            matched,
            shared: shared.clone(),
            held,
        }
    }

    fn width(&self) -> u32 {
        u32::try_from(self.definition.filters.len() + usize::from(self.definition.other.is_some()))
            .unwrap_or(1)
    }

    fn judge(&mut self, doc: DocId) -> Result<(), Exception> {
        if self.last == Some(doc) {
            return Ok(());
        }
        if self.last.is_some_and(|last| last > doc) {
            // Another owner walks the segment again from its start.
            self.rewind()?;
        }
        for (scorer, matched) in self.scorers.iter_mut().zip(&mut self.matched) {
            self.shared.check()?;
            *matched = scorer.doc() <= doc && (scorer.doc() == doc || scorer.seek(doc) == doc);
        }
        self.last = Some(doc);
        Ok(())
    }

    fn rewind(&mut self) -> Result<(), Exception> {
        self.last = None;
        self.scorers.clear();
        if let Some(reader) = &self.reader {
            for weight in &self.weights {
                self.shared.check()?;
                self.scorers.push(weight.scorer(reader, 1.0).map_err(internal)?);
            }
        }
        Ok(())
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
        self.weights.clear();
        let scoring = || EnableScoring::disabled_from_searcher(&index.snapshot.searcher);
        for filter in &self.definition.filters {
            let lowered = index.lowering.lower(filter)?;
            self.weights.push(lowered.weight(scoring()).map_err(internal)?);
        }
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.reader = Some(reader.clone());
        self.rewind()?;
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        self.judge(doc)?;
        let base = owner.saturating_mul(self.width());
        let mut any = false;
        for filter in 0..self.definition.filters.len() {
            if self.matched.get(filter) == Some(&true) {
                any = true;
                self.count(doc, score, base.saturating_add(u32::try_from(filter).unwrap_or(0)))?;
            }
        }
        if !any && self.definition.other.is_some() {
            self.count(doc, score, base.saturating_add(self.width() - 1))?;
        }
        Ok(())
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
