//! `cumulative_sum` and `serial_diff`: from bucket to bucket.

use std::collections::VecDeque;
use std::sync::Arc;

use super::results::value_in;
use super::{
    Buckets, Computation, GapPolicy, PipelineDefinition, PipelinePlace, PipelineRun, known, number,
    number_format, paths,
};
use crate::aggs::definition::AggregationBody;
use crate::aggs::path::AggregationPath;
use crate::exception::Exception;
use crate::value::number_format::NumberFormat;

/// Most buckets that a difference looks back.
const LAG_MAX: i64 = 65_535;

/// `cumulative_sum`.
#[derive(Debug)]
struct CumulativeSum {
    paths: Vec<String>,
    format: Option<NumberFormat>,
}

pub(super) fn parse_sum(body: &AggregationBody<'_>) -> Result<Computation, Exception> {
    let options = body.options()?;
    let Some(paths) = paths(&options)? else {
        return Err(Exception::illegal_argument("Required [buckets_path]"));
    };
    let format = number_format(&options)?;
    options.finish()?;
    Ok(Arc::new(CumulativeSum { paths, format }))
}

impl PipelineDefinition for CumulativeSum {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn check(&self, place: &PipelinePlace<'_>) -> Vec<String> {
        single(&self.paths, place).unwrap_or_else(|| place.in_a_row())
    }

    fn within(&self, run: &PipelineRun<'_>, buckets: &mut Buckets) -> Result<(), Exception> {
        let path = AggregationPath::parse(self.paths.first().map_or("", String::as_str))?;
        let mut sum = 0.0;
        for bucket in buckets.each() {
            run.work.check()?;
            let value = value_in(run.parent, bucket, &path.words(), GapPolicy::InsertZeros)?;
            sum += value.filter(|value| value.is_finite()).unwrap_or(0.0);
            run.add(bucket, number(sum, self.format.as_ref()));
        }
        Ok(())
    }
}

/// What is wrong with paths that must be one; `None` where they are.
pub(super) fn single(paths: &[String], place: &PipelinePlace<'_>) -> Option<Vec<String>> {
    let words = || {
        vec![format!("buckets_path must contain a single entry for aggregation [{}]", place.name)]
    };
    (paths.len() != 1).then(words)
}

/// `serial_diff`.
#[derive(Debug)]
struct SerialDifference {
    paths: Vec<String>,
    gaps: GapPolicy,
    format: Option<NumberFormat>,
    lag: usize,
}

pub(super) fn parse_difference(body: &AggregationBody<'_>) -> Result<Computation, Exception> {
    let options = body.options()?;
    let Some(paths) = paths(&options)? else {
        return Err(Exception::parsing(format!(
            "Missing required field [buckets_path] for derivative aggregation [{}]",
            body.name
        )));
    };
    let lag = options.whole("lag")?.unwrap_or(1);
    if !(1..=LAG_MAX).contains(&lag) {
        let reason = format!(
            "Lag must be a positive, non-zero integer.  Value supplied was{lag} in [{}]: [lag].",
            body.name
        );
        return Err(options.wrong("lag", reason));
    }
    let difference = SerialDifference {
        paths,
        gaps: GapPolicy::read(&options)?,
        format: number_format(&options)?,
        lag: usize::try_from(lag).unwrap_or(1),
    };
    known(&options, body.name)?;
    Ok(Arc::new(difference))
}

impl PipelineDefinition for SerialDifference {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn check(&self, place: &PipelinePlace<'_>) -> Vec<String> {
        single(&self.paths, place).unwrap_or_else(|| place.in_a_row())
    }

    fn within(&self, run: &PipelineRun<'_>, buckets: &mut Buckets) -> Result<(), Exception> {
        let path = AggregationPath::parse(self.paths.first().map_or("", String::as_str))?;
        let mut before: VecDeque<f64> = VecDeque::new();
        for bucket in buckets.each() {
            run.work.check()?;
            let value = value_in(run.parent, bucket, &path.words(), self.gaps)?.unwrap_or(f64::NAN);
            let old = if before.len() == self.lag { before.pop_front() } else { None };
            before.push_back(value);
            let difference = value - old.unwrap_or(f64::NAN);
            if !difference.is_nan() {
                run.add(bucket, number(difference, self.format.as_ref()));
            }
        }
        Ok(())
    }
}
