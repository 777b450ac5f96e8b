//! The cursors of a cluster, under names of ours (decisions 0159, 0187).

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};

use engine::exception::Exception;
use engine::limits::KEEP_ALIVE_MILLISECONDS_MAX;
use engine::rest::{Api, Flavor, Parsed};
use engine::search::cursors::Cursors;
use engine::{CursorOwner, CursorQuestion};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::names::{NamedCursor, NamedSort};
use super::rewrite::{AnswerPlan, CursorSort};
use super::{Cluster, lock};

/// A cursor as it is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptCursor {
    /// The cluster's name of it.
    known: String,
    /// The client's newest.
    name: String,
    /// How many pages of it were given.
    page: u64,
    /// What the cluster was told of who opened it, where it is told so: it is closed in the same name.
    opener: Option<String>,
}

/// A cursor that ended here, and that the cluster still has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LeftCursor {
    pub(super) sort: NamedSort,
    pub(super) known: String,
    pub(super) opener: Option<String>,
}

impl Cluster {
    /// The cursors of `owner` that a request may name, with the cluster's names of them.
    ///
    /// # Errors
    /// 429 for one that another gateway opened, where there is no place for it here. What closes cursors needs none.
    pub(super) fn kept(
        &self,
        parsed: &Parsed,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Result<BTreeMap<String, String>, Exception> {
        let kept = match parsed.route.api {
            Api::Scroll | Api::ClearScroll => &self.scrolls,
            Api::Search | Api::SearchTemplate if !parsed.continues_cursor() => {
                return Ok(BTreeMap::new());
            }
            Api::Search
            | Api::SearchTemplate
            | Api::DeletePit
            | Api::DeleteAllPits
            | Api::ClosePointInTime => &self.pits,
            _ => return Ok(BTreeMap::new()),
        };
        let closes = !parsed.continues_cursor();
        let (mut asked, mut closed) = (Vec::new(), Vec::new());
        for id in named(parsed) {
            match self.names.open(&id).filter(|_| closes) {
                Some(said) if self.lives(&said, owner, now) => closed.push((id, said)),
                _ => asked.push((self.handle(&id, owner, now)?, id)),
            }
        }
        let tell = |handle: &str, kept: &KeptCursor| (handle.to_owned(), kept.clone());
        let all: BTreeMap<String, KeptCursor> =
            lock(kept).of(owner, now, tell).into_iter().collect();
        // Under each name that the request has for them, and under their newest.
        let asked = asked.iter().filter_map(|(handle, id)| Some((id, all.get(handle)?)));
        let asked: Vec<(String, String)> =
            asked.map(|(id, kept)| (id.clone(), kept.known.clone())).collect();
        let newest = |(id, said): (String, NamedCursor)| {
            let kept = all.get(&said.handle).filter(|kept| kept.page > said.page);
            (id, kept.map_or(said.known, |kept| kept.known.clone()))
        };
        let closed: Vec<(String, String)> = closed.into_iter().map(newest).collect();
        let opened = all.into_values().filter(|kept| !kept.known.is_empty());
        Ok(opened.map(|kept| (kept.name, kept.known)).chain(asked).chain(closed).collect())
    }

    pub(super) fn cursors(&self, sort: CursorSort) -> MutexGuard<'_, Cursors<KeptCursor>> {
        match sort {
            CursorSort::Scroll => lock(&self.scrolls),
            CursorSort::Pit | CursorSort::ElasticsearchPit => lock(&self.pits),
        }
    }

    /// Under which the cursor is kept that a client calls `id`. One that another gateway opened for `owner` is kept from now on.
    ///
    /// # Errors
    /// 429 where there is no place for it.
    fn handle(&self, id: &str, owner: &CursorOwner, now: Timestamp) -> Result<String, Exception> {
        let Some(said) = self.names.open(id) else { return Ok(id.to_owned()) };
        if self.lives(&said, owner, now)
            && let Some(questions) = said.questions()
        {
            let NamedCursor { handle, known, page, expires, opener, .. } = &said;
            let (known, opener) = (known.clone(), opener.clone());
            let kept = KeptCursor { known, name: id.to_owned(), page: *page, opener };
            let metadata = self.latest_metadata();
            let mut cursors = match said.sort {
                NamedSort::Scroll => lock(&self.scrolls),
                NamedSort::Pit => lock(&self.pits),
            };
            cursors.expire(now);
            let until = (&**handle, *expires);
            cursors.adopt(until, owner, questions, kept, metadata.registries())?;
            cursors.change(handle, |kept| kept.turn(&said.known, id, *page));
        }
        Ok(said.handle)
    }

    /// Whether a name is `owner`'s, and good still.
    fn lives(&self, said: &NamedCursor, owner: &CursorOwner, now: Timestamp) -> bool {
        let is_good = said.owner == *owner.id
            && said.expires > now.as_millisecond()
            && !lock(&self.ended).has(&owner.id, &said.handle);
        let forgotten = is_good && lock(&self.ended).may_have_had(&owner.id, said.expires);
        is_good && (!forgotten || self.keeps(&said.handle))
    }

    /// Whether a cursor is kept at this gateway: it has not ended.
    fn keeps(&self, handle: &str) -> bool {
        let is_kept = |kept: &Cursors<KeptCursor>| kept.expires_milliseconds(handle).is_some();
        is_kept(&lock(&self.scrolls)) || is_kept(&lock(&self.pits))
    }

    /// Under which the cursor is kept, if it is, that a client calls `id`.
    fn handle_of(&self, id: &str) -> String {
        self.names.open(id).map_or_else(|| id.to_owned(), |said| said.handle)
    }

    /// The client's name of the cursor `handle`, which the cluster calls `known` from now on.
    pub(super) fn first_name(
        &self,
        sort: CursorSort,
        handle: &str,
        owner: &CursorOwner,
        known: &str,
        now: Timestamp,
    ) -> String {
        let mut cursors = self.cursors(sort);
        let (mut page, mut opener) = (0, None);
        cursors.change(handle, |kept| {
            (page, opener) = (kept.page + 1, kept.opener.clone());
        });
        let questions = cursors.questions(handle, owner, now).unwrap_or_default();
        let expires = cursors.expires_milliseconds(handle).unwrap_or_default();
        let mut cursor = NamedCursor::new(handle, &owner.id, sort, known).allowed_by(&questions);
        (cursor.page, cursor.expires, cursor.opener) = (page, expires, opener);
        let name = self.names.name(&cursor).unwrap_or_else(|| handle.to_owned());
        cursors.change(handle, |kept| kept.turn(known, &name, page));
        name
    }

    /// As [`Cluster::first_name`] for a page of the cursor that the client calls `id`; with `milliseconds` it lives on from now.
    pub(super) fn next_name(
        &self,
        (sort, id): (CursorSort, &str),
        owner: &CursorOwner,
        milliseconds: Option<u64>,
        known: &str,
        now: Timestamp,
    ) -> String {
        let handle = self.handle_of(id);
        let _ = self.cursors(sort).get(&handle, owner, milliseconds, now);
        self.first_name(sort, &handle, owner, known, now)
    }

    /// Closes these, as the client calls them: none of their names is good any more.
    pub(super) fn close(
        &self,
        sort: CursorSort,
        ids: &[&str],
        owner: &CursorOwner,
        now: Timestamp,
    ) {
        for id in ids {
            let said = self.names.open(id);
            let handle = said.as_ref().map_or(*id, |said| &*said.handle);
            let mut cursors = self.cursors(sort);
            let kept = cursors.questions(handle, owner, now);
            let until = kept.and_then(|_| cursors.expires_milliseconds(handle));
            cursors.close(Some(&[handle]), owner, now);
            drop(cursors);
            let said = said.as_ref().filter(|said| said.owner == *owner.id);
            if let Some(until) = until.max(said.map(|said| said.expires)) {
                lock(&self.ended).note(&owner.id, handle, until);
            }
        }
    }

    /// Forgets the cursor that the client calls `id`, which the cluster does not know any more.
    pub(super) fn lost(&self, id: &str, owner: &CursorOwner, now: Timestamp) {
        self.end(&self.handle_of(id), owner, now);
    }

    /// What the opening of `owner`'s cursor `id` was allowed by; none where there is no such cursor.
    pub(crate) fn cursor(
        &self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Option<Arc<[CursorQuestion]>> {
        // One for which there is no place is refused where the request is planned.
        let handle = self.handle(id, owner, now).ok()?;
        let scroll = lock(&self.scrolls).questions(&handle, owner, now);
        scroll.or_else(|| lock(&self.pits).questions(&handle, owner, now))
    }

    /// Closes `owner`'s cursor `id` here: nobody can name it any more. What is left of it at the cluster.
    pub(crate) fn close_cursor(
        &self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Vec<LeftCursor> {
        let handle = self.handle_of(id);
        let left = self.left(&handle, owner, now);
        self.end(&handle, owner, now);
        left
    }

    /// What the cluster has of the cursor that is kept under `handle`.
    fn left(&self, handle: &str, owner: &CursorOwner, now: Timestamp) -> Vec<LeftCursor> {
        let tables = [(NamedSort::Scroll, &self.scrolls), (NamedSort::Pit, &self.pits)];
        let left = tables.into_iter().filter_map(|(sort, kept)| {
            let mut cursors = lock(kept);
            let KeptCursor { known, opener, .. } = cursors.get(handle, owner, None, now)?;
            // One whose opening was not answered yet has no name.
            let is_known = !known.is_empty();
            let (known, opener) = (known.clone(), opener.clone());
            is_known.then_some(LeftCursor { sort, known, opener })
        });
        left.collect()
    }

    fn end(&self, handle: &str, owner: &CursorOwner, now: Timestamp) {
        lock(&self.scrolls).close(Some(&[handle]), owner, now);
        lock(&self.pits).close(Some(&[handle]), owner, now);
        let lives_max = i64::try_from(KEEP_ALIVE_MILLISECONDS_MAX).unwrap_or(i64::MAX);
        let until = now.as_millisecond().saturating_add(lives_max);
        lock(&self.ended).note(&owner.id, handle, until);
    }

    /// Closes the cursors of `owner` whose opening is `denied` now. What is left of them at the cluster.
    pub(crate) fn close_denied_cursors(
        &self,
        owner: &CursorOwner,
        mut denied: impl FnMut(&CursorQuestion) -> bool,
        now: Timestamp,
    ) -> Vec<LeftCursor> {
        let mut left = Vec::new();
        for kept in [&self.scrolls, &self.pits] {
            let handles = lock(kept).of(owner, now, |handle, _| handle.to_owned());
            for handle in handles {
                let questions = lock(kept).questions(&handle, owner, now);
                if questions.is_some_and(|asked| asked.first().is_some_and(&mut denied)) {
                    left.extend(self.left(&handle, owner, now));
                    self.end(&handle, owner, now);
                }
            }
        }
        left
    }

    /// Closes at the cluster what ended here, each cursor in the name of who opened it. What cannot be closed ends there by its time.
    pub(crate) async fn close_left(&self, left: Vec<LeftCursor>, now: Timestamp) {
        for LeftCursor { sort, known, opener } in left {
            let (path, body) = match (sort, self.flavor()) {
                (NamedSort::Scroll, _) => ("/_search/scroll", json!({ "scroll_id": [known] })),
                (NamedSort::Pit, Flavor::OpenSearch219) => {
                    ("/_search/point_in_time", json!({ "pit_id": [known] }))
                }
                (NamedSort::Pit, Flavor::Elasticsearch710) => ("/_pit", json!({ "id": known })),
            };
            if let Err(why) = self.delete_as(opener.as_deref(), path, &body, now).await {
                tracing::info!(pool = self.name, why, "a cursor ends at the cluster by its time");
            }
        }
    }

    /// Forgets the cursors whose time is over; how many are left.
    pub(crate) fn expire_cursors(&self, now: Timestamp) -> usize {
        lock(&self.ended).expire(now.as_millisecond());
        let (mut scrolls, mut pits) = (lock(&self.scrolls), lock(&self.pits));
        scrolls.expire(now);
        pits.expire(now);
        scrolls.count() + pits.count()
    }

    /// A place for the cursor that the answer will open: who has too many is told before the cluster opens another.
    pub(super) fn reserve(
        &self,
        answer: &AnswerPlan,
        opener: Option<&str>,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Result<Option<String>, Exception> {
        let AnswerPlan::Opens { sort, milliseconds, questions } = answer else { return Ok(None) };
        let metadata = self.latest_metadata();
        let (questions, registries) = (Arc::clone(questions), metadata.registries());
        let mut cursors = self.cursors(*sort);
        let opener = opener.map(str::to_owned);
        let kept = KeptCursor { opener, ..KeptCursor::default() };
        cursors.open(owner, questions, kept, *milliseconds, now, registries).map(Some)
    }
}

impl KeptCursor {
    /// Takes what is known of it after so many pages, if that is more than is known.
    fn turn(&mut self, known: &str, name: &str, page: u64) {
        if page >= self.page {
            (self.known, self.name, self.page) = (known.to_owned(), name.to_owned(), page);
        }
    }
}

/// The cursors that a request names.
fn named(parsed: &Parsed) -> Vec<String> {
    let body = parsed.body.value();
    let listed = ["pit_id", "id"].into_iter().filter_map(|key| body.get(key));
    let texts = listed.flat_map(|value| match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    });
    let texts = texts.filter_map(Value::as_str).map(str::to_owned);
    texts.chain(parsed.cursor_ids().unwrap_or_default()).collect()
}
