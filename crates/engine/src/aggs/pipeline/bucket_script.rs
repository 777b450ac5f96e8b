//! `bucket_script` and `bucket_selector`: what a script makes of the numbers of each bucket, and whether the bucket stays.
//!
//! Source: `BucketScriptPipelineAggregator` and `BucketSelectorPipelineAggregator` of Elasticsearch 7.10.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::results::value_in;
use super::{
    Buckets, Computation, GapPolicy, PipelineDefinition, PipelinePlace, PipelineRun, known, number,
    number_format,
};
use crate::aggs::definition::AggregationBody;
use crate::aggs::path::AggregationPath;
use crate::dsl::options::Options;
use crate::exception::Exception;
use crate::script::painless::value::Value as ScriptValue;
use crate::script::{Machine, Script, ScriptContext, ScriptRequest, context};
use crate::value::number_format::NumberFormat;
use crate::value::scalar;

/// A script over the numbers of a bucket.
#[derive(Debug)]
struct BucketScript {
    script: ScriptRequest,
    /// The names by which the script finds the numbers.
    names: Vec<String>,
    /// Where they are.
    paths: Vec<String>,
    gaps: GapPolicy,
    /// `bucket_selector`: whether the bucket stays.
    selects: bool,
    format: Option<NumberFormat>,
}

pub(super) fn parse_script(body: &AggregationBody<'_>) -> Result<Computation, Exception> {
    let options = body.options()?;
    let missing: Vec<&str> =
        ["buckets_path", "script"].into_iter().filter(|key| options.get(key).is_none()).collect();
    if !missing.is_empty() {
        return Err(Exception::illegal_argument(format!("Required [{}]", missing.join(", "))));
    }
    let mut script = read(&options, false)?;
    script.format = number_format(&options)?;
    options.finish()?;
    Ok(Arc::new(script))
}

pub(super) fn parse_selector(body: &AggregationBody<'_>) -> Result<Computation, Exception> {
    let options = body.options()?;
    for key in ["buckets_path", "script"] {
        if options.get(key).is_none() {
            return Err(Exception::parsing(format!(
                "Missing required field [{key}] for bucket_selector aggregation [{}]",
                body.name
            )));
        }
    }
    let selector = read(&options, true)?;
    known(&options, body.name)?;
    Ok(Arc::new(selector))
}

fn read(options: &Options<'_>, selects: bool) -> Result<BucketScript, Exception> {
    let pairs: Vec<(String, String)> = match options.get("buckets_path") {
        Some(Value::Object(named)) => {
            named.iter().map(|(name, path)| (name.clone(), scalar::plain(path))).collect()
        }
        Some(Value::Array(paths)) => {
            let one = |(at, path): (usize, &Value)| (format!("_value{at}"), scalar::plain(path));
            paths.iter().enumerate().map(one).collect()
        }
        Some(path) => vec![("_value".to_owned(), scalar::plain(path))],
        None => Vec::new(),
    };
    let script = ScriptRequest::parse(options.get("script").unwrap_or(&Value::Null));
    let script = script.map_err(|cause| options.failed("script", cause))?;
    let (names, paths) = pairs.into_iter().unzip();
    let gaps = GapPolicy::read(options)?;
    Ok(BucketScript { script, names, paths, gaps, selects, format: None })
}

impl BucketScript {
    /// The numbers of a bucket by their names; `None` for one that is not there.
    fn numbers(
        &self,
        run: &PipelineRun<'_>,
        bucket: &Map<String, Value>,
    ) -> Result<Vec<(String, Option<f64>)>, Exception> {
        let pairs = self.names.iter().zip(&self.paths);
        let one = |(name, path): (&String, &String)| {
            let path = AggregationPath::parse(path)?;
            let value = value_in(run.parent, bucket, &path.words(), self.gaps)?;
            Ok((name.clone(), value))
        };
        pairs.map(one).collect()
    }

    /// Adds what the script gives to a bucket.
    fn compute(
        &self,
        run: &PipelineRun<'_>,
        (machine, script): (&mut Machine, &Script),
        bucket: &mut Map<String, Value>,
    ) -> Result<(), Exception> {
        let mut numbers = Vec::new();
        for (name, value) in self.numbers(run, bucket)? {
            let gap = |value: &f64| self.gaps == GapPolicy::Skip && value.is_nan();
            match value.filter(|value| !gap(value)) {
                Some(value) => numbers.push((name, ScriptValue::Double(value))),
                None => return Ok(()),
            }
        }
        let outcome = machine.run_on_numbers(&script.program, &script.params, &numbers)?;
        if let Some(value) = outcome.number() {
            run.add(bucket, number(value, self.format.as_ref()));
        }
        Ok(())
    }

    /// Whether a bucket stays.
    fn selected(
        &self,
        run: &PipelineRun<'_>,
        (machine, script): (&mut Machine, &Script),
        bucket: &Map<String, Value>,
    ) -> Result<bool, Exception> {
        let numbers = self.numbers(run, bucket)?;
        let there = numbers.into_iter();
        let there = there.filter_map(|(name, value)| Some((name, ScriptValue::Double(value?))));
        let there: Vec<(String, ScriptValue)> = there.collect();
        let outcome = machine.run_on_numbers(&script.program, &script.params, &there)?;
        Ok(outcome.truth())
    }

    fn context(&self) -> &'static ScriptContext {
        if self.selects { &context::AGGREGATION_SELECTOR } else { &context::BUCKET_AGGREGATION }
    }
}

impl PipelineDefinition for BucketScript {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn check(&self, place: &PipelinePlace<'_>) -> Vec<String> {
        place.inside()
    }

    fn within(&self, run: &PipelineRun<'_>, buckets: &mut Buckets) -> Result<(), Exception> {
        if buckets.len() == 0 {
            return Ok(());
        }
        let failed = Exception::reduce_phase;
        let script = self.script.compile(self.context(), run.work).map_err(failed)?;
        let mut machine = Machine::new(run.work, run.now);
        let mut kept = Vec::with_capacity(buckets.len());
        for (name, mut bucket) in std::mem::take(buckets.all()) {
            run.work.check()?;
            let with = (&mut machine, &script);
            if !self.selects {
                self.compute(run, with, &mut bucket).map_err(failed)?;
            } else if !self.selected(run, with, &bucket).map_err(failed)? {
                continue;
            }
            kept.push((name, bucket));
        }
        *buckets.all() = kept;
        Ok(())
    }
}
