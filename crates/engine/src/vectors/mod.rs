//! Vectors: how near two of them are, and the graphs that lead to the nearest (hierarchical navigable small worlds).
//!
//! A graph is made of the vectors of one field in one segment ([`build::Graph`]) and lies in a file of the segment
//! ([`file::SegmentGraphs`]), with the vectors themselves beside it, where they are read without unpacking a column. Why so:
//! decision 0131.

pub(crate) mod build;
pub(crate) mod file;
pub(crate) mod search;
pub(crate) mod similarity;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

pub(crate) use similarity::VectorSimilarity;

/// How a graph is built. Source: OpenSearch 2.19, "HNSW parameters".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GraphParameters {
    /// Most links of a node above the ground, and half of the most on it (`m`).
    pub(crate) links: usize,
    /// How many candidates a new node chooses its links from (`ef_construction`).
    pub(crate) candidates: usize,
}

/// What `m` is where nothing is said.
pub(crate) const LINKS: usize = 16;

/// What `ef_construction` and `ef_search` are where nothing is said.
pub(crate) const CANDIDATES: usize = 100;

/// Most links that can be asked for.
pub(crate) const LINKS_MAX: usize = 512;

/// Most candidates that can be asked for.
pub(crate) const CANDIDATES_MAX: usize = 4096;

/// A node, and how far it is from what is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neighbour {
    pub(crate) distance: f32,
    pub(crate) node: u32,
}

impl Ord for Neighbour {
    fn cmp(&self, other: &Neighbour) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.node.cmp(&other.node))
    }
}

impl PartialOrd for Neighbour {
    fn partial_cmp(&self, other: &Neighbour) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Neighbour {
    fn eq(&self, other: &Neighbour) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Neighbour {}

/// Which of so many nodes were seen.
pub(crate) struct SeenNodes(Vec<u64>);

impl SeenNodes {
    /// None of `count` yet.
    pub(crate) fn none_of(count: usize) -> SeenNodes {
        SeenNodes(vec![0; count.div_ceil(64)])
    }

    /// Notes `node`; whether it was new.
    pub(crate) fn insert(&mut self, node: u32) -> bool {
        let Some(word) = self.0.get_mut(node as usize / 64) else { return false };
        let bit = 1u64 << (node % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}
