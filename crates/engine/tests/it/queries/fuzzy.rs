//! `fuzzy`: words at a distance of some edits.

use serde_json::json;

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn a_swap_is_one_edit() {
    search!(films(), {"query": {"fuzzy": {"title": "fxo"}}, "_source": false});
}

#[test]
fn auto_forgives_two_edits_of_a_long_word() {
    search!(films(), {"query": {"fuzzy": {"genre": "thrlar"}}, "_source": false});
}

#[test]
fn auto_forgives_nothing_of_two_letters() {
    search!(films(), {"query": {"fuzzy": {"title": "fo"}}});
}

#[test]
fn fuzziness_bounds_the_edits() {
    search!(films(), {
        "query": {"fuzzy": {"title": {"value": "quiick", "fuzziness": 1}}},
        "_source": false
    });
}

#[test]
fn fuzziness_zero_wants_the_word_itself() {
    search!(films(), {
        "query": {"fuzzy": {"title": {"value": "fox", "fuzziness": 0}}},
        "_source": false
    });
}

#[test]
fn prefix_length_protects_the_first_letters() {
    search!(films(), {
        "query": {"fuzzy": {"title": {"value": "box", "fuzziness": 1, "prefix_length": 1}}}
    });
}

#[test]
fn without_transpositions_a_swap_is_two_edits() {
    search!(films(), {
        "query": {
            "fuzzy": {"title": {"value": "fxo", "fuzziness": 1, "transpositions": false}}
        }
    });
}

#[test]
fn max_expansions_bounds_the_words_tried() {
    search!(films(), {
        "query": {"fuzzy": {"title": {"value": "dogs", "fuzziness": 2, "max_expansions": 1}}},
        "_source": false
    });
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {"fuzzy": {"title": {"value": "fxo", "boost": 2}}},
        "_source": false
    });
}

#[test]
fn a_keyword_is_forgiven_too() {
    search!(films(), {"query": {"fuzzy": {"genre": "drana"}}, "_source": false});
}

#[test]
fn a_number_is_not_forgiven() {
    search!(
        films(),
        {"query": {"fuzzy": {"year": 1998}}}
    );
}

#[test]
fn a_fuzziness_of_three_counts_as_two() {
    search!(
        films(),
        {"query": {"fuzzy": {"title": {"value": "fox", "fuzziness": 3}}}}
    );
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"fuzzy": {"nowhere": "fox"}}});
}

#[test]
fn no_value_is_refused() {
    search!(films(), {"query": {"fuzzy": {"title": {"fuzziness": 1}}}});
}

#[test]
fn a_list_is_refused() {
    search!(
        films(),
        {"query": {"fuzzy": {"title": ["fox"]}}}
    );
}

#[test]
fn two_fields_are_refused() {
    search!(films(), {"query": {"fuzzy": {"title": "fox", "plot": "cow"}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"fuzzy": {"title": {"value": "fox", "surprise": 1}}}});
}

#[test]
fn a_rewrite_may_give_one_score_to_all() {
    search!(
        films(),
        {
            "query": {"fuzzy": {"title": {"value": "fxo", "rewrite": "constant_score"}}},
            "_source": false
        }
    );
}

#[test]
fn each_rewrite_scores_in_its_own_way() {
    let query = |rewrite: &str| {
        json!({
            "query": {"fuzzy": {"title": {"value": "fog", "rewrite": rewrite}}},
            "_source": false
        })
    };
    asks!(
        films(),
        "POST /_search" => (query("constant_score_boolean")),
        "POST /_search" => (query("top_terms_2")),
        "POST /_search" => (query("top_terms_boost_2")),
        "POST /_search" => (query("top_terms_blended_freqs_2")),
        "POST /_search" => (query("top_terms_x")),
        "POST /_search" => (query("top_terms_boost_99999999999")),
    );
}
