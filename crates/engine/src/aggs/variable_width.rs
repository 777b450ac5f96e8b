//! `variable_width_histogram`: so many buckets, each around values that lie near each other.
//!
//! Which they are is known only when all documents were seen: see `auto_date_histogram`.

use std::sync::Arc;

use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::shared::{Plan, SharedState};
use super::values::{Values, ValuesSource};
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::exception::Exception;
use crate::work::HeldMemory;

/// What a kept value takes.
const VALUE_BYTES: u64 = 12;

/// A `variable_width_histogram` aggregation.
#[derive(Clone, Debug)]
pub(crate) struct VariableWidthHistogram {
    source: ValuesSource,
    buckets: usize,
    shard_size: usize,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (options, name) = (body.options()?, body.name);
    let buckets = options.whole("buckets")?.unwrap_or(10);
    let refused =
        |key: &str, words: String| options.failed(key, Exception::illegal_argument(words));
    if buckets <= 0 {
        return Err(refused("buckets", format!("buckets must be greater than [0] for [{name}]")));
    }
    if buckets > 50_000 {
        return Err(refused("buckets", format!("buckets must be less than [50000] for [{name}]")));
    }
    let shard_size = options.whole("shard_size")?;
    if shard_size.is_some_and(|size| size <= 1) {
        return Err(refused(
            "shard_size",
            format!("shard_size must be greater than [1] for [{name}]"),
        ));
    }
    // How many values wait before they are first put together changes no answer here: all of them do.
    if options.whole("initial_buffer")?.is_some_and(|buffer| buffer <= 0) {
        return Err(refused(
            "initial_buffer",
            format!("initial_buffer must be greater than [0] for [{name}]"),
        ));
    }
    let histogram = VariableWidthHistogram {
        source: ValuesSource::read("variable_width_histogram", &options)?,
        buckets: usize::try_from(buckets).unwrap_or(10),
        shard_size: usize::try_from(shard_size.unwrap_or(buckets * 50)).unwrap_or(usize::MAX),
    };
    options.finish()?;
    Ok(Arc::new(histogram))
}

impl AggregationDefinition for VariableWidthHistogram {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        Box::new(VariableWidthCollector {
            values: Values::new(self.source.clone(), shared.work()),
            definition: self.clone(),
            serial: shared.serial(),
            subs,
            owners: Vec::new(),
            clusters: Vec::new(),
            shared: shared.clone(),
            held,
        })
    }

    fn surveys(&self) -> bool {
        true
    }

    fn needs_one_bucket(&self) -> bool {
        true
    }
}

/// Values near each other.
#[derive(Clone, Copy, Debug)]
struct Cluster {
    min: f64,
    max: f64,
    centroid: f64,
    count: u64,
}

impl Cluster {
    fn of(value: f64) -> Cluster {
        Cluster { min: value, max: value, centroid: value, count: 1 }
    }

    fn add(&mut self, value: f64) {
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.centroid += (value - self.centroid) / self.count as f64;
    }

    fn join(&mut self, other: &Cluster) {
        let count = self.count + other.count;
        let sum = self.centroid * self.count as f64 + other.centroid * other.count as f64;
        self.centroid = sum / count as f64;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.count = count;
    }
}

/// While it runs: all values by owner; on the second walk what falls into the clusters that were found.
struct VariableWidthCollector {
    definition: VariableWidthHistogram,
    values: Values,
    serial: usize,
    subs: SubAggregations,
    owners: Vec<Vec<f64>>,
    /// By the number of their buckets.
    clusters: Vec<Option<Cluster>>,
    shared: SharedState,
    held: HeldMemory,
}

impl VariableWidthCollector {
    /// The clusters of an owner's values: first so many of as many values each, then the two nearest are put together until
    /// they are few enough.
    fn cluster(&self, owner: u32) -> Result<Vec<Cluster>, Exception> {
        let values = self.owners.get(owner as usize).map_or(&[][..], Vec::as_slice);
        let sorted = self.shared.work().sorted_by(values.to_vec(), f64::total_cmp)?;
        let first = (self.definition.shard_size.saturating_mul(3) / 4).max(1);
        let each = sorted.len().div_ceil(first).max(1);
        let mut clusters: Vec<Cluster> = Vec::new();
        for values in sorted.chunks(each) {
            self.shared.check()?;
            let mut all = values.iter();
            let Some(mut cluster) = all.next().map(|value| Cluster::of(*value)) else { continue };
            all.for_each(|value| cluster.add(*value));
            match clusters.last_mut().filter(|last| last.centroid == cluster.centroid) {
                Some(last) => last.join(&cluster),
                None => clusters.push(cluster),
            }
        }
        while clusters.len() > self.definition.buckets {
            self.shared.check()?;
            let gaps =
                clusters.iter().zip(clusters.iter().skip(1)).map(|(a, b)| b.centroid - a.centroid);
            let nearest = gaps.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at);
            let Some(at) = nearest else { break };
            let next = clusters.remove(at + 1);
            if let Some(own) = clusters.get_mut(at) {
                own.join(&next);
            }
        }
        Ok(clusters)
    }
}

impl Collector for VariableWidthCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.values.open_index(index, "variable_width_histogram")?;
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.values.open_segment(reader)?;
        self.subs.open_segment(reader)
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let mut found = Vec::new();
        self.values.each(doc, score, |value| found.push(value))?;
        let place = owner as usize;
        let Some(plan) = self.shared.plan(self.serial, owner) else {
            if self.owners.len() <= place {
                self.held.grow(((place + 1 - self.owners.len()) * size_of::<Vec<f64>>()) as u64)?;
                self.owners.resize_with(place + 1, Vec::new);
            }
            self.held.grow(found.len() as u64 * VALUE_BYTES)?;
            if let Some(kept) = self.owners.get_mut(place) {
                kept.extend(found);
            }
            return Ok(());
        };
        for value in found {
            self.shared.check()?;
            let bucket = plan.starts.partition_point(|start| *start <= value).saturating_sub(1);
            let number = plan.first.saturating_add(u32::try_from(bucket).unwrap_or(u32::MAX));
            let at = number as usize;
            if self.clusters.len() <= at {
                self.held.grow((at + 1 - self.clusters.len()) as u64 * 40)?;
                self.clusters.resize(at + 1, None);
            }
            match self.clusters.get_mut(at) {
                Some(Some(cluster)) => cluster.add(value),
                Some(absent) => *absent = Some(Cluster::of(value)),
                None => {}
            }
            self.subs.collect(doc, score, number)?;
        }
        Ok(())
    }

    fn survey(&mut self) -> Result<(), Exception> {
        for owner in 0..u32::try_from(self.owners.len()).unwrap_or(0) {
            let starts = self.cluster(owner)?.into_iter().map(|cluster| cluster.min).collect();
            let plan = Plan { starts, ..Plan::default() };
            self.shared.set_plan(self.serial, owner, plan);
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let (clusters, first) = match self.shared.plan(self.serial, owner) {
            None => (self.cluster(owner)?, 0),
            Some(plan) => {
                let start = plan.first as usize;
                let own = self.clusters.iter().skip(start).take(plan.starts.len());
                (own.copied().flatten().collect(), plan.first)
            }
        };
        self.shared.buckets(clusters.len())?;
        let mut buckets = Vec::new();
        for (cluster, number) in clusters.into_iter().zip(first..) {
            let mut bucket = Map::new();
            for (name, value) in
                [("min", cluster.min), ("key", cluster.centroid), ("max", cluster.max)]
            {
                bucket.insert(name.into(), value.into());
                if let Some(text) = self.values.text(value) {
                    bucket.insert(format!("{name}_as_string"), text);
                }
            }
            bucket.insert("doc_count".into(), cluster.count.into());
            self.subs.finish_into(number, &mut bucket)?;
            buckets.push(Value::Object(bucket));
        }
        Ok(Map::from_iter([("buckets".to_owned(), Value::Array(buckets))]))
    }

    fn type_name(&self) -> &'static str {
        "variable_width_histogram"
    }
}
