//! Abuse cases, group C, identities, sessions and policies.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[
    (
        "C1",
        "An explicit Deny in any one policy with Allow in all the rest",
        "Denied, whatever the other policies say; the evaluator and the literal reading of the documents agree",
        &[
            "policy/src/evaluate/tests.rs::c01_whatever_the_other_policies_say_one_deny_denies",
            "policy/src/differential/mod.rs::adding_a_deny_statement_never_allows",
            "policy/src/differential/mod.rs::the_evaluator_agrees_with_the_literal_reading_of_the_documents",
        ],
    ),
    (
        "C2",
        "A session policy tries to widen the role",
        "The intersection counts",
        &[
            "control/tests/it/sessions.rs::c02_a_session_policy_only_narrows",
            "control/tests/it/sessions.rs::session_policies_by_text_and_by_arn_add_up_and_stay_within_the_role",
            "policy/src/differential/mod.rs::a_boundary_a_session_policy_and_a_level_of_control_policies_only_shrink",
        ],
    ),
    (
        "C3",
        "A narrowed session makes an access key, a user or a policy for itself; a child session wider than its user",
        "Only with an Allow that survives every limit; a child has no more rights than its parent",
        &[
            "control/tests/it/escalation.rs::c03_*",
            "control/tests/it/sessions.rs::a_federated_user_has_only_what_its_session_policy_and_the_user_share",
        ],
    ),
    (
        "C4",
        "Every operation called by a user who has every other right",
        "Denied, each of them; there is no `ImportIAM`",
        &[
            "control/tests/it/escalation.rs::c04_every_other_right_together_is_not_the_right_that_an_operation_asks_for",
            "control/tests/it/identities.rs::every_operation_that_needs_permission_is_denied_without_one",
            "control/tests/it/resources.rs::every_operation_is_asked_on_the_kinds_of_resources_that_amazon_names",
        ],
    ),
    (
        "C5",
        "A key or session is made, then the role reduced or the user deleted or disabled; then used, also to make another",
        "Denied at the next request, also where the call waits for its turn already",
        &[
            "control/tests/it/sessions.rs::c05_deleting_or_disabling_a_key_holds_at_once",
            "control/tests/it/sessions.rs::deleting_the_user_ends_its_sessions",
            "control/tests/it/sessions.rs::detaching_a_policy_holds_at_once_for_sessions_that_live",
            "control/tests/it/judged_again.rs::a_*",
            "it/workloads.rs::what_was_revoked_is_not_handed_out_again",
        ],
    ),
    (
        "C6",
        "`AssumeRole` without trust, with a wrong external id, for everybody without a condition, without the second factor, \
         too long, chained, under an impossible name; the second factor guessed; the trust withdrawn meanwhile",
        "Denied, or a validation error; five wrong codes lock the device; a withdrawal in the meantime counts",
        &[
            "control/tests/it/sessions.rs::the_trust_matrix",
            "control/tests/it/sessions.rs::an_external_id_is_asked_for",
            "control/tests/it/sessions.rs::durations_are_bounded_by_the_role_and_by_chaining",
            "control/tests/it/sessions.rs::a_chained_session_lives_an_hour_and_no_longer",
            "control/tests/it/escalation.rs::c06_a_session_name_that_is_none_is_refused_before_anything_is_asked",
            "control/tests/it/mfa.rs::a_role_can_ask_for_a_second_factor",
            "control/tests/it/mfa.rs::after_five_wrong_codes_the_right_one_waits_thirty_seconds",
            "control/tests/it/mfa.rs::pairs_of_codes_are_not_guessed_either",
            "control/tests/it/mfa.rs::a_restart_forgets_no_wrong_code",
            "it/web_identity.rs::a_trust_withdrawn_while_the_provider_answers_gives_no_credentials",
        ],
    ),
    (
        "C7",
        "Gaining rights through `PassRole`, attaching to oneself, a new default version, removing a boundary, moving oneself to \
         another path, another account's policy as boundary",
        "Denied without the right to each thing that is touched; a boundary also limits what its holder creates",
        &[
            "control/tests/it/escalation.rs::c07_*",
            "control/tests/it/resources.rs::moving_a_user_or_a_group_asks_on_the_old_and_on_the_new_arn",
            "control/tests/it/resources.rs::a_user_does_not_move_itself_to_where_it_has_more_rights",
            "control/tests/it/resources.rs::a_key_made_for_another_user_is_asked_on_that_user",
            "control/tests/it/identities.rs::a_role_in_an_instance_profile_is_passed",
            "control/tests/it/identities.rs::another_accounts_policy_reads_like_one_that_does_not_exist",
        ],
    ),
    (
        "C8",
        "Wildcards: in services and actions, in other case, `*` over `/`, `?` on characters of many bytes, ten thousand stars",
        "They match what Amazon's match, in linear time",
        &[
            "policy/src/pattern.rs::c08_a_star_spans_slashes_and_colons_and_nothing_at_all",
            "policy/src/pattern.rs::a_question_mark_is_one_character_however_many_bytes",
            "policy/src/pattern.rs::ten_thousand_stars_are_answered_at_once",
            "policy/src/pattern.rs::a_pattern_agrees_with_the_textbook_recursion",
            "policy/src/action.rs::action_names_compare_without_case",
            "policy/src/resource.rs::a_wildcard_stays_in_its_segment_but_spans_all_of_the_last",
        ],
    ),
    (
        "C9",
        "`NotAction`, `NotResource`, `NotPrincipal` with Allow",
        "As Amazon; `NotPrincipal` in a domain's policy is refused when it is set",
        &[
            "policy/src/parse/tests.rs::c09_each_kind_of_policy_forbids_what_is_not_its_own",
            "policy/tests/it/corpus.rs::every_case_of_the_corpus_is_decided_for_its_reasons",
            "policy/src/differential/mod.rs::the_evaluator_agrees_with_the_literal_reading_of_the_documents",
        ],
    ),
    (
        "C10",
        "Conditions: absent keys, `ForAllValues` of nothing, `Null`, many values, numbers and dates that overflow, bad CIDR",
        "As the literal reading; a condition that makes no sense never matches, and is refused when it is set",
        &[
            "policy/src/parse/tests.rs::c10_every_malformed_condition_is_refused",
            "policy/src/condition/numeric.rs::what_is_no_number_or_too_large_is_none",
            "policy/src/condition/date.rs::what_is_no_date_is_none",
            "policy/src/condition/ip.rs::what_is_no_address_is_none",
            "policy/src/condition/ip.rs::a_range_holds_its_addresses_and_no_other_family",
            "policy/src/differential/mod.rs::the_evaluator_agrees_with_the_literal_reading_of_the_documents",
        ],
    ),
    (
        "C11",
        "Values of conditions from the request's own bytes: headers called like context keys, wildcards in a user's name; \
         another account's tags; one's own tags avoided by naming no user",
        "Values come from the verified identity alone; what is put in for a variable is literal; tags are the touched thing's",
        &[
            "policy/src/pattern.rs::c11_a_substituted_value_is_literal",
            "policy/src/variables.rs::a_variable_is_found_whatever_its_case_and_only_when_it_has_one_value",
            "it/forwarded.rs::forwarded_addresses_are_not_believed",
            "control/tests/it/identities.rs::tags_of_another_accounts_things_decide_nothing_here",
            "control/tests/it/resources.rs::whoever_names_no_user_is_judged_by_its_own_tags",
        ],
    ),
    (
        "C12",
        "Look-alike names, composed and decomposed letters, case folding beyond ASCII",
        "Bytes are compared; only ASCII letters fold where Amazon folds",
        &[
            "policy/src/pattern.rs::c12_folding_is_for_ascii_letters_only",
            "control/tests/it/identities.rs::names_are_unique_whatever_their_case",
        ],
    ),
    (
        "C13",
        "Duplicate keys in a policy, text after it, comments, a byte order mark, five megabytes, ten thousand levels",
        "Refused when it is set, where it goes wrong",
        &[
            "policy/src/json.rs::c13_each_departure_from_strict_json_is_refused_where_it_stands",
            "policy/src/json.rs::ten_thousand_levels_of_nesting_are_refused_without_recursing_into_them",
            "policy/src/parse/tests.rs::a_policy_of_five_megabytes_is_refused_for_its_size",
            "policy/src/parse/tests.rs::no_text_makes_the_reader_panic",
        ],
    ),
    (
        "C14",
        "An unknown version, element or operator; an unknown action or context key",
        "The first three are refused when they are set; the last two match nothing, and `policy lint` names them",
        &[
            "policy/src/parse/tests.rs::c14_a_document_that_is_no_policy_is_refused_where_it_goes_wrong",
            "policy/src/parse/tests.rs::every_malformed_element_of_a_statement_is_refused",
            "policy/src/lint/tests.rs::*",
        ],
    ),
    (
        "C15",
        "A policy is replaced while requests run",
        "Each is judged on one version; after the acknowledgement none sees the old one, the control plane's own included",
        &[
            "it/story.rs::a_policy_change_is_enforced_when_it_is_acknowledged",
            "it/outlived.rs::c15_*",
            "it/story.rs::what_is_acknowledged_while_a_body_comes_in_holds_for_its_request",
            "control/tests/it/judged_again.rs::a_change_that_waited_is_denied_by_what_was_denied_meanwhile",
        ],
    ),
    (
        "C16",
        "A principal of one account at another's resource, where only one side allows",
        "Denied",
        &[
            "control/tests/it/escalation.rs::c16_across_accounts_one_side_alone_allows_nothing",
            "control/tests/it/identities.rs::nobody_reaches_into_another_account",
            "it/authz.rs::the_authorization_matrix_is_as_reviewed",
        ],
    ),
    (
        "C17",
        "A user or role is deleted and made again under its name; old sessions, old names in policies",
        "Old sessions are dead, policies name the unique id of the deleted principal",
        &[
            "control/tests/it/sessions.rs::c17_deleting_the_role_ends_its_sessions_and_a_new_role_does_not_revive_them",
            "control/tests/it/sessions.rs::a_federated_session_ends_with_its_user_and_a_new_user_does_not_revive_it",
            "control/tests/it/domains.rs::a_deleted_principal_stands_in_policies_by_its_id_and_a_new_one_is_another",
        ],
    ),
    (
        "C18",
        "The first credential is a default, or shown where others see it",
        "There is no default; keys are in files of mode 0600 and printed to a terminal only",
        &[
            "countersign/tests/it/dev.rs::c18_the_environment_files_are_private_and_complete",
            "countersign/tests/it/dev.rs::it_ends_its_greeting_with_ready_and_shows_no_secret_to_a_pipe",
            "countersign/tests/it/serve.rs::serve_makes_its_accounts_with_their_root_keys_and_nothing_else",
        ],
    ),
    (
        "C19",
        "A session that ended, asked for again after others were issued",
        "`expired`, however long ago; a revoked one is unknown until its end",
        &[
            "control/tests/it/sessions.rs::c19_a_session_that_ended_is_expired_for_days_although_its_record_is_gone",
            "control/tests/it/sessions.rs::an_end_is_told_to_who_holds_the_very_token_and_key_id_and_to_nobody_else",
            "control/tests/it/sessions.rs::a_session_that_was_revoked_is_unknown_until_its_end_and_then_expired",
        ],
    ),
    (
        "C20",
        "An access policy lets everybody in; a caller of another account, or from a network whose endpoint allows less, comes",
        "Denied by the resource control policy or the endpoint's policy, which no policy of an account can lift; both are named",
        &[
            "server/tests/it/reread.rs::c20_resource_control_policies_hold_from_the_reading_on_for_domains_too",
            "server/tests/it/vpc.rs::what_comes_from_a_network_its_endpoints_policy_must_allow",
            "control/tests/it/resource_control.rs::a_resource_control_policy_guards_roles_in_sts_and_nothing_of_iam",
        ],
    ),
];
