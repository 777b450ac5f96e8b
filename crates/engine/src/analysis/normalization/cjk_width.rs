//! Widths of Chinese, Japanese and Korean characters.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;

/// `cjk_width`: full-width ASCII as ASCII, half-width katakana as katakana.
pub(in crate::analysis) fn cjk_width(letters: &mut Vec<char>) {
    let mut made: Vec<char> = Vec::with_capacity(letters.len());
    for letter in letters.iter().copied() {
        match letter {
            '\u{FF01}'..='\u{FF5E}' => {
                made.extend(char::from_u32(u32::from(letter).wrapping_sub(0xFEE0)));
            }
            '\u{FF9E}' | '\u{FF9F}' => {
                let mark = if letter == '\u{FF9E}' { '\u{3099}' } else { '\u{309A}' };
                let katakana = made.last().filter(|last| ('\u{30A6}'..='\u{30FD}').contains(*last));
                match katakana.and_then(|last| compose(*last, mark)) {
                    Some(voiced) => {
                        made.pop();
                        made.push(voiced);
                    }
                    None => made.push(mark),
                }
            }
            '\u{FF65}'..='\u{FF9D}' => made.extend(std::iter::once(letter).nfkc()),
            other => made.push(other),
        }
    }
    *letters = made;
}
