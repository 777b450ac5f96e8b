//! `wildcard`: words that fit a pattern of `*` and `?`.

use serde_json::json;

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn a_star_stands_for_any_text() {
    search!(films(), {"query": {"wildcard": {"genre": "*r*"}}, "_source": false});
}

#[test]
fn a_question_mark_stands_for_one_letter() {
    search!(films(), {"query": {"wildcard": {"title": "d?g"}}, "_source": false});
}

#[test]
fn the_whole_word_must_fit() {
    search!(films(), {"query": {"wildcard": {"genre": "dram"}}});
}

#[test]
fn a_backslash_takes_a_star_as_it_is() {
    search!(films(), {"query": {"wildcard": {"genre": "dram\\*"}}});
}

#[test]
fn a_star_alone_finds_every_word() {
    search!(films(), {"query": {"wildcard": {"tags": "*"}}, "_source": false});
}

#[test]
fn case_insensitive_forgives_capitals() {
    search!(films(), {
        "query": {"wildcard": {"genre": {"value": "t*R", "case_insensitive": true}}},
        "_source": false
    });
}

#[test]
fn a_text_is_asked_in_small_letters() {
    search!(
        films(),
        {"query": {"wildcard": {"title": "Qu*"}}, "_source": false}
    );
}

#[test]
fn the_old_spelling_of_value_is_taken() {
    search!(films(), {"query": {"wildcard": {"genre": {"wildcard": "d*"}}}, "_source": false});
}

#[test]
fn a_boost_is_the_score() {
    search!(films(), {
        "query": {"wildcard": {"genre": {"value": "d*", "boost": 2}}},
        "_source": false
    });
}

#[test]
fn a_number_has_no_pattern() {
    search!(films(), {"query": {"wildcard": {"year": "19*"}}});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"wildcard": {"nowhere": "x*"}}});
}

#[test]
fn no_value_is_refused() {
    search!(films(), {"query": {"wildcard": {"genre": {}}}});
}

#[test]
fn two_fields_are_refused() {
    search!(films(), {"query": {"wildcard": {"genre": "d*", "tags": "o*"}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"wildcard": {"genre": {"value": "d", "surprise": 1}}}});
}

#[test]
fn a_rewrite_may_score_each_word() {
    search!(
        films(),
        {
            "query": {"wildcard": {"title": {"value": "f*", "rewrite": "scoring_boolean"}}},
            "_source": false
        }
    );
}

#[test]
fn each_rewrite_scores_in_its_own_way() {
    let query = |rewrite: &str| {
        json!({
            "query": {"wildcard": {"title": {"value": "*o*", "rewrite": rewrite}}},
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
