//! `simple_query_string`: a language in which nothing is a fault.

use crate::cases::search;
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
        };
        differs: "not built: answered 501 by name"
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
        };
        differs: "not built: answered 501 by name"
    );
}

#[test]
fn an_unknown_flag_is_refused() {
    search!(
        films(),
        {"query": {"simple_query_string": {"query": "fox", "flags": "SURPRISE"}}};
        differs: "not built: answered 501 by name"
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
        {"query": {"simple_query_string": {"query": "fox", "surprise": 1}}};
        differs: "refused in other words"
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
