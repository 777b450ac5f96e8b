//! Several domains on one cluster (decision 0188): the names of each have a prefix there. It is put before every name that a request
//! has, and taken away from every name that an answer has; of the cluster's metadata a domain sees its own part.
//!
//! Everything here is pure. What cannot be said exactly is refused by name.

mod answer;
mod request;
mod state;

use super::rewrite::NOTHING;

/// What no name begins with. A cluster would refuse it, but there the prefix is before it.
const FORBIDDEN_FIRST: [char; 3] = ['_', '-', '+'];

pub(super) use self::request::{AnswerNames, check_filter};

/// The names of one domain at a cluster that it shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SharedNames {
    prefix: String,
}

impl SharedNames {
    /// Those with this prefix.
    pub(crate) fn with(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// What is asked for where all of the domain's names are meant.
    pub(crate) fn all(&self) -> String {
        format!("{}*", self.prefix)
    }

    /// The domain's own name of what the cluster calls `name`; none where it is another's, or no name that a domain could give.
    pub(super) fn own<'n>(&self, name: &'n str) -> Option<&'n str> {
        self.bare(name).filter(|own| !own.starts_with(FORBIDDEN_FIRST))
    }

    /// `name` without the prefix; none where it has none.
    pub(super) fn bare<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(&self.prefix).filter(|own| !own.is_empty())
    }

    /// What the cluster calls `name`.
    pub(super) fn there(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// What the cluster calls the names of a list.
    fn list(&self, list: &str) -> String {
        if list == NOTHING {
            return list.to_owned();
        }
        let there = |name: &str| match name.strip_prefix('-') {
            // What is taken away from the list.
            Some(name) => format!("-{}", self.there(name)),
            None => self.there(name),
        };
        list.split(',').map(there).collect::<Vec<String>>().join(",")
    }
}
