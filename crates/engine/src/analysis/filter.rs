//! Token filters: `lowercase`, `uppercase`, `asciifolding`, `stop`, `stemmer`/`porter_stem`, `english_possessive`,
//! `trim`, `length`, `truncate`, `unique`, `reverse`, `keyword_marker`, `ngram`, `edge_ngram`, `shingle`,
//! `synonym` (single words and phrases to single words), `pattern_replace`.

use crate::exception::Exception;
use crate::work::Cancel;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use regex::Regex;

use super::{Token, ascii_folding, porter, tokenizer};

/// A step after the tokenizer.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    Lowercase,
    Uppercase,
    AsciiFolding { preserve_original: bool },
    Stop { words: Arc<HashSet<String>>, ignore_case: bool },
    PorterStem,
    EnglishPossessive,
    Trim,
    Length { min: usize, max: usize },
    Truncate { length: usize },
    Unique,
    Reverse,
    KeywordMarker { words: Arc<HashSet<String>>, ignore_case: bool },
    Ngram { min: usize, max: usize, edge: bool },
    Shingle { min: usize, max: usize, unigrams: bool, separator: String },
    Synonym(Arc<HashMap<String, Synonyms>>),
    PatternReplace { pattern: Regex, replacement: String },
}

/// What a word stands for besides, or instead of, itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Synonyms {
    /// The word itself stays.
    pub(super) keep: bool,
    /// Words at the same position.
    pub(super) also: Vec<String>,
}

impl Filter {
    /// True for the filters a normalizer may use: those that change characters only.
    pub(super) fn is_normalizing(&self) -> bool {
        matches!(
            self,
            Filter::Lowercase
                | Filter::Uppercase
                | Filter::AsciiFolding { .. }
                | Filter::Trim
                | Filter::PatternReplace { .. }
        )
    }

    /// The tokens after this step, of a list that may be long.
    ///
    /// # Errors
    /// `task_cancelled_exception` once `cancel` is set.
    pub(super) fn apply_until(
        &self,
        tokens: Vec<Token>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        let alone = !matches!(self, Filter::Unique | Filter::Shingle { .. });
        if tokens.len() <= AT_ONCE || !alone {
            return Ok(self.apply_all(tokens, cancel));
        }
        // What makes something of each token by itself makes the same of pieces of the list.
        let mut made = Vec::with_capacity(tokens.len());
        let mut rest = tokens.into_iter();
        loop {
            cancel.check()?;
            let piece: Vec<Token> = rest.by_ref().take(AT_ONCE).collect();
            if piece.is_empty() {
                return Ok(made);
            }
            made.extend(self.apply_all(piece, cancel));
        }
    }

    /// The tokens after this step.
    pub(super) fn apply(&self, tokens: Vec<Token>) -> Vec<Token> {
        self.apply_all(tokens, &Cancel::new())
    }

    fn apply_all(&self, mut tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        match self {
            Filter::Lowercase => each(tokens, |text| *text = tokenizer::lower(text)),
            Filter::Uppercase => each(tokens, |text| {
                *text = text
                    .chars()
                    .map(|c| {
                        let mut upper = c.to_uppercase();
                        if upper.len() == 1 { upper.next().unwrap_or(c) } else { c }
                    })
                    .collect();
            }),
            Filter::AsciiFolding { preserve_original } => fold(tokens, *preserve_original),
            Filter::Stop { words, ignore_case } => {
                tokens.retain(|token| !holds(words, &token.text, *ignore_case));
                tokens
            }
            Filter::PorterStem => {
                for token in tokens.iter_mut().filter(|token| !token.keyword) {
                    porter::stem(&mut token.text);
                }
                tokens
            }
            Filter::EnglishPossessive => each(tokens, |text| {
                let cut = ["'s", "'S", "’s", "’S", "＇s", "＇S"]
                    .iter()
                    .find_map(|suffix| text.strip_suffix(suffix).map(str::len));
                if let Some(cut) = cut {
                    text.truncate(cut);
                }
            }),
            Filter::Trim => each(tokens, |text| *text = text.trim().to_owned()),
            Filter::Length { min, max } => {
                tokens.retain(|token| (*min..=*max).contains(&utf16_length(&token.text)));
                tokens
            }
            Filter::Truncate { length } => each(tokens, |text| {
                if let Some((at, _)) = text.char_indices().nth(*length) {
                    text.truncate(at);
                }
            }),
            Filter::Unique => {
                let mut seen = HashSet::new();
                tokens.retain(|token| !cancel.is_cancelled() && seen.insert(token.text.clone()));
                tokens
            }
            Filter::Reverse => each(tokens, |text| *text = text.chars().rev().collect()),
            Filter::KeywordMarker { words, ignore_case } => {
                for token in &mut tokens {
                    token.keyword |= holds(words, &token.text, *ignore_case);
                }
                tokens
            }
            Filter::Ngram { min, max, edge } => ngrams(&tokens, *min, *max, *edge),
            Filter::Shingle { .. } => self.shingles_from(&tokens, tokens.len(), cancel),
            Filter::Synonym(table) => synonyms(tokens, table),
            Filter::PatternReplace { pattern, replacement } => each(tokens, |text| {
                *text = pattern.replace_all(text, replacement.as_str()).into_owned();
            }),
        }
    }
}

impl Filter {
    /// The shingles that begin with one of the first `starts` of `tokens`; none for another filter.
    pub(super) fn shingles_from(
        &self,
        tokens: &[Token],
        starts: usize,
        cancel: &Cancel,
    ) -> Vec<Token> {
        let Filter::Shingle { min, max, unigrams, separator } = self else { return Vec::new() };
        let starts = tokens.iter().enumerate().take(starts);
        let mut out = Vec::new();
        for (start, token) in starts.take_while(|_| !cancel.is_cancelled()) {
            if *unigrams {
                out.push(token.clone());
            }
            for size in *min..=*max {
                let Some(words) = tokens.get(start..start + size) else { break };
                out.push(shingle(token, words, separator));
            }
        }
        out
    }
}

/// How many tokens go through a filter between two looks at the cancel flag.
const AT_ONCE: usize = 4096;

fn each(mut tokens: Vec<Token>, change: impl Fn(&mut String)) -> Vec<Token> {
    tokens.iter_mut().for_each(|token| change(&mut token.text));
    tokens
}

fn holds(words: &HashSet<String>, text: &str, ignore_case: bool) -> bool {
    if ignore_case { words.contains(&tokenizer::lower(text)) } else { words.contains(text) }
}

fn utf16_length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn fold(tokens: Vec<Token>, preserve_original: bool) -> Vec<Token> {
    let mut folded = Vec::with_capacity(tokens.len());
    for token in tokens {
        match ascii_folding::fold(&token.text) {
            Some(text) => {
                folded.push(Token { text, ..token.clone() });
                if preserve_original {
                    folded.push(token);
                }
            }
            None => folded.push(token),
        }
    }
    folded
}

fn ngrams(tokens: &[Token], min: usize, max: usize, edge: bool) -> Vec<Token> {
    let mut grams = Vec::new();
    for token in tokens {
        let mut ends: Vec<usize> = token.text.char_indices().map(|(at, _)| at).collect();
        ends.push(token.text.len());
        let starts = if edge { 1 } else { ends.len().saturating_sub(1) };
        for (index, start) in ends.iter().take(starts).enumerate() {
            for length in min..=max {
                let Some(end) = ends.get(index + length) else { break };
                let text = token.text.get(*start..*end).unwrap_or_default().to_owned();
                grams.push(Token { text, ..token.clone() });
            }
        }
    }
    grams
}

fn shingle(first: &Token, words: &[Token], separator: &str) -> Token {
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>();
    let end_offset = words.last().map_or(first.end_offset, |word| word.end_offset);
    Token { text: text.join(separator), end_offset, kind: "shingle", ..first.clone() }
}

fn synonyms(tokens: Vec<Token>, table: &HashMap<String, Synonyms>) -> Vec<Token> {
    let mut out = Vec::with_capacity(tokens.len());
    for token in tokens {
        let Some(synonyms) = table.get(&token.text) else {
            out.push(token);
            continue;
        };
        let also = synonyms.also.iter().map(|text| Token {
            text: text.clone(),
            kind: "SYNONYM",
            ..token.clone()
        });
        let also: Vec<Token> = also.collect();
        if synonyms.keep {
            out.push(token);
        }
        out.extend(also);
    }
    out
}
