//! Abuse cases, group A, signatures.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[
    (
        "A1",
        "A known access key id with a forged signature",
        "403, signature mismatch",
        &["sigv4/tests/it/hostile.rs::a01_*", "it/forged.rs::a01_*"],
    ),
    (
        "A2",
        "A credential in the query alone, with a streaming payload mode",
        "403",
        &["sigv4/tests/it/hostile.rs::a02_*", "it/forged.rs::a02_*"],
    ),
    (
        "A3",
        "Credentials in header and query",
        "403, even when both are valid",
        &["sigv4/tests/it/hostile.rs::a03_*", "it/forged.rs::a03_*"],
    ),
    (
        "A4",
        "A presigned or signed request used for another method, path, query or time",
        "403",
        &[
            "sigv4/tests/it/hostile.rs::a04_*",
            "sigv4/tests/it/presigned.rs::expiry_is_a_number_from_one_second_to_seven_days",
            "it/forged.rs::a04_*",
        ],
    ),
    (
        "A5",
        "A body replaced on the wire",
        "403 before anything is executed, whatever its size",
        &[
            "sigv4/tests/it/hostile.rs::a05_*",
            "it/forged.rs::a05_*",
            "it/story.rs::another_body_than_the_signed_one_is_refused_and_nothing_is_written",
        ],
    ),
    (
        "A6",
        "`UNSIGNED-PAYLOAD`",
        "403 unless the domain's switch is on",
        &["sigv4/tests/it/hostile.rs::a06_*", "it/forged.rs::a06_*"],
    ),
    (
        "A7",
        "`STREAMING-…` payload modes, known and new",
        "403, whatever the switch says",
        &["sigv4/tests/it/hostile.rs::a07_*", "it/forged.rs::a06_a07_*"],
    ),
    (
        "A8",
        "`x-amz-content-sha256`, unsigned, different, or twice",
        "Accepted when it is the body's hash, else 403; twice: refused",
        &[
            "sigv4/tests/it/hostile.rs::a08_*",
            "sigv4/tests/it/hostile.rs::a10_*",
            "it/forged.rs::a06_a07_a08_*",
        ],
    ),
    (
        "A9",
        "`SignedHeaders` without host or date",
        "403",
        &["sigv4/tests/it/hostile.rs::a09_*", "it/forged.rs::a09_*"],
    ),
    (
        "A10",
        "A header that decides, twice or folded with a comma",
        "400",
        &[
            "sigv4/tests/it/hostile.rs::a10_*",
            "it/listeners.rs::a_header_that_decides_may_not_come_twice",
        ],
    ),
    (
        "A11",
        "Blanks, tabs and folded lines in signed values",
        "As in AWS's vectors; folded lines are 400",
        &[
            "sigv4/tests/it/hostile.rs::a11_*",
            "it/smuggling.rs::headers_that_are_folded_split_or_hold_nul_are_400",
        ],
    ),
    (
        "A12",
        "Queries: valueless, repeated, unsorted, `+`, cases of escapes",
        "Correct signatures verify; others get 403 with their own canonical request",
        &[
            "sigv4/tests/it/hostile.rs::a12_*",
            "sigv4/tests/it/canonical_forms.rs::the_query_is_sorted_as_amazon_es_prints_it",
            "it/story.rs::a_wrong_secret_is_a_mismatch_that_shows_the_canonical_request",
        ],
    ),
    (
        "A13",
        "Paths: encoded stars, dot segments, backslash, NUL, slashes in an index",
        "One decoding for signature, authorizer and engine; anything that can be read in two ways is 400",
        &[
            "sigv4/tests/it/hostile.rs::a13_*",
            "engine/src/rest/path.rs::what_could_be_read_in_two_ways_is_refused",
            "it/listeners.rs::dot_segments_backslashes_and_nul_are_400",
        ],
    ),
    (
        "A14",
        "Skewed clocks, odd dates, another day in the scope",
        "Accepted inside five minutes either way, else 403",
        &["sigv4/tests/it/hostile.rs::a14_*", "it/forged.rs::a14_*"],
    ),
    (
        "A15",
        "Replay of a signed write",
        "Accepted inside the window unless the domain's replay cache is on (SECURITY.md says so); 403 behind it",
        &[
            "it/once.rs::the_same_signed_write_is_accepted_once",
            "it/once.rs::of_the_same_request_sent_at_the_same_time_exactly_one_is_accepted",
            "it/forged.rs::a15_*",
            "it/forged.rs::a14_*",
        ],
    ),
    (
        "A16",
        "Another region, service or terminator",
        "403",
        &["sigv4/tests/it/hostile.rs::a16_*", "it/forged.rs::a16_*"],
    ),
    (
        "A17",
        "SigV4a, SigV2, other algorithms and cases",
        "403",
        &["sigv4/tests/it/hostile.rs::a17_*", "it/forged.rs::a16_a17_*"],
    ),
    (
        "A18",
        "Another session's token; damaged, empty, absent; a token with a long-term key",
        "403",
        &[
            "sigv4/tests/it/hostile.rs::a18_*",
            "control/tests/it/sessions.rs::a_token_belongs_to_its_key",
            "it/forged.rs::a18_*",
        ],
    ),
    (
        "A19",
        "Telling unknown keys from known ones",
        "The same bytes whatever was signed; an HMAC over a dummy key is computed. Amazon's text says that the key is unknown, and so does the time over the network: the request is refused before its body is read (`benches/timing/`)",
        &["sigv4/tests/it/hostile.rs::a19_*", "it/forged.rs::a19_*"],
    ),
    (
        "A20",
        "Timing of the comparison",
        "Constant time over a type that has no `==`; every changed bit is refused. Over the network the time reveals nothing (`benches/timing/`)",
        &["sigv4/tests/it/properties.rs::a_single_changed_bit_is_refused"],
    ),
    (
        "A21",
        "gzip: signed before compression, or declared as gzip and sent plain",
        "Only the bytes as sent verify; a lie about gzip is 400, after the signature",
        &[
            "sigv4/tests/it/hostile.rs::a21_*",
            "it/forged.rs::a21_*",
            "it/listeners.rs::a_compressed_body_is_signed_as_sent_and_read_as_decoded",
        ],
    ),
    (
        "A22",
        "Hop-by-hop headers signed",
        "Verified as received (clients do it); one that `Connection` lists is 400",
        &["sigv4/tests/it/hostile.rs::a22_*"],
    ),
    (
        "A23",
        "Hosts: port, root dot, case, absolute target, `:authority` beside `host`",
        "One effective host; others 400",
        &[
            "sigv4/tests/it/hostile.rs::a23_*",
            "it/listeners.rs::an_absolute_target_must_name_the_same_host",
            "it/http2.rs::an_authority_that_is_not_the_host_is_400",
        ],
    ),
    (
        "A24",
        "100 KB of `Authorization`, 1,000 signed headers, 10,000 parameters",
        "400, 403, 414 or 431 in linear time",
        &[
            "sigv4/tests/it/hostile.rs::a24_*",
            "it/forged.rs::a24_*",
            "it/listeners.rs::heads_beyond_the_limits_are_431_with_a_request_id",
        ],
    ),
    (
        "A25",
        "Secrets in what a mismatch shows",
        "The caller's own bytes only; records hold no signature and no token",
        &[
            "sigv4/tests/it/bodies.rs::diagnostics_show_no_token_and_no_cookie",
            "it/forged.rs::a25_*",
        ],
    ),
    (
        "A26",
        "Broken credentials where everyone may enter",
        "403, never anonymous",
        &[
            "sigv4/tests/it/hostile.rs::a26_*",
            "it/forged.rs::a26_*",
            "it/listeners.rs::broken_credentials_are_never_taken_for_none",
        ],
    ),
    (
        "A27",
        "Basic and a signature together",
        "400 or 403",
        &["sigv4/tests/it/hostile.rs::a27_*", "it/forged.rs::a27_*"],
    ),
];
