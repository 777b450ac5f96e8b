//! `text`.

use crate::cases::{Setup, asks};

#[test]
fn words_are_found_whatever_their_case() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "Two Words"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "WORDS"}}}
    );
}

#[test]
fn an_analyzer_may_be_chosen() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"t": {"type": "text", "analyzer": "whitespace"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"t": "Two Words"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "words"}}},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "Words"}}}
    );
}

#[test]
fn a_search_analyzer_reads_queries() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "t": {"type": "text", "analyzer": "keyword", "search_analyzer": "standard"}
                }
            }
        },
        "PUT /a/_doc/0?refresh=true" => {"t": "two"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "TWO words"}}}
    );
}

#[test]
fn an_analyzer_that_is_not_there_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "analyzer": "nobody"}}}}
    );
}

#[test]
fn index_false_is_not_searched() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "index": false}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "x"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "x"}}}
    );
}

#[test]
fn norms_false_lets_length_not_count() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "norms": false}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "x"},
        "PUT /a/_doc/1?refresh=true" => {"t": "x y z"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "x"}}}
    );
}

#[test]
fn norms_let_shorter_ones_count_more() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "x"},
        "PUT /a/_doc/1?refresh=true" => {"t": "x y z"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "x"}}}
    );
}

#[test]
fn index_options_docs_lets_frequency_not_count() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"t": {"type": "text", "index_options": "docs"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"t": "x x x"},
        "PUT /a/_doc/1?refresh=true" => {"t": "x y z"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "x"}}}
    );
}

#[test]
fn index_options_docs_has_no_phrases() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"t": {"type": "text", "index_options": "docs"}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"t": "x y"},
        "POST /a/_search" => {"_source": false, "query": {"match_phrase": {"t": "x y"}}}
    );
}

#[test]
fn an_unknown_index_option_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"t": {"type": "text", "index_options": "surprise"}}}
        }
    );
}

#[test]
fn a_position_increment_gap_of_zero_lets_phrases_reach_over() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"t": {"type": "text", "position_increment_gap": 0}}}
        },
        "PUT /a/_doc/0?refresh=true" => {"t": ["a b", "c d"]},
        "POST /a/_search" => {"_source": false, "query": {"match_phrase": {"t": "b c"}}}
    );
}

#[test]
fn numbers_become_words() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": 42},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "42"}}}
    );
}

#[test]
fn an_object_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text"}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": {"a": 1}}
    );
}

#[test]
fn fielddata_lets_words_be_counted() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "fielddata": true}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "a b a"},
        "POST /a/_search" => {"size": 0, "aggs": {"x": {"terms": {"field": "t"}}}}
    );
}

#[test]
fn multi_fields_index_one_value_in_several_ways() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {
                    "t": {
                        "type": "text",
                        "fields": {
                            "raw": {"type": "keyword"},
                            "len": {"type": "text", "analyzer": "simple"}
                        }
                    }
                }
            }
        },
        "PUT /a/_doc/0?refresh=true" => {"t": "Two Words"},
        "POST /a/_search" => {"_source": false, "query": {"term": {"t.raw": "Two Words"}}},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t.len": "words"}}}
    );
}

#[test]
fn a_multi_field_of_an_object_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {
                "properties": {"t": {"type": "text", "fields": {"o": {"type": "object"}}}}
            }
        }
    );
}

#[test]
fn an_unknown_parameter_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "surprise": 1}}}}
    );
}

#[test]
fn doc_values_are_passed_over() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "doc_values": true}}}}
    );
}

#[test]
fn a_similarity_may_be_named() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {"mappings": {"properties": {"t": {"type": "text", "similarity": "BM25"}}}},
        "PUT /a/_doc/0?refresh=true" => {"t": "x"},
        "POST /a/_search" => {"_source": false, "query": {"match": {"t": "x"}}}
    );
}

#[test]
fn an_unknown_similarity_is_refused() {
    asks!(
        Setup::nothing(),
        "PUT /a" => {
            "mappings": {"properties": {"t": {"type": "text", "similarity": "surprise"}}}
        }
    );
}
