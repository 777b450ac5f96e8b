//! Abuse cases, group H, durability and faults.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[];
