//! Every query on 240 documents: totals, scores, and the order of the first twenty.

use crate::cases::search;
use crate::library::crowd;

#[test]
fn match_all_scores_one() {
    search!(crowd(), {"query": {"match_all": {}}, "size": 20, "_source": false});
}

#[test]
fn match_all_scores_its_boost() {
    search!(crowd(), {"query": {"match_all": {"boost": 2.5}}, "size": 20, "_source": false});
}

#[test]
fn match_none_finds_nothing() {
    search!(crowd(), {"query": {"match_none": {}}, "size": 20, "_source": false});
}

#[test]
fn match_one_word() {
    search!(crowd(), {"query": {"match": {"title": "fox"}}, "size": 20, "_source": false});
}

#[test]
fn match_several_words_of_any_case() {
    search!(crowd(), {
        "query": {"match": {"title": "Quick FOX, dogs"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn match_every_word() {
    search!(crowd(), {
        "query": {"match": {"title": {"query": "quick fox", "operator": "and"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn match_three_words_of_four() {
    search!(crowd(), {
        "query": {
            "match": {"title": {"query": "quick fox lazy dog", "minimum_should_match": "75%"}}
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn match_two_words_with_a_boost() {
    search!(crowd(), {
        "query": {
            "match": {
                "title": {"query": "quick fox lazy dog", "minimum_should_match": 2, "boost": 3}
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn match_words_with_typing_errors() {
    search!(crowd(), {
        "query": {"match": {"title": {"query": "quikc fxo", "fuzziness": "AUTO"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn match_a_word_that_lacks_a_letter() {
    search!(crowd(), {
        "query": {"match": {"title": {"query": "pythn", "fuzziness": 1, "prefix_length": 1}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn match_a_word_twice() {
    search!(crowd(), {"query": {"match": {"title": "fox fox"}}, "size": 20, "_source": false});
}

#[test]
fn match_stemmed_words() {
    search!(crowd(), {
        "query": {"match": {"body": "the running library"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn match_a_stop_word_alone() {
    search!(crowd(), {"query": {"match": {"body": "the"}}, "size": 20, "_source": false});
}

#[test]
fn match_a_stop_word_alone_when_it_finds_all() {
    search!(crowd(), {
        "query": {"match": {"body": {"query": "the", "zero_terms_query": "all"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn match_in_a_field_that_few_have() {
    search!(crowd(), {"query": {"match": {"rare": "quick"}}, "size": 20, "_source": false});
}

#[test]
fn match_a_keyword() {
    search!(crowd(), {"query": {"match": {"section": "Admin"}}, "size": 20, "_source": false});
}

#[test]
fn match_a_number() {
    search!(crowd(), {"query": {"match": {"n": 5}}, "size": 20, "_source": false});
}

#[test]
fn match_a_number_by_its_digits() {
    search!(crowd(), {"query": {"match": {"n": "5"}}, "size": 20, "_source": false});
}

#[test]
fn match_a_boolean() {
    search!(crowd(), {"query": {"match": {"flag": true}}, "size": 20, "_source": false});
}

#[test]
fn match_a_field_that_is_not_mapped() {
    search!(crowd(), {"query": {"match": {"nowhere": "x"}}, "size": 20, "_source": false});
}

#[test]
fn match_a_month() {
    search!(crowd(), {"query": {"match": {"when": "2021-01"}}, "size": 20, "_source": false});
}

#[test]
fn phrase_of_two_words() {
    search!(crowd(), {
        "query": {"match_phrase": {"title": "quick brown"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn phrase_with_slop() {
    search!(crowd(), {
        "query": {"match_phrase": {"title": {"query": "quick fox", "slop": 2}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn phrase_with_a_repeated_word_and_slop() {
    search!(crowd(), {
        "query": {"match_phrase": {"body": {"query": "quick quick brown", "slop": 4}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn phrase_of_one_word_twice() {
    search!(crowd(), {
        "query": {"match_phrase": {"body": "fox fox"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn phrase_over_a_stop_word() {
    search!(crowd(), {
        "query": {"match_phrase": {"body": {"query": "lazy the dog", "slop": 1}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn phrase_with_great_slop() {
    search!(crowd(), {
        "query": {"match_phrase": {"body": {"query": "alpha beta", "slop": 10}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn phrase_in_a_field_of_several_values() {
    search!(crowd(), {
        "query": {"match_phrase": {"rare": "quick brown"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn phrase_from_one_value_into_another() {
    search!(crowd(), {
        "query": {"match_phrase": {"rare": {"query": "brown alpha", "slop": 120}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn phrase_prefix_of_two_words() {
    search!(crowd(), {
        "query": {"match_phrase_prefix": {"title": "quick br"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn phrase_prefix_of_one_letter() {
    search!(crowd(), {
        "query": {"match_phrase_prefix": {"title": "d"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_prefix_of_two_words() {
    search!(crowd(), {
        "query": {"match_bool_prefix": {"title": "quick br"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_prefix_of_every_word() {
    search!(crowd(), {
        "query": {"match_bool_prefix": {"title": {"query": "fox dog la", "operator": "and"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_prefix_of_stemmed_words_with_a_boost() {
    search!(crowd(), {
        "query": {"match_bool_prefix": {"body": {"query": "libraries ru", "boost": 2}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn multi_match_bool_prefix() {
    search!(crowd(), {
        "query": {
            "multi_match": {
                "query": "quick br",
                "fields": ["title", "body"],
                "type": "bool_prefix"
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn multi_match_best_fields() {
    search!(crowd(), {
        "query": {"multi_match": {"query": "quick fox", "fields": ["title", "body"]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn multi_match_boosted_field_and_tie_breaker() {
    search!(crowd(), {
        "query": {
            "multi_match": {
                "query": "quick fox",
                "fields": ["title^3", "body"],
                "tie_breaker": 0.3
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn multi_match_most_fields_by_pattern() {
    search!(crowd(), {
        "query": {
            "multi_match": {
                "query": "quick fox",
                "fields": ["title", "bod*"],
                "type": "most_fields"
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn multi_match_phrase() {
    search!(crowd(), {
        "query": {
            "multi_match": {
                "query": "quick brown",
                "fields": ["title", "body"],
                "type": "phrase"
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn multi_match_phrase_prefix() {
    search!(crowd(), {
        "query": {
            "multi_match": {
                "query": "quick br",
                "fields": ["title", "body"],
                "type": "phrase_prefix"
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn multi_match_every_word_in_one_field() {
    search!(crowd(), {
        "query": {
            "multi_match": {"query": "fox dog", "fields": ["title", "body"], "operator": "and"}
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn multi_match_in_all_fields() {
    search!(crowd(), {
        "query": {"multi_match": {"query": "quick"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn term_of_a_text() {
    search!(crowd(), {"query": {"term": {"title": "fox"}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_text_in_capitals() {
    search!(crowd(), {"query": {"term": {"title": "Fox"}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_keyword() {
    search!(crowd(), {"query": {"term": {"section": "games"}}, "size": 20, "_source": false});
}

#[test]
fn term_with_a_boost() {
    search!(crowd(), {
        "query": {"term": {"section": {"value": "games", "boost": 2}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn term_of_any_case() {
    search!(crowd(), {
        "query": {"term": {"section": {"value": "ADMIN", "case_insensitive": true}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn term_of_a_field_that_few_have() {
    search!(crowd(), {"query": {"term": {"tags": "a"}}, "size": 20, "_source": false});
}

#[test]
fn term_with_a_blank() {
    search!(crowd(), {"query": {"term": {"tags": "long tag"}}, "size": 20, "_source": false});
}

#[test]
fn term_of_an_integer() {
    search!(crowd(), {"query": {"term": {"n": 7}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_fraction_in_an_integer() {
    search!(crowd(), {"query": {"term": {"n": 7.5}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_double() {
    search!(crowd(), {"query": {"term": {"price": 12.34}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_float() {
    search!(crowd(), {"query": {"term": {"rate": 1.125}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_boolean() {
    search!(crowd(), {"query": {"term": {"flag": true}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_boolean_by_its_word() {
    search!(crowd(), {"query": {"term": {"flag": "false"}}, "size": 20, "_source": false});
}

#[test]
fn term_of_an_address() {
    search!(crowd(), {"query": {"term": {"addr": "10.0.1.7"}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_block_of_addresses() {
    search!(crowd(), {
        "query": {"term": {"addr": "10.0.1.0/24"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn term_of_a_year() {
    search!(crowd(), {"query": {"term": {"when": "2021"}}, "size": 20, "_source": false});
}

#[test]
fn term_of_an_id() {
    search!(crowd(), {"query": {"term": {"_id": "7"}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_field_in_an_object() {
    search!(crowd(), {"query": {"term": {"o.k": "k1"}}, "size": 20, "_source": false});
}

#[test]
fn term_of_a_multi_field() {
    search!(crowd(), {"query": {"term": {"title.raw": "fox"}}, "size": 20, "_source": false});
}

#[test]
fn terms_of_keywords() {
    search!(crowd(), {
        "query": {"terms": {"section": ["games", "net"]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn terms_of_numbers() {
    search!(crowd(), {
        "query": {"terms": {"n": [1, 2, 3, "4", 5, 6, 7]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn terms_of_a_text_with_a_boost() {
    search!(crowd(), {
        "query": {"terms": {"title": ["fox", "dog"], "boost": 2}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn terms_of_booleans() {
    search!(
        crowd(),
        {"query": {"terms": {"flag": [true]}}, "size": 20, "_source": false};
        differs: "Elasticsearch's side is taken on both"
    );
}

#[test]
fn terms_of_ids() {
    search!(crowd(), {
        "query": {"terms": {"_id": ["1", "2", "x"]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn terms_of_addresses() {
    search!(crowd(), {
        "query": {"terms": {"addr": ["10.0.2.0/25", "10.0.1.7"]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn terms_of_nothing() {
    search!(crowd(), {"query": {"terms": {"section": []}}, "size": 20, "_source": false});
}

#[test]
fn range_of_integers() {
    search!(crowd(), {
        "query": {"range": {"n": {"gte": 10, "lt": 200}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_integers_from_a_fraction() {
    search!(crowd(), {"query": {"range": {"n": {"gt": "10.5"}}}, "size": 20, "_source": false});
}

#[test]
fn range_of_integers_to_a_negative_fraction() {
    search!(crowd(), {"query": {"range": {"n": {"lte": -3.2}}}, "size": 20, "_source": false});
}

#[test]
fn range_of_one_integer_with_a_boost() {
    search!(crowd(), {
        "query": {"range": {"small": {"gt": 3, "lt": 5, "boost": 2}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_doubles() {
    search!(crowd(), {
        "query": {"range": {"price": {"gte": 100.5, "lte": 300}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_floats_above() {
    search!(crowd(), {
        "query": {"range": {"rate": {"gt": 1.125}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_floats_between() {
    search!(crowd(), {
        "query": {"range": {"rate": {"gte": 0.1, "lt": 1.3}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_keywords() {
    search!(crowd(), {
        "query": {"range": {"section": {"gte": "d", "lt": "m"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_words() {
    search!(crowd(), {
        "query": {"range": {"title": {"gt": "fox", "lte": "quick"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_dates() {
    search!(crowd(), {
        "query": {"range": {"when": {"gte": "2021-03-01", "lt": "2021-09"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_nothing_beside_a_year() {
    search!(crowd(), {
        "query": {"range": {"when": {"gt": "2021", "lte": "2021"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_rounded_dates() {
    search!(crowd(), {
        "query": {"range": {"when": {"gte": "2021-05-05||/M", "lte": "2021-05-05||+1M/M"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_dates_in_a_format() {
    search!(crowd(), {
        "query": {"range": {"when": {"gte": "05/06/2021", "format": "dd/MM/yyyy"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_dates_in_a_time_zone() {
    search!(crowd(), {
        "query": {
            "range": {
                "when": {
                    "gte": "2021-03-01T00:00:00",
                    "time_zone": "+05:00",
                    "lt": "2021-03-20"
                }
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_dates_by_milliseconds() {
    search!(crowd(), {
        "query": {"range": {"when": {"lt": 1_600_000_000_000i64}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_addresses() {
    search!(crowd(), {
        "query": {"range": {"addr": {"gte": "10.0.1.0", "lt": "10.0.2.0"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn range_of_booleans() {
    search!(
        crowd(),
        {"query": {"range": {"flag": {"gte": true}}}, "size": 20, "_source": false};
        differs: "Elasticsearch's side is taken on both"
    );
}

#[test]
fn range_without_bounds() {
    search!(crowd(), {"query": {"range": {"n": {}}}, "size": 20, "_source": false});
}

#[test]
fn range_by_from_and_to() {
    search!(crowd(), {
        "query": {"range": {"n": {"from": 3, "to": 9, "include_upper": false}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_nothing() {
    search!(crowd(), {"query": {"bool": {}}, "size": 20, "_source": false});
}

#[test]
fn bool_of_must_should_and_filter() {
    search!(crowd(), {
        "query": {
            "bool": {
                "must": [{"match": {"title": "fox"}}],
                "should": [{"match": {"body": "dog"}}],
                "filter": [{"term": {"section": "games"}}]
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_must_not() {
    search!(crowd(), {
        "query": {"bool": {"must_not": [{"match": {"title": "fox"}}]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_a_filter() {
    search!(crowd(), {
        "query": {"bool": {"filter": {"range": {"n": {"gte": 0}}}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_two_of_three() {
    search!(crowd(), {
        "query": {
            "bool": {
                "should": [
                    {"match": {"title": "fox"}},
                    {"match": {"title": "dog"}},
                    {"term": {"section": "net"}}
                ],
                "minimum_should_match": 2
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_should_beside_filter() {
    search!(crowd(), {
        "query": {
            "bool": {
                "should": [{"match": {"title": "fox"}}, {"term": {"flag": true}}],
                "filter": {"term": {"section": "libs"}}
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_everything_and_a_word_with_a_boost() {
    search!(crowd(), {
        "query": {
            "bool": {"must": [{"match_all": {}}, {"match": {"title": "fox"}}], "boost": 2}
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_everything_or_a_word() {
    search!(crowd(), {
        "query": {"bool": {"should": [{"match_all": {}}, {"match": {"title": "fox"}}]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_must_and_must_not() {
    search!(crowd(), {
        "query": {
            "bool": {
                "must": {"match": {"title": "fox"}},
                "must_not": {"exists": {"field": "body"}}
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_bools() {
    search!(crowd(), {
        "query": {
            "bool": {
                "should": [
                    {
                        "bool": {
                            "must": [{"match": {"title": "fox"}}, {"match": {"title": "dog"}}]
                        }
                    },
                    {"match_phrase": {"title": "quick brown"}}
                ]
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn bool_of_more_than_there_are() {
    search!(crowd(), {
        "query": {"bool": {"should": [{"match": {"title": "fox"}}], "minimum_should_match": 2}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn exists_of_a_keyword() {
    search!(crowd(), {"query": {"exists": {"field": "tags"}}, "size": 20, "_source": false});
}

#[test]
fn exists_of_a_text_with_a_boost() {
    search!(crowd(), {
        "query": {"exists": {"field": "body", "boost": 3}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn exists_of_an_object() {
    search!(crowd(), {"query": {"exists": {"field": "o"}}, "size": 20, "_source": false});
}

#[test]
fn exists_of_a_field_that_is_not_mapped() {
    search!(crowd(), {"query": {"exists": {"field": "nowhere"}}, "size": 20, "_source": false});
}

#[test]
fn exists_of_the_id() {
    search!(crowd(), {"query": {"exists": {"field": "_id"}}, "size": 20, "_source": false});
}

#[test]
fn prefix_of_a_text() {
    search!(crowd(), {"query": {"prefix": {"title": "qu"}}, "size": 20, "_source": false});
}

#[test]
fn prefix_of_a_keyword_with_a_boost() {
    search!(crowd(), {
        "query": {"prefix": {"section": {"value": "l", "boost": 2}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn prefix_of_any_case() {
    search!(crowd(), {
        "query": {"prefix": {"section": {"value": "AD", "case_insensitive": true}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn wildcard_of_a_text() {
    search!(crowd(), {"query": {"wildcard": {"title": "?o*"}}, "size": 20, "_source": false});
}

#[test]
fn wildcard_of_a_keyword() {
    search!(crowd(), {
        "query": {"wildcard": {"tags": {"value": "l*t?g"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn wildcard_of_any_case() {
    search!(crowd(), {
        "query": {"wildcard": {"section": {"value": "a*", "case_insensitive": true}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn regexp_of_a_text() {
    search!(crowd(), {
        "query": {"regexp": {"title": "(fo|do).*"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn regexp_of_a_keyword() {
    search!(crowd(), {
        "query": {"regexp": {"section": {"value": "[a-g].+"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn fuzzy_of_a_text() {
    search!(crowd(), {"query": {"fuzzy": {"title": "qiuck"}}, "size": 20, "_source": false});
}

#[test]
fn fuzzy_with_few_expansions() {
    search!(crowd(), {
        "query": {"fuzzy": {"title": {"value": "dgo", "fuzziness": 2, "max_expansions": 3}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn fuzzy_of_a_keyword() {
    search!(crowd(), {
        "query": {"fuzzy": {"section": {"value": "nte"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn ids_that_are_there_or_not() {
    search!(crowd(), {
        "query": {"ids": {"values": ["3", "5", "zz"]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn constant_score_with_a_boost() {
    search!(crowd(), {
        "query": {"constant_score": {"filter": {"match": {"title": "fox"}}, "boost": 1.2}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn dis_max_with_a_tie_breaker() {
    search!(crowd(), {
        "query": {
            "dis_max": {
                "queries": [{"match": {"title": "fox"}}, {"match": {"body": "fox"}}],
                "tie_breaker": 0.3
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn boosting_of_a_section() {
    search!(crowd(), {
        "query": {
            "boosting": {
                "positive": {"match": {"title": "fox"}},
                "negative": {"term": {"section": "games"}},
                "negative_boost": 0.2
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn function_score_of_a_fields_logarithm() {
    search!(crowd(), {
        "query": {
            "function_score": {
                "query": {"match": {"title": "fox"}},
                "field_value_factor": {"field": "small", "factor": 1.5, "modifier": "log1p"}
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn function_score_of_two_weights() {
    search!(crowd(), {
        "query": {
            "function_score": {
                "query": {"match": {"title": "fox"}},
                "functions": [
                    {"filter": {"term": {"section": "games"}}, "weight": 3},
                    {"weight": 2}
                ],
                "score_mode": "sum",
                "boost_mode": "sum"
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn function_score_with_a_least_score() {
    search!(crowd(), {
        "query": {
            "function_score": {
                "functions": [{"filter": {"term": {"flag": true}}, "weight": 3}],
                "score_mode": "avg",
                "boost_mode": "replace",
                "min_score": 2
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_in_all_fields() {
    search!(crowd(), {
        "query": {"query_string": {"query": "quick fox"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_two_fields() {
    search!(crowd(), {
        "query": {"query_string": {"query": "title:quick AND body:fox"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_in_boosted_fields() {
    search!(crowd(), {
        "query": {"query_string": {"query": "quick brown", "fields": ["title", "body^2"]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_a_phrase_and_a_ban() {
    search!(crowd(), {
        "query": {
            "query_string": {"query": "\"quick brown\"~2 -lazy", "default_field": "title"}
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_a_range() {
    search!(crowd(), {
        "query": {"query_string": {"query": "n:[10 TO 100} AND section:games"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_wildcards() {
    search!(crowd(), {
        "query": {"query_string": {"query": "qu* d?g", "default_field": "title"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_with_and_by_default() {
    search!(crowd(), {
        "query": {
            "query_string": {
                "query": "fox dog",
                "default_field": "title",
                "default_operator": "AND"
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_a_boosted_group() {
    search!(crowd(), {
        "query": {
            "query_string": {"query": "(fox OR dog)^3 AND NOT lazy", "default_field": "title"}
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_a_group_and_a_comparison() {
    search!(crowd(), {
        "query": {"query_string": {"query": "title:(fox dog) price:>500"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_existence() {
    search!(crowd(), {
        "query": {"query_string": {"query": "_exists_:tags"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_a_typing_error() {
    search!(crowd(), {
        "query": {"query_string": {"query": "foxx~1", "default_field": "title"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_two_words_of_three() {
    search!(crowd(), {
        "query": {
            "query_string": {
                "query": "fox dog quick",
                "default_field": "title",
                "minimum_should_match": 2
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_a_range_of_dates() {
    search!(crowd(), {
        "query": {"query_string": {"query": "when:[2021-01-01 TO 2021-06-30]"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_a_regular_expression() {
    search!(crowd(), {
        "query": {"query_string": {"query": "/fo[xy]/ Alpha", "default_field": "title"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_everything() {
    search!(crowd(), {
        "query": {"query_string": {"query": "*:*"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn query_string_of_or_beside_and() {
    search!(crowd(), {
        "query": {"query_string": {"query": "a OR fox AND dog", "default_field": "title"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn simple_query_string_of_both_words() {
    search!(crowd(), {
        "query": {"simple_query_string": {"query": "quick + fox", "fields": ["title", "body"]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn simple_query_string_of_a_ban_and_a_phrase() {
    search!(crowd(), {
        "query": {
            "simple_query_string": {"query": "quick -fox | \"lazy dog\"", "fields": ["title"]}
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn simple_query_string_of_a_prefix_and_an_error() {
    search!(crowd(), {
        "query": {"simple_query_string": {"query": "qui* fxo~1", "fields": ["title^2"]}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn simple_query_string_with_and_by_default() {
    search!(crowd(), {
        "query": {
            "simple_query_string": {
                "query": "fox dog",
                "fields": ["title"],
                "default_operator": "and"
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn simple_query_string_of_a_group() {
    search!(crowd(), {
        "query": {
            "simple_query_string": {
                "query": "quick (fox | dog) + lazy",
                "fields": ["title", "body"]
            }
        },
        "size": 20,
        "_source": false
    });
}

#[test]
fn refused_unknown_query() {
    search!(crowd(), {"query": {"mtch": {"title": "x"}}, "size": 20, "_source": false});
}

#[test]
fn refused_unknown_option() {
    search!(crowd(), {
        "query": {"match": {"title": {"query": "x", "surprise": 1}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn refused_two_fields() {
    search!(crowd(), {"query": {"match": {"a": "x", "b": "y"}}, "size": 20, "_source": false});
}

#[test]
fn refused_letters_for_a_number() {
    search!(crowd(), {"query": {"term": {"n": "abc"}}, "size": 20, "_source": false});
}

#[test]
fn refused_word_for_a_date() {
    search!(crowd(), {
        "query": {"range": {"when": {"gte": "soon"}}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn refused_letter_for_a_bound() {
    search!(crowd(), {"query": {"range": {"n": {"gte": "x"}}}, "size": 20, "_source": false});
}

#[test]
fn refused_word_for_an_address() {
    search!(crowd(), {"query": {"term": {"addr": "nowhere"}}, "size": 20, "_source": false});
}

#[test]
fn refused_open_parenthesis() {
    search!(crowd(), {
        "query": {"query_string": {"query": "(fox"}},
        "size": 20,
        "_source": false
    });
}

#[test]
fn refused_prefix_of_a_number() {
    search!(crowd(), {"query": {"prefix": {"n": "1"}}, "size": 20, "_source": false});
}

#[test]
fn refused_terms_of_one_value() {
    search!(crowd(), {"query": {"terms": {"section": "games"}}, "size": 20, "_source": false});
}

#[test]
fn refused_term_of_a_list() {
    search!(crowd(), {"query": {"term": {"section": ["a"]}}, "size": 20, "_source": false});
}

#[test]
fn refused_unknown_clause() {
    search!(crowd(), {"query": {"bool": {"surprise": []}}, "size": 20, "_source": false});
}

#[test]
fn refused_word_for_a_boolean() {
    search!(crowd(), {"query": {"term": {"flag": "maybe"}}, "size": 20, "_source": false});
}

#[test]
fn refused_empty_query() {
    search!(crowd(), {"query": {}, "size": 20, "_source": false});
}

#[test]
fn refused_exists_of_nothing() {
    search!(crowd(), {"query": {"exists": {}}, "size": 20, "_source": false});
}
