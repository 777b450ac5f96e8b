//! Abuse cases, group F, the signing proxy.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[
    (
        "F1",
        "The client chooses where the proxy signs for, by `Host`",
        "421",
        &["client/tests/it/proxy.rs::f01_a_request_for_another_host_is_misdirected"],
    ),
    (
        "F2",
        "A proxy that others reach without a password",
        "It does not start without an explicit flag; with a password, others are refused",
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
        &[
            "client/tests/it/proxy.rs::f04_redirects_are_not_followed",
            "it/upstream/mod.rs::f4_a_redirect_of_the_cluster_is_not_followed",
        ],
    ),
    (
        "F5",
        "Credentials that expire, a failing source, a storm of 403",
        "Renewed early, once for all; the last good ones serve; a 403 loads nothing",
        &[
            "client/tests/it/credentials.rs::f05_*",
            "countersign/tests/it/chain.rs::f05_*",
            "client/tests/it/proxy.rs::f05_a_403_does_not_load_credentials_again",
        ],
    ),
    (
        "F6",
        "Every source of the credential chain",
        "All of them work; the chain is aws-config's, and its reasons are shown",
        &[
            "countersign/tests/it/chain.rs::f06_*",
            "countersign/tests/it/proxy.rs::f06_a_role_is_assumed_and_a_profiles_process_is_run",
        ],
    ),
    (
        "F7",
        "Large, chunked, slow bodies",
        "Hashed, then spilled to a file; bounded memory",
        &["client/tests/it/proxy.rs::f07_*", "countersign/tests/it/chain.rs::f07_*"],
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
        "F12",
        "`Content-Length` beside `Transfer-Encoding`, two of either, odd chunks, raw characters in the target",
        "400 that says which, and the end of the connection; nothing is sent on",
        &[
            "client/tests/it/proxy.rs::f12_*",
            "client/src/framing/tests.rs::a_length_beside_a_coding_is_poisoned_at_the_heads_last_byte",
        ],
    ),
];
