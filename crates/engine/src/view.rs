//! What one caller may touch: all that the engine knows of authorization.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What one request may touch. Made by the server from its decisions; the engine never widens it.
///
/// An index is touched by its uuid on the metadata snapshot the decisions were made on; a name that had no index then
/// (a write that creates it) is listed in `names`. What is in neither does not exist for this request.
#[derive(Clone, Debug, Default)]
pub struct View {
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
    /// Who opens and continues scrolls: a stable text for the calling principal. A scroll of another is not found.
    pub principal: Arc<str>,
}

impl View {
    /// The view of a caller who may touch everything; scrolls belong to `principal`.
    pub fn everything(principal: impl Into<Arc<str>>) -> View {
        View { everything: true, principal: principal.into(), ..View::default() }
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
        let view = View { indices: ["a".into()].into(), ..View::default() };
        assert!(view.sees("a") && !view.sees("b"));
    }
}
