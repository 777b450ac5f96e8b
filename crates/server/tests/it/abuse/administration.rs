//! Abuse cases, group E, administration, secrets and the audit.

use super::Case;

/// The group's rows, by number.
pub(super) const CASES: &[Case] = &[];
