//! Which words of a field a query looks for, and where they stand in a text.

use std::collections::HashMap;
use std::sync::Arc;

use super::lower::Lowering;
use super::query::Query;
use super::sought_spans::SoughtSpans;
use super::term_set::TermAcceptor;
use crate::analysis::{Analyzer, Token};
use crate::exception::Exception;
use crate::mapping::Leaf;
use crate::mapping::keyword::Keyword;
use crate::work::{HeldMemory, Work};

/// One marked place of a text, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct MarkedWord {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) term: String,
}

/// The tokens of a text, with what of them is looked for.
pub(crate) struct MarkedTokens {
    pub(crate) tokens: Vec<Token>,
    /// By number, what a token that is looked for weighs: the boosts of the queries that look for it.
    pub(crate) weights: Vec<Option<f32>>,
    /// Where phrases stand in the text, in the order of their starts.
    phrases: Vec<PhrasePlace>,
}

/// Where a phrase stands: the positions of its first word and of its last, and the number of the phrase.
struct PhrasePlace {
    start: u32,
    end: u32,
    phrase: usize,
}

/// What is looked for in one field, with what each weighs.
#[derive(Default)]
pub(crate) struct Words {
    terms: HashMap<String, Sought>,
    accepts: Vec<(TermAcceptor, Sought)>,
    pub(super) phrases: Vec<SoughtPhrase>,
    pub(super) spans: Vec<SoughtSpans>,
    /// What the memory of them counts.
    _held: Option<HeldMemory>,
}

/// What a word takes beside its letters, about.
const WORD_BYTES: usize = 64;

/// What something that is looked for weighs, and its number among all that is.
#[derive(Clone, Copy)]
pub(crate) struct Sought {
    pub(crate) weight: f32,
    pub(crate) number: usize,
}

/// A phrase: words by position, how far they may be apart, and whether the last is only the start of one.
pub(crate) struct SoughtPhrase {
    pub(super) places: Vec<(u32, Vec<String>)>,
    pub(crate) slop: u32,
    pub(super) prefix: bool,
    pub(crate) sought: Sought,
}

impl Words {
    /// What `query` looks for in `leaf`; `only` names the field whose words count, `None`: every field's.
    pub(crate) fn of(
        query: &Query,
        only: Option<&str>,
        leaf: &Leaf,
        lowering: &Lowering<'_>,
    ) -> Result<Words, Exception> {
        let words = Words::default();
        let mut sought = SoughtWords { only, leaf, lowering, words, boost: 1.0 };
        sought.query(query)?;
        let mut words = sought.words;
        let places = words.phrases.iter().flat_map(|phrase| &phrase.places);
        let texts = words.terms.keys().chain(places.flat_map(|(_, texts)| texts));
        let texts: usize = texts.map(|text| text.len() + WORD_BYTES).sum();
        let others = words.accepts.len() + words.spans.len();
        let mut held = lowering.work.holds("<highlight>");
        held.grow((texts + others * WORD_BYTES) as u64)?;
        words._held = Some(held);
        Ok(words)
    }

    fn is_empty(&self) -> bool {
        self.terms.is_empty()
            && self.accepts.is_empty()
            && self.phrases.is_empty()
            && self.spans.is_empty()
    }

    /// Whether `term` is one of them, wherever it stands.
    pub(super) fn holds(&self, term: &str) -> bool {
        self.weight(term).is_some()
    }

    /// What `term` weighs, wherever it stands; `None`: it is not looked for.
    fn weight(&self, term: &str) -> Option<f32> {
        self.sought(term).map(|sought| sought.weight)
    }

    /// What is known of `term`, if it is looked for wherever it stands.
    pub(crate) fn sought(&self, term: &str) -> Option<Sought> {
        let accepted = || self.accepts.iter().find(|(accept, _)| accept(term)).map(|(_, it)| *it);
        self.terms.get(term).copied().or_else(accepted)
    }

    /// The phrases.
    pub(crate) fn phrases(&self) -> &[SoughtPhrase] {
        &self.phrases
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
        let MarkedTokens { tokens, weights, .. } = self.tokens(text, analyzer, work)?;
        let mut found: Vec<MarkedWord> = tokens
            .iter()
            .zip(weights)
            .filter(|(_, weight)| weight.is_some())
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

    /// All tokens of `text`.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    pub(crate) fn tokens(
        &self,
        text: &str,
        analyzer: Option<&Analyzer>,
        work: &Work,
    ) -> Result<MarkedTokens, Exception> {
        let tokens = match analyzer {
            Some(analyzer) => analyzer.tokens_until(text, &work.cancel)?,
            None => vec![Token::whole(text)],
        };
        let mut weights = Vec::with_capacity(tokens.len());
        for token in &tokens {
            work.check()?;
            weights.push(self.weight(&token.text));
        }
        let mut marked = MarkedTokens { tokens, weights, phrases: Vec::new() };
        for spans in &self.spans {
            let MarkedTokens { tokens, weights, .. } = &mut marked;
            let mark = |at: usize| {
                if let Some(own) = weights.get_mut(at) {
                    own.get_or_insert(1.0);
                }
            };
            spans.mark(tokens, mark, work)?;
        }
        for (number, phrase) in self.phrases.iter().enumerate() {
            phrase.mark(number, &mut marked, work)?;
        }
        marked.phrases.sort_by_key(|place| place.start);
        Ok(marked)
    }

    /// Where a phrase that has the word `term` and starts at `position` of the marked text ends.
    pub(crate) fn phrase_end(
        &self,
        marked: &MarkedTokens,
        term: &str,
        position: u32,
    ) -> Option<u32> {
        let first = marked.phrases.partition_point(|place| place.start < position);
        let mut here =
            marked.phrases.iter().skip(first).take_while(|place| place.start == position);
        let has = |place: &&PhrasePlace| {
            let phrase = self.phrases.get(place.phrase);
            phrase.is_some_and(|it| (0..it.places.len()).any(|at| it.fits(at, term)))
        };
        here.find(has).map(|place| place.end)
    }
}

impl SoughtPhrase {
    /// How many words it has.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether its word `place` may be `text`.
    pub(crate) fn fits(&self, place: usize, text: &str) -> bool {
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
    fn mark(&self, number: usize, into: &mut MarkedTokens, work: &Work) -> Result<(), Exception> {
        let Some((base, _)) = self.places.first() else { return Ok(()) };
        let MarkedTokens { tokens, weights, phrases } = into;
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
                let positions = chosen.iter().filter_map(|at| Some(tokens.get(*at)?.position));
                let (start, end) = positions.fold((u32::MAX, 0), |(start, end), position| {
                    (start.min(position), end.max(position))
                });
                phrases.push(PhrasePlace { start, end, phrase: number });
                for at in chosen {
                    if let Some(own) = weights.get_mut(at) {
                        own.get_or_insert(self.sought.weight);
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
    /// The boosts of the queries around.
    boost: f32,
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
        let (words, boost) = (Words::default(), self.boost);
        let mut apart = SoughtWords { only, leaf, lowering, words, boost };
        add(&mut apart)?;
        Ok(apart.words)
    }

    /// Adds what a query inside this one looks for.
    pub(super) fn query(&mut self, query: &Query) -> Result<(), Exception> {
        self.lowering.work.check()?;
        let around = self.boost;
        self.boost *= query.boost;
        let added = query.clause.words(self);
        self.boost = around;
        added
    }

    /// What is known of the next that is added.
    pub(super) fn sought(&self) -> Sought {
        let words = &self.words;
        let number = words.terms.len() + words.accepts.len() + words.phrases.len();
        Sought { weight: self.boost, number }
    }

    /// Adds a term.
    pub(super) fn term(&mut self, text: String) {
        let Sought { weight, number } = self.sought();
        let own = self.words.terms.entry(text).or_insert(Sought { weight, number });
        own.weight = weight;
    }

    /// Whether one of `fields`, patterns expanded, is the one whose words count.
    pub(super) fn any_counts(&self, fields: &[(String, f32)]) -> Result<bool, Exception> {
        let (fields, _) = self.lowering.expand_fields(fields)?;
        Ok(fields.iter().any(|(field, _)| self.counts(field)))
    }

    /// Adds every term that `accept` says yes to.
    pub(super) fn accepted(&mut self, accept: TermAcceptor) {
        let sought = self.sought();
        self.words.accepts.push((accept, sought));
    }

    /// Adds a value as it is in the index.
    pub(super) fn exactly(&mut self, text: &str) {
        self.term(self.lowering.normalized(self.leaf, text));
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
