//! `profile` of aggregations. The classes are those that Elasticsearch 7.10.2 and OpenSearch 2.19.1 told; times differ on each run.

use engine::rest::Flavor;
use serde_json::{Value, json};

use crate::domain::Domain;

/// What is told of each index about `aggs`, over three documents in `a` and one in `b`.
fn profiled(aggs: &Value) -> Vec<Value> {
    let domain = Domain::with_clock(Flavor::OpenSearch219);
    let index = json!({"mappings": {"properties": {"k": {"type": "keyword"}, "n": {"type": "long"}, "d": {"type": "date"}}}});
    for name in ["a", "b"] {
        assert_eq!(domain.ask(&format!("PUT /{name}"), &index.to_string()).0, 200);
    }
    for (place, document) in [
        ("a/_doc/1", json!({"k": "x", "n": 1})),
        ("a/_doc/2", json!({"k": "y", "n": 2})),
        ("a/_doc/3", json!({})),
        ("b/_doc/1", json!({"k": "x", "n": 5})),
    ] {
        domain.ask(&format!("PUT /{place}?refresh=true"), &document.to_string());
    }
    let body = json!({"size": 0, "profile": true, "aggs": aggs}).to_string();
    let (status, answer) = domain.ask("POST /a,b/_search", &body);
    assert_eq!(status, 200, "{answer}");
    let shards = answer["profile"]["shards"].as_array().unwrap();
    shards.iter().map(|shard| shard["aggregations"].clone()).collect()
}

#[test]
fn each_aggregation_is_told_with_those_inside_it() {
    let told = profiled(&json!({
        "k": {"terms": {"field": "k"}, "aggs": {"n": {"avg": {"field": "n"}}, "m": {"max": {"field": "n"}}}},
        "n": {"histogram": {"field": "n", "interval": 2}}
    }));
    let kind = |told: &Value| {
        (
            told["type"].as_str().unwrap().to_owned(),
            told["description"].as_str().unwrap().to_owned(),
        )
    };
    let wanted = |class: &str, name: &str| (class.to_owned(), name.to_owned());
    for index in &told {
        assert_eq!(kind(&index[0]), wanted("GlobalOrdinalsStringTermsAggregator", "k"));
        assert_eq!(kind(&index[0]["children"][0]), wanted("AvgAggregator", "n"));
        assert_eq!(kind(&index[0]["children"][1]), wanted("MaxAggregator", "m"));
        assert_eq!(kind(&index[1]), wanted("NumericHistogramAggregator", "n"));
        assert!(index[1].get("children").is_none(), "{index}");
    }
}

#[test]
fn documents_are_counted_where_they_are_collected() {
    let told =
        profiled(&json!({"k": {"terms": {"field": "k"}, "aggs": {"n": {"avg": {"field": "n"}}}}}));
    let counts = |told: &Value| told["breakdown"]["collect_count"].as_u64().unwrap();
    let all: Vec<(u64, u64)> =
        told.iter().map(|index| (counts(&index[0]), counts(&index[0]["children"][0]))).collect();
    assert_eq!(all, [(3, 2), (1, 1)]);
}

#[test]
fn the_time_is_the_sum_of_its_parts_and_was_measured() {
    let told =
        profiled(&json!({"d": {"date_histogram": {"field": "d", "calendar_interval": "day"}}}));
    for index in &told {
        let breakdown = index[0]["breakdown"].as_object().unwrap();
        let parts = breakdown.iter().filter(|(key, _)| !key.ends_with("_count"));
        let sum: u64 = parts.map(|(_, time)| time.as_u64().unwrap()).sum();
        assert_eq!(index[0]["time_in_nanos"], sum);
        for step in ["initialize", "build_leaf_collector", "post_collection", "build_aggregation"] {
            assert!(breakdown[step].as_u64().unwrap() > 0, "{step}: {index}");
            assert!(breakdown[&format!("{step}_count")].as_u64().unwrap() > 0, "{step}: {index}");
        }
    }
}

#[test]
fn a_search_without_aggregations_tells_none() {
    let told = profiled(&json!({}));
    assert_eq!(told, [json!([]), json!([])]);
}
