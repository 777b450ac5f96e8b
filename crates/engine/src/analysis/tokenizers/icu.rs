//! `icu_tokenizer` of the plugin `analysis-icu`: the words of every script.

use std::sync::Arc;

use super::segments::Segments;
use super::standard::kind;
use super::stretch_by_stretch;
use crate::analysis::Token;
use crate::analysis::icu::icu_words;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{Cursor, Tokenizer};
use crate::exception::Exception;
use crate::work::Cancel;

/// UTF-16 units of a text that are looked at together, as by Lucene: behind them it is cut at a space, or wherever it is.
const WINDOW: usize = 4096;

/// Words by script.
#[derive(Debug)]
pub(in crate::analysis) struct IcuTokenizer;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    if settings.get("rule_files").is_some() {
        return Err(Exception::not_implemented("the setting rule_files of icu_tokenizer"));
    }
    settings.only(&[])?;
    Ok(Arc::new(IcuTokenizer))
}

impl Tokenizer for IcuTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token> {
        stretch_by_stretch(text, cursor, (bytes, cancel), window, |window, take| {
            icu_words(window, (segments, kind), cancel, take);
        })
    }
}

/// The segments of UAX #29.
fn segments<'t>(text: &'t str) -> Box<dyn Iterator<Item = (usize, &'t str)> + 't> {
    Box::new(Segments::of(text))
}

/// Bytes of the first window of `text`.
fn window(text: &str) -> usize {
    let (mut units, mut space) = (0, None);
    for (at, letter) in text.char_indices() {
        units += letter.len_utf16();
        if units > WINDOW {
            return space.unwrap_or(at);
        }
        if letter.is_whitespace() && letter != '\u{A0}' {
            space = Some(at + letter.len_utf8());
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_lucene_in_every_script() {
        // What Lucene 9.12.1's `ICUTokenizer` makes of each, with ICU 74.2: words and their types.
        let mut wrong = Vec::new();
        for line in include_str!("../icu/tokens.txt").lines() {
            let mut cells = line.split('\t');
            let text = cells.next().unwrap();
            let theirs: Vec<&str> = cells.collect();
            let (mut cursor, cancel) = (Cursor::default(), Cancel::new());
            let tokens = IcuTokenizer.piece(text, &mut cursor, usize::MAX, &cancel);
            let ours: Vec<String> =
                tokens.iter().map(|token| format!("{} {}", token.text, token.kind)).collect();
            if ours != theirs {
                wrong.push(format!("{text}: {ours:?}, theirs {theirs:?}"));
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    fn a_long_text_is_cut_at_a_space_or_wherever_it_is() {
        let text = "日本 ".repeat(3_000) + &"x".repeat(5_000);
        let mut cursor = Cursor::default();
        let cancel = Cancel::new();
        let tokens = IcuTokenizer.piece(&text, &mut cursor, usize::MAX, &cancel);
        let lengths: Vec<usize> = tokens.iter().skip(3_000).map(|token| token.text.len()).collect();
        assert_eq!(lengths, [4_096, 904]);
        assert!(tokens.iter().take(3_000).all(|token| token.text == "日本"));
        assert_eq!(cursor.position, 3_002);
    }
}
