//! The replay cache of a domain: each signature is good once (`countersign.replay_cache`).
//!
//! A signature is remembered until its own time is over, never shorter: what does not fit is refused, not forgotten. The
//! room is shared by a rule of switches (Choudhury and Hahne, "Dynamic queue length thresholds", 1998): a key may hold as
//! much as is still free. So one busy key takes half of it at most, and there is always room for another one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::guards::limits::REPLAY_SIGNATURES_MAX;
use crate::guards::throttle::TooManyTries;

/// The first half of a genuine signature: 128 bits of an HMAC that nobody can choose.
type Mark = [u8; 16];

/// The signatures of one domain that were used and have not expired.
#[derive(Default)]
pub struct ReplayCache {
    seen: HashSet<Mark>,
    /// By the last second in which it would verify.
    by_second: BTreeMap<i64, Vec<(Mark, Arc<str>)>>,
    by_key: HashMap<Arc<str>, usize>,
}

/// Why a genuine signature is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayRefusal {
    /// It was used before.
    Seen,
    /// There is no room to remember it.
    Full(TooManyTries),
}

impl ReplayCache {
    /// Takes a signature that was just verified, once. `last_second` is the last in which it verifies.
    ///
    /// # Errors
    /// See [`ReplayRefusal`].
    pub fn take(
        &mut self,
        access_key_id: &str,
        signature: &[u8; 32],
        last_second: i64,
        now_second: i64,
    ) -> Result<(), ReplayRefusal> {
        self.forget(now_second);
        let [first, ..] = signature.as_chunks::<16>().0 else { return Err(ReplayRefusal::Seen) };
        if self.seen.contains(first) {
            return Err(ReplayRefusal::Seen);
        }
        let free = REPLAY_SIGNATURES_MAX.saturating_sub(self.seen.len());
        let held = self.by_key.get_key_value(access_key_id);
        if held.map_or(0, |(_, count)| *count) >= free {
            let next = self.by_second.keys().next().copied().unwrap_or(now_second);
            let seconds = u64::try_from(next.saturating_sub(now_second)).unwrap_or(0) + 1;
            return Err(ReplayRefusal::Full(TooManyTries { retry_after_seconds: seconds }));
        }
        let key = held.map_or_else(|| Arc::from(access_key_id), |(key, _)| Arc::clone(key));
        self.seen.insert(*first);
        self.by_second.entry(last_second).or_default().push((*first, Arc::clone(&key)));
        *self.by_key.entry(key).or_default() += 1;
        Ok(())
    }

    /// How many signatures are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Forgets what can no longer verify.
    fn forget(&mut self, now_second: i64) {
        let still_good = self.by_second.split_off(&now_second);
        for (mark, key) in
            std::mem::replace(&mut self.by_second, still_good).into_values().flatten()
        {
            self.seen.remove(&mark);
            if let Some(count) = self.by_key.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    self.by_key.remove(&key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signature of this number.
    fn signature(number: usize) -> [u8; 32] {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
        bytes
    }

    #[test]
    fn a_signature_is_taken_once() {
        let mut replays = ReplayCache::default();
        assert_eq!(replays.take("a", &signature(1), 300, 0), Ok(()));
        assert_eq!(replays.take("a", &signature(1), 300, 0), Err(ReplayRefusal::Seen));
        assert_eq!(replays.take("a", &signature(2), 300, 0), Ok(()));
    }

    #[test]
    fn a_signature_is_remembered_through_its_last_second_and_no_longer() {
        let mut replays = ReplayCache::default();
        replays.take("a", &signature(1), 300, 0).unwrap();
        assert_eq!(replays.take("a", &signature(1), 300, 300), Err(ReplayRefusal::Seen));
        replays.take("a", &signature(2), 600, 301).unwrap();
        assert_eq!(replays.len(), 1);
    }

    #[test]
    fn one_key_fills_half_and_another_still_has_room() {
        let mut replays = ReplayCache::default();
        let mut taken = 0;
        while replays.take("busy", &signature(taken), 300, 0).is_ok() {
            taken += 1;
        }
        assert_eq!(taken, REPLAY_SIGNATURES_MAX / 2);
        assert_eq!(replays.take("other", &signature(taken), 300, 0), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_refused_until_something_expires_and_nothing_is_forgotten() {
        let mut replays = ReplayCache::default();
        let mut taken = 0;
        while replays.take("busy", &signature(taken), 300, 0).is_ok() {
            taken += 1;
        }
        let full = ReplayRefusal::Full(TooManyTries { retry_after_seconds: 201 });
        assert_eq!(replays.take("busy", &signature(taken), 400, 100), Err(full));
        assert_eq!(replays.take("busy", &signature(0), 300, 100), Err(ReplayRefusal::Seen));
        assert_eq!(replays.take("busy", &signature(taken), 400, 301), Ok(()));
        assert_eq!(replays.len(), 1);
    }
}
