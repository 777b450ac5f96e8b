//! Spans and intervals of fields whose words have no places.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn fields() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "t": {"type": "text"}, "k": {"type": "keyword"}, "n": {"type": "long"}, "b": {"type": "boolean"},
            "d": {"type": "date"}, "f": {"type": "rank_features"}, "y": {"type": "search_as_you_type"},
            "c": {"type": "token_count", "analyzer": "standard"}, "u": {"type": "text", "index_options": "docs"},
        }}}),
        json!([{"t": "the fox", "k": "fox", "n": 1, "b": true, "d": "2020-01-01", "y": "the fox", "u": "fox"}]),
    )
}

#[test]
fn a_span_of_several_terms_is_refused_as_its_query_is() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"span_multi": {"match": {"prefix": {"k": "f"}}}}},
        "POST /w/_search" => {"query": {"span_multi": {"match": {"prefix": {"n": "f"}}}}},
        "POST /w/_search" => {"query": {"span_multi": {"match": {"wildcard": {"n": "f*"}}}}},
        "POST /w/_search" => {"query": {"span_multi": {"match": {"regexp": {"n": "f.*"}}}}},
        "POST /w/_search" => {"query": {"span_multi": {"match": {"fuzzy": {"n": "fox"}}}}},
    );
}

#[test]
fn a_span_of_several_terms_without_places_names_the_first() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"span_multi": {"match": {"wildcard": {"u": "f*"}}}}},
        "POST /w/_search" => {"query": {"span_multi": {"match": {"wildcard": {"u": "z*"}}}}},
        "POST /w/_search" => {"query": {"span_multi": {"match": {"fuzzy": {"k": "fox"}}}}},
    );
}

#[test]
fn a_span_of_one_term_is_refused_for_its_value_first() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"span_term": {"n": "fox"}}},
        "POST /w/_search" => {"query": {"span_term": {"d": "fox"}}},
        "POST /w/_search" => {"query": {"span_term": {"f": "fox"}}},
        "POST /w/_search" => {"query": {"span_term": {"b": "true"}}},
    );
}

#[test]
fn wildcards_and_texts_without_scores_have_no_spans() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {"w": {"type": "wildcard"}, "m": {"type": "match_only_text"}}}}),
        json!([{"w": "fox", "m": "the fox"}]),
    );
    asks!(setup.of_opensearch(),
        "POST /w/_search" => {"query": {"span_term": {"w": "fox"}}},
        "POST /w/_search" => {"query": {"span_term": {"m": "fox"}}},
        "POST /w/_search" => {"query": {"span_multi": {"match": {"prefix": {"w": "f"}}}}},
        "POST /w/_search" => {"query": {"span_multi": {"match": {"wildcard": {"w": "f*"}}}}},
        "POST /w/_search" => {"query": {"span_multi": {"match": {"wildcard": {"m": "f*"}}}}},
        "POST /w/_search" => {"query": {"intervals": {"m": {"match": {"query": "fox"}}}}},
        "POST /w/_search" => {"query": {"intervals": {"m": {"wildcard": {"pattern": "f*"}}}}},
    );
}

#[test]
fn intervals_ask_for_a_text_or_for_places() {
    asks!(fields(),
        "POST /w/_search" => {"query": {"intervals": {"k": {"match": {"query": "fox"}}}}},
        "POST /w/_search" => {"query": {"intervals": {"k": {"prefix": {"prefix": "f"}}}}},
        "POST /w/_search" => {"query": {"intervals": {"k": {"wildcard": {"pattern": "f*"}}}}},
        "POST /w/_search" => {"query": {"intervals": {"n": {"fuzzy": {"term": "fox"}}}}},
        "POST /w/_search" => {"query": {"intervals": {"c": {"match": {"query": "fox"}}}}},
        "POST /w/_search" => {"query": {"intervals": {"y": {"match": {"query": "fox"}}}}},
    );
}

#[test]
fn a_rule_that_stands_for_terms_looks_into_a_field_as_somebody_types() {
    search!(fields(), {"query": {"intervals": {"y": {"wildcard": {"pattern": "f*"}}}}});
}
