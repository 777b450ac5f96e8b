//! Abuse cases, group H, durability and faults.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[
    (
        "H5",
        "A server behind this one flaps, answers half, resets in the middle of a body",
        "not built: domains are served by the engine in this binary, there is nothing behind it; the proxy is group F",
        &[],
    ),
    (
        "H6",
        "The clock is set back or forth while sessions live",
        "A session that was seen over stays over; no lock on guesses grows, none vanishes by more than the change",
        &[
            "control/tests/it/sessions.rs::a_session_that_was_seen_over_stays_over_when_the_clock_is_set_back",
            "control/src/guesses.rs::a_clock_that_was_far_ahead_locks_nobody_for_years",
            "server/src/throttle.rs::a_clock_that_goes_back_gives_no_tokens",
        ],
    ),
    (
        "H8",
        "A fault of the evaluator that no example shows",
        "Random policies and requests are decided alike by the evaluator and by a slow, literal one, in any number of cases",
        &[
            "policy/src/differential.rs::the_evaluator_agrees_with_the_literal_reading_of_the_documents",
        ],
    ),
];
