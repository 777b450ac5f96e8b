//! Sign-ins with identity providers that are under way: what was asked of the provider, known by a cookie of the browser that
//! asked. Each is good once and for a while, and strangers cannot make more of them than there is room for.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::facade::OidcAttempt;
use crate::limits::{ATTEMPT_TIME, ATTEMPTS_MAX, ATTEMPTS_PER_ADDRESS_MAX};

/// All of them, the oldest first.
#[derive(Default)]
pub(crate) struct Attempts {
    kept: Mutex<VecDeque<Attempt>>,
}

/// One.
pub(crate) struct Attempt {
    /// What the browser's cookie holds.
    pub(crate) id: String,
    /// What the provider was asked.
    pub(crate) asked: OidcAttempt,
    /// The page that the visitor wants.
    pub(crate) next: String,
    /// The region of the session.
    pub(crate) region: String,
    /// The session that the browser had: its cookie does not come along when the provider sends the browser back.
    pub(crate) earlier: String,
    /// Where it was begun.
    pub(crate) address: IpAddr,
    /// When.
    pub(crate) begun: Timestamp,
}

impl Attempts {
    /// Remembers one.
    pub(crate) fn begin(&self, attempt: Attempt) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|it| it.lasts(attempt.begun));
        let own = |it: &Attempt| network(it.address) == network(attempt.address);
        if kept.iter().filter(|it| own(it)).count() >= ATTEMPTS_PER_ADDRESS_MAX
            && let Some(oldest) = kept.iter().position(own)
        {
            kept.remove(oldest);
        }
        if kept.len() >= ATTEMPTS_MAX {
            forget_oldest_of_who_has_most(&mut kept);
        }
        kept.push_back(attempt);
    }

    /// The one of this cookie, which is forgotten by that, if what came back answers it. Anybody can lead a browser to the way back:
    /// an answer to something else leaves it under way.
    pub(crate) fn take(
        &self,
        id: &str,
        is_answered: impl Fn(&OidcAttempt) -> bool,
        now: Timestamp,
    ) -> Option<Attempt> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|it| it.id == id && is_answered(&it.asked))?;
        kept.remove(at).filter(|it| it.lasts(now))
    }
}

impl Attempt {
    fn lasts(&self, now: Timestamp) -> bool {
        now.duration_since(self.begun).unsigned_abs() < ATTEMPT_TIME
    }
}

/// Makes room: whoever has many addresses begins as many as it likes, and must not push out everybody else with them.
fn forget_oldest_of_who_has_most(kept: &mut VecDeque<Attempt>) {
    let mut numbers: HashMap<IpAddr, usize> = HashMap::new();
    for attempt in kept.iter() {
        *numbers.entry(site(attempt.address)).or_default() += 1;
    }
    let most = numbers.values().max().copied();
    let has_most = |it: &Attempt| numbers.get(&site(it.address)).copied() == most;
    if let Some(oldest) = kept.iter().position(has_most) {
        kept.remove(oldest);
    }
}

/// What one subscriber has: of IPv6 the first 64 bits (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    first_bits(address, 32, 64)
}

/// What one organization may have: of IPv6 the first 48 bits (RFC 6177), of IPv4 the first 24.
fn site(address: IpAddr) -> IpAddr {
    first_bits(address, 24, 48)
}

fn first_bits(address: IpAddr, of_4: u32, of_6: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - of_4).unwrap_or(0);
            Ipv4Addr::from(u32::from(address) & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - of_6).unwrap_or(0);
            Ipv6Addr::from(u128::from(address) & mask).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use zeroize::Zeroizing;

    use super::*;

    fn start() -> Timestamp {
        "2026-11-30T12:00:00Z".parse().unwrap()
    }

    fn begin(attempts: &Attempts, id: &str, address: &str) {
        let text = || "x".to_owned();
        let verifier = Zeroizing::new(text());
        attempts.begin(Attempt {
            id: id.to_owned(),
            asked: OidcAttempt {
                provider: text(),
                redirect: text(),
                state: text(),
                nonce: text(),
                verifier,
            },
            next: text(),
            region: text(),
            earlier: text(),
            address: address.parse().unwrap(),
            begun: start(),
        });
    }

    fn take(attempts: &Attempts, id: &str, now: Timestamp) -> Option<Attempt> {
        attempts.take(id, |_asked| true, now)
    }

    #[test]
    fn an_answer_to_something_else_leaves_an_attempt_under_way() {
        let attempts = Attempts::default();
        begin(&attempts, "a", "192.0.2.1");
        assert!(attempts.take("a", |asked| asked.state == "other", start()).is_none());
        assert!(attempts.take("a", |asked| asked.state == "x", start()).is_some());
    }

    #[test]
    fn an_attempt_is_taken_once_and_not_after_its_time() {
        let attempts = Attempts::default();
        begin(&attempts, "a", "192.0.2.1");
        begin(&attempts, "b", "192.0.2.1");
        assert!(take(&attempts, "a", start() + 9.minutes()).is_some());
        assert!(take(&attempts, "a", start()).is_none() && take(&attempts, "", start()).is_none());
        assert!(take(&attempts, "b", start() + 10.minutes()).is_none());
    }

    #[test]
    fn who_begins_many_forgets_its_own_and_no_other() {
        let attempts = Attempts::default();
        begin(&attempts, "other", "192.0.2.2");
        for number in 0..=ATTEMPTS_PER_ADDRESS_MAX {
            begin(&attempts, &number.to_string(), &format!("2001:db8::{number:x}"));
        }
        assert!(take(&attempts, "0", start()).is_none());
        assert!(
            take(&attempts, "1", start()).is_some() && take(&attempts, "other", start()).is_some()
        );
    }

    #[test]
    fn beyond_the_limit_the_oldest_is_forgotten() {
        let attempts = Attempts::default();
        for number in 0..=ATTEMPTS_MAX {
            begin(
                &attempts,
                &number.to_string(),
                &format!("10.{}.{}.1", number / 256, number % 256),
            );
        }
        assert!(take(&attempts, "0", start()).is_none());
        assert!(take(&attempts, "1", start()).is_some());
    }

    #[test]
    fn beyond_the_limit_who_has_many_addresses_forgets_its_own_and_no_other() {
        let addresses: [&dyn Fn(usize) -> String; 2] =
            [&|number| format!("2001:db8:1:{number:x}::1"), &|number| {
                format!("203.0.113.{}", number % 250)
            }];
        for address in addresses {
            let attempts = Attempts::default();
            begin(&attempts, "first", "192.0.2.2");
            for number in 0..ATTEMPTS_MAX + 100 {
                begin(&attempts, &number.to_string(), &address(number));
            }
            begin(&attempts, "last", "2001:db8:2::1");
            assert_eq!(attempts.kept.lock().unwrap().len(), ATTEMPTS_MAX);
            for other in ["first", "last"] {
                assert!(take(&attempts, other, start()).is_some(), "{other}");
            }
        }
    }
}
