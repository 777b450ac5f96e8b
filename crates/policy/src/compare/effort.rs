//! How much work a question may take.

use std::cell::Cell;

/// A bound on the combinations of statements that all searches of a question may visit together, and on the steps they take for it.
/// Where it is reached, the answer is not known.
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
    cells: Cell<usize>,
    steps_max: usize,
    steps: Cell<usize>,
}

/// Steps for each combination, on average: one is a position of a pattern, or a value, that is looked at.
const STEPS_PER_CELL: usize = 400;

/// Steps for a pair of statements that are compared, or for a statement and a caller.
pub(super) const PAIR_STEPS: usize = 16;

impl Effort {
    /// At most `cells_max` combinations.
    pub fn of(cells_max: usize) -> Effort {
        let steps_max = cells_max.saturating_mul(STEPS_PER_CELL);
        Effort { cells_max, cells: Cell::new(0), steps_max, steps: Cell::new(0) }
    }

    pub(super) fn unbounded() -> Effort {
        Effort::of(usize::MAX)
    }

    /// Whether callers may be made of so many names; they are compared with each other.
    pub(super) fn allows_names(&self, count: usize) -> bool {
        self.cells_max == usize::MAX || count <= NAMES_MAX
    }

    /// Counts one combination; whether there was one left.
    pub(super) fn spend(&self) -> bool {
        self.cells.set(self.cells.get().saturating_add(1));
        self.cells.get() <= self.cells_max
    }

    /// Counts steps; whether there were as many left.
    pub(super) fn step(&self, count: usize) -> bool {
        self.steps.set(self.steps.get().saturating_add(count));
        !self.is_spent()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.steps.get() > self.steps_max
    }
}

/// Principals and accounts of a question whose work is bounded.
pub(super) const NAMES_MAX: usize = 1_000;

pub(super) const TOO_MANY_STEPS: &str = "it takes too many steps";
