//! Spanish. Source: Savoy, light stemming.

use super::{back, cut, ends, fold, put, strip, unmarked};

/// Without gender and number.
pub(in crate::analysis) fn spanish_light(letters: &mut Vec<char>) {
    if letters.len() < 5 {
        return;
    }
    fold(letters, unmarked);
    if strip(letters, 0, &["o", "a", "e"]) {
        return;
    }
    if ends(letters, "eses") {
        return cut(letters, 2);
    }
    if ends(letters, "ces") {
        put(letters, 3, 'z');
        return cut(letters, 2);
    }
    if ends(letters, "s") && matches!(back(letters, 2), Some('o' | 'a' | 'e')) {
        cut(letters, 2);
    }
}
