//! How many requests a second a caller, an address and a domain may send (settings `limits.requests_per_second_…`). Who sends
//! more is told when to try again; a second's worth may come at once.

use std::hash::Hash;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::guards::throttle::{SourceAddress, Throttle, TooManyTries};
use crate::service::pool::WorkOwner;

/// The requests to domains that are left of each rate; `None`: no limit.
pub(crate) struct RequestRates {
    principal: Option<Throttle<WorkOwner>>,
    address: Option<Throttle<SourceAddress>>,
    domain: Option<Throttle<String>>,
}

/// Requests a second; 0: no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RatesPerSecond {
    /// Of one principal.
    pub(crate) principal: u32,
    /// From one address.
    pub(crate) address: u32,
    /// To one domain.
    pub(crate) domain: u32,
}

/// Whose rate is used up, and when it is worth another try.
pub(crate) type RateUsedUp = (&'static str, TooManyTries);

impl RequestRates {
    /// The rates that the operator set.
    #[must_use]
    pub(crate) fn new(most: RatesPerSecond) -> Self {
        Self {
            principal: rate(most.principal),
            address: rate(most.address),
            domain: rate(most.domain),
        }
    }

    /// Takes one request of `owner`, from `address`, whatever will become of it. A request that is refused counts for neither.
    pub(crate) fn take_of_caller(
        &self,
        owner: &WorkOwner,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<(), RateUsedUp> {
        let of_principal = self.principal.as_ref().map(|rate| (rate, owner.clone()));
        let of_address = self.address.as_ref().map(|rate| (rate, SourceAddress::at(address)));
        try_once(&of_principal, now).map_err(|error| ("requests of this principal", error))?;
        try_once(&of_address, now).map_err(|error| {
            give_back(&of_principal, now);
            ("requests from this address", error)
        })
    }

    /// Takes one request of a caller who is not denied by the URL, to the domain of this unique id. Of who sends more it was one
    /// request all the same.
    pub(crate) fn take_of_domain(&self, domain: &str, now: Timestamp) -> Result<(), RateUsedUp> {
        let of_domain = self.domain.as_ref().map(|rate| (rate, domain.to_owned()));
        try_once(&of_domain, now).map_err(|error| ("requests to this domain", error))
    }

    /// What was taken of the domain's was denied: it takes nothing from those who may do something there.
    pub(crate) fn was_denied(&self, domain: &str, now: Timestamp) {
        give_back(&self.domain.as_ref().map(|rate| (rate, domain.to_owned())), now);
    }
}

fn rate<K: Hash + Eq + Clone>(per_second: u32) -> Option<Throttle<K>> {
    (per_second > 0).then(|| Throttle::new(f64::from(per_second), f64::from(per_second)))
}

fn try_once<K: Hash + Eq + Clone>(
    of: &Option<(&Throttle<K>, K)>,
    now: Timestamp,
) -> Result<(), TooManyTries> {
    of.as_ref().map_or(Ok(()), |(rate, key)| rate.try_once(key, now))
}

fn give_back<K: Hash + Eq + Clone>(of: &Option<(&Throttle<K>, K)>, now: Timestamp) {
    if let Some((rate, key)) = of {
        rate.succeeded(key, now);
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn owner(principal: &str) -> WorkOwner {
        WorkOwner { account: "123456789012".into(), principal: principal.into() }
    }

    #[test]
    fn each_principal_address_and_domain_has_a_rate_and_a_refusal_takes_from_none() {
        let rates = RequestRates { principal: rate(2), address: rate(3), domain: rate(4) };
        let now = Timestamp::UNIX_EPOCH;
        let there = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));
        let take = |who: &str, address, now| {
            let taken = rates.take_of_caller(&owner(who), address, now);
            taken.and_then(|()| rates.take_of_domain("dev", now)).map_err(|(what, _)| what)
        };
        assert_eq!((take("ann", HERE, now), take("ann", HERE, now)), (Ok(()), Ok(())));
        assert_eq!(take("ann", HERE, now), Err("requests of this principal"));
        assert_eq!(take("bob", HERE, now), Ok(()));
        assert_eq!(take("bob", HERE, now), Err("requests from this address"));
        // What was refused by the address was taken from nobody.
        assert_eq!(take("bob", there, now), Ok(()));
        assert_eq!(take("eve", there, now), Err("requests to this domain"));
        assert_eq!(take("ann", HERE, now + 1.second()), Ok(()));
    }

    #[test]
    fn who_is_denied_uses_up_nothing_of_the_domains_rate() {
        let rates = RequestRates { principal: None, address: None, domain: rate(1) };
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..100 {
            assert_eq!(rates.take_of_domain("dev", now), Ok(()));
            rates.was_denied("dev", now);
        }
        assert_eq!(rates.take_of_domain("dev", now), Ok(()));
        assert!(rates.take_of_domain("dev", now).is_err());
    }

    #[test]
    fn without_a_rate_there_is_no_limit() {
        let rates = RequestRates::new(RatesPerSecond::default());
        for _ in 0..10_000 {
            assert_eq!(rates.take_of_caller(&owner("ann"), HERE, Timestamp::UNIX_EPOCH), Ok(()));
            assert_eq!(rates.take_of_domain("dev", Timestamp::UNIX_EPOCH), Ok(()));
        }
    }
}
