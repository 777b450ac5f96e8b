//! A long text, analyzed piece by piece: whoever indexes it never holds the tokens of all of it. The pieces together
//! are what [`Analyzer::tokens`](super::Analyzer::tokens) gives at once, offsets aside.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::filter::Filter;
use super::{Analyzer, Token, char_filter};
use crate::work::Cancel;

/// The text that is left, and what the filters remember of what has gone by.
#[derive(Debug)]
pub struct Pieces {
    analyzer: Arc<Analyzer>,
    text: String,
    at: Cursor,
    filters: Vec<Memory>,
    done: bool,
}

/// Where the tokenizer is: the byte at which it goes on, and the position of its next token.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor {
    pub(super) byte: usize,
    pub(super) position: u32,
}

/// What one filter remembers.
#[derive(Debug)]
enum Memory {
    Nothing,
    /// `unique`: every word so far.
    Seen(HashSet<String>),
    /// `shingle`: the last tokens, which begin shingles with those to come.
    Last(VecDeque<Token>),
}

impl Pieces {
    /// The pieces of `text`.
    pub fn new(analyzer: &Arc<Analyzer>, text: String) -> Pieces {
        let text = match analyzer.char_filters.as_slice() {
            [] => text,
            filters => char_filter::apply(filters, &text).text,
        };
        let memory = |filter: &Filter| match filter {
            Filter::Unique => Memory::Seen(HashSet::new()),
            Filter::Shingle { .. } => Memory::Last(VecDeque::new()),
            _ => Memory::Nothing,
        };
        let filters = analyzer.filters.iter().map(memory).collect();
        Pieces { analyzer: Arc::clone(analyzer), text, at: Cursor::default(), filters, done: false }
    }

    /// Bytes of the text.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The tokens of at least the next `bytes` of the text, in order of position, and how many bytes those are; `None`
    /// when there is nothing left, or `cancel` is set. Tokens of one position are in one piece.
    pub fn next_piece(&mut self, bytes: usize, cancel: &Cancel) -> Option<(usize, Vec<Token>)> {
        if self.done || cancel.is_cancelled() {
            return None;
        }
        let before = self.at.byte;
        let mut tokens = self.analyzer.tokenizer.piece(&self.text, &mut self.at, bytes, cancel);
        self.done = self.at.byte >= self.text.len();
        for (filter, memory) in self.analyzer.filters.iter().zip(&mut self.filters) {
            tokens = memory.apply(filter, tokens, self.done, cancel);
        }
        Some((self.at.byte - before, tokens))
    }
}

impl Memory {
    /// The tokens after `filter`; `done` after the last of the text.
    fn apply(
        &mut self,
        filter: &Filter,
        mut tokens: Vec<Token>,
        done: bool,
        cancel: &Cancel,
    ) -> Vec<Token> {
        match (self, filter) {
            (Memory::Seen(seen), _) => {
                tokens.retain(|token| seen.insert(token.text.clone()));
                tokens
            }
            (Memory::Last(last), Filter::Shingle { max, .. }) => {
                last.extend(tokens);
                // The last tokens wait for those with which they make shingles.
                let waiting = if done { 0 } else { max.saturating_sub(1) };
                let starts = last.len().saturating_sub(waiting);
                let shingles = filter.shingles_from(last.make_contiguous(), starts, cancel);
                last.drain(..starts);
                shingles
            }
            // Called off, there is no next piece.
            (_, filter) => filter.apply_until(tokens, cancel).unwrap_or_default(),
        }
    }
}
