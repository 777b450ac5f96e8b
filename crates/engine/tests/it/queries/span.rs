use serde_json::json;

use crate::cases::{Setup, search};

/// Texts about foxes: words in other orders, at other distances, in several values.
fn foxes() -> Setup {
    let mapping = json!({"mappings": {"properties": {
        "t": {"type": "text"}, "u": {"type": "text"}, "k": {"type": "keyword"}
    }}});
    Setup::index(
        "foxes",
        mapping,
        json!([{"t": "the quick brown fox jumps over the lazy dog", "u": "red fox", "k": "a"}, {"t": "quick quick dog over the brown quick fox", "u": "fox"}, {"t": "lazy dog"}, {"t": "fox brown quick"}, {"t": ["quick", "brown fox"], "u": ["a b", "c fox"]}, {"t": "the the the dog"}, {"k": "b"}, {"t": "quick"}]),
    )
}

#[test]
fn a_term_is_found_where_it_stands() {
    search!(foxes(), {"query": {"span_term": {"t": "quick"}}, "_source": false});
}

#[test]
fn a_term_may_have_a_boost() {
    search!(foxes(), {"query": {"span_term": {"t": {"value": "quick", "boost": 3}}}, "_source": false});
}

#[test]
fn a_term_is_not_analyzed() {
    search!(foxes(), {"query": {"span_term": {"t": "Quick"}}, "_source": false});
}

#[test]
fn a_term_of_no_field_finds_nothing() {
    search!(foxes(), {"query": {"span_term": {"nowhere": "x"}}, "_source": false});
}

#[test]
fn a_term_of_a_keyword_has_no_positions() {
    search!(foxes(), {"query": {"span_term": {"k": "a"}}, "_source": false});
}

#[test]
fn a_term_without_a_value_is_refused() {
    search!(foxes(), {"query": {"span_term": {"t": {}}}, "_source": false});
}

#[test]
fn an_unknown_option_of_a_term_is_refused() {
    search!(foxes(), {"query": {"span_term": {"t": {"value": "quick", "slop": 1}}}, "_source": false});
}

#[test]
fn near_in_order() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "fox"}}], "slop": 2, "in_order": true}}, "_source": false});
}

#[test]
fn near_in_order_is_not_near_the_other_way() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "fox"}}, {"span_term": {"t": "quick"}}], "slop": 5, "in_order": true}}, "_source": false});
}

#[test]
fn near_in_any_order() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "fox"}}, {"span_term": {"t": "quick"}}], "slop": 5, "in_order": false}}, "_source": false});
}

#[test]
fn near_in_any_order_with_little_slop() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "fox"}}, {"span_term": {"t": "quick"}}], "slop": 1, "in_order": false}}, "_source": false});
}

#[test]
fn near_without_slop_is_a_phrase() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "brown"}}], "slop": 0, "in_order": true}}, "_source": false});
}

#[test]
fn near_counts_each_place_by_its_width() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "dog"}}], "slop": 20, "in_order": true}}, "_source": false});
}

#[test]
fn near_of_three_in_any_order() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "dog"}}, {"span_term": {"t": "quick"}}, {"span_term": {"t": "the"}}], "slop": 9, "in_order": false}}, "_source": false});
}

#[test]
fn near_of_the_same_word_twice() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "quick"}}], "slop": 0, "in_order": true}}, "_source": false});
}

#[test]
fn near_of_the_same_word_twice_in_any_order() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "quick"}}], "slop": 3, "in_order": false}}, "_source": false});
}

#[test]
fn near_of_one_clause() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}], "slop": 0, "in_order": true}}, "_source": false});
}

#[test]
fn near_without_clauses_is_refused() {
    search!(foxes(), {"query": {"span_near": {"clauses": [], "slop": 1}}, "_source": false});
}

#[test]
fn near_without_slop_has_none() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "brown"}}]}}, "_source": false});
}

#[test]
fn near_of_another_query_is_refused() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"term": {"t": "quick"}}], "slop": 1}}, "_source": false});
}

#[test]
fn near_of_a_boosted_clause_is_refused() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": {"value": "quick", "boost": 2}}}, {"span_term": {"t": "fox"}}], "slop": 1}}, "_source": false});
}

#[test]
fn near_of_two_fields_is_refused() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"u": "quick"}}], "slop": 3, "in_order": true}}, "_source": false});
}

#[test]
fn an_unknown_option_of_near_is_refused() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}], "slop": 1, "in_order": true, "x": 1}}, "_source": false});
}

#[test]
fn a_gap_is_so_many_words() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_gap": {"t": 1}}, {"span_term": {"t": "fox"}}], "slop": 0, "in_order": true}}, "_source": false});
}

#[test]
fn a_gap_is_as_long_as_it_says() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_gap": {"t": 3}}, {"span_term": {"t": "fox"}}], "slop": 0, "in_order": true}}, "_source": false});
}

#[test]
fn near_of_near() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "brown"}}], "slop": 0, "in_order": true}}, {"span_term": {"t": "fox"}}], "slop": 3, "in_order": true}}, "_source": false});
}

#[test]
fn or_finds_any() {
    search!(foxes(), {"query": {"span_or": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "dog"}}]}}, "_source": false});
}

#[test]
fn or_without_clauses_is_refused() {
    search!(foxes(), {"query": {"span_or": {"clauses": []}}, "_source": false});
}

#[test]
fn or_within_near() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_or": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "lazy"}}]}}, {"span_term": {"t": "dog"}}], "slop": 2, "in_order": true}}, "_source": false});
}

#[test]
fn not_leaves_out_what_overlaps() {
    search!(foxes(), {"query": {"span_not": {"include": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "fox"}}], "slop": 9, "in_order": true}}, "exclude": {"span_term": {"t": "brown"}}}}, "_source": false});
}

#[test]
fn not_leaves_out_what_is_near() {
    search!(foxes(), {"query": {"span_not": {"include": {"span_term": {"t": "dog"}}, "exclude": {"span_term": {"t": "lazy"}}, "pre": 1}}, "_source": false});
}

#[test]
fn not_leaves_out_what_is_behind() {
    search!(foxes(), {"query": {"span_not": {"include": {"span_term": {"t": "quick"}}, "exclude": {"span_term": {"t": "fox"}}, "post": 2}}, "_source": false});
}

#[test]
fn not_by_distance() {
    search!(foxes(), {"query": {"span_not": {"include": {"span_term": {"t": "brown"}}, "exclude": {"span_term": {"t": "the"}}, "dist": 2}}, "_source": false});
}

#[test]
fn not_by_distance_and_before_is_refused() {
    search!(foxes(), {"query": {"span_not": {"include": {"span_term": {"t": "brown"}}, "exclude": {"span_term": {"t": "the"}}, "dist": 2, "pre": 1}}, "_source": false});
}

#[test]
fn not_without_include_is_refused() {
    search!(foxes(), {"query": {"span_not": {"exclude": {"span_term": {"t": "the"}}}}, "_source": false});
}

#[test]
fn not_without_exclude_is_refused() {
    search!(foxes(), {"query": {"span_not": {"include": {"span_term": {"t": "the"}}}}, "_source": false});
}

#[test]
fn first_ends_early_enough() {
    search!(foxes(), {"query": {"span_first": {"match": {"span_term": {"t": "quick"}}, "end": 1}}, "_source": false});
}

#[test]
fn first_three_words() {
    search!(foxes(), {"query": {"span_first": {"match": {"span_term": {"t": "dog"}}, "end": 3}}, "_source": false});
}

#[test]
fn first_without_end_is_refused() {
    search!(foxes(), {"query": {"span_first": {"match": {"span_term": {"t": "dog"}}}}, "_source": false});
}

#[test]
fn first_below_zero_is_refused() {
    search!(foxes(), {"query": {"span_first": {"match": {"span_term": {"t": "dog"}}, "end": -1}}, "_source": false});
}

#[test]
fn containing_finds_the_big_ones() {
    search!(foxes(), {"query": {"span_containing": {"big": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "fox"}}], "slop": 9, "in_order": true}}, "little": {"span_term": {"t": "brown"}}}}, "_source": false});
}

#[test]
fn containing_in_any_order() {
    search!(foxes(), {"query": {"span_containing": {"big": {"span_near": {"clauses": [{"span_term": {"t": "dog"}}, {"span_term": {"t": "the"}}], "slop": 9, "in_order": false}}, "little": {"span_term": {"t": "brown"}}}}, "_source": false});
}

#[test]
fn containing_without_little_is_refused() {
    search!(foxes(), {"query": {"span_containing": {"big": {"span_term": {"t": "a"}}}}, "_source": false});
}

#[test]
fn within_finds_the_little_ones() {
    search!(foxes(), {"query": {"span_within": {"big": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "fox"}}], "slop": 9, "in_order": true}}, "little": {"span_term": {"t": "brown"}}}}, "_source": false});
}

#[test]
fn within_without_big_is_refused() {
    search!(foxes(), {"query": {"span_within": {"little": {"span_term": {"t": "a"}}}}, "_source": false});
}

#[test]
fn multi_of_a_prefix() {
    search!(foxes(), {"query": {"span_multi": {"match": {"prefix": {"t": "qu"}}}}, "_source": false});
}

#[test]
fn multi_of_a_wildcard_within_near() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_multi": {"match": {"wildcard": {"t": "b*n"}}}}, {"span_term": {"t": "fox"}}], "slop": 0, "in_order": true}}, "_source": false});
}

#[test]
fn multi_of_a_regexp() {
    search!(foxes(), {"query": {"span_multi": {"match": {"regexp": {"t": "d.g"}}}}, "_source": false});
}

#[test]
fn multi_of_a_fuzzy() {
    search!(foxes(), {"query": {"span_multi": {"match": {"fuzzy": {"t": "quack"}}}}, "_source": false});
}

#[test]
fn multi_of_a_match_is_refused() {
    search!(foxes(), {"query": {"span_multi": {"match": {"match": {"t": "quick"}}}}, "_source": false});
}

#[test]
fn multi_of_nothing_is_refused() {
    search!(foxes(), {"query": {"span_multi": {}}, "_source": false});
}

#[test]
fn masking_lets_two_fields_be_near() {
    search!(foxes(), {"query": {"span_near": {"clauses": [{"span_term": {"t": "quick"}}, {"field_masking_span": {"query": {"span_term": {"u": "fox"}}, "field": "t"}}], "slop": 5, "in_order": false}}, "_source": false});
}

#[test]
fn masking_without_a_field_is_refused() {
    search!(foxes(), {"query": {"field_masking_span": {"query": {"span_term": {"u": "fox"}}}}, "_source": false}; differs: "the text is that of Elasticsearch, which calls the query so");
}

#[test]
fn a_name_is_told() {
    search!(foxes(), {"query": {"span_or": {"clauses": [{"span_term": {"t": "quick"}}, {"span_term": {"t": "dog"}}], "_name": "x"}}, "_source": false});
}
