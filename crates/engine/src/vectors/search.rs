//! Walking a graph towards a vector.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::file::VectorGraph;
use super::{Neighbour, SeenNodes, VectorSimilarity};
use crate::exception::Exception;

/// What a walk looks for.
pub(crate) struct GraphSearch<'s> {
    /// The vector.
    pub(crate) vector: &'s [f32],
    /// How near it others are.
    pub(crate) similarity: VectorSimilarity,
    /// How many of the nearest it keeps in sight (`ef_search`).
    pub(crate) candidates: usize,
    /// After how many vectors it gives up.
    pub(crate) looked_at_max: usize,
}

impl VectorGraph {
    /// The documents nearest to a vector among those that `allowed` says yes to, with their distances, the nearest first; at most as
    /// many as there are candidates. `None`: it came upon more vectors than it may look at.
    ///
    /// # Errors
    /// Those of `check`, which is asked at each step.
    pub(crate) fn nearest(
        &self,
        search: &GraphSearch<'_>,
        allowed: impl Fn(u32) -> bool,
        check: impl Fn() -> Result<(), Exception>,
    ) -> Result<Option<Vec<(f32, u32)>>, Exception> {
        let distance = |node: u32| Neighbour {
            distance: self.distance(search.similarity, search.vector, node),
            node,
        };
        if self.count == 0 {
            return Ok(Some(Vec::new()));
        }
        let mut nearest = distance(self.entry);
        let mut looked_at = 1;
        for level in (1..=self.levels_above()).rev() {
            while let Some(nearer) =
                self.links(level, nearest.node).map(distance).min().filter(|next| *next < nearest)
            {
                check()?;
                looked_at += 1;
                nearest = nearer;
            }
        }
        let is_allowed = |found: &Neighbour| self.document(found.node).is_some_and(&allowed);
        let mut seen = SeenNodes::none_of(self.count);
        seen.insert(nearest.node);
        let mut open = BinaryHeap::from([Reverse(nearest)]);
        let mut found: BinaryHeap<Neighbour> = BinaryHeap::new();
        found.extend(Some(nearest).filter(is_allowed));
        while let Some(Reverse(next)) = open.pop() {
            check()?;
            let is_full = found.len() >= search.candidates;
            if is_full && found.peek().is_some_and(|worst| next > *worst) {
                break;
            }
            for link in self.links(0, next.node) {
                if !seen.insert(link) {
                    continue;
                }
                looked_at += 1;
                if looked_at > search.looked_at_max {
                    return Ok(None);
                }
                let link = distance(link);
                if found.len() < search.candidates
                    || found.peek().is_some_and(|worst| link < *worst)
                {
                    open.push(Reverse(link));
                    if is_allowed(&link) {
                        found.push(link);
                        if found.len() > search.candidates {
                            found.pop();
                        }
                    }
                }
            }
        }
        let found = found.into_sorted_vec().into_iter();
        Ok(Some(
            found.filter_map(|near| Some((near.distance, self.document(near.node)?))).collect(),
        ))
    }
}
