//! `rare_terms`: a bucket for each value that few documents have. Counted exactly.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::buckets::{Buckets, Order, OrderKey, first};
use super::include::{DecidedKeys, IncludeExclude};
use super::keys::{KeyType, Keys};
use super::shared::SharedState;
use super::values::ValuesSource;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::exception::{Exception, ExceptionKind};
use crate::work::HeldMemory;

/// What a bucket takes in the list that is ordered.
const LISTED_BYTES: u64 = 96;

/// A `rare_terms` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct RareTermsAggregation {
    name: String,
    source: ValuesSource,
    most: u64,
    choice: IncludeExclude,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (options, name) = (body.options()?, body.name);
    let most = options.whole("max_doc_count")?.unwrap_or(1);
    let bad = |words: String| options.failed("max_doc_count", Exception::illegal_argument(words));
    if most <= 0 {
        return Err(bad(format!(
            "[max_doc_count] must be greater than 0. Found [{most}] in [{name}]"
        )));
    }
    if most > 100 {
        return Err(bad(format!("[max_doc_count] must be smaller than 100in [{name}]")));
    }
    // How exact a filter is that there is no need of here.
    if let Some(precision) = options.double("precision")?.filter(|it| *it < 0.00001) {
        let cause = Exception::illegal_argument(format!(
            "[precision] must be greater than 0.00001 (found [{precision:?}]) in [{name}]"
        ));
        return Err(options.failed("precision", cause));
    }
    let terms = RareTermsAggregation {
        name: name.to_owned(),
        source: ValuesSource::read("rare_terms", &options)?,
        most: most.try_into().unwrap_or(1),
        choice: IncludeExclude::read(&options)?,
    };
    options.finish()?;
    Ok(Arc::new(terms))
}

impl AggregationDefinition for RareTermsAggregation {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        let work = shared.work();
        Box::new(RareTermsCollector {
            keys: Keys::new(self.source.clone(), TimeZone::UTC, work),
            definition: self.clone(),
            subs,
            buckets: Buckets::new(held),
            decided: DecidedKeys::default(),
            shared: shared.clone(),
            held: work.holds("<agg [rare_terms]>"),
        })
    }
}

/// `rare_terms` while it runs.
struct RareTermsCollector {
    definition: RareTermsAggregation,
    subs: SubAggregations,
    buckets: Buckets<u128>,
    keys: Keys,
    decided: DecidedKeys,
    shared: SharedState,
    held: HeldMemory,
}

impl Collector for RareTermsCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.keys.open_index(index, "rare_terms")?;
        if self.keys.kind() == Some(KeyType::Float) {
            return Err(Exception::illegal_argument(
                "RareTerms aggregation does not support floating point fields.",
            ));
        }
        if !self.definition.choice.is_everything() {
            let (name, fault) = (&self.definition.name, ExceptionKind::IllegalArgument);
            self.decided = self.definition.choice.decide(name, &mut self.keys, fault)?;
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
        self.held.set(self.buckets.of(owner).len() as u64 * LISTED_BYTES)?;
        let mut chosen = Vec::new();
        for (key, number) in self.buckets.of(owner) {
            self.shared.check()?;
            let count = self.buckets.count(*number);
            let is_chosen = self.decided.is_everything() || self.decided.holds(*key, &self.keys);
            if count <= self.definition.most && is_chosen {
                chosen.push((*key, count, *number));
            }
        }
        self.shared.buckets(chosen.len())?;
        let orders = [Order { by: OrderKey::Count, descending: false }];
        let (keys, work) = (&self.keys, self.shared.work());
        let by_key = |a: &u128, b: &u128| keys.compare(*a, *b);
        let listed = first(chosen, usize::MAX, &orders, &mut self.subs, by_key, work)?;
        let mut buckets = Vec::new();
        for (key, count, number) in listed {
            let (key, text) = self.keys.printed(key);
            let mut bucket = Map::from_iter([("key".to_owned(), key)]);
            if let Some(text) = text {
                bucket.insert("key_as_string".into(), text.into());
            }
            bucket.insert("doc_count".into(), count.into());
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        Ok(Map::from_iter([("buckets".to_owned(), Value::Array(buckets))]))
    }

    fn type_name(&self) -> &'static str {
        match self.keys.kind() {
            None => "sterms",
            Some(KeyType::Texts | KeyType::Address) => "srareterms",
            Some(_) => "lrareterms",
        }
    }
}
