//! What programs ask (`conformance/scenarios`) and was answered in another way than by the real servers.

use serde_json::json;

use crate::cases::{Setup, asks, search};

fn logs() -> Setup {
    Setup::index(
        "w",
        json!({"mappings": {"properties": {
            "t": {"type": "text"}, "n": {"type": "long"}, "r": {"type": "rank_features"},
            "k": {"type": "keyword", "normalizer": "lowercase"},
            "o": {"properties": {"n": {"type": "nested", "properties": {"x": {"type": "long"}}}, "e": {"type": "object"}}},
        }}}),
        json!([{"t": "the fox", "n": 1, "k": "ABC"}, {"t": "dog", "n": 20, "k": ["x", "Y"]}]),
    )
}

#[test]
fn field_caps_tell_the_fields_that_every_index_has() {
    asks!(
        logs(),
        "GET /w/_field_caps?fields=*",
        "GET /w/_field_caps?fields=_s*",
        "GET /w/_field_caps?fields=_type"
    );
}

#[test]
fn field_caps_tell_the_objects_around_what_they_find() {
    asks!(
        logs(),
        "GET /w/_field_caps?fields=o.n.x",
        "GET /w/_field_caps?fields=o",
        "GET /w/_field_caps?fields=o.*"
    );
}

#[test]
fn the_mapping_of_fields_tells_those_that_every_index_has() {
    asks!(
        logs(),
        "GET /w/_mapping/field/_i*",
        "GET /w/_mapping/field/_source",
        "GET /w/_mapping/field/*"
    );
}

#[test]
fn a_format_may_be_named_as_before_elasticsearch_7() {
    asks!(logs(),
        "PUT /w/_mapping" => {"properties": {"d": {"type": "date", "format": "dateOptionalTime"}, "s": {"type": "date", "format": "strictDateHourMinute||basicDate"}}},
        "POST /w/_doc/9?refresh=true" => {"d": "2024-05-01T10:00:00Z", "s": "20240501"},
        "POST /w/_search" => {"query": {"range": {"d": {"gte": "2024-05-01"}}}, "docvalue_fields": ["d", "s"]},
    );
}

#[test]
fn the_state_of_a_closed_index_is_told_by_its_name() {
    asks!(
        logs(),
        "POST /w/_close",
        "GET /_cluster/state/metadata/w?filter_path=metadata.indices.*.state",
        "GET /_cluster/state/metadata/w*?filter_path=metadata.indices.*.state",
    );
}

#[test]
fn a_star_alone_is_every_document_to_a_simple_query() {
    asks!(logs(),
        "POST /w/_search" => {"query": {"simple_query_string": {"query": "*"}}},
        "POST /w/_search" => {"query": {"simple_query_string": {"query": "*", "fields": ["t"]}}},
    );
}

#[test]
fn a_boost_of_function_score_is_that_of_its_query() {
    let function = json!({"field_value_factor": {"field": "n"}});
    asks!(logs(),
        "POST /w/_search" => {"query": {"function_score": {"functions": [function], "boost": 2, "boost_mode": "replace"}}},
        "POST /w/_search" => {"query": {"function_score": {"functions": [function], "boost": 2, "boost_mode": "sum"}}},
        "POST /w/_search" => {"query": {"function_score": {"functions": [function], "boost": 2, "boost_mode": "multiply"}}},
        "POST /w/_search" => {"query": {"function_score": {"query": {"match": {"t": "fox"}}, "functions": [function], "boost": 3, "boost_mode": "max"}}},
    );
}

#[test]
fn fields_shows_keywords_as_they_are_looked_for() {
    search!(logs(), {"_source": false, "fields": ["k", "n"]});
}

/// Of Searchkick: words of which some stand for several others.
fn synonyms() -> Setup {
    Setup::index(
        "w",
        json!({
            "settings": {"number_of_shards": 1, "analysis": {
                "filter": {"s": {"type": "synonym_graph", "synonyms": ["united states of america,usa", "tv,television", "big apple,new york city,ny"]}},
                "analyzer": {"s": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "s"]}},
            }},
            "mappings": {"properties": {"t": {"type": "text"}}},
        }),
        json!([{"t": "usa"}, {"t": "united states of america"}, {"t": "america states"}, {"t": "visit ny tv"}, {"t": "new york"}, {"t": "the new york city television"}]),
    )
}

#[test]
fn words_that_stand_for_several_are_each_way_a_query() {
    asks!(synonyms(),
        "POST /w/_search" => {"query": {"match": {"t": {"query": "United States of America", "analyzer": "s", "operator": "and"}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "usa", "analyzer": "s"}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "visit ny tv", "analyzer": "s", "operator": "and"}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "visit ny tv", "analyzer": "s", "minimum_should_match": 2}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "visit the new york city", "analyzer": "s"}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "usa", "analyzer": "s", "auto_generate_synonyms_phrase_query": false}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "united states", "analyzer": "s", "operator": "and"}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "usa tv", "fields": ["t"], "analyzer": "s", "operator": "and"}}},
        "POST /w/_validate/query?explain=true&filter_path=explanations" => {"query": {"match": {"t": {"query": "visit ny tv", "analyzer": "s", "operator": "and"}}}},
        "POST /w/_validate/query?explain=true&filter_path=explanations" => {"query": {"match": {"t": {"query": "usa", "analyzer": "s"}}}},
        "POST /w/_validate/query?explain=true&filter_path=explanations" => {"query": {"match": {"t": {"query": "usa", "analyzer": "s", "operator": "and"}}}},
    );
}

#[test]
fn an_analyzer_that_is_not_there_is_refused_whatever_the_field() {
    asks!(logs(),
        "POST /w/_search" => {"query": {"match": {"x": {"query": "a", "analyzer": "nope"}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "a", "analyzer": "nope", "lenient": true}}}},
        "POST /w/_search" => {"query": {"match_phrase": {"x": {"query": "a", "analyzer": "nope"}}}},
        "POST /w/_search" => {"query": {"match_phrase_prefix": {"t": {"query": "a", "analyzer": "nope"}}}},
        "POST /w/_search" => {"query": {"match_bool_prefix": {"t": {"query": "a", "analyzer": "nope"}}}},
        "POST /w/_search" => {"query": {"multi_match": {"query": "a", "fields": ["x", "y*"], "analyzer": "nope"}}},
        "POST /w/_search" => {"query": {"query_string": {"query": "a", "fields": ["x"], "analyzer": "nope"}}},
        "POST /w/_search" => {"query": {"simple_query_string": {"query": "a", "fields": ["x"], "analyzer": "nope"}}},
    );
}

#[test]
fn a_word_no_longer_than_its_prefix_is_near_to_others_with_lucene_9_alone() {
    asks!(
        Setup::index("w", json!({"mappings": {"properties": {"t": {"type": "text"}}}}), json!([{"t": "ap"}, {"t": "api"}, {"t": "apt"}])),
        "POST /w/_search" => {"query": {"match": {"t": {"query": "ap", "fuzziness": 1, "prefix_length": 2}}}},
        "POST /w/_search" => {"query": {"match": {"t": {"query": "api", "fuzziness": 1, "prefix_length": 2}}}},
        "POST /w/_search" => {"query": {"fuzzy": {"t": {"value": "ap", "fuzziness": 1, "prefix_length": 3}}}},
        "POST /w/_search" => {"query": {"query_string": {"query": "t:ap~1", "fuzzy_prefix_length": 2}}},
    );
}

#[test]
fn of_several_filters_of_a_function_the_last_one_counts() {
    asks!(logs(),
        "POST /w/_search" => {"query": {"function_score": {"query": {"match_all": {}}, "functions": [{"filter": [{"term": {"n": 1}}, {"term": {"n": 20}}], "weight": 10}]}}},
        "POST /w/_search" => {"query": {"function_score": {"query": {"match_all": {}}, "functions": [{"filter": [], "weight": 10}]}}},
    );
}

#[test]
fn a_range_is_open_where_its_bound_is_null() {
    asks!(logs(),
        "POST /w/_search" => {"query": {"range": {"n": {"from": null, "include_lower": true, "lt": 3}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"from": null, "to": null, "include_lower": true, "include_upper": false}}}},
        "POST /w/_search" => {"query": {"range": {"n": {"gt": 3, "lte": null}}}},
    );
}

#[test]
fn the_settings_of_a_new_index_count_before_anything_is_in_it() {
    asks!(
        Setup::index("w", json!({"settings": {"max_result_window": 20}}), json!([])),
        "POST /w/_search?filter_path=hits.total" => {"from": 15, "size": 5},
        "POST /w/_search" => {"from": 15, "size": 6},
        "PUT /w/_settings" => {"index.max_result_window": 30},
        "POST /w/_search?filter_path=hits.total" => {"from": 15, "size": 15},
    );
}

#[test]
fn replicas_that_expand_are_as_few_as_one_node_allows() {
    asks!(
        Setup::nothing(),
        "PUT /w" => {"settings": {"auto_expand_replicas": "0-1"}},
        "GET /w/_settings/index.number_of_replicas,index.auto_expand_replicas",
        "PUT /w/_doc/1" => {"n": 1},
        "PUT /w/_settings" => {"auto_expand_replicas": "1-all", "number_of_replicas": 5},
        "GET /w/_settings/index.number_of_replicas,index.auto_expand_replicas",
        "PUT /w/_settings" => {"auto_expand_replicas": false},
        "GET /w/_settings/index.number_of_replicas,index.auto_expand_replicas",
        "PUT /w/_settings" => {"auto_expand_replicas": "9"},
        "PUT /w/_settings" => {"auto_expand_replicas": "3-2"},
        "PUT /w/_settings" => {"auto_expand_replicas": "a-2"},
        "PUT /w/_settings" => {"auto_expand_replicas": "0-b"},
        "PUT /v" => {"settings": {"auto_expand_replicas": "x"}},
    );
}

#[test]
fn of_no_index_there_are_no_aggregations() {
    let terms = json!({"terms": {"field": "k"}});
    asks!(logs(),
        "POST /none/_search?ignore_unavailable=true" => {"aggs": {"k": terms}},
        "POST /none*/_search" => {"size": 0, "aggs": {"k": terms}},
        "POST /_msearch" => [{"index": "none", "ignore_unavailable": true}, {"aggs": {"k": terms}}],
    );
}

#[test]
fn a_mapping_that_is_not_enabled_reads_nothing_of_documents() {
    asks!(
        Setup::index("v", json!({"mappings": {"enabled": false}}), json!([{"a": {"b": [1, {"c": 2}]}}, {"a": 7}])),
        "GET /v/_mapping",
        "POST /v/_search" => {"query": {"match_all": {}}},
        "PUT /v/_mapping" => {"properties": {"a": {"type": "long"}}},
        "PUT /v/_mapping" => {"enabled": false, "properties": {"a": {"type": "long"}}},
        "GET /v/_mapping",
        "PUT /v/_doc/9?refresh=true" => {"a": 7},
        "POST /v/_search" => {"query": {"term": {"a": 7}}},
        "PUT /w" => {"mappings": {"properties": {"o": {"type": "object"}}}},
        "PUT /w/_mapping" => {"enabled": false},
        "PUT /w/_mapping" => {"enabled": true},
        "PUT /w/_mapping" => {"properties": {"o": {"type": "object", "enabled": false}}},
        "PUT /_index_template/t" => {"index_patterns": "x-*", "template": {"mappings": {"enabled": false}}},
        "PUT /x-1/_doc/1" => {"a": 1},
        "GET /x-1/_mapping",
    );
}

#[test]
fn behind_the_half_of_the_way_to_the_largest_number_is_the_rank_of_all() {
    let ranks = json!({"percentile_ranks": {"field": "n", "values": [300, 400, 500, 800, 1000, 5099, 5100, 9000], "keyed": false}});
    asks!(
        Setup::index("w", json!({}), json!([{"n": 400, "g": "two"}, {"n": 1200, "g": "two"}, {"n": 9000, "g": "one"}])),
        "POST /w/_search" => {"size": 0, "aggs": {"all": ranks, "g": {"terms": {"field": "g.keyword"}, "aggs": {"r": ranks}}}},
    );
}

#[test]
fn sorting_by_a_text_that_is_not_mapped_is_refused_of_no_field() {
    asks!(logs(), "POST /w/_search" => {"sort": [{"z": {"order": "asc", "unmapped_type": "text"}}]});
}

#[test]
fn parameters_of_a_stored_script_are_nothing() {
    asks!(
        Setup::nothing(),
        "PUT /_scripts/t" => {"script": {"lang": "mustache", "source": {"query": {"match": {"t": "{{q}}"}}}, "params": {"q": "fox"}}},
        "GET /_scripts/t",
        "POST /_render/template" => {"id": "t"},
        "POST /_render/template" => {"id": "t", "params": {"q": "dog"}},
    );
}
