//! Abuse cases, group G, exhaustion of resources.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[];
