//! English. Source: Harman, "How effective is suffixing?" (the S-stemmer).

use super::{back, cut, put};

/// Without the `s` of the plural.
pub(in crate::analysis) fn english_minimal(letters: &mut Vec<char>) {
    if letters.len() < 3 || back(letters, 1) != Some('s') {
        return;
    }
    match back(letters, 2) {
        Some('u' | 's') => {}
        Some('e') => {
            let (third, fourth) = (back(letters, 3), back(letters, 4));
            if letters.len() > 3 && third == Some('i') && !matches!(fourth, Some('a' | 'e')) {
                put(letters, 3, 'y');
                cut(letters, 2);
            } else if !matches!(third, Some('i' | 'a' | 'o' | 'e')) {
                cut(letters, 1);
            }
        }
        _ => cut(letters, 1),
    }
}
