//! `slice`.

use crate::cases::{asks, search};
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
