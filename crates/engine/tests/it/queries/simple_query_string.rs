//! `simple_query_string`: a language in which nothing is a fault.

use serde_json::{Value, json};

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn any_word_is_enough() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "quick fox", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn a_plus_wants_both() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "quick + fox", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn a_bar_wants_either() {
    search!(films(), {
        "query": {
            "simple_query_string": {
                "query": "cow | fox",
                "fields": ["title"],
                "default_operator": "and"
            }
        },
        "_source": false
    });
}

#[test]
fn a_minus_bans() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "quick + -fox", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn a_minus_alone_means_or_what_is_without() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "quick -fox", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn quotes_make_a_phrase() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "\"quick brown\"", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn a_phrase_takes_slop() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "\"quick fox\"~1", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn a_star_at_the_end_is_a_prefix() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "qu*", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn a_star_in_the_middle_is_none() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "q*k", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn a_tilde_forgives_edits() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "fxo~1", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn parentheses_group() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "(fox | cow) + brown", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn an_open_parenthesis_is_forgiven() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "(fox", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn an_open_quote_is_forgiven() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "\"quick fox", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn a_backslash_takes_a_sign_as_it_is() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "\\-fox", "fields": ["title"]}},
        "_source": false
    });
}

#[test]
fn flags_turn_operators_off() {
    search!(
        films(),
        {
            "query": {
                "simple_query_string": {
                    "query": "quick + fox",
                    "fields": ["title"],
                    "flags": "OR|PREFIX"
                }
            },
            "_source": false
        }
    );
}

#[test]
fn no_flags_turn_all_off() {
    search!(
        films(),
        {
            "query": {
                "simple_query_string": {
                    "query": "qu* -fox",
                    "fields": ["title"],
                    "flags": "NONE"
                }
            },
            "_source": false
        }
    );
}

#[test]
fn an_unknown_flag_is_refused() {
    search!(
        films(),
        {"query": {"simple_query_string": {"query": "fox", "flags": "SURPRISE"}}}
    );
}

#[test]
fn the_default_operator_may_be_and() {
    search!(films(), {
        "query": {
            "simple_query_string": {
                "query": "quick fox",
                "fields": ["title"],
                "default_operator": "and"
            }
        },
        "_source": false
    });
}

#[test]
fn fields_may_be_boosted() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "dog", "fields": ["title^3", "plot"]}},
        "_source": false
    });
}

#[test]
fn without_fields_all_are_searched() {
    search!(films(), {"query": {"simple_query_string": {"query": "1999"}}, "_source": false});
}

#[test]
fn letters_for_a_number_are_refused() {
    search!(films(), {"query": {"simple_query_string": {"query": "fox", "fields": ["year"]}}});
}

#[test]
fn letters_for_a_number_are_forgiven_when_lenient() {
    search!(films(), {
        "query": {
            "simple_query_string": {
                "query": "fox",
                "fields": ["title", "year"],
                "lenient": true
            }
        },
        "_source": false
    });
}

#[test]
fn minimum_should_match_counts_words() {
    search!(films(), {
        "query": {
            "simple_query_string": {
                "query": "quick brown fox",
                "fields": ["title"],
                "minimum_should_match": 2
            }
        },
        "_source": false
    });
}

#[test]
fn an_empty_query_finds_nothing() {
    search!(films(), {"query": {"simple_query_string": {"query": "", "fields": ["title"]}}});
}

#[test]
fn no_query_is_refused() {
    search!(films(), {"query": {"simple_query_string": {"fields": ["title"]}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(
        films(),
        {"query": {"simple_query_string": {"query": "fox", "surprise": 1}}}
    );
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "fox", "fields": ["title"], "boost": 2}},
        "_source": false
    });
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"simple_query_string": {"query": "fox", "fields": ["title"], "_name": "s"}},
        "_source": false
    });
}

#[test]
fn an_analyzer_of_its_own_reads_the_words() {
    search!(films(), {
        "query": {
            "simple_query_string": {
                "query": "FOX",
                "fields": ["title"],
                "analyzer": "whitespace"
            }
        }
    });
}

#[test]
fn stop_words_alone_find_nothing() {
    search!(films(), {"query": {"simple_query_string": {"query": "the", "fields": ["plot"]}}});
}

#[test]
fn fuzzy_options_are_taken() {
    search!(films(), {
        "query": {
            "simple_query_string": {
                "query": "luick~1",
                "fields": ["title"],
                "fuzzy_prefix_length": 1,
                "fuzzy_max_expansions": 5,
                "fuzzy_transpositions": false
            }
        }
    });
}

#[test]
fn each_flag_turns_its_operator_on() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"simple_query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"query": "quick + fox", "flags": "AND"}))),
        "POST /_search" => (query(json!({"query": "quick + fox", "flags": "AND|WHITESPACE"}))),
        "POST /_search" => (query(json!({"query": "quick | -fox", "flags": "OR|NOT|WHITESPACE"}))),
        "POST /_search" => (query(json!({"query": "(quick + dogs) | cow", "flags": "ALL"}))),
        "POST /_search" => (query(json!({"query": "(quick + dogs) | cow", "flags": "OR|AND|WHITESPACE"}))),
        "POST /_search" => (query(json!({"query": "\"brown fox\"", "flags": "PHRASE"}))),
        "POST /_search" => (query(json!({"query": "\"brown fox\"", "flags": "WHITESPACE"}))),
        "POST /_search" => (query(json!({"query": "\"quick fox\"~1", "flags": "PHRASE|NEAR"}))),
        "POST /_search" => (query(json!({"query": "\"quick fox\"~1", "flags": "PHRASE|SLOP|WHITESPACE"}))),
        "POST /_search" => (query(json!({"query": "fog~1", "flags": "FUZZY"}))),
        "POST /_search" => (query(json!({"query": "fog~1", "flags": "PREFIX"}))),
        "POST /_search" => (query(json!({"query": "fo*", "flags": 8}))),
        "POST /_search" => (query(json!({"query": "fo*", "flags": -1}))),
        "POST /_search" => (query(json!({"query": "qu\\ick", "flags": "ESCAPE"}))),
        "POST /_search" => (query(json!({"query": "qu\\ick", "flags": "OR"}))),
        "POST /_search" => (query(json!({"flags": ""}))),
        "POST /_search" => (query(json!({"flags": "NONE|OR"}))),
    );
}

#[test]
fn a_minus_belongs_to_what_stands_right_behind_it() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"simple_query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"query": "quick - fox"}))),
        "POST /_search" => (query(json!({"query": "quick + -fox"}))),
        "POST /_search" => (query(json!({"query": "quick + --fox"}))),
        "POST /_search" => (query(json!({"query": "quick + \"\" fox"}))),
        "POST /_search" => (query(json!({"query": "fox~0"}))),
        "POST /_search" => (query(json!({"query": "fog~x"}))),
        "POST /_search" => (query(json!({"query": "\"quick fox\"~ dog"}))),
        "POST /_search" => (query(json!({"query": "*"}))),
        "POST /_search" => (query(json!({"query": "fo*x"}))),
    );
}

#[test]
fn a_text_that_words_begin_with_is_analyzed_where_that_is_asked_for() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"simple_query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"query": "Brown-FO*"}))),
        "POST /_search" => (query(json!({"query": "Brown-FO*", "analyze_wildcard": true}))),
        "POST /_search" => (query(json!({"query": "Brown-FO*", "analyze_wildcard": true, "default_operator": "and"}))),
        "POST /_search" => (query(json!({"query": "\"brown quick\"", "quote_field_suffix": ".raw"}))),
    );
}
