//! Points in time: the state of some indices at one moment, searched as often as its owner likes.

use std::sync::{Arc, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::cursors::Cursors;
use super::{PitAsked, Searches, Target};
use crate::exception::Exception;
use crate::view::{CursorOwner, CursorQuestion, View};
use crate::work::{HeldMemory, Work};

/// One open point in time.
pub(super) struct PointInTime {
    targets: Vec<Target>,
    created_milliseconds: i64,
    keep_alive_milliseconds: u64,
    /// Its memory, counted until it is gone.
    _held: HeldMemory,
}

/// Bytes of a point in time beside its indices, about.
const OVERHEAD: usize = 1024;

impl Searches {
    /// Opens a point in time of `targets` for the owner of `view`; its id.
    ///
    /// # Errors
    /// 429 for too many; `circuit_breaking_exception`.
    pub(crate) fn open_pit(
        &self,
        targets: Vec<Target>,
        keep_alive_milliseconds: u64,
        view: &View,
        now: Timestamp,
        work: &Work,
    ) -> Result<String, Exception> {
        let mut held = work.holds("<point in time>");
        held.grow((size_of_val(targets.as_slice()) + OVERHEAD) as u64)?;
        let created_milliseconds = now.as_millisecond();
        let pit =
            PointInTime { targets, created_milliseconds, keep_alive_milliseconds, _held: held };
        let questions = Arc::clone(&view.opening);
        let registries = work.metadata.registries();
        let owner = &view.owner;
        self.open_pits().open(owner, questions, pit, keep_alive_milliseconds, now, registries)
    }

    /// What a search of the point in time `asked` runs on.
    ///
    /// # Errors
    /// `search_context_missing_exception` when it is unknown, over, or another owner's, or when `view` does not let it be
    /// continued.
    pub(crate) fn pit_targets(
        &self,
        asked: &PitAsked,
        view: &View,
        now: Timestamp,
    ) -> Result<Vec<Target>, Exception> {
        let missing = || super::scroll::missing(&asked.id);
        if !view.continues(&asked.id) {
            return Err(missing());
        }
        let mut open = self.open_pits();
        let found = open.get(&asked.id, &view.owner, asked.keep_alive_milliseconds, now);
        found.map(|pit| pit.targets.clone()).ok_or_else(missing)
    }

    /// The points in time of `owner`: id, when it was made, how long it lives, in milliseconds.
    pub(crate) fn pits(&self, owner: &CursorOwner, now: Timestamp) -> Vec<(String, i64, u64)> {
        let mut open = self.open_pits();
        let told = |id: &str, pit: &PointInTime| {
            (id.to_owned(), pit.created_milliseconds, pit.keep_alive_milliseconds)
        };
        open.of(owner, now, told)
    }

    /// Closes the points in time of `owner` with these ids.
    pub(crate) fn close_pits(&self, ids: &[&str], owner: &CursorOwner, now: Timestamp) -> usize {
        self.open_pits().close(Some(ids), owner, now)
    }

    /// See [`Searches::questions`].
    pub(super) fn pit_questions(
        &self,
        id: &str,
        owner: &CursorOwner,
        now: Timestamp,
    ) -> Option<Arc<[CursorQuestion]>> {
        self.open_pits().questions(id, owner, now)
    }

    /// See [`Searches::close_denied`].
    pub(super) fn close_denied_pits(
        &self,
        owner: &CursorOwner,
        denied: &mut dyn FnMut(&CursorQuestion) -> bool,
    ) -> usize {
        self.open_pits().close_denied(owner, denied)
    }

    /// See [`Searches::close_gone`].
    pub(super) fn close_gone_pits(
        &self,
        only: Option<&str>,
        is_gone: &dyn Fn(&str) -> bool,
    ) -> usize {
        let gone =
            |pit: &PointInTime| pit.targets.iter().any(|target| is_gone(&target.snapshot().uuid));
        self.open_pits().close_where(only, gone)
    }

    /// Closes those whose time is over; how many are left.
    pub(super) fn expire_pits(&self, now: Timestamp) -> usize {
        let mut open = self.open_pits();
        open.expire(now);
        open.count()
    }

    fn open_pits(&self) -> MutexGuard<'_, Cursors<PointInTime>> {
        self.pits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
