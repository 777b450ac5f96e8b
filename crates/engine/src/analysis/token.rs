//! What a text is cut into.

/// One token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The term, as it is indexed and searched.
    pub text: String,
    /// Its position in the text; removed stop words leave gaps.
    pub position: u32,
    /// Where it starts in the original text, in bytes.
    pub start_offset: u32,
    /// Where it ends in the original text, in bytes (exclusive).
    pub end_offset: u32,
    /// What `_analyze` calls its `type`, such as `<ALPHANUM>`.
    pub kind: &'static str,
    /// A keyword is not stemmed.
    pub(crate) keyword: bool,
}

impl Token {
    /// A token that is the whole text.
    pub(crate) fn whole(text: &str) -> Token {
        Token::new(text, 0, 0, text.len(), "word")
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
            start_offset: u32::try_from(start).unwrap_or(u32::MAX),
            end_offset: u32::try_from(end).unwrap_or(u32::MAX),
            kind,
            keyword: false,
        }
    }
}

/// Lower case as Java's `Character.toLowerCase` does it: one character for one, so no context (final sigma) and no
/// expansion.
pub(in crate::analysis) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .map(|c| if c == 'İ' { 'i' } else { c.to_lowercase().next().unwrap_or(c) })
        .collect()
}
