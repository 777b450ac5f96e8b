//! `regexp`: words that fit a regular expression.

use crate::cases::search;
use crate::library::films;

#[test]
fn an_alternative_fits() {
    search!(films(), {"query": {"regexp": {"title": "fox|cow"}}, "_source": false});
}

#[test]
fn the_whole_word_must_fit() {
    search!(films(), {"query": {"regexp": {"genre": "dra"}}});
}

#[test]
fn a_class_of_letters_fits() {
    search!(films(), {"query": {"regexp": {"genre": "[a-d].+"}}, "_source": false});
}

#[test]
fn a_class_may_be_turned_round() {
    search!(films(), {"query": {"regexp": {"genre": "[^a-d].*"}}, "_source": false});
}

#[test]
fn repetition_is_counted() {
    search!(films(), {"query": {"regexp": {"title": "do{1,2}g"}}, "_source": false});
}

#[test]
fn a_dot_stands_for_one_letter() {
    search!(films(), {"query": {"regexp": {"title": "c.w"}}, "_source": false});
}

#[test]
fn case_insensitive_forgives_capitals() {
    search!(films(), {
        "query": {"regexp": {"genre": {"value": "THRILL.*", "case_insensitive": true}}},
        "_source": false
    });
}

#[test]
fn a_backslash_takes_a_dot_as_it_is() {
    search!(films(), {"query": {"regexp": {"genre": "dram\\."}}});
}

#[test]
fn quotes_take_their_text_as_it_is() {
    search!(films(), {"query": {"regexp": {"genre": "\"drama\""}}, "_source": false});
}

#[test]
fn flags_may_be_named() {
    search!(films(), {
        "query": {"regexp": {"genre": {"value": "dra.*", "flags": "ALL"}}},
        "_source": false
    });
}

#[test]
fn no_flags_may_be_named() {
    search!(films(), {
        "query": {"regexp": {"genre": {"value": "dra.*", "flags": "NONE"}}},
        "_source": false
    });
}

#[test]
fn an_unknown_flag_is_refused() {
    search!(
        films(),
        {"query": {"regexp": {"genre": {"value": "dra.*", "flags": "SURPRISE"}}}};
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn an_open_bracket_is_refused() {
    search!(
        films(),
        {"query": {"regexp": {"genre": "[a-"}}};
        differs: "refused in other words"
    );
}

#[test]
fn an_open_parenthesis_is_refused() {
    search!(
        films(),
        {"query": {"regexp": {"genre": "(a"}}};
        differs: "refused in other words"
    );
}

#[test]
fn a_number_has_no_expression() {
    search!(films(), {"query": {"regexp": {"year": "19.*"}}});
}

#[test]
fn a_boost_is_the_score() {
    search!(films(), {
        "query": {"regexp": {"genre": {"value": "d.*", "boost": 2}}},
        "_source": false
    });
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"regexp": {"nowhere": ".*"}}});
}

#[test]
fn no_value_is_refused() {
    search!(films(), {"query": {"regexp": {"genre": {}}}});
}

#[test]
fn two_fields_are_refused() {
    search!(films(), {"query": {"regexp": {"genre": "d.*", "tags": "o.*"}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"regexp": {"genre": {"value": "d", "surprise": 1}}}});
}

#[test]
fn an_expression_of_nine_hundred_letters_is_taken() {
    search!(films(), {
        "query": {
            "regexp": {
                "genre": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            }
        }
    });
}
