//! The `standard` tokenizer: word boundaries of UAX #29, with the classes Lucene's `StandardTokenizer` keeps.

use std::sync::Arc;

use super::segments::Segments;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{Cursor, Tokenizer, Word};
use crate::exception::Exception;
use crate::work::Cancel;

/// Longest token, in UTF-16 code units; longer ones are cut into pieces (`max_token_length`).
pub(in crate::analysis) const TOKEN_LENGTH_MAX: usize = 255;

/// UAX #29 words.
#[derive(Debug)]
pub(in crate::analysis) struct StandardTokenizer {
    pub(in crate::analysis) token_length_max: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["max_token_length"])?;
    let token_length_max = settings.count("max_token_length", TOKEN_LENGTH_MAX)?;
    Ok(Arc::new(StandardTokenizer { token_length_max }))
}

impl Tokenizer for StandardTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token> {
        piece(text, self.token_length_max, cursor, bytes, cancel)
    }

    fn words(&self, text: &str, take: &mut dyn FnMut(Word<'_>)) -> Option<u32> {
        let mut words = Words {
            take,
            start: 0,
            token_length_max: self.token_length_max,
            position: 0,
            southeast: None,
        };
        words.read(text, usize::MAX, true, &Cancel::new());
        Some(words.position)
    }
}

/// The words of `text` from where `cursor` is to at least `bytes` further. Source of where it may be cut: a boundary is
/// decided by what stands before it, by the segment behind it and by one character more (UAX #29, WB6 to WB12).
fn piece(
    text: &str,
    token_length_max: usize,
    cursor: &mut Cursor,
    bytes: usize,
    cancel: &Cancel,
) -> Vec<Token> {
    let rest = text.get(cursor.byte..).unwrap_or_default();
    let mut seen = bytes.saturating_mul(2);
    loop {
        let end = (seen..rest.len()).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
        let window = rest.get(..end).unwrap_or(rest);
        let whole = window.len() == rest.len();
        let mut tokens = Vec::new();
        let mut take = |word: Word<'_>| tokens.push(word.token());
        let mut words = Words {
            take: &mut take,
            start: cursor.byte,
            token_length_max,
            position: cursor.position,
            southeast: None,
        };
        // A window without a place to cut, such as one long word, is read again, twice as long.
        if let Some(read) = words.read(window, bytes, whole, cancel) {
            *cursor = Cursor { byte: cursor.byte + read, position: words.position, ..*cursor };
            return tokens;
        }
        seen = seen.saturating_mul(2).max(64);
    }
}

/// The words, as they are found.
struct Words<'t> {
    take: &'t mut dyn FnMut(Word<'_>),
    /// Where the text that is read begins.
    start: usize,
    token_length_max: usize,
    position: u32,
    /// A run of a script without spaces, and where it begins.
    southeast: Option<(usize, usize)>,
}

impl Words<'_> {
    /// Reads `text` to the first place behind `bytes` at which it may be cut, or if it is `whole`, to its end; how many
    /// bytes that were, or `None` when there is no such place. Nothing more is read once `cancel` is set.
    fn read(&mut self, text: &str, bytes: usize, whole: bool, cancel: &Cancel) -> Option<usize> {
        for (start, word) in Segments::of(text) {
            if cancel.is_cancelled() {
                return Some(text.len());
            }
            let decided = start + word.len() < text.len();
            let is_southeast = word.chars().next().is_some_and(is_southeast_asian);
            if start >= bytes && decided && !(is_southeast && self.southeast.is_some()) {
                self.end_run(text);
                return Some(start);
            }
            self.word(text, start, word);
        }
        self.end_run(text);
        whole.then_some(text.len())
    }

    fn word(&mut self, text: &str, start: usize, word: &str) {
        let kind = kind(word);
        if kind == Some("<SOUTHEAST_ASIAN>") {
            // UAX #29 has no rule for scripts without spaces; Lucene keeps a run of them as one token.
            self.southeast = Some((self.southeast.map_or(start, |run| run.0), start + word.len()));
            return;
        }
        self.end_run(text);
        if let Some(kind) = kind {
            self.push(word, start, kind);
        }
    }

    fn end_run(&mut self, text: &str) {
        if let Some((from, to)) = self.southeast.take() {
            self.push(text.get(from..to).unwrap_or_default(), from, "<SOUTHEAST_ASIAN>");
        }
    }

    fn push(&mut self, word: &str, start: usize, kind: &'static str) {
        let start = self.start + start;
        if word.len() <= self.token_length_max {
            self.hand_on(word, start, kind);
            return;
        }
        let (mut from, mut units) = (0, 0);
        for (at, character) in word.char_indices() {
            if units + character.len_utf16() > self.token_length_max {
                self.hand_on(word.get(from..at).unwrap_or_default(), start + from, kind);
                (from, units) = (at, 0);
            }
            units += character.len_utf16();
        }
        self.hand_on(word.get(from..).unwrap_or_default(), start + from, kind);
    }

    fn hand_on(&mut self, text: &str, start: usize, kind: &'static str) {
        (self.take)(Word { text, position: self.position, start, kind });
        self.position += 1;
    }
}

/// The token class of one UAX #29 segment; `None` for what is not a word.
pub(super) fn kind(word: &str) -> Option<&'static str> {
    if word.is_ascii() {
        let has = |is: fn(&u8) -> bool| word.as_bytes().iter().any(is);
        return match (has(u8::is_ascii_alphabetic), has(u8::is_ascii_digit)) {
            (true, _) => Some("<ALPHANUM>"),
            (false, true) => Some("<NUM>"),
            (false, false) => None,
        };
    }
    let mut characters = word.chars();
    let first = characters.next()?;
    if is_southeast_asian(first) {
        return Some("<SOUTHEAST_ASIAN>");
    }
    match first {
        '\u{4E00}'..='\u{9FFF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}'
        | '\u{3007}'
        | '\u{3021}'..='\u{3029}' => return Some("<IDEOGRAPHIC>"),
        '\u{3041}'..='\u{309F}' => return Some("<HIRAGANA>"),
        '\u{30A1}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9D}' => {
            return Some("<KATAKANA>");
        }
        '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}' => return Some("<HANGUL>"),
        _ => {}
    }
    if word.chars().any(char::is_alphabetic) {
        return Some("<ALPHANUM>");
    }
    if word.chars().any(char::is_numeric) && first.is_numeric() && is_word_numeric(word) {
        // A keycap sequence such as 1️⃣ is an emoji.
        return Some(if word.contains('\u{20E3}') { "<EMOJI>" } else { "<NUM>" });
    }
    if word.chars().any(|c| c.is_ascii_digit()) {
        return Some("<NUM>");
    }
    is_emoji(first).then_some("<EMOJI>")
}

/// Word_Break=Numeric is decimal digits; superscripts, fractions and circled numbers (Other_Number) are not words.
fn is_word_numeric(word: &str) -> bool {
    word.chars().any(|c| {
        c.is_numeric()
            && !matches!(c,
                '\u{B2}' | '\u{B3}' | '\u{B9}' | '\u{BC}'..='\u{BE}' | '\u{2070}'..='\u{209F}'
                | '\u{2150}'..='\u{215F}' | '\u{2460}'..='\u{249B}' | '\u{24EA}'..='\u{24FF}'
                | '\u{2776}'..='\u{2793}' | '\u{3192}'..='\u{3195}' | '\u{3220}'..='\u{3229}'
                | '\u{3248}'..='\u{324F}' | '\u{3251}'..='\u{325F}' | '\u{3280}'..='\u{3289}'
                | '\u{32B1}'..='\u{32BF}')
    })
}

/// Line_Break=Complex_Context: scripts written without spaces (digits of theirs are Numeric, and excluded).
fn is_southeast_asian(c: char) -> bool {
    !c.is_numeric()
        && matches!(c,
            '\u{0E01}'..='\u{0E3A}' | '\u{0E40}'..='\u{0E4E}' | '\u{0E81}'..='\u{0EDF}'
            | '\u{1000}'..='\u{103F}' | '\u{1050}'..='\u{108F}' | '\u{109A}'..='\u{109F}'
            | '\u{1780}'..='\u{17D3}' | '\u{1950}'..='\u{19DF}' | '\u{1A20}'..='\u{1AAD}'
            | '\u{A9E0}'..='\u{A9EF}' | '\u{AA60}'..='\u{AAC2}')
}

/// The blocks that hold emoji which stand for themselves.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{1F1E6}'..='\u{1F1FF}' | '\u{1F300}'..='\u{1F64F}' | '\u{1F680}'..='\u{1F6FF}'
        | '\u{1F7E0}'..='\u{1F7EB}' | '\u{1F900}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}'
        | '\u{231A}'..='\u{231B}' | '\u{23E9}'..='\u{23FA}' | '\u{25FB}'..='\u{25FE}'
        | '\u{2B05}'..='\u{2B07}' | '\u{2B1B}'..='\u{2B1C}' | '\u{2B50}' | '\u{2B55}'
        | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{21AA}'
        | '\u{24C2}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{A9}' | '\u{AE}'
        | '\u{1F004}' | '\u{1F0CF}' | '\u{1F170}'..='\u{1F19A}' | '\u{1F201}'..='\u{1F251}')
}
