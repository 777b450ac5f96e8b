//! Queries and aggregations that answered something else than the real servers.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn words() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "t": {"type": "text", "norms": false},
            "k": {"type": "keyword", "fields": {"words": {"type": "text"}}},
            "n": {"type": "short"}, "o": {"properties": {"p": {"type": "keyword"}}},
        }}}),
        json!([
            {"t": "dog the the", "k": "the dog", "n": 3, "o": {"p": "x"}},
            {"t": "the fox", "k": "the fox", "n": 24},
            {"t": "thx the tho", "k": "the end", "n": 60, "o": {"p": "y"}},
        ]),
    )
}

#[test]
fn without_norms_the_average_length_counts_every_word() {
    search!(words(), {"query": {"match": {"t": "dog the"}}});
}

#[test]
fn a_fuzzy_query_on_a_field_without_norms_scores_as_a_match() {
    search!(words(), {"query": {"fuzzy": {"t": {"value": "the"}}}});
}

#[test]
fn of_two_lower_bounds_the_last_counts() {
    asks!(words(),
        "POST /w/_search" => {"query": {"range": {"n": {"gt": 3, "gte": 24}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"gte": 24, "gt": 3}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"gte": 3, "gt": 3}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"lt": 3, "lte": 24}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"lte": 24, "lt": 24}}}},
    );
}

#[test]
fn whether_a_bound_is_included_is_said_by_the_last_that_says_it() {
    asks!(words(),
        "POST /w/_search" => {"query": {"range": {"n": {"from": 3, "include_lower": false}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"include_lower": false, "from": 3}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"include_lower": false, "gte": 3}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"gt": 3, "include_lower": true}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"to": 24, "include_upper": false}}}},
    );
}

#[test]
fn the_bounds_of_ranges_are_printed_as_the_format_says() {
    let ranges = json!([{"to": 5}, {"from": 5, "to": 20.5}, {"from": 20, "key": "many"}]);
    asks!(words(),
        "POST /w/_search" => {"size": 0, "aggs": {"r": {"range": {"field": "n", "format": "0.0", "ranges": ranges}}}},
        "POST /w/_search" => {"size": 0, "aggs": {"r": {"range": {"field": "n", "format": "0.00", "keyed": true, "ranges": ranges}}}},
    );
}

#[test]
fn an_object_is_missing_everywhere() {
    search!(words(), {"size": 0, "aggs": {"m": {"missing": {"field": "o"}}, "f": {"missing": {"field": "o.p"}}}});
}

#[test]
fn significant_text_reads_a_multi_field_from_its_parent() {
    search!(words(), {
        "size": 0, "query": {"term": {"n": 24}},
        "aggs": {"s": {"significant_text": {"field": "k.words", "min_doc_count": 1}}}
    });
}

#[test]
fn opensearch_names_its_own_packages() {
    asks!(words(),
        "POST /w/_search" => {"aggs": {"a": {"filter": {"match_all": {}}, "aggs": {
            "s": {"stats": {"field": "n"}}, "b": {"min_bucket": {"buckets_path": "s>_count"}}
        }}}},
    );
}

#[test]
fn an_order_or_mode_that_is_none_is_a_fault_of_its_option() {
    asks!(words(),
        "POST /w/_search" => {"sort": [{"n": {"order": "sideways"}}]},
        "POST /w/_search" => {"sort": [{"n": {"mode": "middle"}}]},
        "POST /w/_search" => {"sort": [{"n": "sideways"}]},
    );
}

#[test]
fn words_near_another_are_refused_of_fields_without_words() {
    asks!(words(),
        "POST /w/_search" => {"query": {"match": {"n": {"query": "3", "fuzziness": "AUTO"}}}},
        "POST /w/_search" => {"query": {"match": {"n": {"query": "3", "fuzziness": "AUTO", "lenient": true}}}},
    );
}

fn features() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "of": {"type": "rank_features"}, "on": {"type": "keyword"}, "x": {"type": "keyword"},
        }}}),
        json!([{"of": {"a": 1}, "on": "b"}, {"x": "c"}]),
    )
}

#[test]
fn a_pattern_that_means_rank_features_too_is_refused_by_exists() {
    asks!(features(),
        "POST /w/_search" => {"query": {"exists": {"field": "o*"}}},
        "POST /w/_search" => {"query": {"exists": {"field": "on*"}}},
    );
}

#[test]
fn exists_of_no_field_is_told_as_a_query_for_nothing() {
    asks!(features(),
        "POST /w/_validate/query?explain=true" => {"query": {"exists": {"field": "z"}}},
        "POST /w/_validate/query?explain=true" => {"query": {"exists": {"field": "z*"}}},
    );
}
