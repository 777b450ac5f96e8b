//! `thai`: words of Thai, by ICU's dictionary; those of other scripts as Java cuts them.
//!
//! Source: Lucene's `ThaiTokenizer`, and what Java's `BreakIterator` answers: letters with hyphens, points and quotes between
//! them are one word, and so are digits.

use std::sync::Arc;

use super::stretch_by_stretch;
use crate::analysis::Token;
use crate::analysis::icu::southeast_asian;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{Cursor, Tokenizer};
use crate::analysis::token::is_letter;
use crate::exception::Exception;
use crate::work::Cancel;

/// Words of Thai.
#[derive(Debug)]
pub(in crate::analysis) struct ThaiTokenizer;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(ThaiTokenizer))
}

impl Tokenizer for ThaiTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token> {
        stretch_by_stretch(text, cursor, (bytes, cancel), word, |word, take| {
            if word.chars().next().is_some_and(|first| is_letter(first) || first.is_numeric()) {
                parts(word, cancel).into_iter().for_each(|(from, to)| take((from, to, "word")));
            }
        })
    }
}

/// What Java's rules for words know of a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum JavaClass {
    Letter,
    Digit,
    Kanji,
    Katakana,
    Hiragana,
    /// Belongs to what stands before it.
    Mark,
    Other,
}

fn class(letter: char) -> JavaClass {
    match letter {
        '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{3400}'..='\u{4DBF}' => {
            JavaClass::Kanji
        }
        '\u{30A1}'..='\u{30FA}' => JavaClass::Katakana,
        '\u{3041}'..='\u{3096}' => JavaClass::Hiragana,
        '\u{200B}'..='\u{200F}' | '\u{AD}' | '\u{FEFF}' => JavaClass::Mark,
        _ if unicode_normalization::char::is_combining_mark(letter) => JavaClass::Mark,
        _ if letter.is_numeric() => JavaClass::Digit,
        _ if is_letter(letter) => JavaClass::Letter,
        _ => JavaClass::Other,
    }
}

/// Bytes of the word, or of the sign, that `text` begins with.
fn word(text: &str) -> usize {
    let mut before = JavaClass::Other;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let own = class(letter);
        let next = letters.peek().map_or(JavaClass::Other, |(_, next)| class(*next));
        let goes_on = match (before, own) {
            _ if at == 0 => true,
            (_, JavaClass::Mark) => true,
            (JavaClass::Letter | JavaClass::Digit, JavaClass::Letter | JavaClass::Digit) => true,
            (JavaClass::Letter, JavaClass::Other) => {
                next == JavaClass::Letter && joins_letters(letter)
            }
            (JavaClass::Digit, JavaClass::Other) => {
                if matches!(letter, '%' | '&' | '¢' | '‰' | '‱') {
                    return at + letter.len_utf8();
                }
                next == JavaClass::Digit && matches!(letter, '"' | '\'' | ',' | '\u{66B}' | '.')
            }
            (before, own) => before == own && own != JavaClass::Other,
        };
        if !goes_on {
            return at;
        }
        if at == 0 && next == JavaClass::Digit && precedes_number(letter) {
            before = JavaClass::Digit;
            continue;
        }
        // A sign between letters leaves them letters.
        if own != JavaClass::Mark && (at == 0 || own != JavaClass::Other) {
            before = own;
        }
    }
    text.len()
}

/// Signs that are of one word with the number behind them, which is then none, because it does not begin with a digit.
fn precedes_number(letter: char) -> bool {
    matches!(letter, '$' | '£' | '¤' | '¥' | '\u{E3F}' | '\u{20A0}'..='\u{20CF}' | '#' | '.')
}

fn joins_letters(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2027}' | '"' | '\'' | '.')
}

fn is_thai(letter: char) -> bool {
    matches!(letter, '\u{E01}'..='\u{E3A}' | '\u{E40}'..='\u{E4E}')
}

/// The words within a word: those of Thai, and what stands between them.
fn parts(word: &str, cancel: &Cancel) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let (offsets, letters): (Vec<usize>, Vec<char>) = word.char_indices().unzip();
    let offset = |place: usize| offsets.get(place).copied().unwrap_or(word.len());
    let mut at = 0;
    for run in letters.chunk_by(|a, b| is_thai(*a) == is_thai(*b)) {
        let ends = match run.first().is_some_and(|first| is_thai(*first)) {
            true => southeast_asian(run, cancel),
            false => vec![run.len()],
        };
        let mut begin = at;
        for end in ends {
            parts.push((offset(begin), offset(at + end)));
            begin = at + end;
        }
        at += run.len();
    }
    parts
}
