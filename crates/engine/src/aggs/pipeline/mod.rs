//! Pipeline aggregations: what is computed of the results of other aggregations, once these are there.
//!
//! One is a *sibling* where its result stands beside the aggregation that it is about, and a *parent* where it adds to each
//! bucket of the aggregation that it stands in. Source: Elasticsearch 7.10 reference, "Pipeline aggregations".

mod bucket_metrics;
mod bucket_script;
mod bucket_sort;
mod derivative;
mod moving;
mod results;
mod running;

use std::collections::HashSet;
use std::fmt::Debug;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::definition::{Aggregation, AggregationBody, Aggregations, Outcome};
use super::path::AggregationPath;
use super::shared::SharedState;
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::value::number_format::NumberFormat;
use crate::value::scalar;
use crate::work::Work;
pub(crate) use results::Buckets;

/// THE table of pipeline aggregations: every type that Elasticsearch 7.10 or OpenSearch 2.19 know, and what reads it;
/// `None` where this engine does not have it yet, which is refused by name. A new one is its file and its row here.
pub(super) const PIPELINES: &[(&str, Option<ParsePipeline>)] = &[
    ("avg_bucket", Some(bucket_metrics::parse)),
    ("bucket_script", Some(bucket_script::parse_script)),
    ("bucket_selector", Some(bucket_script::parse_selector)),
    ("bucket_sort", Some(bucket_sort::parse)),
    ("cumulative_sum", Some(running::parse_sum)),
    ("derivative", Some(derivative::parse)),
    ("extended_stats_bucket", Some(bucket_metrics::parse)),
    ("max_bucket", Some(bucket_metrics::parse)),
    ("min_bucket", Some(bucket_metrics::parse)),
    ("moving_avg", Some(moving::parse_average)),
    ("moving_fn", Some(moving::parse_function)),
    ("percentiles_bucket", Some(bucket_metrics::parse)),
    ("serial_diff", Some(running::parse_difference)),
    ("stats_bucket", Some(bucket_metrics::parse)),
    ("sum_bucket", Some(bucket_metrics::parse)),
];

/// Reads the body of one pipeline aggregation.
pub(super) type ParsePipeline = fn(&AggregationBody<'_>) -> Result<Computation, Exception>;

/// What a parser makes.
pub(crate) type Computation = Arc<dyn PipelineDefinition>;

/// One pipeline aggregation of a search.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(super) name: String,
    pub(super) type_name: &'static str,
    pub(super) meta: Option<Value>,
    pub(super) computation: Computation,
}

/// All that the engine asks of a type of pipeline aggregation.
pub(crate) trait PipelineDefinition: Debug + Send + Sync {
    /// The paths that it reads.
    fn paths(&self) -> &[String];

    /// The name `typed_keys` prints.
    fn printed_type(&self) -> &'static str {
        "simple_value"
    }

    /// What is wrong with where it stands, in Elasticsearch's words.
    fn check(&self, place: &PipelinePlace<'_>) -> Vec<String>;

    /// Its result beside the results of `level`; `None` for one that adds to buckets instead.
    fn beside(&self, _level: &Map<String, Value>) -> Option<Result<Map<String, Value>, Exception>> {
        None
    }

    /// Adds to the buckets of the aggregation that it stands in.
    fn within(&self, _run: &PipelineRun<'_>, _buckets: &mut Buckets) -> Result<(), Exception> {
        Ok(())
    }
}

/// Where a pipeline aggregation stands.
pub(crate) struct PipelinePlace<'a> {
    pub(super) name: &'a str,
    /// What it was called by in its request.
    pub(super) type_name: &'static str,
    /// Those beside it.
    pub(super) siblings: &'a Aggregations,
    /// Whether it stands in another; and what that one says of its intervals.
    pub(super) parent: Option<Option<u64>>,
}

impl PipelinePlace<'_> {
    /// That it stands in another.
    pub(super) fn inside(&self) -> Vec<String> {
        let PipelinePlace { name, type_name, .. } = self;
        let words = || {
            format!(
                "{type_name} aggregation [{name}] must be declared inside of another aggregation"
            )
        };
        self.parent.is_none().then(words).into_iter().collect()
    }

    /// That it stands in one whose buckets follow one another without gaps.
    pub(super) fn in_a_row(&self) -> Vec<String> {
        let PipelinePlace { name, type_name, .. } = self;
        let needs = format!(
            "{type_name} aggregation [{name}] must have a histogram, date_histogram or auto_date_histogram as parent"
        );
        let Some(parent) = self.parent else {
            return vec![format!("{needs} but doesn't have a parent")];
        };
        match parent {
            None => vec![needs],
            Some(0) => Vec::new(),
            Some(_) => vec![format!(
                "parent histogram of {type_name} aggregation [{name}] must have min_doc_count of 0"
            )],
        }
    }

    /// That `path`, the only one, begins with an aggregation of many buckets beside it.
    pub(super) fn over_buckets(&self, paths: &[String]) -> Vec<String> {
        let name = self.name;
        let Some(path) = paths.first() else { return Vec::new() };
        let first = path.split(['>', '[', '.']).next().unwrap_or_default();
        let first = match AggregationPath::parse(path) {
            Ok(path) => path.steps.first().map_or(String::new(), |step| step.name.clone()),
            Err(_) => first.to_owned(),
        };
        match self.siblings.get(&first) {
            None => vec![format!(
                "buckets_path aggregation does not exist for aggregation [{name}]: {path}"
            )],
            Some(sibling) if matches!(sibling.definition.outcome(), Outcome::Buckets) => Vec::new(),
            Some(sibling) => vec![format!(
                "The first aggregation in buckets_path must be a multi-bucket aggregation for aggregation [{name}] \
                 found :{} for buckets path: {path}",
                builder_class(sibling.type_name)
            )],
        }
    }
}

/// The class of an aggregation's builder, which Elasticsearch names in one of its sentences.
fn builder_class(type_name: &str) -> String {
    let (folder, class) = match type_name {
        "composite" => ("bucket.composite", "Composite"),
        "filter" => ("bucket.filter", "Filter"),
        "global" => ("bucket.global", "Global"),
        "missing" => ("bucket.missing", "Missing"),
        "sampler" => ("bucket.sampler", "Sampler"),
        "nested" => ("bucket.nested", "Nested"),
        "value_count" => ("metrics", "ValueCount"),
        "extended_stats" => ("metrics", "ExtendedStats"),
        "percentile_ranks" => ("metrics", "PercentileRanks"),
        "weighted_avg" => ("metrics", "WeightedAvg"),
        "median_absolute_deviation" => ("metrics", "MedianAbsoluteDeviation"),
        "scripted_metric" => ("metrics", "ScriptedMetric"),
        "top_hits" => ("metrics", "TopHits"),
        "avg" => ("metrics", "Avg"),
        "min" => ("metrics", "Min"),
        "max" => ("metrics", "Max"),
        "sum" => ("metrics", "Sum"),
        "stats" => ("metrics", "Stats"),
        "cardinality" => ("metrics", "Cardinality"),
        "percentiles" => ("metrics", "Percentiles"),
        other => ("bucket", other),
    };
    format!("org.elasticsearch.search.aggregations.{folder}.{class}AggregationBuilder")
}

/// What a pipeline runs with.
pub(crate) struct PipelineRun<'a> {
    pub(super) pipeline: &'a Pipeline,
    /// The name of the aggregation that it stands in.
    pub(super) parent: &'a str,
    pub(super) work: &'a Work,
    /// The time of the search.
    pub(super) now: Timestamp,
}

impl PipelineRun<'_> {
    /// Puts its result into a bucket.
    pub(super) fn add(&self, bucket: &mut Map<String, Value>, result: Map<String, Value>) {
        bucket.insert(self.pipeline.key(), self.pipeline.told(result));
    }
}

impl Pipeline {
    /// The key of its result: type and name.
    fn key(&self) -> String {
        format!("{}>{}", self.computation.printed_type(), self.name)
    }

    /// Its result with its `meta`.
    fn told(&self, result: Map<String, Value>) -> Value {
        let mut told = Map::new();
        if let Some(meta) = &self.meta {
            told.insert("meta".into(), meta.clone());
        }
        told.extend(result);
        Value::Object(told)
    }
}

/// Runs those that stand at the top of a search.
pub(super) fn run_top(
    pipelines: &[Pipeline],
    results: &mut Map<String, Value>,
    work: &Work,
) -> Result<(), Exception> {
    for pipeline in pipelines {
        work.check()?;
        if let Some(result) = pipeline.computation.beside(results) {
            results.insert(pipeline.key(), pipeline.told(result?));
        }
    }
    Ok(())
}

/// Runs those that stand in the aggregation called `parent`, whose result this is.
pub(super) fn run_inside(
    pipelines: &[Pipeline],
    parent: &str,
    result: &mut Map<String, Value>,
    shared: &SharedState,
) -> Result<(), Exception> {
    let (work, now) = (shared.work(), shared.now());
    if pipelines.is_empty() {
        return Ok(());
    }
    let Some(mut buckets) = Buckets::take(result) else {
        // The one bucket is the result itself.
        return run_top(pipelines, result, work);
    };
    for pipeline in pipelines {
        for bucket in buckets.each() {
            work.check()?;
            let Some(result) = pipeline.computation.beside(bucket) else { break };
            bucket.insert(pipeline.key(), pipeline.told(result?));
        }
        let run = PipelineRun { pipeline, parent, work, now };
        pipeline.computation.within(&run, &mut buckets)?;
    }
    buckets.put_back(result);
    Ok(())
}

/// Checks every pipeline aggregation of a tree, and puts those of each level into the order in which they can run.
///
/// # Errors
/// `action_request_validation_exception` with all that is wrong.
pub(super) fn settle(level: &mut Aggregations) -> Result<(), Exception> {
    let mut faults = Vec::new();
    settle_level(level, None, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(Exception::validation(&faults)) }
}

fn settle_level(level: &mut Aggregations, parent: Option<Option<u64>>, faults: &mut Vec<String>) {
    match ordered(level) {
        Err(refusal) => faults.push(refusal.reason().to_owned()),
        Ok(ordered) => {
            level.pipelines = ordered;
            for pipeline in &level.pipelines {
                let place = PipelinePlace {
                    name: &pipeline.name,
                    type_name: pipeline.type_name,
                    siblings: level,
                    parent,
                };
                faults.extend(pipeline.computation.check(&place));
            }
        }
    }
    for (_, aggregation) in &mut level.tree {
        let parent = aggregation.definition.intervals();
        settle_level(&mut aggregation.subs, Some(parent), faults);
    }
}

/// Those of one level in the order in which they can run.
fn ordered(level: &Aggregations) -> Result<Vec<Pipeline>, Exception> {
    let mut ordered: Vec<Pipeline> = Vec::new();
    let (mut waiting, mut done) = (HashSet::new(), HashSet::new());
    for at in 0..level.pipelines.len() {
        place(at, level, &mut waiting, &mut done, &mut ordered)?;
    }
    Ok(ordered)
}

/// Puts the pipeline number `at` behind those that it reads. As deep as pipelines read one another, of which there are at
/// most as many as aggregations of a search.
fn place(
    at: usize,
    level: &Aggregations,
    waiting: &mut HashSet<usize>,
    done: &mut HashSet<usize>,
    ordered: &mut Vec<Pipeline>,
) -> Result<(), Exception> {
    let Some(pipeline) = level.pipelines.get(at).filter(|_| !done.contains(&at)) else {
        return Ok(());
    };
    if !waiting.insert(at) {
        return Err(Exception::illegal_argument(format!(
            "Cyclical dependency found with pipeline aggregator [{}]",
            pipeline.name
        )));
    }
    for text in pipeline.computation.paths() {
        if matches!(text.as_str(), "_count" | "_key") {
            continue;
        }
        let path = AggregationPath::parse(text)?;
        let first = path.steps.first().map_or("", |step| step.name.as_str());
        if let Some(aggregation) = level.get(first) {
            leads(&path, aggregation)?;
        } else {
            let other = level.pipelines.iter().position(|other| other.name == first);
            let Some(other) = other else {
                return Err(Exception::illegal_argument(format!(
                    "No aggregation found for path [{text}]"
                )));
            };
            place(other, level, waiting, done, ordered)?;
        }
    }
    waiting.remove(&at);
    if done.insert(at) {
        ordered.push(pipeline.clone());
    }
    Ok(())
}

/// Checks that the steps behind the first are there.
fn leads(path: &AggregationPath, from: &Aggregation) -> Result<(), Exception> {
    let mut at = from;
    for (place, step) in path.steps.iter().enumerate().skip(1) {
        let is_last = place + 1 == path.steps.len();
        if is_last && (step.name.eq_ignore_ascii_case("_key") || step.name == "_count") {
            return Ok(());
        }
        if let Some(inner) = at.subs.get(&step.name) {
            at = inner;
            continue;
        }
        let computed = at.subs.pipelines.iter().any(|pipeline| pipeline.name == step.name);
        if !(is_last && (computed || step.name == "_bucket_count")) {
            return Err(Exception::illegal_argument(format!(
                "No aggregation [{}] found for path [{}]",
                step.name, path.text
            )));
        }
    }
    Ok(())
}

/// What stands for values that are not there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum GapPolicy {
    Skip,
    InsertZeros,
}

impl GapPolicy {
    /// Reads `gap_policy`.
    pub(super) fn read(options: &Options<'_>) -> Result<GapPolicy, Exception> {
        match options.text("gap_policy")?.as_deref() {
            None | Some("skip") => Ok(GapPolicy::Skip),
            Some("insert_zeros") => Ok(GapPolicy::InsertZeros),
            Some(unknown) => Err(options.wrong(
                "gap_policy",
                format!("Invalid gap policy: [{unknown}], accepted values: [insert_zeros, skip]"),
            )),
        }
    }
}

/// Reads `buckets_path` of one that takes a path or a list of them.
pub(super) fn paths(options: &Options<'_>) -> Result<Option<Vec<String>>, Exception> {
    Ok(match options.get("buckets_path") {
        None => None,
        Some(Value::Object(object)) => Some(object.values().map(scalar::plain).collect()),
        Some(value) => Some(scalar::list(value)),
    })
}

/// Refuses the first option that nobody read, of those aggregations that Elasticsearch reads token by token.
pub(super) fn known(options: &Options<'_>, name: &str) -> Result<(), Exception> {
    match options.unread() {
        None => Ok(()),
        Some((key, value)) => Err(Exception::parsing(format!(
            "Unexpected token {} [{key}] in [{name}]",
            crate::aggs::token(value)
        ))
        .at(value)),
    }
}

/// Reads `format`.
pub(super) fn number_format(options: &Options<'_>) -> Result<Option<NumberFormat>, Exception> {
    options.text("format")?.map(|pattern| NumberFormat::parse(&pattern)).transpose()
}

/// A number as the result of a pipeline is printed.
pub(super) fn number(value: f64, format: Option<&NumberFormat>) -> Map<String, Value> {
    let mut result = Map::from_iter([("value".to_owned(), json!(value))]);
    if let Some(format) = format.filter(|_| value.is_finite()) {
        result.insert("value_as_string".into(), format.print(value).into());
    }
    result
}

/// The refusal of a path that leads to no number.
pub(super) fn no_number(reason: String) -> Exception {
    Exception::new(ExceptionKind::AggregationExecution, reason)
}
