//! What one caller may touch: all that the engine knows of authorization.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::mapping::Mapping;
use crate::restriction::{Restriction, Restrictions, Shown};

/// What one request may touch, as whoever authorizes it has decided.
///
/// An index is touched by its uuid on the metadata snapshot the decisions were made on; a name that had no index then
/// (a write that creates it) is listed in `names`. What is in neither does not exist for this request.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Every index may be touched: domains in mode `aws`, where the URL alone decides.
    pub everything: bool,
    /// The uuids of the indices that may be touched.
    pub indices: BTreeSet<Arc<str>>,
    /// The uuids of the indices whose documents a query may look up (terms lookup and its like); no more than that.
    pub lookups: BTreeSet<Arc<str>>,
    /// Names without an index at the time of the decision that may be created or written.
    pub names: BTreeSet<String>,
    /// Items of `_bulk`, `_mget` and `_msearch` that were denied: position from 0, and the public reason.
    pub denied_items: BTreeMap<usize, Arc<str>>,
    /// The uuids of what one item (position from 0) may not touch though another may: its patterns pass it over.
    pub left_out: BTreeMap<usize, BTreeSet<Arc<str>>>,
    /// Who opens cursors and continues them. A cursor of another is not found.
    pub owner: CursorOwner,
    /// What was asked for this request, where it opens a cursor: kept with the cursor, for [`Engine::cursor`].
    ///
    /// [`Engine::cursor`]: crate::Engine::cursor
    pub opening: Arc<[CursorQuestion]>,
    /// The cursors whose opening was asked for again and allowed. Without `everything` no other is continued.
    pub cursors: BTreeSet<String>,
    /// What of the documents of an index is shown, where that is not everything.
    pub restrictions: Restrictions,
}

/// What one request may touch: [`Grants`] that nobody changes any more. The engine reads them and never widens them.
#[derive(Clone, Debug, Default)]
pub struct View(Grants);

/// Whose cursors they are, in the server's words: the engine compares them and counts, and reads nothing out of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CursorOwner {
    /// The one caller who may continue a cursor: a principal's unique id, and its session where it has one.
    pub id: Arc<str>,
    /// Under which names its cursors are counted together: a principal in all of its sessions, a foreign account.
    pub shares: Vec<CursorShare>,
    /// Whether it may close the cursors of others.
    pub closes_all: bool,
}

impl<T: Into<Arc<str>>> From<T> for CursorOwner {
    /// A caller that is counted by itself alone.
    fn from(id: T) -> CursorOwner {
        let id = id.into();
        CursorOwner { shares: vec![Arc::clone(&id).into()], id, closes_all: false }
    }
}

/// A name that cursors are counted under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorShare {
    /// The name, in the server's words.
    pub name: Arc<str>,
    /// How many cursors of one kind there may be under it.
    pub bound: Option<CursorBound>,
    /// Whether there may be no more under it than are free for others.
    pub gives_way: bool,
}

/// How many cursors there may be under a name, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorBound {
    /// How many of each kind.
    pub most: usize,
    /// The setting of the service.
    pub setting: &'static str,
}

impl<T: Into<Arc<str>>> From<T> for CursorShare {
    /// A share that leaves as much to others as it has.
    fn from(name: T) -> CursorShare {
        CursorShare { name: name.into(), bound: None, gives_way: true }
    }
}

/// One question that was answered with yes when a cursor was opened. The server asks it again before each page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorQuestion {
    /// The action, in the server's words: kept and given back, never read here.
    pub action: &'static str,
    /// The decoded path behind the domain's name.
    pub path: String,
    /// Of which documents and fields the answer was yes, in the server's words, where not of all.
    pub documents: Option<Arc<str>>,
}

impl Grants {
    /// Everything may be touched; cursors belong to `owner`.
    pub fn everything(owner: impl Into<CursorOwner>) -> Grants {
        Grants { everything: true, owner: owner.into(), ..Grants::default() }
    }

    /// What shows of the documents of the index with this uuid and mapping. Honoured at the two places that read documents,
    /// `search::Target` and `document::read`, and where fields are told of: `Task::mappings_json`, `_field_caps`, `_stats`,
    /// `_cluster/stats`. Writes are asked of the rules themselves: `document::permitted`.
    pub(crate) fn shown(&self, uuid: &str, mapping: &Mapping) -> Shown {
        self.restriction(uuid).map(|restriction| restriction.shown(mapping)).unwrap_or_default()
    }

    /// What the index with this uuid is restricted to; `None`: all of every document shows.
    pub(crate) fn restriction(&self, uuid: &str) -> Option<&Restriction> {
        self.restrictions.get(uuid)
    }

    /// Whether less than all of every document of the index with this uuid shows.
    pub(crate) fn restricts(&self, uuid: &str) -> bool {
        self.restriction(uuid).is_some()
    }

    /// Whether the cursor `id` may be continued, if it is the owner's.
    pub fn continues(&self, id: &str) -> bool {
        self.everything || self.cursors.contains(id)
    }

    /// Whether item number `position` may touch the index with this uuid.
    pub fn item_sees(&self, position: usize, uuid: &str) -> bool {
        self.sees(uuid) && !self.left_out.get(&position).is_some_and(|out| out.contains(uuid))
    }

    /// Whether the index with this uuid may be touched.
    pub fn sees(&self, uuid: &str) -> bool {
        self.everything || self.indices.contains(uuid)
    }

    /// Whether a query may look up documents of the index with this uuid.
    pub fn looks_up(&self, uuid: &str) -> bool {
        self.everything || self.lookups.contains(uuid)
    }

    /// Whether a name without an index may be created.
    pub fn may_create(&self, name: &str) -> bool {
        self.everything || self.names.contains(name)
    }

    /// The reason why item number `position` was denied, if it was.
    pub fn denial(&self, position: usize) -> Option<&str> {
        self.denied_items.get(&position).map(AsRef::as_ref)
    }
}

impl View {
    /// The view of a request that was granted this.
    pub fn of(grants: Grants) -> View {
        View(grants)
    }

    /// The view of a caller who may touch everything, for tests of the engine alone; cursors belong to `owner`.
    pub fn everything(owner: impl Into<CursorOwner>) -> View {
        View::of(Grants::everything(owner))
    }
}

impl std::ops::Deref for View {
    type Target = Grants;

    fn deref(&self) -> &Grants {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_view_sees_nothing() {
        let view = View::default();
        assert!(!view.sees("u") && !view.may_create("n"));
    }

    #[test]
    fn a_view_sees_exactly_its_indices() {
        let view = View::of(Grants { indices: ["a".into()].into(), ..Grants::default() });
        assert!(view.sees("a") && !view.sees("b"));
    }
}
