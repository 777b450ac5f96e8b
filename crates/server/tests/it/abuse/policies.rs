//! Abuse cases, group C, identities, sessions and policies.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[];
