//! Widths of characters made equal, as the analyzer `kuromoji` does it. Source: Lucene's `CJKWidthCharFilter`.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;

use crate::analysis::steps::{CharFilter, FilteredBuilder};

/// Full-width ASCII as ASCII, half-width katakana as katakana.
#[derive(Debug)]
pub(in crate::analysis) struct CjkWidth;

impl CharFilter for CjkWidth {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        let mut own = [0; 4];
        for (at, letter) in text.char_indices() {
            let end = at + letter.len_utf8();
            let other = match letter {
                '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter).wrapping_sub(0xFEE0)),
                '\u{FF9E}' | '\u{FF9F}' => {
                    let mark = if letter == '\u{FF9E}' { '\u{3099}' } else { '\u{309A}' };
                    let before = out.text.chars().next_back();
                    let voiced = before
                        .filter(|before| ('\u{30A6}'..='\u{30FD}').contains(before))
                        .and_then(|before| compose(before, mark));
                    if voiced.is_some() {
                        out.text.pop();
                    }
                    voiced.or(Some(mark))
                }
                '\u{FF65}'..='\u{FF9D}' => std::iter::once(letter).nfkc().next(),
                _ => None,
            };
            match other {
                Some(other) => out.replace(other.encode_utf8(&mut own), end),
                None => out.text.push(letter),
            }
        }
    }
}
