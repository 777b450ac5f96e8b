//! `derivative`: by how much a value changes from bucket to bucket, in all or in a unit of time.

use std::sync::Arc;

use serde_json::{Value, json};

use super::results::{number as printed, value_in};
use super::running::single;
use super::{
    Buckets, Computation, GapPolicy, PipelineDefinition, PipelinePlace, PipelineRun, known, number,
    number_format, paths,
};
use crate::aggs::definition::AggregationBody;
use crate::aggs::path::AggregationPath;
use crate::exception::Exception;
use crate::value::number_format::NumberFormat;
use crate::value::time;

/// A `derivative`.
#[derive(Debug)]
struct Derivative {
    paths: Vec<String>,
    gaps: GapPolicy,
    format: Option<NumberFormat>,
    /// Milliseconds.
    unit: Option<f64>,
}

pub(super) fn parse(body: &AggregationBody<'_>) -> Result<Computation, Exception> {
    let options = body.options()?;
    let Some(paths) = paths(&options)? else {
        return Err(Exception::parsing(format!(
            "Missing required field [buckets_path] for derivative aggregation [{}]",
            body.name
        )));
    };
    let derivative = Derivative {
        paths,
        gaps: GapPolicy::read(&options)?,
        format: number_format(&options)?,
        unit: options.text("unit")?.map(|text| unit(&text)).transpose()?,
    };
    known(&options, body.name)?;
    Ok(Arc::new(derivative))
}

/// A unit of the calendar by its mean length, or any time, in milliseconds.
fn unit(text: &str) -> Result<f64, Exception> {
    // The Gregorian year has 31,556,952 seconds on average (`ChronoUnit.YEARS`).
    const YEAR: f64 = 31_556_952_000.0;
    Ok(match text {
        "second" | "1s" => 1000.0,
        "minute" | "1m" => 60_000.0,
        "hour" | "1h" => 3_600_000.0,
        "day" | "1d" => 86_400_000.0,
        "week" | "1w" => 604_800_000.0,
        "month" | "1M" => YEAR / 12.0,
        "quarter" | "1q" => YEAR / 4.0,
        "year" | "1y" => YEAR,
        text => time::milliseconds("DerivativePipelineAggregationBuilder.unit", text)? as f64,
    })
}

impl PipelineDefinition for Derivative {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn printed_type(&self) -> &'static str {
        "derivative"
    }

    fn check(&self, place: &PipelinePlace<'_>) -> Vec<String> {
        single(&self.paths, place).unwrap_or_else(|| place.in_a_row())
    }

    fn within(&self, run: &PipelineRun<'_>, buckets: &mut Buckets) -> Result<(), Exception> {
        let path = AggregationPath::parse(self.paths.first().map_or("", String::as_str))?;
        let mut before: Option<(f64, f64)> = None;
        for bucket in buckets.each() {
            run.work.check()?;
            let key = printed(bucket.get("key")).trunc();
            let value = value_in(run.parent, bucket, &path.words(), self.gaps)?;
            if let (Some((old_key, old)), Some(value)) = (before, value) {
                let difference = value - old;
                let mut result = number(difference, self.format.as_ref());
                let width =
                    self.unit.map(|unit| (key - old_key) / unit).filter(|width| *width > 0.0);
                if let Some(width) = width {
                    let in_unit = difference / width;
                    result.insert("normalized_value".into(), json!(in_unit));
                    if let Some(format) = self.format.as_ref().filter(|_| in_unit.is_finite()) {
                        let text = Value::from(format.print(in_unit));
                        result.insert("normalized_value_as_string".into(), text);
                    }
                }
                run.add(bucket, result);
            }
            before = value.map(|value| (key, value));
        }
        Ok(())
    }
}
