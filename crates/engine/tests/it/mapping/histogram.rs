//! `histogram`: of Elasticsearch's x-pack, which the reference server has not. What it does is in the documentation of 7.10 and in the
//! source of `HistogramFieldMapper` and its aggregators; the percentiles are those of t-digest 3.2.

use serde_json::{Value, json};

use crate::domain::Domain;

fn domain() -> Domain {
    let domain = Domain::elasticsearch();
    let mapping = json!({"mappings": {"properties": {
        "h": {"type": "histogram"}, "lenient": {"type": "histogram", "ignore_malformed": true},
        "n": {"type": "double"}, "k": {"type": "keyword"},
    }}});
    domain.ok("PUT /a", &mapping.to_string());
    let documents = [
        json!({"k": "x", "h": {"values": [0.1, 0.2, 0.3, 0.4, 0.5], "counts": [3, 7, 23, 12, 6]}}),
        json!({"k": "y", "h": {"values": [0.1, 0.25, 0.35, 0.4, 0.45], "counts": [8, 17, 0, 7, 6]}}),
        json!({"k": "y", "h": {"counts": [], "values": []}}),
        json!({"k": "z", "n": 1}),
    ];
    for (id, document) in documents.iter().enumerate() {
        let (status, answer) =
            domain.ask(&format!("PUT /a/_doc/{id}?refresh=true"), &document.to_string());
        assert_eq!(status, 201, "{answer}");
    }
    domain
}

fn aggregated(domain: &Domain, aggregation: Value) -> Value {
    let body = json!({"size": 0, "aggs": {"a": aggregation}});
    domain.ok("POST /a/_search", &body.to_string())["aggregations"]["a"].clone()
}

fn near(found: &Value, wanted: f64) {
    assert!((found.as_f64().unwrap() - wanted).abs() < 1e-9, "{found} for {wanted}");
}

#[test]
fn metrics_are_of_what_was_counted() {
    let domain = domain();
    let of = |kind: &str| aggregated(&domain, json!({kind: {"field": "h"}}))["value"].clone();
    assert_eq!(of("value_count"), 89);
    near(&of("sum"), 16.4 + 10.55);
    near(&of("avg"), (16.4 + 10.55) / 89.0);
    near(&of("min"), 0.1);
    near(&of("max"), 0.5);
}

#[test]
fn metrics_of_a_bucket_are_of_its_documents() {
    let domain = domain();
    let terms = json!({"terms": {"field": "k"}, "aggs": {"n": {"value_count": {"field": "h"}},
        "most": {"max": {"field": "h"}}}});
    let found = aggregated(&domain, terms);
    let row =
        |bucket: &Value| json!([bucket["key"], bucket["n"]["value"], bucket["most"]["value"]]);
    let rows: Vec<Value> = found["buckets"].as_array().unwrap().iter().map(row).collect();
    assert_eq!(rows, [json!(["y", 38, 0.45]), json!(["x", 51, 0.5]), json!(["z", 0, null])]);
}

#[test]
fn percentiles_are_those_of_a_t_digest() {
    let domain = domain();
    let of = |options: Value| {
        let mut options = options;
        options["field"] = "h".into();
        let body = json!({"size": 0, "query": {"ids": {"values": ["0"]}}, "aggs": {"a": {"percentiles": options}}});
        domain.ok("POST /a/_search", &body.to_string())["aggregations"]["a"]["values"].clone()
    };
    let found = of(json!({"percents": [5, 25, 50, 75, 99]}));
    near(&found["5.0"], 0.121);
    near(&found["25.0"], 0.241_666_666_666_666_67);
    near(&found["50.0"], 0.322_857_142_857_142_9);
    near(&found["75.0"], 0.395_714_285_714_285_7);
    near(&found["99.0"], 0.5);
    let hdr = of(json!({"percents": [50, 99], "hdr": {}}));
    assert!((hdr["50.0"].as_f64().unwrap() - 0.3).abs() < 1e-3, "{hdr}");
    assert!((hdr["99.0"].as_f64().unwrap() - 0.5).abs() < 1e-3, "{hdr}");
}

#[test]
fn ranks_are_of_what_was_counted() {
    let body = json!({"size": 0, "query": {"ids": {"values": ["0"]}}, "aggs": {
        "a": {"percentile_ranks": {"field": "h", "values": [0.2, 0.5]}},
        "b": {"percentile_ranks": {"field": "h", "values": [0.2], "hdr": {}}}}});
    let found = domain().ok("POST /a/_search", &body.to_string())["aggregations"].clone();
    near(&found["a"]["values"]["0.2"], 12.745_098_039_215_685);
    near(&found["a"]["values"]["0.5"], 100.0);
    near(&found["b"]["values"]["0.2"], 100.0 * 10.0 / 51.0);
}

#[test]
fn a_document_is_in_an_interval_as_often_as_it_counted_there() {
    let domain = domain();
    let found = aggregated(
        &domain,
        json!({"histogram": {"field": "h", "interval": 0.2},
        "aggs": {"n": {"value_count": {"field": "k"}}}}),
    );
    let row =
        |bucket: &Value| (bucket["key"].as_f64().unwrap(), bucket["doc_count"].as_u64().unwrap());
    let rows: Vec<(f64, u64)> = found["buckets"].as_array().unwrap().iter().map(row).collect();
    assert_eq!(rows, [(0.0, 11), (0.2, 47), (0.4, 31)]);
    // What is aggregated inside sees the document once for each of its values.
    let inside: Vec<&Value> =
        found["buckets"].as_array().unwrap().iter().map(|bucket| &bucket["n"]["value"]).collect();
    assert_eq!(inside, [2, 3, 4]);
    let bounded = json!({"histogram": {"field": "h", "interval": 0.2, "hard_bounds": {"min": 0.2, "max": 0.3}}});
    assert_eq!(aggregated(&domain, bounded)["buckets"].as_array().unwrap().len(), 1);
}

#[test]
fn other_aggregations_refuse_it_by_its_type() {
    let domain = domain();
    for kind in ["terms", "cardinality", "extended_stats", "stats", "rare_terms"] {
        let body = json!({"aggs": {"a": {kind: {"field": "h"}}}});
        let (_, answer) = domain.ask("POST /a/_search", &body.to_string());
        let reason =
            format!("Field [h] of type [histogram] is not supported for aggregation [{kind}]");
        assert_eq!(answer["error"]["root_cause"][0]["reason"], reason, "{answer}");
    }
    let body = json!({"aggs": {"a": {"avg": {"field": "h", "missing": 1}}}});
    let (_, answer) = domain.ask("POST /a/_search", &body.to_string());
    let reason = answer["error"]["root_cause"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("Can't apply missing values on a class"), "{reason}");
}

#[test]
fn it_exists_and_is_not_searched_or_sorted() {
    let domain = domain();
    let count = |query: Value| {
        domain.ok("POST /a/_count", &json!({"query": query}).to_string())["count"].clone()
    };
    assert_eq!(count(json!({"exists": {"field": "h"}})), 3);
    let (_, answer) = domain.ask("POST /a/_search", r#"{"query":{"term":{"h":1}}}"#);
    let reason =
        "[histogram] field do not support searching, use dedicated aggregations instead: [h]";
    assert_eq!(answer["error"]["root_cause"][0]["reason"], reason);
    let (status, answer) = domain.ask("POST /a/_search", r#"{"sort":["h"]}"#);
    assert_eq!(status, 400);
    assert_eq!(answer["error"]["root_cause"][0]["reason"], "can't sort on the [histogram] field");
    let source = domain.ok("GET /a/_doc/1", "")["_source"]["h"].clone();
    assert_eq!(source["counts"], json!([8, 17, 0, 7, 6]));
}

#[test]
fn what_is_no_histogram_is_refused() {
    let domain = domain();
    for (value, reason) in [
        (
            json!(1),
            "Failed to parse object: expecting token of type [START_OBJECT] but found [VALUE_NUMBER]",
        ),
        (json!({"values": [1]}), "error parsing field [h], expected field called [counts]"),
        (json!({"counts": [1]}), "error parsing field [h], expected field called [values]"),
        (
            json!({"values": [1], "counts": [1], "x": 1}),
            "error parsing field [h], with unknown parameter [x]",
        ),
        (
            json!({"values": [1, 2], "counts": [1]}),
            "error parsing field [h], expected same length from [values] and [counts] but got [2 != 1]",
        ),
        (
            json!({"values": [2, 1], "counts": [1, 1]}),
            "error parsing field [h], [values] values must be in increasing order, got [1.0] but previous value was [2.0]",
        ),
        (
            json!({"values": [1], "counts": [-1]}),
            "error parsing field [h], [counts] elements must be >= 0 but got -1",
        ),
        (
            json!({"values": ["x"], "counts": [1]}),
            "Failed to parse object: expecting token of type [VALUE_NUMBER] but found [VALUE_STRING]",
        ),
        (
            json!([{"values": [1], "counts": [1]}, {"values": [1], "counts": [1]}]),
            "Field [h] of type [histogram] doesn't not support indexing multiple values for the same field in the same document",
        ),
        (
            json!({"values": vec![1; 4000], "counts": vec![1; 4000]}),
            "DocValuesField \"h\" is too large, must be <= 32766",
        ),
    ] {
        let (status, answer) = domain.ask("PUT /a/_doc/9", &json!({"h": value}).to_string());
        assert_eq!(status, 400, "{answer}");
        assert_eq!(answer["error"]["reason"], "failed to parse field [h] of type [histogram]");
        assert_eq!(answer["error"]["caused_by"]["reason"], reason);
    }
    assert_eq!(domain.ask("PUT /a/_doc/8", r#"{"h":null}"#).0, 201);
}

#[test]
fn a_malformed_one_may_be_left_out() {
    let domain = domain();
    let malformed = r#"{"lenient":{"values":[1]}}"#;
    assert_eq!(domain.ask("PUT /a/_doc/9?refresh=true", malformed).0, 201);
    let found = domain.ok("POST /a/_search", r#"{"query":{"term":{"_ignored":"lenient"}}}"#);
    assert_eq!(found["hits"]["total"]["value"], 1);
}

#[test]
fn opensearch_does_not_know_it() {
    let domain = Domain::opensearch();
    let mapping = r#"{"mappings":{"properties":{"o":{"properties":{"h":{"type":"histogram"}}}}}}"#;
    let reason =
        "Failed to parse mapping [_doc]: No handler for type [histogram] declared on field [h]";
    assert_eq!(domain.refused("PUT /a", mapping), (400, reason.to_owned()));
    domain.ok("PUT /a", "");
    let refused = domain.refused("PUT /a/_mapping", r#"{"properties":{"h":{"type":"histogram"}}}"#);
    assert_eq!(refused, (400, "No handler for type [histogram] declared on field [h]".to_owned()));
}

#[test]
fn histograms_outlive_a_merge() {
    let domain = domain();
    domain.ok("DELETE /a/_doc/1?refresh=true", "");
    domain.ok("POST /a/_forcemerge?max_num_segments=1", "");
    assert_eq!(aggregated(&domain, json!({"value_count": {"field": "h"}}))["value"], 51);
}
