//! Which words of a field a query looks for, and where they stand in a text.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analysis::{Analyzer, Token};
use crate::dsl::fuzzy::Expansion;
use crate::dsl::lower::Lowering;
use crate::dsl::match_phrase::{MatchPhrase, group_positions};
use crate::dsl::match_query::Terms;
use crate::dsl::query_syntax::{Node, Settings};
use crate::dsl::term_set::Accept;
use crate::dsl::wildcard::Pattern;
use crate::dsl::{Kind, Query, regexp};
use crate::exception::Exception;
use crate::mapping::{FieldType, Leaf};
use crate::work::Work;

/// One marked place of a text, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) term: String,
}

/// What is looked for in one field.
#[derive(Default)]
pub(super) struct Words {
    terms: HashSet<String>,
    accepts: Vec<Accept>,
    phrases: Vec<Phrase>,
}

struct Phrase {
    places: Vec<(u32, Vec<String>)>,
    slop: u32,
    prefix: bool,
}

impl Words {
    /// What `query` looks for in `leaf`; `only` names the field whose words count, `None`: every field's.
    pub(super) fn of(
        query: &Query,
        only: Option<&str>,
        leaf: &Leaf,
        lowering: &Lowering<'_>,
    ) -> Result<Words, Exception> {
        let mut words = Words::default();
        let gather = Gather { only, leaf, lowering };
        gather.query(query, &mut words)?;
        Ok(words)
    }

    fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.accepts.is_empty() && self.phrases.is_empty()
    }

    /// Where they stand in `text`, in order.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    pub(super) fn find(
        &self,
        text: &str,
        analyzer: Option<&Analyzer>,
        work: &Work,
    ) -> Result<Vec<Match>, Exception> {
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
            *marked = self.terms.contains(&token.text)
                || self.accepts.iter().any(|accept| accept(&token.text));
        }
        for phrase in &self.phrases {
            phrase.mark(&tokens, &mut marked, work)?;
        }
        let mut found: Vec<Match> = tokens
            .iter()
            .zip(marked)
            .filter(|(_, marked)| *marked)
            .map(|(token, _)| Match {
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

impl Phrase {
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

struct Gather<'a> {
    only: Option<&'a str>,
    leaf: &'a Leaf,
    lowering: &'a Lowering<'a>,
}

impl Gather<'_> {
    fn counts(&self, field: &str) -> bool {
        match self.only {
            None => true,
            Some(only) => {
                only == field
                    || field.contains('*') && crate::dsl::wildcard::matches_simple(field, only)
                    || self.lowering.leaf(field).is_some_and(|leaf| leaf.path == only)
            }
        }
    }

    fn query(&self, query: &Query, words: &mut Words) -> Result<(), Exception> {
        match &query.kind {
            Kind::Bool(query) => {
                let wanted = query.must.iter().chain(&query.filter).chain(&query.should);
                wanted.into_iter().try_for_each(|query| self.query(query, words))?;
            }
            Kind::Boosting(query) => self.query(&query.positive, words)?,
            Kind::FunctionScore(query) => self.query(&query.query, words)?,
            Kind::ConstantScore(inner) => self.query(inner, words)?,
            Kind::DisMax(query) => {
                query.queries.iter().try_for_each(|query| self.query(query, words))?
            }
            Kind::Match(query) if self.counts(&query.field) => {
                let text = crate::mapping::field::plain(&query.query);
                self.text(&text, &query.terms, words)?;
            }
            Kind::MatchPhrase(phrase) if self.counts(&phrase.field) => {
                self.phrase(phrase, words)?
            }
            Kind::MultiMatch(query) => self.multi_match(query, words)?,
            Kind::Term(term) if self.counts(&term.field) => {
                self.exactly(&crate::mapping::field::plain(&term.value), words);
            }
            Kind::Terms(terms) if self.counts(&terms.field) => {
                terms
                    .values
                    .iter()
                    .for_each(|value| self.exactly(&crate::mapping::field::plain(value), words));
            }
            Kind::Prefix(prefix) if self.counts(&prefix.field) => {
                let start = prefix.value.clone();
                words.accepts.push(Arc::new(move |term| term.starts_with(&start)));
            }
            Kind::Wildcard(wildcard) if self.counts(&wildcard.field) => {
                let pattern = Pattern::new(&wildcard.value);
                words.accepts.push(Arc::new(move |term| pattern.matches(term)));
            }
            Kind::Regexp(query) if self.counts(&query.field) => {
                let expression = regexp::compile(
                    &query.value,
                    query.case_insensitive,
                    self.lowering.settings.max_regex_length,
                )?;
                words.accepts.push(Arc::new(move |term| expression.is_match(term)));
            }
            Kind::Fuzzy(fuzzy) if self.counts(&fuzzy.field) => {
                self.fuzzy(&fuzzy.value, &fuzzy.expansion, words)?;
            }
            Kind::QueryString(query) => {
                if let Ok(Some(node)) = query.tree() {
                    self.node(&node, &query.settings, words)?;
                }
            }
            Kind::SimpleQueryString(query) => {
                if let Ok(Some(node)) = query.tree() {
                    self.node(&node, &query.settings, words)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn multi_match(
        &self,
        query: &crate::dsl::multi_match::MultiMatch,
        words: &mut Words,
    ) -> Result<(), Exception> {
        use crate::dsl::multi_match::Type;
        let (fields, _) = self.lowering.expand_fields(&query.fields)?;
        if !fields.iter().any(|(field, _)| self.counts(field)) {
            return Ok(());
        }
        if matches!(query.kind, Type::Phrase | Type::PhrasePrefix) {
            let phrase = MatchPhrase {
                slop: query.slop,
                prefix: (query.kind == Type::PhrasePrefix).then_some(50),
                analyzer: query.terms.analyzer.clone(),
                ..MatchPhrase::new(&self.leaf.path, query.query.clone())
            };
            return self.phrase(&phrase, words);
        }
        let text = crate::mapping::field::plain(&query.query);
        self.text(&text, &query.terms, words)
    }

    fn exactly(&self, text: &str, words: &mut Words) {
        words.terms.insert(self.lowering.normalized(self.leaf, text));
        if matches!(self.leaf.kind, FieldType::Keyword(_)) {
            // A value is marked as it was written, not as it was normalized.
            let wanted = self.lowering.normalized(self.leaf, text);
            let FieldType::Keyword(keyword) = &self.leaf.kind else { return };
            let normalizer = keyword
                .normalizer
                .as_deref()
                .and_then(|name| self.lowering.analyzers.normalizer(name));
            if let Some(normalizer) = normalizer {
                words.accepts.push(Arc::new(move |value| normalizer.normalize(value) == wanted));
            }
        }
    }

    fn tokens(
        &self,
        text: &str,
        analyzer: Option<&str>,
        quoted: bool,
    ) -> Result<Option<Vec<Token>>, Exception> {
        self.lowering.tokens(self.leaf, text, analyzer, quoted)
    }

    fn text(&self, text: &str, terms: &Terms, words: &mut Words) -> Result<(), Exception> {
        let Some(tokens) = self.tokens(text, terms.analyzer.as_deref(), false)? else {
            self.exactly(text, words);
            return Ok(());
        };
        let last = tokens.len().wrapping_sub(1);
        for (at, token) in tokens.into_iter().enumerate() {
            match &terms.fuzzy {
                _ if terms.prefix && at == last => {
                    words.accepts.push(Arc::new(move |term| term.starts_with(&token.text)));
                }
                Some(expansion) => self.fuzzy(&token.text, expansion, words)?,
                None => {
                    words.terms.insert(token.text);
                }
            }
        }
        Ok(())
    }

    fn fuzzy(&self, term: &str, expansion: &Expansion, words: &mut Words) -> Result<(), Exception> {
        let Some(field) = self.leaf.field else { return Ok(()) };
        let near = self.lowering.expand(field, term, expansion)?;
        words.terms.extend(near.into_iter().map(|(_, text)| text));
        Ok(())
    }

    fn phrase(&self, phrase: &MatchPhrase, words: &mut Words) -> Result<(), Exception> {
        let text = crate::mapping::field::plain(&phrase.query);
        let Some(tokens) = self.tokens(&text, phrase.analyzer.as_deref(), true)? else {
            self.exactly(&text, words);
            return Ok(());
        };
        let places = group_positions(tokens);
        words.phrases.push(Phrase { places, slop: phrase.slop, prefix: phrase.prefix.is_some() });
        Ok(())
    }

    fn node(&self, node: &Node, settings: &Settings, words: &mut Words) -> Result<(), Exception> {
        let field = match node {
            Node::Bool(clauses) => {
                let wanted = clauses
                    .iter()
                    .filter(|(occur, _)| *occur != crate::dsl::query_syntax::Occur::MustNot);
                return wanted
                    .into_iter()
                    .try_for_each(|(_, node)| self.node(node, settings, words));
            }
            Node::Boosted(node, _) => return self.node(node, settings, words),
            Node::All | Node::Exists { .. } | Node::Range { .. } => return Ok(()),
            Node::Text { field, .. }
            | Node::Phrase { field, .. }
            | Node::Prefix { field, .. }
            | Node::Wildcard { field, .. }
            | Node::Regexp { field, .. }
            | Node::Fuzzy { field, .. } => field,
        };
        let own = field.as_ref().map(|field| vec![(field.clone(), 1.0)]);
        let (fields, _) =
            self.lowering.expand_fields(own.as_deref().unwrap_or(&settings.fields))?;
        if !fields.iter().any(|(field, _)| self.counts(field)) {
            return Ok(());
        }
        match node {
            Node::Text { text, .. } => {
                let terms = Terms { analyzer: settings.analyzer.clone(), ..Terms::default() };
                self.text(text, &terms, words)?
            }
            Node::Phrase { text, slop, .. } => {
                let phrase = MatchPhrase {
                    slop: slop.unwrap_or(settings.phrase_slop),
                    ..MatchPhrase::new(&self.leaf.path, text.as_str().into())
                };
                self.phrase(&phrase, words)?;
            }
            Node::Prefix { text, .. } => {
                let start = text.to_lowercase();
                words.accepts.push(Arc::new(move |term| term.to_lowercase().starts_with(&start)));
            }
            Node::Wildcard { text, .. } => {
                let pattern = Pattern::new(&text.to_lowercase());
                words.accepts.push(Arc::new(move |term| pattern.matches(&term.to_lowercase())));
            }
            Node::Regexp { text, .. } => {
                let expression =
                    regexp::compile(text, false, self.lowering.settings.max_regex_length)?;
                words.accepts.push(Arc::new(move |term| expression.is_match(term)));
            }
            Node::Fuzzy { text, .. } => {
                self.fuzzy(&text.to_lowercase(), &settings.expansion, words)?
            }
            _ => {}
        }
        Ok(())
    }
}
