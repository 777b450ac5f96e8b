//! Words that are values, and words where there are none.

use serde_json::json;

use crate::cases::{Setup, asks};

fn fields() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "t": {"type": "text"}, "k": {"type": "keyword"}, "n": {"type": "long"}, "i": {"type": "ip"}, "b": {"type": "boolean"},
            "d": {"type": "date"}, "s": {"type": "scaled_float", "scaling_factor": 10}, "f": {"type": "rank_features"},
            "r": {"type": "float_range"}, "y": {"type": "search_as_you_type"},
        }}}),
        json!([{"t": "the fox", "k": "fox", "n": 1, "b": true, "d": "2020-01-01", "i": "::1", "s": 1.5}]),
    )
}

#[test]
fn an_analyzer_by_name_makes_values_of_words() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"match": {"n": {"query": "1 2", "analyzer": "whitespace"}}}},
        "POST /w/_search" => {"query": {"match": {"r": {"query": "1 2", "analyzer": "whitespace"}}}},
        "POST /w/_search" => {"query": {"match_phrase": {"n": {"query": "1", "analyzer": "whitespace"}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "fox", "fields": ["r"], "type": "cross_fields", "analyzer": "english", "lenient": true}}},
    );
}

fn others() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "t": {"type": "text"}, "k": {"type": "keyword"}, "n": {"type": "long"}, "i": {"type": "ip"},
            "f": {"type": "rank_features"}, "x": {"type": "binary"}, "g": {"type": "geo_point"},
            "c": {"type": "token_count", "analyzer": "standard"}, "r": {"type": "float_range"},
        }}}),
        json!([{"t": "the fox", "k": "fox", "n": 1}]),
    )
}

#[test]
fn common_words_are_not_looked_for_in_fields_without_words() {
    asks!(others(),
        "POST /w/_search" => {"query": {"common": {"f": {"query": "fox"}}}},
        "POST /w/_search" => {"query": {"common": {"g": {"query": "fox"}}}},
        "POST /w/_search" => {"query": {"common": {"r": {"query": "fox"}}}},
        "POST /w/_search" => {"query": {"common": {"x": {"query": "fox"}}}},
    );
}
