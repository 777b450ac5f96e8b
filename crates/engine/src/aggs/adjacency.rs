//! `adjacency_matrix`: a bucket for each filter, and one for each two of them that share documents.

use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::buckets::Buckets;
use super::filters::{FilterSet, known_filters, one_rewrites};
use super::shared::SharedState;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::dsl::lower::Lowering;
use crate::dsl::{self, Query};
use crate::exception::{Exception, ExceptionKind};
use crate::work::HeldMemory;

/// Most filters (`index.max_adjacency_matrix_filters`).
const FILTERS_MAX: usize = 100;

/// An `adjacency_matrix` aggregation; its filters are in the order of their names.
#[derive(Clone, Debug)]
pub(crate) struct AdjacencyMatrix {
    names: Vec<String>,
    filters: Vec<Query>,
    separator: String,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (options, name) = (body.options()?, body.name);
    let Some(named) = options.get("filters").and_then(Value::as_object) else {
        return Err(Exception::new(
            ExceptionKind::IllegalState,
            format!("[{name}] is missing : filters parameter"),
        ));
    };
    let mut filters = Vec::new();
    for (name, filter) in named {
        filters.push((name.clone(), dsl::parse(filter)?));
    }
    filters.sort_by(|a, b| a.0.cmp(&b.0));
    let separator = options.text("separator")?.unwrap_or_else(|| "&".to_owned());
    known_filters(&options, name)?;
    let (names, filters) = filters.into_iter().unzip();
    Ok(Arc::new(AdjacencyMatrix { names, filters, separator }))
}

impl AggregationDefinition for AdjacencyMatrix {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(AdjacencyCollector {
            set: FilterSet::new(self.filters.clone(), shared),
            definition: self.clone(),
            subs,
            buckets: Buckets::new(held),
            shared: shared.clone(),
        })
    }

    fn rewrites(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        one_rewrites(&self.filters, lowering)
    }
}

/// While it runs; keys are pairs of filters, a filter alone being a pair with itself.
struct AdjacencyCollector {
    definition: AdjacencyMatrix,
    subs: SubAggregations,
    set: FilterSet,
    buckets: Buckets<(u32, u32)>,
    shared: SharedState,
}

impl AdjacencyCollector {
    fn key(&self, (a, b): (u32, u32)) -> String {
        let name = |at: u32| self.definition.names.get(at as usize).map_or("", String::as_str);
        if a == b {
            name(a).to_owned()
        } else {
            [name(a), name(b)].join(&self.definition.separator)
        }
    }
}

impl Collector for AdjacencyCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let count = self.definition.filters.len();
        if count > FILTERS_MAX {
            return Err(Exception::illegal_argument(format!(
                "Number of filters is too large, must be less than or equal to: [{FILTERS_MAX}] but was [{count}].This \
                 limit can be set by changing the [index.max_adjacency_matrix_filters] index level setting."
            )));
        }
        self.subs.open_index(index)?;
        self.set.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.set.open_segment(reader)?;
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let matched = self.set.judge(doc)?;
        let those: Vec<u32> =
            (0u32..).zip(matched).filter(|(_, matched)| **matched).map(|(at, _)| at).collect();
        for (place, a) in those.iter().enumerate() {
            for b in those.iter().skip(place) {
                self.shared.check()?;
                let number = self.buckets.number(owner, (*a, *b))?;
                self.buckets.add(number, 1);
                self.subs.collect(doc, score, number)?;
            }
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let mut listed: Vec<(String, u32)> = self
            .buckets
            .of(owner)
            .iter()
            .map(|(pair, number)| (self.key(*pair), *number))
            .collect();
        listed.sort();
        self.shared.buckets(listed.len())?;
        let mut buckets = Vec::new();
        for (key, number) in listed {
            let mut bucket = Map::from_iter([("key".to_owned(), Value::from(key))]);
            bucket.insert("doc_count".into(), self.buckets.count(number).into());
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        Ok(Map::from_iter([("buckets".to_owned(), Value::Array(buckets))]))
    }

    fn type_name(&self) -> &'static str {
        "adjacency_matrix"
    }
}
