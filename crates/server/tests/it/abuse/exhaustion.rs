//! Abuse cases, group G, exhaustion of resources.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[
    (
        "G1",
        "Nesting: JSON, names of 10,000 parts between dots in documents, mappings and settings, queries, their texts, \
     patterns, aggregations, date formats",
        "400 before anything recurses, Elasticsearch's text where it has one; what the limits allow runs on a stack of 2 MiB",
        &[
            "engine/tests/it/depth.rs::g01_a_document_with_a_name_of_ten_thousand_parts_is_refused_in_elasticsearchs_words",
            "engine/tests/it/depth.rs::a_document_of_twenty_levels_is_taken_and_one_of_twenty_one_is_not",
            "engine/tests/it/depth.rs::a_mapping_with_a_name_of_ten_thousand_parts_is_refused",
            "engine/tests/it/depth.rs::the_depth_limit_of_an_index_is_its_setting_and_holds_on_a_small_stack_at_its_highest",
            "engine/tests/it/depth.rs::settings_with_a_key_of_ten_thousand_parts_are_refused",
            "engine/tests/it/depth.rs::queries_nested_to_every_limit_at_once_run_on_a_small_stack",
            "engine/tests/it/depth.rs::queries_nested_beyond_every_limit_are_refused",
            "engine/tests/it/depth.rs::patterns_nested_ten_thousand_deep_are_refused_or_read_on_a_small_stack",
            "engine/tests/it/depth.rs::aggregations_nested_to_their_limit_run_on_a_small_stack_and_deeper_ones_are_refused",
            "engine/tests/it/depth.rs::names_of_ten_thousand_parts_in_searches_name_nothing",
            "engine/tests/it/depth.rs::json_nested_to_its_limit_is_read_stored_and_given_back_on_a_small_stack",
            "engine/src/dsl/simple_query_string.rs::changes_of_operator_and_parentheses_make_a_tree_of_bounded_height",
            "control/src/wire/tests.rs::names_and_bodies_of_ten_thousand_levels_are_refused_on_a_small_stack",
            "policy/src/json.rs::ten_thousand_levels_of_nesting_are_refused_without_recursing_into_them",
        ],
    ),
    (
        "patterns",
        "Patterns that can match in very many ways: `filter_path` of 1,000 `**`, stars in `_source`, index lists, columns, \
         field names and policies, tags that never end, a phrase with unlimited slop",
        "Time by length: places that are open are a set, names that are found twice count once, nothing is tried twice",
        &[
            "engine/src/rest/filter_path.rs::the_work_is_keys_times_parts_at_most_whatever_the_stars",
            "engine/src/rest/filter_path.rs::more_parts_than_the_limit_are_refused",
            "engine/src/search/source.rs::a_key_of_a_hundred_thousand_dots_is_compared_once_with_each_pattern",
            "engine/src/cluster/names/tests.rs::a_name_that_many_patterns_find_is_there_once_and_exclusions_still_count",
            "engine/tests/it/depth.rs::a_column_that_is_asked_for_a_thousand_times_is_shown_and_sorted_by_once",
            "engine/tests/it/depth.rs::tags_and_entities_that_never_end_are_looked_for_once",
            "engine/tests/it/depth.rs::a_phrase_with_an_endless_slop_is_highlighted_by_its_neighbours",
            "engine/src/dsl/wildcard.rs::a_hostile_pattern_takes_no_exponential_time",
            "policy/src/pattern.rs::ten_thousand_stars_are_answered_at_once",
        ],
    ),
    (
        "G2",
        "A body that unpacks to a hundred times its size",
        "413 at the limit of the unpacked body, before it is memory; no other coding than gzip",
        &[
            "it/listeners.rs::g02_a_bomb_is_413_before_it_is_memory",
            "server/src/transport/spool.rs::a_bomb_is_413_and_a_lie_about_gzip_is_400",
        ],
    ),
    (
        "G3",
        "`size` of two billion, deep pages, endless buckets, more than a thousand aggregations",
        "400 with the limit's name; cursors have shares (G10)",
        &[
            "engine/tests/it/depth.rs::g03_a_search_of_more_than_a_thousand_aggregations_is_refused",
            "engine/tests/it/search.rs::a_page_beyond_the_result_window_is_refused_in_elasticsearchs_words",
            "engine/tests/it/search.rs::too_many_buckets_are_refused",
            "engine/tests/it/stopping.rs::buckets_are_counted_over_the_whole_tree",
        ],
    ),
    (
        "G4",
        "Any bytes to any parser: policies, signatures, bulks, searches, mappings, documents",
        "A response, never a panic; `cargo fuzz` for the parsers that unauthenticated callers reach",
        &[
            "engine/tests/it/depth.rs::g04_any_bytes_in_the_place_of_some_of_any_body_are_answered",
            "engine/src/index/tests/anything.rs::any_document_is_taken_or_refused",
            "policy/src/parse/tests.rs::no_text_makes_the_reader_panic",
            "sigv4/tests/it/properties.rs::no_bytes_make_the_verifier_panic",
            "it/anything.rs::any_bytes_are_refused_and_written_down_and_the_next_request_is_served",
        ],
    ),
    (
        "G5",
        "A flood of wrong signatures",
        "429 before the signature is looked at, after a burst, for the address it comes from (a setting of `serve`); \
         another address is served",
        &[
            "it/once.rs::g05_after_too_many_failed_signatures_an_address_reads_429_before_its_signature_is_looked_at",
            "it/once.rs::broken_credentials_count_as_failed_signatures_on_every_listener",
        ],
    ),
    (
        "G6",
        "Memory: hundreds of bodies that are begun under a junk signature and never end; large bodies of one caller; large answers that are never read",
        "Unproven bodies are bounded by their address, in number, memory and files; small ones and the control \
         plane have reserves; loaded ones and answers are bounded by principal and account: 429",
        &[
            "it/shares.rs::g06_who_does_not_read_its_answers_is_served_nothing_more_until_it_has_read_them",
            "it/shares.rs::unfinished_bodies_of_one_address_leave_room_for_others",
            "server/src/transport/spool.rs::what_one_address_sends_and_does_not_end_leaves_room_for_another",
            "server/src/transport/spool.rs::files_of_one_address_leave_room_for_another",
            "server/src/transport/spool.rs::the_control_planes_bodies_have_room_when_the_domains_have_none",
            "server/src/transport/spool.rs::what_one_principal_has_loaded_leaves_room_for_another",
            "server/src/guards/budgets.rs::a_principal_has_one_budget_for_all_its_requests_within_its_accounts",
        ],
    ),
    (
        "G7",
        "File descriptors used up; the disk full while indexing or while a body comes in; thousands of idle connections",
        "The listeners wait and serve again; a write is refused and nothing acknowledged is lost; 503 for the body; an \
         address has a share of connections, and idle ones make room",
        &[
            "countersign/tests/it/serve.rs::g07_out_of_file_descriptors_it_waits_and_serves_again_when_there_are_some",
            "engine/src/index/tests/mod.rs::a_full_disk_refuses_the_write_and_loses_nothing",
            "engine/src/index/tests/mod.rs::flushes_and_merges_stand_on_what_is_there_after_a_full_disk",
            "server/src/transport/spool.rs::a_disk_that_fails_is_503_and_gives_the_shares_back",
            "it/shares.rs::a_noisy_address_cannot_take_anothers_connections",
            "it/shares.rs::a_full_listener_closes_an_idle_connection_for_a_new_one",
            "server/src/transport/connections.rs::an_address_that_has_its_share_is_turned_away_and_another_is_not",
            "server/src/transport/connections.rs::where_there_is_no_room_the_one_that_is_idle_longest_closes_for_the_new_one",
        ],
    ),
    (
        "G8",
        "One noisy tenant: calls without end of one account, one principal, one domain; a stop while they run",
        "Turns go round accounts and principals, none runs or queues more than its share; searches, bytes of bodies and open cursors have \
         quotas by principal, address and domain (429), and who is denied uses up nothing of the domain's rate; the control plane has a pool of \
         its own; the process ends within 10 seconds",
        &[
            "it/shares.rs::one_accounts_queue_does_not_delay_anothers",
            "it/shares.rs::one_principals_queue_does_not_delay_anothers_of_its_account",
            "it/shares.rs::the_control_plane_answers_while_a_domains_pool_is_full",
            "it/shares.rs::more_calls_than_may_wait_are_429_and_say_whose_they_are",
            "server/src/service/pool/tests.rs::turns_go_round_the_accounts_however_long_their_queues_are",
            "it/shares.rs::stopping_calls_off_what_runs",
            "it/shares.rs::stopping_ends_in_time_though_a_call_never_does",
            "server/tests/it/shares.rs::g08_a_principal_over_its_rate_reads_429_and_when_to_try_again_and_others_are_served",
            "it/quotas.rs::g08_*",
            "it/quotas.rs::g10_*",
            "server/src/guards/request_rates.rs::each_principal_address_and_domain_has_a_rate_and_a_refusal_takes_from_none",
        ],
    ),
    (
        "G9",
        "A request with 200,000 items, each of an index of its own that is denied",
        "Judged off the network threads, each question once, until the client leaves; reasons for the first twenty denials",
        &[
            "it/shares.rs::g09_judging_200_000_items_blocks_nobody_and_ends_when_the_client_leaves",
            "it/shares.rs::of_many_denials_the_first_twenty_are_told_with_their_reasons_and_the_others_are_counted",
            "server/src/targets/tests.rs::a_question_is_put_once_however_many_items_raise_it",
            "server/src/targets/tests.rs::items_that_name_the_same_are_gathered_once",
            "server/src/targets/tests.rs::more_questions_than_fit_into_the_memory_are_429",
        ],
    ),
    (
        "G10",
        "A thousand aggregations over every document; nested `terms` over hundreds of thousands of values; a bulk over 400 new \
         indices; a client that leaves in the middle of any of it",
        "every loop ends within milliseconds of the client's leaving, the deadline or SIGTERM; buckets, sketches, hits and \
         answers are taken from a budget (429, `circuit_breaking_exception`), buckets over the whole tree (503, \
         `too_many_buckets_exception`); a new index keeps less than 0.2 MB",
        &[
            "engine/tests/it/stopping.rs::g10_a_search_with_a_thousand_aggregations_ends",
            "engine/tests/it/stopping.rs::the_finishing_of_nested_buckets_ends",
            "engine/tests/it/stopping.rs::a_search_whose_query_walks_without_a_hit_ends",
            "engine/tests/it/stopping.rs::a_search_that_expands_terms_ends",
            "engine/tests/it/stopping.rs::a_search_that_sorts_ends",
            "engine/tests/it/stopping.rs::a_search_that_highlights_ends",
            "engine/tests/it/stopping.rs::a_page_of_a_scroll_ends",
            "engine/tests/it/stopping.rs::many_reads_in_one_request_end",
            "engine/tests/it/stopping.rs::reading_a_long_body_ends",
            "engine/tests/it/stopping.rs::listings_of_wide_mappings_end",
            "engine/tests/it/stopping.rs::a_bulk_stops_between_two_items_and_keeps_what_it_wrote",
            "engine/tests/it/stopping.rs::requests_by_query_stop_between_two_documents",
            "engine/tests/it/stopping.rs::analysing_a_huge_text_ends",
            "engine/src/index/tests/mod.rs::a_merge_that_is_called_off_leaves_the_segments",
            "engine/tests/it/stopping.rs::every_kind_of_aggregation_takes_its_memory_from_the_budget_and_gives_it_back",
            "engine/tests/it/stopping.rs::hits_and_answers_take_their_memory_from_the_budget",
            "engine/tests/it/stopping.rs::buckets_are_counted_over_the_whole_tree",
            "engine/tests/it/many_indices.rs::a_bulk_over_many_new_indices_keeps_little_memory",
        ],
    ),
];
