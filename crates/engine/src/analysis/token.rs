//! What a text is cut into.

use std::sync::Arc;

use super::kuromoji::Morpheme;

/// One token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The term, as it is indexed and searched.
    pub text: String,
    /// Its position in the text; removed stop words leave gaps.
    pub position: u32,
    /// How many positions it reaches over: more than one for a word that stands beside several.
    pub position_length: u32,
    /// Where it starts in the original text, in bytes.
    pub start_offset: u32,
    /// Where it ends in the original text, in bytes (exclusive).
    pub end_offset: u32,
    /// What `_analyze` calls its `type`, such as `<ALPHANUM>`.
    pub kind: &'static str,
    /// A keyword is not stemmed.
    pub(crate) keyword: bool,
    /// What `delimited_payload` found behind the term.
    pub(crate) payload: Option<Arc<[u8]>>,
    /// How often it counts (`delimited_term_freq`).
    pub(crate) frequency: u32,
    /// What the dictionary of `kuromoji_tokenizer` says of it.
    pub(in crate::analysis) morpheme: Option<Arc<Morpheme>>,
}

impl Token {
    /// A token that is the whole text.
    pub(crate) fn whole(text: &str) -> Token {
        Token::new(text, 0, 0, text.len(), "word")
    }

    /// What the dictionary of `kuromoji_tokenizer` says of it, by the names that `_analyze` has for it.
    pub(crate) fn japanese(&self) -> Vec<(&'static str, Option<String>)> {
        self.morpheme.as_ref().map(|morpheme| morpheme.attributes().to_vec()).unwrap_or_default()
    }

    /// A token; offsets in bytes.
    pub(crate) fn new(
        text: &str,
        position: u32,
        start: usize,
        end: usize,
        kind: &'static str,
    ) -> Token {
        Token {
            text: text.to_owned(),
            position,
            position_length: 1,
            start_offset: u32::try_from(start).unwrap_or(u32::MAX),
            end_offset: u32::try_from(end).unwrap_or(u32::MAX),
            kind,
            keyword: false,
            payload: None,
            frequency: 1,
            morpheme: None,
        }
    }
}

/// Lower case as Java's `Character.toLowerCase` does it: one character for one, so no context (final sigma) and no
/// expansion.
pub(in crate::analysis) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().map(lower_character).collect()
}

/// One character in lower case.
pub(in crate::analysis) fn lower_character(c: char) -> char {
    if c == 'İ' { 'i' } else { c.to_lowercase().next().unwrap_or(c) }
}

/// How many UTF-16 units `text` has: what Lucene counts where it counts characters.
pub(in crate::analysis) fn utf16_length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Whether Java's `Character.isLetter` holds: letters, but neither marks nor numbers and signs that are made of letters.
pub(in crate::analysis) fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        && (c.is_ascii()
            || !unicode_normalization::char::is_combining_mark(c)
                && !c.is_numeric()
                && !matches!(c, '\u{24B6}'..='\u{24E9}' | '\u{1F130}'..='\u{1F189}'))
}
