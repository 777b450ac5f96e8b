//! Arabic.

use super::map;

/// `arabic_normalization`: one alef, one yeh, heh for teh marbuta; no vowel marks, no tatweel.
pub(in crate::analysis) fn arabic(letters: &mut Vec<char>) {
    map(letters, |letter| match letter {
        '\u{622}' | '\u{623}' | '\u{625}' => Some('\u{627}'),
        '\u{649}' => Some('\u{64A}'),
        '\u{629}' => Some('\u{647}'),
        '\u{640}' | '\u{64B}'..='\u{652}' => None,
        other => Some(other),
    });
}
