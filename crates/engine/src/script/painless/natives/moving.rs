//! The functions of `MovingFunctions`, which `moving_avg` uses too. Source: `MovingFunctions` and the models of
//! `moving_avg` of Elasticsearch 7.10.

use std::collections::VecDeque;

use super::super::value::{HeapObject, Value};
use crate::script::painless::fault::Fault;
use crate::script::painless::runner::{Native, Runner};

impl Runner<'_> {
    /// Calls a static method of `MovingFunctions`.
    pub(super) fn moving_function(&mut self, name: &str, given: &[Value]) -> Native {
        let values = given.first().and_then(Value::place).and_then(|place| self.heap.get(place));
        let Some(HeapObject::Array(_, items)) = values else {
            return Err(Fault::null("Cannot read the array length because \"values\" is null"));
        };
        let values: Vec<f64> = items.iter().filter_map(Value::as_double).collect();
        self.charge(1 + values.len() as u64)?;
        let number = |at: usize| given.get(at).and_then(Value::as_double).unwrap_or(0.0);
        let is = |at: usize| matches!(given.get(at), Some(Value::Bool(true)));
        Ok(Some(Value::Double(match name {
            "max" => max(&values),
            "min" => min(&values),
            "sum" => sum(&values),
            "unweightedAvg" => mean(&values),
            "linearWeightedAvg" => linear(&values),
            "stdDev" => deviation(&values, number(1)),
            "ewma" => exponential(&values, number(1)),
            "holt" => holt(&values, number(1), number(2)),
            "holtWinters" => {
                let period = usize::try_from(number(4) as i64).unwrap_or(0);
                let factors = [number(1), number(2), number(3)];
                holt_winters(&values, factors, period, is(5)).map_err(Fault::illegal)?
            }
            _ => return Ok(None),
        })))
    }
}

pub(crate) fn max(values: &[f64]) -> f64 {
    values.iter().copied().reduce(f64::max).unwrap_or(f64::NAN)
}

pub(crate) fn min(values: &[f64]) -> f64 {
    values.iter().copied().reduce(f64::min).unwrap_or(f64::NAN)
}

pub(crate) fn sum(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, value| sum + value)
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    // Of nothing 0 / 0, which is no number.
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard deviation around a mean.
pub(crate) fn deviation(values: &[f64], around: f64) -> f64 {
    let squares: f64 = values.iter().map(|value| (value - around).powi(2)).sum();
    (squares / values.len() as f64).sqrt()
}

/// The mean in which each value weighs as much as its place says.
pub(crate) fn linear(values: &[f64]) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let weighted: f64 = (1..).zip(values).map(|(weight, value)| f64::from(weight) * value).sum();
    weighted / (1.0 + (values.len() * (values.len() + 1) / 2) as f64)
}

/// Exponential smoothing: a level.
pub(crate) fn exponential(values: &[f64], alpha: f64) -> f64 {
    let step = |level: f64, value: &f64| value * alpha + level * (1.0 - alpha);
    values.iter().skip(1).fold(values.first().copied().unwrap_or(f64::NAN), step)
}

/// Double exponential smoothing: a level and a trend.
pub(crate) fn holt(values: &[f64], alpha: f64, beta: f64) -> f64 {
    let (mut level, mut trend) = (values.first().copied().unwrap_or(f64::NAN), 0.0);
    for value in values.iter().skip(1) {
        let next = alpha * value + (1.0 - alpha) * (level + trend);
        trend = beta * (next - level) + (1.0 - beta) * trend;
        level = next;
    }
    level
}

/// Triple exponential smoothing: a level, a trend and what each place of a season adds or multiplies.
///
/// # Errors
/// Why it says nothing of fewer values than two periods.
pub(crate) fn holt_winters(
    values: &[f64],
    [alpha, beta, gamma]: [f64; 3],
    period: usize,
    multiplicative: bool,
) -> Result<f64, String> {
    if values.is_empty() {
        return Ok(f64::NAN);
    }
    if values.len() < period * 2 || period == 0 {
        return Err(format!(
            "Holt-Winters aggregation requires at least (2 * period == 2 * {period} == {}) data-points to \
             function.  Only [{}] were provided.",
            2 * period,
            values.len()
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
