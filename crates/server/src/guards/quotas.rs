//! What one principal, one source address and one domain may have under way at once: searches, bytes of bodies (settings
//! `limits.searches_per_…`, `limits.bytes_in_flight_per_…`, decision 0194). Beside the rates, which say how often.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::guards::limits;
use crate::guards::shares::{Share, ShareHolder, ShareLimits, ShareUsedUp, Shares};
use crate::guards::throttle::SourceAddress;
use crate::service::pool::WorkOwner;

/// How much one holder of each kind may have; 0: no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QuotaBounds {
    /// One principal.
    pub(crate) principal: usize,
    /// One address.
    pub(crate) address: usize,
    /// One domain.
    pub(crate) domain: usize,
}

/// How many cursors of a kind one holder may have open on a domain; 0: no limit of the service's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CursorBounds {
    /// One principal.
    pub(crate) principal: usize,
    /// One address.
    pub(crate) address: usize,
}

/// The quotas of requests to domains.
pub(crate) struct Quotas {
    searches: Quota,
    bytes: Quota,
}

/// What there may be of one thing.
struct Quota {
    shares: Arc<Shares>,
    most: ShareLimits,
    /// In words, and as settings name it.
    what: (&'static str, &'static str),
}

/// What a request holds of the quotas until it is answered.
#[derive(Debug, Default)]
pub(crate) struct HeldQuotas {
    _searches: Option<Share>,
    _bytes: Option<Share>,
}

/// Whose quota is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QuotaUsedUp {
    what: (&'static str, &'static str),
    whose: (&'static str, &'static str),
    held: usize,
    more: usize,
    most: usize,
}

impl fmt::Display for QuotaUsedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what: (what, setting), whose: (whose, kind), held, more, most } = self;
        write!(
            f,
            "too many {what} {whose}: [{held}] are under way, this request is [{more}] more, and there may be [{most}] \
             (limits.{setting}_per_{kind}): wait until others have been answered"
        )
    }
}

impl Quotas {
    /// The quotas that the operator set.
    #[must_use]
    pub(crate) fn new(searches: QuotaBounds, bytes: QuotaBounds) -> Self {
        let quota = |what, QuotaBounds { principal, address, domain }| {
            let all = usize::MAX;
            let most = ShareLimits { all, principal, address, domain, ..ShareLimits::default() };
            Quota { shares: Shares::new(most), most, what }
        };
        Self {
            searches: quota(("searches", "searches"), searches),
            bytes: quota(("bytes of bodies", "bytes_in_flight"), bytes),
        }
    }

    /// What a request of `owner`, from `address`, to the domain of this unique id takes: a search is one, and a body that is not
    /// small its bytes.
    ///
    /// # Errors
    /// Whose quota has no room for it; then it takes nothing.
    pub(crate) fn take(
        &self,
        owner: &WorkOwner,
        address: IpAddr,
        domain: &str,
        (is_search, bytes): (bool, u64),
    ) -> Result<HeldQuotas, QuotaUsedUp> {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let is_small = bytes <= limits::SMALL_BODY_BYTES_MAX;
        if !is_search && is_small {
            return Ok(HeldQuotas::default());
        }
        let [_, principal] = owner.shares();
        let address = ShareHolder::Address(SourceAddress::at(address));
        let holders = vec![principal, address, ShareHolder::Domain(domain.into())];
        let searches = is_search.then(|| self.searches.take(holders.clone(), 1)).transpose()?;
        let bytes = (!is_small).then(|| self.bytes.take(holders, bytes)).transpose()?;
        Ok(HeldQuotas { _searches: searches, _bytes: bytes })
    }
}

impl Quota {
    fn take(&self, holders: Vec<ShareHolder>, amount: usize) -> Result<Share, QuotaUsedUp> {
        // One body is always accepted, however long.
        let least = [self.most.principal, self.most.address, self.most.domain];
        let least = least.into_iter().filter(|most| *most > 0).min();
        let amount = amount.min(least.unwrap_or(usize::MAX));
        self.shares.take(holders, amount).map_err(|ShareUsedUp(holder)| {
            let held = holder.as_ref().map_or(0, |holder| self.shares.held_by(holder));
            let (whose, most) = match &holder {
                Some(ShareHolder::Principal(_)) => {
                    (("of this principal", "principal"), self.most.principal)
                }
                Some(ShareHolder::Address(_)) => {
                    (("from this address", "address"), self.most.address)
                }
                _ => (("to this domain", "domain"), self.most.domain),
            };
            QuotaUsedUp { what: self.what, whose, held, more: amount, most }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));
    const SEARCH: (bool, u64) = (true, 0);

    fn owner(principal: &str) -> WorkOwner {
        WorkOwner { account: "123456789012".into(), principal: principal.into() }
    }

    fn quotas(searches: [usize; 3], bytes: usize) -> Quotas {
        let [principal, address, domain] = searches;
        let bytes = QuotaBounds { principal: bytes, ..QuotaBounds::default() };
        Quotas::new(QuotaBounds { principal, address, domain }, bytes)
    }

    #[test]
    fn each_principal_address_and_domain_has_searches_of_its_own_and_a_refusal_takes_none() {
        let quotas = quotas([2, 3, 4], 0);
        let mut held = Vec::new();
        let mut take = |who: &str, address, domain: &str| {
            let taken = quotas.take(&owner(who), address, domain, SEARCH);
            taken.map(|taken| held.push(taken)).map_err(|full| full.to_string())
        };
        assert_eq!((take("ann", HERE, "dev"), take("ann", HERE, "dev")), (Ok(()), Ok(())));
        assert_eq!(
            take("ann", HERE, "dev").unwrap_err(),
            "too many searches of this principal: [2] are under way, this request is [1] more, and there may be [2] \
             (limits.searches_per_principal): wait until others have been answered"
        );
        assert_eq!(take("bob", HERE, "dev"), Ok(()));
        assert!(take("bob", HERE, "dev").unwrap_err().contains("limits.searches_per_address"));
        assert_eq!(take("bob", THERE, "dev"), Ok(()));
        assert!(take("eve", THERE, "dev").unwrap_err().contains("limits.searches_per_domain"));
        assert_eq!(take("eve", THERE, "other"), Ok(()));
        held.clear();
        let again = quotas.take(&owner("ann"), HERE, "dev", SEARCH);
        assert!(again.is_ok(), "what was answered gives its place back");
    }

    #[test]
    fn bytes_are_counted_of_bodies_that_are_not_small_and_one_body_always_fits() {
        let quotas = quotas([0; 3], 100_000);
        let take = |bytes| quotas.take(&owner("ann"), HERE, "dev", (false, bytes));
        let _whole = take(5_000_000_000).unwrap();
        assert!(take(16 * 1024).is_ok(), "small");
        assert_eq!(
            take(20_000).unwrap_err().to_string(),
            "too many bytes of bodies of this principal: [100000] are under way, this request is [20000] more, and there \
             may be [100000] (limits.bytes_in_flight_per_principal): wait until others have been answered"
        );
        assert!(quotas.take(&owner("bob"), HERE, "dev", (false, 20_000)).is_ok());
    }

    #[test]
    fn without_a_number_there_is_no_quota() {
        let quotas = quotas([0; 3], 0);
        let held: Vec<_> =
            (0..10_000).map(|_| quotas.take(&owner("ann"), HERE, "dev", SEARCH)).collect();
        assert!(held.iter().all(Result::is_ok));
    }
}
