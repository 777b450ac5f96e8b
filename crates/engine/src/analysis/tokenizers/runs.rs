//! Runs of characters that belong to words: what several tokenizers cut a text into.

use crate::analysis::Token;
use crate::analysis::steps::Cursor;
use crate::work::Cancel;

/// The runs of characters that belong to words, from where `cursor` is to at least `bytes` further.
pub(super) fn runs(
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
    let Cursor { byte: begin, mut position, memory } = *cursor;
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
            *cursor = Cursor { byte: at, position, memory };
            return tokens;
        }
        match (belongs(character), start) {
            (true, None) => (start, length) = (Some(at), 1),
            (true, Some(from)) if length >= token_length_max => {
                push(from, at);
                if at - begin >= bytes {
                    *cursor = Cursor { byte: at, position, memory };
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
    *cursor = Cursor { byte: text.len(), position, memory };
    tokens
}
