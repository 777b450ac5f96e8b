//! `shingle`: neighbouring words as one.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{PieceFilter, TokenFilter};
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Joins neighbouring words.
#[derive(Clone, Debug)]
struct Shingle {
    min: usize,
    max: usize,
    unigrams: bool,
    separator: String,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    let keys = ["min_shingle_size", "max_shingle_size", "output_unigrams", "token_separator"];
    settings.only(&keys)?;
    Ok(Arc::new(Shingle {
        min: settings.count("min_shingle_size", 2)?.max(2),
        max: settings.count("max_shingle_size", 2)?.min(16),
        unigrams: settings.flag("output_unigrams", true)?,
        separator: settings.text("token_separator").unwrap_or(" ").to_owned(),
    }))
}

impl TokenFilter for Shingle {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        self.shingles_from(&tokens, tokens.len(), cancel)
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        Some(Box::new(ShinglePieces { shingle: self.clone(), last: VecDeque::new() }))
    }
}

impl Shingle {
    /// The shingles that begin with one of the first `starts` of `tokens`.
    fn shingles_from(&self, tokens: &[Token], starts: usize, cancel: &Cancel) -> Vec<Token> {
        let starts = tokens.iter().enumerate().take(starts);
        let mut out = Vec::new();
        for (start, token) in starts.take_while(|_| !cancel.is_cancelled()) {
            if self.unigrams {
                out.push(token.clone());
            }
            for size in self.min..=self.max {
                let Some(words) = tokens.get(start..start + size) else { break };
                out.push(shingle(token, words, &self.separator));
            }
        }
        out
    }
}

fn shingle(first: &Token, words: &[Token], separator: &str) -> Token {
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>();
    let end_offset = words.last().map_or(first.end_offset, |word| word.end_offset);
    Token { text: text.join(separator), end_offset, kind: "shingle", ..first.clone() }
}

/// Remembers the last tokens, which begin shingles with those to come.
#[derive(Debug)]
struct ShinglePieces {
    shingle: Shingle,
    last: VecDeque<Token>,
}

impl PieceFilter for ShinglePieces {
    fn apply(&mut self, tokens: Vec<Token>, is_last: bool, cancel: &Cancel) -> Vec<Token> {
        self.last.extend(tokens);
        // The last tokens wait for those with which they make shingles.
        let waiting = if is_last { 0 } else { self.shingle.max.saturating_sub(1) };
        let starts = self.last.len().saturating_sub(waiting);
        let shingles = self.shingle.shingles_from(self.last.make_contiguous(), starts, cancel);
        self.last.drain(..starts);
        shingles
    }
}
