//! Tokenizers: `standard`, `letter`, `lowercase`, `whitespace`, `keyword`, `pattern`, `ngram`, `edge_ngram`.

use regex::Regex;

use super::pieces::Cursor;
use super::{Token, standard};
use crate::work::Cancel;

/// Where a text is cut into tokens.
#[derive(Clone, Debug)]
pub(super) enum Tokenizer {
    /// UAX #29 words.
    Standard { token_length_max: usize },
    /// Runs of letters; `lowercase` also lowers them.
    Letter { lowercase: bool },
    /// Runs of anything but white space.
    Whitespace { token_length_max: usize },
    /// The whole text.
    Keyword,
    /// Between the matches of a pattern, or (with a group) the group of each match.
    Pattern { pattern: Regex, group: Option<usize> },
    /// Character n-grams; `edge` only those at the start of a word.
    Ngram { min: usize, max: usize, edge: bool, classes: Vec<CharacterClass> },
}

/// `token_chars` of the n-gram tokenizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CharacterClass {
    Letter,
    Digit,
    Whitespace,
    Punctuation,
    Symbol,
}

impl Tokenizer {
    /// The tokens of `text`; only the first of them once `cancel` is set.
    pub(super) fn tokens(&self, text: &str, cancel: &Cancel) -> Vec<Token> {
        self.piece(text, &mut Cursor::default(), usize::MAX, cancel)
    }

    /// The tokens from where `cursor` is to at least `bytes` further, or as far as the tokenizer must read at once; moves
    /// the cursor behind them. What a pattern or n-grams make of a text is made at once. Only the first tokens once
    /// `cancel` is set, and then the cursor is at the end.
    pub(super) fn piece(
        &self,
        text: &str,
        cursor: &mut Cursor,
        bytes: usize,
        cancel: &Cancel,
    ) -> Vec<Token> {
        let whole = |cursor: &mut Cursor, tokens: Vec<Token>| {
            cursor.byte = text.len();
            tokens
        };
        match self {
            Tokenizer::Standard { token_length_max } => {
                standard::piece(text, *token_length_max, cursor, bytes, cancel)
            }
            Tokenizer::Letter { lowercase } => {
                let length = standard::TOKEN_LENGTH_MAX;
                let mut tokens = runs(text, char::is_alphabetic, length, cursor, bytes, cancel);
                if *lowercase {
                    tokens.iter_mut().for_each(|token| token.text = lower(&token.text));
                }
                tokens
            }
            Tokenizer::Whitespace { token_length_max } => {
                runs(text, |c| !c.is_whitespace(), *token_length_max, cursor, bytes, cancel)
            }
            Tokenizer::Keyword if text.is_empty() => Vec::new(),
            Tokenizer::Keyword => whole(cursor, vec![Token::whole(text)]),
            Tokenizer::Pattern { pattern, group } => {
                whole(cursor, by_pattern(text, pattern, *group, cancel))
            }
            Tokenizer::Ngram { min, max, edge, classes } => {
                whole(cursor, ngrams(text, *min, *max, *edge, classes, cancel))
            }
        }
    }
}

/// Lower case as Java's `Character.toLowerCase` does it: one character for one, so no context (final sigma) and no
/// expansion.
pub(super) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .map(|c| if c == 'İ' { 'i' } else { c.to_lowercase().next().unwrap_or(c) })
        .collect()
}

/// The runs of characters that belong to words, from where `cursor` is to at least `bytes` further.
fn runs(
    text: &str,
    belongs: impl Fn(char) -> bool,
    token_length_max: usize,
    cursor: &mut Cursor,
    bytes: usize,
    cancel: &Cancel,
) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut start = None;
    let mut length = 0;
    let Cursor { byte: begin, mut position } = *cursor;
    let mut push = |from: usize, to: usize| {
        let word = text.get(from..to).unwrap_or_default();
        tokens.push(Token::new(word, position, from, to, "word"));
        position = position.saturating_add(1);
    };
    for (at, character) in text.get(begin..).unwrap_or_default().char_indices() {
        if cancel.is_cancelled() {
            break;
        }
        let at = begin + at;
        if start.is_none() && at - begin >= bytes {
            *cursor = Cursor { byte: at, position };
            return tokens;
        }
        match (belongs(character), start) {
            (true, None) => (start, length) = (Some(at), 1),
            (true, Some(from)) if length >= token_length_max => {
                push(from, at);
                if at - begin >= bytes {
                    *cursor = Cursor { byte: at, position };
                    return tokens;
                }
                (start, length) = (Some(at), 1);
            }
            (true, Some(_)) => length += 1,
            (false, Some(from)) => {
                push(from, at);
                start = None;
            }
            (false, None) => {}
        }
    }
    if let Some(from) = start {
        push(from, text.len());
    }
    *cursor = Cursor { byte: text.len(), position };
    tokens
}

fn by_pattern(text: &str, pattern: &Regex, group: Option<usize>, cancel: &Cancel) -> Vec<Token> {
    let mut spans = Vec::new();
    if let Some(group) = group {
        spans.extend(
            pattern
                .captures_iter(text)
                .take_while(|_| !cancel.is_cancelled())
                .filter_map(|captures| captures.get(group).map(|m| (m.start(), m.end()))),
        );
    } else {
        let mut from = 0;
        for separator in pattern.find_iter(text).take_while(|_| !cancel.is_cancelled()) {
            spans.push((from, separator.start()));
            from = separator.end();
        }
        spans.push((from, text.len()));
    }
    let words = spans.into_iter().filter(|(from, to)| from < to);
    words
        .enumerate()
        .map(|(position, (from, to))| {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            Token::new(text.get(from..to).unwrap_or_default(), position, from, to, "word")
        })
        .collect()
}

fn ngrams(
    text: &str,
    min: usize,
    max: usize,
    edge: bool,
    classes: &[CharacterClass],
    cancel: &Cancel,
) -> Vec<Token> {
    let belongs = |c: char| classes.is_empty() || classes.iter().any(|class| class.holds(c));
    let mut tokens = Vec::new();
    for word in runs(text, belongs, usize::MAX, &mut Cursor::default(), usize::MAX, cancel) {
        let base = word.start_offset as usize;
        let mut ends: Vec<usize> = word.text.char_indices().map(|(at, _)| at).collect();
        ends.push(word.text.len());
        let starts = if edge { 1 } else { ends.len().saturating_sub(1) };
        for (index, start) in ends.iter().take(starts).enumerate() {
            if cancel.is_cancelled() {
                break;
            }
            for length in min..=max {
                let Some(end) = ends.get(index + length) else { break };
                let position = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
                let gram = word.text.get(*start..*end).unwrap_or_default();
                tokens.push(Token::new(gram, position, base + start, base + end, "word"));
            }
        }
    }
    tokens
}

impl CharacterClass {
    fn holds(self, c: char) -> bool {
        match self {
            CharacterClass::Letter => c.is_alphabetic(),
            CharacterClass::Digit => c.is_numeric(),
            CharacterClass::Whitespace => c.is_whitespace(),
            CharacterClass::Punctuation => {
                c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c)
                    || matches!(c, '\u{2010}'..='\u{2027}' | '\u{3001}'..='\u{3003}')
            }
            CharacterClass::Symbol => "$+<=>^`|~€£¥§©®°±".contains(c),
        }
    }
}
