//! Wrong passwords of a proxy's clients, counted for each address: five, then a wait that doubles, before any is
//! compared again. In memory: a proxy has no state, and who can restart it can read its password.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Wrong passwords of one address until it has to wait.
pub(crate) const WRONG_PASSWORDS_MAX: u32 = 5;
/// Seconds of the first wait; each more wrong password doubles it.
pub(crate) const WAIT_SECONDS_FIRST: i64 = 30;
/// Seconds of the longest wait.
pub(crate) const WAIT_SECONDS_MAX: i64 = 3_600;
/// Addresses that are counted apart; when there are more, the others share one count.
pub(crate) const ADDRESSES_MAX: usize = 4_096;

/// The counts.
#[derive(Default)]
pub(crate) struct WrongPasswords(Mutex<HashMap<Option<IpAddr>, Count>>);

#[derive(Clone, Copy)]
struct Count {
    wrong: u32,
    /// Until when no password from there is compared.
    until: Timestamp,
}

impl WrongPasswords {
    /// Whether `is_right` says that the password from `peer` is right; asked while nothing else is counted, so that
    /// guesses at the same time count too.
    ///
    /// # Errors
    /// The whole seconds for which nothing from there is compared.
    pub(crate) fn check(
        &self,
        peer: IpAddr,
        now: Timestamp,
        is_right: impl FnOnce() -> bool,
    ) -> Result<bool, i64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= ADDRESSES_MAX {
            let then = now.checked_sub(SignedDuration::from_secs(WAIT_SECONDS_MAX));
            let then = then.unwrap_or(Timestamp::MIN);
            counts.retain(|_, count| count.until > then);
        }
        let mut key = Some(network(peer));
        if counts.len() >= ADDRESSES_MAX && !counts.contains_key(&key) {
            key = None;
        }
        let known = counts.get(&key).copied();
        let wait = known.map_or(0, |count| count.until.as_second() - now.as_second());
        if wait > 0 {
            return Err(wait);
        }
        if is_right() {
            counts.remove(&key);
            return Ok(true);
        }
        let wrong = known.map_or(0, |count| count.wrong).saturating_add(1);
        let wait = SignedDuration::from_secs(wait_seconds(wrong));
        let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        counts.insert(key, Count { wrong, until });
        Ok(false)
    }
}

/// How long it takes until the next one is compared after `wrong` wrong ones.
fn wait_seconds(wrong: u32) -> i64 {
    let Some(doublings) = wrong.checked_sub(WRONG_PASSWORDS_MAX) else { return 0 };
    let doubled = 2_i64.checked_pow(doublings).and_then(|by| WAIT_SECONDS_FIRST.checked_mul(by));
    doubled.unwrap_or(WAIT_SECONDS_MAX).min(WAIT_SECONDS_MAX)
}

/// Of IPv6 the first 64 bits, which is what one subscriber has (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    fn start() -> Timestamp {
        "2026-11-29T02:00:00Z".parse().unwrap()
    }

    fn at(last: u32) -> IpAddr {
        IpAddr::V4(last.into())
    }

    #[test]
    fn five_wrong_passwords_then_the_right_one_waits_and_each_more_doubles() {
        let wrong = WrongPasswords::default();
        let mut now = start();
        for _ in 0..5 {
            assert_eq!(wrong.check(at(1), now, || false), Ok(false));
        }
        for wait in [30, 60, 120] {
            let never = || panic!("compared while waiting");
            assert_eq!(wrong.check(at(1), now, never), Err(wait));
            now += wait.seconds();
            assert_eq!(wrong.check(at(1), now, || false), Ok(false));
        }
        assert_eq!(wrong.check(at(2), now, || true), Ok(true), "another address");
        assert_eq!(wrong.check(at(1), now + 1.hour(), || true), Ok(true));
        assert_eq!(wrong.check(at(1), now + 1.hour(), || false), Ok(false), "counted anew");
    }

    #[test]
    fn the_wait_never_is_longer_than_an_hour() {
        for wrong in [5, 11, 12, 13, 60, 70, u32::MAX] {
            assert!((30..=WAIT_SECONDS_MAX).contains(&wait_seconds(wrong)), "{wrong}");
        }
    }

    #[test]
    fn addresses_without_number_share_one_count_and_take_no_more_memory() {
        let wrong = WrongPasswords::default();
        for address in 0..2 * ADDRESSES_MAX as u32 {
            let _ = wrong.check(at(address), start(), || false);
        }
        assert!(wrong.0.lock().unwrap().len() <= ADDRESSES_MAX + 1);
        assert!(wrong.check(at(u32::MAX), start(), || true).is_err());
        assert_eq!(wrong.check(at(7), start(), || true), Ok(true), "one that was counted apart");
    }
}
