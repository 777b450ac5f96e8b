//! `slice`.

use serde_json::{Value, json};

use crate::cases::{Setup, asks, search};
use crate::library::films;

#[test]
fn too_many_are_refused() {
    asks!(films(), "POST /films/_search?scroll=1m" => {"slice": {"id": 0, "max": 1025}});
}

#[test]
fn outside_of_a_scroll_is_refused() {
    search!(films(), {"slice": {"id": 0, "max": 2}});
}

#[test]
fn a_part_beyond_the_number_is_refused() {
    search!(films(), {"slice": {"id": 2, "max": 2}});
}

#[test]
fn one_part_is_refused() {
    search!(films(), {"slice": {"id": 0, "max": 1}});
}

#[test]
fn a_part_below_zero_is_refused() {
    search!(films(), {"slice": {"id": -1, "max": 2}});
}

#[test]
fn every_document_is_in_one_part() {
    let domain = crate::domain::Domain::elasticsearch();
    let documents = (0..50).map(|id| format!("{{\"index\":{{\"_id\":{id}}}}}\n{{\"n\":{id}}}\n"));
    domain.ok("POST /s/_bulk?refresh=true", &documents.collect::<String>());
    for field in ["", r#","field":"n""#] {
        let mut seen = Vec::new();
        for part in 0..3 {
            let body = format!(r#"{{"size":50,"slice":{{"id":{part},"max":3{field}}}}}"#);
            let answer = domain.ok("POST /s/_search?scroll=1m", &body);
            let hits = answer["hits"]["hits"].as_array().unwrap().clone();
            assert!(!hits.is_empty(), "part {part} of 50 documents is empty");
            seen.extend(hits.iter().map(|hit| hit["_id"].as_str().unwrap().to_owned()));
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((count, seen.len()), (50, 50));
    }
}

fn numbers(shards: u64) -> Setup {
    let documents: Vec<Value> = (0..12)
        .map(|n| json!({"n": n * 7 - 20, "f": f64::from(n) / 3.0 - 1.0, "many": [n, n + 1]}))
        .collect();
    let settings = json!({"number_of_shards": shards, "number_of_routing_shards": shards});
    Setup::index("s", json!({"settings": settings}), documents.into())
}

#[test]
fn the_parts_hold_the_documents_that_they_hold_elsewhere() {
    let slice = |id: u64, max: u64| json!({"slice": {"id": id, "max": max}, "size": 20, "sort": ["n"], "_source": false});
    let by = |field: &str| {
        let slice = json!({"id": 1, "max": 3, "field": field});
        json!({"slice": slice, "size": 20, "sort": ["n"], "_source": false})
    };
    asks!(
        numbers(1),
        "POST /s/_search?scroll=1m" => (slice(0, 2)),
        "POST /s/_search?scroll=1m" => (slice(1, 3)),
        "POST /s/_search?scroll=1m" => (by("n")),
        "POST /s/_search?scroll=1m" => (by("f")),
        "POST /s/_search?scroll=1m" => (by("many")),
        "POST /s/_search?scroll=1m" => (by("_id")),
        "POST /s/_search?scroll=1m" => (by("surprise")),
    );
}

#[test]
fn the_parts_of_several_shards_hold_the_documents_that_they_hold_elsewhere() {
    let slice = |id: u64, max: u64| json!({"slice": {"id": id, "max": max}, "size": 20, "sort": ["n"], "_source": false});
    asks!(
        numbers(5),
        "POST /s/_search?scroll=1m" => (slice(0, 2)),
        "POST /s/_search?scroll=1m" => (slice(1, 2)),
        "POST /s/_search?scroll=1m" => (slice(0, 5)),
        "POST /s/_search?scroll=1m" => (slice(3, 7)),
        "POST /s/_search?scroll=1m" => (slice(6, 7)),
    );
}

#[test]
fn an_index_says_how_many_parts_there_may_be() {
    asks!(
        numbers(1),
        "PUT /s/_settings" => {"index.max_slices_per_scroll": 3},
        "POST /s/_search?scroll=1m" => {"slice": {"id": 0, "max": 4}},
        "POST /s/_search?scroll=1m" => {"slice": {"id": 0, "max": 3}, "size": 20, "_source": false},
    );
}
