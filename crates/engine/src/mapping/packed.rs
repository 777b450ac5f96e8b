//! The tokens of a text as strings: analyzed before the index is locked, and read by tantivy one after the other without an
//! allocation for each.
//!
//! A token is how far its position is from that of the token before it, the length of its text, and the text; behind one that counts several
//! times stands how often more, above a number that no position is away by. Numbers are written in ASCII, six bits in each byte, all but
//! the last with one bit more.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

/// What tantivy knows the tokenizer by that reads such strings.
pub(crate) const TOKENIZER: &str = "packed";

/// A byte that another byte of the number follows.
const MORE: u8 = 0x40;

/// Bytes of tokens in one string: tantivy takes one after the other, so that work on a long text can be called off. A power of
/// two, as strings grow: one byte more would hold twice the memory.
const CHUNK_BYTES: usize = 64 * 1024;

/// So many strings of tokens of one text are many.
const MANY_CHUNKS: usize = 4;

/// Numbers from here on say how often the token before them comes again.
const AGAIN: u64 = 1 << 40;

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
    /// The position of the last of them.
    last: u32,
    tokens: String,
}

impl PackedTokens {
    /// Adds a token; tokens come in order of position, but for those that stand together.
    pub(super) fn push(&mut self, text: &str, position: u32) {
        let more = NUMBERS_BYTES_MAX + text.len();
        let is_full =
            self.chunks.last().is_none_or(|chunk| chunk.tokens.len() + more > CHUNK_BYTES);
        if is_full && self.last.is_none_or(|last| position > last) {
            // Behind tokens without length the next string begins one position further.
            let begin = self.last.map_or(0, |last| last.saturating_add(1));
            self.chunks.push(Chunk { begin, last: begin, tokens: String::new() });
        }
        self.tokens = self.tokens.saturating_add(1);
        self.overlaps += u32::from(self.last == Some(position));
        self.last = self.last.max(Some(position));
        if let Some(Chunk { begin, last, tokens }) = self.chunks.last_mut() {
            let position = position.max(*begin);
            let further = i64::from(position) - i64::from(std::mem::replace(last, position));
            // Small numbers for small steps, forth and back.
            write(tokens, (further << 1 ^ further >> 63) as u64);
            write(tokens, text.len() as u64);
            tokens.push_str(text);
        }
    }

    /// Adds a token that counts `frequency` times, at one place.
    pub(super) fn push_times(&mut self, text: &str, position: u32, frequency: u32) {
        self.push(text, position);
        let more = frequency.saturating_sub(1);
        if let (1.., Some(chunk)) = (more, self.chunks.last_mut()) {
            self.tokens = self.tokens.saturating_add(more);
            write(&mut chunk.tokens, AGAIN + u64::from(more));
        }
    }

    /// How many places tokens stand at, where that are fewer than there are tokens.
    pub(super) fn places(&self) -> Option<u32> {
        (self.overlaps > 0).then(|| self.tokens.saturating_sub(self.overlaps))
    }

    /// How many different words there are, where that are fewer than there are tokens.
    pub(super) fn different_words(&self) -> Option<u32> {
        let words: HashSet<&str> = self.iter().map(|(text, ..)| text).collect();
        u32::try_from(words.len()).ok().filter(|words| *words < self.tokens)
    }

    /// Each token and its position, and how often it counts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u32, u32)> {
        self.chunks.iter().flat_map(|chunk| {
            let (mut rest, mut last) = (chunk.tokens.as_str(), chunk.begin);
            std::iter::from_fn(move || {
                let (text, position) = next(&mut rest, last)?;
                last = position;
                Some((text, position, again(&mut rest).unwrap_or(0).saturating_add(1)))
            })
        })
    }

    /// Whether there are so many that they are to be given back as they are indexed.
    pub(super) fn are_many(&self) -> bool {
        self.chunks.len() >= MANY_CHUNKS
    }

    /// The strings, to be kept.
    pub(super) fn into_strings(self) -> impl Iterator<Item = String> {
        self.chunks.into_iter().map(|chunk| chunk.tokens)
    }

    /// The strings, for tantivy; one of nothing where there are no tokens.
    pub(super) fn strings(&self) -> impl Iterator<Item = &str> {
        let nothing = self.chunks.is_empty().then_some("");
        self.chunks.iter().map(|chunk| chunk.tokens.as_str()).chain(nothing)
    }
}

fn write(out: &mut String, number: u64) {
    let mut rest = number;
    while rest >= u64::from(MORE) {
        out.push(char::from(MORE | (rest as u8 & (MORE - 1))));
        rest >>= 6;
    }
    out.push(char::from(rest as u8));
}

fn read(rest: &mut &str) -> Option<u64> {
    let (mut number, mut shift) = (0u64, 0);
    for (at, byte) in rest.bytes().enumerate() {
        number |= u64::from(byte & (MORE - 1)).checked_shl(shift)?;
        if byte & MORE == 0 {
            *rest = rest.get(at + 1..)?;
            return Some(number);
        }
        shift += 6;
    }
    None
}

/// How often the token before comes again, where that is said next.
fn again(rest: &mut &str) -> Option<u32> {
    // What says so has seven digits, all but the last with a bit more; no position or length has so many.
    let is_long = rest.as_bytes().get(5).is_some_and(|byte| byte & MORE != 0);
    if !is_long || !rest.bytes().take(6).all(|byte| byte & MORE != 0 && byte < 0x80) {
        return None;
    }
    let mut behind = *rest;
    let more = read(&mut behind)?.checked_sub(AGAIN)?;
    *rest = behind;
    u32::try_from(more).ok()
}

/// The next token, and its position where `last` is that of the one before it.
fn next<'a>(rest: &mut &'a str, last: u32) -> Option<(&'a str, u32)> {
    let step = read(rest)?;
    let further = (step >> 1) as i64 ^ -((step & 1) as i64);
    let length = usize::try_from(read(rest)?).ok()?;
    let (text, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some((text, u32::try_from(i64::from(last).checked_add(further)?).ok()?))
}

/// Where a document leaves a string of tokens for the tokenizer to take, which gives it back once it is indexed: what tantivy borrows from a
/// document it keeps until all of it is indexed. (docs/decisions/0205-a-long-source-is-stored-in-pieces.md)
#[derive(Clone, Debug, Default)]
pub struct TokenHandover(Arc<Mutex<String>>);

impl TokenHandover {
    /// What is handed to tantivy instead of tokens that were left: no tokens, which would be two bytes at least.
    const LEFT: &str = "\u{7f}";

    /// Leaves the tokens that are in `from`, and takes them out there; the text to hand to tantivy next.
    pub(super) fn leave(&self, from: &Mutex<String>) -> &'static str {
        *held(&self.0) = std::mem::take(&mut *held(from));
        TokenHandover::LEFT
    }

    fn take(&self) -> String {
        std::mem::take(&mut *held(&self.0))
    }
}

fn held(tokens: &Mutex<String>) -> MutexGuard<'_, String> {
    tokens.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The tokenizers of an index, of which documents may leave tokens at `handover`.
pub(crate) fn tokenizers(handover: &TokenHandover) -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(TOKENIZER, PackedTokenizer { handover: handover.clone() });
    tokenizers
}

/// Reads packed tokens for tantivy.
#[derive(Clone, Default)]
pub(crate) struct PackedTokenizer {
    handover: TokenHandover,
}

/// The tokens of one string.
pub(crate) struct PackedStream<'a> {
    tokens: Cow<'a, str>,
    /// Where those begin that are left.
    at: usize,
    /// The position of the last one.
    last: u32,
    /// How often more it comes.
    again: u32,
    token: Token,
}

impl Tokenizer for PackedTokenizer {
    type TokenStream<'a> = PackedStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PackedStream<'a> {
        let tokens = match text == TokenHandover::LEFT {
            true => Cow::Owned(self.handover.take()),
            false => Cow::Borrowed(text),
        };
        PackedStream {
            tokens,
            at: 0,
            last: 0,
            again: 0,
            token: Token { position_length: 0, ..Token::default() },
        }
    }
}

impl TokenStream for PackedStream<'_> {
    fn advance(&mut self) -> bool {
        if self.again > 0 {
            self.again -= 1;
            return true;
        }
        let Some(mut rest) = self.tokens.get(self.at..) else { return false };
        let Some((text, position)) = next(&mut rest, self.last) else { return false };
        self.again = again(&mut rest).unwrap_or(0);
        (self.at, self.last) = (self.tokens.len() - rest.len(), position);
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
        let tokens =
            [("", 0), ("a", 63), ("zwölf", 64), ("back", 62), (&long, 4095), ("same", 4095)];
        let tokens: Vec<(&str, u32)> =
            tokens.into_iter().chain([("\u{0}@", 4096), ("x", u32::MAX)]).collect();
        let mut packed = PackedTokens::default();
        tokens.iter().for_each(|(text, position)| packed.push(text, *position));
        let unpacked = packed.iter().map(|(text, position, _)| (text, position));
        assert_eq!(unpacked.collect::<Vec<_>>(), tokens);
        let mut tokenizer = PackedTokenizer::default();
        let (mut read, mut begin) = (Vec::new(), 0);
        for string in packed.strings() {
            let mut stream = tokenizer.token_stream(string);
            while stream.advance() {
                let token = stream.token();
                read.push((token.text.clone(), begin + token.position as u32));
            }
            let most = read.iter().map(|(_, position)| *position).max();
            begin = most.map_or(0, |most: u32| most.saturating_add(1));
        }
        let expected: Vec<(String, u32)> =
            tokens.iter().map(|(text, position)| ((*text).to_owned(), *position)).collect();
        assert_eq!(read, expected);
        assert_eq!(packed.strings().count(), 3);
    }

    #[test]
    fn a_token_that_counts_several_times_is_kept_once_and_read_as_often() {
        let mut packed = PackedTokens::default();
        packed.push_times("a", 0, 3);
        packed.push_times("long".repeat(40).as_str(), 1, 1);
        packed.push_times("b", 200_000, 262_144);
        packed.push_times("", 200_000, 2);
        let counted: Vec<(u32, u32)> = packed.iter().map(|(_, at, often)| (at, often)).collect();
        assert_eq!(counted, [(0, 3), (1, 1), (200_000, 262_144), (200_000, 2)]);
        assert_eq!(packed.places(), Some(3 + 1 + 262_144 + 1));
        let string = packed.strings().next().unwrap().to_owned();
        assert!(string.len() < 250);
        let mut tokenizer = PackedTokenizer::default();
        let mut stream = tokenizer.token_stream(&string);
        let mut read = std::collections::BTreeMap::new();
        while stream.advance() {
            *read.entry((stream.token().text.len(), stream.token().position)).or_insert(0) += 1;
        }
        let expected = [((0, 200_000), 2), ((1, 0), 3), ((1, 200_000), 262_144), ((160, 1), 1)];
        assert_eq!(read.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_string_takes_no_more_memory_than_its_length() {
        let mut packed = PackedTokens::default();
        (0..100_000).for_each(|position| packed.push("word", position));
        assert!(packed.chunks.len() > 1);
        assert!(packed.chunks.iter().all(|chunk| chunk.tokens.capacity() <= CHUNK_BYTES));
    }
}
