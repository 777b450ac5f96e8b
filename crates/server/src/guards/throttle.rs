//! Token buckets for failures: how often somebody may be wrong before the work of finding that out is refused.
//!
//! A bucket fills with time, so nobody is shut out for good. The table is bounded: what did not fail lately is forgotten.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::guards::limits::THROTTLED_MAX;

/// Whom failures are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceAddress(IpAddr);

impl SourceAddress {
    /// An address, as `forwarded.rs` knows the client's; of IPv6 the first 64 bits, which is what one subscriber has (RFC 6177).
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                Self(Ipv6Addr::from(network).into())
            }
        }
    }
}

impl std::fmt::Display for SourceAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// That there were too many failures, and when another try is worth it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyTries {
    /// Whole seconds, at least one: `Retry-After`.
    pub retry_after_seconds: u64,
}

/// Buckets of failures, one for each key.
pub struct Throttle<K> {
    per_second: f64,
    burst: f64,
    table: Mutex<BucketTable<K>>,
}

/// Two generations: when the young one is full it becomes the old one, and the old one is forgotten. Both operations
/// cost the same however many keys there are.
struct BucketTable<K> {
    young: HashMap<K, TokenBucket>,
    old: HashMap<K, TokenBucket>,
}

#[derive(Clone, Copy)]
struct TokenBucket {
    tokens: f64,
    filled: Timestamp,
}

impl<K: Hash + Eq + Clone> Throttle<K> {
    /// Lets `burst` failures happen at once and `per_second` after that. Nothing of either: no limit at all, because a
    /// bucket that does not fill would shut somebody out for good.
    #[must_use]
    pub fn new(per_second: f64, burst: f64) -> Self {
        let burst = if per_second > 0.0 { burst } else { 0.0 };
        let table = BucketTable { young: HashMap::new(), old: HashMap::new() };
        Self { per_second, burst, table: Mutex::new(table) }
    }

    /// Whether `key` may fail once more.
    pub fn ask(&self, key: &K, now: Timestamp) -> Result<(), TooManyTries> {
        if self.burst <= 0.0 {
            return Ok(());
        }
        self.enough(self.table().get(key).map(|bucket| self.filled(bucket, now)))
    }

    /// Counts a failure of `key`, whether or not there was one left.
    pub fn failed(&self, key: &K, now: Timestamp) {
        if self.burst > 0.0 {
            self.add(key, -1.0, now);
        }
    }

    /// Counts a failure of `key` before it is known whether it is one, so that tries at the same time count too;
    /// [`Throttle::succeeded`] takes it back.
    pub fn try_once(&self, key: &K, now: Timestamp) -> Result<(), TooManyTries> {
        if self.burst <= 0.0 {
            return Ok(());
        }
        let mut table = self.table();
        let bucket = table.get(key).map(|bucket| self.filled(bucket, now));
        self.enough(bucket)?;
        let bucket = bucket.unwrap_or(TokenBucket { tokens: self.burst, filled: now });
        table.put(key, TokenBucket { tokens: bucket.tokens - 1.0, ..bucket });
        Ok(())
    }

    /// It was no failure.
    pub fn succeeded(&self, key: &K, now: Timestamp) {
        if self.burst > 0.0 {
            self.add(key, 1.0, now);
        }
    }

    /// How many keys are kept.
    #[must_use]
    pub fn keys(&self) -> usize {
        let table = self.table();
        table.young.len() + table.old.len()
    }

    fn add(&self, key: &K, tokens: f64, now: Timestamp) {
        let mut table = self.table();
        let bucket = table.get(key).map(|bucket| self.filled(bucket, now));
        let bucket = bucket.unwrap_or(TokenBucket { tokens: self.burst, filled: now });
        let tokens = (bucket.tokens + tokens).clamp(0.0, self.burst);
        table.put(key, TokenBucket { tokens, ..bucket });
    }

    fn enough(&self, bucket: Option<TokenBucket>) -> Result<(), TooManyTries> {
        let tokens = bucket.map_or(self.burst, |bucket| bucket.tokens);
        if tokens >= 1.0 {
            return Ok(());
        }
        let seconds = (1.0 - tokens) / self.per_second;
        // A cast saturates; a rate of nothing would wait for ever.
        Err(TooManyTries { retry_after_seconds: (seconds.ceil() as u64).clamp(1, 3_600) })
    }

    /// The bucket as it has filled by `now`. A clock that goes backwards fills nothing.
    fn filled(&self, bucket: &TokenBucket, now: Timestamp) -> TokenBucket {
        let seconds = now.duration_since(bucket.filled).as_secs_f64().max(0.0);
        let tokens = (bucket.tokens + seconds * self.per_second).min(self.burst);
        TokenBucket { tokens, filled: now.max(bucket.filled) }
    }

    fn table(&self) -> MutexGuard<'_, BucketTable<K>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone> BucketTable<K> {
    fn get(&self, key: &K) -> Option<&TokenBucket> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    fn put(&mut self, key: &K, bucket: TokenBucket) {
        if self.young.len() >= THROTTLED_MAX && !self.young.contains_key(key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.clone(), bucket);
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    fn start() -> Timestamp {
        "2026-11-25T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn after_the_burst_a_key_waits_until_its_bucket_has_filled() {
        let throttle = Throttle::new(0.5, 3.0);
        for _ in 0..3 {
            assert_eq!(throttle.ask(&"a", start()), Ok(()));
            throttle.failed(&"a", start());
        }
        assert_eq!(throttle.ask(&"a", start()), Err(TooManyTries { retry_after_seconds: 2 }));
        let later = start() + 1.second();
        assert_eq!(throttle.ask(&"a", later), Err(TooManyTries { retry_after_seconds: 1 }));
        assert_eq!(throttle.ask(&"a", start() + 2.seconds()), Ok(()));
    }

    #[test]
    fn one_key_does_not_wait_for_another() {
        let throttle = Throttle::new(1.0, 1.0);
        throttle.failed(&"a", start());
        assert!(throttle.ask(&"a", start()).is_err());
        assert_eq!(throttle.ask(&"b", start()), Ok(()));
    }

    #[test]
    fn tries_at_the_same_time_count_before_they_are_known_to_fail() {
        let throttle = Throttle::new(1.0, 2.0);
        assert_eq!(throttle.try_once(&"a", start()), Ok(()));
        assert_eq!(throttle.try_once(&"a", start()), Ok(()));
        assert!(throttle.try_once(&"a", start()).is_err());
        throttle.succeeded(&"a", start());
        assert_eq!(throttle.try_once(&"a", start()), Ok(()));
    }

    #[test]
    fn a_bucket_never_holds_more_than_the_burst() {
        let throttle = Throttle::new(100.0, 2.0);
        throttle.failed(&"a", start());
        let later = start() + 10.minutes();
        throttle.succeeded(&"a", later);
        throttle.failed(&"a", later);
        throttle.failed(&"a", later);
        assert!(throttle.ask(&"a", later).is_err());
    }

    #[test]
    fn a_clock_that_goes_back_gives_no_tokens() {
        let throttle = Throttle::new(1.0, 1.0);
        throttle.failed(&"a", start());
        assert!(throttle.ask(&"a", start() - 1.hour()).is_err());
    }

    #[test]
    fn nothing_at_once_or_nothing_later_is_no_limit() {
        for (per_second, burst) in [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0)] {
            let throttle = Throttle::new(per_second, burst);
            throttle.failed(&"a", start());
            throttle.failed(&"a", start());
            assert_eq!(throttle.try_once(&"a", start()), Ok(()));
            assert_eq!(throttle.keys(), 0);
        }
    }

    #[test]
    fn the_table_is_bounded_however_many_keys_fail() {
        let throttle = Throttle::new(1.0, 1.0);
        for key in 0..5 * THROTTLED_MAX {
            throttle.failed(&key, start());
        }
        assert!(throttle.keys() <= 2 * THROTTLED_MAX, "{}", throttle.keys());
    }

    #[test]
    fn of_ipv6_a_whole_64_is_one_source_and_a_mapped_address_is_ipv4s() {
        let at = |text: &str| SourceAddress::at(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2:3:4:5:6"), at("2001:db8:1:2::1"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
