//! `asciifolding`: letters with marks become the ASCII letters below them (Lucene's `ASCIIFoldingFilter`).

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Folds letters with marks.
#[derive(Debug)]
struct AsciiFolding {
    /// Whether a token that changes also stays as it was.
    preserve_original: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&["preserve_original"])?;
    let preserve_original = settings.flag("preserve_original", false)?;
    Ok(Arc::new(AsciiFolding { preserve_original }))
}

impl TokenFilter for AsciiFolding {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        let mut folded = Vec::with_capacity(tokens.len());
        for token in tokens {
            match fold(&token.text) {
                Some(text) => {
                    folded.push(Token { text, ..token.clone() });
                    if self.preserve_original {
                        folded.push(token);
                    }
                }
                None => folded.push(token),
            }
        }
        folded
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}

/// The folded text, or `None` when nothing changes.
fn fold(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut folded = String::with_capacity(text.len());
    let mut changed = false;
    for character in text.chars() {
        changed |= fold_character(character, &mut folded);
    }
    changed.then_some(folded)
}

fn fold_character(character: char, out: &mut String) -> bool {
    if character.is_ascii() {
        out.push(character);
        return false;
    }
    if let Some(special) = special(character) {
        out.push_str(special);
        return true;
    }
    // A letter is folded when its compatibility decomposition is ASCII and marks only.
    let start = out.len();
    for part in std::iter::once(character).nfkd().filter(|part| !is_combining_mark(*part)) {
        if !part.is_ascii() {
            out.truncate(start);
            out.push(character);
            return false;
        }
        out.push(part);
    }
    if out.len() == start || !is_foldable_block(character) {
        out.truncate(start);
        out.push(character);
        return false;
    }
    true
}

/// The blocks Lucene's table covers; other compatibility characters stay.
fn is_foldable_block(c: char) -> bool {
    matches!(c,
        '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{2070}'..='\u{209C}' | '\u{2460}'..='\u{24FF}'
        | '\u{FB00}'..='\u{FB06}' | '\u{FF01}'..='\u{FF5E}' | '\u{B2}' | '\u{B3}' | '\u{B9}')
}

/// Letters that do not decompose.
fn special(c: char) -> Option<&'static str> {
    Some(match c {
        'Æ' | 'Ǽ' | 'Ǣ' => "AE",
        'æ' | 'ǽ' | 'ǣ' => "ae",
        'Œ' => "OE",
        'œ' => "oe",
        'ß' => "ss",
        'ẞ' => "SS",
        'Ø' | 'Ǿ' => "O",
        'ø' | 'ǿ' => "o",
        'Đ' | 'Ð' | 'Ɖ' | 'Ɗ' => "D",
        'đ' | 'ð' | 'ɖ' | 'ɗ' => "d",
        'Þ' => "TH",
        'þ' => "th",
        'Ł' => "L",
        'ł' | 'ƚ' => "l",
        'Ħ' => "H",
        'ħ' => "h",
        'ı' => "i",
        'ĸ' => "q",
        'Ŋ' => "N",
        'ŋ' | 'ŉ' => "n",
        'Ŧ' => "T",
        'ŧ' => "t",
        'ſ' => "s",
        'ƒ' => "f",
        'Ə' => "A",
        'ə' => "a",
        'Ɓ' => "B",
        'ƀ' | 'ɓ' => "b",
        'Ƶ' => "Z",
        'ƶ' => "z",
        '«' | '»' | '“' | '”' | '„' | '″' | '❝' | '❞' => "\"",
        '‘' | '’' | '‚' | '‛' | '′' | '‹' | '›' => "'",
        '‐' | '‑' | '‒' | '–' | '—' | '⁻' | '₋' => "-",
        '⁄' => "/",
        '⁎' => "*",
        _ => return None,
    })
}
