//! `moving_fn` and `moving_avg`: a function of the values of the buckets before.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::results::value_in;
use super::running::single;
use super::{
    Buckets, Computation, GapPolicy, PipelineDefinition, PipelinePlace, PipelineRun, known, number,
    number_format, paths,
};
use crate::aggs::definition::AggregationBody;
use crate::aggs::histogram::unbuilt;
use crate::aggs::path::AggregationPath;
use crate::exception::{Exception, ExceptionKind};
use crate::value::number_format::NumberFormat;

/// Widest window.
const WINDOW_MAX: i64 = 65_535;

/// A function over the values of a window; the parameters are numbers of its own.
#[derive(Clone, Debug, PartialEq)]
enum MovingFunction {
    Max,
    Min,
    Sum,
    /// Around a mean, which is that of the window where none is given.
    Deviation(Option<f64>),
    Mean,
    Linear,
    Exponential(f64),
    Holt(f64, f64),
    HoltWinters {
        factors: [f64; 3],
        period: usize,
        multiplicative: bool,
    },
}

impl MovingFunction {
    /// Source: `MovingFunctions` of Elasticsearch 7.10.
    fn of(&self, values: &[f64]) -> Result<f64, Exception> {
        let mean = || values.iter().sum::<f64>() / values.len() as f64;
        if values.is_empty() && *self != MovingFunction::Sum {
            return Ok(f64::NAN);
        }
        Ok(match self {
            MovingFunction::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            MovingFunction::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            MovingFunction::Sum => values.iter().fold(0.0, |sum, value| sum + value),
            MovingFunction::Mean => mean(),
            MovingFunction::Deviation(around) => {
                let around = around.unwrap_or_else(mean);
                let squares: f64 = values.iter().map(|value| (value - around).powi(2)).sum();
                (squares / values.len() as f64).sqrt()
            }
            MovingFunction::Linear => {
                let weights = 1..=values.len();
                let weighted: f64 =
                    weights.map(|at| at as f64).zip(values).map(|(w, v)| w * v).sum();
                weighted / (1.0 + (values.len() * (values.len() + 1) / 2) as f64)
            }
            MovingFunction::Exponential(alpha) => {
                let step = |mean: f64, value: &f64| value * alpha + mean * (1.0 - alpha);
                values.iter().skip(1).fold(values.first().copied().unwrap_or(f64::NAN), step)
            }
            MovingFunction::Holt(alpha, beta) => holt(values, *alpha, *beta),
            MovingFunction::HoltWinters { factors, period, multiplicative } => {
                holt_winters(values, *factors, *period, *multiplicative)?
            }
        })
    }

    /// Whether it says anything of so many values.
    fn takes(&self, count: usize) -> bool {
        match self {
            MovingFunction::HoltWinters { period, .. } => count >= period * 2,
            _ => count > 0,
        }
    }
}

/// Double exponential smoothing: a level and a trend.
fn holt(values: &[f64], alpha: f64, beta: f64) -> f64 {
    let (mut level, mut trend) = (f64::NAN, 0.0);
    for (place, value) in values.iter().enumerate() {
        if place == 0 {
            level = *value;
            continue;
        }
        let next = alpha * value + (1.0 - alpha) * (level + trend);
        trend = beta * (next - level) + (1.0 - beta) * trend;
        level = next;
    }
    level
}

/// Triple exponential smoothing: a level, a trend and what each place of a season adds or multiplies.
fn holt_winters(
    values: &[f64],
    [alpha, beta, gamma]: [f64; 3],
    period: usize,
    multiplicative: bool,
) -> Result<f64, Exception> {
    if values.len() < period * 2 || period == 0 {
        return Err(Exception::new(
            ExceptionKind::AggregationExecution,
            format!(
                "Holt-Winters aggregation requires at least (2 * period == 2 * {period} == {}) data-points to \
                 function.  Only [{}] were provided.",
                2 * period,
                values.len()
            ),
        ));
    }
    let padding = if multiplicative { 1e-10 } else { 0.0 };
    let values: Vec<f64> = values.iter().map(|value| value + padding).collect();
    let (first, second) = (values.iter().take(period), values.iter().skip(period));
    let width = period as f64;
    let mut level = first.clone().sum::<f64>() / width;
    let mut trend = first.clone().zip(second).map(|(a, b)| (b - a) / width).sum::<f64>() / width;
    let share = |value: &f64| if level == 0.0 { 0.0 } else { value / level };
    let mut seasons: VecDeque<f64> = first.map(share).collect();
    // The first step starts without a trend, as there.
    let mut last_trend = 0.0;
    for value in values.iter().skip(period) {
        let season = seasons.pop_front().unwrap_or(0.0);
        let bare = if multiplicative { value / season } else { value - season };
        let (old, old_trend) = (level, last_trend);
        level = alpha * bare + (1.0 - alpha) * (old + old_trend);
        trend = beta * (level - old) + (1.0 - beta) * old_trend;
        // The additive season is over the level without its trend, as there.
        let own =
            if multiplicative { value / (old + old_trend) } else { value - (old - old_trend) };
        last_trend = trend;
        seasons.push_back(gamma * own + (1.0 - gamma) * season);
    }
    let season = seasons.front().copied().unwrap_or(0.0);
    Ok(if multiplicative { (level + trend) * season } else { level + trend + season })
}

/// `moving_fn` with one of the functions that Elasticsearch has for it.
#[derive(Debug)]
struct Moving {
    paths: Vec<String>,
    gaps: GapPolicy,
    format: Option<NumberFormat>,
    window: usize,
    shift: i64,
    function: MovingFunction,
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
        function: script_function(script)?,
    };
    options.finish()?;
    Ok(Arc::new(moving))
}

/// The function that a script calls: `MovingFunctions.ewma(values, 0.3)`, with numbers or its own parameters.
fn script_function(script: &Value) -> Result<MovingFunction, Exception> {
    let empty = Map::new();
    let (source, parameters) = match script {
        Value::String(source) => (source.as_str(), &empty),
        Value::Object(object) => (
            object
                .get("source")
                .or_else(|| object.get("inline"))
                .and_then(Value::as_str)
                .unwrap_or(""),
            object.get("params").and_then(Value::as_object).unwrap_or(&empty),
        ),
        _ => ("", &empty),
    };
    let other = || Exception::not_implemented("moving_fn aggregation with a script of its own");
    let call = source.trim().trim_end_matches(';').trim();
    let call = call.strip_prefix("return ").unwrap_or(call).trim();
    let call = call.strip_prefix("MovingFunctions.").and_then(|call| call.strip_suffix(')'));
    let (name, arguments) = call.and_then(|call| call.split_once('(')).ok_or_else(other)?;
    let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
    let Some(("values", arguments)) = arguments.split_first().map(|(first, rest)| (*first, rest))
    else {
        return Err(other());
    };
    let number = |at: usize| -> Result<f64, Exception> {
        let text = arguments.get(at).copied().unwrap_or_default();
        let given = text.strip_prefix("params.").and_then(|name| parameters.get(name));
        let digits = text.trim_end_matches(['d', 'D', 'f', 'F']);
        given.and_then(Value::as_f64).or_else(|| digits.parse().ok()).ok_or_else(other)
    };
    let flag = |at: usize| match arguments.get(at).copied() {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(text) => {
            let given = text.strip_prefix("params.").and_then(|name| parameters.get(name));
            given.and_then(Value::as_bool).ok_or_else(other)
        }
        None => Err(other()),
    };
    Ok(match (name.trim(), arguments.len()) {
        ("max", 0) => MovingFunction::Max,
        ("min", 0) => MovingFunction::Min,
        ("sum", 0) => MovingFunction::Sum,
        ("unweightedAvg", 0) => MovingFunction::Mean,
        ("linearWeightedAvg", 0) => MovingFunction::Linear,
        ("stdDev", 1) if arguments.first() == Some(&"MovingFunctions.unweightedAvg(values)") => {
            MovingFunction::Deviation(None)
        }
        ("stdDev", 1) => MovingFunction::Deviation(Some(number(0)?)),
        ("ewma", 1) => MovingFunction::Exponential(number(0)?),
        ("holt", 2) => MovingFunction::Holt(number(0)?, number(1)?),
        ("holtWinters", 5) => MovingFunction::HoltWinters {
            factors: [number(0)?, number(1)?, number(2)?],
            period: number(3)? as usize,
            multiplicative: flag(4)?,
        },
        _ => return Err(other()),
    })
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
        let with_value = buckets.each().zip(values).filter(|(_, value)| value.is_some());
        for (at, (bucket, _)) in (0i64..).zip(with_value) {
            run.work.check()?;
            let end = clamp(at.saturating_add(self.shift));
            let window = i64::try_from(self.window).unwrap_or(i64::MAX);
            let start = clamp(at.saturating_sub(window).saturating_add(self.shift));
            let value = self.function.of(known.get(start..end).unwrap_or_default())?;
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
    model: MovingFunction,
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
) -> Result<MovingFunction, Exception> {
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
        None | Some("simple") => MovingFunction::Mean,
        Some("linear") => MovingFunction::Linear,
        Some("ewma") => MovingFunction::Exponential(factor("alpha", 0.3)?),
        Some("holt") => MovingFunction::Holt(factor("alpha", 0.3)?, factor("beta", 0.1)?),
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
            MovingFunction::HoltWinters {
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
