//! Persian.

use super::map;

/// `persian_normalization`: the Arabic forms of yeh, kaf and heh; no hamza above.
pub(in crate::analysis) fn persian(letters: &mut Vec<char>) {
    map(letters, |letter| match letter {
        '\u{6CC}' | '\u{6D2}' => Some('\u{64A}'),
        '\u{6A9}' => Some('\u{643}'),
        '\u{6C0}' | '\u{6C1}' => Some('\u{647}'),
        '\u{654}' => None,
        other => Some(other),
    });
}
