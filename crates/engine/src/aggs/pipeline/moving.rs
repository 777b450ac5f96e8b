//! `moving_fn` and `moving_avg`: a function of the values of the buckets before.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use super::results::value_in;
use super::running::single;
use super::{
    Buckets, Computation, GapPolicy, PipelineDefinition, PipelinePlace, PipelineRun, known, number,
    number_format, paths,
};
use crate::aggs::definition::AggregationBody;
use crate::aggs::histogram::unbuilt;
use crate::aggs::path::AggregationPath;
use crate::exception::Exception;
use crate::script::{GivenVariable, Machine, ScriptRequest, context, moving_functions};
use crate::value::number_format::NumberFormat;

/// Widest window.
const WINDOW_MAX: i64 = 65_535;

/// A function over the values of a window.
#[derive(Clone, Debug, PartialEq)]
enum MovingModel {
    Mean,
    Linear,
    Exponential(f64),
    Holt(f64, f64),
    HoltWinters { factors: [f64; 3], period: usize, multiplicative: bool },
}

impl MovingModel {
    fn of(&self, values: &[f64]) -> Result<f64, Exception> {
        Ok(match self {
            MovingModel::Mean => moving_functions::mean(values),
            MovingModel::Linear => moving_functions::linear(values),
            MovingModel::Exponential(alpha) => moving_functions::exponential(values, *alpha),
            MovingModel::Holt(alpha, beta) => moving_functions::holt(values, *alpha, *beta),
            MovingModel::HoltWinters { factors, period, multiplicative } => {
                moving_functions::holt_winters(values, *factors, *period, *multiplicative)
                    .map_err(Exception::illegal_argument)?
            }
        })
    }

    /// Whether it says anything of so many values.
    fn takes(&self, count: usize) -> bool {
        match self {
            MovingModel::HoltWinters { period, .. } => count >= period * 2,
            _ => count > 0,
        }
    }
}

/// `moving_fn`: what a script makes of a window.
#[derive(Debug)]
struct Moving {
    paths: Vec<String>,
    gaps: GapPolicy,
    format: Option<NumberFormat>,
    window: usize,
    shift: i64,
    script: ScriptRequest,
}

pub(super) fn parse_function(body: &AggregationBody<'_>) -> Result<Computation, Exception> {
    let options = body.options()?;
    let (found, script) = (paths(&options)?, options.get("script"));
    let absent: Vec<&str> = [
        ("buckets_path", found.is_none()),
        ("script", script.is_none()),
        ("window", options.get("window").is_none()),
    ]
    .into_iter()
    .filter(|(_, absent)| *absent)
    .map(|(name, _)| name)
    .collect();
    let (Some(paths), Some(script), true) = (found, script, absent.is_empty()) else {
        return Err(Exception::illegal_argument(format!("Required [{}]", absent.join(", "))));
    };
    let window = options.whole("window")?.unwrap_or(0);
    if !(1..=WINDOW_MAX).contains(&window) {
        let cause = Exception::illegal_argument("[window] must be a positive, non-zero integer.");
        // It is built when the last of its required options was read.
        let required = ["buckets_path", "script", "window"];
        let keys = options.entries().map(|(key, _)| key.as_str());
        let last = keys.filter(|key| required.contains(key)).last().unwrap_or("window");
        return Err(options.failed(last, unbuilt("moving_fn", cause)));
    }
    let moving = Moving {
        paths,
        gaps: GapPolicy::read(&options)?,
        format: number_format(&options)?,
        window: usize::try_from(window).unwrap_or(1),
        shift: options.whole("shift")?.unwrap_or(0),
        script: ScriptRequest::parse(script).map_err(|cause| options.failed("script", cause))?,
    };
    options.finish()?;
    Ok(Arc::new(moving))
}

impl PipelineDefinition for Moving {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn check(&self, place: &PipelinePlace<'_>) -> Vec<String> {
        single(&self.paths, place).unwrap_or_else(|| place.in_a_row())
    }

    fn within(&self, run: &PipelineRun<'_>, buckets: &mut Buckets) -> Result<(), Exception> {
        let path = AggregationPath::parse(self.paths.first().map_or("", String::as_str))?;
        let mut values = Vec::with_capacity(buckets.len());
        for bucket in buckets.each() {
            values.push(
                value_in(run.parent, bucket, &path.words(), self.gaps)?.filter(|it| !it.is_nan()),
            );
        }
        let known: Vec<f64> = values.iter().copied().flatten().collect();
        let clamp = |at: i64| usize::try_from(at).unwrap_or(0).min(known.len());
        let failed = Exception::reduce_phase;
        let script = self.script.compile(&context::MOVING_FUNCTION, run.work).map_err(failed)?;
        let mut machine = Machine::new(run.work, run.now);
        let with_value = buckets.each().zip(values).filter(|(_, value)| value.is_some());
        for (at, (bucket, _)) in (0i64..).zip(with_value) {
            run.work.check()?;
            let end = clamp(at.saturating_add(self.shift));
            let window = i64::try_from(self.window).unwrap_or(i64::MAX);
            let start = clamp(at.saturating_sub(window).saturating_add(self.shift));
            let values = GivenVariable::Doubles(known.get(start..end).unwrap_or_default());
            let outcome = script.run(&mut machine, &[("values", values)], None).map_err(failed)?;
            let value = outcome.number().unwrap_or(f64::NAN);
            run.add(bucket, number(value, self.format.as_ref()));
        }
        Ok(())
    }
}

/// `moving_avg`.
#[derive(Debug)]
struct MovingAverage {
    paths: Vec<String>,
    gaps: GapPolicy,
    format: Option<NumberFormat>,
    window: usize,
    model: MovingModel,
}

pub(super) fn parse_average(body: &AggregationBody<'_>) -> Result<Computation, Exception> {
    let (options, name) = (body.options()?, body.name);
    let Some(paths) = paths(&options)? else {
        return Err(Exception::parsing(format!(
            "Missing required field [buckets_path] for movingAvg aggregation [{name}]"
        )));
    };
    let window = options.whole("window")?.unwrap_or(5);
    if !(1..=WINDOW_MAX).contains(&window) {
        return Err(Exception::parsing(format!(
            "[window] value must be a positive, non-zero integer.  Value supplied was [{window}] in [{name}]."
        )));
    }
    for key in ["predict", "minimize"] {
        if options.get(key).is_some_and(|value| value != &Value::Bool(false)) {
            return Err(Exception::not_implemented(&format!(
                "moving_avg aggregation with [{key}]"
            )));
        }
    }
    let average = MovingAverage {
        gaps: GapPolicy::read(&options)?,
        format: number_format(&options)?,
        window: usize::try_from(window).unwrap_or(5),
        model: model(options.text("model")?.as_deref(), options.get("settings"), window)?,
        paths,
    };
    known(&options, name)?;
    Ok(Arc::new(average))
}

/// Reads a model and its settings.
fn model(
    name: Option<&str>,
    settings: Option<&Value>,
    window: i64,
) -> Result<MovingModel, Exception> {
    let factor = |key: &str, default: f64| match settings.and_then(|settings| settings.get(key)) {
        None => Ok(default),
        Some(value) => {
            value.as_f64().filter(|value| (0.0..=1.0).contains(value)).ok_or_else(|| {
                Exception::parsing(format!(
                    "Parameter [{key}] must be between 0-1 inclusive.  Value provided was [{value}]"
                ))
            })
        }
    };
    Ok(match name {
        None | Some("simple") => MovingModel::Mean,
        Some("linear") => MovingModel::Linear,
        Some("ewma") => MovingModel::Exponential(factor("alpha", 0.3)?),
        Some("holt") => MovingModel::Holt(factor("alpha", 0.3)?, factor("beta", 0.1)?),
        Some("holt_winters") => {
            let setting = |key: &str| settings.and_then(|settings| settings.get(key));
            let period = setting("period").and_then(Value::as_i64).unwrap_or(1);
            if window < 2 * period {
                return Err(Exception::parsing(format!(
                    "Field [window] must be at least twice as large as the period when using Holt-Winters.  Value provided was [{window}], which is less than (2*period) == {}",
                    2 * period
                )));
            }
            let multiplicative = setting("type").and_then(Value::as_str) == Some("mult");
            MovingModel::HoltWinters {
                factors: [factor("alpha", 0.3)?, factor("beta", 0.1)?, factor("gamma", 0.3)?],
                period: usize::try_from(period).unwrap_or(1),
                multiplicative: multiplicative
                    && setting("pad").and_then(Value::as_bool).unwrap_or(true),
            }
        }
        Some(unknown) => {
            return Err(Exception::parsing(format!(
                "Unknown model [{unknown}] specified.  Valid options are: [simple, linear, ewma, holt, holt_winters]"
            )));
        }
    })
}

impl PipelineDefinition for MovingAverage {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn check(&self, place: &PipelinePlace<'_>) -> Vec<String> {
        single(&self.paths, place).unwrap_or_else(|| place.in_a_row())
    }

    fn within(&self, run: &PipelineRun<'_>, buckets: &mut Buckets) -> Result<(), Exception> {
        let path = AggregationPath::parse(self.paths.first().map_or("", String::as_str))?;
        let mut window: VecDeque<f64> = VecDeque::new();
        for bucket in buckets.each() {
            run.work.check()?;
            let value = value_in(run.parent, bucket, &path.words(), self.gaps)?;
            let Some(value) = value.filter(|value| !value.is_nan()) else { continue };
            if self.model.takes(window.len()) {
                let average = self.model.of(window.make_contiguous())?;
                run.add(bucket, number(average, self.format.as_ref()));
            }
            if window.len() == self.window {
                window.pop_front();
            }
            window.push_back(value);
        }
        Ok(())
    }
}
