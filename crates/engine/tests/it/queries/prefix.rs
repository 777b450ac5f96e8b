//! `prefix`: words that begin with a text.

use serde_json::json;

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn a_word_of_a_text_begins_so() {
    search!(films(), {"query": {"prefix": {"title": "qu"}}, "_source": false});
}

#[test]
fn a_keyword_begins_so() {
    search!(films(), {"query": {"prefix": {"genre": "dra"}}, "_source": false});
}

#[test]
fn capitals_count() {
    search!(films(), {"query": {"prefix": {"genre": "thr"}}, "_source": false});
}

#[test]
fn case_insensitive_forgives_capitals() {
    search!(films(), {
        "query": {"prefix": {"genre": {"value": "THR", "case_insensitive": true}}},
        "_source": false
    });
}

#[test]
fn the_text_is_not_analyzed() {
    search!(films(), {"query": {"prefix": {"title": "Qu"}}});
}

#[test]
fn an_empty_text_begins_every_word() {
    search!(films(), {"query": {"prefix": {"genre": ""}}, "_source": false});
}

#[test]
fn the_score_is_one() {
    search!(films(), {"query": {"prefix": {"title": {"value": "fo"}}}, "_source": false});
}

#[test]
fn a_boost_is_the_score() {
    search!(films(), {
        "query": {"prefix": {"title": {"value": "fo", "boost": 2}}},
        "_source": false
    });
}

#[test]
fn a_rewrite_may_be_named() {
    search!(films(), {
        "query": {"prefix": {"title": {"value": "fo", "rewrite": "constant_score"}}},
        "_source": false
    });
}

#[test]
fn a_rewrite_may_score_each_word() {
    search!(
        films(),
        {
            "query": {"prefix": {"title": {"value": "fo", "rewrite": "scoring_boolean"}}},
            "_source": false
        }
    );
}

#[test]
fn an_unknown_rewrite_is_refused() {
    search!(
        films(),
        {"query": {"prefix": {"title": {"value": "fo", "rewrite": "surprise"}}}}
    );
}

#[test]
fn a_number_has_no_beginning() {
    search!(films(), {"query": {"prefix": {"year": "19"}}});
}

#[test]
fn a_date_has_no_beginning() {
    search!(films(), {"query": {"prefix": {"released": "1999"}}});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"prefix": {"nowhere": "x"}}});
}

#[test]
fn the_old_spelling_of_value_is_refused() {
    search!(
        films(),
        {"query": {"prefix": {"genre": {"prefix": "dra"}}}}
    );
}

#[test]
fn no_value_is_refused() {
    search!(films(), {"query": {"prefix": {"genre": {}}}});
}

#[test]
fn two_fields_are_refused() {
    search!(films(), {"query": {"prefix": {"genre": "d", "tags": "o"}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"prefix": {"genre": {"value": "d", "surprise": 1}}}});
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"prefix": {"genre": {"value": "com", "_name": "c"}}},
        "_source": false
    });
}

#[test]
fn each_rewrite_scores_in_its_own_way() {
    let query = |rewrite: &str| {
        json!({
            "query": {"prefix": {"title": {"value": "f", "rewrite": rewrite}}},
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

#[test]
fn the_name_of_the_index_begins_so() {
    asks!(
        films(),
        "POST /_search" => {"query": {"prefix": {"_index": "fi"}}, "size": 0},
        "POST /_search" => {"query": {"prefix": {"_index": "x"}}, "size": 0},
        "POST /_search" => {"query": {"wildcard": {"_index": "f*s"}}, "size": 0},
        "POST /_search" => {"query": {"wildcard": {"_index": "?"}}, "size": 0},
    );
}
