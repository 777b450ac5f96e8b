//! `query_string`: Lucene's own language.

use serde_json::{Value, json};

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn any_word_is_enough() {
    search!(films(), {
        "query": {"query_string": {"query": "quick fox", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn and_wants_both() {
    search!(films(), {
        "query": {"query_string": {"query": "quick AND fox", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn small_letters_are_no_operator() {
    search!(films(), {
        "query": {"query_string": {"query": "lights and out", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn ampersands_and_bars_are_operators() {
    search!(films(), {
        "query": {"query_string": {"query": "quick && fox || cow", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn not_bans_a_word() {
    search!(films(), {
        "query": {"query_string": {"query": "quick NOT fox", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn plus_and_minus_want_and_ban() {
    search!(films(), {
        "query": {"query_string": {"query": "+quick -fox dogs", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn an_exclamation_mark_bans() {
    search!(films(), {
        "query": {"query_string": {"query": "quick !fox", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn parentheses_group() {
    search!(films(), {
        "query": {
            "query_string": {"query": "(fox OR cow) AND brown", "default_field": "title"}
        },
        "_source": false
    });
}

#[test]
fn a_field_goes_before_a_colon() {
    search!(films(), {"query": {"query_string": {"query": "genre:drama"}}, "_source": false});
}

#[test]
fn a_field_may_hold_a_group() {
    search!(films(), {
        "query": {"query_string": {"query": "genre:(drama OR thriller)"}},
        "_source": false
    });
}

#[test]
fn a_field_pattern_is_escaped() {
    search!(
        films(),
        {"query": {"query_string": {"query": "cre\\*:Ann"}}, "_source": false}
    );
}

#[test]
fn quotes_make_a_phrase() {
    search!(films(), {
        "query": {"query_string": {"query": "\"quick brown\"", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn a_phrase_takes_slop() {
    search!(films(), {
        "query": {"query_string": {"query": "\"quick fox\"~1", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn a_tilde_forgives_edits() {
    search!(films(), {
        "query": {"query_string": {"query": "fxo~", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn a_tilde_takes_a_number_of_edits() {
    search!(films(), {
        "query": {"query_string": {"query": "quiick~1", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn a_caret_boosts() {
    search!(films(), {
        "query": {"query_string": {"query": "fox^3 cow", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn brackets_make_a_range_with_its_bounds() {
    search!(films(), {
        "query": {"query_string": {"query": "year:[1999 TO 2004]"}},
        "_source": false
    });
}

#[test]
fn braces_make_a_range_without_its_bounds() {
    search!(films(), {
        "query": {"query_string": {"query": "year:{1999 TO 2024}"}},
        "_source": false
    });
}

#[test]
fn brackets_and_braces_may_be_mixed() {
    search!(films(), {
        "query": {"query_string": {"query": "year:[1999 TO 2004}"}},
        "_source": false
    });
}

#[test]
fn a_star_is_an_open_bound() {
    search!(films(), {
        "query": {"query_string": {"query": "year:[* TO 2004]"}},
        "_source": false
    });
}

#[test]
fn a_comparison_is_a_range() {
    search!(films(), {
        "query": {"query_string": {"query": "year:>=2010 AND year:<2024"}},
        "_source": false
    });
}

#[test]
fn a_range_of_dates() {
    search!(films(), {
        "query": {"query_string": {"query": "released:[1999-01-01 TO 1999-12-31]"}},
        "_source": false
    });
}

#[test]
fn a_wildcard_is_read() {
    search!(films(), {
        "query": {"query_string": {"query": "qu?ck fo*", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn wildcards_go_to_small_letters_with_the_analyzer() {
    search!(films(), {
        "query": {"query_string": {"query": "QUI*", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn a_leading_wildcard_may_be_forbidden() {
    search!(films(), {
        "query": {
            "query_string": {
                "query": "*ox",
                "default_field": "title",
                "allow_leading_wildcard": false
            }
        }
    });
}

#[test]
fn a_regular_expression_stands_between_slashes() {
    search!(films(), {
        "query": {"query_string": {"query": "/fo[xy]/", "default_field": "title"}},
        "_source": false
    });
}

#[test]
fn exists_asks_for_a_value() {
    search!(films(), {
        "query": {"query_string": {"query": "_exists_:rating"}},
        "_source": false
    });
}

#[test]
fn a_star_finds_everything() {
    search!(
        films(),
        {"query": {"query_string": {"query": "*"}}, "size": 0}
    );
}

#[test]
fn a_star_in_a_field_finds_those_with_a_value() {
    search!(films(), {"query": {"query_string": {"query": "rating:*"}}, "_source": false});
}

#[test]
fn the_default_operator_may_be_and() {
    search!(films(), {
        "query": {
            "query_string": {
                "query": "quick fox",
                "default_field": "title",
                "default_operator": "and"
            }
        },
        "_source": false
    });
}

#[test]
fn an_unknown_default_operator_is_refused() {
    search!(
        films(),
        {"query": {"query_string": {"query": "quick", "default_operator": "xor"}}}
    );
}

#[test]
fn several_fields_are_searched() {
    search!(films(), {
        "query": {"query_string": {"query": "dog", "fields": ["title", "plot^2"]}},
        "_source": false
    });
}

#[test]
fn several_fields_by_pattern() {
    search!(films(), {
        "query": {"query_string": {"query": "dog", "fields": ["t*", "plot"]}},
        "_source": false
    });
}

#[test]
fn without_a_field_all_are_searched_leniently() {
    search!(films(), {"query": {"query_string": {"query": "1999"}}, "_source": false});
}

#[test]
fn most_fields_adds_up() {
    search!(
        films(),
        {
            "query": {
                "query_string": {
                    "query": "dog",
                    "fields": ["title", "plot"],
                    "type": "most_fields"
                }
            },
            "_source": false
        }
    );
}

#[test]
fn minimum_should_match_counts_clauses() {
    search!(films(), {
        "query": {
            "query_string": {
                "query": "quick brown fox",
                "default_field": "title",
                "minimum_should_match": 2
            }
        },
        "_source": false
    });
}

#[test]
fn a_backslash_takes_a_sign_as_it_is() {
    search!(films(), {
        "query": {"query_string": {"query": "genre:dra\\:ma"}},
        "_source": false
    });
}

#[test]
fn letters_for_a_number_find_nothing() {
    search!(
        films(),
        {"query": {"query_string": {"query": "year:soon"}}}
    );
}

#[test]
fn letters_for_a_number_are_forgiven_when_lenient() {
    search!(films(), {"query": {"query_string": {"query": "year:soon", "lenient": true}}});
}

#[test]
fn an_open_parenthesis_is_refused() {
    search!(films(), {"query": {"query_string": {"query": "(fox"}}});
}

#[test]
fn an_open_quote_is_refused() {
    search!(films(), {"query": {"query_string": {"query": "\"fox"}}});
}

#[test]
fn an_operator_alone_is_refused() {
    search!(films(), {"query": {"query_string": {"query": "AND"}}});
}

#[test]
fn an_empty_query_finds_nothing() {
    search!(films(), {"query": {"query_string": {"query": ""}}});
}

#[test]
fn no_query_is_refused() {
    search!(films(), {"query": {"query_string": {"default_field": "title"}}});
}

#[test]
fn fields_beside_a_default_field_are_refused() {
    search!(
        films(),
        {
            "query": {
                "query_string": {"query": "x", "default_field": "title", "fields": ["plot"]}
            }
        }
    );
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"query_string": {"query": "x", "surprise": 1}}});
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {"query_string": {"query": "fox", "default_field": "title", "boost": 2}},
        "_source": false
    });
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"query_string": {"query": "fox", "default_field": "title", "_name": "q"}},
        "_source": false
    });
}

#[test]
fn an_analyzer_of_its_own_reads_the_words() {
    search!(films(), {
        "query": {
            "query_string": {"query": "Fox", "default_field": "title", "analyzer": "keyword"}
        }
    });
}

/// Lucene's parsers of query strings leave such a clause out.
#[test]
fn a_clause_of_stop_words_alone_asks_for_nothing() {
    asks!(films(),
        "POST /films/_search" => (plot("the AND fox")),
        "POST /films/_search" => (plot("+the -library")),
        "POST /films/_search" => (plot("+the +(a AND fox)")),
        "POST /films/_search" => (plot("\"the a\" AND library")),
        "POST /films/_search" => (plot("(the OR a) AND library^2")),
        "POST /films/_search" => (plot("NOT the")),
        "POST /films/_search" => (plot("the AND a")),
        "POST /films/_search" => {"query": {"query_string": {
            "query": "the OR fox OR library OR cow", "default_field": "plot", "minimum_should_match": "67%"
        }}},
        "POST /films/_search" => {"query": {"query_string": {"query": "the AND fox", "fields": ["plot", "title"]}}},
        "POST /films/_search" => {"query": {"simple_query_string": {"query": "+the +fox", "fields": ["plot"]}}},
        "POST /films/_search" => {"query": {"simple_query_string": {"query": "-the", "fields": ["plot"]}}},
    );
}

#[test]
fn stop_words_alone_find_nothing() {
    search!(films(), {"query": {"query_string": {"query": "the", "default_field": "plot"}}});
}

#[test]
fn a_url_may_hold_it() {
    asks!(films(), "GET /films/_search?q=genre:drama&_source=false");
}

#[test]
fn a_url_may_say_the_field_and_the_operator() {
    asks!(films(), "GET /films/_search?q=quick+fox&df=title&default_operator=AND&_source=false");
}

#[test]
fn a_url_may_be_lenient() {
    asks!(films(), "GET /films/_search?q=year:soon&lenient=true");
}

#[test]
fn a_url_with_a_fault_is_refused() {
    asks!(films(), "GET /films/_search?q=(fox");
}

#[test]
fn phrase_slop_is_for_every_phrase() {
    search!(films(), {
        "query": {
            "query_string": {
                "query": "\"quick fox\"",
                "default_field": "title",
                "phrase_slop": 1
            }
        },
        "_source": false
    });
}

#[test]
fn fuzziness_is_for_every_tilde() {
    search!(films(), {
        "query": {
            "query_string": {"query": "quiick~", "default_field": "title", "fuzziness": 1}
        },
        "_source": false
    });
}

#[test]
fn a_time_zone_moves_dates() {
    search!(films(), {
        "query": {
            "query_string": {
                "query": "released:[2024-02-29T05:00:00 TO 2024-02-29T05:00:00]",
                "time_zone": "-05:00"
            }
        },
        "_source": false
    });
}

#[test]
fn a_type_says_how_fields_are_joined() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"type": "cross_fields", "fields": ["title", "plot"]}))),
        "POST /_search" => (query(json!({"type": "cross_fields", "fields": ["title", "plot"], "minimum_should_match": 2}))),
        "POST /_search" => (query(json!({"type": "best_fields", "fields": ["title", "plot"], "minimum_should_match": 2}))),
        "POST /_search" => (query(json!({"type": "phrase", "query": "brown fox"}))),
        "POST /_search" => (query(json!({"type": "phrase_prefix", "query": "brown fo", "fields": ["title", "plot"]}))),
        "POST /_search" => (query(json!({"type": "bool_prefix", "query": "brown fo", "fields": ["title", "plot"]}))),
        "POST /_search" => (query(json!({"type": "most_fields", "query": "fo* lib*", "fields": ["title", "plot"]}))),
        "POST /_search" => (query(json!({"type": "most_fields", "query": "fo* dog~1", "tie_breaker": 0.25, "fields": ["title", "plot"]}))),
        "POST /_search" => (query(json!({"type": "surprise"}))),
    );
}

#[test]
fn a_text_that_words_begin_with_is_analyzed_where_that_is_asked_for() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"query": "Brown-FO*"}))),
        "POST /_search" => (query(json!({"query": "Brown-FO*", "analyze_wildcard": true}))),
        "POST /_search" => (query(json!({"query": "Brown-FO*", "analyze_wildcard": true, "default_operator": "and"}))),
        "POST /_search" => (query(json!({"query": "Brown-lazy-dog-c*", "analyze_wildcard": true, "minimum_should_match": 3}))),
        "POST /_search" => (query(json!({"query": "title:brown-q*", "analyze_wildcard": true, "fields": ["plot"]}))),
        "POST /_search" => (query(json!({"query": "br*-fo*", "analyze_wildcard": true}))),
        "POST /_search" => (query(json!({"query": "dra*", "fields": ["genre"], "analyze_wildcard": true}))),
    );
}

#[test]
fn a_suffix_names_the_field_of_phrases() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"query": "\"brown quick\"", "quote_field_suffix": ".raw"}))),
        "POST /_search" => (query(json!({"query": "quick \"brown fox\"", "quote_field_suffix": ".raw"}))),
        "POST /_search" => (query(json!({"query": "title:\"brown quick\"", "fields": ["plot"], "quote_field_suffix": ".raw"}))),
        "POST /_search" => (query(json!({"query": "\"brown fox\"", "quote_field_suffix": ".surprise"}))),
    );
}

#[test]
fn escape_lets_no_character_mean_anything_else() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"query": "(quick -fox", "escape": true}))),
        "POST /_search" => (query(json!({"query": "fo*", "escape": true}))),
        "POST /_search" => (query(json!({"query": "quick AND fox", "escape": true}))),
        "POST /_search" => (query(json!({"query": "quick", "escape": "maybe"}))),
    );
}

#[test]
fn phrases_have_a_slop_and_gaps() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"query": "\"quick fox\"", "phrase_slop": 1}))),
        "POST /_search" => (query(json!({"query": "\"fox quick\"", "phrase_slop": 3}))),
        "POST /_search" => (query(json!({"query": "\"run through the libraries\"", "fields": ["plot"]}))),
        "POST /_search" => (query(json!({"query": "\"run through libraries\"", "fields": ["plot"]}))),
        "POST /_search" => (query(json!({"query": "\"run through libraries\"", "fields": ["plot"], "enable_position_increments": false}))),
    );
}

#[test]
fn a_rewrite_scores_prefixes_and_patterns() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"query": "fo*", "rewrite": "scoring_boolean"}))),
        "POST /_search" => (query(json!({"query": "f?x", "rewrite": "scoring_boolean"}))),
        "POST /_search" => (query(json!({"query": "/fo./", "rewrite": "scoring_boolean"}))),
        "POST /_search" => (query(json!({"query": "fog~1", "rewrite": "scoring_boolean", "fuzzy_rewrite": "constant_score"}))),
        "POST /_search" => (query(json!({"rewrite": "surprise"}))),
        "POST /_search" => (query(json!({"fuzzy_rewrite": "surprise"}))),
    );
}

#[test]
fn what_is_no_value_of_an_option_is_refused() {
    let query = |options: Value| {
        let mut query = json!({"query": "quick fox", "fields": ["title"]});
        let all = options.as_object().cloned().unwrap_or_default();
        query.as_object_mut().unwrap().extend(all);
        json!({"query": {"query_string": query}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query(json!({"time_zone": "Nowhere"}))),
        "POST /_search" => (query(json!({"analyze_wildcard": "x"}))),
        "POST /_search" => (query(json!({"auto_generate_synonyms_phrase_query": "x"}))),
        "POST /_search" => (query(json!({"auto_generate_phrase_queries": true}))),
        "POST /_search" => (query(json!({"fields": "title"}))),
        "POST /_search" => (query(json!({"query": null}))),
        "POST /_search" => (query(json!({"fields": []}))),
        "POST /_search" => (query(json!({"lenient": false, "fields": ["year"]}))),
    );
}

fn plot(text: &str) -> Value {
    json!({"query": {"query_string": {"query": text, "default_field": "plot"}}})
}
