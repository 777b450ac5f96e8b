//! `match_bool_prefix`: words, the last of them a beginning, in any order.

use crate::cases::search;
use crate::library::films;

#[test]
fn the_last_word_is_a_beginning_and_any_is_enough() {
    search!(films(), {"query": {"match_bool_prefix": {"title": "cow fo"}}, "_source": false});
}

#[test]
fn with_operator_and_all_are_wanted() {
    search!(films(), {
        "query": {"match_bool_prefix": {"title": {"query": "quick fo", "operator": "and"}}},
        "_source": false
    });
}

#[test]
fn minimum_should_match_counts_words() {
    search!(films(), {
        "query": {
            "match_bool_prefix": {
                "title": {"query": "quick brown f", "minimum_should_match": 2}
            }
        },
        "_source": false
    });
}

#[test]
fn fuzziness_is_for_the_words_before_the_last() {
    search!(films(), {
        "query": {
            "match_bool_prefix": {
                "title": {"query": "qiuck fo", "fuzziness": 1, "operator": "and"}
            }
        },
        "_source": false
    });
}

#[test]
fn one_word_is_a_beginning() {
    search!(films(), {"query": {"match_bool_prefix": {"title": "li"}}, "_source": false});
}

#[test]
fn an_empty_text_finds_nothing() {
    search!(films(), {"query": {"match_bool_prefix": {"title": ""}}});
}

#[test]
fn a_keyword_is_one_word() {
    search!(films(), {"query": {"match_bool_prefix": {"genre": "dra"}}, "_source": false});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"match_bool_prefix": {"nowhere": "li"}}});
}

#[test]
fn an_analyzer_of_its_own_reads_the_words() {
    search!(films(), {
        "query": {"match_bool_prefix": {"title": {"query": "QUICK FO", "analyzer": "keyword"}}}
    });
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"match_bool_prefix": {"title": {"query": "x", "slop": 1}}}});
}
