//! Abuse cases, group G, exhaustion of resources.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[(
    "G1",
    "Nesting: JSON, names of 10,000 parts between dots in documents, mappings and settings, queries, their texts, \
     patterns, aggregations, date formats",
    "400 before anything recurses, Elasticsearch's text where it has one; what the limits allow runs on a stack of 2 MiB",
    &[
        "engine/tests/it/depth.rs::a_document_with_a_name_of_ten_thousand_parts_is_refused_in_elasticsearchs_words",
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
    ],
)];
