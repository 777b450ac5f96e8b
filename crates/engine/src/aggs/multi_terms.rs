//! `multi_terms`: a bucket for every combination of the values of several fields. OpenSearch alone has it.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::buckets::{Buckets, Order, OrderKey, first, parse_order};
use super::collector::EveryDocument;
use super::keys::{KeyType, Keys};
use super::shared::SharedState;
use super::terms::{Thresholds, collect_mode, count_error, suggested_shard_size};
use super::tuples::KeyTuples;
use super::values::ValuesSource;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::work::HeldMemory;

/// Most fields of one aggregation.
const FIELDS_MAX: usize = 32;

/// A `multi_terms` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct MultiTermsAggregation {
    fields: Vec<ValuesSource>,
    thresholds: Thresholds,
    order: Vec<Order>,
    show_error: bool,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (options, name) = (body.options()?, body.name);
    let too_few = || {
        Exception::illegal_argument(format!(
            "multi term aggregation must has at least 2 terms. Found [{}] in [{name}]",
            options.get("terms").and_then(Value::as_array).map_or(0, Vec::len)
        ))
    };
    let mut fields = Vec::new();
    for field in
        options.get("terms").and_then(Value::as_array).into_iter().flatten().take(FIELDS_MAX + 1)
    {
        let inner = Options::declared("multi_terms", field)?;
        let source = ValuesSource::read("multi_terms", &inner)?;
        inner.finish()?;
        fields.push(source);
    }
    if fields.len() < 2 {
        return Err(options.failed("terms", too_few()));
    }
    if fields.len() > FIELDS_MAX {
        return Err(Exception::illegal_argument(format!(
            "multi term aggregation has at most [{FIELDS_MAX}] terms"
        )));
    }
    collect_mode(&options)?;
    let terms = MultiTermsAggregation {
        fields,
        thresholds: Thresholds::read(&options, name, (10, 1), suggested_shard_size)?,
        order: match options.get("order") {
            Some(order) => parse_order(order).map_err(|cause| options.failed("order", cause))?,
            None => vec![Order { by: OrderKey::Count, descending: true }],
        },
        show_error: options.flag("show_term_doc_count_error")?.unwrap_or(false),
    };
    options.finish()?;
    Ok(Arc::new(terms))
}

impl AggregationDefinition for MultiTermsAggregation {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        let work = shared.work();
        let keys = self.fields.iter().map(|source| Keys::new(source.clone(), TimeZone::UTC, work));
        Box::new(MultiTermsCollector {
            tuples: KeyTuples::new(keys.collect(), work.holds("<agg [multi_terms]>")),
            definition: self.clone(),
            subs,
            buckets: Buckets::new(held),
            every: None,
            shared: shared.clone(),
        })
    }

    fn orders(&self) -> &[Order] {
        &self.order
    }

    fn known_to(&self, flavor: Flavor) -> Result<(), Exception> {
        match flavor {
            Flavor::OpenSearch219 => Ok(()),
            Flavor::Elasticsearch710 => Err(super::unknown_type("multi_terms")),
        }
    }
}

/// `multi_terms` while it runs.
struct MultiTermsCollector {
    definition: MultiTermsAggregation,
    subs: SubAggregations,
    buckets: Buckets<u32>,
    tuples: KeyTuples,
    /// For `min_doc_count: 0`.
    every: Option<EveryDocument>,
    shared: SharedState,
}

impl MultiTermsCollector {
    /// The keys of a bucket as they are printed, and in words.
    fn printed(&self, number: u32) -> (Value, String) {
        let (mut keys, mut words) = (Vec::new(), Vec::new());
        for (key, field) in self.tuples.keys(number).iter().zip(&self.tuples.fields) {
            let (value, text) = field.printed(*key);
            words.push(text.clone().unwrap_or_else(|| crate::value::scalar::plain(&value)));
            keys.push(match (field.kind(), text) {
                (Some(KeyType::Boolean), Some(text)) => Value::Bool(text == "true"),
                (_, Some(text)) => Value::from(text),
                (_, None) => value,
            });
        }
        (Value::Array(keys), words.join("|"))
    }
}

impl Collector for MultiTermsCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.tuples.open_index(index, "multi_terms")?;
        if self.definition.thresholds.min_doc_count == 0 {
            self.every = Some(EveryDocument::of(index)?);
        }
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.tuples.open_segment(reader)?;
        if let Some(every) = &self.every {
            let tuples = &mut self.tuples;
            every.each(reader, &self.shared, |doc| tuples.of(doc, 0.0).map(drop))?;
        }
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        for key in self.tuples.of(doc, score)? {
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
        let Thresholds { size, min_doc_count, .. } = self.definition.thresholds;
        if min_doc_count == 0 {
            for tuple in 0..self.tuples.count() {
                self.shared.check()?;
                self.buckets.number(owner, tuple)?;
            }
        }
        let mut chosen = Vec::new();
        for (key, number) in self.buckets.of(owner) {
            self.shared.check()?;
            let count = self.buckets.count(*number);
            if count >= min_doc_count {
                chosen.push((*key, count, *number));
            }
        }
        let error = count_error(&self.definition.order, self.definition.thresholds, chosen.len());
        let all: u64 = chosen.iter().map(|bucket| bucket.1).sum();
        self.shared.buckets(chosen.len().min(size))?;
        let (tuples, work) = (&self.tuples, self.shared.work());
        let by_key = |a: &u32, b: &u32| tuples.compare(*a, *b);
        let listed = first(chosen, size, &self.definition.order, &mut self.subs, by_key, work)?;
        let others = all - listed.iter().map(|bucket| bucket.1).sum::<u64>();
        let mut buckets = Vec::new();
        for (key, count, number) in listed {
            let (key, words) = self.printed(key);
            let mut bucket = Map::from_iter([("key".to_owned(), key)]);
            bucket.insert("key_as_string".into(), words.into());
            bucket.insert("doc_count".into(), count.into());
            if self.definition.show_error {
                bucket.insert("doc_count_error_upper_bound".into(), error.into());
            }
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        Ok(Map::from_iter([
            ("doc_count_error_upper_bound".to_owned(), Value::from(error)),
            ("sum_other_doc_count".to_owned(), Value::from(others)),
            ("buckets".to_owned(), Value::Array(buckets)),
        ]))
    }

    fn type_name(&self) -> &'static str {
        "multi_terms"
    }
}
