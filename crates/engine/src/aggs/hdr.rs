//! Percentiles as Elasticsearch's `hdr` method tells them. Source: the HdrHistogram library's `DoubleHistogram`, resizing
//! itself, as `HDRPercentilesAggregator` of Elasticsearch 7.10 uses it.
//!
//! Such a histogram keeps of a number its binary order and the first bits after it. Its unit, by which the upper end of
//! a step lies below the next step, is that of the smallest number it was given. So both follow from the sorted values.

use serde_json::Value;

use super::distribution::Distribution;
use super::histogram::unbuilt;
use crate::dsl::options::Options;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::value::java::java_double;

/// How exactly numbers are told: a step is one part in two to the power of this of its binary order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HdrPrecision {
    bits: u32,
}

/// Bits of the fraction of a number of 64 bits.
const FRACTION_BITS: u32 = 52;

/// Binary orders that a histogram spans at most, with those that its precision takes.
const ORDERS_MAX: i32 = 63;

impl HdrPrecision {
    /// Reads the object behind `hdr`.
    ///
    /// # Errors
    /// `x_content_parse_exception`, as Elasticsearch words it.
    pub(super) fn read(value: &Value) -> Result<HdrPrecision, Exception> {
        let options = Options::declared("hdr", value)?;
        options.not_null("number_of_significant_value_digits")?;
        let digits = options.whole("number_of_significant_value_digits")?.unwrap_or(3);
        options.finish()?;
        match u32::try_from(digits) {
            Ok(digits @ 0..=5) => {
                let steps = 2 * 10u32.pow(digits);
                Ok(HdrPrecision { bits: steps.next_power_of_two().ilog2() - 1 })
            }
            _ => {
                let words = "[numberOfSignificantValueDigits] must be between 0 and 5";
                let cause = Exception::illegal_argument(words);
                Err(options.failed("number_of_significant_value_digits", cause))
            }
        }
    }

    /// The value that `percent` of the `sorted` ones are not above.
    pub(super) fn value(
        self,
        sorted: &Distribution<'_>,
        percent: f64,
        flavor: Flavor,
    ) -> Option<f64> {
        let count = sorted.count() as f64;
        // OpenSearch has a newer version of the library.
        let reached = match flavor {
            Flavor::Elasticsearch710 => (percent.min(100.0) / 100.0 * count + 0.5).floor(),
            Flavor::OpenSearch219 => (percent.next_down().clamp(0.0, 100.0) * count / 100.0).ceil(),
        };
        let reached = reached.max(1.0);
        let found = sorted.nth(reached as u64 - 1)?;
        let low = f64::from_bits(self.step(found) << (FRACTION_BITS - self.bits));
        if found == 0.0 || percent == 0.0 {
            return Some(low);
        }
        let unit = floor(sorted.first_above_zero()?) / self.steps();
        Some(low + floor(found) / self.steps() - unit)
    }

    /// How many percent of the `sorted` values are in the step of `value`, or below it.
    ///
    /// # Errors
    /// `array_index_out_of_bounds_exception` for a negative number.
    pub(super) fn rank(
        self,
        sorted: &Distribution<'_>,
        value: f64,
    ) -> Result<Option<f64>, Exception> {
        if sorted.count() == 0 {
            return Ok(None);
        }
        if value < 0.0 {
            let reason = "Histogram recorded value cannot be negative.";
            return Err(Exception::new(ExceptionKind::ArrayIndexOutOfBounds, reason));
        }
        let step = self.step(value);
        let below = sorted.count_while(|one| self.step(one) <= step);
        Ok(Some(100.0 * below as f64 / sorted.count() as f64))
    }

    /// The step of a number; those of positive numbers are in their order.
    fn step(self, value: f64) -> u64 {
        value.to_bits() >> (FRACTION_BITS - self.bits)
    }

    fn steps(self) -> f64 {
        f64::from(1u32 << self.bits)
    }
}

/// Which numbers a histogram covers that grows with those it is given: as powers of two, the upper end left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct HdrRange {
    low: i32,
    high: i32,
    /// The binary order of the greatest number but zero.
    most: Option<i32>,
    /// How far it may move at once, and the bits of its greatest step; they grow with it.
    stride: i32,
    bits: i32,
}

/// Where an empty histogram starts, to be moved down by what it is given.
const START: i32 = 800;
/// Binary orders that it covers then.
const ORDERS: i32 = 3;
/// Farthest it moves at once.
const STRIDE_MAX: f64 = 50.0;

impl HdrRange {
    /// Of an empty histogram.
    pub(super) fn new(precision: HdrPrecision) -> HdrRange {
        let bits = precision.bits as i32 + ORDERS;
        HdrRange { low: START, high: START + ORDERS, most: None, stride: 1, bits }
    }

    /// Makes it cover `value`.
    ///
    /// # Errors
    /// `array_index_out_of_bounds_exception` for a negative number, and for one too far from those before.
    pub(super) fn cover(&mut self, value: f64, precision: HdrPrecision) -> Result<(), Exception> {
        if value < 0.0 {
            return Err(self.outside(value, "Negative values cannot be recorded"));
        }
        if value == 0.0 {
            return Ok(());
        }
        let power = |order: i32| 2.0f64.powi(order);
        while value < power(self.low) {
            let stride = self.stride((power(self.low) / value).ceil() - 1.0);
            let is_full = self.most.is_some_and(|most| most + stride >= self.high);
            if is_full {
                self.grow(
                    stride,
                    value,
                    precision,
                    "Operation would overflow, would discard recorded value counts",
                )?;
            } else {
                self.high -= stride;
            }
            self.low -= stride;
        }
        while value >= power(self.high) {
            let stride = self.stride(((value.next_up()) / power(self.high)).ceil() - 1.0);
            if self.most.is_some() {
                let why =
                    "Operation would underflow and lose precision of already recorded value counts";
                self.grow(stride, value, precision, why)?;
            } else {
                self.low += stride;
            }
            self.high += stride;
        }
        let own = order(value);
        self.most = Some(self.most.map_or(own, |most| most.max(own)));
        Ok(())
    }

    /// How many orders it moves for a number so many times as far away as it reaches.
    fn stride(&self, times: f64) -> i32 {
        if times > 2.0f64.powi(self.stride) {
            return self.stride;
        }
        (times.ceil().log2().floor() + 1.0).clamp(1.0, STRIDE_MAX) as i32
    }

    fn grow(
        &mut self,
        orders: i32,
        value: f64,
        precision: HdrPrecision,
        why: &str,
    ) -> Result<(), Exception> {
        if self.bits + orders > ORDERS_MAX {
            return Err(self.outside(
                value,
                &format!(
                    "Cannot resize histogram covered range beyond (1L << 63) / (1L << {}) - 1.\nCaused by: \
                     java.lang.ArrayIndexOutOfBoundsException: {why}",
                    precision.bits
                ),
            ));
        }
        self.bits += orders;
        self.stride += orders;
        Ok(())
    }

    fn outside(&self, value: f64, why: &str) -> Exception {
        let power = |order: i32| java_double(2.0f64.powi(order));
        Exception::new(
            ExceptionKind::ArrayIndexOutOfBounds,
            format!(
                "The value {} is out of bounds for histogram, current covered range [{}, {}) cannot be extended any \
                 further.\nCaused by: java.lang.ArrayIndexOutOfBoundsException: {why}",
                java_double(value),
                power(self.low),
                power(self.high)
            ),
        )
    }
}

/// The greatest power of two that is not above a positive number.
fn floor(value: f64) -> f64 {
    f64::from_bits(value.to_bits() >> FRACTION_BITS << FRACTION_BITS)
}

/// The binary order of a positive number.
fn order(value: f64) -> i32 {
    (value.to_bits() >> FRACTION_BITS) as i32 - 1023
}

/// The refusal of both methods at once.
pub(super) fn two_methods(kind: &str) -> Exception {
    unbuilt(kind, Exception::illegal_argument("Only one percentiles method should be declared."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_the_upper_end_of_its_step() {
        let flavor = Flavor::OpenSearch219;
        let precision = HdrPrecision::read(&json!({})).unwrap();
        let sorted = Distribution::Each(&[1.0, 51.0, 101.0, 151.0]);
        assert_eq!(precision.value(&sorted, 50.0, flavor), Some(51.0302734375));
        assert_eq!(precision.value(&sorted, 75.0, flavor), Some(101.0615234375));
        assert_eq!(precision.value(&sorted, 0.0, flavor), Some(1.0));
        assert_eq!(precision.value(&Distribution::Each(&[]), 50.0, flavor), None);
    }

    #[test]
    fn a_rank_counts_the_step_of_its_value() {
        let precision = HdrPrecision::read(&json!({})).unwrap();
        let sorted = Distribution::Each(&[0.0, 1.0, 51.0]);
        assert_eq!(precision.rank(&sorted, 51.02).unwrap(), Some(100.0));
        assert_eq!(precision.rank(&sorted, 50.9).unwrap(), Some(100.0 * 2.0 / 3.0));
        assert!(precision.rank(&sorted, -1.0).is_err());
    }
}
