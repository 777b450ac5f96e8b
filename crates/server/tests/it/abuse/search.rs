//! Abuse cases, group D, authorization of searches, documents and fields.
//!
//! Documents and fields are conditions of policies; masks of values are not built. The cases about them say so.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[
    (
        "D1",
        "lines of `_bulk` that name a denied index, however they write it",
        "judged by the parser that executes: 403 for the item, the others run, nothing is written",
        &[
            "it/strict.rs::d1_*",
            "server/src/targets/tests.rs::bulk_asks_for_every_item_as_if_its_url_had_named_the_index",
            "engine/src/rest/bulk/tests.rs::duplicate_keys_in_an_action_line_refuse_the_request",
            "it/authz.rs::the_authorization_matrix_is_as_reviewed",
        ],
    ),
    (
        "D2",
        "`_mget`, `_mtermvectors`, `_msearch` with a denied index in an item",
        "403 for the item, the others run; templates are rendered before they are judged (D9)",
        &[
            "server/src/targets/tests.rs::d2_mget_and_msearch_ask_item_by_item",
            "engine/tests/it/view.rs::denied_items_answer_403_and_the_others_run",
            "it/races.rs::one_search_of_many_that_is_not_built_fails_alone",
        ],
    ),
    (
        "D3",
        "`_all`, `*`, exclusions, date math, `expand_wildcards` over a denied index",
        "resolved to indices first: left out under a pattern, 403 when named",
        &[
            "server/src/targets/tests.rs::d3_a_denied_index_is_left_out_under_patterns_and_refused_when_named",
            "server/src/targets/tests.rs::date_math_is_asked_about_by_the_name_it_stands_for",
            "it/names.rs::d15_d22_*",
        ],
    ),
    (
        "D4",
        "a deny on `…/x/*` only, then `DELETE /x`",
        "deletes, as at Amazon; `policy lint` warns",
        &[
            "it/strict.rs::d4_*",
            "policy/src/lint/tests.rs::a_deny_of_an_indexs_paths_leaves_the_index_open",
        ],
    ),
    (
        "D5",
        "aliases of a denied index; making one, in a body, under a pattern, with a new index",
        "asked for the alias and every index behind it; making one asks for both ends and for the alias's own name",
        &[
            "server/src/targets/tests.rs::aliases_ask_for_themselves_and_for_what_is_behind_them",
            "server/src/targets/tests.rs::alias_actions_ask_for_each_index_and_alias_and_are_all_or_nothing",
            "server/src/targets/tests.rs::an_alias_is_not_made_under_a_name_that_is_denied",
            "server/src/targets/tests.rs::an_action_on_one_index_carries_no_other_action",
            "it/strict.rs::d5_*",
        ],
    ),
    (
        "D6",
        "data streams and their backing indices",
        "the stream is asked about, and each index behind it, those too that a write or a rollover would make",
        &[
            "it/strict.rs::a_data_stream_*",
            "server/src/targets/tests.rs::d6_a_data_stream_asks_for_itself_and_for_the_indices_behind_it",
        ],
    ),
    (
        "D7",
        "copies on the server: `_reindex`, clone, split, shrink, snapshots; by-query writes",
        "a copy asks for each index that it reads and for the one that it writes; a snapshot and a restore ask for each index by the name it had and the one it gets; by-query writes ask for each index",
        &[
            "it/strict.rs::d7_*",
            "server/src/targets/tests.rs::an_api_that_is_not_built_is_asked_about_by_its_url_alone",
        ],
    ),
    (
        "D8",
        "documents that a query looks up in a denied index",
        "asked for wherever a body has one, also where the engine would not follow it",
        &["server/src/targets/tests.rs::d8_lookups_are_asked_about_and_grant_no_search"],
    ),
    (
        "D9",
        "search templates and stored scripts that make a forbidden search",
        "a template is rendered before it is judged, by the parser that reads bodies: what is judged is what is executed",
        &["it/strict.rs::d9_*"],
    ),
    (
        "D10",
        "another's scroll, a forged id",
        "404: bound to the principal's unique id and the session, 24 random bytes",
        &[
            "it/cursors.rs::another_session_of_the_same_role_does_not_continue_a_scroll",
            "it/strict.rs::d10_*",
            "engine/tests/it/view.rs::a_scroll_is_its_openers_alone",
            "engine/src/search/cursors.rs::the_sessions_of_one_principal_have_one_share_and_not_each_others_cursors",
        ],
    ),
    (
        "D11",
        "others' headers and tasks in the tasks API",
        "a running task keeps one header, `X-Opaque-Id`, until its result is forgotten; a task, the header with it, and the result of one that ended are told to the session that began it, to the root of the domain's account, and to those of that account who may delete the domain: nobody else",
        &[
            "engine/src/cluster/tasks/mod.rs::d11_many_results_of_one_owner_push_out_nobody_elses",
            "server/tests/it/tasks.rs::a_task_goes_on_when_its_request_is_answered_and_belongs_to_its_principal",
        ],
    ),
    (
        "D12",
        "an answer kept for one caller and given to another",
        "no answer is kept; each search runs on the caller's own indices",
        &["it/strict.rs::d12_*"],
    ),
    (
        "D13",
        "aggregations that count what is hidden",
        "they run over the documents that the caller may see",
        &[
            "it/strict.rs::d13_*",
            "it/documents/matrix.rs::a_restricted_caller_reads_what_anybody_reads_of_an_index_with_nothing_else",
            "it/documents/matrix.rs::roles_show_what_policies_that_say_the_same_show",
        ],
    ),
    (
        "D14",
        "suggesters, `_terms_enum`, `profile`, `explain`, `_validate` that rewrites",
        "suggestions and statistics of terms are refused (501) where documents are hidden; the others tell of visible documents and fields, or are not built",
        &[
            "it/documents/matrix.rs::a_restricted_caller_reads_what_anybody_reads_of_an_index_with_nothing_else",
            "engine/src/restriction/tests.rs::d14_terms_of_documents_that_a_view_does_not_show_are_not_told",
        ],
    ),
    (
        "D15",
        "scores and totals as an oracle of hidden terms",
        "statistics are of each index by itself: an answer is the same with and without a hidden index, scores included",
        &["it/names.rs::d15_d22_*"],
    ),
    (
        "D16",
        "an excluded field by another way",
        "not mapped for the caller, and neither is what its values are copied to",
        &[
            "it/documents/matrix.rs::a_restricted_caller_reads_what_anybody_reads_of_an_index_with_nothing_else",
            "it/documents/mod.rs::d16_a_field_that_is_denied_is_nowhere_and_neither_is_what_it_is_copied_to",
        ],
    ),
    (
        "D17",
        "a masked field by range, sort or aggregation",
        "not mapped for who reads it masked; only documents show its other value",
        &[
            "it/roles/mod.rs::d17_fields_that_are_excluded_are_nowhere_and_masked_ones_show_another_value",
        ],
    ),
    (
        "D18",
        "several statements with and without restrictions on documents and fields",
        "union of the allows, minus the denies, as the literal evaluator reads them; a field that not every visible document shows is not shown",
        &[
            "policy/src/differential/mod.rs::d18_what_is_left_over_documents_and_fields_agrees_with_the_literal_reading",
            "it/documents/mod.rs::a_field_of_some_documents_is_shown_where_all_that_exist_show_it",
            "policy/src/roles/tests.rs::queries_of_several_roles_are_one_or_another_and_a_role_without_one_lifts_none",
        ],
    ),
    (
        "D19",
        "variables in a condition on documents",
        "compared as text with the value, never part of a query; without a value they equal nothing",
        &[
            "it/documents/mod.rs::d19_a_variable_in_a_condition_is_the_callers_own",
            "policy/src/roles/tests.rs::values_in_a_document_query_are_no_json",
            "policy/src/roles/tests.rs::a_query_without_its_values_shows_nothing_and_says_why",
            "it/roles/mod.rs::a_query_that_cannot_be_asked_denies_the_index_and_says_why",
        ],
    ),
    (
        "D20",
        "writes that find out about documents that may not be seen",
        "403: what is hidden is neither replaced nor deleted; that an id is taken is told, as in Elasticsearch",
        &[
            "it/documents/mod.rs::d20_a_document_is_written_whole_and_over_what_shows_whole_or_not_at_all",
            "it/documents/mod.rs::a_document_with_a_field_that_its_writer_may_not_see_is_neither_written_nor_replaced",
            "it/roles/mod.rs::documents_of_the_query_are_there_and_the_others_are_not",
        ],
    ),
    (
        "D21",
        "a read right after a write that goes around a filter",
        "where documents are filtered, a read by id is a search for it",
        &[
            "engine/src/restriction/tests.rs::d21_a_document_is_found_again_once_it_is_shown_and_refreshed",
            "it/documents/matrix.rs::a_restricted_caller_reads_what_anybody_reads_of_an_index_with_nothing_else",
        ],
    ),
    (
        "D22",
        "a denied index and a missing one told apart by status or body",
        "answered alike by every built API with every option",
        &["it/names.rs::d15_d22_*"],
    ),
    (
        "D23",
        "names in listings: `_cat`, `_stats`, `_resolve`, `_field_caps`, `_alias`, settings",
        "left out",
        &[
            "it/names.rs::d23_no_listing_names_a_hidden_index",
            "engine/tests/it/view.rs::no_api_shows_or_changes_an_index_that_the_view_does_not_hold",
            "engine/tests/it/view.rs::a_listing_under_a_pattern_leaves_out_what_the_view_does_not_hold",
        ],
    ),
    (
        "D24",
        "system and security indices",
        "no request of either mode reaches `.opendistro_security` or `.security-*`, by name, alias, pattern, item or lookup, in the engine here or a cluster's (403 `security_exception`), and none makes one, by its name, a pipeline, a script of `_reindex`, a restored snapshot or a stored query of a percolator; in mode `aws` those that are at a cluster already are not looked at (decision 0182); our own users, keys and policies are in a store that no engine opens",
        &["it/strict.rs::d24_*", "it/upstream/mod.rs::d24_*", "it/upstream/streamed.rs::d24_*"],
    ),
    (
        "D25",
        "a write that creates an index of a denied name, `require_alias`",
        "creating asks for the name; a name granted is that name and no alias",
        &[
            "engine/tests/it/view.rs::d25_a_write_creates_only_a_name_that_the_view_holds",
            "it/races.rs::an_alias_made_after_the_judging_leads_no_write_into_an_index_nobody_asked_about",
            "it/names.rs::d15_d22_*",
        ],
    ),
    (
        "D26",
        "an ingest pipeline that changes the index",
        "the pipeline runs before the judging, too: where it sends the document is asked about like an index that was named",
        &["it/strict.rs::d26_*"],
    ),
    (
        "D27",
        "`?index=`, routing, preference, `filter_path`, `error_trace`",
        "unknown ones are refused, the others lead nowhere else; failures are never filtered, there are no traces",
        &["it/strict.rs::d27_*"],
    ),
    (
        "D28",
        "two readings of one JSON: double keys, comments, NaN, other formats",
        "one strict parser for judging and executing; other content types 406",
        &[
            "engine/src/rest/json.rs::d28_duplicate_keys_are_refused_also_when_escaped",
            "engine/src/rest/json.rs::what_is_not_json_is_refused",
            "engine/src/rest/body/tests.rs::a_body_needs_a_content_type_that_is_read_here",
            "engine/src/rest/bulk/tests.rs::duplicate_keys_in_an_action_line_refuse_the_request",
        ],
    ),
    (
        "D29",
        "SQL, PPL, EQL and other query languages",
        "never run: what is known of them answers 501 after authorization by its URL, the rest 403 `unmapped-api`",
        &[
            "it/rest_paths.rs::d29_*",
            "engine/src/rest/router/tests.rs::what_the_table_does_not_know_is_unmapped",
        ],
    ),
    (
        "D30",
        "a path of a plugin or a newer version; a known path with another method; a known API not built",
        "403 `unmapped-api`; 405 with `Allow` after authentication; authorized by its URL, then 501",
        &[
            "it/rest_paths.rs::d30_*",
            "engine/src/rest/router/tests.rs::what_the_table_does_not_know_is_unmapped",
            "engine/src/rest/router/tests.rs::a_known_path_with_another_method_names_the_methods",
            "server/src/targets/tests.rs::an_api_that_is_not_built_is_asked_about_by_its_url_alone",
        ],
    ),
    (
        "D31",
        "names of other clusters",
        "refused: there is no such remote cluster",
        &[
            "engine/src/cluster/names/tests.rs::d31_remote_clusters_and_underscore_names_are_refused",
        ],
    ),
    (
        "D32",
        "scripts",
        "bounded in steps and memory; no file, no network, no class of Java's but the listed ones; nothing but the document they run on, as the view shows it",
        &[
            "it/strict.rs::d32_*",
            "engine/src/script/painless/tests.rs::loops_inside_functions_inside_loops_end_too",
            "engine/src/script/painless/tests.rs::memory_is_bounded",
            "engine/src/script/painless/tests.rs::whatever_is_written_the_script_ends_and_nothing_panics",
        ],
    ),
    (
        "D33",
        "an alias moved, an index made again, between judging and running",
        "runs on the snapshot it was judged on; a name that is an alias by now is refused",
        &[
            "it/races.rs::an_*",
            "it/races.rs::d33_date_math_means_the_same_day_for_the_judging_and_the_running",
            "engine/tests/it/view.rs::an_index_that_was_recreated_since_the_snapshot_is_another_index",
        ],
    ),
    (
        "D34",
        "an id or a path that climbs into another index",
        "an id stays an id; a path that could be read in two ways is refused",
        &[
            "it/strict.rs::d34_*",
            "engine/src/rest/router/tests.rs::ids_keep_their_slashes_and_indices_have_none",
        ],
    ),
    (
        "D35",
        "a cursor after its opener was denied, deleted, narrowed, or its index or domain deleted",
        "403 or 404 from the acknowledgement on; the cursor is freed",
        &[
            "it/cursors.rs::a_*",
            "it/cursors.rs::another_session_of_the_same_role_does_not_continue_a_scroll",
            "it/late.rs::d35_a_deny_on_the_caller_holds_for_a_body_that_was_coming_in",
            "it/late.rs::what_is_acknowledged_while_a_call_waits_for_its_turn_holds_for_it",
        ],
    ),
    (
        "D36",
        "names of hidden indices in refusals and counts",
        "the expression that was asked for",
        &[
            "it/names.rs::d36_a_hidden_index_that_a_pattern_matched_is_not_named_by_the_refusal",
            "it/names.rs::d15_d22_*",
            "engine/src/cluster/names/tests.rs::a_refusal_names_what_was_asked_for_and_never_what_was_found",
        ],
    ),
    (
        "D37",
        "typed paths of 7.x as writes",
        "read as Elasticsearch 7.10 reads them; judged by their own path",
        &["it/rest_paths.rs::d37_*"],
    ),
    (
        "D38",
        "an index in a body of `_bulk`, `_mget` or `_msearch` where `rest.action.multi.allow_explicit_index` is false",
        "400 in both modes, nothing runs; as at Amazon, the option is about these three: `_reindex` names indices in its body",
        &[
            "it/explicit_index.rs::no_body_names_an_index_where_the_domain_forbids_it",
            "it/late.rs::d38_an_option_that_forbids_indices_in_bodies_holds_for_a_body_that_was_coming_in",
            "control/src/es/advanced.rs::an_option_that_promises_protection_is_true_or_false",
        ],
    ),
    (
        "D39",
        "conditions on documents and fields: in sorts, aggregations, highlights, scripts; overlapping allows",
        "what is left of the policies is a view; what cannot be asked exactly is denied, and says why",
        &[
            "it/documents/matrix.rs::a_restricted_caller_reads_what_anybody_reads_of_an_index_with_nothing_else",
            "it/documents/mod.rs::d39_each_operator_finds_the_documents_of_its_values",
            "it/documents/mod.rs::what_cannot_be_asked_exactly_is_denied_and_says_why",
            "it/documents/mod.rs::what_is_not_about_documents_one_by_one_needs_a_right_to_all_of_them",
            "it/documents/mod.rs::a_change_of_what_shows_ends_a_scroll_and_a_point_in_time",
        ],
    ),
    (
        "any request",
        "Random requests over every API that names indices in its URL or its body, through patterns, aliases, dates, pipelines and templates",
        "what is denied is in no answer, and the engine has it afterwards as it was; what mode `strict` lets through, mode `aws` does",
        &["it/random_walk.rs::what_is_denied_is_neither_read_nor_touched_by_random_requests"],
    ),
];
