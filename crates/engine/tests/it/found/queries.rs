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

fn of_words() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {"t": {"type": "text"}, "n": {"type": "long"}}}}),
        json!([{"t": "a b c", "n": 3}, {"t": "b", "n": 5}, {"t": "the quick fox"}]),
    )
}

#[test]
fn of_two_queries_of_one_name_the_last_one_is_told() {
    asks!(of_words(),
        "POST /w/_search" => {"query": {"bool": {"must": [{"match": {"t": {"query": "b", "_name": "n"}}}], "should": [{"match": {"t": {"query": "z", "_name": "n"}}}]}}},
        "POST /w/_search" => {"query": {"bool": {"should": [{"match": {"t": {"query": "z", "_name": "n"}}}], "filter": [{"match": {"t": {"query": "b", "_name": "n"}}}]}}},
        "POST /w/_search" => {"query": {"bool": {"should": [{"match": {"t": {"query": "z", "_name": "n"}}}], "filter": [{"match": {"t": {"query": "b", "_name": "n"}}}], "_name": "n"}}},
        "POST /w/_search" => {"query": {"bool": {"must": [{"match": {"t": {"query": "b", "_name": "n"}}}], "must_not": [{"match": {"t": {"query": "z", "_name": "n"}}}]}}},
        "POST /w/_search" => {"query": {"dis_max": {"queries": [{"match": {"t": {"query": "b", "_name": "n"}}}, {"match": {"t": {"query": "a", "_name": "n"}}}]}}},
    );
}

#[test]
fn named_queries_are_told_in_the_order_of_a_map() {
    search!(of_words(), {"query": {"bool": {"should": [
        {"match": {"t": {"query": "a", "_name": "zz"}}}, {"match": {"t": {"query": "b", "_name": "b"}}},
        {"match": {"t": {"query": "b", "_name": "aa"}}}, {"match": {"t": {"query": "c", "_name": "first"}}},
    ]}}});
}

#[test]
fn named_queries_tell_what_they_score() {
    asks!(of_words().of_opensearch(),
        "POST /w/_search?include_named_queries_score=true" => {"query": {"bool": {"should": [{"match": {"t": {"query": "a", "_name": "zz"}}}, {"match": {"t": {"query": "b", "_name": "b"}}}]}}},
        "POST /w/_search?include_named_queries_score" => {"query": {"bool": {"filter": [{"match": {"t": {"query": "a", "_name": "zz"}}}, {"match": {"t": {"query": "b", "_name": "b", "boost": 3}}}]}}},
        "POST /w/_search?include_named_queries_score=false" => {"query": {"match": {"t": {"query": "a", "_name": "zz"}}}},
    );
}

#[test]
fn a_minimum_of_words_that_all_must_match_is_never_reached() {
    asks!(of_words(),
        "POST /w/_search" => {"query": {"match": {"t": {"query": "quick fox", "operator": "and", "minimum_should_match": 2}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "quick fox", "operator": "and", "minimum_should_match": "50%"}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "fox", "operator": "and", "minimum_should_match": 2}}}},
        "POST /w/_search" => {"query": {"match_bool_prefix": {"t": {"query": "quick fo", "operator": "and", "minimum_should_match": 1}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "quick fox", "fields": ["t"], "operator": "and", "minimum_should_match": 2}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "quick fox", "fields": ["t"], "operator": "and", "type": "cross_fields", "minimum_should_match": 2}}},
    );
}

#[test]
fn a_field_that_is_named_again_without_a_boost_keeps_it() {
    asks!(of_words(),
        "POST /w/_search" => {"query": {"simple_query_string": {"query": "b", "fields": ["t^0.5", "t"]}}},
        "POST /w/_search" => {"query": {"simple_query_string": {"query": "b", "fields": ["t", "t^0.5"]}}},
        "POST /w/_search" => {"query": {"query_string": {"query": "b", "fields": ["t^2", "t^3", "t"]}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "b", "fields": ["t^2", "t"]}}},
    );
}

#[test]
fn one_function_without_a_filter_is_not_averaged() {
    asks!(of_words(),
        "POST /w/_search" => {"query": {"function_score": {"query": {"match_all": {}}, "weight": 2, "score_mode": "avg", "boost_mode": "sum"}}},
        "POST /w/_search" => {"query": {"function_score": {"query": {"match_all": {}}, "functions": [{"weight": 2}], "score_mode": "avg", "boost_mode": "sum"}}},
        "POST /w/_search" => {"query": {"function_score": {"query": {"match_all": {}}, "functions": [{"weight": 2, "filter": {"match_all": {}}}], "score_mode": "avg", "boost_mode": "sum"}}},
        "POST /w/_search" => {"query": {"function_score": {"query": {"match_all": {}}, "functions": [{"weight": 2, "filter": {"exists": {"field": "n"}}}], "score_mode": "avg", "boost_mode": "sum"}}},
        "POST /w/_search" => {"query": {"function_score": {"query": {"match_all": {}}, "field_value_factor": {"field": "n", "missing": 7}, "weight": 2, "score_mode": "avg", "boost_mode": "sum"}}},
        "POST /w/_search" => {"query": {"function_score": {"query": {"match_all": {}}, "functions": [{"weight": 2}, {"weight": 4}], "score_mode": "avg", "boost_mode": "sum"}}},
    );
}

#[test]
fn words_are_looked_for_in_the_column_of_a_field_without_an_index() {
    let setup = Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "k": {"type": "keyword", "index": false}, "s": {"type": "keyword", "index": false, "split_queries_on_whitespace": true}, "n": {"type": "long", "index": false},
        }}}),
        json!([{"k": "fox", "s": "fox", "n": 3}, {"k": "dog", "s": "the", "n": 4}, {"k": "fix"}]),
    );
    asks!(setup,
        "POST /w/_search" => {"query": {"match": {"s": "the fox"}}},
        "POST /w/_search" => {"query": {"match": {"s": {"query": "the fox", "operator": "and"}}}},
        "POST /w/_search" => {"query": {"match": {"k": {"query": "dog", "analyzer": "standard"}}}},
        "POST /w/_search" => {"query": {"fuzzy": {"k": {"value": "fax", "fuzziness": 1}}}},
        "POST /w/_search" => {"query": {"fuzzy": {"k": {"value": "fax", "prefix_length": 2}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "dog", "fields": ["k", "s"]}}},
        "POST /w/_search" => {"query": {"match": {"n": {"query": "3", "analyzer": "standard"}}}},
    );
}

#[test]
fn a_query_that_is_no_object_is_refused_whatever_it_is_called() {
    asks!(of_words(),
        "POST /w/_search" => {"query": {"bool": {"must": {"x": 1}}}},
        "POST /w/_search" => {"query": {"x": 1}},
        "POST /w/_search" => {"query": {"function_score": {"query": {"x": []}}}},
    );
}

#[test]
fn texts_have_no_formats() {
    asks!(of_words(),
        "POST /w/_search" => {"fields": [{"field": "t", "format": "#.0"}]},
        "POST /w/_search" => {"fields": [{"field": "n", "format": "#.0"}]},
    );
}

#[test]
fn an_unknown_option_of_a_highlighted_field_is_told_before_tags_that_are_missing() {
    asks!(of_words(),
        "POST /w/_search" => {"query": {"match": {"t": "b"}}, "highlight": {"pre_tags": ["<b>"], "fields": {"t": {"encoder": "html"}}}},
        "POST /w/_search" => {"query": {"match": {"t": "b"}}, "highlight": {"pre_tags": ["<b>"], "fields": {"t": {}}}},
    );
}
