//! `knn` in segments whose vectors are linked. The reference servers have no k-NN: what is compared is our own exact answer.

use serde_json::{Value, json};

use crate::domain::Domain;

const COUNT: usize = 500;

/// Numbers between 0 and 1, the same for the same seed.
fn vector(seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32) / (1u64 << 24) as f32
    };
    (0..8).map(|_| next()).collect()
}

/// Documents with a vector `v` that is linked and the same as `e`, which is not, in one segment.
fn linked(settings: &Value) -> Domain {
    let domain = Domain::opensearch();
    let field = json!({"type": "knn_vector", "dimension": 8, "method": {
        "name": "hnsw", "space_type": "l2", "parameters": {"m": 8, "ef_construction": 64},
    }});
    let exact = json!({"type": "knn_vector", "dimension": 8, "index": false, "space_type": "l2"});
    let mapping = json!({
        "settings": settings,
        "mappings": {"properties": {"v": field, "e": exact, "k": {"type": "keyword"}}},
    });
    domain.ok("PUT /points", &mapping.to_string());
    let mut lines = String::new();
    for number in 0..COUNT {
        let numbers = vector(number as u64);
        let document =
            json!({"v": numbers, "e": numbers, "k": if number % 5 == 0 { "few" } else { "many" }});
        lines.push_str(&format!("{{\"index\":{{\"_id\":\"{number}\"}}}}\n{document}\n"));
    }
    let answer = domain.ok("POST /points/_bulk?refresh=true", &lines);
    assert_eq!(answer["errors"], false);
    domain.ok("POST /points/_forcemerge?max_num_segments=1", "");
    domain
}

fn graphs() -> Value {
    json!({"index.knn": true, "index.knn.advanced.approximate_threshold": 100})
}

fn ids(domain: &Domain, query: &Value) -> Vec<String> {
    let body = json!({"size": 10, "query": query, "_source": false}).to_string();
    let answer = domain.ok("POST /points/_search", &body);
    let hits = answer["hits"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["_id"].as_str().unwrap().to_owned()).collect()
}

/// The share of the ten that are nearest to each of 30 vectors which a graph finds.
fn recall(domain: &Domain, more: &Value) -> f64 {
    let (mut found, mut wanted) = (0, 0);
    for seed in 0..30 {
        let asked = |field: &str| {
            let mut knn = json!({"vector": vector(5000 + seed), "k": 10});
            knn.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ids(domain, &json!({"knn": {field: knn}}))
        };
        let (near, exact) = (asked("v"), asked("e"));
        wanted += exact.len();
        found += exact.iter().filter(|id| near.contains(id)).count();
    }
    assert_eq!(wanted, 300);
    f64::from(found as u32) / 300.0
}

#[test]
fn a_graph_finds_nearly_all_of_the_nearest() {
    let domain = linked(&graphs());
    let recall = recall(&domain, &json!({}));
    assert!(recall >= 0.95, "{recall}");
}

#[test]
fn a_walk_that_keeps_little_in_sight_finds_fewer() {
    let domain = linked(&graphs());
    // It keeps as many as are asked for: one.
    let one = |ef: u64| {
        let hits = (0..60).filter(|seed| {
            let knn = |field: &str| {
                json!({"knn": {field: {"vector": vector(9000 + seed), "k": 1, "method_parameters": {"ef_search": ef}}}})
            };
            ids(&domain, &knn("v")) == ids(&domain, &knn("e"))
        });
        hits.count()
    };
    let (narrow, wide) = (one(1), one(200));
    assert!(narrow < wide && wide >= 58, "{narrow}, {wide}");
}

#[test]
fn a_filter_that_lets_much_or_little_through_leaves_the_nearest_of_it() {
    let domain = linked(&graphs());
    for filter in [json!({"term": {"k": "many"}}), json!({"term": {"k": "few"}})] {
        let recall = recall(&domain, &json!({"filter": filter}));
        assert!(recall >= 0.95, "{filter}: {recall}");
    }
    let rare = json!({"ids": {"values": ["7", "8", "9"]}});
    let mut found =
        ids(&domain, &json!({"knn": {"v": {"vector": vector(1), "k": 3, "filter": rare}}}));
    found.sort();
    assert_eq!(found, ["7", "8", "9"]);
}

#[test]
fn a_deleted_document_is_not_found_by_its_links() {
    let domain = linked(&graphs());
    let near = || ids(&domain, &json!({"knn": {"v": {"vector": vector(3), "k": 2}}}));
    assert_eq!(near()[0], "3");
    domain.ok("DELETE /points/_doc/3?refresh=true", "");
    assert_eq!(near().len(), 2);
    assert!(!near().contains(&"3".to_owned()));
}

#[test]
fn new_documents_are_found_beside_a_graph() {
    let domain = linked(&graphs());
    let document = json!({"v": vector(70_000)}).to_string();
    domain.ask("PUT /points/_doc/new?refresh=true", &document);
    let found = ids(&domain, &json!({"knn": {"v": {"vector": vector(70_000), "k": 1}}}));
    assert_eq!(found, ["new"]);
}

#[test]
fn a_reach_looks_at_every_vector() {
    let domain = linked(&graphs());
    let within = |field: &str| {
        let body = json!({"size": 0, "query": {"knn": {field: {"vector": vector(2), "max_distance": 0.3}}}});
        domain.ok("POST /points/_search", &body.to_string())["hits"]["total"]["value"].as_u64()
    };
    assert!(within("v") > Some(1));
    assert_eq!(within("v"), within("e"));
}

#[test]
fn without_the_setting_every_search_is_exact() {
    let domain = linked(&json!({"index.knn": false}));
    assert_eq!(recall(&domain, &json!({"method_parameters": {"ef_search": 1}})), 1.0);
}

#[test]
fn what_a_walk_cannot_do_is_refused() {
    let domain = linked(&graphs());
    for (ef, reason) in
        [(0, "[ef_search] must be greater than 0"), (5000, "at most [4096] is allowed")]
    {
        let body = json!({"query": {"knn": {"v": {"vector": vector(1), "k": 1, "method_parameters": {"ef_search": ef}}}}});
        let (status, answer) = domain.ask("POST /points/_search", &body.to_string());
        assert_eq!(status, 400);
        assert!(answer.to_string().contains(reason), "{answer}");
    }
    for (parameter, value) in [("m", 513), ("ef_construction", 4097), ("m", 0)] {
        let field = json!({"type": "knn_vector", "dimension": 2, "method": {"name": "hnsw", "parameters": {parameter: value}}});
        let body = json!({"mappings": {"properties": {"v": field}}});
        assert_eq!(domain.ask("PUT /other", &body.to_string()).0, 400, "{parameter}");
    }
}
