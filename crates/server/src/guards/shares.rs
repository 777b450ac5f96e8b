//! Shares of what there is a limited amount of: connections, bytes of bodies. Bounded over all, and for each holder, so
//! that whoever takes much takes it from itself (decision 0085).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::guards::throttle::SourceAddress;

/// Who holds a share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ShareHolder {
    /// An address; of IPv6 its /64.
    Address(SourceAddress),
    /// A listener, by its port.
    Listener(u16),
    /// An account.
    Account(Arc<str>),
    /// A principal of an account.
    Principal(Arc<str>),
    /// A domain, by its unique id.
    Domain(Arc<str>),
}

/// The most that there is, and that one holder may have of it. 0 for a kind of holder: no share of its own, only the
/// whole is bounded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ShareLimits {
    /// Over all.
    pub all: usize,
    /// Of one address.
    pub address: usize,
    /// Of one listener.
    pub listener: usize,
    /// Of one account.
    pub account: usize,
    /// Of one principal.
    pub principal: usize,
    /// Of one domain.
    pub domain: usize,
}

impl ShareLimits {
    fn of(&self, holder: &ShareHolder) -> usize {
        let most = match holder {
            ShareHolder::Address(_) => self.address,
            ShareHolder::Listener(_) => self.listener,
            ShareHolder::Account(_) => self.account,
            ShareHolder::Principal(_) => self.principal,
            ShareHolder::Domain(_) => self.domain,
        };
        if most == 0 { self.all } else { most }
    }
}

/// What there is of something, and who holds how much of it.
pub(crate) struct Shares {
    most: ShareLimits,
    held: Mutex<HeldShares>,
}

#[derive(Default)]
struct HeldShares {
    all: usize,
    each: HashMap<ShareHolder, usize>,
}

/// Why nothing more was given: whose share is used up; `None`: everybody's together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareUsedUp(pub Option<ShareHolder>);

/// An amount that is held; gives itself back.
pub struct Share {
    shares: Arc<Shares>,
    holders: Vec<ShareHolder>,
    amount: usize,
}

impl Shares {
    /// Nothing is held yet.
    #[must_use]
    pub(crate) fn new(most: ShareLimits) -> Arc<Self> {
        Arc::new(Self { most, held: Mutex::default() })
    }

    /// Takes `amount` for every one of `holders`, or nothing at all.
    pub(crate) fn take(
        self: &Arc<Self>,
        holders: Vec<ShareHolder>,
        amount: usize,
    ) -> Result<Share, ShareUsedUp> {
        let mut share = Share { shares: Arc::clone(self), holders, amount: 0 };
        share.grow(amount)?;
        Ok(share)
    }

    /// Whether `holders` have room for more, however much it will be: none of them has used up its share, nor have all
    /// together, unless these hold nothing of it.
    pub(crate) fn room(&self, holders: &[ShareHolder]) -> Result<(), ShareUsedUp> {
        let held = self.state();
        let mut holds = false;
        for holder in holders {
            let has = held.each.get(holder).copied().unwrap_or(0);
            holds |= has > 0;
            if has >= self.most.of(holder) {
                return Err(ShareUsedUp(Some(holder.clone())));
            }
        }
        if holds && held.all >= self.most.all { Err(ShareUsedUp(None)) } else { Ok(()) }
    }

    /// Counts what is there already and cannot be refused any more; whoever asks for [`Shares::room`] next is told.
    #[must_use]
    pub(crate) fn hold(self: &Arc<Self>, holders: Vec<ShareHolder>, amount: usize) -> Share {
        let share = Share { shares: Arc::clone(self), holders, amount };
        let mut held = self.state();
        held.all += amount;
        for holder in &share.holders {
            *held.each.entry(holder.clone()).or_default() += amount;
        }
        drop(held);
        share
    }

    /// How much is held, over all.
    #[must_use]
    pub(crate) fn held(&self) -> usize {
        self.state().all
    }

    /// How much `holder` holds.
    #[must_use]
    pub(crate) fn held_by(&self, holder: &ShareHolder) -> usize {
        self.state().each.get(holder).copied().unwrap_or(0)
    }

    fn state(&self) -> MutexGuard<'_, HeldShares> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Takes `more`, or nothing more.
    pub fn grow(&mut self, more: usize) -> Result<(), ShareUsedUp> {
        let most = &self.shares.most;
        let mut held = self.shares.state();
        for holder in &self.holders {
            let has = held.each.get(holder).copied().unwrap_or(0);
            if has.saturating_add(more) > most.of(holder) {
                return Err(ShareUsedUp(Some(holder.clone())));
            }
        }
        if held.all.saturating_add(more) > most.all {
            return Err(ShareUsedUp(None));
        }
        held.all += more;
        for holder in &self.holders {
            *held.each.entry(holder.clone()).or_default() += more;
        }
        self.amount += more;
        Ok(())
    }

    /// Becomes one with another share of the same holders.
    pub fn merge(&mut self, mut more: Share) {
        self.amount += std::mem::take(&mut more.amount);
    }

    /// How much it is.
    #[must_use]
    pub fn amount(&self) -> usize {
        self.amount
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.shares.state();
        held.all = held.all.saturating_sub(self.amount);
        for holder in &self.holders {
            let Some(has) = held.each.get_mut(holder) else { continue };
            *has = has.saturating_sub(self.amount);
            // Who holds nothing takes no memory.
            if *has == 0 {
                held.each.remove(holder);
            }
        }
    }
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Share")
            .field("holders", &self.holders)
            .field("amount", &self.amount)
            .finish()
    }
}

impl ShareUsedUp {
    /// Whose it is, in words for the client.
    #[must_use]
    pub fn whose(&self) -> &'static str {
        match &self.0 {
            Some(ShareHolder::Address(_)) => "from this address",
            Some(ShareHolder::Listener(_)) => "to this listener",
            Some(ShareHolder::Account(_)) => "of this account",
            Some(ShareHolder::Principal(_)) => "of this principal",
            Some(ShareHolder::Domain(_)) => "to this domain",
            None => "over all clients",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> ShareHolder {
        ShareHolder::Address(SourceAddress::at(std::net::IpAddr::from([192, 0, 2, last])))
    }

    fn shares() -> Arc<Shares> {
        Shares::new(ShareLimits { all: 10, address: 4, listener: 8, ..ShareLimits::default() })
    }

    #[test]
    fn one_holder_cannot_take_more_than_its_share_and_another_still_gets_its_own() {
        let shares = shares();
        let _noisy = shares.take(vec![address(1)], 4).unwrap();
        assert_eq!(shares.take(vec![address(1)], 1).unwrap_err(), ShareUsedUp(Some(address(1))));
        assert!(shares.take(vec![address(2)], 4).is_ok());
    }

    #[test]
    fn what_is_refused_to_one_of_several_holders_is_taken_from_none() {
        let shares = shares();
        let listener = ShareHolder::Listener(9200);
        let _held = shares.take(vec![address(1), listener.clone()], 3).unwrap();
        assert!(shares.take(vec![listener.clone(), address(1)], 2).is_err());
        assert_eq!((shares.held(), shares.held_by(&listener)), (3, 3));
    }

    #[test]
    fn what_cannot_be_refused_is_counted_and_then_there_is_no_room() {
        let shares = shares();
        assert_eq!(shares.room(&[address(1)]), Ok(()));
        let held = shares.hold(vec![address(1)], 20);
        assert_eq!(shares.room(&[address(1)]), Err(ShareUsedUp(Some(address(1)))));
        // All together hold too much, but not this one.
        assert_eq!(shares.room(&[address(2)]), Ok(()));
        let _little = shares.hold(vec![address(2)], 1);
        assert_eq!(shares.room(&[address(2)]), Err(ShareUsedUp(None)));
        drop(held);
        assert_eq!(shares.room(&[address(1)]), Ok(()));
    }

    #[test]
    fn what_is_over_goes_back_and_leaves_no_memory() {
        let shares = shares();
        let mut share = shares.take(vec![address(1)], 1).unwrap();
        share.grow(3).unwrap();
        assert!(share.grow(1).is_err());
        assert_eq!((share.amount(), shares.held()), (4, 4));
        drop(share);
        assert_eq!(shares.held(), 0);
        assert!(shares.state().each.is_empty());
    }

    #[test]
    fn all_together_are_bounded_too_and_a_kind_without_a_share_by_that_alone() {
        let shares = shares();
        let account = ShareHolder::Account("1".into());
        let _most = shares.take(vec![account.clone()], 10).unwrap();
        assert_eq!(shares.take(vec![address(1)], 1).unwrap_err(), ShareUsedUp(None));
        assert_eq!(shares.take(vec![account.clone()], 1).unwrap_err(), ShareUsedUp(Some(account)));
    }
}
