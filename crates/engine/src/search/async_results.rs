//! What asynchronous searches found, kept for who asked: a search has run to its end when it is answered, and its answer is
//! told again until its time is over.

use std::sync::{Arc, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;

use super::Searches;
use super::cursors::Cursors;
use crate::exception::Exception;
use crate::index::Count;
use crate::view::{CursorOwner, CursorQuestion, View};
use crate::work::Work;

/// One answer that is kept.
#[derive(Clone, Debug)]
pub(crate) struct AsyncResult {
    /// The answer of the search as JSON; its memory is counted until it is gone.
    pub(crate) answer: Bytes,
    /// The uuids of the indices that were searched.
    pub(crate) indices: Vec<Arc<str>>,
    /// When the search was asked for.
    pub(crate) started_milliseconds: i64,
    /// When it is forgotten.
    pub(crate) expires_milliseconds: i64,
}

/// How many asynchronous searches of OpenSearch's there were since the start.
#[derive(Default)]
pub(crate) struct AsynchronousCounts {
    /// Asked for.
    pub(crate) submitted: Count,
    /// That found something or nothing.
    pub(crate) completed: Count,
    /// That were refused or failed.
    pub(crate) failed: Count,
    /// Whose answers were kept.
    pub(crate) kept: Count,
}

impl Searches {
    /// How many asynchronous searches there were.
    pub(crate) fn asynchronous(&self) -> &AsynchronousCounts {
        &self.asynchronous
    }

    /// Keeps an answer for the owner of `view`; the id under which it is told again.
    ///
    /// # Errors
    /// 429 where the owner keeps too many.
    pub(crate) fn keep_result(
        &self,
        result: AsyncResult,
        view: &View,
        now: Timestamp,
        work: &Work,
    ) -> Result<String, Exception> {
        let questions = Arc::clone(&view.opening);
        let left = result.expires_milliseconds.saturating_sub(now.as_millisecond());
        let left = u64::try_from(left).unwrap_or(0);
        self.results().open(&view.owner, questions, result, left, now, work.metadata.registries())
    }

    /// The answer that is kept as `id`, if it is there, the owner's, and `view` lets it be told; with
    /// `keep_alive_milliseconds` it lives on from now.
    pub(crate) fn result(
        &self,
        id: &str,
        keep_alive_milliseconds: Option<u64>,
        view: &View,
        now: Timestamp,
    ) -> Option<AsyncResult> {
        if !view.continues(id) {
            return None;
        }
        let mut kept = self.results();
        let mut found = kept.get(id, &view.owner, keep_alive_milliseconds, now)?.clone();
        if let Some(milliseconds) = keep_alive_milliseconds {
            let milliseconds = i64::try_from(milliseconds).unwrap_or(i64::MAX);
            found.expires_milliseconds = now.as_millisecond().saturating_add(milliseconds);
            let expires = found.expires_milliseconds;
            kept.change(id, |kept| kept.expires_milliseconds = expires);
        }
        Some(found)
    }

    /// Forgets the answer that is kept as `id`, if it is `owner`'s; whether it was there.
    pub(crate) fn forget_result(&self, id: &str, owner: &CursorOwner, now: Timestamp) -> bool {
        self.results().close(Some(&[id]), owner, now) > 0
    }

    /// See [`Searches::questions`].
    pub(super) fn result_questions(
        &self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Option<Arc<[CursorQuestion]>> {
        self.results().questions(id, owner, now)
    }

    /// See [`Searches::close_denied`].
    pub(super) fn forget_denied_results(
        &self,
        owner: &CursorOwner,
        denied: &mut dyn FnMut(&CursorQuestion) -> bool,
    ) -> usize {
        self.results().close_denied(owner, denied)
    }

    /// See [`Searches::close_gone`].
    pub(super) fn forget_gone_results(
        &self,
        only: Option<&str>,
        is_gone: &dyn Fn(&str) -> bool,
    ) -> usize {
        let gone = |kept: &AsyncResult| kept.indices.iter().any(|uuid| is_gone(uuid));
        self.results().close_where(only, gone)
    }

    /// Forgets those whose time is over; how many are left.
    pub(super) fn expire_results(&self, now: Timestamp) -> usize {
        let mut kept = self.results();
        kept.expire(now);
        kept.count()
    }

    fn results(&self) -> MutexGuard<'_, Cursors<AsyncResult>> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
