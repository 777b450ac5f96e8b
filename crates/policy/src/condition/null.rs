//! `Null`: whether the key is absent (`true`) or present (`false`).

use super::Quantifier;

/// Recorded at Amazon: always true under `ForAllValues`, never under `ForAnyValue`.
pub(crate) fn holds(wanted: &[bool], quantifier: Option<Quantifier>, absent: bool) -> bool {
    match quantifier {
        Some(Quantifier::ForAllValues) => true,
        Some(Quantifier::ForAnyValue) => false,
        None => wanted.is_empty() || wanted.contains(&absent),
    }
}
