//! The cursors of a cluster that were closed, or that ended with the right to them: no name of theirs is good any more (decision 0187).
//!
//! There is room for so many. An owner of whom more have ended than are remembered has none left that is not kept at this gateway:
//! so whoever opens and closes many forgets nothing of its own, and nothing of anybody else's.

use std::collections::HashMap;

use crate::guards::limits;

/// Them, by whose they were.
#[derive(Default)]
pub(super) struct EndedCursors {
    owners: HashMap<String, OwnersEnded>,
    /// How many are noted, of all owners.
    noted: usize,
}

#[derive(Default)]
struct OwnersEnded {
    /// Each with the moment from which on no name of it would be good in any case.
    cursors: HashMap<String, i64>,
    /// Some that end until then are not noted any more.
    forgotten_until: i64,
}

impl EndedCursors {
    /// Whether this cursor of `owner`'s is known to have ended.
    pub(super) fn has(&self, owner: &str, cursor: &str) -> bool {
        self.owners.get(owner).is_some_and(|own| own.cursors.contains_key(cursor))
    }

    /// Whether a cursor of `owner`'s that ends at `expires` may be one that has ended before and is not noted any more.
    pub(super) fn may_have_had(&self, owner: &str, expires: i64) -> bool {
        self.owners.get(owner).is_some_and(|own| expires <= own.forgotten_until)
    }

    /// Notes that no name of this cursor is good any more; `until` then none would be in any case.
    pub(super) fn note(&mut self, owner: &str, cursor: &str, until: i64) {
        let own = self.owners.entry(owner.to_owned()).or_default();
        let before = own.cursors.insert(cursor.to_owned(), until);
        match before {
            Some(before) => drop(own.cursors.insert(cursor.to_owned(), until.max(before))),
            None => self.noted += 1,
        }
        if self.noted > limits::CLUSTER_CURSORS_ENDED_MAX {
            self.forget_one();
        }
        if self.owners.len() > limits::CLUSTER_CURSORS_ENDED_MAX {
            self.forget_an_owner();
        }
    }

    /// Forgets those whose names would not be good in any case.
    pub(super) fn expire(&mut self, now: i64) {
        for own in self.owners.values_mut() {
            own.cursors.retain(|_, until| *until > now);
        }
        self.owners.retain(|_, own| !own.cursors.is_empty() || own.forgotten_until > now);
        self.noted = self.owners.values().map(|own| own.cursors.len()).sum();
    }

    /// One goes of whoever has most: the earliest.
    fn forget_one(&mut self) {
        let Some(own) = self.owners.values_mut().max_by_key(|own| own.cursors.len()) else {
            return;
        };
        let earliest = own.cursors.iter().min_by_key(|(_, until)| **until);
        if let Some((cursor, until)) = earliest.map(|(cursor, until)| (cursor.clone(), *until)) {
            own.cursors.remove(&cursor);
            own.forgotten_until = own.forgotten_until.max(until);
            self.noted = self.noted.saturating_sub(1);
        }
    }

    /// The owner goes whose last is over first. Its names may be good again: as at a gateway that was not asked in between, their
    /// pages are judged as any other, and the cluster does not know those that were closed.
    fn forget_an_owner(&mut self) {
        let last = |own: &OwnersEnded| {
            own.cursors.values().copied().max().unwrap_or_default().max(own.forgotten_until)
        };
        let first = self.owners.iter().min_by_key(|(_, own)| last(own));
        if let Some(owner) = first.map(|(owner, _)| owner.clone())
            && let Some(own) = self.owners.remove(&owner)
        {
            self.noted = self.noted.saturating_sub(own.cursors.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = limits::CLUSTER_CURSORS_ENDED_MAX;

    #[test]
    fn who_ends_more_than_are_remembered_forgets_nothing_of_anybody_elses() {
        let mut ended = EndedCursors::default();
        ended.note("quiet", "kept", 1);
        for number in 0..MOST {
            ended.note("noisy", &number.to_string(), 10 + number as i64);
        }
        assert_eq!(ended.noted, MOST);
        assert!(ended.has("quiet", "kept") && !ended.may_have_had("quiet", 1));
        // The earliest is not noted any more, and no name of it is good all the same.
        assert!(!ended.has("noisy", "0") && ended.may_have_had("noisy", 10));
        assert!(ended.has("noisy", "1") && !ended.may_have_had("noisy", 11));
    }

    #[test]
    fn an_owner_with_more_than_are_remembered_is_told_from_others_until_these_are_over() {
        let mut ended = EndedCursors::default();
        for number in 0..=MOST {
            ended.note("noisy", &number.to_string(), 10);
        }
        assert!(ended.may_have_had("noisy", 10) && !ended.may_have_had("other", 10));
        ended.expire(9);
        assert!(ended.may_have_had("noisy", 10));
        ended.expire(10);
        assert!(ended.owners.is_empty() && ended.noted == 0);
    }

    #[test]
    fn one_that_ended_twice_is_remembered_for_the_longer_time() {
        let mut ended = EndedCursors::default();
        ended.note("one", "c", 20);
        ended.note("one", "c", 10);
        ended.expire(15);
        assert!(ended.has("one", "c") && ended.noted == 1);
    }

    #[test]
    fn there_are_not_more_owners_than_cursors_that_are_remembered() {
        let mut ended = EndedCursors::default();
        for number in 0..MOST + 100 {
            ended.note(&number.to_string(), "c", number as i64);
        }
        assert!(ended.owners.len() <= MOST && ended.noted <= MOST);
        assert!(ended.has(&(MOST + 99).to_string(), "c"));
    }
}
