//! `match`: words of a text, values of the other types.

use serde_json::json;

use crate::cases::{Setup, asks, search};
use crate::library::{films, no_films};

#[test]
fn any_of_the_words_is_enough() {
    search!(films(), {"query": {"match": {"title": "quick dog"}}});
}

#[test]
fn with_operator_and_every_word_is_wanted() {
    search!(films(), {
        "query": {"match": {"title": {"query": "quick brown", "operator": "and"}}}
    });
}

#[test]
fn the_operator_may_be_written_in_capitals() {
    search!(films(), {
        "query": {"match": {"title": {"query": "quick brown", "operator": "AND"}}}
    });
}

#[test]
fn an_unknown_operator_is_refused() {
    search!(
        films(),
        {"query": {"match": {"title": {"query": "quick brown", "operator": "xor"}}}}
    );
}

#[test]
fn minimum_should_match_counts_words() {
    search!(films(), {
        "query": {"match": {"title": {"query": "quick brown fox", "minimum_should_match": 2}}}
    });
}

#[test]
fn minimum_should_match_takes_a_percentage_rounded_down() {
    search!(films(), {
        "query": {
            "match": {"title": {"query": "quick brown fox", "minimum_should_match": "67%"}}
        }
    });
}

#[test]
fn minimum_should_match_takes_a_negative_number_of_words_that_may_miss() {
    search!(films(), {
        "query": {"match": {"title": {"query": "quick brown fox", "minimum_should_match": -1}}}
    });
}

#[test]
fn minimum_should_match_takes_a_negative_percentage() {
    search!(
        films(),
        {
            "query": {
                "match": {
                    "title": {"query": "quick brown fox", "minimum_should_match": "-30%"}
                }
            }
        }
    );
}

#[test]
fn minimum_should_match_takes_conditions() {
    search!(films(), {
        "query": {
            "match": {
                "title": {"query": "quick brown fox", "minimum_should_match": "2<-1 5<50%"}
            }
        }
    });
}

#[test]
fn minimum_should_match_of_more_than_there_are_wants_all() {
    search!(films(), {
        "query": {"match": {"title": {"query": "quick brown", "minimum_should_match": 5}}}
    });
}

#[test]
fn minimum_should_match_that_is_no_number_is_refused() {
    search!(
        films(),
        {
            "query": {
                "match": {"title": {"query": "quick brown", "minimum_should_match": "many"}}
            }
        }
    );
}

#[test]
fn the_words_of_the_query_are_analyzed_as_those_of_the_field() {
    search!(films(), {"query": {"match": {"plot": "LIBRARY runs"}}});
}

#[test]
fn an_analyzer_of_its_own_reads_the_query() {
    search!(films(), {
        "query": {"match": {"title": {"query": "Quick dogs", "analyzer": "keyword"}}}
    });
}

#[test]
fn an_analyzer_that_is_not_there_is_refused() {
    search!(films(), {"query": {"match": {"title": {"query": "x", "analyzer": "nobody"}}}});
}

#[test]
fn stop_words_alone_find_nothing() {
    search!(films(), {"query": {"match": {"plot": "the and a"}}});
}

#[test]
fn stop_words_alone_find_everything_when_asked_to() {
    search!(films(), {
        "query": {"match": {"plot": {"query": "the and a", "zero_terms_query": "all"}}},
        "_source": false
    });
}

#[test]
fn an_unknown_zero_terms_query_is_refused() {
    search!(films(), {
        "query": {"match": {"plot": {"query": "the", "zero_terms_query": "some"}}}
    });
}

#[test]
fn an_empty_text_finds_nothing() {
    search!(films(), {"query": {"match": {"title": ""}}});
}

#[test]
fn a_word_twice_in_the_query_counts_twice() {
    search!(films(), {"query": {"match": {"title": "fox fox"}}, "_source": false});
}

#[test]
fn fuzziness_auto_forgives_by_length() {
    search!(films(), {
        "query": {"match": {"title": {"query": "qiuck browm fxo", "fuzziness": "AUTO"}}},
        "_source": false
    });
}

#[test]
fn fuzziness_auto_takes_bounds_of_its_own() {
    search!(films(), {
        "query": {"match": {"title": {"query": "fax", "fuzziness": "AUTO:2,5"}}},
        "_source": false
    });
}

#[test]
fn fuzziness_zero_forgives_nothing() {
    search!(films(), {"query": {"match": {"title": {"query": "fxo", "fuzziness": 0}}}});
}

#[test]
fn fuzziness_one_forgives_one_letter() {
    search!(films(), {
        "query": {"match": {"title": {"query": "foxy", "fuzziness": 1}}},
        "_source": false
    });
}

#[test]
fn fuzziness_three_counts_as_two() {
    search!(
        films(),
        {"query": {"match": {"title": {"query": "foxy", "fuzziness": 3}}}}
    );
}

#[test]
fn a_prefix_length_protects_the_first_letters() {
    search!(films(), {
        "query": {"match": {"title": {"query": "luick", "fuzziness": 1, "prefix_length": 1}}}
    });
}

#[test]
fn without_transpositions_a_swap_is_two_edits() {
    search!(films(), {
        "query": {
            "match": {
                "title": {"query": "uqick", "fuzziness": 1, "fuzzy_transpositions": false}
            }
        }
    });
}

#[test]
fn a_keyword_is_matched_whole() {
    search!(films(), {"query": {"match": {"genre": "drama"}}, "_source": false});
}

#[test]
fn a_keyword_is_matched_with_its_capitals() {
    search!(films(), {"query": {"match": {"genre": "thriller"}}, "_source": false});
}

#[test]
fn a_number_matches_its_digits() {
    search!(films(), {"query": {"match": {"year": "1999"}}, "_source": false});
}

#[test]
fn a_number_with_a_fraction_matches_no_integer() {
    search!(films(), {"query": {"match": {"year": 1999.5}}});
}

#[test]
fn a_number_out_of_range_is_refused() {
    search!(
        films(),
        {"query": {"match": {"year": 99_999_999_999i64}}};
        differs: "refused in other words"
    );
}

#[test]
fn letters_for_a_number_are_refused() {
    search!(films(), {"query": {"match": {"year": "soon"}}});
}

#[test]
fn lenient_forgives_letters_for_a_number() {
    search!(films(), {"query": {"match": {"year": {"query": "soon", "lenient": true}}}});
}

#[test]
fn a_double_is_matched() {
    search!(films(), {"query": {"match": {"rating": 6.25}}, "_source": false});
}

#[test]
fn a_boolean_is_matched() {
    search!(films(), {"query": {"match": {"seen": true}}, "_source": false});
}

#[test]
fn a_boolean_is_matched_by_its_word() {
    search!(films(), {"query": {"match": {"seen": "false"}}, "_source": false});
}

#[test]
fn a_date_is_matched_to_its_day() {
    search!(films(), {"query": {"match": {"released": "1999-03-10"}}, "_source": false});
}

#[test]
fn a_date_that_is_none_is_refused() {
    search!(films(), {"query": {"match": {"released": "soon"}}});
}

#[test]
fn an_address_is_matched() {
    search!(films(), {"query": {"match": {"addr": "10.0.0.1"}}, "_source": false});
}

#[test]
fn a_block_of_addresses_is_matched() {
    search!(films(), {"query": {"match": {"addr": "10.0.0.0/24"}}, "_source": false});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"match": {"nowhere": "x"}}});
}

#[test]
fn an_object_is_no_field() {
    search!(films(), {"query": {"match": {"crew": "Ann"}}});
}

#[test]
fn a_field_of_an_object_goes_by_its_path() {
    search!(films(), {"query": {"match": {"crew.director": "Ann"}}, "_source": false});
}

#[test]
fn an_alias_stands_for_its_field() {
    search!(films(), {"query": {"match": {"kind": "comedy"}}, "_source": false});
}

#[test]
fn a_field_that_is_not_indexed_is_refused() {
    search!(
        films(),
        {"query": {"match": {"hidden": "x"}}}
    );
}

#[test]
fn a_multi_field_is_asked_by_its_name() {
    search!(films(), {"query": {"match": {"title.raw": "brown quick"}}, "_source": false});
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {"match": {"title": {"query": "fox", "boost": 2.5}}},
        "_source": false
    });
}

#[test]
fn a_boost_below_zero_is_refused() {
    search!(
        films(),
        {"query": {"match": {"title": {"query": "fox", "boost": -1}}}};
        differs: "refused in other words"
    );
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"match": {"title": {"query": "fox", "_name": "the fox"}}},
        "_source": false
    });
}

#[test]
fn two_fields_are_refused() {
    search!(films(), {"query": {"match": {"title": "x", "plot": "y"}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"match": {"title": {"query": "x", "surprise": 1}}}});
}

#[test]
fn a_list_of_words_is_refused() {
    search!(
        films(),
        {"query": {"match": {"title": ["quick", "fox"]}}};
        differs: "refused with 400, where theirs is a fault of its own (500)"
    );
}

#[test]
fn no_query_at_all_is_refused() {
    search!(films(), {"query": {"match": {"title": {"operator": "and"}}}});
}

#[test]
fn an_empty_match_is_refused() {
    search!(
        films(),
        {"query": {"match": {}}}
    );
}

#[test]
fn a_match_that_is_a_word_is_refused() {
    search!(films(), {"query": {"match": "fox"}});
}

#[test]
fn nothing_is_found_in_an_empty_index() {
    search!(no_films(), {"query": {"match": {"title": "fox"}}});
}

#[test]
fn a_fuzzy_rewrite_scores_near_words_in_its_own_way() {
    let query = |rewrite: &str| {
        let fuzzy = json!({"query": "fog", "fuzziness": 1, "fuzzy_rewrite": rewrite});
        json!({"query": {"match": {"title": fuzzy}}, "_source": false})
    };
    asks!(
        films(),
        "POST /_search" => (query("constant_score")),
        "POST /_search" => (query("scoring_boolean")),
        "POST /_search" => (query("top_terms_boost_1")),
        "POST /_search" => (query("surprise")),
    );
}

#[test]
fn words_in_one_place_count_each_by_itself() {
    let index = Setup::index(
        "a",
        json!({
            "settings": {"number_of_replicas": 0, "analysis": {
                "analyzer": {"starts": {"tokenizer": "standard", "filter": ["starts", "lowercase"]}},
                "filter": {"starts": {"type": "edge_ngram", "min_gram": 2, "max_gram": 15}}
            }},
            "mappings": {"properties": {"t": {"type": "text", "analyzer": "starts"}}}
        }),
        json!([
            {"t": "models and ModelAdmin model more module"},
            {"t": "model"},
            {"t": "models model"},
            {"t": "most mode"},
            {"t": "other words"}
        ]),
    );
    asks!(
        index,
        "POST /_search" => {"query": {"match": {"t": "mod"}}},
        "POST /_search" => {"query": {"query_string": {"query": "t:(mod)", "default_operator": "AND"}}},
        "GET /a/_explain/0" => {"query": {"match": {"t": "mod"}}}
    );
}
