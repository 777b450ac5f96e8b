//! Abuse cases, group H, durability and faults.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[
    (
        "H1",
        "`kill -9` or a power cut at any moment: in a `_bulk`, in a flush, with half a frame in the translog",
        "every acknowledged item is there after the start, what was not acknowledged may or may not be; a flush is seen whole \
         or not at all; changes of policies are one transaction each",
        &[
            "it/durability.rs::every_acknowledged_item_is_there_after_kill_9",
            "engine/src/index/tests/mod.rs::what_concurrent_writers_were_told_survives_a_power_cut",
            "engine/src/index/tests/mod.rs::a_process_that_dies_in_a_flush_loses_nothing_at_any_step",
            "engine/src/index/tests/mod.rs::recovery_is_idempotent",
            "engine/src/index/translog.rs::a_log_cut_at_any_byte_gives_every_entry_before_the_cut",
            "engine/src/index/translog.rs::appending_goes_on_after_a_torn_tail",
            "control/tests/it/store.rs::a_restart_keeps_everything",
            "control/tests/it/store.rs::two_processes_that_write_at_the_same_time_lose_no_change",
        ],
    ),
    (
        "H2",
        "A flipped bit or a missing byte in a segment, a manifest, the translog, the catalogue, the state of IAM",
        "the start is refused and names the file; nothing is served from it. A bit in the tail that no sync vouched for costs \
         nothing that was acknowledged",
        &[
            "engine/src/index/tests/mod.rs::a_flipped_bit_in_any_file_is_refused_by_name",
            "engine/src/index/translog.rs::a_flipped_bit_is_refused_by_name_or_cost_nothing",
            "engine/src/index/translog.rs::a_missing_byte_in_an_older_generation_is_damage",
            "control/tests/it/store.rs::a_damaged_file_is_one_clear_error",
            "control/tests/it/store.rs::another_sealing_key_opens_nothing",
        ],
    ),
    (
        "H3",
        "The disk is full or fails: while a write is logged, while it is synced, in a flush",
        "the write is refused and not there later; after a failed sync nothing is acknowledged until the log is read again; a \
         flush that fails loses nothing and the next one makes up for it",
        &[
            "engine/src/index/tests/mod.rs::a_full_disk_refuses_the_write_and_loses_nothing",
            "engine/src/index/tests/mod.rs::flushes_and_merges_stand_on_what_is_there_after_a_full_disk",
            "engine/src/index/tests/mod.rs::after_a_failed_sync_no_write_is_acknowledged_any_more",
            "engine/src/index/tests/mod.rs::a_flush_that_cannot_write_loses_nothing_and_is_made_up_for",
        ],
    ),
    (
        "H4",
        "Concurrent writers with `if_seq_no`, 10,000 of them, while documents are refreshed and merged",
        "exactly one wins each time; one order of all writes, which is that of time, explains every answer: no update lost, \
         none made twice, no conflict without a winner, no read of something older than what was acknowledged",
        &[
            "engine/src/index/tests/linear.rs::ten_thousand_conditional_writes_have_one_order_that_explains_every_answer",
            "engine/src/index/tests/mod.rs::of_concurrent_writers_with_one_seq_no_exactly_one_wins",
            "engine/src/index/tests/model.rs::an_index_holds_what_a_map_would_hold",
        ],
    ),
    (
        "H5",
        "A server behind this one flaps, answers half, resets in the middle of a body",
        "502, 503 or 504 that says it is the cluster; never a shorter 200; only what may be done twice is tried on another node",
        &["it/upstream/mod.rs::h5_*", "it/upstream/attacked.rs::h5_*"],
    ),
    (
        "H6",
        "The clock is set back or forth while sessions live",
        "A session once seen as expired stays expired; no lock on guesses grows, none vanishes by more than the change",
        &[
            "control/tests/it/sessions.rs::a_session_that_was_seen_over_stays_over_when_the_clock_is_set_back",
            "control/src/proof/guesses.rs::a_clock_that_was_far_ahead_locks_nobody_for_years",
            "server/src/guards/throttle.rs::a_clock_that_goes_back_gives_no_tokens",
        ],
    ),
    (
        "H7",
        "An older countersign is started on the folder of a newer one; a folder of another program",
        "refused with the number of the schema before anything is written",
        &[
            "control/tests/it/store.rs::a_newer_schema_is_refused_by_number",
            "control/tests/it/store.rs::another_programs_database_is_not_touched",
            "engine/src/index/tests/mod.rs::a_flipped_bit_in_any_file_is_refused_by_name",
        ],
    ),
    (
        "H8",
        "A fault of the evaluator that no example shows",
        "Random policies and requests are decided alike by the evaluator and by a slow, literal one, in any number of cases",
        &[
            "policy/src/differential/mod.rs::the_evaluator_agrees_with_the_literal_reading_of_the_documents",
        ],
    ),
];
