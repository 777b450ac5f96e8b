//! What a scroll remembers: its snapshots and its last hit; the next page starts behind that.

use std::sync::Arc;

use super::found::FoundHit;
use super::response::SearchResponse;
use super::sort::SortBy;
use super::{SearchRequest, Target, Total};
use crate::exception::{Exception, ExceptionKind};
use crate::view::CursorQuestion;
use crate::work::HeldMemory;

/// Bytes of a parsed query for each byte of its text, about.
const TREE_FACTOR: usize = 4;

/// Bytes of a scroll beside its query and its indices, about: its last hit, its owner, its id.
const OVERHEAD: usize = 4096;

/// One open scroll.
#[derive(Clone)]
pub(super) struct ScrollContext {
    pub(super) targets: Vec<Target>,
    request: SearchRequest,
    pub(super) last: Option<FoundHit>,
    pub(super) total: Option<Total>,
    pub(super) max_score: Option<f32>,
    /// How many hits were shown so far.
    pub(super) shown: usize,
    /// Its memory, counted until the last copy of it is gone.
    _held: Arc<HeldMemory>,
}

impl ScrollContext {
    /// The scroll that `response` is the first page of.
    pub(super) fn new(
        targets: &[Target],
        request: &SearchRequest,
        last: Option<FoundHit>,
        response: &SearchResponse,
        held: HeldMemory,
    ) -> ScrollContext {
        ScrollContext {
            targets: targets.to_vec(),
            request: SearchRequest {
                aggregations: Default::default(),
                scroll_milliseconds: None,
                ..request.clone()
            },
            last,
            total: response.total,
            max_score: response.max_score,
            shown: response.hits.len(),
            _held: Arc::new(held),
        }
    }

    /// How many bytes it keeps, about: its request as a tree, and what it knows of each index.
    pub(super) fn bytes(
        targets: &[Target],
        request: &SearchRequest,
        questions: &[CursorQuestion],
    ) -> u64 {
        let asked: usize = questions
            .iter()
            .map(|question| size_of::<CursorQuestion>() + question.path.len())
            .sum();
        (asked + TREE_FACTOR * request.source_bytes + size_of_val(targets) + OVERHEAD) as u64
    }

    /// The search of the next page.
    pub(super) fn next_page(&self) -> SearchRequest {
        self.request.clone()
    }

    /// What Elasticsearch tells of a page in the order of the documents, behind which there are more or not: it ends when it is
    /// full. (`QueryPhase`, which sets `terminate_after` for such pages.)
    pub(super) fn ends_early(&self, page: usize) -> Option<bool> {
        let in_order = match self.request.sort.as_slice() {
            [only] => only.by == SortBy::Doc && !only.descending,
            // Those that all score the same.
            [] => self.request.query.as_ref().is_none_or(|query| query.clause.is_match_all()),
            _ => false,
        };
        let shown = (self.shown + page) as u64;
        let total = self.total.map(|total| total.value);
        (in_order && self.targets.len() == 1).then(|| total.is_some_and(|total| total > shown))
    }

    /// Whether it reads an index of which `wanted` says yes to the uuid.
    pub(super) fn reads(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.targets.iter().any(|target| wanted(&target.snapshot().uuid))
    }
}

/// What a scroll that is unknown, over or another's is answered with.
pub(super) fn missing(id: &str) -> Exception {
    let cause = Exception::new(
        ExceptionKind::SearchContextMissing,
        format!("No search context found for id [{id}]"),
    );
    Exception::search_phase("", cause).with_status(404)
}
