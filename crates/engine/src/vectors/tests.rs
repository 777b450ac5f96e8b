use tantivy::directory::OwnedBytes;

use super::build::{FieldVectors, Graph};
use super::file::{SegmentGraphs, written};
use super::search::GraphSearch;
use super::{GraphParameters, VectorSimilarity};
use crate::work::Cancel;

const DIMENSION: usize = 12;
const COUNT: u32 = 500;

/// Numbers between 0 and 1, the same for the same seed.
fn numbers(mut seed: u64, count: usize) -> Vec<f32> {
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 40) as f32) / (1u64 << 24) as f32
    };
    (0..count).map(|_| next()).collect()
}

fn vectors(count: usize) -> FieldVectors {
    let documents = (0..count as u32).map(|document| document * 2).collect();
    FieldVectors { dimension: DIMENSION, documents, numbers: numbers(7, count * DIMENSION) }
}

fn opened(vectors: &FieldVectors, similarity: VectorSimilarity) -> SegmentGraphs {
    let parameters = GraphParameters { links: 16, candidates: 60 };
    let graph = Graph::of(vectors, similarity, parameters, &Cancel::new()).unwrap().unwrap();
    let bytes = written(&[("v".to_owned(), vectors.clone(), graph)]);
    SegmentGraphs::open(OwnedBytes::new(bytes)).unwrap()
}

/// The share of the ten nearest that the graph finds, over 20 vectors that are asked for.
fn recall(similarity: VectorSimilarity, allowed: impl Fn(u32) -> bool + Copy) -> f64 {
    let vectors = vectors(COUNT as usize);
    let graphs = opened(&vectors, similarity);
    let graph = graphs.get("v").unwrap();
    let (mut found, mut wanted) = (0, 0);
    for seed in 0..20 {
        let vector = numbers(1000 + seed, DIMENSION);
        let mut exact: Vec<(f32, u32)> = (0..COUNT)
            .filter(|node| allowed(node * 2))
            .map(|node| (graph.distance(similarity, &vector, node), node * 2))
            .collect();
        exact.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        exact.truncate(10);
        let search = GraphSearch {
            vector: &vector,
            similarity,
            candidates: 60,
            looked_at_max: COUNT as usize,
        };
        let near = graph.nearest(&search, allowed, || Ok(())).unwrap().unwrap();
        let near: Vec<u32> = near.into_iter().take(10).map(|(_, document)| document).collect();
        wanted += exact.len();
        found += exact.iter().filter(|(_, document)| near.contains(document)).count();
    }
    found as f64 / f64::from(wanted as u32)
}

#[test]
fn a_graph_finds_nearly_all_of_the_nearest() {
    for similarity in [VectorSimilarity::L2, VectorSimilarity::Cosine, VectorSimilarity::Product] {
        let recall = recall(similarity, |_| true);
        assert!(recall >= 0.95, "{similarity:?}: {recall}");
    }
}

#[test]
fn a_graph_finds_nearly_all_of_the_nearest_that_are_allowed() {
    let recall = recall(VectorSimilarity::L2, |document| document % 3 == 0);
    assert!(recall >= 0.95, "{recall}");
}

#[test]
fn a_walk_gives_up_when_it_has_looked_at_too_much() {
    let vectors = vectors(300);
    let graphs = opened(&vectors, VectorSimilarity::L2);
    let search = GraphSearch {
        vector: &[0.5; DIMENSION],
        similarity: VectorSimilarity::L2,
        candidates: 10,
        looked_at_max: 20,
    };
    let found = graphs.get("v").unwrap().nearest(&search, |_| true, || Ok(())).unwrap();
    assert!(found.is_none());
}

#[test]
fn more_candidates_find_no_fewer() {
    let vectors = vectors(400);
    let graphs = opened(&vectors, VectorSimilarity::L2);
    let vector = numbers(99, DIMENSION);
    let best = |candidates: usize| {
        let similarity = VectorSimilarity::L2;
        let search = GraphSearch { vector: &vector, similarity, candidates, looked_at_max: 400 };
        let near = graphs.get("v").unwrap().nearest(&search, |_| true, || Ok(())).unwrap();
        near.unwrap().iter().take(5).map(|(distance, _)| distance).sum::<f32>()
    };
    assert!(best(200) <= best(5));
}

#[test]
fn a_flipped_bit_is_found() {
    let vectors = vectors(20);
    let parameters = GraphParameters { links: 4, candidates: 10 };
    let graph = Graph::of(&vectors, VectorSimilarity::L2, parameters, &Cancel::new());
    let graph = graph.unwrap().unwrap();
    let bytes = written(&[("v".to_owned(), vectors, graph)]);
    for at in (0..bytes.len()).step_by(37) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        assert!(SegmentGraphs::open(OwnedBytes::new(damaged)).is_err(), "{at}");
    }
    for length in [0, 3, 11, bytes.len() - 1] {
        let torn = bytes[..length].to_vec();
        assert!(SegmentGraphs::open(OwnedBytes::new(torn)).is_err(), "{length}");
    }
}

#[test]
fn building_ends_when_nobody_waits() {
    let cancel = Cancel::new();
    cancel.cancel();
    let parameters = GraphParameters { links: 4, candidates: 10 };
    assert!(Graph::of(&vectors(10), VectorSimilarity::L2, parameters, &cancel).is_err());
}

#[test]
fn no_graph_is_made_that_takes_more_than_is_allowed() {
    let parameters = GraphParameters { links: 4, candidates: 10 };
    let within = |compared_max| {
        let (vectors, similarity) = (vectors(100), VectorSimilarity::L2);
        Graph::within(compared_max, &vectors, similarity, parameters, &Cancel::new()).unwrap()
    };
    assert!(within(1000).is_none());
    assert!(within(10_000_000).is_some());
}
