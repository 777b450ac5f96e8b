//! `match_phrase` and `match_phrase_prefix`: the terms of a text at their distances.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use tantivy::schema::Field;

use super::bm25::TermStatistics;
use super::lower::{Lowered, Lowering, any_of, constant, everything, nothing};
use super::lowered::no_terms;
use super::options::{Options, QueryBody, one_field, scalar};
use super::phrase_scorer::{Phrase, Slot};
use super::scores::Scores;
use super::term_set::{TermAcceptor, after_prefix};
use super::words::{SoughtPhrase, SoughtWords};
use super::{Query, QueryClause};
use crate::analysis::Token;
use crate::exception::Exception;
use crate::exception::{internal, io};
use crate::mapping::Leaf;
use crate::mapping::text::{IndexOptions, Text};
use crate::mapping::text::{PHRASES_SUFFIX, TextRole};
use crate::value::scalar::plain;

/// A `match_phrase` or `match_phrase_prefix` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MatchPhrase {
    /// The field.
    pub(crate) field: String,
    /// The text, a scalar.
    pub(crate) query: Value,
    /// How far from their places terms may be, in all.
    pub(crate) slop: u32,
    /// An analyzer instead of the field's.
    pub(crate) analyzer: Option<String>,
    /// Whether a text without any terms matches everything.
    pub(crate) zero_terms_all: bool,
    /// The last term is only the start of one, with this many expansions.
    pub(crate) prefix: Option<usize>,
    /// Whether a text of the wrong type matches nothing instead of failing.
    pub(crate) lenient: bool,
    /// Whether a word that the analyzer left out leaves a gap.
    pub(crate) has_gaps: bool,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    read("match_phrase", value)
}

pub(super) fn parse_prefix(value: &Value, _depth: usize) -> Result<Query, Exception> {
    read("match_phrase_prefix", value)
}

fn read(name: &'static str, value: &Value) -> Result<Query, Exception> {
    let (field, body) = one_field(name, value)?;
    let prefix = (name == "match_phrase_prefix").then_some(50);
    let phrase = |query: &Value| -> Result<MatchPhrase, Exception> {
        scalar(name, &field, query)?;
        Ok(MatchPhrase { prefix, ..MatchPhrase::new(&field, query.clone()) })
    };
    match body {
        QueryBody::Short(value) => Ok(Query::of(phrase(value)?)),
        QueryBody::Long(options) => {
            options.are_values(&[])?;
            let Some(query) = options.get("query") else {
                let reason = format!("[{name}] requires query value");
                return Err(Exception::illegal_argument(reason));
            };
            let mut phrase = phrase(query)?;
            phrase.slop = not_negative(&options, "slop", "slop")?.unwrap_or(0);
            phrase.analyzer = options.text("analyzer")?;
            phrase.zero_terms_all = match options
                .text("zero_terms_query")?
                .map(|text| text.to_lowercase())
                .as_deref()
            {
                None | Some("none") => false,
                Some("all") => true,
                Some(other) => {
                    let reason = format!("Unsupported zero_terms_query value [{other}]");
                    return Err(options.wrong("zero_terms_query", reason));
                }
            };
            if prefix.is_some() {
                let expansions = not_negative(&options, "max_expansions", "maxExpansions")?;
                let expansions = expansions.unwrap_or(50);
                phrase.prefix = Some((expansions as usize).clamp(1, super::CLAUSES_MAX));
            }
            Query::with(phrase, &options)
        }
    }
}

/// A count, which the builder of the query calls `name`.
fn not_negative(options: &Options<'_>, key: &str, name: &str) -> Result<Option<u32>, Exception> {
    let text = options.text(key)?.unwrap_or_default();
    if text.parse().is_ok_and(|number: i32| number < 0) {
        return Err(Exception::illegal_argument(format!("No negative {name} allowed.")));
    }
    options.count(key)
}

impl MatchPhrase {
    /// An exact phrase.
    pub(crate) fn new(field: &str, query: Value) -> MatchPhrase {
        MatchPhrase {
            field: field.to_owned(),
            query,
            slop: 0,
            analyzer: None,
            zero_terms_all: false,
            prefix: None,
            lenient: false,
            has_gaps: true,
        }
    }

    fn strictly(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else {
            return lowering.term(&self.field, &self.query);
        };
        let leaf = Arc::clone(leaf);
        let text = scalar("match_phrase", &self.field, &self.query)?;
        let Some(tokens) = lowering.tokens(&leaf, &text, self.analyzer.as_deref(), true)? else {
            if UNANALYZED.contains(&leaf.kind.name()) && lowering.standard_places(&text)? > 1 {
                return Err(lowering.no_places(&leaf));
            }
            if self.prefix.is_some() {
                return Err(self.no_prefix(&leaf, lowering));
            }
            return lowering.term(&self.field, &self.query);
        };
        let mut places = group_positions(tokens);
        if places.len() > 1 && !has_places(&leaf) {
            return Err(lowering.no_places(&leaf));
        }
        if self.prefix.is_some() && !leaf.kind.is::<Text>() {
            return Err(self.no_prefix(&leaf, lowering));
        }
        let field = lowering.indexed(&leaf)?;
        if !self.has_gaps {
            for ((position, _), place) in places.iter_mut().zip(0..) {
                *position = place;
            }
        }
        if places.is_empty() {
            return Ok(if self.zero_terms_all { everything() } else { no_terms() });
        }
        if self.slop == 0
            && self.prefix.is_none()
            && let Some((words, joined)) = lowering.joined(&leaf, &places)
        {
            let field = lowering.indexed(&words)?;
            return lowering.phrase(&words, field, joined, 0, false);
        }
        if self.slop == 0
            && self.prefix.is_some()
            && let Some(found) = lowering.phrase_before_prefix(&leaf, field, &places)?
        {
            return Ok(found);
        }
        if let Some(expansions) = self.prefix {
            let Some((_, last)) = places.last_mut() else { return Ok(nothing()) };
            let mut expanded = BTreeSet::new();
            for start in last.iter() {
                expanded.extend(lowering.terms_from(field, start, expansions)?);
            }
            *last = expanded.into_iter().take(expansions).collect();
            if last.is_empty() {
                return Ok(nothing());
            }
        }
        let phrase = lowering.phrase(&leaf, field, places, self.slop, self.prefix.is_some())?;
        Ok(if leaf.kind.is_unscored() { constant(phrase) } else { phrase })
    }
}

impl MatchPhrase {
    /// The refusal of a field that has no words which begin with others.
    fn no_prefix(&self, leaf: &Leaf, lowering: &Lowering<'_>) -> Exception {
        lowering.failed(Exception::illegal_argument(format!(
            "Can only use phrase prefix queries on text fields - not on [{}] which is of type [{}]",
            self.field,
            leaf.kind.capability()
        )))
    }
}

impl QueryClause for MatchPhrase {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let name = if self.prefix.is_some() { "match_phrase_prefix" } else { "match_phrase" };
        lowering.check_analyzer(name, self.analyzer.as_deref())?;
        let lowered = self.strictly(lowering);
        if self.lenient { lowered.or_else(|_| Ok(nothing())) } else { lowered }
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) { sought.phrase(self) } else { Ok(()) }
    }
}

/// The types that cannot be searched, whose texts the real servers cut into words all the same.
const UNANALYZED: &[&str] = &["binary", "percolator", "rank_feature", "rank_features"];

/// Whether the field keeps where its words stand.
fn has_places(leaf: &Leaf) -> bool {
    leaf.kind.get::<Text>().is_some_and(|text| text.index_options == IndexOptions::Positions)
}

/// The words at each position, in order.
pub(crate) fn group_positions(tokens: Vec<Token>) -> Vec<(u32, Vec<String>)> {
    let mut places: Vec<(u32, Vec<String>)> = Vec::new();
    for token in tokens {
        match places.last_mut() {
            Some((position, words)) if *position == token.position => {
                if !words.contains(&token.text) {
                    words.push(token.text);
                }
            }
            _ => places.push((token.position, vec![token.text])),
        }
    }
    places
}

/// A phrase as Lucene writes it: `title:"quick (fox dog)"~2`, with `?` for a word that the analyzer left out.
fn phrase_text(path: &str, places: &[(u32, Vec<String>)], slop: u32) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = places.first().map_or(0, |(position, _)| *position);
    for (position, texts) in places {
        words.extend((next..*position).map(|_| "?".to_owned()));
        next = position + 1;
        words.push(match texts.as_slice() {
            [only] => only.clone(),
            several => format!("({})", several.join(" ")),
        });
    }
    let slop = if slop > 0 { format!("~{slop}") } else { String::new() };
    format!("{path}:\"{}\"{slop}", words.join(" "))
}

fn synonym_text(path: &str, words: &[String]) -> String {
    let each: Vec<String> = words.iter().map(|word| format!("{path}:{word}")).collect();
    format!("Synonym({})", each.join(" "))
}

impl SoughtWords<'_> {
    /// Adds a phrase.
    pub(super) fn phrase(&mut self, phrase: &MatchPhrase) -> Result<(), Exception> {
        let text = plain(&phrase.query);
        let Some(tokens) = self.tokens(&text, phrase.analyzer.as_deref(), true)? else {
            self.exactly(&text);
            return Ok(());
        };
        let places = group_positions(tokens);
        let (slop, prefix, sought) = (phrase.slop, phrase.prefix.is_some(), self.sought());
        self.words.phrases.push(SoughtPhrase { places, slop, prefix, sought });
        Ok(())
    }
}

/// Words by their places; several at one place stand for each other.
type PlacedWords = Vec<(u32, Vec<String>)>;

impl Lowering<'_> {
    /// The field beside a `search_as_you_type` field whose terms are as many words as a phrase has, or as it can have at
    /// most, or the one beside a text with `index_phrases`, whose terms are two words, and those terms at their places.
    fn joined(
        &self,
        leaf: &Leaf,
        places: &[(u32, Vec<String>)],
    ) -> Option<(Arc<Leaf>, PlacedWords)> {
        let text = leaf.kind.get::<Text>()?;
        let most = match text.role {
            TextRole::AsYouType(most) => most,
            _ if text.phrases => 2,
            _ => return None,
        };
        let is_plain = |pair: &[(u32, Vec<String>)]| matches!(pair, [(a, one), (b, other)] if a + 1 == *b && one.len() == 1 && other.len() == 1);
        if places.len() < 2 || !places.windows(2).all(is_plain) {
            return None;
        }
        let count = places.len().min(most);
        let words = match text.phrases {
            true => self.leaf(&format!("{}{PHRASES_SUFFIX}", leaf.path))?,
            false => self.leaf(&format!("{}._{count}gram", leaf.path))?,
        };
        let joined = places.windows(count).filter_map(|window| {
            let text: Vec<&str> =
                window.iter().filter_map(|(_, words)| words.first()).map(String::as_str).collect();
            Some((window.first()?.0, vec![text.join(" ")]))
        });
        Some((Arc::clone(words), joined.collect()))
    }

    /// The refusal of a phrase of a field that does not keep where its words stand.
    fn no_places(&self, leaf: &Leaf) -> Exception {
        let reason = format!(
            "field:[{}] was indexed without position data; cannot run PhraseQuery",
            leaf.path
        );
        self.failed(Exception::illegal_argument(reason))
    }

    /// At how many places the words of a text stand that nobody analyzes: of a field that cannot be searched.
    fn standard_places(&self, text: &str) -> Result<usize, Exception> {
        let tokens = self.analyzer("standard")?.tokens_until(text, &self.work.cancel)?;
        Ok(group_positions(tokens).len())
    }

    /// Words at their places.
    pub(super) fn phrase(
        &self,
        leaf: &Leaf,
        field: Field,
        places: Vec<(u32, Vec<String>)>,
        slop: u32,
        is_prefix: bool,
    ) -> Result<Lowered, Exception> {
        if let [(_, words)] = places.as_slice() {
            if !leaf.kind.has_words() {
                // An analyzer was asked for by name: its words are values.
                let each = words.iter().map(|word| self.term(&leaf.path, &word.as_str().into()));
                return Ok(any_of(each.collect::<Result<Vec<_>, _>>()?.into_iter()));
            }
            if let ([word], false) = (words.as_slice(), is_prefix) {
                return self.word(leaf, field, word);
            }
            if is_prefix {
                let each: Result<Vec<_>, _> = words
                    .iter()
                    .map(|word| {
                        self.scored(leaf, field, tantivy::Term::from_field_text(field, word))
                    })
                    .collect();
                return Ok(any_of(each?.into_iter()));
            }
            return self.synonyms(leaf, field, words);
        }
        if !has_places(leaf) {
            return Err(self.no_places(leaf));
        }
        let statistics =
            self.statistics.of(self.searcher, leaf, field, &self.work.cancel).map_err(internal)?;
        let mut counted = Vec::new();
        let mut slots = Vec::new();
        let shown = phrase_text(&leaf.path, &places, slop);
        for (position, words) in places {
            let mut terms = Vec::new();
            for word in words {
                let term = tantivy::Term::from_field_text(field, &word);
                let frequency = self.term_statistics(leaf, &term, &statistics)?;
                if frequency.documents > 0 {
                    counted.push(frequency);
                    terms.push(term);
                }
            }
            slots.push(Slot { terms, position });
        }
        Ok(Box::new(Phrase {
            field,
            slots,
            slop,
            shown,
            scores: Scores::new(&statistics, &counted),
            statistics,
            terms: counted,
            cancel: self.work.cancel.clone(),
        }))
    }

    /// Words that stand for each other, scored as one: Lucene's `SynonymQuery`.
    pub(crate) fn synonyms(
        &self,
        leaf: &Leaf,
        field: Field,
        words: &[String],
    ) -> Result<Lowered, Exception> {
        let statistics =
            self.statistics.of(self.searcher, leaf, field, &self.work.cancel).map_err(internal)?;
        let terms: Vec<_> =
            words.iter().map(|word| tantivy::Term::from_field_text(field, word)).collect();
        // As frequent as the most frequent of them, and as often as all of them.
        let mut all = TermStatistics::default();
        for term in &terms {
            let one = self.term_statistics(leaf, term, &statistics)?;
            all.documents = all.documents.max(one.documents);
            all.occurrences += one.occurrences;
        }
        let scores = Scores::new(&statistics, &[all]);
        Ok(Box::new(Phrase {
            field,
            slots: vec![Slot { terms, position: 0 }],
            slop: 0,
            shown: synonym_text(&leaf.path, words),
            scores,
            statistics,
            terms: vec![all],
            cancel: self.work.cancel.clone(),
        }))
    }

    /// The first terms that start with `start`, over all segments.
    fn terms_from(
        &self,
        field: Field,
        start: &str,
        most: usize,
    ) -> Result<BTreeSet<String>, Exception> {
        self.terms_accepted(field, start, None, most)
    }

    /// The terms of a field that start with `prefix` and that `accept` says yes to, over all segments; of each segment
    /// no more than the first `most`.
    ///
    /// # Errors
    /// `task_cancelled_exception`.
    pub(crate) fn terms_accepted(
        &self,
        field: Field,
        prefix: &str,
        accept: Option<&TermAcceptor>,
        most: usize,
    ) -> Result<BTreeSet<String>, Exception> {
        let mut found = BTreeSet::new();
        let documents = self.seen_documents()?;
        for reader in self.searcher.segment_readers() {
            let seen = documents.of(reader)?;
            let inverted = reader.inverted_index(field).map_err(internal)?;
            let mut range = inverted.terms().range().ge(prefix.as_bytes());
            if let Some(after) = after_prefix(prefix.as_bytes()) {
                range = range.lt(after);
            }
            let mut stream = range.into_stream().map_err(io)?;
            let mut accepted = 0;
            while accepted < most && stream.advance() {
                self.work.check()?;
                let Ok(term) = std::str::from_utf8(stream.key()) else { continue };
                if accept.is_none_or(|accept| accept(term))
                    && seen.has(&inverted, stream.value())?
                {
                    accepted += 1;
                    found.insert(term.to_owned());
                }
            }
        }
        Ok(found)
    }
}
