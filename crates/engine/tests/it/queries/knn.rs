//! `knn`, and the type that it is about. The reference servers have no k-NN: the scores are those of its documentation.

use serde_json::{Value, json};

use crate::domain::Domain;

/// Points on a line and beside it, by their distance from the origin.
fn points(field: &Value) -> Domain {
    let domain = Domain::opensearch();
    let mapping = json!({
        "settings": {"index.knn": true, "index.knn.algo_param.ef_search": 100},
        "mappings": {"properties": {"v": field, "k": {"type": "keyword"}}},
    });
    domain.ok("PUT /points", &mapping.to_string());
    for (id, vector, k) in [
        ("near", json!([1, 0]), "a"),
        ("middle", json!([0, 2]), "b"),
        ("far", json!([3, 4.0]), "a"),
        ("none", Value::Null, "a"),
    ] {
        let document = json!({"v": vector, "k": k});
        let (status, answer) =
            domain.ask(&format!("PUT /points/_doc/{id}?refresh=true"), &document.to_string());
        assert_eq!(status, 201, "{answer}");
    }
    domain
}

fn l2() -> Value {
    json!({"type": "knn_vector", "dimension": 2, "method": {
        "name": "hnsw", "space_type": "l2", "engine": "lucene", "parameters": {"m": 16, "ef_construction": 100},
    }})
}

/// The ids and scores of what `knn` finds.
fn found(domain: &Domain, knn: &Value) -> Vec<(String, f64)> {
    let body = json!({"query": {"knn": {"v": knn}}}).to_string();
    let answer = domain.ok("POST /points/_search", &body);
    let hits = answer["hits"]["hits"].as_array().unwrap();
    let one =
        |hit: &Value| (hit["_id"].as_str().unwrap().to_owned(), hit["_score"].as_f64().unwrap());
    hits.iter().map(one).collect()
}

fn ids(domain: &Domain, knn: &Value) -> Vec<String> {
    found(domain, knn).into_iter().map(|(id, _)| id).collect()
}

fn refusal(domain: &Domain, line: &str, body: &Value) -> String {
    let (status, answer) = domain.ask(line, &body.to_string());
    assert!(status >= 400, "{answer}");
    answer.to_string()
}

#[test]
fn the_nearest_come_first_with_the_scores_of_their_space() {
    let near = found(&points(&l2()), &json!({"vector": [0, 0], "k": 2}));
    let wanted = [("near".to_owned(), 0.5), ("middle".to_owned(), 0.2)];
    assert_eq!(near, wanted);
}

#[test]
fn angles_and_products_are_spaces() {
    let field = |space: &str| json!({"type": "knn_vector", "dimension": 2, "space_type": space});
    let near = found(&points(&field("cosinesimil")), &json!({"vector": [0, 1], "k": 3}));
    let rounded: Vec<(&str, f64)> =
        near.iter().map(|(id, score)| (id.as_str(), (score * 1e4).round() / 1e4)).collect();
    assert_eq!(rounded, [("middle", 1.0), ("far", 0.9), ("near", 0.5)]);
    let near = found(&points(&field("innerproduct")), &json!({"vector": [1, 1], "k": 3}));
    assert_eq!(
        near,
        [("far".to_owned(), 8.0), ("middle".to_owned(), 3.0), ("near".to_owned(), 2.0)]
    );
}

#[test]
fn a_filter_is_asked_before_the_nearest_are_counted() {
    let domain = points(&l2());
    let knn = json!({"vector": [0, 0], "k": 2, "filter": {"term": {"k": "a"}}});
    assert_eq!(ids(&domain, &knn), ["near", "far"]);
}

#[test]
fn a_score_or_a_distance_is_a_reach() {
    let domain = points(&l2());
    assert_eq!(ids(&domain, &json!({"vector": [0, 0], "min_score": 0.1})), ["near", "middle"]);
    // Of the squares.
    assert_eq!(ids(&domain, &json!({"vector": [0, 0], "max_distance": 4.0})), ["near", "middle"]);
    assert_eq!(ids(&domain, &json!({"vector": [0, 0], "max_distance": 1.0})), ["near"]);
}

#[test]
fn a_deleted_document_is_not_near() {
    let domain = points(&l2());
    domain.ok("DELETE /points/_doc/near?refresh=true", "");
    assert_eq!(ids(&domain, &json!({"vector": [0, 0], "k": 1})), ["middle"]);
}

#[test]
fn the_nearest_are_clauses_like_others() {
    let domain = points(&l2());
    let knn = json!({"knn": {"v": {"vector": [0, 0], "k": 3, "boost": 2}}});
    let body = json!({"query": {"bool": {"must": [knn], "filter": [{"term": {"k": "b"}}]}}});
    let answer = domain.ok("POST /points/_search", &body.to_string());
    assert_eq!(answer["hits"]["total"]["value"], 1, "{answer}");
    let score = answer["hits"]["hits"][0]["_score"].as_f64().unwrap();
    assert!((score - 0.4).abs() < 1e-6, "{score}");
}

#[test]
fn queries_that_are_wrong_are_refused() {
    let domain = points(&l2());
    for (knn, reason) in [
        (json!({"vector": [0, 0]}), "exactly one of k, distance or score"),
        (
            json!({"vector": [0, 0], "k": 1, "min_score": 0.5}),
            "exactly one of k, distance or score",
        ),
        (json!({"vector": [0, 0], "k": 0}), "range (0, 10000]"),
        (json!({"vector": [0, 0], "k": 10_001}), "range (0, 10000]"),
        (json!({"k": 1}), "requires query vector"),
        (json!({"vector": [0], "k": 1}), "invalid dimension: 1. Dimension should be: 2"),
        (json!({"vector": ["x", 1], "k": 1}), "not a number of a vector"),
        (json!({"vector": [0, 0], "k": 1, "surprise": 1}), "does not support [surprise]"),
        (json!({"vector": [0, 0], "k": 1, "method_parameters": {"x": 1}}), "does not support [x]"),
    ] {
        let answer =
            refusal(&domain, "POST /points/_search", &json!({"query": {"knn": {"v": knn}}}));
        assert!(answer.contains(reason), "{reason}: {answer}");
    }
    let other = json!({"query": {"knn": {"k": {"vector": [0, 0], "k": 1}}}});
    let answer = refusal(&domain, "POST /points/_search", &other);
    assert!(answer.contains("Field 'k' is not knn_vector type."), "{answer}");
}

#[test]
fn vectors_that_are_wrong_are_refused() {
    let domain = points(&l2());
    for (vector, reason) in [
        (json!([1]), "Vector dimension mismatch. Expected: 2, Given: 1"),
        (json!([1, "x"]), "not a number of a vector"),
        (json!([1, true]), "not a number of a vector"),
        (json!(5), "must be a list of numbers"),
        (json!([1e39, 1]), "not a number of a vector"),
    ] {
        let answer = refusal(&domain, "PUT /points/_doc/x", &json!({"v": vector}));
        assert!(answer.contains(reason), "{reason}: {answer}");
    }
}

#[test]
fn mappings_that_are_wrong_or_not_built_are_refused() {
    let domain = Domain::opensearch();
    for (field, reason) in [
        (json!({"type": "knn_vector"}), "Dimension value missing for vector: v"),
        (json!({"type": "knn_vector", "dimension": 0}), "must be greater than 0"),
        (json!({"type": "knn_vector", "dimension": 16_001}), "cannot be greater than 16000"),
        (
            json!({"type": "knn_vector", "dimension": 2, "data_type": "byte"}),
            "not supported by this service",
        ),
        (
            json!({"type": "knn_vector", "dimension": 2, "method": {"name": "ivf"}}),
            "not supported by this service",
        ),
        (
            json!({"type": "knn_vector", "dimension": 2, "space_type": "hamming"}),
            "does not support space type",
        ),
        (json!({"type": "dense_vector"}), "The [dims] property must be specified for field [v]."),
        (
            json!({"type": "dense_vector", "dims": 2049}),
            "should be in the range [1, 2048] but was [2049]",
        ),
    ] {
        let body = json!({"mappings": {"properties": {"v": field}}});
        let answer = refusal(&domain, "PUT /x", &body);
        assert!(answer.contains(reason), "{reason}: {answer}");
    }
}

#[test]
fn dense_vectors_are_kept_and_exist() {
    let domain = Domain::elasticsearch();
    let mapping = json!({"mappings": {"properties": {"v": {"type": "dense_vector", "dims": 3}}}});
    domain.ok("PUT /x", &mapping.to_string());
    let (status, answer) = domain.ask("PUT /x/_doc/1?refresh=true", r#"{"v":[1,2,3]}"#);
    assert_eq!(status, 201, "{answer}");
    let answer =
        domain.ok("POST /x/_search", r#"{"query":{"exists":{"field":"v"}},"fields":["v"]}"#);
    assert_eq!(answer["hits"]["hits"][0]["_source"]["v"], json!([1, 2, 3]), "{answer}");
    let few = refusal(&domain, "PUT /x/_doc/2", &json!({"v": [1, 2]}));
    assert!(
        few.contains("has a different number of dimensions [2] than defined in the mapping [3]"),
        "{few}"
    );
    let many = refusal(&domain, "PUT /x/_doc/2", &json!({"v": [1, 2, 3, 4]}));
    assert!(many.contains("has more dimensions than defined in the mapping [3]"), "{many}");
}
