//! `sampler`, `diversified_sampler`, `significant_terms`, `significant_text`.

use serde_json::json;

use crate::cases::{Setup, asks, search};
use crate::library::{crowd, films};

/// An aggregation of those of the crowd that a query finds.
macro_rules! of_foxes {
    ($aggs:tt $(; differs: $why:literal)? $(,)?) => {
        search!(crowd(), {"size": 0, "query": {"match": {"title": "fox quick"}}, "aggs": $aggs} $(; differs: $why)?)
    };
}

#[test]
fn a_sample_is_of_the_best_documents() {
    of_foxes!({"x": {"sampler": {"shard_size": 20}, "aggs": {"s": {"terms": {"field": "section"}}, "p": {"sum": {"field": "price"}}}}});
}

#[test]
fn a_sample_may_be_larger_than_what_there_is() {
    of_foxes!({"x": {"sampler": {}, "aggs": {"s": {"terms": {"field": "section"}}}}});
}

#[test]
fn a_sample_in_each_bucket() {
    of_foxes!({"t": {"terms": {"field": "section"}, "aggs": {"x": {"sampler": {"shard_size": 3}, "aggs": {"p": {"max": {"field": "price"}}}}}}});
}

#[test]
fn a_diverse_sample_has_few_documents_of_each_value() {
    of_foxes!({"x": {"diversified_sampler": {"shard_size": 30, "field": "section", "max_docs_per_value": 2}, "aggs": {"s": {"terms": {"field": "section"}}}}});
}

#[test]
fn a_diverse_sample_needs_a_field() {
    of_foxes!({"x": {"diversified_sampler": {"shard_size": 30}}});
}

#[test]
fn a_sample_of_less_than_nothing_is_refused() {
    of_foxes!({"x": {"diversified_sampler": {"shard_size": -1, "field": "section"}}});
}

#[test]
fn a_sample_of_nothing_else_is_refused() {
    of_foxes!({"x": {"sampler": {}}});
}

#[test]
fn an_unknown_option_of_a_sample_is_refused() {
    of_foxes!({"x": {"sampler": {"surprise": 1}}});
}

#[test]
fn terms_that_are_more_frequent_than_elsewhere() {
    search!(crowd(), {"size": 0, "query": {"term": {"section": "doc"}}, "aggs": {
        "x": {"significant_terms": {"field": "small"}}, "y": {"significant_terms": {"field": "tags", "min_doc_count": 1}},
        "z": {"significant_terms": {"field": "flag", "min_doc_count": 1}}
    }});
}

#[test]
fn every_measure_of_significance() {
    search!(crowd(), {"size": 0, "query": {"term": {"section": "doc"}}, "aggs": {
        "j": {"significant_terms": {"field": "small", "min_doc_count": 1, "jlh": {}}},
        "m": {"significant_terms": {"field": "small", "min_doc_count": 1, "mutual_information": {}}},
        "n": {"significant_terms": {"field": "small", "min_doc_count": 1, "mutual_information": {"include_negatives": true, "background_is_superset": true}}},
        "c": {"significant_terms": {"field": "small", "min_doc_count": 1, "chi_square": {}}},
        "d": {"significant_terms": {"field": "small", "min_doc_count": 1, "chi_square": {"include_negatives": true}}},
        "g": {"significant_terms": {"field": "small", "min_doc_count": 1, "gnd": {}}},
        "p": {"significant_terms": {"field": "small", "min_doc_count": 1, "percentage": {}}}
    }});
}

#[test]
fn significance_against_a_background_of_its_own() {
    search!(crowd(), {"size": 0, "query": {"term": {"section": "doc"}}, "aggs": {
        "x": {"significant_terms": {"field": "small", "min_doc_count": 1, "background_filter": {"terms": {"section": ["doc", "libs"]}}}}
    }});
}

#[test]
fn significant_terms_may_be_chosen() {
    search!(crowd(), {"size": 0, "query": {"term": {"section": "doc"}}, "aggs": {
        "x": {"significant_terms": {"field": "tags", "min_doc_count": 1, "percentage": {}, "include": ["a", "b"]}},
        "y": {"significant_terms": {"field": "tags", "min_doc_count": 1, "percentage": {}, "exclude": "l.*"}}
    }});
}

#[test]
fn significant_terms_of_buckets() {
    search!(crowd(), {"size": 0, "aggs": {
        "t": {"terms": {"field": "section"}, "aggs": {"x": {"significant_terms": {"field": "small", "min_doc_count": 1, "size": 2}, "aggs": {"p": {"max": {"field": "n"}}}}}}
    }});
}

#[test]
fn significant_addresses_and_dates() {
    search!(films(), {"size": 0, "query": {"term": {"genre": "drama"}}, "aggs": {
        "a": {"significant_terms": {"field": "addr", "min_doc_count": 1}},
        "d": {"significant_terms": {"field": "released", "min_doc_count": 1}}
    }});
}

#[test]
fn significant_fractions_are_refused() {
    search!(films(), {"size": 0, "aggs": {"a": {"significant_terms": {"field": "rating"}}}});
}

#[test]
fn significance_of_a_field_that_is_not_mapped() {
    search!(films(), {"size": 0, "aggs": {"a": {"significant_terms": {"field": "nowhere"}}}});
}

#[test]
fn an_unknown_measure_is_refused_with_the_likely_one() {
    search!(films(), {"size": 0, "aggs": {"a": {"significant_terms": {"field": "genre", "jlp": {}}}}});
}

#[test]
fn words_that_are_more_frequent_than_elsewhere() {
    search!(crowd(), {"size": 0, "query": {"term": {"section": "doc"}}, "aggs": {
        "x": {"significant_text": {"field": "title", "size": 5}},
        "y": {"significant_text": {"field": "body", "min_doc_count": 2, "chi_square": {}, "size": 4}},
        "z": {"significant_text": {"field": "title", "include": "b.*", "min_doc_count": 1, "percentage": {}}}
    }});
}

#[test]
fn words_of_a_sample() {
    of_foxes!({"x": {"sampler": {"shard_size": 30}, "aggs": {"w": {"significant_text": {"field": "title", "min_doc_count": 2}}}}});
}

#[test]
fn words_of_a_keyword_are_told_too() {
    search!(films(), {"size": 0, "aggs": {"a": {"significant_text": {"field": "genre"}}}});
}

#[test]
fn typed_keys_tell_the_kind() {
    asks!(crowd(), "POST /_search?typed_keys=true" => {"size": 0, "query": {"term": {"section": "doc"}}, "aggs": {
        "a": {"sampler": {}, "aggs": {"m": {"max": {"field": "n"}}}}, "b": {"diversified_sampler": {"field": "section"}, "aggs": {"m": {"max": {"field": "n"}}}},
        "c": {"significant_terms": {"field": "small"}}, "d": {"significant_terms": {"field": "tags"}},
        "e": {"significant_text": {"field": "title"}}, "f": {"rare_terms": {"field": "small"}}, "g": {"rare_terms": {"field": "tags"}},
        "h": {"significant_terms": {"field": "nowhere"}}, "i": {"rare_terms": {"field": "nowhere"}}
    }});
}

#[test]
fn a_script_may_measure_significance() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "query": {"match": {"title": "fox quick"}}, "aggs": {"x": {"significant_terms": {"field": "section", "min_doc_count": 1, "script_heuristic": {"script": {"source": "params._subset_freq / (params._superset_freq - params._subset_freq + 3.5)"}}}}}},
        "POST /_search" => {"size": 0, "query": {"match": {"title": "fox quick"}}, "aggs": {"x": {"significant_terms": {"field": "section", "min_doc_count": 1, "script_heuristic": {"script": "params._subset_freq + 0.5 * params._superset_size"}}}}},
        "POST /_search" => {"size": 0, "query": {"match": {"title": "fox quick"}}, "aggs": {"x": {"significant_terms": {"field": "section", "min_doc_count": 1, "script_heuristic": {"script": {"source": "params._subset_freq * 7 / params._subset_size + params.p", "params": {"p": 2}}}}}}}
    );
}

#[test]
fn a_script_that_measures_significance_must_be_there_and_compile() {
    asks!(
        crowd(),
        "POST /_search" => {"size": 0, "query": {"match": {"title": "fox quick"}}, "aggs": {"x": {"significant_terms": {"field": "section", "min_doc_count": 1, "script_heuristic": {}}}}},
        "POST /_search" => {"size": 0, "query": {"match": {"title": "fox quick"}}, "aggs": {"x": {"significant_terms": {"field": "section", "min_doc_count": 1, "script_heuristic": {"script": "surprise"}}}}},
        "POST /_search" => {"size": 0, "query": {"match": {"title": "fox quick"}}, "aggs": {"x": {"significant_terms": {"field": "section", "min_doc_count": 1, "script_heuristic": {"surprise": 1}}}}}
    );
}

/// Documents of which those about `here` have some words more often, several of them equally.
fn words() -> Setup {
    let words = "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa";
    let documents: Vec<_> = (0..60)
        .map(|number| {
            let is_here = number % 3 == 0;
            let text: Vec<&str> = words
                .split(' ')
                .enumerate()
                .filter(|(at, _)| {
                    if is_here { (number / 3 + at / 4) % 4 != 0 } else { (number + at) % 3 == 0 }
                })
                .map(|(_, word)| word)
                .collect();
            json!({"place": if is_here { "here" } else { "there" }, "t": text.join(" "), "k": text})
        })
        .collect();
    let mappings = json!({"properties": {"place": {"type": "keyword"}, "t": {"type": "text"}, "k": {"type": "keyword"}}});
    Setup::index(
        "a",
        json!({"settings": {"number_of_replicas": 0}, "mappings": mappings}),
        documents.into(),
    )
}

#[test]
fn of_equally_significant_words_some_come_first() {
    asks!(
        words(),
        "POST /_search?filter_path=aggregations" => {"size": 0, "query": {"term": {"place": "here"}}, "aggs": {"s": {"significant_text": {"field": "t"}}}},
        "POST /_search?filter_path=aggregations" => {"size": 0, "query": {"term": {"place": "here"}}, "aggs": {"s": {"significant_text": {"field": "t", "size": 5}}}},
        "POST /_search?filter_path=aggregations" => {"size": 0, "query": {"term": {"place": "here"}}, "aggs": {"s": {"significant_text": {"field": "t", "size": 3, "shard_size": 4}}}},
        "POST /_search?filter_path=aggregations" => {"size": 0, "query": {"term": {"place": "here"}}, "aggs": {"s": {"significant_terms": {"field": "k"}}}},
        "POST /_search?filter_path=aggregations" => {"size": 0, "query": {"term": {"place": "here"}}, "aggs": {"s": {"significant_terms": {"field": "k", "size": 3, "shard_size": 4}}}}
    );
}
