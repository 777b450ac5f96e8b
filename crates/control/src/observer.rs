//! What the control plane cannot know of a domain by itself: how it is. Whoever serves it is asked.

use crate::store::record::Domain;

/// How a domain is, as its backend tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObservedHealth {
    /// `green`, `yellow` or `red`.
    pub status: &'static str,
    /// Shards that are there.
    pub shards: u64,
    /// Shards that are wanted and are not there.
    pub unassigned: u64,
}

/// What the backend of a domain says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObservedDomain {
    /// It serves.
    Serves(ObservedHealth),
    /// It cannot serve, and why: a cluster that is not reached.
    CannotServe(String),
}

/// Asks the backend of a domain how it is; `None`: there is none that answers.
pub type DomainObserver = dyn Fn(&Domain) -> Option<ObservedDomain>;
