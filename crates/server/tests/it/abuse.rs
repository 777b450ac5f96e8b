//! The abuse cases of the porch and of the signing proxy, each with what happens here and the tests that
//! show it. The page `docs/reference/abuse-cases.md` is made from this table, and a test that is named
//! here and does not exist fails the suite.

use std::fmt::Write;
use std::path::Path;

use expect_test::expect_file;

/// Number, attack, outcome here, tests as `FILE::NAME` (a trailing `*` stands for all that begin so).
type Case = (&'static str, &'static str, &'static str, &'static [&'static str]);

const S: &str = "crates/server/tests/it/";

/// **The table.** Files are under `crates/`; `it/` alone is the server's.
const CASES: &[Case] = &[
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
        "403, even when both are good",
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
            "it/porch.rs::a_header_that_decides_may_not_come_twice",
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
        "Right signers verify, others 403 with their own canonical string",
        &[
            "sigv4/tests/it/hostile.rs::a12_*",
            "sigv4/tests/it/canonical_forms.rs::the_query_is_sorted_as_amazon_es_prints_it",
            "it/story.rs::a_wrong_secret_is_a_mismatch_that_shows_the_canonical_request",
        ],
    ),
    (
        "A13",
        "Paths: encoded stars, dot segments, backslash, NUL, slashes in an index",
        "One decoding for signature, authorizer and engine; what reads in two ways is 400",
        &[
            "sigv4/tests/it/hostile.rs::a13_*",
            "engine/src/rest/path.rs::what_could_be_read_in_two_ways_is_refused",
            "it/porch.rs::dot_segments_backslashes_and_nul_are_400",
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
        "The same bytes whatever was signed; an HMAC over a dummy key is computed. That nobody has the key Amazon's text says, and so does the time over the wire: it is refused before its body is read (`benches/timing/`)",
        &["sigv4/tests/it/hostile.rs::a19_*", "it/forged.rs::a19_*"],
    ),
    (
        "A20",
        "Timing of the comparison",
        "Constant time over a type that has no `==`; every changed bit is refused. Over the wire the time tells nothing (`benches/timing/`)",
        &["sigv4/tests/it/properties.rs::a_single_changed_bit_is_refused"],
    ),
    (
        "A21",
        "gzip: signed unpacked, or said to be packed and plain",
        "Only the bytes as sent verify; a lie about gzip is 400, after the signature",
        &[
            "sigv4/tests/it/hostile.rs::a21_*",
            "it/forged.rs::a21_*",
            "it/porch.rs::a_compressed_body_is_signed_as_sent_and_read_as_decoded",
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
            "it/porch.rs::an_absolute_target_must_name_the_same_host",
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
            "it/porch.rs::heads_beyond_the_limits_are_431_with_a_request_id",
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
            "it/porch.rs::broken_credentials_are_never_taken_for_none",
        ],
    ),
    (
        "A27",
        "Basic and a signature together",
        "400 or 403",
        &["sigv4/tests/it/hostile.rs::a27_*", "it/forged.rs::a27_*"],
    ),
    (
        "B1",
        "`Transfer-Encoding` and `Content-Length`, odd or repeated codings",
        "400 and the end of the connection; nothing behind it is read",
        &[
            "it/smuggling.rs::a_length_beside_a_transfer_coding_is_400",
            "it/smuggling.rs::a_transfer_coding_that_is_not_plainly_chunked_is_400",
            "it/smuggling.rs::the_requests_before_an_ambiguous_one_are_answered",
            "server/src/framing/tests.rs::a_length_beside_a_coding_is_poisoned_at_the_heads_last_byte",
        ],
    ),
    (
        "B2",
        "Two lengths, `+10`, `0x0a`, `10 ,10`",
        "400 and the end of the connection, equal lengths too",
        &[
            "it/smuggling.rs::two_lengths_or_one_that_is_no_number_are_400",
            "server/src/framing/tests.rs::a_length_is_digits",
        ],
    ),
    (
        "B3",
        "Bare LF, blanks before the colon, NUL",
        "400",
        &[
            "it/smuggling.rs::lines_that_end_otherwise_than_in_crlf_are_400",
            "it/smuggling.rs::headers_that_are_folded_split_or_hold_nul_are_400",
        ],
    ),
    (
        "B4",
        "Chunk extensions of 64 KB, trailers named as credentials",
        "400; trailers decide nothing and are limited",
        &[
            "it/smuggling.rs::chunks_that_two_readers_would_cut_differently_are_400",
            "it/smuggling.rs::trailers_decide_nothing",
            "it/smuggling.rs::trailers_beyond_the_limits_are_400",
        ],
    ),
    (
        "B5",
        "HTTP/2: CRLF in values, blanks in `:path`, wrong `content-length`, h2c",
        "The stream is reset or 400; no upgrade",
        &[
            "it/http2.rs::header_values_with_line_ends_reset_the_stream",
            "it/http2.rs::paths_that_are_no_paths_reset_the_stream",
            "it/http2.rs::headers_of_a_connection_reset_the_stream",
            "it/http2.rs::a_length_that_the_data_does_not_have_is_no_request",
            "it/http2.rs::http2_is_chosen_in_the_handshake_or_not_at_all",
        ],
    ),
    (
        "B6",
        "HTTP/2: rapid reset, thousands of streams, CONTINUATION, SETTINGS, PING floods",
        "The connection ends and is recorded; others are served meanwhile",
        &[
            "it/http2.rs::streams_that_are_opened_and_reset_end_the_connection",
            "it/http2.rs::many_more_streams_at_once_than_the_limit_end_the_connection",
            "it/http2.rs::headers_that_never_end_end_the_connection",
            "it/http2.rs::floods_of_frames_that_ask_for_nothing_end_the_connection",
            "server/src/frames.rs::a_flood_of_frames_that_carry_nothing_is_seen",
        ],
    ),
    (
        "B7",
        "Slow heads, slow bodies, answers that are never read, refusals whose sender does not leave",
        "Cut by a limit on time, recorded; 408 where an answer can be read",
        &[
            "it/slow.rs::a_head_that_comes_a_byte_at_a_time_is_cut_and_written_down",
            "it/slow.rs::a_connection_that_says_nothing_is_cut",
            "it/slow.rs::a_body_that_stops_or_never_ends_is_408",
            "it/slow.rs::a_client_that_never_reads_is_cut",
            "it/slow.rs::behind_a_refusal_no_more_than_so_many_bytes_are_taken",
            "it/slow.rs::a_client_that_does_not_close_behind_its_refusal_counts_until_it_is_cut",
        ],
    ),
    (
        "B8",
        "`X-HTTP-Method-Override`, `?source=`",
        "The override overrides nothing; `source` is read as the body",
        &[
            "it/porch.rs::a_method_override_header_overrides_nothing",
            "engine/src/rest/body/tests.rs::the_source_parameter_is_a_body",
        ],
    ),
    (
        "B9",
        "Spoofed `X-Forwarded-For`, `X-Real-IP`, `Forwarded`",
        "The peer's address counts; no proxy is trusted by default",
        &[
            "it/forwarded.rs::forwarded_addresses_are_not_believed",
            "server/src/forwarded.rs::other_headers_and_an_untrusting_service_know_the_peer_only",
        ],
    ),
    (
        "B10",
        "A chain of a trusted proxy with an attacker's left end, mapped addresses, zone ids, ports",
        "The right-most hop that is no trusted proxy; at garbage, the proxy that wrote it",
        &[
            "it/forwarded.rs::the_left_end_of_a_trusted_chain_is_the_attackers_and_not_read",
            "it/forwarded.rs::a_chain_that_is_no_list_of_addresses_ends_at_the_proxy",
            "server/src/forwarded.rs::the_client_is_the_right_most_hop_that_is_no_trusted_proxy",
        ],
    ),
    (
        "B11",
        "Identity headers for an upstream",
        "No domain is served from an upstream yet; this row waits for it",
        &[],
    ),
    (
        "B12",
        "Rules by raw URI or user agent; health pages",
        "No rule reads them; health pages are on the admin listener only",
        &[
            "it/porch.rs::health_pages_are_on_no_listener_that_strangers_reach",
            "it/porch.rs::the_plane_is_chosen_by_the_listener_and_never_by_the_path",
        ],
    ),
    (
        "B13",
        "TLS 1.0, 1.1, SSL 2 and 3, weak suites, SNI other than Host",
        "No handshake (a metric counts them; there is no request to record); 421. rustls has no renegotiation",
        &[
            "it/tls.rs::tls_1_0_and_1_1_and_ssl_3_get_no_handshake",
            "it/tls.rs::weak_suites_get_no_handshake",
            "it/tls.rs::a_hello_of_ssl_2_gets_no_handshake",
            "it/tls.rs::plain_http_and_noise_get_no_answer_on_a_tls_listener",
            "it/porch.rs::the_name_of_the_handshake_must_be_the_host",
        ],
    ),
    (
        "B14",
        "An upstream with an untrusted certificate",
        "502 and nothing is sent (the proxy; no domain is served from an upstream yet)",
        &["client/tests/it/proxy.rs::b14_an_untrusted_certificate_is_502_and_nothing_is_sent"],
    ),
    (
        "B15",
        "Crafted client certificates",
        "No identity is taken from client certificates: none is asked for",
        &[],
    ),
    (
        "B16",
        "Splitting of answers, shared cookies",
        "The proxy keeps no cookies; ids that are no header value are left out",
        &[
            "client/tests/it/proxy.rs::f03_cookies_pass_untouched_and_are_not_kept",
            "it/porch.rs::an_opaque_id_comes_back",
        ],
    ),
    (
        "B17",
        "Another origin's page, preflight",
        "403; no page is allowed credentials, methods or headers",
        &["it/porch.rs::another_origins_page_is_let_in_nowhere"],
    ),
    (
        "B18",
        "WebSocket and other upgrades, CONNECT",
        "400, nothing is tunnelled",
        &[
            "it/porch.rs::no_upgrade_is_served",
            "it/http2.rs::http2_is_chosen_in_the_handshake_or_not_at_all",
        ],
    ),
    (
        "F1",
        "The client chooses where the proxy signs for, by `Host`",
        "421",
        &["client/tests/it/proxy.rs::f01_a_request_for_another_host_is_misdirected"],
    ),
    (
        "F2",
        "A proxy that others reach without a password",
        "It does not start without the explicit word; with a password others are refused",
        &[
            "client/tests/it/proxy.rs::f02_*",
            "countersign/tests/it/proxy.rs::f02_a_proxy_that_others_could_reach_does_not_start",
        ],
    ),
    (
        "F3",
        "Cookies shared between users",
        "Passed untouched, never kept",
        &["client/tests/it/proxy.rs::f03_cookies_pass_untouched_and_are_not_kept"],
    ),
    (
        "F4",
        "A redirect with signed headers",
        "Not followed",
        &["client/tests/it/proxy.rs::f04_redirects_are_not_followed"],
    ),
    (
        "F5",
        "Credentials that expire, a failing source, a storm of 403",
        "Renewed early, once for all; the last good ones serve; a 403 loads nothing",
        &[
            "client/tests/it/keeper.rs::f05_*",
            "countersign/tests/it/chain.rs::f05_*",
            "client/tests/it/proxy.rs::f05_a_403_does_not_load_credentials_again",
        ],
    ),
    (
        "F6",
        "Every source of the credential chain",
        "All of them work; the chain is aws-config's, its reasons are told",
        &[
            "countersign/tests/it/chain.rs::f06_*",
            "countersign/tests/it/proxy.rs::f06_a_role_is_assumed_and_a_profiles_process_is_run",
        ],
    ),
    (
        "F7",
        "Large, chunked, slow bodies",
        "Hashed, then spilled to a file; bounded memory",
        &["client/tests/it/proxy.rs::f07_*"],
    ),
    (
        "F8",
        "The client's own credentials and hop-by-hop headers",
        "Removed before signing",
        &["client/tests/it/proxy.rs::f08_*"],
    ),
    (
        "F9",
        "Logging at its loudest",
        "No secret is written",
        &["countersign/tests/it/chain.rs::f09_*"],
    ),
    (
        "F10",
        "Serverless collections: the body's hash, 404 of a metadata API",
        "Sent with every request; `doctor` tells a 404 from a misconfiguration",
        &["client/tests/it/proxy.rs::f10_*", "countersign/tests/it/doctor.rs::f10_*"],
    ),
    (
        "F11",
        "Writes through a read-only proxy",
        "403, by class of API and not by method",
        &[
            "client/tests/it/proxy.rs::f11_the_gate_decides_before_anything_is_sent",
            "countersign/src/proxy/read_only.rs::f11_everything_else_is_refused",
        ],
    ),
    (
        "any bytes",
        "Any byte sequence to the TLS stream",
        "A refusal that says why, a record, the next request served",
        &[
            "it/anything.rs::any_bytes_are_refused_and_written_down_and_the_next_request_is_served",
            "sigv4/tests/it/properties.rs::no_bytes_make_the_verifier_panic",
        ],
    ),
    (
        "bodies",
        "Large bodies without a right signature",
        "1 MiB of memory each, the rest in a file without a name; refused before it is decoded",
        &[
            "server/src/spool.rs::a_large_body_costs_the_limit_until_it_is_loaded_and_leaves_no_file",
            "server/src/spool.rs::a_bomb_is_413_and_a_lie_about_gzip_is_400",
            "it/porch.rs::a_large_body_waits_in_a_file_and_is_executed_as_signed",
            "it/porch.rs::the_limit_on_bodies_is_a_setting_and_nodes_tells_it",
        ],
    ),
];

/// The path of a file of the table.
fn path(file: &str) -> String {
    match file.strip_prefix("it/") {
        Some(own) => format!("{S}{own}"),
        None => format!("crates/{file}"),
    }
}

#[test]
fn every_test_that_the_table_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (number, _, _, tests) in CASES {
        for test in *tests {
            let (file, name) = test.split_once("::").unwrap();
            let text = std::fs::read_to_string(root.join(path(file))).expect(file);
            let begins = match name.strip_suffix('*') {
                Some(start) => format!("fn {start}"),
                None => format!("fn {name}("),
            };
            let lines: Vec<&str> = text.lines().collect();
            let found = lines.windows(4).any(|window| {
                let test = window[..3]
                    .iter()
                    .any(|line| line.contains("test]") || line.contains("#[test"));
                test && window[1..].iter().any(|line| line.trim_start().contains(&begins))
            });
            assert!(found, "{number}: there is no test {name} in {file}");
        }
    }
}

#[test]
fn every_case_of_the_groups_is_in_the_table_once() {
    let numbers: Vec<&str> = CASES.iter().map(|(number, ..)| *number).collect();
    let wanted = (1..=27).map(|n| format!("A{n}")).chain((1..=18).map(|n| format!("B{n}")));
    for number in wanted {
        assert_eq!(numbers.iter().filter(|known| **known == number).count(), 1, "{number}");
    }
}

#[test]
fn the_page_of_abuse_cases_is_up_to_date() {
    let mut page = String::from(
        "<!-- generated by crates/server/tests/it/abuse.rs; do not edit -->\n# Abuse cases\n\n\
         What an attacker tries, what happens here, and the tests that show it. Groups A (signatures) and B (transport) are\n\
         sent to a running service; each attack must be refused, execute nothing, leave an audit record without secrets where\n\
         there was a request, and leave the service serving. Group F is the signing proxy. A test that is named here and does\n\
         not exist fails the suite. Limits: [limits.md](limits.md).\n\n\
         | case | attack | outcome here | shown by |\n|---|---|---|---|\n",
    );
    for (number, attack, outcome, tests) in CASES {
        let shown: Vec<String> = tests
            .iter()
            .map(|test| {
                let (file, name) = test.split_once("::").unwrap();
                format!("`{}::{name}`", path(file).trim_start_matches("crates/"))
            })
            .collect();
        let shown = if shown.is_empty() { "-".to_owned() } else { shown.join(" ") };
        let _ = writeln!(page, "| {number} | {attack} | {outcome} | {shown} |");
    }
    expect_file!["../../../../docs/reference/abuse-cases.md"].assert_eq(&page);
}
