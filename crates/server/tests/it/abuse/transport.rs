//! Abuse cases, group B, transport.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[
    (
        "B1",
        "`Transfer-Encoding` and `Content-Length`, odd or repeated codings",
        "400 and the end of the connection; nothing behind it is read, and a cluster behind a domain is sent nothing",
        &[
            "it/upstream/attacked.rs::b1_of_a_request_that_two_readers_would_cut_differently_the_cluster_sees_nothing",
            "it/smuggling.rs::a_length_beside_a_transfer_coding_is_400",
            "it/smuggling.rs::a_transfer_coding_that_is_not_plainly_chunked_is_400",
            "it/smuggling.rs::the_requests_before_an_ambiguous_one_are_answered",
            "client/src/framing/tests.rs::a_length_beside_a_coding_is_poisoned_at_the_heads_last_byte",
        ],
    ),
    (
        "B2",
        "Two lengths, `+10`, `0x0a`, `10 ,10`",
        "400 and the end of the connection, equal lengths too",
        &[
            "it/smuggling.rs::two_lengths_or_one_that_is_no_number_are_400",
            "client/src/framing/tests.rs::a_length_is_digits",
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
        "HTTP/2: CRLF in values, blanks and line ends in `:path`, wrong `content-length`, h2c",
        "The stream is reset or 400; no upgrade",
        &[
            "it/http2.rs::header_values_with_line_ends_reset_the_stream",
            "it/http2.rs::a_path_that_is_none_resets_the_stream",
            "it/http2_answers.rs::a_character_that_must_be_encoded_is_named_over_both_protocols",
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
            "server/src/transport/frames.rs::a_flood_of_frames_that_carry_nothing_is_seen",
        ],
    ),
    (
        "B7",
        "Slow heads, slow bodies, responses that are never read, clients that stay connected after a refusal",
        "Cut off by a time limit and recorded; 408 where a response can be read",
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
            "it/listeners.rs::a_method_override_header_overrides_nothing",
            "engine/src/rest/body/tests.rs::the_source_parameter_is_a_body",
            "it/upstream/attacked.rs::b8_a_body_in_the_url_is_judged_and_sent_as_a_body",
        ],
    ),
    (
        "B9",
        "Spoofed `X-Forwarded-For`, `X-Real-IP`, `Forwarded`",
        "The peer's address counts; no proxy is trusted by default",
        &[
            "it/forwarded.rs::forwarded_addresses_are_not_believed",
            "server/src/transport/forwarded.rs::other_headers_and_an_untrusting_service_know_the_peer_only",
        ],
    ),
    (
        "B10",
        "A chain of a trusted proxy with an attacker's left end, mapped addresses, zone ids, ports",
        "The right-most hop that is no trusted proxy; at garbage, the proxy that wrote it",
        &[
            "it/forwarded.rs::the_left_end_of_a_trusted_chain_is_the_attackers_and_not_read",
            "it/forwarded.rs::a_chain_that_is_no_list_of_addresses_ends_at_the_proxy",
            "server/src/transport/forwarded.rs::the_client_is_the_right_most_hop_that_is_no_trusted_proxy",
        ],
    ),
    (
        "B11",
        "Identity headers for an upstream",
        "No header of the client's reaches a cluster but `Accept`, `X-Opaque-Id` and the body's type",
        &[
            "it/upstream/attacked.rs::b11_a_cluster_that_is_to_be_told_who_asks_hears_it_from_the_gate_alone",
            "it/upstream/mod.rs::b11_no_header_that_says_who_somebody_is_reaches_the_cluster_in_any_spelling",
        ],
    ),
    (
        "B12",
        "Rules by raw URI or user agent; health pages",
        "No rule reads them; health pages are on the admin listener only",
        &[
            "it/listeners.rs::health_pages_are_on_no_listener_that_strangers_reach",
            "it/listeners.rs::the_plane_is_chosen_by_the_listener_and_never_by_the_path",
        ],
    ),
    (
        "B13",
        "TLS 1.0, 1.1, SSL 2 and 3, weak suites, SNI other than Host",
        "No handshake (a metric counts them; there is no request to record); 421, but for the service's own name behind a tunnel. rustls has no renegotiation",
        &[
            "it/tls.rs::tls_1_0_and_1_1_and_ssl_3_get_no_handshake",
            "it/tls.rs::weak_suites_get_no_handshake",
            "it/tls.rs::a_hello_of_ssl_2_gets_no_handshake",
            "it/tls.rs::noise_gets_no_answer_on_a_tls_listener",
            "it/listeners.rs::the_name_of_the_handshake_must_be_the_host",
            "it/tls.rs::a_tunnels_end_may_be_named_in_the_handshake_where_the_host_is_the_endpoint",
        ],
    ),
    (
        "B14",
        "An upstream with a certificate that is expired, for another name, or signed by nobody known",
        "502 from the proxy, 503 from a domain that a cluster serves; nothing is sent, and no option says otherwise",
        &[
            "client/tests/it/proxy.rs::b14_an_untrusted_certificate_is_502_and_nothing_is_sent",
            "it/upstream/mod.rs::b14_a_cluster_with_an_untrusted_certificate_is_sent_nothing",
            "it/upstream/attacked.rs::b14_a_cluster_whose_certificate_is_expired_for_another_name_or_of_nobody_known_is_sent_nothing",
        ],
    ),
    (
        "B15",
        "Crafted client certificates",
        "No client certificate is asked for, and no header in which a proxy passes a subject on is read: none is an identity",
        &[
            "it/tls.rs::b15_nobody_is_asked_for_a_certificate_and_no_subject_of_one_makes_anybody_known",
        ],
    ),
    (
        "B16",
        "Response splitting, shared cookies",
        "Nobody's cookies are kept; of a cluster's answers only named headers pass; ids that are no header value are left out",
        &[
            "it/upstream/mod.rs::b16_*",
            "client/tests/it/proxy.rs::f03_cookies_pass_untouched_and_are_not_kept",
            "it/listeners.rs::an_opaque_id_comes_back",
        ],
    ),
    (
        "B17",
        "Another origin's page, preflight",
        "403; no page is allowed credentials, methods or headers",
        &["it/listeners.rs::another_origins_page_is_let_in_nowhere"],
    ),
    (
        "B18",
        "WebSocket and other upgrades, CONNECT",
        "400, nothing is tunnelled",
        &[
            "it/listeners.rs::no_upgrade_is_served",
            "it/http2.rs::http2_is_chosen_in_the_handshake_or_not_at_all",
        ],
    ),
    (
        "B19",
        "A refused HEAD over HTTP/2: content after it breaks the connection of a shared client",
        "No DATA frame follows a response to HEAD, 204 or 304; the length is that of GET",
        &[
            "it/http2_answers.rs::no_answer_to_head_has_content",
            "it/http2_answers.rs::head_is_told_the_length_that_get_has",
            "server/src/walk/respond/tests.rs::answers_without_content_have_none_whatever_they_say",
        ],
    ),
    (
        "B20",
        "HTTP/2: a body over the limit, or of a request refused on its head, that is still arriving",
        "413 or the refusal at once, the rest thrown away within limits, then a reset without an error; the connection goes on",
        &[
            "it/http2_answers.rs::a_body_over_the_limit_is_413_in_amazons_words_while_it_still_comes",
            "it/http2_answers.rs::a_refusal_on_the_head_does_not_wait_for_the_body",
            "it/http2_answers.rs::who_sends_on_behind_a_refusal_has_its_stream_reset_without_an_error",
            "it/http2_answers.rs::over_http_1_1_a_body_over_the_limit_reads_the_same",
        ],
    ),
    (
        "B21",
        "Plain HTTP on a TLS listener, complete, endless, or HTTP/2 without TLS",
        "400 with an explanation, then the connection is closed; nothing but the `Host` is read; a metric counts it",
        &[
            "it/tls.rs::plain_http_is_told_that_this_port_speaks_tls",
            "it/tls.rs::plain_http_that_never_completes_its_head_is_cut",
            "server/src/transport/plain_http.rs::only_a_plain_host_is_shown",
        ],
    ),
    (
        "B22",
        "Raw quotes, blanks, `<`, `#`, control characters and bytes that are not UTF-8 in the target",
        "400 that names the character and its place, over both protocols; nothing of the target is recorded or executed",
        &[
            "it/http2_answers.rs::a_character_that_must_be_encoded_is_named_over_both_protocols",
            "client/src/framing/tests.rs::a_character_that_must_be_encoded_is_named_with_its_place",
            "client/src/framing/tests.rs::what_passes_is_what_a_uri_takes",
            "server/src/transport/http2_targets/tests.rs::a_character_that_h2_does_not_take_is_told_with_its_place",
            "server/src/transport/http2_targets/tests.rs::the_cut_of_reads_changes_nothing",
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
            "server/src/transport/spool.rs::a_large_body_costs_the_limit_until_it_is_loaded_and_leaves_no_file",
            "server/src/transport/spool.rs::a_bomb_is_413_and_a_lie_about_gzip_is_400",
            "it/listeners.rs::a_large_body_waits_in_a_file_and_is_executed_as_signed",
            "it/listeners.rs::the_limit_on_bodies_is_a_setting_and_nodes_tells_it",
        ],
    ),
];
