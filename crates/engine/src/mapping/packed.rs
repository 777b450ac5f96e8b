//! The tokens of a text as strings: analyzed before the index is locked, and read by tantivy one after the other without an
//! allocation for each.
//!
//! A token is its position, the length of its text, and the text. Numbers are written in ASCII, six bits in each byte, all but
//! the last with one bit more.

use std::collections::HashSet;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

/// What tantivy knows the tokenizer by that reads such strings.
pub(crate) const TOKENIZER: &str = "packed";

/// A byte that another byte of the number follows.
const MORE: u8 = 0x40;

/// Bytes of tokens in one string: tantivy takes one after the other, so that work on a long text can be called off. A power of
/// two, as strings grow: one byte more would hold twice the memory.
const CHUNK_BYTES: usize = 64 * 1024;

/// The most that the two numbers of a token take.
const NUMBERS_BYTES_MAX: usize = 12;

/// The tokens of the values of a text field.
#[derive(Debug, Default)]
pub(super) struct PackedTokens {
    chunks: Vec<Chunk>,
    /// The position of the last token.
    last: Option<u32>,
    /// How many tokens there are, and how many of them stand where the one before them does.
    tokens: u32,
    overlaps: u32,
}

#[derive(Debug, Default)]
struct Chunk {
    /// The position that its tokens are counted from: where tantivy lets the string begin.
    begin: u32,
    tokens: String,
}

impl PackedTokens {
    /// Adds a token; tokens come in order of position.
    pub(super) fn push(&mut self, text: &str, position: u32) {
        let more = NUMBERS_BYTES_MAX + text.len();
        let is_full =
            self.chunks.last().is_none_or(|chunk| chunk.tokens.len() + more > CHUNK_BYTES);
        if is_full && self.last.is_none_or(|last| position > last) {
            // Behind tokens without length the next string begins one position further.
            let begin = self.last.map_or(0, |last| last.saturating_add(1));
            self.chunks.push(Chunk { begin, tokens: String::new() });
        }
        self.tokens = self.tokens.saturating_add(1);
        self.overlaps += u32::from(self.last == Some(position));
        self.last = self.last.max(Some(position));
        if let Some(Chunk { begin, tokens }) = self.chunks.last_mut() {
            write(tokens, position.saturating_sub(*begin));
            write(tokens, u32::try_from(text.len()).unwrap_or(u32::MAX));
            tokens.push_str(text);
        }
    }

    /// How many places tokens stand at, where that are fewer than there are tokens.
    pub(super) fn places(&self) -> Option<u32> {
        (self.overlaps > 0).then(|| self.tokens.saturating_sub(self.overlaps))
    }

    /// How many different words there are, where that are fewer than there are tokens.
    pub(super) fn different_words(&self) -> Option<u32> {
        let words: HashSet<&str> = self.iter().map(|(text, _)| text).collect();
        u32::try_from(words.len()).ok().filter(|words| *words < self.tokens)
    }

    /// Each token and its position.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.chunks.iter().flat_map(|chunk| {
            let mut rest = chunk.tokens.as_str();
            std::iter::from_fn(move || next(&mut rest))
                .map(|(text, position)| (text, chunk.begin.saturating_add(position)))
        })
    }

    /// The strings, for tantivy; one of nothing where there are no tokens.
    pub(super) fn strings(&self) -> impl Iterator<Item = &str> {
        let nothing = self.chunks.is_empty().then_some("");
        self.chunks.iter().map(|chunk| chunk.tokens.as_str()).chain(nothing)
    }
}

fn write(out: &mut String, number: u32) {
    let mut rest = number;
    while rest >= u32::from(MORE) {
        out.push(char::from(MORE | (rest as u8 & (MORE - 1))));
        rest >>= 6;
    }
    out.push(char::from(rest as u8));
}

fn read(rest: &mut &str) -> Option<u32> {
    let (mut number, mut shift) = (0u32, 0);
    for (at, byte) in rest.bytes().enumerate() {
        number |= u32::from(byte & (MORE - 1)).checked_shl(shift)?;
        if byte & MORE == 0 {
            *rest = rest.get(at + 1..)?;
            return Some(number);
        }
        shift += 6;
    }
    None
}

/// The next token.
fn next<'a>(rest: &mut &'a str) -> Option<(&'a str, u32)> {
    let position = read(rest)?;
    let length = read(rest)? as usize;
    let (text, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some((text, position))
}

/// The tokenizers of an index.
pub(crate) fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(TOKENIZER, PackedTokenizer);
    tokenizers
}

/// Reads packed tokens for tantivy.
#[derive(Clone, Default)]
pub(crate) struct PackedTokenizer;

/// The tokens that are left.
pub(crate) struct PackedStream<'a> {
    rest: &'a str,
    token: Token,
}

impl Tokenizer for PackedTokenizer {
    type TokenStream<'a> = PackedStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PackedStream<'a> {
        PackedStream { rest: text, token: Token { position_length: 0, ..Token::default() } }
    }
}

impl TokenStream for PackedStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((text, position)) = next(&mut self.rest) else { return false };
        self.token.text.clear();
        self.token.text.push_str(text);
        self.token.position = position as usize;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_tokens_are_read_as_they_were_written() {
        let long = "long".repeat(CHUNK_BYTES);
        let tokens = [("", 0), ("a", 63), ("zwölf", 64), (&long, 4095), ("same", 4095)];
        let tokens: Vec<(&str, u32)> =
            tokens.into_iter().chain([("\u{0}@", 4096), ("x", u32::MAX)]).collect();
        let mut packed = PackedTokens::default();
        tokens.iter().for_each(|(text, position)| packed.push(text, *position));
        assert_eq!(packed.iter().collect::<Vec<_>>(), tokens);
        let mut tokenizer = PackedTokenizer;
        let (mut read, mut begin) = (Vec::new(), 0);
        for string in packed.strings() {
            let mut stream = tokenizer.token_stream(string);
            while stream.advance() {
                let token = stream.token();
                read.push((token.text.clone(), begin + token.position as u32));
            }
            begin = read.last().map_or(0, |last| last.1.saturating_add(1));
        }
        let expected: Vec<(String, u32)> =
            tokens.iter().map(|(text, position)| ((*text).to_owned(), *position)).collect();
        assert_eq!(read, expected);
        assert_eq!(packed.strings().count(), 3);
    }

    #[test]
    fn a_string_takes_no_more_memory_than_its_length() {
        let mut packed = PackedTokens::default();
        (0..100_000).for_each(|position| packed.push("word", position));
        assert!(packed.chunks.len() > 1);
        assert!(packed.chunks.iter().all(|chunk| chunk.tokens.capacity() <= CHUNK_BYTES));
    }
}
