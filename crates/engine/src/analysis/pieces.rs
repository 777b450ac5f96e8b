//! A long text, analyzed piece by piece: whoever indexes it never holds the tokens of all of it. The pieces together
//! are what [`Analyzer::tokens`](super::Analyzer::tokens) gives at once, offsets aside.

use std::borrow::Cow;
use std::sync::Arc;

use super::steps::{self, Cursor, PieceFilter, TextEnd};
use super::{Analyzer, Token};
use crate::exception::Exception;
use crate::work::Cancel;

/// The text that is left, and what the filters remember of what has gone by.
#[derive(Debug)]
pub struct TextPieces<'a> {
    analyzer: Arc<Analyzer>,
    text: Cow<'a, str>,
    at: Cursor,
    /// For each filter, what remembers the pieces before, where it needs that.
    filters: Vec<Option<Box<dyn PieceFilter>>>,
    done: bool,
    /// The position behind what has gone by.
    end: u32,
}

impl<'a> TextPieces<'a> {
    /// The pieces of `text`.
    pub fn new(analyzer: &Arc<Analyzer>, text: &'a str) -> TextPieces<'a> {
        let text = match analyzer.char_filters.as_slice() {
            [] => Cow::Borrowed(text),
            filters => Cow::Owned(steps::filtered(filters, text).text),
        };
        let filters = analyzer.filters.iter().map(|filter| filter.across_pieces()).collect();
        TextPieces {
            analyzer: Arc::clone(analyzer),
            text,
            at: Cursor::default(),
            filters,
            done: false,
            end: 0,
        }
    }

    /// Bytes of the text.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The position behind the text once all of it has gone by: words that were removed at its end count.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// The tokens of at least the next `bytes` of the text, in order of position, and how many bytes those are; `None`
    /// when there is nothing left. Tokens of one position are in one piece.
    ///
    /// # Errors
    /// `task_cancelled_exception` once `cancel` is set; what the script of a filter fails by.
    pub fn next_piece(
        &mut self,
        bytes: usize,
        cancel: &Cancel,
    ) -> Result<Option<(usize, Vec<Token>)>, Exception> {
        cancel.check()?;
        if self.done {
            return Ok(None);
        }
        let before = self.at.byte;
        let mut tokens = self.analyzer.tokenizer.piece(&self.text, &mut self.at, bytes, cancel);
        self.done = self.at.byte >= self.text.len();
        let behind = tokens.last().map_or(0, |last| last.position.saturating_add(1));
        let mut end = TextEnd::new(self.at.position.max(behind), self.text.len());
        for (filter, memory) in self.analyzer.filters.iter().zip(&mut self.filters) {
            tokens = match memory {
                Some(memory) => memory.apply(tokens, self.done.then_some(&mut end), cancel)?,
                None => steps::apply_until(&**filter, tokens, &mut end, cancel)?,
            };
        }
        self.end = end.position;
        Ok(Some((self.at.byte - before, tokens)))
    }
}
