//! What a search runs with, and what it has found so far.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;
use tantivy::{DocAddress, DocId};

use super::SearchRequest;
use super::sort::{self, Sort, SortValue};
use crate::dsl::bm25::Statistics;
use crate::dsl::profile::Clock;
use crate::flavor::Flavor;
use crate::work::{HeldMemory, Work};

/// What a search runs with.
pub(super) struct SearchRun<'a> {
    pub(super) statistics: &'a Statistics,
    pub(super) flavor: Flavor,
    pub(super) now: Timestamp,
    pub(super) work: &'a Work,
    /// To measure with; none: nothing is measured.
    pub(super) clock: Option<Clock>,
}

/// A hit before it is fetched.
#[derive(Clone, Debug)]
pub(super) struct FoundHit {
    /// Which target, and where in it.
    pub(super) target: usize,
    pub(super) address: DocAddress,
    pub(super) score: Option<f32>,
    pub(super) values: Vec<SortValue>,
    /// The value that it stands for in a collapse; null where it has none.
    pub(super) group: Option<Value>,
    /// Which rescorers had it in their windows, a bit each.
    pub(super) rescored: u64,
}

/// What a hit takes while it is kept, beside its sort values.
pub(super) const HIT_BYTES: u64 = 96;

impl FoundHit {
    pub(super) fn bytes(&self) -> u64 {
        let values = self.values.iter().map(|value| match value {
            SortValue::Text(text) => text.len() as u64 + 40,
            SortValue::Bytes(bytes) => bytes.len() as u64 + 40,
            _ => 40,
        });
        HIT_BYTES + values.sum::<u64>()
    }
}

/// The order of hits: by value, then by where they are.
pub(super) fn order(a: &FoundHit, b: &FoundHit, sorts: &[Sort]) -> Ordering {
    sort::compare(&a.values, &b.values, sorts)
        .then(a.target.cmp(&b.target))
        .then(a.address.segment_ord.cmp(&b.address.segment_ord))
        .then(a.address.doc_id.cmp(&b.address.doc_id))
}

/// What is kept over all indices.
pub(super) struct QueryState<'a> {
    pub(super) request: &'a SearchRequest,
    pub(super) sorts: &'a [Sort],
    pub(super) window: usize,
    pub(super) best: Vec<FoundHit>,
    /// What the last of so many hits as are wanted is ordered by first, and the target that it is of.
    pub(super) worst: Option<(usize, SortValue)>,
    /// The best hit of each group, where hits are collapsed; and those of the open segment.
    pub(super) groups: HashMap<String, FoundHit>,
    pub(super) groups_here: HashMap<Option<u64>, Candidate>,
    /// What `best` and the open segment's heap take.
    pub(super) held: HeldMemory,
    pub(super) count: u64,
    pub(super) max_score: Option<f32>,
    pub(super) terminated_early: bool,
    pub(super) profiles: Vec<Value>,
}

/// A hit of the segment; the worst is the greatest, so that a heap gives it away first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub(super) codes: Vec<u128>,
    pub(super) doc: DocId,
    pub(super) score_bits: u32,
}
