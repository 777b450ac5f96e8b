//! Abuse cases, group E, administration, secrets and the audit.

use super::Case;

/// The group's rows, by number.
// long: a table
pub(super) const CASES: &[Case] = &[
    (
        "E1",
        "The store is stolen and searched for secret keys, session tokens and passwords",
        "None is in it in clear: sealed under a key outside of it, passwords hashed with Argon2id",
        &[
            "control/tests/it/store.rs::no_secret_and_no_token_is_in_the_store",
            "control/tests/it/passwords.rs::e01_a_password_is_neither_in_the_record_nor_in_the_state_file",
        ],
    ),
    (
        "E2",
        "The sealing key is missing or another; a change of the key is interrupted; a sealed secret is moved to another user",
        "The service does not start; an interrupted change is finished or undone at the next start; the moved secret cannot be unsealed",
        &[
            "control/tests/it/store.rs::e02_a_new_sealing_key_opens_everything_and_the_old_one_nothing",
            "countersign/tests/it/operator.rs::the_sealing_key_is_changed_and_an_interrupted_change_is_finished_or_undone",
            "control/tests/it/store.rs::another_sealing_key_opens_nothing",
            "control/src/seal.rs::a_sealed_secret_moved_to_another_key_id_does_not_open",
            "control/src/seal.rs::another_sealing_key_does_not_open_it",
        ],
    ),
    (
        "E3",
        "Secrets in panic messages, in what is printed for debugging, in core dumps, in the process's environment",
        "Types of secrets cannot be printed; there are no core dumps; on Linux other processes read neither memory nor \
         environment",
        &[
            "it/audit.rs::e03_no_type_of_a_secret_can_be_printed",
            "countersign/tests/it/dev.rs::e03_e19_the_process_leaves_no_core_dump_and_no_file_for_others",
        ],
    ),
    (
        "E4",
        "Metrics and administration on a public listener",
        "They have a listener of their own, on loopback unless the operator says otherwise",
        &["it/audit.rs::e04_metrics_are_on_no_listener_that_strangers_reach"],
    ),
    (
        "E5",
        "Stored scripts in a console's view of names and records",
        "Names and documents are escaped wherever a page shows them, and a page may run no script but the console's own file",
        &[
            "console/src/answer.rs::e05_every_answer_forbids_scripts_styles_and_frames_of_others",
            "console/src/answer.rs::no_page_has_a_script_or_a_style_of_its_own",
            "console/src/pages/own_sessions.rs::a_visitor_sees_where_it_is_signed_in_as_text_and_ends_all_others",
            "console/src/pages/sign_in.rs::what_was_typed_is_text_and_the_ways_to_sign_in_are_links",
            "it/sign_in.rs::a_role_is_switched_to_with_the_sessions_own_credentials_and_left_again",
        ],
    ),
    (
        "E6",
        "Forged requests to a console, guessing at its login",
        "A form counts only from this console and with the session's token; wrong credentials read alike and take as long, too many are refused, and nobody locks an owner out; an answer of an identity provider counts for the browser that asked",
        &[
            "it/sign_in.rs::e06_every_wrong_sign_in_reads_the_same_and_takes_as_long",
            "it/sign_in.rs::guesses_are_counted_by_user_at_an_address_and_nobody_locks_the_owner_out",
            "it/sign_in.rs::five_wrong_codes_lock_the_device_for_thirty_seconds_and_a_code_is_good_once",
            "it/sign_in.rs::a_code_of_another_sign_in_or_with_another_verifier_opens_nothing",
            "it/sign_in.rs::a_sign_in_that_cannot_be_decided_takes_as_long_as_a_wrong_one_and_counts_as_one",
            "it/sign_in.rs::what_providers_are_said_to_have_sent_is_counted_by_address_as_passwords_are",
            "it/sign_in.rs::who_is_gone_is_out_of_the_console_although_it_switched_to_a_role_that_lives_on",
            "it/sign_in.rs::a_new_password_ends_what_the_old_one_opened",
            "console/src/pages/oidc.rs::an_answer_to_something_else_signs_nobody_in_and_leaves_the_sign_in_under_way",
            "console/src/pages/oidc.rs::the_provider_is_told_the_address_of_the_settings_whatever_host_the_request_names",
            "console/src/pages/oidc.rs::the_session_that_the_browser_had_ends_although_its_cookie_does_not_come_back_along",
            "console/src/pages/saml.rs::a_response_from_elsewhere_shows_its_roles_and_signs_nobody_in",
            "console/src/pages/saml.rs::a_relay_state_leads_to_pages_from_here_only",
            "it/browser.rs::wrong_credentials_read_alike_and_too_many_are_refused",
            "it/browser.rs::a_link_signs_in_once",
            "console/src/answer.rs::a_form_of_another_site_does_nothing_even_with_the_cookie",
            "console/src/answer.rs::a_form_without_the_sessions_token_does_nothing",
        ],
    ),
    (
        "E7",
        "Identity tokens without an algorithm, of a confused one, expired, of another audience or issuer",
        "Refused; keys are those of the registered issuer and of the token's own algorithm",
        &[
            "control/tests/it/web_identity.rs::e07_what_is_no_token_is_refused",
            "control/tests/it/web_identity.rs::each_of_the_six_algorithms_is_taken_with_its_own_key_and_under_no_other_name",
            "control/tests/it/web_identity.rs::a_public_key_is_no_secret_to_sign_with",
            "it/web_identity.rs::a_providers_token_becomes_a_session_and_a_forged_one_does_not",
            "server/src/browser/oidc.rs::two_persons_are_never_called_the_same",
        ],
    ),
    (
        "E8",
        "SAML: wrapped signatures, external entities, comments inside names, SHA-1, an assertion used twice",
        "Refused: one shape of response is read, without comments, entities and document types; what it says is read from the elements that were verified",
        &[
            "control/tests/it/saml.rs::no_wrapping_of_a_signed_assertion_is_taken",
            "control/tests/it/saml.rs::e08_what_two_readers_could_read_differently_is_not_read",
            "control/tests/it/saml.rs::a_changed_response_never_says_something_else",
            "control/tests/it/saml.rs::a_key_that_the_provider_does_not_have_signs_nothing",
            "control/tests/it/saml.rs::an_assertion_opens_a_role_once",
            "control/tests/it/saml.rs::the_roles_that_a_response_offers_are_those_it_is_good_for_and_a_forged_one_offers_none",
            "control/tests/it/saml_responses.rs::no_changed_and_no_invented_response_is_taken_for_what_was_not_signed",
        ],
    ),
    (
        "E9",
        "Records of the audit are deleted, changed, put in another order, cut off",
        "Records are a hash chain, and signed digests say how far it came; `countersign audit verify` names file and line of the first",
        &[
            "server/src/audit/tampering.rs::e09_*",
            "server/src/audit/chain.rs::every_changed_byte_of_a_line_breaks_it",
            "countersign/tests/it/operator.rs::e09_an_audit_is_verified_and_searched_after_the_service_was_killed",
        ],
    ),
    (
        "E10",
        "The audit cannot be written: no room, a folder that is not writable",
        "Served and counted, with an error in the log; or, where the operator says so, 503 to every change",
        &[
            "it/audit.rs::e10_*",
            "server/src/audit/tests.rs::e10_*",
            "server/src/audit/tampering.rs::e10_*",
        ],
    ),
    (
        "E11",
        "Secrets in requests that are recorded: headers, presigned queries, passwords and tokens as parameters",
        "No record, no explanation and no text of an error holds one, whatever its spelling and its encoding",
        &[
            "it/audit.rs::s07_no_secret_of_any_operation_is_in_the_audit_or_in_explain",
            "it/basic.rs::neither_the_password_nor_its_header_is_in_the_audit",
            "server/src/audit/redact.rs::a_secret_is_found_in_every_case_encoding_and_separator",
            "server/src/audit/redact.rs::a_query_in_the_place_of_the_path_is_not_recorded",
            "control/src/wire/tests.rs::s07_a_refusal_repeats_no_sensitive_member",
            "sigv4/tests/it/bodies.rs::what_is_logged_of_a_form_with_a_query_does_not_repeat_the_query",
            "it/audit_sinks.rs::e11_*",
        ],
    ),
    (
        "E12",
        "Line ends, JSON and terminal sequences in names, paths and user agents",
        "One line a record, escaped; `explain` shows control characters as escapes",
        &["it/audit.rs::e12_*", "server/src/audit/tests.rs::e12_*", "it/audit_sinks.rs::e11_*"],
    ),
    (
        "E13",
        "Records of denied requests that lack what those of allowed ones have",
        "One schema",
        &["it/audit.rs::e13_*", "it/audit_sinks.rs::e11_*"],
    ),
    (
        "E14",
        "A bulk of 10,000 items on three indices",
        "The three are listed, each once; the record is bounded",
        &["it/audit.rs::e14_*"],
    ),
    (
        "E15",
        "A file of settings with faults",
        "`config validate` tells every fault with its file and line and does not exit with 0; a running service that reads it keeps all that it had",
        &[
            "countersign/tests/it/serve.rs::e15_validate_tells_every_fault_and_is_not_0",
            "countersign/tests/it/operator.rs::sighup_reads_the_settings_again_and_a_fault_leaves_the_old_ones",
            "server/tests/it/reread.rs::a_certificate_that_is_none_leaves_the_old_one",
            "server/tests/it/reread.rs::a_service_control_policy_that_is_none_leaves_everything_as_it_was",
        ],
    ),
    (
        "E16",
        "Secrets in a backup; a hostile archive is imported",
        "In a copy of the data folder and in an exported state every secret is sealed, and the sealing key is a file of its own; a state that was cut or changed is refused; a repository of snapshots whose files were changed is refused",
        &[
            "control/tests/it/store.rs::no_secret_and_no_token_is_in_the_store",
            "control/tests/it/store.rs::another_sealing_key_opens_nothing",
            "engine/tests/it/life/snapshots.rs::e16_a_file_that_is_torn_longer_flipped_or_missing_is_refused",
            "engine/tests/it/life/snapshots.rs::what_is_told_of_a_damaged_repository_names_no_folder",
        ],
    ),
    (
        "E17",
        "A snapshot repository outside its folder, or at an address of the cloud's metadata",
        "a location outside the domain's own folder is refused in Elasticsearch's words; a repository in S3 is in the buckets that the operator lets the domain use",
        &["engine/tests/it/life/snapshots.rs::e17_a_repository_is_checked_when_it_is_put"],
    ),
    (
        "E18",
        "Two administrators change one policy at the same time",
        "The APIs have no version to compare, as at Amazon: each change is whole, and the last one stays; of a managed policy both are kept as versions, one in force",
        &[
            "control/tests/it/policies.rs::e18_of_two_who_change_one_policy_neither_leaves_half_of_it",
        ],
    ),
    (
        "E19",
        "The data folder is read by another user of the host",
        "Folders are 0700, files 0600, whatever they were before; another user's folder is refused",
        &[
            "it/private.rs::e19_*",
            "server/src/service/folder.rs::e19_*",
            "server/src/audit/tests.rs::s21_every_file_of_the_audit_is_its_owners_alone",
        ],
    ),
    (
        "E20",
        "A caller of another account, denied at a domain, asks why",
        "It sees the part about its own policies, and of the domain's only the text of the denial; the owner sees everything, others nothing",
        &["it/audit.rs::e20_*", "server/src/audit/view.rs::s9_*"],
    ),
    (
        "E21",
        "Explanations of unknown ids, many at once, while the audit is large",
        "Text that is not an id is not looked up; an index is read instead of the files, two lookups at once",
        &["it/audit.rs::e21_*", "server/src/audit/index.rs::s10_*"],
    ),
    (
        "E22",
        "Unauthenticated callers fill the audit to push out other records",
        "Theirs are kept apart, a part of them written and the rest counted; memory is bounded by bytes",
        &[
            "it/audit.rs::e22_*",
            "server/src/audit/tests.rs::s11_*",
            "server/src/audit/sample.rs::s11_*",
            "server/src/audit/ring.rs::s20_*",
        ],
    ),
    (
        "E23",
        "A clone of an account, made for a test, is used to reach the account, or the account's keys to reach the clone; a service that is no test's is asked for one",
        "The clone is another account: number, keys, secrets and ids of its own, and policies that name them; only `dev` makes clones, and none is left after a restart",
        &[
            "control/tests/it/clones.rs::e23_what_is_done_in_a_clone_is_not_done_in_the_account",
            "control/tests/it/clones.rs::*",
            "it/clones.rs::*",
        ],
    ),
    (
        "E24",
        "Authorization ids are guessed, or another account's are asked about; the texts of policies are altered, or filled up by strangers",
        "Needs a permission in the account of the record; what is another's, what was never denied and what is not there read the same. A text that is not what the record's digest says is none; anonymous requests keep none, and all together are bounded",
        &[
            "it/repair.rs::e24_*",
            "server/src/audit/policies.rs::e24_*",
            "server/src/audit/view.rs::e24_*",
        ],
    ),
];
