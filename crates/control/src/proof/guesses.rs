//! Wrong guesses of a secret that can be guessed: a one-time password has a million values, a password often fewer.
//!
//! The count stands in the record of the secret's holder, so that a restart forgets nothing; what is asked while it is
//! locked is refused before anything is computed. A right guess ends the count. Decision 0093.

use crate::limits::{GUESSES_WRONG_MAX, LOCK_SECONDS_FIRST, LOCK_SECONDS_MAX};
use crate::store::record::{EpochSeconds, WrongGuesses};

impl WrongGuesses {
    /// When the next guess is looked at, if one at `now` is not. A lock never lasts longer than the longest one, whatever
    /// was done to the clock since it began.
    pub(crate) fn locked(self, now: EpochSeconds) -> Option<EpochSeconds> {
        let within = now < self.locked_until && self.locked_until <= now + LOCK_SECONDS_MAX;
        within.then_some(self.locked_until)
    }

    /// The count after one more wrong guess at `now`.
    pub(crate) fn after_wrong(self, now: EpochSeconds) -> WrongGuesses {
        let wrong = self.wrong.saturating_add(1);
        let Some(doublings) = wrong.checked_sub(GUESSES_WRONG_MAX) else {
            return WrongGuesses { wrong, ..self };
        };
        let seconds = LOCK_SECONDS_FIRST.checked_shl(doublings).unwrap_or(LOCK_SECONDS_MAX);
        // A shift may push all bits out: what is not positive any more was too long.
        let seconds = if seconds > 0 { seconds.min(LOCK_SECONDS_MAX) } else { LOCK_SECONDS_MAX };
        WrongGuesses { wrong, locked_until: now + seconds }
    }
}

/// The end of a refusal's text while `what` is locked: what was seen, and when to try again.
pub(crate) fn locked_text(what: &str, until: EpochSeconds) -> String {
    let until = jiff::Timestamp::from_second(until).unwrap_or(jiff::Timestamp::MAX);
    format!("Too many wrong {what}; the next attempt is accepted after {until}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(guesses: WrongGuesses, times: u32, now: i64) -> WrongGuesses {
        (0..times).fold(guesses, |guesses, _| guesses.after_wrong(now))
    }

    #[test]
    fn five_wrong_guesses_lock_for_thirty_seconds_and_each_more_doubles() {
        let four = wrong(WrongGuesses::default(), 4, 1_000);
        assert_eq!(four.locked(1_000), None);
        for (more, seconds) in [(1, 30), (2, 60), (3, 120), (7, 1_920), (8, 3_600), (100, 3_600)] {
            let locked = wrong(four, more, 1_000);
            assert_eq!(locked.locked(1_000), Some(1_000 + seconds), "{more}");
            assert_eq!(locked.locked(1_000 + seconds), None, "{more}");
        }
    }

    #[test]
    fn the_longest_lock_stays_the_longest_however_many_guesses_were_wrong() {
        let many = wrong(WrongGuesses::default(), 200, 1_000);
        assert_eq!(many.locked(1_000), Some(1_000 + LOCK_SECONDS_MAX));
    }

    #[test]
    fn a_clock_that_was_far_ahead_locks_nobody_for_years() {
        let locked = wrong(WrongGuesses::default(), 5, 2_000_000_000);
        assert_eq!(locked.locked(1_000), None);
    }
}
