//! Words that are values, and words where there are none.

use super::{of_each_type, without_words};
use crate::cases::asks;

#[test]
fn an_analyzer_by_name_makes_values_of_words() {
    asks!(of_each_type(),
        "POST /w/_search" => {"query": {"match": {"n": {"query": "1 2", "analyzer": "whitespace"}}}},
        "POST /w/_search" => {"query": {"match": {"r": {"query": "1 2", "analyzer": "whitespace"}}}},
        "POST /w/_search" => {"query": {"match_phrase": {"n": {"query": "1", "analyzer": "whitespace"}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "fox", "fields": ["r"], "type": "cross_fields", "analyzer": "english", "lenient": true}}},
    );
}

#[test]
fn common_words_are_not_looked_for_in_fields_without_words() {
    asks!(without_words(),
        "POST /w/_search" => {"query": {"common": {"f": {"query": "fox"}}}},
        "POST /w/_search" => {"query": {"common": {"g": {"query": "fox"}}}},
        "POST /w/_search" => {"query": {"common": {"r": {"query": "fox"}}}},
        "POST /w/_search" => {"query": {"common": {"x": {"query": "fox"}}}},
    );
}
