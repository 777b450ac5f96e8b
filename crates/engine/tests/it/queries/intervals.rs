use serde_json::json;

use crate::cases::{Setup, asks, search};
use crate::library::films;

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
fn a_word_is_found() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick"}}}}, "_source": false});
}

#[test]
fn words_in_any_order() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox"}}}}, "_source": false});
}

#[test]
fn words_in_order() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "ordered": true}}}}, "_source": false});
}

#[test]
fn words_in_order_with_few_gaps() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "ordered": true, "max_gaps": 1}}}}, "_source": false});
}

#[test]
fn words_in_any_order_with_few_gaps() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "fox quick", "max_gaps": 1}}}}, "_source": false});
}

#[test]
fn words_as_a_phrase() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick brown", "ordered": true, "max_gaps": 0}}}}, "_source": false});
}

#[test]
fn three_words_in_any_order() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "dog the quick"}}}}, "_source": false});
}

#[test]
fn the_same_word_twice() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick quick"}}}}, "_source": false});
}

#[test]
fn the_same_word_twice_in_order() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "the the", "ordered": true}}}}, "_source": false});
}

#[test]
fn the_same_word_thrice_without_gaps() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "the the the", "max_gaps": 0}}}}, "_source": false});
}

#[test]
fn a_text_without_words_finds_nothing() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "!!"}}}}, "_source": false});
}

#[test]
fn all_of_in_order() {
    search!(foxes(), {"query": {"intervals": {"t": {"all_of": {"ordered": true, "intervals": [{"match": {"query": "quick brown"}}, {"match": {"query": "fox"}}]}}}}, "_source": false});
}

#[test]
fn all_of_in_any_order() {
    search!(foxes(), {"query": {"intervals": {"t": {"all_of": {"intervals": [{"match": {"query": "fox"}}, {"match": {"query": "dog"}}]}}}}, "_source": false});
}

#[test]
fn all_of_with_few_gaps() {
    search!(foxes(), {"query": {"intervals": {"t": {"all_of": {"max_gaps": 2, "intervals": [{"match": {"query": "fox"}}, {"match": {"query": "dog"}}]}}}}, "_source": false});
}

#[test]
fn all_of_neighbours() {
    search!(foxes(), {"query": {"intervals": {"t": {"all_of": {"max_gaps": 0, "ordered": true, "intervals": [{"match": {"query": "quick"}}, {"match": {"query": "brown fox", "ordered": true, "max_gaps": 0}}]}}}}, "_source": false});
}

#[test]
fn any_of_finds_any() {
    search!(foxes(), {"query": {"intervals": {"t": {"any_of": {"intervals": [{"match": {"query": "lazy"}}, {"match": {"query": "quick dog", "ordered": true}}]}}}}, "_source": false});
}

#[test]
fn any_of_alternatives_of_two_lengths() {
    search!(foxes(), {"query": {"intervals": {"t": {"all_of": {"ordered": true, "max_gaps": 0, "intervals": [{"any_of": {"intervals": [{"match": {"query": "quick"}}, {"match": {"query": "quick brown", "ordered": true, "max_gaps": 0}}]}}, {"match": {"query": "fox"}}]}}}}, "_source": false});
}

#[test]
fn a_prefix() {
    search!(foxes(), {"query": {"intervals": {"t": {"prefix": {"prefix": "qu"}}}}, "_source": false});
}

#[test]
fn a_prefix_is_made_small() {
    search!(foxes(), {"query": {"intervals": {"t": {"prefix": {"prefix": "QU"}}}}, "_source": false});
}

#[test]
fn a_wildcard() {
    search!(foxes(), {"query": {"intervals": {"t": {"wildcard": {"pattern": "b?o*"}}}}, "_source": false});
}

#[test]
fn a_fuzzy_word() {
    search!(foxes(), {"query": {"intervals": {"t": {"fuzzy": {"term": "quack"}}}}, "_source": false});
}

#[test]
fn a_fuzzy_word_of_one_edit() {
    search!(foxes(), {"query": {"intervals": {"t": {"fuzzy": {"term": "foz", "fuzziness": 1, "prefix_length": 1}}}}, "_source": false});
}

#[test]
fn a_regexp() {
    search!(foxes(), {"query": {"intervals": {"t": {"regexp": {"pattern": "d.g"}}}}, "_source": false}; differs: "Elasticsearch 7.10 has no such rule; here both services do");
}

#[test]
fn a_prefix_beside_a_word() {
    search!(foxes(), {"query": {"intervals": {"t": {"all_of": {"ordered": true, "max_gaps": 0, "intervals": [{"match": {"query": "quick"}}, {"prefix": {"prefix": "br"}}]}}}}, "_source": false});
}

#[test]
fn filtered_by_containing() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "filter": {"containing": {"match": {"query": "brown"}}}}}}}, "_source": false});
}

#[test]
fn one_word_filtered_by_containing() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "dog", "filter": {"containing": {"match": {"query": "the quick"}}}}}}}, "_source": false});
}

#[test]
fn filtered_by_not_containing() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "filter": {"not_containing": {"match": {"query": "brown"}}}}}}}, "_source": false});
}

#[test]
fn one_word_filtered_by_not_containing() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "dog", "filter": {"not_containing": {"match": {"query": "the quick"}}}}}}}, "_source": false});
}

#[test]
fn filtered_by_contained_by() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "filter": {"contained_by": {"match": {"query": "brown"}}}}}}}, "_source": false});
}

#[test]
fn one_word_filtered_by_contained_by() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "dog", "filter": {"contained_by": {"match": {"query": "the quick"}}}}}}}, "_source": false});
}

#[test]
fn filtered_by_not_contained_by() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "filter": {"not_contained_by": {"match": {"query": "brown"}}}}}}}, "_source": false});
}

#[test]
fn one_word_filtered_by_not_contained_by() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "dog", "filter": {"not_contained_by": {"match": {"query": "the quick"}}}}}}}, "_source": false});
}

#[test]
fn filtered_by_overlapping() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "filter": {"overlapping": {"match": {"query": "brown"}}}}}}}, "_source": false});
}

#[test]
fn one_word_filtered_by_overlapping() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "dog", "filter": {"overlapping": {"match": {"query": "the quick"}}}}}}}, "_source": false});
}

#[test]
fn filtered_by_not_overlapping() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "filter": {"not_overlapping": {"match": {"query": "brown"}}}}}}}, "_source": false});
}

#[test]
fn one_word_filtered_by_not_overlapping() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "dog", "filter": {"not_overlapping": {"match": {"query": "the quick"}}}}}}}, "_source": false});
}

#[test]
fn filtered_by_before() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "filter": {"before": {"match": {"query": "brown"}}}}}}}, "_source": false});
}

#[test]
fn one_word_filtered_by_before() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "dog", "filter": {"before": {"match": {"query": "the quick"}}}}}}}, "_source": false});
}

#[test]
fn filtered_by_after() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox", "filter": {"after": {"match": {"query": "brown"}}}}}}}, "_source": false});
}

#[test]
fn one_word_filtered_by_after() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "dog", "filter": {"after": {"match": {"query": "the quick"}}}}}}}, "_source": false});
}

#[test]
fn words_of_another_field() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "fox", "use_field": "u"}}}}, "_source": false});
}

#[test]
fn another_analyzer() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "Quick", "analyzer": "keyword"}}}}, "_source": false});
}

#[test]
fn a_boost_multiplies() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox"}, "boost": 2}}}, "_source": false});
}

#[test]
fn a_name_is_told() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "quick fox"}, "_name": "x"}}}, "_source": false});
}

#[test]
fn a_keyword_is_refused() {
    search!(foxes(), {"query": {"intervals": {"k": {"match": {"query": "a"}}}}, "_source": false});
}

#[test]
fn a_field_that_is_not_mapped_finds_nothing() {
    search!(foxes(), {"query": {"intervals": {"nowhere": {"match": {"query": "a"}}}}, "_source": false});
}

#[test]
fn an_unknown_rule_is_refused() {
    search!(foxes(), {"query": {"intervals": {"t": {"near": {"query": "a"}}}}, "_source": false}; differs: "the text is that of Elasticsearch, which has no regexp");
}

#[test]
fn no_rule_is_refused() {
    search!(foxes(), {"query": {"intervals": {"t": {}}}, "_source": false});
}

#[test]
fn a_match_without_a_query_is_refused() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"max_gaps": 1}}}}, "_source": false});
}

#[test]
fn an_unknown_option_of_match_is_refused() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "a", "slop": 1}}}}, "_source": false});
}

#[test]
fn an_unknown_filter_is_refused() {
    search!(foxes(), {"query": {"intervals": {"t": {"match": {"query": "a", "filter": {"near": {"match": {"query": "b"}}}}}}}, "_source": false});
}

#[test]
fn all_of_without_intervals_is_refused() {
    search!(foxes(), {"query": {"intervals": {"t": {"all_of": {"max_gaps": 1}}}}, "_source": false});
}

#[test]
fn a_script_chooses_among_intervals() {
    asks!(
        films(),
        "POST /films/_search" => {"_source": false, "query": {"intervals": {"title": {"match": {"query": "quick brown", "filter": {"script": {"source": "interval.gaps == 0"}}}}}}},
        "POST /films/_search" => {"_source": false, "query": {"intervals": {"title": {"match": {"query": "brown", "filter": {"script": {"source": "interval.start > 1 && interval.end == 2"}}}}}}},
        "POST /films/_search" => {"_source": false, "query": {"intervals": {"title": {"all_of": {"intervals": [{"match": {"query": "lazy"}}, {"match": {"query": "cow"}}], "filter": {"script": {"source": "interval.start >= 1 && interval.end <= 6 && interval.gaps < 5"}}}}}}}
    );
}

#[test]
fn a_script_of_intervals_that_does_not_compile_is_told() {
    asks!(
        films(),
        "POST /films/_search" => {"_source": false, "query": {"intervals": {"title": {"match": {"query": "brown", "filter": {"script": {"source": "interval.length"}}}}}}},
        "POST /films/_search" => {"_source": false, "query": {"intervals": {"title": {"match": {"query": "brown", "filter": {"script": "true"}}}}}}
    );
}
