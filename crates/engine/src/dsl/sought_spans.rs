//! What a span query finds in a text that is highlighted: the words of its spans, and no others of their kind.
//!
//! Source: `PhraseHelper` of Lucene's unified highlighter, which collects the leaves of each span.

use super::span_rules::{PlacedSpan, containing, ordered, unordered, within};
use super::span_source::SpanPosition;
use super::term_set::TermAcceptor;
use crate::analysis::Token;
use crate::exception::Exception;
use crate::work::{HeldMemory, Work};

/// A span query, of which the words are looked for in a text.
pub(crate) enum SoughtSpans {
    /// Words that it accepts.
    Words(TermAcceptor),
    /// All of them, near each other; by number `gaps` says which are gaps of so many words.
    Near { parts: Vec<SoughtSpans>, gaps: Vec<Option<i64>>, slop: i64, in_order: bool },
    /// Any of them.
    Or(Vec<SoughtSpans>),
    /// Those that end at most here.
    First { parts: Vec<SoughtSpans>, end: i64 },
    /// Those of the first in which one of the second is.
    Containing(Vec<SoughtSpans>),
    /// Those of the second that are in one of the first.
    Within(Vec<SoughtSpans>),
}

/// Bytes of a span without its tokens, and of each of these.
const SPAN_BYTES: u64 = 64;
const TOKEN_BYTES: u64 = 16;

/// A span, and the numbers of the tokens that it is made of.
#[derive(Clone)]
struct MarkedSpan {
    place: SpanPosition,
    tokens: Vec<usize>,
}

impl PlacedSpan for MarkedSpan {
    fn at(&self) -> SpanPosition {
        self.place
    }

    fn join(&mut self, other: &MarkedSpan) {
        self.tokens.extend(&other.tokens);
    }

    fn moved(self, to: SpanPosition) -> MarkedSpan {
        MarkedSpan { place: to, ..self }
    }
}

impl SoughtSpans {
    /// Marks the tokens of every span.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    pub(crate) fn mark(
        &self,
        tokens: &[Token],
        mut mark: impl FnMut(usize),
        work: &Work,
    ) -> Result<(), Exception> {
        let mut held = work.holds("<highlight>");
        for span in self.find(tokens, &mut held, work)? {
            span.tokens.into_iter().for_each(&mut mark);
        }
        Ok(())
    }

    /// The spans in order of their starts.
    fn find(
        &self,
        tokens: &[Token],
        held: &mut HeldMemory,
        work: &Work,
    ) -> Result<Vec<MarkedSpan>, Exception> {
        work.check()?;
        let (SoughtSpans::Near { parts, .. }
        | SoughtSpans::First { parts, .. }
        | SoughtSpans::Or(parts)
        | SoughtSpans::Containing(parts)
        | SoughtSpans::Within(parts)) = self
        else {
            let found = self.words(tokens);
            held.grow(found.len() as u64 * (SPAN_BYTES + TOKEN_BYTES))?;
            return Ok(found);
        };
        let mut lists = Vec::with_capacity(parts.len());
        for part in parts {
            lists.push(part.find(tokens, held, work)?);
        }
        // Joined, a span may have the words of one of each part.
        let spans: usize = match self {
            SoughtSpans::Near { in_order: true, .. } => lists.first().map_or(0, Vec::len),
            _ => lists.iter().map(Vec::len).sum(),
        };
        held.grow(spans as u64 * (SPAN_BYTES + TOKEN_BYTES * parts.len() as u64))?;
        let found = match self {
            SoughtSpans::Near { gaps, slop, in_order, .. } => match in_order {
                true => ordered(&lists, gaps, *slop, &work.cancel),
                false => unordered(&lists, *slop, &work.cancel),
            },
            SoughtSpans::Containing(_) | SoughtSpans::Within(_) => {
                let little = lists.pop().unwrap_or_default();
                let big = lists.pop().unwrap_or_default();
                match self {
                    SoughtSpans::Containing(_) => containing(big, &little),
                    _ => within(&big, little),
                }
            }
            SoughtSpans::First { end, .. } => {
                let mut found = lists.pop().unwrap_or_default();
                found.retain(|span| span.place.end <= *end);
                found
            }
            SoughtSpans::Or(_) | SoughtSpans::Words(_) => {
                let mut found = lists.concat();
                found.sort_by_key(|span| span.place);
                found
            }
        };
        work.check()?;
        Ok(found)
    }

    /// Each word by itself.
    fn words(&self, tokens: &[Token]) -> Vec<MarkedSpan> {
        let SoughtSpans::Words(accept) = self else { return Vec::new() };
        let own = tokens.iter().enumerate().filter(|(_, token)| accept(&token.text));
        let span = |(number, token): (usize, &Token)| {
            let start = i64::from(token.position);
            let place = SpanPosition { start, end: start + 1, gaps: 0 };
            MarkedSpan { place, tokens: vec![number] }
        };
        let mut found: Vec<MarkedSpan> = own.map(span).collect();
        found.sort_by_key(|span| span.place);
        found
    }
}
