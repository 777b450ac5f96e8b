//! `sampler` and `diversified_sampler`: only the best documents of each shard go into the aggregations inside.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tantivy::{DocId, SegmentReader};

use super::definition::Outcome;
use super::keys::Keys;
use super::shared::SharedState;
use super::values::ValuesSource;
use super::{
    AggregationBody, AggregationDefinition, Collector, Definition, IndexContext, SubAggregations,
};
use crate::exception::Exception;
use crate::work::HeldMemory;

/// What a kept document takes.
const SAMPLE_BYTES: u64 = 48;

/// A `sampler` aggregation; with a field, not too many of those that share a value of it.
#[derive(Clone, Debug)]
pub(crate) struct Sampler {
    shard_size: usize,
    diverse: Option<(ValuesSource, usize)>,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let options = body.options()?;
    let shard_size = whole(&options, "shard_size", 100)?;
    if let Some((key, value)) = options.unread() {
        return Err(Exception::parsing(format!(
            "Unsupported property \"{key}\" for aggregation \"{}",
            body.name
        ))
        .at(value));
    }
    Ok(Arc::new(Sampler { shard_size, diverse: None }))
}

pub(super) fn parse_diversified(body: &AggregationBody<'_>) -> Result<Definition, Exception> {
    let (options, name) = (body.options()?, body.name);
    for key in ["shard_size", "max_docs_per_value"] {
        let words = if key == "shard_size" { "shardSize" } else { "maxDocsPerValue" };
        if let Some(number) = options.whole(key)?.filter(|number| *number < 0) {
            let cause = Exception::illegal_argument(format!(
                "[{words}] must be greater than or equal to 0. Found [{number}] in [{name}]"
            ));
            return Err(options.failed(key, cause));
        }
    }
    let shard_size = whole(&options, "shard_size", 100)?;
    let most = whole(&options, "max_docs_per_value", 1)?;
    // How values are told apart changes no answer here.
    options.get("execution_hint");
    let source = ValuesSource::read("diversified_sampler", &options)?;
    options.finish()?;
    Ok(Arc::new(Sampler { shard_size, diverse: Some((source, most)) }))
}

fn whole(
    options: &crate::dsl::options::Options<'_>,
    key: &str,
    default: i64,
) -> Result<usize, Exception> {
    Ok(usize::try_from(options.whole(key)?.unwrap_or(default)).unwrap_or(0))
}

impl AggregationDefinition for Sampler {
    fn start(
        &self,
        subs: SubAggregations,
        shared: &SharedState,
        held: HeldMemory,
    ) -> Box<dyn Collector> {
        let source = self.diverse.as_ref().map(|(source, _)| source.clone());
        Box::new(SamplerCollector {
            keys: source.map(|source| Keys::new(source, TimeZone::UTC, shared.work())),
            definition: self.clone(),
            subs,
            segments: Vec::new(),
            samples: HashMap::new(),
            counts: HashMap::new(),
            shared: shared.clone(),
            held,
        })
    }

    fn outcome(&self) -> Outcome {
        Outcome::Bucket
    }

    fn needs_scores(&self) -> bool {
        true
    }
}

/// A document of the open index: its score, its segment, itself, its key.
#[derive(Clone, Copy)]
struct Sample {
    score: f32,
    segment: usize,
    doc: DocId,
    key: Option<u128>,
}

impl Sample {
    /// The best first; of equals the one that comes first.
    fn compare(&self, other: &Sample) -> Ordering {
        let place = (self.segment, self.doc).cmp(&(other.segment, other.doc));
        other.score.total_cmp(&self.score).then(place)
    }
}

/// While it runs: the documents of an index wait until all of them are known.
struct SamplerCollector {
    definition: Sampler,
    subs: SubAggregations,
    keys: Option<Keys>,
    segments: Vec<SegmentReader>,
    samples: HashMap<u32, Vec<Sample>>,
    counts: HashMap<u32, u64>,
    shared: SharedState,
    held: HeldMemory,
}

impl SamplerCollector {
    /// The best of an owner's documents.
    fn best(&self, samples: Vec<Sample>) -> Result<Vec<Sample>, Exception> {
        let mut samples = self.shared.work().sorted_by(samples, Sample::compare)?;
        if let Some((_, most)) = self.definition.diverse {
            let mut seen: HashMap<Option<u128>, usize> = HashMap::new();
            samples.retain(|sample| {
                let count = seen.entry(sample.key).or_insert(0);
                *count += 1;
                *count <= most
            });
        }
        samples.truncate(self.definition.shard_size);
        Ok(samples)
    }
}

impl Collector for SamplerCollector {
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.segments.clear();
        self.samples.clear();
        if let Some(keys) = &mut self.keys {
            keys.open_index(index, "diversified_sampler")?;
        }
        self.subs.open_index(index)
    }

    fn close_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        let mut chosen: Vec<(Sample, u32)> = Vec::new();
        for (owner, samples) in std::mem::take(&mut self.samples) {
            let best = self.best(samples)?;
            *self.counts.entry(owner).or_insert(0) += best.len() as u64;
            chosen.extend(best.into_iter().map(|sample| (sample, owner)));
        }
        chosen.sort_by_key(|(sample, owner)| (sample.segment, sample.doc, *owner));
        let mut chosen = chosen.into_iter().peekable();
        for (place, reader) in self.segments.iter().enumerate() {
            self.subs.open_segment(reader)?;
            while let Some((sample, owner)) = chosen.next_if(|(sample, _)| sample.segment == place)
            {
                self.shared.check()?;
                self.subs.collect(sample.doc, sample.score, owner)?;
            }
        }
        self.held.set(self.counts.len() as u64 * SAMPLE_BYTES)?;
        self.subs.close_index(index)
    }

    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.segments.push(reader.clone());
        self.keys.as_mut().map_or(Ok(()), |keys| keys.open_segment(reader))
    }

    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        let key = match &mut self.keys {
            None => None,
            Some(keys) => match keys.of(doc, score)? {
                [] => None,
                [one] => Some(*one),
                _ => {
                    return Err(Exception::illegal_argument(
                        "Sample diversifying key must be a single valued-field",
                    ));
                }
            },
        };
        self.held.grow(SAMPLE_BYTES)?;
        let segment = self.segments.len().saturating_sub(1);
        let kept = self.samples.entry(owner).or_default();
        kept.push(Sample { score, segment, doc, key });
        // Without a field the worse half goes now and then.
        let most = self.definition.shard_size.saturating_mul(2).max(1024);
        if self.definition.diverse.is_none() && kept.len() >= most {
            let samples = std::mem::take(kept);
            let before = samples.len();
            let best = self.best(samples)?;
            let fewer = (before - best.len()) as u64 * SAMPLE_BYTES;
            self.held.set(self.held.bytes().saturating_sub(fewer))?;
            self.samples.insert(owner, best);
        }
        Ok(())
    }

    fn subs(&mut self) -> Option<&mut SubAggregations> {
        Some(&mut self.subs)
    }

    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception> {
        let count = self.counts.get(&owner).copied().unwrap_or(0);
        let mut result = Map::from_iter([("doc_count".to_owned(), Value::from(count))]);
        self.subs.finish_into(owner, &mut result)?;
        Ok(result)
    }

    fn sort_value(&mut self, owner: u32, path: &[&str]) -> Result<Option<f64>, Exception> {
        match path {
            [] | ["doc_count"] => Ok(Some(self.counts.get(&owner).copied().unwrap_or(0) as f64)),
            path => self.subs.sort_value(owner, path),
        }
    }

    fn type_name(&self) -> &'static str {
        "sampler"
    }
}
