//! The cursors of a cluster, under names of ours (decision 0159).

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};

use engine::exception::Exception;
use engine::rest::Api;
use engine::search::cursors::Cursors;
use engine::{CursorOwner, CursorQuestion};
use jiff::Timestamp;

use super::rewrite::{AnswerPlan, CursorSort};
use super::{Cluster, lock};

impl Cluster {
    /// The cursors of `owner` that a request with this API may name.
    pub(super) fn kept(
        &self,
        api: Api,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> BTreeMap<String, String> {
        let kept = match api {
            Api::Scroll | Api::ClearScroll => &self.scrolls,
            Api::Search
            | Api::SearchTemplate
            | Api::DeletePit
            | Api::DeleteAllPits
            | Api::ClosePointInTime => &self.pits,
            _ => return BTreeMap::new(),
        };
        let tell = |id: &str, known: &String| (id.to_owned(), known.clone());
        lock(kept).of(owner, now, tell).into_iter().collect()
    }

    pub(super) fn cursors(&self, sort: CursorSort) -> MutexGuard<'_, Cursors<String>> {
        match sort {
            CursorSort::Scroll => lock(&self.scrolls),
            CursorSort::Pit | CursorSort::ElasticsearchPit => lock(&self.pits),
        }
    }

    /// What the opening of `owner`'s cursor `id` was allowed by; none where there is no such cursor.
    pub(crate) fn cursor(
        &self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Option<Arc<[CursorQuestion]>> {
        let scroll = lock(&self.scrolls).questions(id, owner, now);
        scroll.or_else(|| lock(&self.pits).questions(id, owner, now))
    }

    /// Closes `owner`'s cursor `id` here: nobody can name it any more. The cluster lets it go when its time is over.
    pub(crate) fn close_cursor(&self, id: &str, owner: &CursorOwner, now: Timestamp) {
        lock(&self.scrolls).close(Some(&[id]), owner, now);
        lock(&self.pits).close(Some(&[id]), owner, now);
    }

    /// Closes the cursors of `owner` whose opening is `denied` now.
    pub(crate) fn close_denied_cursors(
        &self,
        owner: &CursorOwner,
        mut denied: impl FnMut(&CursorQuestion) -> bool,
    ) {
        lock(&self.scrolls).close_denied(owner, &mut denied);
        lock(&self.pits).close_denied(owner, &mut denied);
    }

    /// Forgets the cursors whose time is over; how many are left.
    pub(crate) fn expire_cursors(&self, now: Timestamp) -> usize {
        let (mut scrolls, mut pits) = (lock(&self.scrolls), lock(&self.pits));
        scrolls.expire(now);
        pits.expire(now);
        scrolls.count() + pits.count()
    }

    /// A place for the cursor that the answer will open: who has too many is told before the cluster opens another.
    pub(super) fn reserve(
        &self,
        answer: &AnswerPlan,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Result<Option<String>, Exception> {
        let AnswerPlan::Opens { sort, milliseconds, questions } = answer else { return Ok(None) };
        let metadata = self.latest_metadata();
        let (questions, registries) = (Arc::clone(questions), metadata.registries());
        let mut cursors = self.cursors(*sort);
        cursors.open(owner, questions, String::new(), *milliseconds, now, registries).map(Some)
    }
}
