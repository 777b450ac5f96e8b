//! `term`: a value as it is.

use crate::cases::{asks, search};
use crate::library::films;

#[test]
fn a_keyword_is_compared_whole() {
    search!(films(), {"query": {"term": {"genre": "drama"}}, "_source": false});
}

#[test]
fn a_keyword_is_compared_with_its_capitals() {
    search!(films(), {"query": {"term": {"genre": "Drama"}}});
}

#[test]
fn case_insensitive_forgives_capitals() {
    search!(films(), {
        "query": {"term": {"genre": {"value": "THRILLER", "case_insensitive": true}}},
        "_source": false
    });
}

#[test]
fn one_of_several_values_is_enough() {
    search!(films(), {"query": {"term": {"tags": "old"}}, "_source": false});
}

#[test]
fn a_text_is_compared_with_its_words() {
    search!(films(), {"query": {"term": {"title": "quick"}}, "_source": false});
}

#[test]
fn a_text_is_not_analyzed() {
    search!(films(), {"query": {"term": {"title": "Quick"}}});
}

#[test]
fn an_empty_keyword_is_a_value() {
    search!(films(), {"query": {"term": {"title.raw": ""}}, "_source": false});
}

#[test]
fn an_integer_is_compared() {
    search!(films(), {"query": {"term": {"year": 1999}}, "_source": false});
}

#[test]
fn an_integer_is_compared_with_digits() {
    search!(films(), {"query": {"term": {"year": "1999"}}, "_source": false});
}

#[test]
fn an_integer_equals_a_whole_double() {
    search!(films(), {"query": {"term": {"year": 1999.0}}, "_source": false});
}

#[test]
fn a_fraction_equals_no_integer() {
    search!(films(), {"query": {"term": {"year": 1999.5}}});
}

#[test]
fn a_number_beyond_the_type_equals_nothing() {
    search!(
        films(),
        {"query": {"term": {"crew.size": 70000}}}
    );
}

#[test]
fn a_double_is_compared() {
    search!(films(), {"query": {"term": {"rating": 7.5}}, "_source": false});
}

#[test]
fn a_negative_long_is_compared() {
    search!(films(), {"query": {"term": {"votes": -3}}, "_source": false});
}

#[test]
fn letters_are_no_number() {
    search!(films(), {"query": {"term": {"year": "abc"}}});
}

#[test]
fn an_empty_text_is_no_number() {
    search!(
        films(),
        {"query": {"term": {"year": ""}}}
    );
}

#[test]
fn a_boolean_is_compared() {
    search!(films(), {"query": {"term": {"seen": true}}, "_source": false});
}

#[test]
fn a_boolean_is_compared_with_its_word() {
    search!(films(), {"query": {"term": {"seen": "false"}}, "_source": false});
}

#[test]
fn an_empty_text_is_no_boolean() {
    search!(
        films(),
        {"query": {"term": {"seen": ""}}, "_source": false}
    );
}

#[test]
fn another_word_is_no_boolean() {
    search!(films(), {"query": {"term": {"seen": "maybe"}}});
}

#[test]
fn one_is_no_boolean() {
    search!(films(), {"query": {"term": {"seen": 1}}});
}

#[test]
fn a_date_is_compared_to_its_precision() {
    search!(films(), {"query": {"term": {"released": "1999-12"}}, "_source": false});
}

#[test]
fn a_date_is_compared_in_milliseconds() {
    search!(films(), {"query": {"term": {"released": 1_718_409_600_000i64}}, "_source": false});
}

#[test]
fn a_date_may_be_rounded() {
    search!(
        films(),
        {"query": {"term": {"released": "1999-12-05||/y"}}, "_source": false}
    );
}

#[test]
fn one_of_several_dates_is_enough() {
    search!(films(), {"query": {"term": {"released": "2010-03-01"}}, "_source": false});
}

#[test]
fn a_date_that_is_none_is_refused() {
    search!(films(), {"query": {"term": {"released": "someday"}}});
}

#[test]
fn an_address_is_compared() {
    search!(films(), {"query": {"term": {"addr": "10.0.0.1"}}, "_source": false});
}

#[test]
fn an_address_of_version_6_is_compared_however_it_is_written() {
    search!(films(), {"query": {"term": {"addr": "2001:0db8:0:0::0001"}}, "_source": false});
}

#[test]
fn a_mapped_address_is_the_one_of_version_4() {
    search!(films(), {"query": {"term": {"addr": "::ffff:10.0.0.1"}}, "_source": false});
}

#[test]
fn a_block_of_addresses_is_compared() {
    search!(films(), {"query": {"term": {"addr": "10.0.0.0/16"}}, "_source": false});
}

#[test]
fn a_block_that_is_too_narrow_is_refused() {
    search!(
        films(),
        {"query": {"term": {"addr": "10.0.0.0/33"}}}
    );
}

#[test]
fn an_address_that_is_none_is_refused() {
    search!(films(), {"query": {"term": {"addr": "10.0.0"}}});
}

#[test]
fn the_id_is_compared() {
    search!(films(), {"query": {"term": {"_id": "3"}}, "_source": false});
}

#[test]
fn the_index_is_compared() {
    search!(films(), {"query": {"term": {"_index": "films"}}, "size": 0});
}

#[test]
fn another_index_finds_nothing() {
    search!(films(), {"query": {"term": {"_index": "books"}}, "size": 0});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(films(), {"query": {"term": {"nowhere": "x"}}});
}

#[test]
fn an_alias_stands_for_its_field() {
    search!(films(), {"query": {"term": {"kind": "comedy"}}, "_source": false});
}

#[test]
fn a_field_that_is_not_indexed_is_refused() {
    search!(
        films(),
        {"query": {"term": {"hidden": "x"}}}
    );
}

#[test]
fn a_null_value_is_refused() {
    search!(
        films(),
        {"query": {"term": {"genre": null}}}
    );
}

#[test]
fn a_null_in_value_is_refused() {
    search!(films(), {"query": {"term": {"genre": {"value": null}}}});
}

#[test]
fn a_list_is_refused() {
    search!(films(), {"query": {"term": {"genre": ["drama"]}}});
}

#[test]
fn two_fields_are_refused() {
    search!(films(), {"query": {"term": {"genre": "drama", "year": 1999}}});
}

#[test]
fn no_value_is_refused() {
    search!(films(), {"query": {"term": {"genre": {"boost": 2}}}});
}

#[test]
fn an_unknown_option_is_refused() {
    search!(films(), {"query": {"term": {"genre": {"value": "drama", "surprise": 1}}}});
}

#[test]
fn a_boost_multiplies_the_score() {
    search!(films(), {
        "query": {"term": {"genre": {"value": "comedy", "boost": 2}}},
        "_source": false
    });
}

#[test]
fn the_score_of_a_number_is_one() {
    search!(films(), {"query": {"term": {"year": 2024}}, "_source": false});
}

#[test]
fn a_name_is_told_with_the_hits() {
    search!(films(), {
        "query": {"term": {"year": {"value": 2024, "_name": "new"}}},
        "_source": false
    });
}

#[test]
fn a_day_holds_its_last_moment() {
    search!(films(), {"query": {"term": {"released": "1999-12-31"}}, "_source": false});
}

#[test]
fn a_field_without_a_name_is_refused() {
    asks!(
        films(),
        "POST /_search" => {"query": {"term": {"": "x"}}},
        "POST /_search" => {"query": {"prefix": {"": "x"}}},
        "POST /_search" => {"query": {"wildcard": {"": "x"}}},
        "POST /_search" => {"query": {"regexp": {"": "x"}}},
        "POST /_search" => {"query": {"range": {"": {"gte": 1}}}},
        "POST /_search" => {"query": {"span_term": {"": "x"}}},
        "POST /_search" => {"query": {"exists": {"field": ""}}},
        "POST /_search" => {"query": {"fuzzy": {"": "x"}}},
        "POST /_search" => {"query": {"terms": {"": ["x"]}}},
        "POST /_search" => {"query": {"match_phrase": {"": "x"}}},
        "POST /_search" => {"query": {"match_bool_prefix": {"": "x"}}},
        "POST /_search" => {"query": {"match": {"": "x"}}},
        "POST /_search" => {"query": {"match_phrase_prefix": {"": "x"}}},
        "POST /films/_validate/query" => {"query": {"term": {"": "x"}}}
    );
}
