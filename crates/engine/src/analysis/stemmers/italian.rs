//! Italian. Source: Savoy, light stemming.

use super::{back, cut, fold, unmarked};

/// Without the vowels of gender and number.
pub(in crate::analysis) fn italian_light(letters: &mut Vec<char>) {
    if letters.len() < 6 {
        return;
    }
    fold(letters, unmarked);
    let before = back(letters, 2);
    match back(letters, 1) {
        Some('e' | 'i') => cut(letters, if matches!(before, Some('i' | 'h')) { 2 } else { 1 }),
        Some('a' | 'o') => cut(letters, if before == Some('i') { 2 } else { 1 }),
        _ => {}
    }
}
