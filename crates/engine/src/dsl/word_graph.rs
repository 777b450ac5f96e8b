//! Words of which some stand beside several others, as `synonym_graph` makes them: each way through such a place is a query
//! of its own. Source: Lucene's `QueryBuilder.analyzeGraphBoolean`, `GraphTokenStreamFiniteStrings`.

use tantivy::schema::Field;

use super::fuzzy::Expansion;
use super::lower::{Lowered, Lowering};
use super::lowered::combine;
use super::match_query::{MatchOptions, Operator};
use super::query::{CLAUSES_MAX, too_many_clauses};
use crate::analysis::Token;
use crate::exception::Exception;
use crate::mapping::Leaf;
use crate::work::Work;

/// Tokens between two places over which none reaches.
struct Stretch<'t> {
    start: u32,
    end: u32,
    tokens: Vec<&'t Token>,
}

/// Whether a token stands beside several others.
pub(super) fn is_graph(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.position_length > 1)
}

fn end_of(token: &Token) -> u32 {
    token.position.saturating_add(token.position_length.max(1))
}

/// The tokens, cut wherever none reaches over a place.
fn stretches(tokens: &[Token]) -> Vec<Stretch<'_>> {
    let mut found: Vec<Stretch<'_>> = Vec::new();
    for token in tokens {
        match found.last_mut() {
            Some(stretch) if token.position < stretch.end => {
                stretch.end = stretch.end.max(end_of(token));
                stretch.tokens.push(token);
            }
            _ => found.push(Stretch {
                start: token.position,
                end: end_of(token),
                tokens: vec![token],
            }),
        }
    }
    found
}

impl<'t> Stretch<'t> {
    /// Whether its words are in each other's place, and nothing else.
    fn is_one_place(&self) -> bool {
        self.tokens.iter().all(|token| token.position == self.start && end_of(token) == self.end)
    }

    /// The ways from its start to its end, in the order of the tokens.
    ///
    /// # Errors
    /// `too_many_clauses` beyond `most`; that the work was called off.
    fn ways(&self, work: &Work, most: usize) -> Result<Vec<Vec<&'t Token>>, Exception> {
        let mut ways = Vec::new();
        let mut open: Vec<(u32, Vec<&'t Token>)> = vec![(self.start, Vec::new())];
        while let Some((place, way)) = open.pop() {
            work.check()?;
            if place >= self.end {
                ways.push(way);
                continue;
            }
            let leaving = self.tokens.iter().filter(|token| token.position == place);
            let next: Vec<_> = leaving
                .map(|token| (end_of(token), [way.as_slice(), &[*token]].concat()))
                .collect();
            // A word that the analyzer left out leaves a gap.
            match next.is_empty() {
                true => open.push((place + 1, way)),
                false => open.extend(next.into_iter().rev()),
            }
            if ways.len() + open.len() > most {
                return Err(too_many_clauses());
            }
        }
        Ok(ways)
    }
}

impl Lowering<'_> {
    /// The tokens of a graph as a boolean query.
    pub(super) fn graph(
        &self,
        leaf: &Leaf,
        field: Field,
        tokens: &[Token],
        terms: &MatchOptions,
    ) -> Result<Lowered, Exception> {
        let (mut clauses, mut left) = (Vec::new(), CLAUSES_MAX);
        for stretch in stretches(tokens) {
            self.work.check()?;
            if stretch.is_one_place() {
                let words = stretch.tokens.iter().map(|token| token.text.clone()).collect();
                clauses.push(self.beside_each_other(leaf, field, words, terms.fuzzy.as_ref())?);
                continue;
            }
            let ways = stretch.ways(self.work, left)?;
            left -= ways.len();
            let ways = ways.into_iter().map(|way| self.way(leaf, field, &way, terms));
            let ways = ways.collect::<Result<_, _>>()?;
            clauses.push(combine(Vec::new(), Vec::new(), ways, Vec::new(), 1));
        }
        // Lucene leaves the query around a place that is alone.
        Ok(match (clauses.len(), terms.operator) {
            (1, Operator::And) => combine(clauses, Vec::new(), Vec::new(), Vec::new(), 0),
            (1, Operator::Or) => combine(Vec::new(), Vec::new(), clauses, Vec::new(), 1),
            _ => terms.joined(clauses)?,
        })
    }

    fn beside_each_other(
        &self,
        leaf: &Leaf,
        field: Field,
        words: Vec<String>,
        fuzzy: Option<&Expansion>,
    ) -> Result<Lowered, Exception> {
        match (words.as_slice(), fuzzy) {
            ([word], Some(expansion)) => self.fuzzy(leaf, word, expansion),
            ([word], None) => self.word(leaf, field, word),
            (words, _) => self.synonyms(leaf, field, words),
        }
    }

    /// One way: a word, or a phrase of all its words.
    fn way(
        &self,
        leaf: &Leaf,
        field: Field,
        way: &[&Token],
        terms: &MatchOptions,
    ) -> Result<Lowered, Exception> {
        if let [token] = way {
            let words = vec![token.text.clone()];
            return self.beside_each_other(leaf, field, words, terms.fuzzy.as_ref());
        }
        if terms.synonym_phrases {
            let places = (0..).zip(way).map(|(place, token)| (place, vec![token.text.clone()]));
            return self.phrase(leaf, field, places.collect(), 0, false);
        }
        let words = way.iter().map(|token| {
            let words = vec![token.text.clone()];
            self.beside_each_other(leaf, field, words, terms.fuzzy.as_ref())
        });
        let words = words.collect::<Result<_, _>>()?;
        Ok(combine(words, Vec::new(), Vec::new(), Vec::new(), 0))
    }
}
