//! The beginnings of texts as `search_as_you_type` fields keep them: for each word those of it and the words behind it. Source:
//! Elasticsearch's `SearchAsYouTypeAnalyzer`.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::steps::TokenFilter;
use crate::work::Cancel;

/// Most characters of a beginning.
const CHARACTERS_MAX: usize = 20;

/// Beginnings of so many joined words.
#[derive(Debug)]
struct Beginnings(usize);

/// The beginnings of `count` words at a time.
pub(in crate::analysis) fn beginnings(count: usize) -> Arc<dyn TokenFilter> {
    Arc::new(Beginnings(count))
}

impl TokenFilter for Beginnings {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut made = Vec::new();
        for (place, token) in tokens.iter().enumerate() {
            if cancel.is_cancelled() {
                break;
            }
            let mut text = String::new();
            for number in 0..self.0 {
                if number > 0 {
                    text.push(' ');
                }
                // Behind the last word are empty ones.
                text.push_str(tokens.get(place + number).map_or("", |token| &token.text));
            }
            let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
            made.extend(ends.take(CHARACTERS_MAX).filter_map(|end| {
                Some(Token { text: text.get(..end)?.to_owned(), ..token.clone() })
            }));
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_begins_with_those_behind_it() {
        let tokens = vec![Token::new("ab", 0, 0, 2, "word"), Token::new("c", 1, 3, 4, "word")];
        let made = beginnings(3).apply(tokens, &Cancel::new());
        let texts: Vec<&str> = made.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(texts, ["a", "ab", "ab ", "ab c", "ab c ", "c", "c ", "c  "]);
    }
}
