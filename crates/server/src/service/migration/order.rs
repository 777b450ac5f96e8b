//! What may be asked about a domain's move.

/// What may be asked about a domain's move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MoveOrder {
    /// How far it is.
    Tell,
    /// To move it to this pool.
    Begin(String),
    /// To end it, and to remove what it made at the cluster.
    Abort,
    /// To remove the indices that a moved domain left behind.
    Discard,
}
