//! How much work a question may take.

use std::cell::Cell;

/// A bound on the combinations of statements that all searches of a question may visit together. Where it is reached, the answer is
/// not known.
///
/// ```
/// use policy::compare::{Effort, Granting, new_access};
/// use policy::{Policy, PolicyKind};
///
/// let text = r#"{"Version": "2012-10-17",
///     "Statement": {"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": "*"}}"#;
/// let policy = Policy::parse(text, PolicyKind::Identity)?;
/// let nothing = Policy::parse(r#"{"Version": "2012-10-17", "Statement": []}"#, PolicyKind::Identity)?;
/// let Granting { doubt, .. } = new_access(&nothing, &policy, &Effort::of(0));
/// assert!(doubt.is_some());
/// # Ok::<(), policy::ParseError>(())
/// ```
#[derive(Debug)]
pub struct Effort {
    pub(super) cells_max: usize,
    spent: Cell<usize>,
}

impl Effort {
    /// At most `cells_max` combinations.
    pub fn of(cells_max: usize) -> Effort {
        Effort { cells_max, spent: Cell::new(0) }
    }

    pub(super) fn unbounded() -> Effort {
        Effort::of(usize::MAX)
    }

    /// Counts one combination; whether there was one left.
    pub(super) fn spend(&self) -> bool {
        self.spent.set(self.spent.get().saturating_add(1));
        self.spent.get() <= self.cells_max
    }
}
