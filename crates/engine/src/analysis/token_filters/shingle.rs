//! `shingle`: neighbouring words as one (Lucene's `ShingleFilter`).

use std::collections::VecDeque;
use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, PieceFilter, TextEnd, TokenFilter};
use crate::exception::Exception;
use crate::work::Cancel;

/// Joins words.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Shingle {
    min: usize,
    max: usize,
    unigrams: bool,
    unigrams_alone: bool,
    separator: String,
    filler: String,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[
        "min_shingle_size",
        "max_shingle_size",
        "output_unigrams",
        "output_unigrams_if_no_shingles",
        "token_separator",
        "filler_token",
    ])?;
    let (min, max) =
        (settings.count("min_shingle_size", 2)?, settings.count("max_shingle_size", 2)?);
    if max < 2 {
        return Err(Exception::illegal_argument("Max shingle size must be >= 2"));
    }
    if min < 2 {
        return Err(Exception::illegal_argument("Min shingle size must be >= 2"));
    }
    if min > max {
        return Err(Exception::illegal_argument("Min shingle size must be <= max shingle size"));
    }
    Ok(Arc::new(Shingle {
        min,
        max: max.min(SIZE_MAX),
        unigrams: settings.flag("output_unigrams", true)?,
        unigrams_alone: settings.flag("output_unigrams_if_no_shingles", false)?,
        separator: settings.text("token_separator").unwrap_or(" ").to_owned(),
        filler: settings.text("filler_token").unwrap_or("_").to_owned(),
    }))
}

/// `count` words at a time, as `search_as_you_type` fields have them. (Lucene's `FixedShingleFilter`.)
pub(in crate::analysis) fn words_joined(count: usize) -> Arc<dyn TokenFilter> {
    Arc::new(Shingle {
        min: count,
        max: count,
        unigrams: false,
        unigrams_alone: false,
        separator: " ".to_owned(),
        filler: String::new(),
    })
}

/// Most words of one shingle: each more is another copy of the text.
const SIZE_MAX: usize = 16;

/// A word of the text, or the place of one that was removed.
#[derive(Clone, Debug)]
struct ShingleWord {
    token: Token,
    is_filler: bool,
}

impl Shingle {
    /// `tokens` with the places of removed words before each. `behind` is the position behind the last token before them.
    fn words(&self, tokens: Vec<Token>, behind: &mut u32, out: &mut VecDeque<ShingleWord>) {
        for token in tokens {
            let missing = token.position.saturating_sub(*behind);
            // Only the first words of a shingle can be missing: more would never be seen.
            for number in 0..missing.min(u32::try_from(self.max - 1).unwrap_or(0)) {
                let first = token.position - missing.min(u32::try_from(self.max - 1).unwrap_or(0));
                out.push_back(self.filler_at(first + number, token.start_offset, &token));
            }
            *behind = (*behind).max(token.position.saturating_add(1));
            out.push_back(ShingleWord { token, is_filler: false });
        }
    }

    fn filler_at(&self, position: u32, offset: u32, like: &Token) -> ShingleWord {
        let mut token = like.clone();
        token.text.clone_from(&self.filler);
        (token.position, token.start_offset, token.end_offset) = (position, offset, offset);
        ShingleWord { token, is_filler: true }
    }

    /// The shingles that begin with one of the first `starts` of `words`, the first of them at `position`; a word that none
    /// begins with has no position.
    fn shingles_from(
        &self,
        words: &[ShingleWord],
        starts: usize,
        position: &mut u32,
        cancel: &Cancel,
    ) -> Vec<Token> {
        let mut out = Vec::new();
        for start in (0..starts).take_while(|_| !cancel.is_cancelled()) {
            let Some(first) = words.get(start) else { break };
            let before = out.len();
            if self.unigrams && !first.is_filler {
                out.push(first.token.clone());
            }
            for size in self.min..=self.max {
                let Some(joined) = words.get(start..start + size) else { break };
                if !joined.iter().all(|word| word.is_filler) {
                    out.push(self.joined(&first.token, joined, size));
                }
            }
            out.iter_mut().skip(before).for_each(|token: &mut Token| token.position = *position);
            *position += u32::from(out.len() > before);
        }
        out
    }

    fn joined(&self, first: &Token, words: &[ShingleWord], size: usize) -> Token {
        let text = words.iter().map(|word| word.token.text.as_str()).collect::<Vec<_>>();
        let end_offset = words.last().map_or(first.end_offset, |word| word.token.end_offset);
        let length = if self.unigrams { size } else { (size - self.min + 1).max(1) };
        Token {
            text: text.join(&self.separator),
            end_offset,
            kind: "shingle",
            position_length: u32::try_from(length).unwrap_or(1),
            ..first.clone()
        }
    }
}

impl TokenFilter for Shingle {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let behind = tokens.last().map_or(0, |last| last.position.saturating_add(1));
        let offset = tokens.last().map_or(0, |last| last.end_offset as usize);
        let mut end = TextEnd::new(behind, offset);
        self.apply_to_end(tokens, &mut end, cancel)
    }

    fn apply_to_end(&self, tokens: Vec<Token>, end: &mut TextEnd, cancel: &Cancel) -> Vec<Token> {
        ShinglePieces::of(self).take(tokens, Some(end), cancel)
    }

    fn shingle_size_max(&self) -> Option<usize> {
        Some(self.max)
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }

    fn across_pieces(&self) -> Option<Box<dyn PieceFilter>> {
        Some(Box::new(ShinglePieces::of(self)))
    }
}

#[derive(Debug)]
struct ShinglePieces {
    shingle: Shingle,
    waiting: VecDeque<ShingleWord>,
    behind: u32,
    /// The position of the next shingle.
    position: u32,
    /// Whether there was a shingle yet.
    any: bool,
}

impl ShinglePieces {
    fn of(shingle: &Shingle) -> ShinglePieces {
        ShinglePieces {
            shingle: shingle.clone(),
            waiting: VecDeque::new(),
            behind: 0,
            position: 0,
            any: false,
        }
    }

    fn take(
        &mut self,
        tokens: Vec<Token>,
        end: Option<&mut TextEnd>,
        cancel: &Cancel,
    ) -> Vec<Token> {
        self.shingle.words(tokens, &mut self.behind, &mut self.waiting);
        let is_last = end.is_some();
        if let (Some(end), Some(last)) = (&end, self.waiting.back().cloned()) {
            let missing = end.position.saturating_sub(self.behind) as usize;
            for number in 0..missing.min(self.shingle.max - 1) {
                let position = self.behind + u32::try_from(number).unwrap_or(0);
                let offset = end.offset;
                self.waiting.push_back(self.shingle.filler_at(position, offset, &last.token));
            }
        }
        // The last words wait for those with which they make shingles.
        let waiting = if is_last { 0 } else { self.shingle.max.saturating_sub(1) };
        let starts = self.waiting.len().saturating_sub(waiting);
        let words = self.waiting.make_contiguous();
        let mut shingles = self.shingle.shingles_from(words, starts, &mut self.position, cancel);
        self.any |= !shingles.is_empty();
        if is_last && !self.any && self.shingle.unigrams_alone {
            shingles = words
                .iter()
                .filter(|word| !word.is_filler)
                .map(|word| word.token.clone())
                .collect();
        }
        self.waiting.drain(..starts);
        if let Some(end) = end {
            end.position = self.position;
        }
        shingles
    }
}

impl PieceFilter for ShinglePieces {
    fn apply(
        &mut self,
        tokens: Vec<Token>,
        end: Option<&mut TextEnd>,
        cancel: &Cancel,
    ) -> Result<Vec<Token>, Exception> {
        Ok(self.take(tokens, end, cancel))
    }
}
