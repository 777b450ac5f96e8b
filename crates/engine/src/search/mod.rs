//! Searching: over several indices at once, page by page, in Elasticsearch's shape.
//!
//! [`Searches`] is one per engine: it holds the open scrolls and what was counted of segments. A search runs on
//! [`Target`]s, which the caller resolved and authorized; it is one pass over the matching documents of each segment
//! (count, best hits, aggregations), then the hits of the page are fetched.
//!
//! Source: Elasticsearch 7.10 reference, "Search your data"; each index counts as one shard.

mod async_results;
mod at_hand;
pub(crate) mod collapse;
pub mod cursors;
mod execute;
pub(crate) mod fetch;
mod found;
mod group_column;
pub mod highlight;
pub(crate) mod inner_hits;
mod named_queries;
mod nested_hit;
mod pass;
mod percolated;
mod pit;
mod ranking;
mod request;
mod rescore;
mod response;
mod script_fields;
mod scroll;
pub(crate) mod shown_fields;
mod slice;
pub(crate) mod sort;
pub(crate) mod source;
pub(crate) mod stored;
mod suggest;
mod target;
pub(crate) mod top;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::Value;

use crate::dsl::bm25::Statistics;
use crate::dsl::explain::Explanation;
use crate::dsl::lower::Lowering;
use crate::dsl::profile::Clock;
use crate::dsl::{self, Query};
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::index::Snapshot;
use crate::view::{CursorOwner, CursorQuestion, View};
use crate::work::{HeldMemory, Work};
pub(crate) use async_results::{AsyncResult, AsynchronousCounts};
use cursors::Cursors;
pub use ranking::Metric;
pub use request::{PitAsked, SearchRequest, keep_alive};
pub(crate) use response::shards;
pub use response::{Hit, SearchResponse, Total};
pub use source::SourceFilter;
pub use suggest::Suggest;
pub use target::Target;

pub(crate) use response::score as shown_score;

/// Searches of one engine: open scrolls, and what was counted of segments.
pub struct Searches {
    statistics: Statistics,
    scrolls: Mutex<Cursors<scroll::ScrollContext>>,
    pits: Mutex<Cursors<pit::PointInTime>>,
    results: Mutex<Cursors<AsyncResult>>,
    asynchronous: AsynchronousCounts,
    clock: Option<Clock>,
}

fn nanoseconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_nanos()).unwrap_or(0)
}

impl Searches {
    /// None open yet, of an engine that answers as `flavor`.
    pub fn new(flavor: Flavor) -> Searches {
        Searches {
            statistics: Statistics::new(flavor),
            scrolls: Mutex::new(Cursors::none(cursors::SCROLLS)),
            pits: Mutex::new(Cursors::none(cursors::PITS)),
            results: Mutex::new(Cursors::none(cursors::RESULTS)),
            asynchronous: AsynchronousCounts::default(),
            clock: None,
        }
    }

    /// The service that the engine says it is.
    pub fn flavor(&self) -> Flavor {
        self.statistics.flavor()
    }

    /// From now on the engine says that it is `flavor`.
    pub fn set_flavor(&self, flavor: Flavor) {
        self.statistics.set_flavor(flavor);
    }

    /// Whether the search `body` of one index, which has as many bytes as it says, takes microseconds as a rule.
    pub(crate) fn is_at_hand(&self, body: &Value, snapshot: &Snapshot) -> bool {
        at_hand::is_at_hand(body, snapshot, &self.statistics)
    }

    /// The time of the clock; `now` where there is none.
    fn tick(&self, now: Timestamp) -> Timestamp {
        self.clock.as_ref().map_or(now, |clock| clock())
    }

    /// Lets searches tell how long their parts took.
    pub(crate) fn set_clock(&mut self, clock: Clock) {
        self.clock = Some(clock);
    }

    fn run<'a>(&'a self, flavor: Flavor, now: Timestamp, work: &'a Work) -> found::SearchRun<'a> {
        let clock = self.clock.clone();
        found::SearchRun { statistics: &self.statistics, flavor, now, work, clock }
    }

    /// Why the document `id` of `target` scores as it does by `query`; `None` where there is no such document to see.
    ///
    /// # Errors
    /// As [`Searches::search`].
    pub(crate) fn explain(
        &self,
        target: &Target,
        query: &Query,
        id: &str,
        now: Timestamp,
        work: &Work,
    ) -> Result<Option<Explanation>, Exception> {
        let run = self.run(self.statistics.flavor(), now, work);
        let own = Query::of(dsl::ids::Ids { values: vec![id.to_owned()] });
        let mut held = work.holds("<documents>");
        let found = execute::matching(&run, target, &own, &mut held)?;
        let Some(address) = found.first() else { return Ok(None) };
        let snapshot = target.snapshot();
        let lowered = Lowering::new(snapshot, &self.statistics, now, work).lower(query)?;
        fetch::explanation(&run, snapshot, &lowered, *address).map(Some)
    }

    /// Runs `request` on `targets`; with `scroll` it opens a context that only the owner of `view` can continue.
    ///
    /// # Errors
    /// `search_phase_execution_exception` around what an index refuses; `task_cancelled_exception`; 429 for too many
    /// scrolls.
    pub fn search(
        &self,
        targets: &[Target],
        request: &SearchRequest,
        flavor: Flavor,
        view: &View,
        now: Timestamp,
        work: &Work,
    ) -> Result<SearchResponse, Exception> {
        let first = targets.first().map(|target| target.snapshot().name.to_string());
        let on_first = |cause| Exception::search_phase(first.as_deref().unwrap_or_default(), cause);
        let (scroll, pit) = (request.scroll_milliseconds, request.pit.as_ref());
        cursors::SCROLLS.check_life(scroll, work.metadata.registries()).map_err(on_first)?;
        let lives_on = pit.and_then(|pit| pit.keep_alive_milliseconds);
        cursors::PITS.check_life(lives_on, work.metadata.registries()).map_err(on_first)?;
        let run = self.run(flavor, now, work);
        let begun = self.tick(now);
        let found = execute::query(&run, targets, request, None)?;
        let between = self.tick(now);
        let last = found.last.clone();
        let mut response = fetch::respond(&run, targets, request, found)?;
        response.spent = (nanoseconds(begun, between), nanoseconds(between, self.tick(now)));
        if let Some(suggest) = request.suggest.as_ref().filter(|suggest| !suggest.is_empty()) {
            response.suggest = Some(suggest.run(&run, targets, request)?);
        }
        if let Some(milliseconds) = request.scroll_milliseconds {
            let mut held = work.holds("<scroll>");
            held.grow(scroll::ScrollContext::bytes(targets, request, &view.opening))?;
            let context = scroll::ScrollContext::new(targets, request, last, &response, held);
            let (owner, questions) = (&view.owner, Arc::clone(&view.opening));
            let open = |open: &mut Cursors<_>| {
                open.open(owner, questions, context, milliseconds, now, work.metadata.registries())
            };
            response.scroll_id = Some(self.open_scrolls(open)?);
        }
        Ok(response)
    }

    /// The next page of a scroll; with `keep_alive_milliseconds` it lives on from now.
    ///
    /// # Errors
    /// `search_context_missing_exception` when the id is unknown, expired, or another owner's, or when `view` does not
    /// let it be continued.
    pub fn scroll(
        &self,
        id: &str,
        keep_alive_milliseconds: Option<u64>,
        flavor: Flavor,
        view: &View,
        now: Timestamp,
        work: &Work,
    ) -> Result<SearchResponse, Exception> {
        let missing = || scroll::missing(id);
        if !view.continues(id) {
            return Err(missing());
        }
        if let Err(cause) =
            cursors::SCROLLS.check_life(keep_alive_milliseconds, work.metadata.registries())
        {
            // As on the real servers, what fails ends.
            self.clear_scroll(Some(&[id]), &view.owner, now);
            return Err(Exception::search_phase("", cause));
        }
        let context = self.open_scrolls(|open| {
            let found = open.get(id, &view.owner, keep_alive_milliseconds, now);
            found.cloned().ok_or_else(missing)
        })?;
        let run = self.run(flavor, now, work);
        let request = context.next_page();
        let found = execute::query(&run, &context.targets, &request, context.last.as_ref())?;
        let last = found.last.clone().or_else(|| context.last.clone());
        let mut response = fetch::respond(&run, &context.targets, &request, found)?;
        response.total = context.total;
        response.max_score = context.max_score;
        response.scroll_id = Some(id.to_owned());
        let page = response.hits.len();
        if flavor == Flavor::Elasticsearch710 {
            response.terminated_early = context.ends_early(page);
        }
        self.open_scrolls(|open| {
            open.change(id, |scroll| {
                scroll.last = last;
                scroll.shown += page;
            });
            Ok(())
        })?;
        Ok(response)
    }

    /// What the opening of `owner`'s scroll `id` was allowed by; none when it is not there.
    pub fn questions(
        &self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Option<Arc<[CursorQuestion]>> {
        let of_scroll = self.open_scrolls(|open| Ok(open.questions(id, owner, now)));
        let of_pit = || self.pit_questions(id, owner, now);
        of_scroll.ok().flatten().or_else(of_pit).or_else(|| self.result_questions(id, owner, now))
    }

    /// Closes scrolls of `owner` (of everybody, if it may), by id or (`None`) all of them; how many were closed.
    pub fn clear_scroll(&self, ids: Option<&[&str]>, owner: &CursorOwner, now: Timestamp) -> usize {
        self.open_scrolls(|open| Ok(open.close(ids, owner, now))).unwrap_or(0)
    }

    /// Closes the scrolls of `owner` whose opening's first question is `denied` now; how many.
    pub fn close_denied(
        &self,
        owner: &CursorOwner,
        mut denied: impl FnMut(&CursorQuestion) -> bool,
    ) -> usize {
        self.close_denied_pits(owner, &mut denied)
            + self.forget_denied_results(owner, &mut denied)
            + self.open_scrolls(|open| Ok(open.close_denied(owner, denied))).unwrap_or(0)
    }

    /// Closes the scrolls (`only` the one of this id, or all) over an index of which `is_gone` says yes to the uuid, and
    /// lets its segments go; how many.
    pub fn close_gone(&self, only: Option<&str>, is_gone: impl Fn(&str) -> bool) -> usize {
        let gone = |scroll: &scroll::ScrollContext| scroll.reads(&is_gone);
        self.close_gone_pits(only, &is_gone)
            + self.forget_gone_results(only, &is_gone)
            + self.open_scrolls(|open| Ok(open.close_where(only, gone))).unwrap_or(0)
    }

    /// Closes the scrolls whose time is over; how many are left.
    pub fn expire(&self, now: Timestamp) -> usize {
        let scrolls = self.open_scrolls(|open| {
            open.expire(now);
            Ok(open.count())
        });
        scrolls.unwrap_or(0) + self.expire_pits(now) + self.expire_results(now)
    }

    /// How many documents of `targets` match `query`, or with a `min_score` match it that well.
    ///
    /// # Errors
    /// As [`Searches::search`].
    pub fn count(
        &self,
        targets: &[Target],
        query: Option<&Query>,
        min_score: Option<f32>,
        terminate_after: Option<u64>,
        now: Timestamp,
        work: &Work,
    ) -> Result<u64, Exception> {
        let run = self.run(self.statistics.flavor(), now, work);
        let request = SearchRequest {
            query: query.cloned(),
            min_score,
            terminate_after,
            size: 0,
            track_total_hits: Some(u64::MAX),
            ..SearchRequest::default()
        };
        let found = execute::query(&run, targets, &request, None)?;
        Ok(found.count)
    }

    /// The documents of one snapshot that match `query`: segment and document numbers, in order. For
    /// `_delete_by_query` and `_update_by_query`; what they take is counted by `held`.
    ///
    /// # Errors
    /// As [`Searches::search`].
    pub fn matching(
        &self,
        target: &Target,
        query: &Query,
        now: Timestamp,
        work: &Work,
        held: &mut HeldMemory,
    ) -> Result<Vec<tantivy::DocAddress>, Exception> {
        let run = self.run(self.statistics.flavor(), now, work);
        let found = execute::matching(&run, target, query, held);
        found.map_err(|cause| execute::on_shard(&target.snapshot().name, cause))
    }

    fn open_scrolls<T>(
        &self,
        work: impl FnOnce(&mut Cursors<scroll::ScrollContext>) -> Result<T, Exception>,
    ) -> Result<T, Exception> {
        match self.scrolls.lock() {
            Ok(mut open) => work(&mut open),
            Err(_) => Err(Exception::new(
                crate::exception::ExceptionKind::IllegalState,
                "the open scrolls were left in an unknown state by a fault",
            )),
        }
    }
}

/// What `query` is on `snapshot`, in Lucene's words, as `_validate/query` asks.
///
/// # Errors
/// What a search with it would be refused with.
pub fn validate(
    snapshot: &Snapshot,
    query: &dsl::Query,
    flavor: Flavor,
    now: Timestamp,
    work: &Work,
) -> Result<String, Exception> {
    let statistics = Statistics::new(flavor);
    let lowered = Lowering::new(snapshot, &statistics, now, work).lower(query)?;
    Ok(dsl::explain::text(lowered.as_ref(), flavor))
}
