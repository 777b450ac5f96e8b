//! Which words of a field a query looks for, and where they stand in a text.

use std::collections::HashSet;
use std::sync::Arc;

use super::lower::Lowering;
use super::query::Query;
use super::sought_spans::SoughtSpans;
use super::term_set::TermAcceptor;
use crate::analysis::{Analyzer, Token};
use crate::exception::Exception;
use crate::mapping::Leaf;
use crate::mapping::keyword::Keyword;
use crate::work::Work;

/// One marked place of a text, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct MarkedWord {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) term: String,
}

/// What is looked for in one field.
#[derive(Default)]
pub(crate) struct Words {
    pub(super) terms: HashSet<String>,
    accepts: Vec<TermAcceptor>,
    pub(super) phrases: Vec<SoughtPhrase>,
    pub(super) spans: Vec<SoughtSpans>,
}

/// A phrase: words by position, how far they may be apart, and whether the last is only the start of one.
pub(super) struct SoughtPhrase {
    pub(super) places: Vec<(u32, Vec<String>)>,
    pub(super) slop: u32,
    pub(super) prefix: bool,
}

impl Words {
    /// What `query` looks for in `leaf`; `only` names the field whose words count, `None`: every field's.
    pub(crate) fn of(
        query: &Query,
        only: Option<&str>,
        leaf: &Leaf,
        lowering: &Lowering<'_>,
    ) -> Result<Words, Exception> {
        let mut sought = SoughtWords { only, leaf, lowering, words: Words::default() };
        sought.query(query)?;
        Ok(sought.words)
    }

    fn is_empty(&self) -> bool {
        self.terms.is_empty()
            && self.accepts.is_empty()
            && self.phrases.is_empty()
            && self.spans.is_empty()
    }

    /// Whether `term` is one of them, wherever it stands.
    pub(super) fn holds(&self, term: &str) -> bool {
        self.terms.contains(term) || self.accepts.iter().any(|accept| accept(term))
    }

    /// Where they stand in `text`, in order.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    pub(crate) fn find(
        &self,
        text: &str,
        analyzer: Option<&Analyzer>,
        work: &Work,
    ) -> Result<Vec<MarkedWord>, Exception> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let tokens = match analyzer {
            Some(analyzer) => analyzer.tokens_until(text, &work.cancel)?,
            None => vec![Token::whole(text)],
        };
        let mut marked = vec![false; tokens.len()];
        for (token, marked) in tokens.iter().zip(&mut marked) {
            work.check()?;
            *marked = self.holds(&token.text);
        }
        for spans in &self.spans {
            spans.mark(&tokens, &mut marked, work)?;
        }
        for phrase in &self.phrases {
            phrase.mark(&tokens, &mut marked, work)?;
        }
        let mut found: Vec<MarkedWord> = tokens
            .iter()
            .zip(marked)
            .filter(|(_, marked)| *marked)
            .map(|(token, _)| MarkedWord {
                start: token.start_offset as usize,
                end: token.end_offset as usize,
                term: token.text.clone(),
            })
            .collect();
        found.sort_by_key(|found| (found.start, found.end));
        found.dedup_by_key(|found| (found.start, found.end));
        Ok(found)
    }
}

impl SoughtPhrase {
    fn fits(&self, place: usize, text: &str) -> bool {
        let last = place + 1 == self.places.len();
        self.places.get(place).is_some_and(|(_, words)| {
            words
                .iter()
                .any(|word| word == text || self.prefix && last && text.starts_with(word.as_str()))
        })
    }

    /// For each place, which tokens fit: found once, so that a start looks at its neighbours only, however large the slop.
    fn fitting<'t>(&self, tokens: &'t [Token]) -> Vec<Vec<(usize, &'t Token)>> {
        let fits =
            |place| tokens.iter().enumerate().filter(move |(_, t)| self.fits(place, &t.text));
        (0..self.places.len()).map(|place| fits(place).collect()).collect()
    }

    /// Marks the tokens of every occurrence: of each start, the nearest tokens that fit within the slop.
    fn mark(&self, tokens: &[Token], marked: &mut [bool], work: &Work) -> Result<(), Exception> {
        let Some((base, _)) = self.places.first() else { return Ok(()) };
        let fitting = self.fitting(tokens);
        for &(start, token) in fitting.first().into_iter().flatten() {
            let mut chosen = vec![start];
            let mut moved: u64 = 0;
            for ((position, _), fitting) in self.places.iter().zip(&fitting).skip(1) {
                work.check()?;
                let wanted = i64::from(token.position) + i64::from(*position) - i64::from(*base);
                let distance =
                    |candidate: &Token| (i64::from(candidate.position) - wanted).unsigned_abs();
                // Tokens are in order of position: the nearest that is free is the first on one of the two sides.
                let middle = fitting.partition_point(|(_, t)| i64::from(t.position) < wanted);
                let (before, after) = fitting.split_at(middle);
                let free = |(at, _): &&(usize, &Token)| !chosen.contains(at);
                let sides = [before.iter().rev().find(free), after.iter().find(free)];
                let nearest = sides
                    .into_iter()
                    .flatten()
                    .copied()
                    .filter(|(_, candidate)| distance(candidate) <= self.slop.into())
                    .min_by_key(|(_, candidate)| distance(candidate));
                let Some((at, candidate)) = nearest else { break };
                moved = moved.max(distance(candidate));
                chosen.push(at);
            }
            if chosen.len() == self.places.len() && moved <= self.slop.into() {
                for at in chosen {
                    if let Some(mark) = marked.get_mut(at) {
                        *mark = true;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a query adds its words to, while [`Words::of`] walks over it.
pub(crate) struct SoughtWords<'a> {
    only: Option<&'a str>,
    /// The field whose values are marked.
    pub(super) leaf: &'a Leaf,
    pub(super) lowering: &'a Lowering<'a>,
    pub(super) words: Words,
}

impl SoughtWords<'_> {
    /// Whether the words of `field` count.
    pub(super) fn counts(&self, field: &str) -> bool {
        match self.only {
            None => true,
            Some(only) => {
                only == field
                    || field.contains('*') && crate::name_pattern::matches(field, only)
                    || self.lowering.leaf(field).is_some_and(|leaf| leaf.path == only)
            }
        }
    }

    /// What `add` adds, by itself.
    ///
    /// # Errors
    /// As `add`.
    pub(super) fn apart(
        &self,
        add: impl FnOnce(&mut SoughtWords<'_>) -> Result<(), Exception>,
    ) -> Result<Words, Exception> {
        let (only, leaf, lowering) = (self.only, self.leaf, self.lowering);
        let mut apart = SoughtWords { only, leaf, lowering, words: Words::default() };
        add(&mut apart)?;
        Ok(apart.words)
    }

    /// Adds what a query inside this one looks for.
    pub(super) fn query(&mut self, query: &Query) -> Result<(), Exception> {
        query.clause.words(self)
    }

    /// Whether one of `fields`, patterns expanded, is the one whose words count.
    pub(super) fn any_counts(&self, fields: &[(String, f32)]) -> Result<bool, Exception> {
        let (fields, _) = self.lowering.expand_fields(fields)?;
        Ok(fields.iter().any(|(field, _)| self.counts(field)))
    }

    /// Adds every term that `accept` says yes to.
    pub(super) fn accepted(&mut self, accept: TermAcceptor) {
        self.words.accepts.push(accept);
    }

    /// Adds a value as it is in the index.
    pub(super) fn exactly(&mut self, text: &str) {
        self.words.terms.insert(self.lowering.normalized(self.leaf, text));
        if let Some(keyword) = self.leaf.kind.get::<Keyword>() {
            // A value is marked as it was written, not as it was normalized.
            let wanted = self.lowering.normalized(self.leaf, text);
            if let Some(normalizer) = keyword.term_normalizer(self.lowering.analyzers) {
                self.accepted(Arc::new(move |value| normalizer.normalize(value) == wanted));
            }
        }
    }

    /// The tokens of query text; `None` for the types that take their values whole.
    pub(super) fn tokens(
        &self,
        text: &str,
        analyzer: Option<&str>,
        quoted: bool,
    ) -> Result<Option<Vec<Token>>, Exception> {
        self.lowering.tokens(self.leaf, text, analyzer, quoted)
    }
}
