//! Scripts in aggregations: as values, as metrics, over buckets.

use serde_json::json;

use crate::cases::{Setup, asks};

fn setup() -> Setup {
    Setup::index(
        "scripted",
        json!({"mappings": {"properties": {
            "n": {"type": "long"}, "d": {"type": "double"}, "k": {"type": "keyword"}, "b": {"type": "boolean"}, "date": {"type": "date"},
        }}}),
        json!([
            {"n": 1, "d": 1.5, "k": ["a", "b"], "b": true, "date": "2020-01-02"},
            {"n": [2, 3], "d": 2.5, "k": "b", "b": false, "date": "2021-05-05"},
            {"k": "c"},
        ]),
    )
}

#[test]
fn terms_of_a_script_are_texts_unless_a_type_is_said() {
    asks!(setup(),
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "value_type": "long"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "value_type": "double"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "doc['b']", "value_type": "boolean"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "true"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "null", "missing": "z"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "order": {"_key": "desc"}, "min_doc_count": 0}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "include": ["1"]}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "_score"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"script": "doc['k']"}, "aggs": {"s": {"sum": {"script": "_score * 2"}}}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"rare_terms": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value"}}}},
    );
}

#[test]
fn a_script_makes_another_value_of_each_of_a_field() {
    asks!(setup(),
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "n", "script": "_value * 2"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "k", "script": {"source": "_value + params.x", "params": {"x": "!"}}}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "k", "script": "_value == 'a' ? 'b' : _value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "date", "script": "_value + 86400000"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "b", "script": "_value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "zz", "script": "_value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"avg": {"field": "n", "script": "_value * 2"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"max": {"field": "date", "script": "_value + 1"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"sum": {"field": "zz", "script": "_value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"cardinality": {"field": "n", "script": "_value % 2"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"histogram": {"field": "n", "script": "_value * 3", "interval": 2}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"date_histogram": {"field": "date", "script": "_value + 31536000000L", "calendar_interval": "year"}}}},
    );
}

#[test]
fn metrics_count_what_a_script_gives() {
    asks!(setup(),
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"sum": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"sum": {"script": "[1, 2, 3.5]"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"sum": {"script": "true"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"sum": {"script": "def x = doc['n']; return x"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"max": {"script": "doc['date'].size() == 0 ? null : doc['date'].value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"min": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "format": "0.00"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"min": {"script": "null", "missing": 5}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"value_count": {"script": "[1, 2]"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"cardinality": {"script": "doc['k']"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"stats": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"extended_stats": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"percentiles": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"percentile_ranks": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "values": [2]}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"median_absolute_deviation": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"weighted_avg": {"value": {"script": "doc['d'].size() == 0 ? 1 : doc['d'].value"}, "weight": {"script": "2"}}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"weighted_avg": {"value": {"field": "d"}, "weight": {"script": "doc['n'].size()"}}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"sum": {"script": "_score"}}}},
    );
}

#[test]
fn buckets_are_made_of_what_a_script_gives() {
    asks!(setup(),
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"histogram": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "interval": 2}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"range": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "ranges": [{"to": 2}, {"from": 2}]}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"date_histogram": {"script": "doc['date'].size() == 0 ? null : doc['date'].value", "calendar_interval": "year"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"date_range": {"script": "doc['date'].size() == 0 ? null : doc['date'].value.toInstant().toEpochMilli()", "ranges": [{"to": "2021-01-01"}, {"from": "2021-01-01"}]}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"composite": {"sources": [{"a": {"terms": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value"}}}, {"b": {"terms": {"script": {"source": "doc['k'].value"}, "value_type": "string"}}}]}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"composite": {"sources": [{"a": {"histogram": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "interval": 2}}}]}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"auto_date_histogram": {"script": "doc['date'].size() == 0 ? null : doc['date'].value", "buckets": 2}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"variable_width_histogram": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value", "buckets": 2}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"diversified_sampler": {"script": "doc['n'].size() == 0 ? 7 : doc['n'].value"}, "aggs": {"y": {"value_count": {"field": "k"}}}}}},
    );
}

#[test]
fn what_a_script_cannot_give_is_refused() {
    asks!(setup(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"sum": {"script": "'abc'"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"script": "doc['zz'].value"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"script": {"id": "nope"}}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"terms": {"script": "1 +"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_bounds": {"script": "1"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"ip_range": {"script": "1", "ranges": [{"to": "10.0.0.2"}]}}}},
    );
}

#[test]
fn a_scripted_metric_keeps_a_state_in_each_bucket() {
    asks!(setup(),
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"scripted_metric": {"init_script": "state.l = []", "map_script": "state.l.add(doc['n'].size() == 0 ? 0 : doc['n'].value)", "combine_script": "long s = 0; for (x in state.l) { s += x } return s", "reduce_script": "long s = 0; for (x in states) { s += x } return s"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"scripted_metric": {"init_script": "state.l = []", "map_script": "state.l.add(params.f)", "combine_script": "state", "reduce_script": "states", "params": {"f": 2}}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"scripted_metric": {"init_script": "state.l = []", "map_script": "state.l.add(_score)", "combine_script": "state", "reduce_script": "states"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "state.n = 1", "combine_script": "return null", "reduce_script": "states"}}}},
        "POST /_search?typed_keys" => {"size": 0, "query": {"match_none": {}}, "aggs": {"x": {"scripted_metric": {"init_script": "state.l = []", "map_script": "state.l.add(1)", "combine_script": "state", "reduce_script": "states"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "k"}, "aggs": {"m": {"scripted_metric": {"init_script": "state.n = 0", "map_script": "state.n += 1", "combine_script": "state.n", "reduce_script": "states"}}}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"filters": {"filters": {"a": {"term": {"k": "a"}}, "z": {"term": {"k": "zz"}}}}, "aggs": {"m": {"scripted_metric": {"init_script": "state.l = []", "map_script": "state.l.add(1)", "combine_script": "state", "reduce_script": "states"}}}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "state.n = 1", "combine_script": "state", "reduce_script": "[1.5, 2L, 'a', null, true, ['k': 1]]"}}}},
        "POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "state.n = 1", "combine_script": "state", "reduce_script": "params.size()", "params": {"f": 1}}}}},
    );
}

#[test]
fn a_scripted_metric_says_what_is_wrong() {
    asks!(setup(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"scripted_metric": {"combine_script": "state", "reduce_script": "states"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "state.n = 1", "reduce_script": "states"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "state.n = 1", "combine_script": "state"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": {"source": "state.n = params.f", "params": {"f": 3}}, "combine_script": "state", "reduce_script": "states", "params": {"f": 2}}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "1 +", "combine_script": "state", "reduce_script": "states"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "throw new RuntimeException('x')", "combine_script": "state", "reduce_script": "states"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "state.n = 1", "combine_script": "throw new RuntimeException('x')", "reduce_script": "states"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "state.n = 1", "combine_script": "state", "reduce_script": "throw new RuntimeException('x')"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"scripted_metric": {"map_script": "state.n = 1", "combine_script": "state", "reduce_script": "states", "zz": 1}}}},
    );
}

/// The aggregations of each bucket, with another beside them.
macro_rules! in_buckets {
    ($($other:tt),+ $(,)?) => {
        asks!(setup(),
            $("POST /_search?typed_keys" => {"size": 0, "aggs": {"x": {"terms": {"field": "k"}, "aggs": {
                "a": {"sum": {"field": "n"}}, "b": {"sum": {"field": "d"}}, "mx": {"max": {"field": "d"}}, "r": $other}}}}),+
        )
    };
}

#[test]
fn a_script_computes_with_the_numbers_of_a_bucket() {
    in_buckets!(
        {"bucket_script": {"buckets_path": {"x": "a", "y": "b"}, "script": "params.x + params.y"}},
        {"bucket_script": {"buckets_path": ["a", "b"], "script": "params._value0 * params._value1"}},
        {"bucket_script": {"buckets_path": "a", "script": "params._value"}},
        {"bucket_script": {"buckets_path": {"x": "a"}, "script": "params.x", "format": "0.00"}},
        {"bucket_script": {"buckets_path": {"x": "mx"}, "script": "params.x"}},
        {"bucket_script": {"buckets_path": {"x": "mx"}, "script": "params.x", "gap_policy": "insert_zeros"}},
        {"bucket_script": {"buckets_path": {"x": "a"}, "script": {"source": "params.x * params.f", "params": {"f": 10}}}},
        {"bucket_script": {"buckets_path": {"x": "_count"}, "script": "params.x"}},
        {"bucket_script": {"buckets_path": {"x": "a"}, "script": "5"}},
        {"bucket_script": {"buckets_path": {"x": "a", "y": "mx"}, "script": "params.x"}},
        {"bucket_script": {"buckets_path": {}, "script": "1"}},
        {"bucket_script": {"buckets_path": {"x": "a"}}},
        {"bucket_script": {"script": "1"}},
        {"bucket_script": {"buckets_path": {"x": "nope"}, "script": "1"}},
        {"bucket_script": {"buckets_path": {"x": "a"}, "script": "1", "zz": 1}},
        {"bucket_script": {"buckets_path": {"x": "a"}, "script": "1 +"}},
        {"bucket_script": {"buckets_path": {"x": "a"}, "script": "throw new RuntimeException('x')"}},
    );
}

#[test]
fn a_script_selects_buckets() {
    in_buckets!(
        {"bucket_selector": {"buckets_path": {"x": "a"}, "script": "params.x > 1"}},
        {"bucket_selector": {"buckets_path": {"x": "mx"}, "script": "params.x == null"}},
        {"bucket_selector": {"buckets_path": {"x": "mx"}, "script": "params.x > 1"}},
        {"bucket_selector": {"buckets_path": {"x": "mx"}, "script": "params.x < 1", "gap_policy": "insert_zeros"}},
        {"bucket_selector": {"buckets_path": "_count", "script": "params._value > 1"}},
        {"bucket_selector": {"buckets_path": {"x": "a"}}},
        {"bucket_selector": {"script": "true"}},
        {"bucket_selector": {"buckets_path": {"x": "a"}, "script": "throw new RuntimeException('x')"}},
    );
}

#[test]
fn ranges_are_made_of_what_a_script_gives() {
    let fields = serde_json::json!({"mappings": {"properties": {
        "n": {"type": "integer"}, "d": {"type": "date"}, "i": {"type": "ip"}, "p": {"type": "geo_point"}, "k": {"type": "keyword"}, "r": {"type": "integer_range"}
    }}});
    let documents = serde_json::json!([
        {"n": 1, "d": "2020-01-01", "i": "10.0.0.1", "p": "51.5,-0.12", "k": "a", "r": {"gte": 1, "lte": 5}},
        {"n": 5, "d": "2020-06-01", "i": "10.0.0.9", "p": "48.8,2.3", "k": "b", "r": {"gte": 4, "lte": 9}},
        {"n": [7, 9], "d": "2021-01-01", "i": "10.0.1.1", "p": "51.4,-0.1", "k": ["a", "b"]}
    ]);
    let one =
        |aggregation: serde_json::Value| serde_json::json!({"size": 0, "aggs": {"x": aggregation}});
    asks!(
        Setup::index("s", fields, documents),
        "POST /s/_search" => (one(serde_json::json!({"range": {"script": "doc['n'].value * 2", "ranges": [{"to": 5}, {"from": 5}]}}))),
        "POST /s/_search" => (one(serde_json::json!({"range": {"field": "n", "script": "_value * 2", "ranges": [{"to": 5}, {"from": 5}]}}))),
        "POST /s/_search" => (one(serde_json::json!({"date_range": {"script": "doc['d'].value.plusYears(1)", "ranges": [{"to": "2021-03-01"}, {"from": "2021-03-01"}]}}))),
        "POST /s/_search" => (one(serde_json::json!({"date_range": {"script": "doc['d'].value.plusYears(1)", "format": "yyyy", "ranges": [{"to": "2021"}, {"from": "2021"}]}}))),
        "POST /s/_search" => (one(serde_json::json!({"date_range": {"field": "d", "script": "_value + 86400000L", "ranges": [{"to": "2020-03-01"}, {"from": "2020-03-01"}]}}))),
        "POST /s/_search" => (one(serde_json::json!({"ip_range": {"script": "doc['i'].value", "ranges": [{"to": "10.0.0.5"}, {"from": "10.0.0.5"}]}}))),
        "POST /s/_search" => (one(serde_json::json!({"ip_range": {"field": "i", "script": "_value", "ranges": [{"to": "10.0.0.5"}, {"mask": "10.0.0.0/24"}]}}))),
        "POST /s/_search" => (one(serde_json::json!({"geohash_grid": {"script": "doc['p'].value", "precision": 3}}))),
        "POST /s/_search" => (one(serde_json::json!({"geotile_grid": {"field": "p", "script": "_value", "precision": 3}}))),
        "POST /s/_search" => (one(serde_json::json!({"geo_bounds": {"script": "doc['p'].value"}}))),
        "POST /s/_search" => (one(serde_json::json!({"histogram": {"field": "r", "script": "_value", "interval": 2}}))),
        "POST /s/_search" => (one(serde_json::json!({"missing": {"script": "doc['n'].value"}}))),
        "POST /s/_search" => (one(serde_json::json!({"cardinality": {"script": "doc['k'].value"}}))),
        "POST /s/_search" => (one(serde_json::json!({"value_count": {"script": "doc['k']"}})))
    );
}

#[test]
fn tiles_of_composite_take_no_script_and_other_sources_do() {
    let fields = serde_json::json!({"mappings": {"properties": {"k": {"type": "keyword"}, "p": {"type": "geo_point"}, "n": {"type": "long"}}}});
    let documents = serde_json::json!([{"k": "a", "n": 1, "p": "51.5,-0.12"}, {"k": "a", "n": 1, "p": "48.8,2.3"}, {"k": "b", "n": 2}, {"k": ["a", "c"], "n": 2}]);
    let one = |aggregation: serde_json::Value| serde_json::json!({"size": 0, "query": {"term": {"n": 1}}, "aggs": {"x": aggregation}});
    asks!(
        Setup::index("s", fields, documents),
        "POST /s/_search" => (one(serde_json::json!({"composite": {"sources": [{"p": {"geotile_grid": {"script": "doc['p'].value", "precision": 3}}}]}}))),
        "POST /s/_search" => (one(serde_json::json!({"composite": {"sources": [{"k": {"terms": {"script": "doc['k'].value"}}}]}})))
    );
}

fn words() -> Setup {
    let documents: Vec<_> = (0..40)
        .map(|at| json!({"k": if at % 4 == 0 { "a" } else { "b" }, "g": if at < 10 { "x" } else { "y" }, "n": at, "p": [at, at]}))
        .collect();
    let mapping = json!({"mappings": {"properties": {
        "k": {"type": "keyword"}, "g": {"type": "keyword"}, "n": {"type": "integer"}, "p": {"type": "geo_point"},
    }}});
    Setup::index("words", mapping, documents.into())
}

#[test]
fn significant_terms_of_a_script_are_compared_with_those_of_the_field() {
    asks!(words(),
        "POST /_search" => {"size": 0, "query": {"term": {"g": "x"}}, "aggs": {"x": {"significant_terms": {"field": "k", "script": "_value", "min_doc_count": 1}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"g": "x"}}, "aggs": {"x": {"significant_terms": {"field": "k", "script": "_value + '1'", "min_doc_count": 1}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"k": "a"}}, "aggs": {"x": {"significant_terms": {"field": "g", "script": "'y'", "min_doc_count": 1}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"significant_terms": {"field": "n", "script": "_value", "min_doc_count": 1}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"significant_terms": {"field": "nowhere", "script": "_value", "min_doc_count": 1}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"significant_terms": {"field": "k", "script": "_value +", "min_doc_count": 1}}}},
    );
}

#[test]
fn significant_terms_of_a_script_alone_are_refused() {
    asks!(words(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"significant_terms": {"script": "'a'"}}}};
        differs: "there the field that is not named is a null pointer"
    );
}

#[test]
fn distances_are_of_the_places_of_the_field_whatever_a_script_says() {
    asks!(words(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": [0, 0], "unit": "km", "ranges": [{"to": 500}, {"from": 500}], "script": "_value"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_distance": {"origin": [0, 0], "unit": "km", "ranges": [{"to": 500}, {"from": 500}], "script": "doc['p'].value"}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"geo_distance": {"field": "p", "origin": [0, 0], "unit": "km", "ranges": [{"to": 500}, {"from": 500}], "script": "_value +"}}}},
    );
}

#[test]
fn a_source_of_composite_may_be_what_a_script_makes_of_a_field() {
    asks!(words(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"composite": {"sources": [{"n": {"terms": {"field": "n", "script": "_value % 3"}}}]}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"composite": {"sources": [{"n": {"terms": {"field": "n", "script": "_value % 3"}}}], "after": {"n": 0.0}}}}},
        "POST /_search" => {"size": 0, "aggs": {"x": {"composite": {"sources": [{"n": {"histogram": {"field": "n", "interval": 10, "script": "_value + 5"}}}]}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"g": "x"}}, "aggs": {"x": {"composite": {"sources": [{"k": {"terms": {"field": "k", "script": "_value + '!'"}}}]}}}},
        "POST /_search" => {"size": 0, "query": {"term": {"g": "x"}}, "aggs": {"x": {"composite": {"sources": [{"n": {"terms": {"field": "n", "script": "_value % 2"}}}, {"k": {"terms": {"field": "k", "script": "_value + '!'"}}}]}}}},
    );
}

#[test]
fn a_composite_of_all_documents_asks_the_script_of_a_text() {
    asks!(words(),
        "POST /_search" => {"size": 0, "aggs": {"x": {"composite": {"sources": [{"k": {"terms": {"field": "k", "script": "_value + '!'"}}}]}}}};
        differs: "there the terms of the index are walked where all documents are asked about, and the script is dropped"
    );
}
