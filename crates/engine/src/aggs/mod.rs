//! Aggregations: our own layer over the columns, in Elasticsearch's shape.
//!
//! One tree of collectors serves a whole search: it walks over all segments of all indices, so that nothing is merged
//! afterwards. Buckets have numbers; a collector is told the number of the bucket a document is in (its *owner*), and
//! must answer for owners it was never told of (they are empty).
//!
//! Source: Elasticsearch 7.10 reference, "Aggregations".

pub(crate) mod buckets;
pub(crate) mod cardinality;
pub(crate) mod date_histogram;
pub(crate) mod filters;
pub(crate) mod hashes;
pub(crate) mod histogram;
pub(crate) mod hyperloglog;
pub(crate) mod metrics;
pub(crate) mod percentiles;
pub(crate) mod range;
pub(crate) mod shared;
pub(crate) mod terms;
pub(crate) mod top_hits;
pub(crate) mod values;

use std::fmt::Debug;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tantivy::query::EnableScoring;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED};

use crate::dsl::bm25::Statistics;
use crate::dsl::lower::Lowering;
use crate::dsl::options::Options;
use crate::exception::internal;
use crate::exception::{Exception, ExceptionKind};
use crate::index::Snapshot;
use crate::rest::Flavor;
use crate::search::Target;
use crate::work::{Held, Work};
use shared::Shared;

/// Most buckets of one answer (`search.max_buckets`).
pub const BUCKETS_MAX: usize = 65_535;

/// Deepest nesting of aggregations.
const DEPTH_MAX: usize = 20;

/// Most aggregations of one search.
const AGGREGATIONS_MAX: usize = 1000;

/// THE table of aggregations: every type that Elasticsearch 7.10 or OpenSearch 2.19 know, and what reads it; `None`
/// where this engine does not have it yet, which is refused by name. A new one is its file and its row here.
const AGGREGATIONS: &[(&str, Option<Parse>)] = &[
    ("adjacency_matrix", None),
    ("auto_date_histogram", None),
    ("avg", Some(metrics::parse)),
    ("avg_bucket", None),
    ("boxplot", None),
    ("bucket_script", None),
    ("bucket_selector", None),
    ("bucket_sort", None),
    ("cardinality", Some(cardinality::parse)),
    ("children", None),
    ("composite", None),
    ("cumulative_sum", None),
    ("date_histogram", Some(date_histogram::parse)),
    ("date_range", Some(range::parse)),
    ("derivative", None),
    ("diversified_sampler", None),
    ("extended_stats", Some(metrics::parse)),
    ("extended_stats_bucket", None),
    ("filter", Some(filters::parse_filter)),
    ("filters", Some(filters::parse_filters)),
    ("geo_bounds", None),
    ("geo_centroid", None),
    ("geo_distance", None),
    ("geohash_grid", None),
    ("geotile_grid", None),
    ("global", Some(filters::parse_global)),
    ("histogram", Some(histogram::parse)),
    ("ip_range", None),
    ("matrix_stats", None),
    ("max", Some(metrics::parse)),
    ("max_bucket", None),
    ("median_absolute_deviation", Some(percentiles::parse)),
    ("min", Some(metrics::parse)),
    ("min_bucket", None),
    ("missing", Some(filters::parse_missing)),
    ("moving_avg", None),
    ("moving_fn", None),
    ("multi_terms", None),
    ("nested", None),
    ("parent", None),
    ("percentile_ranks", Some(percentiles::parse)),
    ("percentiles", Some(percentiles::parse)),
    ("percentiles_bucket", None),
    ("range", Some(range::parse)),
    ("rare_terms", None),
    ("reverse_nested", None),
    ("sampler", None),
    ("scripted_metric", None),
    ("serial_diff", None),
    ("significant_terms", None),
    ("significant_text", None),
    ("stats", Some(metrics::parse)),
    ("stats_bucket", None),
    ("sum", Some(metrics::parse)),
    ("sum_bucket", None),
    ("t_test", None),
    ("terms", Some(terms::parse)),
    ("top_hits", Some(top_hits::parse)),
    ("top_metrics", None),
    ("value_count", Some(metrics::parse)),
    ("variable_width_histogram", None),
    ("weighted_avg", None),
];

/// Reads the body of one aggregation.
type Parse = fn(&AggregationBody<'_>) -> Result<Definition, Exception>;

/// What a parser makes.
pub(crate) type Definition = Arc<dyn AggregationDefinition>;

/// One aggregation of a search.
#[derive(Clone, Debug)]
pub struct Aggregation {
    definition: Definition,
    subs: Vec<(String, Aggregation)>,
    meta: Option<Value>,
}

/// What a parser of the table is given.
pub(crate) struct AggregationBody<'a> {
    /// What the caller calls the aggregation.
    pub(crate) name: &'a str,
    /// Its type, the key of the table's row.
    pub(crate) type_name: &'static str,
    /// What stands under that key.
    pub(crate) value: &'a Value,
}

impl<'a> AggregationBody<'a> {
    /// Its options, to be read key by key.
    pub(crate) fn options(&self) -> Result<Options<'a>, Exception> {
        Options::declared(self.type_name, self.value)
    }
}

/// All that the engine asks of a type of aggregation.
pub(crate) trait AggregationDefinition: Debug + Send + Sync {
    /// Starts it: `subs` are the aggregations inside each of its buckets, `held` is its memory.
    fn start(&self, subs: Subs, shared: &Shared, held: Held) -> Box<dyn Collector>;

    /// Whether it makes buckets that other aggregations may be put into.
    fn takes_subs(&self) -> bool {
        true
    }

    /// Whether it looks at scores, which cost time to compute.
    fn needs_scores(&self) -> bool {
        false
    }

    /// Whether it is about every document the caller may see, not about those that match.
    fn is_global(&self) -> bool {
        false
    }
}

/// Reads the value of `aggs`.
///
/// # Errors
/// `parsing_exception` as Elasticsearch words it; 501 for what is known and not built.
pub fn parse(value: &Value) -> Result<Vec<(String, Aggregation)>, Exception> {
    let mut budget = AGGREGATIONS_MAX;
    parse_at(value, 0, &mut budget)
}

fn parse_at(
    value: &Value,
    depth: usize,
    budget: &mut usize,
) -> Result<Vec<(String, Aggregation)>, Exception> {
    let Some(object) = value.as_object() else {
        return Err(Exception::parsing("Expected [START_OBJECT] under [aggs]"));
    };
    if depth > DEPTH_MAX {
        return Err(Exception::illegal_argument(format!(
            "aggregations are nested deeper than [{DEPTH_MAX}]"
        )));
    }
    let mut parsed = Vec::new();
    for (name, definition) in object {
        *budget = budget.checked_sub(1).ok_or_else(|| {
            Exception::illegal_argument(format!(
                "a search has at most [{AGGREGATIONS_MAX}] aggregations"
            ))
        })?;
        if name.is_empty() || name.contains(['[', ']', '>']) {
            return Err(Exception::parsing(format!(
                "Invalid aggregation name [{name}]. Aggregation names can contain any character except '[', ']', and '>'"
            )));
        }
        parsed.push((name.clone(), one(name, definition, depth, budget)?));
    }
    Ok(parsed)
}

fn one(
    name: &str,
    definition: &Value,
    depth: usize,
    budget: &mut usize,
) -> Result<Aggregation, Exception> {
    let Some(object) = definition.as_object() else {
        return Err(Exception::parsing(format!(
            "Aggregation definition for [{name}] starts with a value, expected a [START_OBJECT]."
        )));
    };
    let mut found: Option<(&str, Definition)> = None;
    let mut subs = Vec::new();
    let mut meta = None;
    for (key, value) in object {
        match key.as_str() {
            "aggs" | "aggregations" => subs = parse_at(value, depth + 1, budget)?,
            "meta" => meta = Some(value.clone()),
            type_name => {
                if let Some((other, _)) = &found {
                    return Err(Exception::parsing(format!(
                        "Found two aggregation type definitions in [{name}]: [{other}] and [{type_name}]"
                    )));
                }
                found = Some((type_name, parse_definition(name, type_name, value)?));
            }
        }
    }
    let Some((type_name, definition)) = found else {
        return Err(Exception::parsing(format!("Missing definition for aggregation [{name}]")));
    };
    if !subs.is_empty() && !definition.takes_subs() {
        return Err(Exception::new(
            ExceptionKind::AggregationExecution,
            format!("Aggregator [{name}] of type [{type_name}] cannot accept sub-aggregations"),
        ));
    }
    Ok(Aggregation { definition, subs, meta })
}

fn parse_definition(name: &str, type_name: &str, value: &Value) -> Result<Definition, Exception> {
    match AGGREGATIONS.iter().find(|(known, _)| *known == type_name) {
        Some((type_name, Some(parse))) => parse(&AggregationBody { name, type_name, value }),
        Some((known, None)) => Err(Exception::not_implemented(&format!("{known} aggregation"))),
        None => Err(Exception::parsing(format!("Unknown aggregation type [{type_name}]"))),
    }
}

/// Whether any aggregation looks at scores.
pub(crate) fn needs_scores(aggregations: &[(String, Aggregation)]) -> bool {
    aggregations.iter().any(|(_, aggregation)| {
        aggregation.definition.needs_scores() || needs_scores(&aggregation.subs)
    })
}

/// What collectors are told of the index they walk over.
pub(crate) struct IndexContext<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) lowering: Lowering<'a>,
    pub(crate) now: Timestamp,
    pub(crate) flavor: Flavor,
}

/// One running aggregation.
pub(crate) trait Collector {
    /// A new index begins.
    fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception>;
    /// A new segment of it begins.
    fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception>;
    /// A document of the segment is in the bucket `owner`; documents come in rising order per owner's walk.
    fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception>;
    /// The result for the bucket `owner`.
    fn finish(&mut self, owner: u32) -> Result<Map<String, Value>, Exception>;
    /// A number to sort buckets by: the value at `path` below this aggregation.
    fn sort_value(&mut self, owner: u32, path: &[&str]) -> Result<Option<f64>, Exception>;
    /// The name `typed_keys` prints.
    fn type_name(&self) -> &'static str;
}

/// The aggregations inside one bucket, or at the top.
pub(crate) struct Subs {
    subs: Vec<Sub>,
    shared: Shared,
}

/// One of them: the name it is found by and printed as, its `meta`, and the collector.
struct Sub {
    name: String,
    printed: String,
    meta: Option<Value>,
    collector: Box<dyn Collector>,
}

impl Subs {
    /// Running aggregations for `definitions`.
    pub(crate) fn new(
        definitions: &[(String, Aggregation)],
        typed: bool,
        shared: &Shared,
    ) -> Result<Subs, Exception> {
        let one = |(name, definition): &(String, Aggregation)| -> Result<Sub, Exception> {
            let held = shared.collector(name)?;
            let subs = Subs::new(&definition.subs, typed, shared)?;
            let collector = definition.definition.start(subs, shared, held);
            let printed =
                if typed { format!("{}#{name}", collector.type_name()) } else { name.clone() };
            Ok(Sub { name: name.clone(), printed, meta: definition.meta.clone(), collector })
        };
        let subs = definitions.iter().map(one).collect::<Result<_, _>>()?;
        Ok(Subs { subs, shared: shared.clone() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.subs.is_empty()
    }

    pub(crate) fn open_index(&mut self, index: &IndexContext<'_>) -> Result<(), Exception> {
        self.subs.iter_mut().try_for_each(|sub| {
            self.shared.check()?;
            sub.collector.open_index(index)
        })
    }

    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.subs.iter_mut().try_for_each(|sub| {
            self.shared.check()?;
            sub.collector.open_segment(reader)
        })
    }

    #[inline]
    pub(crate) fn collect(&mut self, doc: DocId, score: f32, owner: u32) -> Result<(), Exception> {
        for sub in &mut self.subs {
            self.shared.check()?;
            sub.collector.collect(doc, score, owner)?;
        }
        Ok(())
    }

    /// Puts the results of the bucket `owner` into `bucket`.
    pub(crate) fn finish_into(
        &mut self,
        owner: u32,
        bucket: &mut Map<String, Value>,
    ) -> Result<(), Exception> {
        for sub in &mut self.subs {
            self.shared.check()?;
            let mut result = Map::new();
            if let Some(meta) = &sub.meta {
                result.insert("meta".into(), meta.clone());
            }
            result.extend(sub.collector.finish(owner)?);
            self.shared.result(&result)?;
            bucket.insert(sub.printed.clone(), Value::Object(result));
        }
        Ok(())
    }

    /// The value at a path such as `inner>stats.avg` in the bucket `owner`.
    pub(crate) fn sort_value(
        &mut self,
        owner: u32,
        path: &[&str],
    ) -> Result<Option<f64>, Exception> {
        let Some((first, rest)) = path.split_first() else { return Ok(None) };
        match self.subs.iter_mut().find(|sub| sub.name == *first) {
            Some(sub) => sub.collector.sort_value(owner, rest),
            None => Err(Exception::new(
                ExceptionKind::AggregationExecution,
                format!(
                    "Invalid aggregator order path [{}]. The provided aggregation [{first}] either does not exist, or is a pipeline aggregation and cannot be used to sort the buckets.",
                    path.join(">")
                ),
            )),
        }
    }
}

/// Results by name, and the memory that they take.
type Results = (Map<String, Value>, Held);

/// The aggregations of one search while it runs.
pub(crate) struct Aggregator<'a> {
    targets: &'a [Target],
    statistics: &'a Statistics,
    now: Timestamp,
    flavor: Flavor,
    order: Vec<String>,
    matching: Subs,
    global: Subs,
    shared: Shared,
    work: &'a Work,
    /// Which target is open.
    target: usize,
}

impl<'a> Aggregator<'a> {
    /// Starts `definitions` over `targets`.
    pub(crate) fn new(
        definitions: &[(String, Aggregation)],
        targets: &'a [Target],
        statistics: &'a Statistics,
        now: Timestamp,
        flavor: Flavor,
        typed: bool,
        work: &'a Work,
    ) -> Result<Aggregator<'a>, Exception> {
        let shared = Shared::new(work);
        let (global, matching): (Vec<_>, Vec<_>) = definitions
            .iter()
            .cloned()
            .partition(|(_, aggregation)| aggregation.definition.is_global());
        Ok(Aggregator {
            targets,
            statistics,
            now,
            flavor,
            order: definitions.iter().map(|(name, _)| name.clone()).collect(),
            matching: Subs::new(&matching, typed, &shared)?,
            global: Subs::new(&global, typed, &shared)?,
            shared,
            work,
            target: 0,
        })
    }

    /// Whether there is nothing to collect.
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The target number `target` begins.
    pub(crate) fn open_index(&mut self, target: usize) -> Result<(), Exception> {
        self.target = target;
        let Some(target) = self.targets.get(target).filter(|_| !self.order.is_empty()) else {
            return Ok(());
        };
        let context = context(target, self.statistics, self.now, self.flavor, self.work);
        self.matching.open_index(&context)?;
        self.global.open_index(&context)
    }

    /// A segment of it begins.
    pub(crate) fn open_segment(&mut self, reader: &SegmentReader) -> Result<(), Exception> {
        self.matching.open_segment(reader)?;
        if self.global.is_empty() {
            return Ok(());
        }
        self.global.open_segment(reader)?;
        let Some(target) = self.targets.get(self.target) else { return Ok(()) };
        // Global is everything the caller may see: the filters of the target still hold.
        let query = target.every_document(self.statistics, self.now, self.work)?;
        let scoring = EnableScoring::disabled_from_searcher(&target.snapshot().searcher);
        let mut scorer = query
            .weight(scoring)
            .and_then(|weight| weight.scorer(reader, 1.0))
            .map_err(internal)?;
        while scorer.doc() != TERMINATED {
            self.work.check()?;
            if !reader.is_deleted(scorer.doc()) {
                self.global.collect(scorer.doc(), 0.0, 0)?;
            }
            scorer.advance();
        }
        Ok(())
    }

    /// A document matches.
    #[inline]
    pub(crate) fn collect(&mut self, doc: DocId, score: f32) -> Result<(), Exception> {
        self.matching.collect(doc, score, 0)
    }

    /// The results by name, in the order of the request, with the memory they take; `None` when nothing was asked for.
    pub(crate) fn finish(mut self) -> Result<Option<Results>, Exception> {
        if self.order.is_empty() {
            return Ok(None);
        }
        let mut results = Map::new();
        self.matching.finish_into(0, &mut results)?;
        self.global.finish_into(0, &mut results)?;
        let place = |key: &str| {
            let own = |name: &&String| {
                *name == key || key.split_once('#').is_some_and(|(_, own)| own == name.as_str())
            };
            self.order.iter().position(|name| own(&name)).unwrap_or(usize::MAX)
        };
        let mut results: Vec<(usize, String, Value)> =
            results.into_iter().map(|(key, value)| (place(&key), key, value)).collect();
        results.sort_by_key(|(place, _, _)| *place);
        let ordered = results.into_iter().map(|(_, key, value)| (key, value)).collect();
        Ok(Some((ordered, self.shared.answer())))
    }
}

fn context<'a>(
    target: &'a Target,
    statistics: &'a Statistics,
    now: Timestamp,
    flavor: Flavor,
    work: &'a Work,
) -> IndexContext<'a> {
    let snapshot = target.snapshot();
    let lowering = Lowering::new(snapshot, statistics, now, work);
    IndexContext { snapshot, lowering, now, flavor }
}

/// The refusal of an answer with too many buckets.
pub(crate) fn too_many_buckets() -> Exception {
    Exception::new(
        ExceptionKind::TooManyBuckets,
        format!(
            "Trying to create too many buckets. Must be less than or equal to: [{BUCKETS_MAX}] but was [{}]. This \
             limit can be set by changing the [search.max_buckets] cluster level setting.",
            BUCKETS_MAX + 1
        ),
    )
    .with("max_buckets", BUCKETS_MAX)
}
