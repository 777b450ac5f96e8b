//! The `completion` field type and suggester.

use serde_json::{Value, json};

use crate::cases::{Setup, asks};
use crate::domain::Domain;

/// Bands, of which some have several names.
fn bands() -> Setup {
    let mapping = json!({"mappings": {"properties": {
        "s": {"type": "completion"},
        "n": {"type": "integer"},
        "t": {"type": "text", "fields": {"c": {"type": "completion"}}},
        "k": {"type": "keyword", "fields": {"c": {"type": "completion"}}},
        "place": {"type": "geo_point", "fields": {"c": {"type": "completion"}}},
        "stop": {"type": "completion", "analyzer": "stop"},
        "tight": {"type": "completion", "analyzer": "stop", "preserve_position_increments": false},
        "joined": {"type": "completion", "preserve_separators": false},
        "short": {"type": "completion", "max_input_length": 3},
        "exact": {"type": "completion", "analyzer": "keyword"},
        "wide": {"type": "completion", "analyzer": "standard"},
        "o": {"properties": {"c": {"type": "completion"}}},
    }}});
    let documents = json!([
        {"s": "Nirvana"},
        {"s": ["Nevermind", "Nirvana"]},
        {"s": {"input": ["Nevermind", "Nirvana"], "weight": 34}},
        {"s": [{"input": "Nevermind", "weight": 10}, {"input": "Nirvana", "weight": 3}]},
        {"t": "hello world", "k": "hello", "place": "52.5,13.4", "o": {"c": "inside"}},
        {"s": {"input": "Foo Fighters", "weight": "7"}},
        {"s": {"input": "Weightless", "weight": 0}},
        {"stop": "the wall", "tight": "the wall", "joined": "foo bar", "short": "abcdef",
         "exact": "Foo Bar", "wide": "Die 3 Musketiere über"},
    ]);
    Setup::index("bands", mapping, documents)
}

/// Shops of colors and places.
fn shops() -> Setup {
    let context = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let mapping = json!({"mappings": {"properties": {
        "loc": {"type": "geo_point"},
        "color": {"type": "keyword"},
        "text": {"type": "text"},
        "c": {"type": "completion", "contexts": [context("color", "category")]},
        "cp": {"type": "completion", "contexts": [{"name": "color", "type": "category", "path": "color"}]},
        "ct": {"type": "completion", "contexts": {"name": "text", "type": "category", "path": "text"}},
        "g": {"type": "completion", "contexts": [{"name": "loc", "type": "geo", "precision": "5km"}]},
        "gp": {"type": "completion", "contexts": [{"name": "loc", "type": "geo", "precision": 4, "path": "loc"}]},
        "m": {"type": "completion", "contexts": [
            {"name": "loc", "type": "geo", "precision": "5km", "path": "loc"},
            {"name": "color", "type": "category", "path": "color"},
        ]},
    }}});
    let documents = json!([
        {"c": {"input": "foo red", "contexts": {"color": ["red", "green"]}}},
        {"c": {"input": "foo blue", "contexts": {"color": ["blue", "bluish"]}, "weight": 4}},
        {"c": [{"input": "foo x", "contexts": {"color": "red"}, "weight": 3},
               {"input": "foo y", "contexts": {"color": "blue"}, "weight": 2}]},
        {"cp": "foo p", "color": "red"},
        {"cp": {"input": "foo q", "contexts": {"color": "green"}}, "color": ["red", "white"]},
        {"g": {"input": "foo hotel", "contexts": {"loc": {"lat": 52.5, "lon": 13.4}}}},
        {"g": {"input": "foo inn", "contexts": {"loc": [{"lat": 48.1, "lon": 11.5}, "u281z"]}}},
        {"gp": "foo gp", "loc": "52.5,13.4"},
        {"m": {"input": "foo m", "weight": 2}, "loc": [13.4, 52.5], "color": ["red", "blue"]},
        {"c": {"input": "foo n", "contexts": {"color": [1, true, "z", 1.5]}}},
        {"ct": "foo t", "text": "Some Words"},
        {"g": {"input": "foo other", "contexts": {"loc": [13.5, 52.6]}, "weight": 5}},
    ]);
    Setup::index("shops", mapping, documents)
}

#[test]
fn what_weighs_most_comes_first() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "nir", "completion": {"field": "s"}}}});
}

#[test]
fn a_document_comes_once_with_what_weighs_most_of_it() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "size": 3}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "size": 20}}}});
}

#[test]
fn duplicates_can_be_left_out() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "skip_duplicates": true}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "skip_duplicates": true, "size": 2}}}});
}

#[test]
fn typing_errors_are_forgiven_if_that_is_asked_for() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "nor", "completion": {"field": "s", "fuzzy": true}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "norv", "completion": {"field": "s", "fuzzy": {"min_length": 3, "prefix_length": 0}}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "ni", "completion": {"field": "s", "fuzzy": {"min_length": 3}}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "nor", "completion": {"field": "s", "fuzzy": {"fuzziness": "AUTO"}}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "nor", "completion": {"field": "s", "fuzzy": {"fuzziness": 2}}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "nro", "completion": {"field": "s", "fuzzy": false}}}});
}

#[test]
fn letters_of_fuzzy_texts_are_bytes_or_characters() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "die 3 musketiere ub", "completion": {"field": "wide", "fuzzy": true}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "die 3 musketiere ub", "completion": {"field": "wide", "fuzzy": {"unicode_aware": true}}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "die 3 musketiere übe", "completion": {"field": "wide", "fuzzy": true}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "die 4 mus", "completion": {"field": "wide", "fuzzy": true}}}});
}

#[test]
fn neighbours_that_changed_places_are_one_error() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "dei", "completion": {"field": "wide", "fuzzy": true}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "dei", "completion": {"field": "wide", "fuzzy": {"transpositions": false}}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "xye 3", "completion": {"field": "wide", "fuzzy": {"prefix_length": 0, "fuzziness": "2.7"}}}}});
}

#[test]
fn an_expression_completes() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"regex": "n[ie]v", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"regex": "n.*v", "completion": {"field": "s", "size": 10}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"regex": "fo.*fi", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"regex": "fo.*fi", "completion": {"field": "s", "regex": {"flags": "ALL", "max_determinized_states": 10}}}}});
}

#[test]
fn the_text_stands_for_what_is_typed() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"text": "fo", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"text": "fo", "prefix": "ni", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"regex": "n", "prefix": "n", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"text": "x", "regex": "n", "completion": {"field": "s"}}}});
}

#[test]
fn one_text_completes_all_suggestions() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"text": "nir", "a": {"completion": {"field": "s", "size": 1}}, "b": {"completion": {"field": "t.c"}}}});
}

#[test]
fn words_stay_apart() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo f", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "fo f", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "foof", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo ", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "", "completion": {"field": "s"}}}});
}

#[test]
fn separators_can_be_passed_over() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo b", "completion": {"field": "joined"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "foob", "completion": {"field": "joined"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "fo ob", "completion": {"field": "joined"}}}});
}

#[test]
fn removed_words_count_unless_told_otherwise() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "wall", "completion": {"field": "stop"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "wall", "completion": {"field": "tight"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "the wall", "completion": {"field": "stop"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "a w", "completion": {"field": "stop"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "a w", "completion": {"field": "tight"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "the", "completion": {"field": "tight"}}}});
}

#[test]
fn inputs_end_at_their_length() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "ab", "completion": {"field": "short"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "abcd", "completion": {"field": "short"}}}});
}

#[test]
fn the_analyzer_of_the_field_reads_what_is_typed() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "Foo", "completion": {"field": "exact"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "exact"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "s", "analyzer": "keyword"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "3", "completion": {"field": "wide"}}}});
}

#[test]
fn multi_fields_complete() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "he", "completion": {"field": "t.c"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "he", "completion": {"field": "k.c"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "u3", "completion": {"field": "place.c"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "in", "completion": {"field": "o.c"}}}});
}

#[test]
fn weight_nothing_is_a_weight() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "weight", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "weigth", "completion": {"field": "s", "fuzzy": true}}}});
}

#[test]
fn the_source_is_shown_as_the_search_asks() {
    asks!(bands(), "POST /bands/_search" => {"suggest": {"s": {"prefix": "fo", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": ["n"], "suggest": {"s": {"prefix": "fo", "completion": {"field": "s"}}}}, "POST /bands/_search" => {"stored_fields": ["_none_"], "suggest": {"s": {"prefix": "fo", "completion": {"field": "s"}}}});
}

#[test]
fn keys_say_their_type_if_that_is_asked_for() {
    asks!(bands(), "POST /bands/_search?typed_keys" => {"_source": false, "suggest": {"a#b": {"prefix": "fo", "completion": {"field": "s"}}}});
}

#[test]
fn as_many_inputs_are_looked_at_as_shards_are_asked_for() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "shard_size": 1}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "shard_size": 2}}}});
}

#[test]
fn a_field_that_is_none_of_completions_is_refused() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "nope"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "t"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "n"}}}});
}

#[test]
fn options_that_are_wrong_are_refused() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "payload": ["x"]}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "size": 0}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "size": -1}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "skip_duplicates": "x"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "fuzzy": "x"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "regex": true}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "contexts": "x"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "contexts": ["x"]}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "contexts": {"a": "b"}}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "analyzer": "nope"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"completion": {"field": "s"}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {}}}});
}

#[test]
fn fuzzy_options_that_are_wrong_are_refused() {
    asks!(bands(), "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "fuzzy": {"nope": 1}}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "fuzzy": {"min_length": -1}}}}}, "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "n", "completion": {"field": "s", "fuzzy": {"prefix_length": -1}}}}});
}

#[test]
fn terms_of_completions_are_whole_texts() {
    asks!(bands(), "POST /bands/_search" => {"query": {"constant_score": {"filter": {"term": {"s": "nirvana"}}}}, "_source": false}, "POST /bands/_search" => {"query": {"constant_score": {"filter": {"term": {"s": "nirv"}}}}, "_source": false});
}

#[test]
fn completions_exist() {
    asks!(bands(), "POST /bands/_search" => {"query": {"exists": {"field": "s"}}, "_source": false});
}

#[test]
fn completions_have_no_column() {
    asks!(bands(), "POST /bands/_search" => {"sort": "s"}, "POST /bands/_search" => {"aggs": {"a": {"terms": {"field": "s"}}}}, "POST /bands/_search" => {"query": {"prefix": {"s": "n"}}});
}

#[test]
fn completions_are_fetched_as_they_came() {
    asks!(bands(), "POST /bands/_search" => {"fields": ["s"], "_source": false, "query": {"exists": {"field": "s"}}});
}

#[test]
fn a_category_narrows() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": "red"}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": ["red", "blue"]}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": "nope"}}}}});
}

#[test]
fn categories_weigh() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": [{"context": "red", "boost": 2}, {"context": "blue", "boost": 3}]}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": [{"context": "blue", "boost": 3}, {"context": "bluish", "boost": 5}]}}}}});
}

#[test]
fn a_category_may_be_a_beginning() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": [{"context": "b", "prefix": true}]}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": {"context": "blu", "prefix": true, "boost": 2}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": [{"context": "blue", "boost": 3}, {"context": "bl", "prefix": true, "boost": 5}]}}}}});
}

#[test]
fn categories_are_texts() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": "true"}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": true}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": 1}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": 1.5}}}}});
}

#[test]
fn categories_and_errors_weigh_together() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": "red"}, "fuzzy": true}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": {"context": "red", "boost": 4}}, "fuzzy": true}}}});
}

#[test]
fn categories_come_from_other_fields() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "cp", "contexts": {"color": "red"}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "cp", "contexts": {"color": "green"}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "ct", "contexts": {"text": "Some Words"}}}}});
}

#[test]
fn a_place_finds_what_is_around_it() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"lat": 52.5, "lon": 13.4}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"lat": 52.52, "lon": 13.42}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"context": {"lat": 52.5, "lon": 13.4}}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": [{"context": {"lat": 52.5, "lon": 13.4}, "boost": 3}]}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": "u33d"}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"lat": 0, "lon": 0}}}}}});
}

#[test]
fn a_place_may_be_wider() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"context": {"lat": 52.54, "lon": 13.44}, "precision": 3}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"context": {"lat": 52.5, "lon": 13.4}, "precision": "100km"}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"context": {"lat": 52.54, "lon": 13.44}, "neighbours": [4, 5]}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"context": {"lat": 52.54, "lon": 13.44}, "neighbours": ["4", "3"], "boost": 3}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"lat": 52.5, "lon": 13.4, "precision": 2, "boost": 2}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"context": {"lat": 52.5, "lon": 13.4}, "precision": 12}}}}}});
}

#[test]
fn places_come_from_other_fields() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "gp", "contexts": {"loc": {"lat": 52.5, "lon": 13.4}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "gp", "contexts": {"loc": {"lat": 52.6, "lon": 13.6}}}}}});
}

#[test]
fn a_field_may_have_several_contexts() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "m", "contexts": {"color": "red"}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "m", "contexts": {"loc": {"lat": 52.5, "lon": 13.4}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "m", "contexts": {"color": {"context": "red", "boost": 3}, "loc": {"context": {"lat": 52.5, "lon": 13.4}, "boost": 7}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "m", "contexts": {"color": ["red", "blue"]}, "skip_duplicates": true}}}});
}

#[test]
fn contexts_must_be_asked_for() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c"}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": []}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"nope": "red"}}}}});
}

#[test]
fn contexts_that_are_wrong_are_refused() {
    asks!(shops(), "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": null}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": {"boost": 2}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": {"context": "red", "foo": 1}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "c", "contexts": {"color": {"context": "red", "boost": 0}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": [13.4, 52.5]}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"context": [13.4, 52.5]}}}}}}, "POST /shops/_search" => {"_source": false, "suggest": {"s": {"prefix": "foo", "completion": {"field": "g", "contexts": {"loc": {"precision": 5}}}}}});
}

#[test]
fn inputs_that_are_wrong_are_refused() {
    asks!(bands(), "PUT /bands/_doc/e" => {"s": {"input": "x", "weight": -1}}, "PUT /bands/_doc/e" => {"s": {"input": "x", "weight": 1.5}}, "PUT /bands/_doc/e" => {"s": {"input": "x", "weight": "abc"}}, "PUT /bands/_doc/e" => {"s": {"input": "x", "weight": 99_999_999_999i64}}, "PUT /bands/_doc/e" => {"s": {"weight": 1}}, "PUT /bands/_doc/e" => {"s": {"input": ""}}, "PUT /bands/_doc/e" => {"s": null}, "PUT /bands/_doc/e" => {"s": 1}, "PUT /bands/_doc/e" => {"s": true}, "PUT /bands/_doc/e" => {"s": {"input": 1}}, "PUT /bands/_doc/e" => {"s": {"input": "x", "foo": 1}}, "PUT /bands/_doc/e" => {"s": {"input": ["x", null]}}, "PUT /bands/_doc/e" => {"s": {"input": {"a": 1}}}, "PUT /bands/_doc/e" => {"s": ["x", ["y"]]}, "PUT /bands/_doc/e" => {"s": "a\u{1f}b"}, "PUT /bands/_doc/e" => {"s": {"input": "x", "contexts": {"a": "b"}}}, "PUT /bands/_doc/e" => {"s": []}, "PUT /bands/_doc/e" => {"s": {"input": "x", "weight": null}}, "PUT /bands/_doc/e" => {"s": {"input": ["x"], "weight": true}});
}

#[test]
fn inputs_need_contexts_that_are_right() {
    asks!(shops(), "PUT /shops/_doc/e" => {"g": {"input": "x", "contexts": {"loc": "nope!"}}}, "PUT /shops/_doc/e" => {"g": {"input": "x", "contexts": {"loc": {"lat": 91, "lon": 0}}}}, "PUT /shops/_doc/e" => {"cp": {"input": "x"}, "color": ["a", "b"]}, "PUT /shops/_doc/e" => {"c": {"contexts": {"color": "a"}}}, "PUT /shops/_doc/e" => {"c": "x"}, "PUT /shops/_doc/e" => {"c": {"input": "x"}}, "PUT /shops/_doc/e" => {"c": {"input": "x", "contexts": {"nope": "x"}}}, "PUT /shops/_doc/e" => {"c": {"input": "x", "contexts": {"color": {"a": 1}}}}, "PUT /shops/_doc/e" => {"c": {"input": "x", "contexts": {"color": null}}}, "PUT /shops/_doc/e" => {"c": {"input": "x", "contexts": "red"}}, "PUT /shops/_doc/e" => {"c": {"input": "x", "contexts": ["red"]}}, "PUT /shops/_doc/e" => {"c": {"input": "x", "contexts": {"color": [["a"]]}}}, "PUT /shops/_doc/e" => {"c": {"input": "x", "contexts": {}}}, "PUT /shops/_doc/e" => {"g": {"input": "x", "contexts": {"loc": [1]}}}, "PUT /shops/_doc/e" => {"g": {"input": "x", "contexts": {"loc": 5}}}, "PUT /shops/_doc/e" => {"cp": "x"}, "PUT /shops/_doc/e" => {"m": "x"});
}

#[test]
fn parameters_that_are_wrong_are_refused() {
    asks!(Setup::nothing(), "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": [{"name": "a"}]}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": [{"type": "category"}]}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": [{"name": "a", "type": "nope"}]}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": []}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": "x"}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": [{"name": "a", "type": "category", "foo": 1}]}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": [{"name": "a", "type": "geo", "path": "nope"}]}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": [{"name": "a", "type": "geo", "path": "k"}]}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": [{"name": "a", "type": "geo", "precision": "x"}]}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "max_input_length": 0}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "max_input_length": -5}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "analyzer": "nope"}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "preserve_separators": "x"}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "foo": 1}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "payloads": true}}}}, "PUT /m" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "null_value": "x"}}}});
}

#[test]
fn parameters_are_printed_with_their_defaults() {
    asks!(Setup::nothing(), "PUT /m0" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": {"name": "a", "type": "category"}}}}}, "GET /m0/_mapping", "PUT /m1" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "contexts": [{"name": "a", "type": "GEO"}, {"name": "b", "type": "geo", "precision": "5km"}, {"name": "c", "type": "geo", "precision": "7"}]}}}}, "GET /m1/_mapping", "PUT /m2" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "max_input_length": "7"}}}}, "GET /m2/_mapping", "PUT /m3" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "analyzer": "standard", "search_analyzer": "whitespace"}}}}, "GET /m3/_mapping", "PUT /m4" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "preserve_separators": false, "preserve_position_increments": false}}}}, "GET /m4/_mapping", "PUT /m5" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "max_input_len": 3}}}}, "GET /m5/_mapping", "PUT /m6" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "index": false, "store": true, "doc_values": true}}}}, "GET /m6/_mapping", "PUT /m7" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "meta": {"a": "b"}}}}}, "GET /m7/_mapping", "PUT /m8" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "copy_to": "k"}}}}, "GET /m8/_mapping", "PUT /m9" => {"mappings": {"properties": {"k": {"type": "keyword"}, "f": {"type": "completion", "fields": {"x": {"type": "keyword"}}}}}}, "GET /m9/_mapping");
}

#[test]
fn what_inputs_are_read_with_stays() {
    asks!(bands(), "PUT /bands/_mapping" => {"properties": {"s": {"type": "completion", "max_input_length": 20}}}, "PUT /bands/_mapping" => {"properties": {"s": {"type": "completion", "analyzer": "standard"}}}, "PUT /bands/_mapping" => {"properties": {"s": {"type": "completion", "search_analyzer": "standard"}}}, "PUT /bands/_mapping" => {"properties": {"s": {"type": "completion", "preserve_separators": false}}}, "GET /bands/_mapping/field/s", "GET /bands/_field_caps?fields=s");
}

#[test]
fn multi_fields_of_completions_get_their_inputs() {
    let mapping = json!({"mappings": {"properties": {"s": {"type": "completion", "fields": {
        "k": {"type": "keyword"},
        "exact": {"type": "completion", "analyzer": "keyword"},
    }}}}});
    let documents = json!([{"s": {"input": ["apple", "Ananas"], "weight": 3}}, {"s": "apricot"}]);
    asks!(
        Setup::index("m", mapping, documents),
        "POST /m/_search" => {"query": {"term": {"s.k": "Ananas"}}, "_source": false, "sort": ["_doc"]},
        "POST /m/_search" => {"suggest": {"s": {"prefix": "a", "completion": {"field": "s.exact"}}}},
        "POST /m/_search" => {"suggest": {"s": {"prefix": "A", "completion": {"field": "s.exact"}}}},
    );
}

#[test]
fn deleted_documents_are_not_suggested() {
    asks!(
        bands(),
        "DELETE /bands/_doc/2?refresh=true",
        "POST /bands/_search" => {"_source": false, "suggest": {"s": {"prefix": "nir", "completion": {"field": "s"}}}},
    );
}

#[test]
fn several_indices_suggest_together() {
    let setup = bands().and(
        "more",
        json!({"mappings": {"properties": {"s": {"type": "completion"}}}}),
        json!([{"s": {"input": "Nirvana", "weight": 5}}, {"s": {"input": "Nina", "weight": 4}}]),
    );
    asks!(
        setup,
        "POST /bands,more/_search" => {"_source": false, "suggest": {"s": {"prefix": "ni", "completion": {"field": "s", "size": 3}}}},
        "POST /bands,more/_search" => {"_source": false, "suggest": {"s": {"prefix": "ni", "completion": {"field": "s", "skip_duplicates": true}}}},
    );
}

#[test]
fn an_aliass_filter_hides_suggestions() {
    // Elasticsearch suggests what an alias's filter hides; here nothing goes around a filter.
    let domain = Domain::elasticsearch();
    domain.ok(
        "PUT /a",
        r#"{"mappings":{"properties":{"s":{"type":"completion"},"k":{"type":"keyword"}}}}"#,
    );
    domain.ask("PUT /a/_doc/1?refresh=true", r#"{"s":"one","k":"x"}"#);
    domain.ask("PUT /a/_doc/2?refresh=true", r#"{"s":"only","k":"y"}"#);
    let alias = r#"{"actions":[{"add":{"index":"a","alias":"x","filter":{"term":{"k":"x"}}}}]}"#;
    domain.ok("POST /_aliases", alias);
    let body = r#"{"suggest":{"s":{"prefix":"on","completion":{"field":"s"}}}}"#;
    let of = |index: &str| {
        let answer = domain.ok(&format!("POST /{index}/_search"), body);
        let options = answer["suggest"]["s"][0]["options"].as_array().unwrap();
        options.iter().map(|option| option["text"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(of("a"), ["one", "only"]);
    assert_eq!(of("x"), ["one"]);
}
