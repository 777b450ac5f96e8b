//! Building a graph: each vector is linked to near ones in several directions. Source: Malkov and Yashunin, "Efficient and robust
//! approximate nearest neighbor search using Hierarchical Navigable Small World graphs", algorithms 1 to 4.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{GraphParameters, Neighbour, VectorSimilarity};
use crate::exception::Exception;
use crate::work::Cancel;

/// Numbers that are compared for one graph, beyond which none is made: some minutes, in which no other index is merged.
const COMPARED_MAX: u64 = 300_000_000_000;

/// Most levels of a graph.
pub(super) const LEVELS_MAX: usize = 16;

/// The vectors of one field in one segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldVectors {
    /// How many numbers each has.
    pub(crate) dimension: usize,
    /// The document of each.
    pub(crate) documents: Vec<u32>,
    /// One behind the other.
    pub(crate) numbers: Vec<f32>,
}

impl FieldVectors {
    pub(super) fn get(&self, node: u32) -> &[f32] {
        let start = node as usize * self.dimension;
        self.numbers.get(start..start + self.dimension).unwrap_or_default()
    }
}

/// The links of vectors, level by level.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(super) parameters: GraphParameters,
    /// The node at which every walk begins.
    pub(super) entry: u32,
    /// The links of each node on the ground.
    pub(super) ground: Vec<Vec<u32>>,
    /// The links of the fewer nodes of each level above it.
    pub(super) upper: Vec<BTreeMap<u32, Vec<u32>>>,
}

struct Builder<'v> {
    vectors: &'v FieldVectors,
    similarity: VectorSimilarity,
    cancel: &'v Cancel,
    graph: Graph,
    visits: VisitedNodes,
    /// How many numbers may still be compared.
    left: Cell<u64>,
}

/// Which nodes the walk under way has seen: those marked with its number.
#[derive(Default)]
struct VisitedNodes {
    walk: u32,
    marks: Vec<u32>,
}

impl VisitedNodes {
    fn begin(&mut self, count: usize) {
        self.walk = self.walk.wrapping_add(1);
        if self.walk == 0 || self.marks.len() != count {
            (self.walk, self.marks) = (1, vec![0; count]);
        }
    }

    /// Notes `node`; whether it was new.
    fn insert(&mut self, node: u32) -> bool {
        let walk = self.walk;
        self.marks.get_mut(node as usize).is_some_and(|mark| std::mem::replace(mark, walk) != walk)
    }
}

impl Graph {
    /// That of `vectors`; `None` where it takes more than [`COMPARED_MAX`]. The same vectors in the same order make the same
    /// graph.
    ///
    /// # Errors
    /// `task_cancelled_exception` once `cancel` is set.
    pub(crate) fn of(
        vectors: &FieldVectors,
        similarity: VectorSimilarity,
        parameters: GraphParameters,
        cancel: &Cancel,
    ) -> Result<Option<Graph>, Exception> {
        Graph::within(COMPARED_MAX, vectors, similarity, parameters, cancel)
    }

    pub(super) fn within(
        compared_max: u64,
        vectors: &FieldVectors,
        similarity: VectorSimilarity,
        parameters: GraphParameters,
        cancel: &Cancel,
    ) -> Result<Option<Graph>, Exception> {
        let count = vectors.documents.len();
        let graph =
            Graph { parameters, entry: 0, ground: vec![Vec::new(); count], upper: Vec::new() };
        let (visits, left) = (VisitedNodes::default(), Cell::new(compared_max));
        let mut builder = Builder { vectors, similarity, cancel, graph, visits, left };
        for node in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            builder.insert(node);
            cancel.check()?;
            if builder.left.get() == 0 {
                return Ok(None);
            }
        }
        Ok(Some(builder.graph))
    }

    fn links(&self, level: usize, node: u32) -> &[u32] {
        let links = match level.checked_sub(1) {
            None => self.ground.get(node as usize),
            Some(above) => self.upper.get(above).and_then(|level| level.get(&node)),
        };
        links.map_or(&[], Vec::as_slice)
    }

    fn links_mut(&mut self, level: usize, node: u32) -> Option<&mut Vec<u32>> {
        match level.checked_sub(1) {
            None => self.ground.get_mut(node as usize),
            Some(above) => self.upper.get_mut(above).map(|level| level.entry(node).or_default()),
        }
    }
}

impl Builder<'_> {
    fn insert(&mut self, node: u32) {
        let (top, level) = (self.graph.upper.len(), level_of(node, self.graph.parameters.links));
        self.graph.upper.resize_with(top.max(level), BTreeMap::new);
        (1..=level).for_each(|level| {
            self.graph.links_mut(level, node);
        });
        if node == 0 {
            return;
        }
        let vectors = self.vectors;
        let vector = vectors.get(node);
        let entry = self.graph.entry;
        let mut from = vec![Neighbour { distance: self.distance(vector, entry), node: entry }];
        for above in ((level + 1)..=top).rev() {
            from = self.near(vector, &from, 1, above);
        }
        for level in (0..=level.min(top)).rev() {
            from = self.near(vector, &from, self.graph.parameters.candidates, level);
            let chosen = self.choose(&from, self.graph.parameters.links);
            for link in &chosen {
                self.link(level, *link, node);
            }
            if let Some(links) = self.graph.links_mut(level, node) {
                *links = chosen;
            }
        }
        if level > top {
            self.graph.entry = node;
        }
    }

    /// Links `node` to `to`; of too many links those stay that lead in different directions.
    fn link(&mut self, level: usize, node: u32, to: u32) {
        let most = self.graph.parameters.links * if level == 0 { 2 } else { 1 };
        let Some(links) = self.graph.links_mut(level, node) else { return };
        links.push(to);
        if links.len() <= most {
            return;
        }
        let vector = self.vectors.get(node);
        let of = |link: &u32| Neighbour { distance: self.distance(vector, *link), node: *link };
        let mut candidates: Vec<Neighbour> = self.graph.links(level, node).iter().map(of).collect();
        candidates.sort_unstable();
        let kept = self.choose(&candidates, most);
        if let Some(links) = self.graph.links_mut(level, node) {
            *links = kept;
        }
    }

    /// The `count` nodes nearest to `vector` that a walk from `from` comes upon, the nearest first.
    fn near(
        &mut self,
        vector: &[f32],
        from: &[Neighbour],
        count: usize,
        level: usize,
    ) -> Vec<Neighbour> {
        let mut seen = std::mem::take(&mut self.visits);
        seen.begin(self.vectors.documents.len());
        let mut open: BinaryHeap<Reverse<Neighbour>> = BinaryHeap::new();
        let mut found: BinaryHeap<Neighbour> = BinaryHeap::new();
        for start in from {
            seen.insert(start.node);
            open.push(Reverse(*start));
            found.push(*start);
        }
        while let Some(Reverse(nearest)) = open.pop() {
            let is_far = found.len() >= count && found.peek().is_some_and(|it| nearest > *it);
            if is_far || self.is_stopped() {
                break;
            }
            for link in self.graph.links(level, nearest.node) {
                if !seen.insert(*link) {
                    continue;
                }
                let next = Neighbour { distance: self.distance(vector, *link), node: *link };
                if found.len() < count || found.peek().is_some_and(|worst| next < *worst) {
                    open.push(Reverse(next));
                    found.push(next);
                    if found.len() > count {
                        found.pop();
                    }
                }
            }
        }
        self.visits = seen;
        found.into_sorted_vec()
    }

    /// Of `candidates`, the nearest first, at most `most`: those that are nearer to the node than to any chosen before, and
    /// then those that are nearest.
    fn choose(&self, candidates: &[Neighbour], most: usize) -> Vec<u32> {
        let (mut chosen, mut left): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        for candidate in candidates {
            if chosen.len() >= most || self.is_stopped() {
                break;
            }
            let vector = self.vectors.get(candidate.node);
            let is_behind = |other: &u32| self.distance(vector, *other) < candidate.distance;
            match chosen.iter().any(is_behind) {
                true => left.push(candidate.node),
                false => chosen.push(candidate.node),
            }
        }
        let room = most.saturating_sub(chosen.len());
        chosen.extend(left.into_iter().take(room));
        chosen
    }

    /// Whether what is built will not be used.
    fn is_stopped(&self) -> bool {
        self.left.get() == 0 || self.cancel.is_cancelled()
    }

    fn distance(&self, vector: &[f32], node: u32) -> f32 {
        self.left.set(self.left.get().saturating_sub(vector.len() as u64));
        self.similarity.distance(vector, self.vectors.get(node))
    }
}

/// The highest level of a node: each level has one of `links` nodes of the one below. The numbers are those of splitmix64.
fn level_of(node: u32, links: usize) -> usize {
    let mut bits = u64::from(node).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    let (mut level, links) = (0, links.max(2) as u64);
    while level < LEVELS_MAX && bits % links == 0 {
        bits /= links;
        level += 1;
    }
    level
}
