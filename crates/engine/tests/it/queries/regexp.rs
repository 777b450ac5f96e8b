//! `regexp`: words that fit a regular expression.

use serde_json::json;

use crate::cases::{Setup, asks, search};
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
        {"query": {"regexp": {"genre": {"value": "dra.*", "flags": "SURPRISE"}}}}
    );
}

#[test]
fn an_open_bracket_is_refused() {
    search!(
        films(),
        {"query": {"regexp": {"genre": "[a-"}}}
    );
}

#[test]
fn an_open_parenthesis_is_refused() {
    search!(
        films(),
        {"query": {"regexp": {"genre": "(a"}}}
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

#[test]
fn each_rewrite_scores_in_its_own_way() {
    let query = |rewrite: &str| {
        json!({
            "query": {"regexp": {"title": {"value": ".*o.*", "rewrite": rewrite}}},
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
fn operators_of_its_own_are_known() {
    let words = Setup::index(
        "a",
        json!({"mappings": {"properties": {"k": {"type": "keyword"}}}}),
        json!([
            {"k": "abc"}, {"k": "abd"}, {"k": "a12"}, {"k": "a7"}, {"k": "a007"}, {"k": "ad"}, {"k": "A12"}, {"k": ""},
            {"k": "<1-5>"}, {"k": "a~b"}, {"k": "3"}, {"k": "12"}, {"k": "a.c"}, {"k": "a d"}, {"k": "é"}
        ]),
    );
    let query = |value: &str| json!({"query": {"regexp": {"k": {"value": value}}}, "size": 20, "sort": ["_doc"], "_source": false});
    let with = |value: &str, flags: &str| {
        let regexp = json!({"value": value, "flags": flags});
        json!({"query": {"regexp": {"k": regexp}}, "size": 20, "sort": ["_doc"], "_source": false})
    };
    asks!(
        words,
        "POST /a/_search" => (query("ab~c")),
        "POST /a/_search" => (query("~(a.*)")),
        "POST /a/_search" => (query("a[0-9]+&~(a0.*)")),
        "POST /a/_search" => (query("@")),
        "POST /a/_search" => (query("#|abc")),
        "POST /a/_search" => (query("a<7-12>")),
        "POST /a/_search" => (query("a<007-012>")),
        "POST /a/_search" => (query("<12-3>")),
        "POST /a/_search" => (query("<a>")),
        "POST /a/_search" => (query("a\\d")),
        "POST /a/_search" => (query("a[\\d]+")),
        "POST /a/_search" => (query("a{2,1}")),
        "POST /a/_search" => (query("a{,2}")),
        "POST /a/_search" => (query("()")),
        "POST /a/_search" => (query("[]")),
        "POST /a/_search" => (query("a|")),
        "POST /a/_search" => (query("\\<1-5\\>")),
        "POST /a/_search" => (with("a~b", "NONE")),
        "POST /a/_search" => (with("<1-5>", "INTERSECTION|ANYSTRING")),
        "POST /a/_search" => (with("<1-5>", "INTERVAL")),
        "POST /a/_search" => (with("a.*&.*2", "INTERSECTION")),
        "POST /a/_search" => (with("abc", "")),
        "POST /a/_search" => {"query": {"regexp": {"k": {"value": "ABC|É", "case_insensitive": true}}}, "_source": false},
        "POST /a/_search" => {"query": {"regexp": {"k": {"value": "a~b", "flags_value": 0}}}, "_source": false},
    );
}

#[test]
fn an_expression_that_takes_too_many_states_is_refused() {
    asks!(
        films(),
        "POST /films/_search" => {"query": {"regexp": {"title": {"value": ".*a.{20}"}}}},
        "POST /films/_search" => {"query": {"regexp": {"genre": {"value": "~(.*a.{20})"}}}},
        "POST /films/_search?filter_path=hits.total" => {"query": {"regexp": {"title": {"value": "(~(a)b)*"}}}},
        "POST /films/_search?filter_path=hits.total" => {"query": {"regexp": {"title": {"value": ".*o.{3}"}}}}
    );
}

#[test]
fn a_request_says_how_many_states_there_may_be() {
    asks!(
        films(),
        "POST /films/_search" => {"query": {"regexp": {"title": {"value": ".*a.{6}", "max_determinized_states": 3}}}},
        "POST /films/_search?filter_path=hits.total" => {"query": {"regexp": {"title": {"value": "fo.", "max_determinized_states": 20}}}};
        differs: "Lucene may tell a number that is nearer to what the expression takes"
    );
}
