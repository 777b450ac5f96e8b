//! Abuse cases, group D, authorization of searches, documents and fields.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[];
