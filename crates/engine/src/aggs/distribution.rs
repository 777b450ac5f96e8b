//! Numbers in their order, of which `percentiles` and its like are told: each by itself, or with how often it was counted.
//!
//! Between two numbers they interpolate as Elasticsearch's t-digest does while it has not yet begun to merge them
//! (`AVLTreeDigest` of t-digest 3.2).

/// Numbers in their order.
#[derive(Debug)]
pub(super) enum Distribution<'a> {
    /// Each by itself.
    Each(&'a [f64]),
    /// Each once, with how many there are up to it and with it.
    Counted(Vec<(f64, u64)>),
}

impl Distribution<'_> {
    /// Of numbers in their order with how often each is there.
    pub(super) fn of_counts(counts: impl Iterator<Item = (f64, u64)>) -> Distribution<'static> {
        let mut before = 0u64;
        let counted = counts.map(|(value, count)| {
            before = before.saturating_add(count);
            (value, before)
        });
        Distribution::Counted(counted.collect())
    }

    /// How many numbers there are.
    pub(super) fn count(&self) -> u64 {
        match self {
            Distribution::Each(sorted) => sorted.len() as u64,
            Distribution::Counted(counted) => counted.last().map_or(0, |(_, count)| *count),
        }
    }

    /// The number that stands at `place`, from 0.
    pub(super) fn nth(&self, place: u64) -> Option<f64> {
        match self {
            Distribution::Each(sorted) => sorted.get(usize::try_from(place).ok()?).copied(),
            Distribution::Counted(counted) => {
                let at = counted.partition_point(|(_, upto)| *upto <= place);
                counted.get(at).map(|(value, _)| *value)
            }
        }
    }

    /// How many of them, from the first, are as `wanted`.
    pub(super) fn count_while(&self, wanted: impl Fn(f64) -> bool) -> u64 {
        match self {
            Distribution::Each(sorted) => sorted.partition_point(|value| wanted(*value)) as u64,
            Distribution::Counted(counted) => {
                let at = counted.partition_point(|(value, _)| wanted(*value));
                at.checked_sub(1).and_then(|last| counted.get(last)).map_or(0, |(_, upto)| *upto)
            }
        }
    }

    /// The least number above zero.
    pub(super) fn first_above_zero(&self) -> Option<f64> {
        self.nth(self.count_while(|value| value <= 0.0))
    }

    /// The number at `share` (0 to 1): each stands for the middle of its share.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let place = share * self.count() as f64;
        match self {
            Distribution::Each(sorted) => {
                let place = place - 0.5;
                let below = place.floor().max(0.0);
                let low = sorted.get(below as usize).or_else(|| sorted.last()).copied()?;
                let high = sorted.get(below as usize + 1).copied().unwrap_or(low);
                let within = (place - below).min(1.0);
                Some(if place <= 0.0 { low } else { low + (high - low) * within })
            }
            Distribution::Counted(counted) => {
                let upto = |at: usize| counted.get(at).map_or(0.0, |(_, upto)| *upto as f64);
                // Each value stands in the middle of its own.
                let middle = |at: usize| (at.checked_sub(1).map_or(0.0, upto) + upto(at)) / 2.0;
                let value = |at: usize| counted.get(at).map(|(value, _)| *value);
                let within = counted.partition_point(|(_, upto)| (*upto as f64) < place);
                let at = if middle(within) < place { within + 1 } else { within };
                let Some(low) = at.checked_sub(1) else { return value(0) };
                let (Some(from), Some(to)) = (value(low), value(at)) else {
                    return counted.last().map(|(value, _)| *value);
                };
                let part = (place - middle(low)) / (middle(at) - middle(low));
                Some(from + (to - from) * part)
            }
        }
    }

    /// The share (0 to 1) of the numbers below `value`: each is as wide as half the way to its neighbours.
    /// (`AVLTreeDigest.cdf`.)
    pub(super) fn rank(&self, value: f64) -> Option<f64> {
        match self {
            Distribution::Each(sorted) => {
                rank(sorted.len(), |at| sorted.get(at).map(|own| (*own, at as u64 + 1)), value)
            }
            Distribution::Counted(counted) => {
                rank(counted.len(), |at| counted.get(at).copied(), value)
            }
        }
    }
}

/// Of `length` numbers, of which `at` tells each with how many there are up to it.
fn rank(length: usize, at: impl Fn(usize) -> Option<(f64, u64)>, value: f64) -> Option<f64> {
    let ((first, _), (_, count)) = (at(0)?, at(length.checked_sub(1)?)?);
    let Some((second, _)) = at(1) else {
        return Some(if value < first { 0.0 } else { 1.0 });
    };
    let mut left = (second - first) / 2.0;
    let mut before = 0;
    // As there, nobody looks at the last: what is behind the half of the way to it is behind all.
    for place in 0..length - 1 {
        let ((own, upto), (next, _)) = (at(place)?, at(place + 1)?);
        let right = (next - own) / 2.0;
        if value < own + right {
            let within = (value - (own - left)) / (left + right);
            let share = (before as f64 + (upto - before) as f64 * within) / count as f64;
            return Some(share.max(0.0));
        }
        (left, before) = (right, upto);
    }
    Some(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `AVLTreeDigest` of t-digest 3.2 answers.
    #[test]
    fn counted_numbers_are_told_as_a_t_digest_tells_them() {
        let counts = [(0.1, 3), (0.2, 7), (0.3, 23), (0.4, 12), (0.5, 6)];
        let counted = Distribution::of_counts(counts.into_iter());
        let near = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() < 1e-12;
        for (share, wanted) in [
            (0.0, 0.1),
            (0.05, 0.121),
            (0.25, 0.241_666_666_666_666_67),
            (0.5, 0.322_857_142_857_142_9),
            (0.75, 0.395_714_285_714_285_7),
            (1.0, 0.5),
        ] {
            assert!(
                near(counted.quantile(share), wanted),
                "{share}: {:?}",
                counted.quantile(share)
            );
        }
        for (value, wanted) in [
            (0.05, 0.0),
            (0.1, 0.029_411_764_705_882_34),
            (0.15, 0.058_823_529_411_764_69),
            (0.2, 0.127_450_980_392_156_85),
            (0.3, 0.421_568_627_450_980_4),
            (0.5, 1.0),
            (0.6, 1.0),
        ] {
            assert!(near(counted.rank(value), wanted), "{value}: {:?}", counted.rank(value));
        }
        assert_eq!(
            (counted.nth(2), counted.nth(3), counted.nth(50)),
            (Some(0.1), Some(0.2), Some(0.5))
        );
        assert_eq!(counted.nth(51), None);
    }

    #[test]
    fn numbers_by_themselves_are_those_counted_once() {
        let sorted = [1.0, 2.0, 3.0, 4.0, 10.0];
        let each = Distribution::Each(&sorted);
        let counted = Distribution::of_counts(sorted.iter().map(|value| (*value, 1)));
        for step in 0..=20 {
            let share = f64::from(step) / 20.0;
            assert_eq!(each.quantile(share), counted.quantile(share), "{share}");
            assert_eq!(each.rank(share * 12.0), counted.rank(share * 12.0), "{share}");
        }
        assert_eq!(each.quantile(0.25), Some(1.75));
    }

    #[test]
    fn between_two_values_a_percentile_is_interpolated() {
        let quantile = |sorted: &[f64], share| Distribution::Each(sorted).quantile(share);
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(quantile(&sorted, 0.5), Some(2.5));
        assert_eq!((quantile(&sorted, 0.0), quantile(&sorted, 1.0)), (Some(1.0), Some(4.0)));
        assert_eq!(quantile(&[7.0], 0.3), Some(7.0));
        assert_eq!(quantile(&[], 0.3), None);
    }

    #[test]
    fn a_rank_is_the_way_back() {
        let rank = |value| Distribution::Each(&[1.0, 2.0, 3.0, 4.0]).rank(value);
        assert_eq!((rank(2.5), rank(0.0), rank(9.0)), (Some(0.5), Some(0.0), Some(1.0)));
    }
}
