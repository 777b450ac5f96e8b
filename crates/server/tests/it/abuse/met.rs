//! What real clients met at the control plane: each kind of input that once failed, what is answered now, and the tests that hold
//! it. The page `docs/reference/what-clients-met.md` is made from these rows; a test that is named and does not exist fails
//! the suite.

/// Who met it, the input, what is answered, tests as in the abuse cases.
pub(super) type Met = (&'static str, &'static str, &'static str, &'static [&'static str]);

// long: one row for each kind
pub(super) const ROWS: &[Met] = &[
    (
        "Ansible's second run",
        "`AutoTuneOptions` of a configuration without `MaintenanceSchedules`, `RollbackOnDisable`, `UseOffPeakWindow`",
        "There, and what the caller sets is kept",
        &[
            "control/tests/it/amazons_refusals.rs::what_amazon_always_sends_is_there",
            "control/tests/it/members.rs::every_member_of_a_domain_is_done_kept_or_refused_as_its_table_says",
        ],
    ),
    (
        "Terraform, Cloud Custodian",
        "Members of a status that Amazon always sends; the state of the access policy; a dry run",
        "There; a policy's state counts; a dry run says what the change would be",
        &[
            "control/tests/it/amazons_refusals.rs::what_amazon_always_sends_is_there",
            "control/tests/it/amazons_refusals.rs::a_changed_access_policy_has_a_state_of_its_own",
            "control/tests/it/amazons_refusals.rs::a_verbose_dry_run_can_be_asked_for_again_and_changes_no_option",
            "control/tests/it/domains.rs::a_dry_run_changes_nothing",
        ],
    ),
    (
        "Terraform's and Ansible's deletion of users and domains",
        "Listings of what cannot exist here (SSH keys, certificates, connections, reserved instances …)",
        "Empty lists, or what there is where it is built",
        &[
            "control/tests/it/linked_roles.rs::what_a_user_cannot_have_here_is_an_empty_listing",
            "control/tests/it/domain_care.rs::what_there_cannot_be_is_listed_as_nothing",
            "control/tests/it/kept_credentials.rs::*",
        ],
    ),
    (
        "Examples of domains in a VPC",
        "`CreateServiceLinkedRole opensearchservice.amazonaws.com`, twice",
        "Made under `/aws-service-role/`; the second time Amazon's `has been taken in this account`",
        &["control/tests/it/linked_roles.rs::the_role_of_opensearch_is_made_once"],
    ),
    (
        "Terraform, an upgrade in place",
        "`GetCompatibleVersions`, `UpgradeDomain` with its history and status",
        "Amazon's paths in ascending order, each of which can be gone; the domain behaves like its new version",
        &[
            "control/tests/it/domain_words.rs::a_domain_tells_its_own_upgrade_paths",
            "control/tests/it/domain_care.rs::every_offered_path_can_be_gone",
            "control/tests/it/domain_care.rs::an_upgrade_changes_the_version_and_is_told_afterwards",
            "server/tests/it/domain_options.rs::an_upgraded_domain_behaves_like_its_new_version_when_the_reply_is_read",
        ],
    ),
    (
        "terraform-aws-modules/opensearch, cloudposse/elasticsearch, CDK's `Domain`",
        "Their default arguments",
        "Accepted and shown as sent; CDK's flag for a standby needs three zones, as at Amazon",
        &[
            "control/tests/it/domain_words.rs::what_modules_and_constructs_send_by_default_is_accepted_and_shown_as_sent",
            "control/tests/it/domain_words.rs::a_standby_without_three_zones_is_refused_in_amazons_words",
        ],
    ),
    (
        "A compliance rule",
        "`Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08`",
        "Refused by name; the policies that are taken are kept by the listener",
        &[
            "control/tests/it/amazons_refusals.rs::numbers_that_no_domain_can_have_are_refused",
            "server/tests/it/tls.rs::a_domains_tls_policy_says_which_versions_are_spoken_from_the_next_handshake_on",
        ],
    ),
    (
        "All",
        "Values that were taken and dropped: unknown and impossible `AdvancedOptions`, hours, counts, volumes, zones, reserved \
         tags, encryption switched off again, `AIMLOptions`, `dualstack`, warm and cold storage, a master user",
        "Done, kept because it tunes Amazon's fleet, or refused; `EnforceHTTPS: false` is shown as set",
        &[
            "control/tests/it/amazons_refusals.rs::numbers_that_no_domain_can_have_are_refused",
            "control/tests/it/amazons_refusals.rs::encryption_is_not_switched_off_again",
            "control/tests/it/domain_words.rs::whether_https_is_enforced_is_shown_as_set_and_older_tls_policies_are_taken",
            "server/tests/it/domain_options.rs::an_option_that_there_is_not_is_a_validation_exception_and_changes_nothing",
            "server/tests/it/explicit_index.rs::no_body_names_an_index_where_the_domain_forbids_it",
        ],
    ),
    (
        "All",
        "Members that newer models have (`EngineMode`, `UseCase`, `MinimumSessionTokenSize`)",
        "Every optional member of every built operation is done, kept or refused; the models are as new as the botocore that judges",
        &[
            "control/tests/it/members.rs::every_member_of_a_domain_is_done_kept_or_refused_as_its_table_says",
            "control/tests/it/members.rs::every_member_of_the_other_operations_makes_a_difference_or_is_refused_by_name",
            "control/tests/it/members.rs::the_models_are_at_least_as_new_as_the_botocore_that_judges",
        ],
    ),
    (
        "Terraform",
        "A domain's policy without `Resource`",
        "The domain's ARN is filled in",
        &[
            "control/tests/it/amazons_refusals.rs::a_domain_policy_without_resource_is_about_the_domain",
        ],
    ),
    (
        "cloudsplaining, moto",
        "Policies that Amazon refuses: empty lists, two colons, a region in an ARN, another action in a trust policy, one too long",
        "`MalformedPolicyDocument` in Amazon's words; what more is known stands behind them",
        &[
            "control/tests/it/amazons_refusals.rs::policies_that_amazon_refuses_are_refused_in_its_words",
            "control/tests/it/amazons_refusals.rs::a_trust_policy_is_about_assuming_the_role_alone",
            "control/tests/it/policies.rs::a_trust_policy_has_its_own_limit",
            "control/tests/it/policy_words.rs::*",
        ],
    ),
    (
        "moto",
        "ARNs that are none, in `Attach…Policy` and `AssumeRole`",
        "400 in Amazon's words",
        &["control/tests/it/amazons_refusals.rs::an_arn_that_is_none_is_told_as_such"],
    ),
    (
        "moto, Terraform",
        "Small shapes of replies: packed sizes, durations, tags, QR codes, the account's summary, an engine that there is not",
        "As Amazon's; for an unknown engine the model's own validation error (`EngineTypeNotFoundException` is in no model of Amazon's)",
        &[
            "control/tests/it/amazons_refusals.rs::what_replies_hold_and_leave_out_is_as_amazons",
            "control/src/wire/tests.rs::broken_constraints_are_told_in_amazons_words",
            "control/tests/it/sessions.rs::the_packed_size_counts_policies_and_tags",
            "control/tests/it/domain_words.rs::a_name_is_taken_while_its_domain_is_being_deleted",
        ],
    ),
    (
        "cloudsplaining",
        "What a simulation tells: types, places of statements, each side's decision, the organization's",
        "There",
        &[
            "control/tests/it/simulate.rs::results_say_where_the_statement_stands_and_what_each_side_decided",
            "control/tests/it/simulate.rs::what_bounds_is_told_also_where_the_policy_itself_denies",
        ],
    ),
    (
        "moto",
        "`AssumeRoleWithSAML` with a response that nobody signed",
        "Refused, and the reason is in `explain`",
        &[
            "control/tests/it/saml.rs::no_wrapping_of_a_signed_assertion_is_taken",
            "control/tests/it/saml.rs::a_response_that_nobody_signed_is_refused_and_the_reason_says_so",
        ],
    ),
    (
        "Terraform, moto",
        "Managed policies of Amazon's that people attach",
        "Exist, in our own text",
        &[
            "control/tests/it/linked_roles.rs::the_policies_that_people_attach_exist_and_can_be_attached",
        ],
    ),
    (
        "Stacks that trust a vendor",
        "A trust policy that names an account that is not here",
        "A setting, on in `dev`: an account that nobody can be",
        &["control/tests/it/foreign_accounts.rs::*"],
    ),
    (
        "People",
        "A domain's policy that is refused with `Error setting policy` and no reason",
        "Amazon's text; the reason in `explain` and in the audit",
        &[
            "server/tests/it/audit.rs::why_a_policy_was_refused_stands_in_the_record_and_in_explain",
            "server/tests/it/amazons_words.rs::a_policy_that_names_nobody_is_repeated",
        ],
    ),
    (
        "All",
        "A call that is refused however late",
        "Nothing of it stays: after each of the calls that the suite of the control plane has refused the state is asked",
        &[
            "control/tests/it/members.rs::every_member_of_the_other_operations_makes_a_difference_or_is_refused_by_name",
            "control/tests/it/packages.rs::several_packages_are_associated_at_once_or_none",
            "control/tests/it/access_keys.rs::the_last_key_of_root_stays",
        ],
    ),
    (
        "People",
        "The exported endpoint after a second domain is made and the service restarts",
        "`dev`, or the oldest domain",
        &[
            "countersign/tests/it/words.rs::the_exported_endpoint_is_of_dev_or_of_the_oldest_domain",
            "server/src/service/start.rs::everyday_work_is_with_dev_then_with_the_accounts_oldest_domain",
        ],
    ),
    (
        "Clients that add the port",
        "A domain on port 443",
        "`Endpoint` is a name without a port, and both forms of the host reach it",
        &[
            "server/src/service/domains.rs::an_endpoint_on_443_is_a_name_without_a_port",
            "control/tests/it/domain_words.rs::a_domain_is_found_by_its_host_with_or_without_the_port_of_https",
        ],
    ),
    (
        "`aws s3 ls` with the service's environment",
        "A signature for another service",
        "Which services are served here, and the variables that send each to its endpoint",
        &["server/tests/it/amazons_words.rs::another_service_in_the_scope_is_named"],
    ),
    (
        "An attacker",
        "One-time codes and old passwords guessed without end",
        "Five, then a lock that doubles, in the store and before the code is computed",
        &[
            "control/tests/it/mfa.rs::after_five_wrong_codes_the_right_one_waits_thirty_seconds",
            "control/tests/it/mfa.rs::each_wrong_code_after_the_fifth_doubles_the_wait_and_a_right_one_ends_the_count",
            "control/tests/it/mfa.rs::pairs_of_codes_are_not_guessed_either",
            "control/tests/it/passwords.rs::old_passwords_are_guessed_five_times_and_then_wait",
        ],
    ),
    (
        "An attacker",
        "Passwords and tokens in the query of an operation",
        "In no record, no explanation, no text of an error",
        &["server/tests/it/audit.rs::s07_no_secret_of_any_operation_is_in_the_audit_or_in_explain"],
    ),
    (
        "An attacker",
        "`UpdateUser` and `UpdateGroup` with `NewPath` alone",
        "Asked on the old ARN and on the new one",
        &[
            "control/tests/it/resources.rs::moving_a_user_or_a_group_asks_on_the_old_and_on_the_new_arn",
            "control/tests/it/resources.rs::a_user_does_not_move_itself_to_where_it_has_more_rights",
        ],
    ),
    (
        "An attacker",
        "A trust policy that is withdrawn while a provider answers slowly",
        "Judged again on what is in force when the session is made",
        &["control/tests/it/judged_again.rs::*"],
    ),
    (
        "An attacker",
        "Another account's managed policy as a boundary; `CreateAccessKey` for another user",
        "As one that does not exist; asked on the user that is named",
        &[
            "control/tests/it/identities.rs::another_accounts_policy_reads_like_one_that_does_not_exist",
            "control/tests/it/policies.rs::a_boundary_must_be_a_policy_that_exists",
            "control/tests/it/resources.rs::a_key_made_for_another_user_is_asked_on_that_user",
        ],
    ),
];
