//! Which domain a listener, a record or a task is of.

/// Which domain: a name alone is not enough, a domain made again under its old name is another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainKey {
    /// The owner.
    pub account: String,
    /// Where it is.
    pub region: String,
    /// Its name.
    pub name: String,
    /// New for each creation.
    pub unique: String,
}
