//! How many different hashes there are: HyperLogLog++ as Elasticsearch 7.10 and OpenSearch 2.19 have it
//! (`HyperLogLogPlusPlus`), so that their estimates are ours, to the digit.
//!
//! A few hashes are kept as 25 bits of each, with what the sketch needs of the rest ("HyperLogLog in Practice", Heule,
//! Nunkesser and Hall, 2013, figure 6), and counted by linear counting; many fill the registers of a sketch, whose estimate is
//! corrected by the average error that was measured for it.

mod bias;

use std::collections::HashSet;

use self::bias::{BIASES, RAW_ESTIMATES};
use crate::key_hash::KeyHashes;

/// Bytes that one hash takes in the set, with the set's own slack.
const HASH_BYTES: u64 = 10;
/// Highest threshold, as Elasticsearch's.
const THRESHOLD_MAX: u64 = 40_000;
/// The fewest bits that choose a register.
const PRECISION_MIN: u32 = 4;
/// The bits of a hash that choose its place while few are counted.
const SPARSE_BITS: u32 = 25;
/// The sketch's estimate is better than linear counting above these, by precision (the paper's appendix).
const THRESHOLDS: [u64; 15] =
    [10, 20, 40, 80, 220, 400, 900, 1800, 3100, 6500, 11_500, 20_000, 50_000, 120_000, 350_000];
/// How many measured errors around an estimate are averaged.
const NEIGHBOURS: usize = 6;

/// The precision that Elasticsearch chooses for a threshold (`precisionFromThreshold`).
pub(crate) fn precision(threshold: u64) -> u32 {
    let entries = (threshold.min(THRESHOLD_MAX) * 4).div_ceil(3);
    let bits = u64::BITS - (entries * 4).leading_zeros();
    bits.clamp(PRECISION_MIN, 18)
}

/// Different hashes, counted.
pub(crate) enum Counter {
    /// Each of them, encoded.
    Few(HashSet<u32, KeyHashes>),
    /// The registers of a sketch.
    Many(Vec<u8>),
}

impl Default for Counter {
    fn default() -> Counter {
        Counter::Few(HashSet::default())
    }
}

impl Counter {
    /// Adds one hash to a counter of this precision; by how many bytes the counter grew or shrank.
    #[inline]
    pub(crate) fn add(&mut self, hash: u64, precision: u32) -> i64 {
        match self {
            Counter::Many(registers) => {
                let place = hash >> (u64::BITS - precision);
                let run = (hash << precision).leading_zeros().min(u64::BITS - precision) + 1;
                raise(registers, place, run);
                0
            }
            Counter::Few(hashes) => {
                if !hashes.insert(encoded(hash, precision)) {
                    return 0;
                }
                // Three quarters of a table that is as large as the sketch.
                let most = 3 * (1 << precision) / 16;
                if hashes.len() <= most {
                    return HASH_BYTES as i64;
                }
                let mut registers = vec![0; 1 << precision];
                for hash in &*hashes {
                    let (place, run) = decoded(*hash, precision);
                    raise(&mut registers, place, run);
                }
                let before = (hashes.len() as i64 - 1) * HASH_BYTES as i64;
                let after = registers.len() as i64;
                *self = Counter::Many(registers);
                after - before
            }
        }
    }

    /// How many different ones were added.
    pub(crate) fn count(&self) -> u64 {
        match self {
            Counter::Few(hashes) => {
                let places = 1 << SPARSE_BITS;
                linear_counting(places, places - hashes.len() as u64)
            }
            Counter::Many(registers) => estimate(registers),
        }
    }
}

/// The first [`SPARSE_BITS`] of a hash, and behind them, where a sketch would need more, how many zeros follow: 1 in the last
/// bit tells the two apart.
fn encoded(hash: u64, precision: u32) -> u32 {
    let first = (hash >> (u64::BITS - SPARSE_BITS)) as u32;
    if first & ((1 << (SPARSE_BITS - precision)) - 1) != 0 {
        return first << 1;
    }
    let run = (hash << SPARSE_BITS).leading_zeros().min(u64::BITS - SPARSE_BITS) + 1;
    first << 7 | run << 1 | 1
}

/// The register of an encoded hash, and what it is raised to.
fn decoded(encoded: u32, precision: u32) -> (u64, u32) {
    let unused = SPARSE_BITS - precision;
    if encoded & 1 == 1 {
        (u64::from(encoded >> 7 >> unused), (encoded >> 1 & 63) + unused)
    } else {
        let rest = encoded << (u32::BITS - 1 - unused);
        (u64::from(encoded >> 1 >> unused), rest.leading_zeros() + 1)
    }
}

fn raise(registers: &mut [u8], place: u64, run: u32) {
    let register = usize::try_from(place).ok().and_then(|place| registers.get_mut(place));
    if let Some(register) = register {
        *register = (*register).max(u8::try_from(run).unwrap_or(u8::MAX));
    }
}

/// How many were thrown at `places` of which `empty` were not hit.
fn linear_counting(places: u64, empty: u64) -> u64 {
    (places as f64 * (places as f64 / empty as f64).ln()).round() as u64
}

fn estimate(registers: &[u8]) -> u64 {
    let count = registers.len() as f64;
    let precision = registers.len().trailing_zeros();
    let row = (precision - PRECISION_MIN) as usize;
    let alpha = match precision {
        4 => 0.673,
        5 => 0.697,
        _ => 0.7213 / (1.0 + 1.079 / count),
    };
    let inverses = registers.iter().map(|run| 1.0 / (1u64 << run) as f64).sum::<f64>();
    let raw = alpha * count * count / inverses;
    let corrected = if raw <= 5.0 * count { raw - bias(raw, row) } else { raw };
    let empty = registers.iter().filter(|run| **run == 0).count() as u64;
    if empty != 0 {
        let linear = linear_counting(registers.len() as u64, empty);
        if THRESHOLDS.get(row).is_some_and(|threshold| linear <= *threshold) {
            return linear;
        }
    }
    corrected.round() as u64
}

/// The average of the measured errors near a raw estimate, the nearer the weightier. The weights stand in a ring that is not
/// turned back before they meet the errors: so it is in `AbstractHyperLogLog.estimateBias`, whose numbers these are.
fn bias(raw: f64, row: usize) -> f64 {
    let (Some(estimates), Some(biases)) = (RAW_ESTIMATES.get(row), BIASES.get(row)) else {
        return 0.0;
    };
    let mut weights = [0.0; NEIGHBOURS];
    let mut first = biases.len() - NEIGHBOURS;
    for (at, (estimate, bias)) in estimates.iter().zip(*biases).enumerate() {
        let weight = 1.0 / (estimate - raw).abs();
        if weight.is_infinite() {
            return *bias;
        }
        let Some(last) = weights.get_mut(at % NEIGHBOURS) else { break };
        if *last >= weight {
            first = at - NEIGHBOURS;
            break;
        }
        *last = weight;
    }
    let near = biases.iter().skip(first).zip(weights);
    let (sum, of) =
        near.fold((0.0, 0.0), |(sum, of), (bias, weight)| (sum + weight * bias, of + weight));
    sum / of
}

#[cfg(test)]
mod tests {
    use super::super::hashes::of_number;
    use super::*;

    fn counted(values: u64, threshold: u64) -> u64 {
        let precision = precision(threshold);
        let mut counter = Counter::default();
        for value in 0..values {
            counter.add(of_number(value), precision);
            counter.add(of_number(value), precision);
        }
        counter.count()
    }

    #[test]
    fn the_precision_is_what_elasticsearch_chooses() {
        assert_eq!([0, 100, 3000, 40_000, u64::MAX].map(precision), [4, 10, 14, 18, 18]);
    }

    #[test]
    fn few_are_counted_as_they_are() {
        for values in [0, 1, 2999, 3000] {
            assert_eq!(counted(values, 3000), values);
        }
    }

    #[test]
    fn many_are_counted_within_three_standard_errors() {
        for values in [3073, 5000, 20_000, 300_000] {
            let counted = counted(values, 3000);
            let error = (counted as f64 - values as f64).abs() / values as f64;
            assert!(error < 3.0 * 1.04 / 128.0, "{values}: {counted}");
        }
    }

    #[test]
    fn what_is_encoded_fills_the_registers_that_its_hash_would() {
        for precision in [4, 10, 14, 18] {
            for hash in (0..2000).map(of_number).chain([0, 1, u64::MAX, 1 << 39, 1 << 38]) {
                let place = hash >> (u64::BITS - precision);
                let run = (hash << precision).leading_zeros().min(u64::BITS - precision) + 1;
                assert_eq!(decoded(encoded(hash, precision), precision), (place, run), "{hash:x}");
            }
        }
    }

    #[test]
    fn what_a_counter_says_it_grew_by_adds_up_to_its_sketch() {
        let mut counter = Counter::default();
        let grown: i64 = (0..1000).map(|value| counter.add(of_number(value), 10)).sum();
        assert_eq!(grown, 1024);
    }
}
