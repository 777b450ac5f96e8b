//! Every query on 240 documents: totals, scores, and the order of the first twenty.

use crate::cases::search;
use crate::library::crowd;

/// Asks for the first 20 hits of a query and their scores.
macro_rules! scores {
    ($query:tt $(; differs: $why:literal)? $(,)?) => {
        search!(crowd(), {"query": $query, "size": 20, "_source": false} $(; differs: $why)?)
    };
}

#[test]
fn match_all_scores_one() {
    scores!({"match_all": {}});
}

#[test]
fn match_all_scores_its_boost() {
    scores!({"match_all": {"boost": 2.5}});
}

#[test]
fn match_none_finds_nothing() {
    scores!({"match_none": {}});
}

#[test]
fn match_one_word() {
    scores!({"match": {"title": "fox"}});
}

#[test]
fn match_several_words_of_any_case() {
    scores!({"match": {"title": "Quick FOX, dogs"}});
}

#[test]
fn match_every_word() {
    scores!({"match": {"title": {"query": "quick fox", "operator": "and"}}});
}

#[test]
fn match_three_words_of_four() {
    scores!({
        "match": {"title": {"query": "quick fox lazy dog", "minimum_should_match": "75%"}}
    });
}

#[test]
fn match_two_words_with_a_boost() {
    scores!({
        "match": {
            "title": {"query": "quick fox lazy dog", "minimum_should_match": 2, "boost": 3}
        }
    });
}

#[test]
fn match_words_with_typing_errors() {
    scores!({"match": {"title": {"query": "quikc fxo", "fuzziness": "AUTO"}}});
}

#[test]
fn match_a_word_that_lacks_a_letter() {
    scores!({"match": {"title": {"query": "pythn", "fuzziness": 1, "prefix_length": 1}}});
}

#[test]
fn match_a_word_twice() {
    scores!({"match": {"title": "fox fox"}});
}

#[test]
fn match_stemmed_words() {
    scores!({"match": {"body": "the running library"}});
}

#[test]
fn match_a_stop_word_alone() {
    scores!({"match": {"body": "the"}});
}

#[test]
fn match_a_stop_word_alone_when_it_finds_all() {
    scores!({"match": {"body": {"query": "the", "zero_terms_query": "all"}}});
}

#[test]
fn match_in_a_field_that_few_have() {
    scores!({"match": {"rare": "quick"}});
}

#[test]
fn match_a_keyword() {
    scores!({"match": {"section": "Admin"}});
}

#[test]
fn match_a_number() {
    scores!({"match": {"n": 5}});
}

#[test]
fn match_a_number_by_its_digits() {
    scores!({"match": {"n": "5"}});
}

#[test]
fn match_a_boolean() {
    scores!({"match": {"flag": true}});
}

#[test]
fn match_a_field_that_is_not_mapped() {
    scores!({"match": {"nowhere": "x"}});
}

#[test]
fn match_a_month() {
    scores!({"match": {"when": "2021-01"}});
}

#[test]
fn phrase_of_two_words() {
    scores!({"match_phrase": {"title": "quick brown"}});
}

#[test]
fn phrase_with_slop() {
    scores!({"match_phrase": {"title": {"query": "quick fox", "slop": 2}}});
}

#[test]
fn phrase_with_a_repeated_word_and_slop() {
    scores!({"match_phrase": {"body": {"query": "quick quick brown", "slop": 4}}});
}

#[test]
fn phrase_of_one_word_twice() {
    scores!({"match_phrase": {"body": "fox fox"}});
}

#[test]
fn phrase_over_a_stop_word() {
    scores!({"match_phrase": {"body": {"query": "lazy the dog", "slop": 1}}});
}

#[test]
fn phrase_with_great_slop() {
    scores!({"match_phrase": {"body": {"query": "alpha beta", "slop": 10}}});
}

#[test]
fn phrase_in_a_field_of_several_values() {
    scores!({"match_phrase": {"rare": "quick brown"}});
}

#[test]
fn phrase_from_one_value_into_another() {
    scores!({"match_phrase": {"rare": {"query": "brown alpha", "slop": 120}}});
}

#[test]
fn phrase_prefix_of_two_words() {
    scores!({"match_phrase_prefix": {"title": "quick br"}});
}

#[test]
fn phrase_prefix_of_one_letter() {
    scores!({"match_phrase_prefix": {"title": "d"}});
}

#[test]
fn bool_prefix_of_two_words() {
    scores!({"match_bool_prefix": {"title": "quick br"}});
}

#[test]
fn bool_prefix_of_every_word() {
    scores!({"match_bool_prefix": {"title": {"query": "fox dog la", "operator": "and"}}});
}

#[test]
fn bool_prefix_of_stemmed_words_with_a_boost() {
    scores!({"match_bool_prefix": {"body": {"query": "libraries ru", "boost": 2}}});
}

#[test]
fn multi_match_bool_prefix() {
    scores!({
        "multi_match": {
            "query": "quick br",
            "fields": ["title", "body"],
            "type": "bool_prefix"
        }
    });
}

#[test]
fn multi_match_best_fields() {
    scores!({"multi_match": {"query": "quick fox", "fields": ["title", "body"]}});
}

#[test]
fn multi_match_boosted_field_and_tie_breaker() {
    scores!({
        "multi_match": {
            "query": "quick fox",
            "fields": ["title^3", "body"],
            "tie_breaker": 0.3
        }
    });
}

#[test]
fn multi_match_most_fields_by_pattern() {
    scores!({
        "multi_match": {
            "query": "quick fox",
            "fields": ["title", "bod*"],
            "type": "most_fields"
        }
    });
}

#[test]
fn multi_match_phrase() {
    scores!({
        "multi_match": {
            "query": "quick brown",
            "fields": ["title", "body"],
            "type": "phrase"
        }
    });
}

#[test]
fn multi_match_phrase_prefix() {
    scores!({
        "multi_match": {
            "query": "quick br",
            "fields": ["title", "body"],
            "type": "phrase_prefix"
        }
    });
}

#[test]
fn multi_match_every_word_in_one_field() {
    scores!({
        "multi_match": {"query": "fox dog", "fields": ["title", "body"], "operator": "and"}
    });
}

#[test]
fn multi_match_in_all_fields() {
    scores!({"multi_match": {"query": "quick"}});
}

#[test]
fn term_of_a_text() {
    scores!({"term": {"title": "fox"}});
}

#[test]
fn term_of_a_text_in_capitals() {
    scores!({"term": {"title": "Fox"}});
}

#[test]
fn term_of_a_keyword() {
    scores!({"term": {"section": "games"}});
}

#[test]
fn term_with_a_boost() {
    scores!({"term": {"section": {"value": "games", "boost": 2}}});
}

#[test]
fn term_of_any_case() {
    scores!({"term": {"section": {"value": "ADMIN", "case_insensitive": true}}});
}

#[test]
fn term_of_a_field_that_few_have() {
    scores!({"term": {"tags": "a"}});
}

#[test]
fn term_with_a_blank() {
    scores!({"term": {"tags": "long tag"}});
}

#[test]
fn term_of_an_integer() {
    scores!({"term": {"n": 7}});
}

#[test]
fn term_of_a_fraction_in_an_integer() {
    scores!({"term": {"n": 7.5}});
}

#[test]
fn term_of_a_double() {
    scores!({"term": {"price": 12.34}});
}

#[test]
fn term_of_a_float() {
    scores!({"term": {"rate": 1.125}});
}

#[test]
fn term_of_a_boolean() {
    scores!({"term": {"flag": true}});
}

#[test]
fn term_of_a_boolean_by_its_word() {
    scores!({"term": {"flag": "false"}});
}

#[test]
fn term_of_an_address() {
    scores!({"term": {"addr": "10.0.1.7"}});
}

#[test]
fn term_of_a_block_of_addresses() {
    scores!({"term": {"addr": "10.0.1.0/24"}});
}

#[test]
fn term_of_a_year() {
    scores!({"term": {"when": "2021"}});
}

#[test]
fn term_of_an_id() {
    scores!({"term": {"_id": "7"}});
}

#[test]
fn term_of_a_field_in_an_object() {
    scores!({"term": {"o.k": "k1"}});
}

#[test]
fn term_of_a_multi_field() {
    scores!({"term": {"title.raw": "fox"}});
}

#[test]
fn terms_of_keywords() {
    scores!({"terms": {"section": ["games", "net"]}});
}

#[test]
fn terms_of_numbers() {
    scores!({"terms": {"n": [1, 2, 3, "4", 5, 6, 7]}});
}

#[test]
fn terms_of_a_text_with_a_boost() {
    scores!({"terms": {"title": ["fox", "dog"], "boost": 2}});
}

#[test]
fn terms_of_booleans() {
    scores!({"terms": {"flag": [true]}});
}

#[test]
fn terms_of_ids() {
    scores!({"terms": {"_id": ["1", "2", "x"]}});
}

#[test]
fn terms_of_addresses() {
    scores!({"terms": {"addr": ["10.0.2.0/25", "10.0.1.7"]}});
}

#[test]
fn terms_of_nothing() {
    scores!({"terms": {"section": []}});
}

#[test]
fn range_of_integers() {
    scores!({"range": {"n": {"gte": 10, "lt": 200}}});
}

#[test]
fn range_of_integers_from_a_fraction() {
    scores!({"range": {"n": {"gt": "10.5"}}});
}

#[test]
fn range_of_integers_to_a_negative_fraction() {
    scores!({"range": {"n": {"lte": -3.2}}});
}

#[test]
fn range_of_one_integer_with_a_boost() {
    scores!({"range": {"small": {"gt": 3, "lt": 5, "boost": 2}}});
}

#[test]
fn range_of_doubles() {
    scores!({"range": {"price": {"gte": 100.5, "lte": 300}}});
}

#[test]
fn range_of_floats_above() {
    scores!({"range": {"rate": {"gt": 1.125}}});
}

#[test]
fn range_of_floats_between() {
    scores!({"range": {"rate": {"gte": 0.1, "lt": 1.3}}});
}

#[test]
fn range_of_keywords() {
    scores!({"range": {"section": {"gte": "d", "lt": "m"}}});
}

#[test]
fn range_of_words() {
    scores!({"range": {"title": {"gt": "fox", "lte": "quick"}}});
}

#[test]
fn range_of_dates() {
    scores!({"range": {"when": {"gte": "2021-03-01", "lt": "2021-09"}}});
}

#[test]
fn range_of_nothing_beside_a_year() {
    scores!({"range": {"when": {"gt": "2021", "lte": "2021"}}});
}

#[test]
fn range_of_rounded_dates() {
    scores!({"range": {"when": {"gte": "2021-05-05||/M", "lte": "2021-05-05||+1M/M"}}});
}

#[test]
fn range_of_dates_in_a_format() {
    scores!({"range": {"when": {"gte": "05/06/2021", "format": "dd/MM/yyyy"}}});
}

#[test]
fn range_of_dates_in_a_time_zone() {
    scores!({
        "range": {
            "when": {
                "gte": "2021-03-01T00:00:00",
                "time_zone": "+05:00",
                "lt": "2021-03-20"
            }
        }
    });
}

#[test]
fn range_of_dates_by_milliseconds() {
    scores!({"range": {"when": {"lt": 1_600_000_000_000i64}}});
}

#[test]
fn range_of_addresses() {
    scores!({"range": {"addr": {"gte": "10.0.1.0", "lt": "10.0.2.0"}}});
}

#[test]
fn range_of_booleans() {
    scores!({"range": {"flag": {"gte": true}}}; differs: "Elasticsearch's side is taken on both");
}

#[test]
fn range_without_bounds() {
    scores!({"range": {"n": {}}});
}

#[test]
fn range_by_from_and_to() {
    scores!({"range": {"n": {"from": 3, "to": 9, "include_upper": false}}});
}

#[test]
fn bool_of_nothing() {
    scores!({"bool": {}});
}

#[test]
fn bool_of_must_should_and_filter() {
    scores!({
        "bool": {
            "must": [{"match": {"title": "fox"}}],
            "should": [{"match": {"body": "dog"}}],
            "filter": [{"term": {"section": "games"}}]
        }
    });
}

#[test]
fn bool_of_must_not() {
    scores!({"bool": {"must_not": [{"match": {"title": "fox"}}]}});
}

#[test]
fn bool_of_a_filter() {
    scores!({"bool": {"filter": {"range": {"n": {"gte": 0}}}}});
}

#[test]
fn bool_of_two_of_three() {
    scores!({
        "bool": {
            "should": [
                {"match": {"title": "fox"}},
                {"match": {"title": "dog"}},
                {"term": {"section": "net"}}
            ],
            "minimum_should_match": 2
        }
    });
}

#[test]
fn bool_of_should_beside_filter() {
    scores!({
        "bool": {
            "should": [{"match": {"title": "fox"}}, {"term": {"flag": true}}],
            "filter": {"term": {"section": "libs"}}
        }
    });
}

#[test]
fn bool_of_everything_and_a_word_with_a_boost() {
    scores!({
        "bool": {"must": [{"match_all": {}}, {"match": {"title": "fox"}}], "boost": 2}
    });
}

#[test]
fn bool_of_everything_or_a_word() {
    scores!({"bool": {"should": [{"match_all": {}}, {"match": {"title": "fox"}}]}});
}

#[test]
fn bool_of_must_and_must_not() {
    scores!({
        "bool": {
            "must": {"match": {"title": "fox"}},
            "must_not": {"exists": {"field": "body"}}
        }
    });
}

#[test]
fn bool_of_bools() {
    scores!({
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
    });
}

#[test]
fn bool_of_more_than_there_are() {
    scores!({"bool": {"should": [{"match": {"title": "fox"}}], "minimum_should_match": 2}});
}

#[test]
fn exists_of_a_keyword() {
    scores!({"exists": {"field": "tags"}});
}

#[test]
fn exists_of_a_text_with_a_boost() {
    scores!({"exists": {"field": "body", "boost": 3}});
}

#[test]
fn exists_of_an_object() {
    scores!({"exists": {"field": "o"}});
}

#[test]
fn exists_of_a_field_that_is_not_mapped() {
    scores!({"exists": {"field": "nowhere"}});
}

#[test]
fn exists_of_the_id() {
    scores!({"exists": {"field": "_id"}});
}

#[test]
fn prefix_of_a_text() {
    scores!({"prefix": {"title": "qu"}});
}

#[test]
fn prefix_of_a_keyword_with_a_boost() {
    scores!({"prefix": {"section": {"value": "l", "boost": 2}}});
}

#[test]
fn prefix_of_any_case() {
    scores!({"prefix": {"section": {"value": "AD", "case_insensitive": true}}});
}

#[test]
fn wildcard_of_a_text() {
    scores!({"wildcard": {"title": "?o*"}});
}

#[test]
fn wildcard_of_a_keyword() {
    scores!({"wildcard": {"tags": {"value": "l*t?g"}}});
}

#[test]
fn wildcard_of_any_case() {
    scores!({"wildcard": {"section": {"value": "a*", "case_insensitive": true}}});
}

#[test]
fn regexp_of_a_text() {
    scores!({"regexp": {"title": "(fo|do).*"}});
}

#[test]
fn regexp_of_a_keyword() {
    scores!({"regexp": {"section": {"value": "[a-g].+"}}});
}

#[test]
fn fuzzy_of_a_text() {
    scores!({"fuzzy": {"title": "qiuck"}});
}

#[test]
fn fuzzy_with_few_expansions() {
    scores!({"fuzzy": {"title": {"value": "dgo", "fuzziness": 2, "max_expansions": 3}}});
}

#[test]
fn fuzzy_of_a_keyword() {
    scores!({"fuzzy": {"section": {"value": "nte"}}});
}

#[test]
fn ids_that_are_there_or_not() {
    scores!({"ids": {"values": ["3", "5", "zz"]}});
}

#[test]
fn constant_score_with_a_boost() {
    scores!({"constant_score": {"filter": {"match": {"title": "fox"}}, "boost": 1.2}});
}

#[test]
fn dis_max_with_a_tie_breaker() {
    scores!({
        "dis_max": {
            "queries": [{"match": {"title": "fox"}}, {"match": {"body": "fox"}}],
            "tie_breaker": 0.3
        }
    });
}

#[test]
fn boosting_of_a_section() {
    scores!({
        "boosting": {
            "positive": {"match": {"title": "fox"}},
            "negative": {"term": {"section": "games"}},
            "negative_boost": 0.2
        }
    });
}

#[test]
fn function_score_of_a_fields_logarithm() {
    scores!({
        "function_score": {
            "query": {"match": {"title": "fox"}},
            "field_value_factor": {"field": "small", "factor": 1.5, "modifier": "log1p"}
        }
    });
}

#[test]
fn function_score_of_two_weights() {
    scores!({
        "function_score": {
            "query": {"match": {"title": "fox"}},
            "functions": [
                {"filter": {"term": {"section": "games"}}, "weight": 3},
                {"weight": 2}
            ],
            "score_mode": "sum",
            "boost_mode": "sum"
        }
    });
}

#[test]
fn function_score_with_a_least_score() {
    scores!({
        "function_score": {
            "functions": [{"filter": {"term": {"flag": true}}, "weight": 3}],
            "score_mode": "avg",
            "boost_mode": "replace",
            "min_score": 2
        }
    });
}

#[test]
fn query_string_in_all_fields() {
    scores!({"query_string": {"query": "quick fox"}});
}

#[test]
fn query_string_of_two_fields() {
    scores!({"query_string": {"query": "title:quick AND body:fox"}});
}

#[test]
fn query_string_in_boosted_fields() {
    scores!({"query_string": {"query": "quick brown", "fields": ["title", "body^2"]}});
}

#[test]
fn query_string_of_a_phrase_and_a_ban() {
    scores!({
        "query_string": {"query": "\"quick brown\"~2 -lazy", "default_field": "title"}
    });
}

#[test]
fn query_string_of_a_range() {
    scores!({"query_string": {"query": "n:[10 TO 100} AND section:games"}});
}

#[test]
fn query_string_of_wildcards() {
    scores!({"query_string": {"query": "qu* d?g", "default_field": "title"}});
}

#[test]
fn query_string_with_and_by_default() {
    scores!({
        "query_string": {
            "query": "fox dog",
            "default_field": "title",
            "default_operator": "AND"
        }
    });
}

#[test]
fn query_string_of_a_boosted_group() {
    scores!({
        "query_string": {"query": "(fox OR dog)^3 AND NOT lazy", "default_field": "title"}
    });
}

#[test]
fn query_string_of_a_group_and_a_comparison() {
    scores!({"query_string": {"query": "title:(fox dog) price:>500"}});
}

#[test]
fn query_string_of_existence() {
    scores!({"query_string": {"query": "_exists_:tags"}});
}

#[test]
fn query_string_of_a_typing_error() {
    scores!({"query_string": {"query": "foxx~1", "default_field": "title"}});
}

#[test]
fn query_string_of_two_words_of_three() {
    scores!({
        "query_string": {
            "query": "fox dog quick",
            "default_field": "title",
            "minimum_should_match": 2
        }
    });
}

#[test]
fn query_string_of_a_range_of_dates() {
    scores!({"query_string": {"query": "when:[2021-01-01 TO 2021-06-30]"}});
}

#[test]
fn query_string_of_a_regular_expression() {
    scores!({"query_string": {"query": "/fo[xy]/ Alpha", "default_field": "title"}});
}

#[test]
fn query_string_of_everything() {
    scores!({"query_string": {"query": "*:*"}});
}

#[test]
fn query_string_of_or_beside_and() {
    scores!({"query_string": {"query": "a OR fox AND dog", "default_field": "title"}});
}

#[test]
fn simple_query_string_of_both_words() {
    scores!({"simple_query_string": {"query": "quick + fox", "fields": ["title", "body"]}});
}

#[test]
fn simple_query_string_of_a_ban_and_a_phrase() {
    scores!({
        "simple_query_string": {"query": "quick -fox | \"lazy dog\"", "fields": ["title"]}
    });
}

#[test]
fn simple_query_string_of_a_prefix_and_an_error() {
    scores!({"simple_query_string": {"query": "qui* fxo~1", "fields": ["title^2"]}});
}

#[test]
fn simple_query_string_with_and_by_default() {
    scores!({
        "simple_query_string": {
            "query": "fox dog",
            "fields": ["title"],
            "default_operator": "and"
        }
    });
}

#[test]
fn simple_query_string_of_a_group() {
    scores!({
        "simple_query_string": {
            "query": "quick (fox | dog) + lazy",
            "fields": ["title", "body"]
        }
    });
}

#[test]
fn refused_unknown_query() {
    scores!({"mtch": {"title": "x"}});
}

#[test]
fn refused_unknown_option() {
    scores!({"match": {"title": {"query": "x", "surprise": 1}}});
}

#[test]
fn refused_two_fields() {
    scores!({"match": {"a": "x", "b": "y"}});
}

#[test]
fn refused_letters_for_a_number() {
    scores!({"term": {"n": "abc"}});
}

#[test]
fn refused_word_for_a_date() {
    scores!({"range": {"when": {"gte": "soon"}}});
}

#[test]
fn refused_letter_for_a_bound() {
    scores!({"range": {"n": {"gte": "x"}}});
}

#[test]
fn refused_word_for_an_address() {
    scores!({"term": {"addr": "nowhere"}});
}

#[test]
fn refused_open_parenthesis() {
    scores!({"query_string": {"query": "(fox"}});
}

#[test]
fn refused_prefix_of_a_number() {
    scores!({"prefix": {"n": "1"}});
}

#[test]
fn refused_terms_of_one_value() {
    scores!({"terms": {"section": "games"}});
}

#[test]
fn refused_term_of_a_list() {
    scores!({"term": {"section": ["a"]}});
}

#[test]
fn refused_unknown_clause() {
    scores!({"bool": {"surprise": []}});
}

#[test]
fn refused_word_for_a_boolean() {
    scores!({"term": {"flag": "maybe"}});
}

#[test]
fn refused_empty_query() {
    scores!({});
}

#[test]
fn refused_exists_of_nothing() {
    scores!({"exists": {}});
}
