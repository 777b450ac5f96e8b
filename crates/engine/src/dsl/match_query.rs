//! `match`: a text through the field's analyzer, then its terms.

use std::sync::Arc;

use serde_json::Value;

use super::common::CommonWords;
use super::fuzzy::Expansion;
use super::lower::{Lowered, Lowering, everything, nothing};
use super::lowered::{combine, no_terms};
use super::match_phrase::group_positions;
use super::options::{Options, QueryBody, one_field, scalar};
use super::word_graph::is_graph;
use super::words::SoughtWords;
use super::{Query, QueryClause, minimum_should_match};
use crate::analysis::Token;
use crate::exception::Exception;
use crate::mapping::Leaf;
use crate::mapping::binary::Binary;
use crate::mapping::completion::Completion;
use crate::mapping::keyword::Keyword;
use crate::mapping::rank_feature::RankFeature;
use crate::value::scalar::plain;

/// How the terms of a text are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// One of them.
    Or,
    /// All of them.
    And,
}

/// A `match` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Match {
    /// The field.
    pub(crate) field: String,
    /// The text, a scalar.
    pub(crate) query: Value,
    /// How its terms are joined.
    pub(crate) terms: MatchOptions,
}

/// What `match`, `multi_match` and `query_string` share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MatchOptions {
    /// All terms, or one of them.
    pub(crate) operator: Operator,
    /// How many of them.
    pub(crate) minimum_should_match: Option<String>,
    /// An analyzer instead of the field's.
    pub(crate) analyzer: Option<String>,
    /// Whether terms match nearly.
    pub(crate) fuzzy: Option<Expansion>,
    /// Whether a text of the wrong type matches nothing instead of failing.
    pub(crate) lenient: bool,
    /// Whether a text without any terms matches everything.
    pub(crate) zero_terms_all: bool,
    /// Whether the last term is only the start of one.
    pub(crate) prefix: bool,
    /// From which frequency on a word only adds to the score.
    pub(crate) cutoff: Option<f32>,
    /// Whether several words in the place of one are a phrase.
    pub(crate) synonym_phrases: bool,
}

impl Default for MatchOptions {
    fn default() -> MatchOptions {
        MatchOptions {
            operator: Operator::Or,
            minimum_should_match: None,
            analyzer: None,
            fuzzy: None,
            lenient: false,
            zero_terms_all: false,
            prefix: false,
            cutoff: None,
            synonym_phrases: true,
        }
    }
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    if value.as_object().is_some_and(serde_json::Map::is_empty) {
        return Err(Exception::parsing("No text specified for text query"));
    }
    let (field, body) = one_field("match", value)?;
    match body {
        QueryBody::Short(value) => {
            let query = text_value("match", &field, value)?;
            Ok(Query::of(Match { field, query, terms: MatchOptions::default() }))
        }
        QueryBody::Long(options) => {
            options.are_values(&[])?;
            let Some(query) = options.get("query") else {
                return Err(Exception::parsing("No text specified for text query"));
            };
            let query = text_value("match", &field, query)?;
            let terms = MatchOptions::read(&options)?;
            Query::with(Match { field, query, terms }, &options)
        }
    }
}

pub(super) fn parse_bool_prefix(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("match_bool_prefix", value)?;
    let prefixed = |terms: MatchOptions| MatchOptions { prefix: true, ..terms };
    match body {
        QueryBody::Short(value) => {
            let query = text_value("match_bool_prefix", &field, value)?;
            let terms = prefixed(MatchOptions::default());
            Ok(Query::of(Match { field, query, terms }))
        }
        QueryBody::Long(options) => {
            options.are_values(&[])?;
            let Some(query) = options.get("query") else {
                let reason = "[match_bool_prefix] requires query value";
                return Err(Exception::illegal_argument(reason));
            };
            let query = text_value("match_bool_prefix", &field, query)?;
            let terms = prefixed(MatchOptions::read(&options)?);
            if terms.cutoff.is_some() {
                return Err(options.unsupported("cutoff_frequency"));
            }
            Query::with(Match { field, query, terms }, &options)
        }
    }
}

fn text_value(query: &'static str, field: &str, value: &Value) -> Result<Value, Exception> {
    scalar(query, field, value).map(|_| value.clone())
}

impl Operator {
    /// Reads `and` or `or`.
    pub(crate) fn parse(text: &str) -> Result<Operator, Exception> {
        match text.to_ascii_lowercase().as_str() {
            "or" => Ok(Operator::Or),
            "and" => Ok(Operator::And),
            _ => Err(Exception::illegal_argument(format!(
                "No enum constant org.elasticsearch.index.query.Operator.{}",
                text.to_uppercase()
            ))),
        }
    }
}

impl MatchOptions {
    /// The options that `match` and `multi_match` share.
    pub(super) fn read(options: &Options<'_>) -> Result<MatchOptions, Exception> {
        let operator = match options.text("operator")? {
            Some(text) => Operator::parse(&text)?,
            None => Operator::Or,
        };
        let zero_terms_all =
            match options.text("zero_terms_query")?.map(|text| text.to_lowercase()).as_deref() {
                None | Some("none") => false,
                Some("all") => true,
                Some(other) => {
                    let reason = format!("Unsupported zero_terms_query value [{other}]");
                    return Err(options.wrong("zero_terms_query", reason));
                }
            };
        let rewrite = options.text("fuzzy_rewrite")?;
        let fuzzy = match options.get("fuzziness") {
            Some(_) => Expansion::read(options, "fuzziness", "fuzzy_transpositions")?
                .map(|expansion| Expansion { rewrite, ..expansion }),
            None => {
                // Without fuzziness these have nothing to say.
                for key in ["prefix_length", "max_expansions", "fuzzy_transpositions"] {
                    options.get(key);
                }
                None
            }
        };
        Ok(MatchOptions {
            operator,
            minimum_should_match: options.text("minimum_should_match")?,
            analyzer: options.text("analyzer")?,
            fuzzy,
            lenient: options.flag("lenient")?.unwrap_or(false),
            zero_terms_all,
            prefix: false,
            cutoff: options.float("cutoff_frequency")?,
            synonym_phrases: options.flag("auto_generate_synonyms_phrase_query")?.unwrap_or(true),
        })
    }
}

impl MatchOptions {
    /// The clauses of the words of a text as one query.
    pub(super) fn joined(&self, mut clauses: Vec<Lowered>) -> Result<Lowered, Exception> {
        let count = clauses.len();
        if count == 0 {
            return Ok(if self.zero_terms_all { everything() } else { no_terms() });
        }
        if count == 1 {
            // One clause is no boolean query: no minimum can ask for more of it.
            return Ok(clauses.pop().unwrap_or_else(nothing));
        }
        if self.operator == Operator::And {
            // None of them is optional, so that a minimum that is no share is never reached.
            let specification = self.minimum_should_match.as_deref();
            let required =
                specification.map_or(Ok(0), |it| minimum_should_match::calculate(it, 0))?;
            return Ok(combine(clauses, Vec::new(), Vec::new(), Vec::new(), required));
        }
        let required = match &self.minimum_should_match {
            Some(specification) => minimum_should_match::calculate(specification, count)?.max(1),
            None => 1,
        };
        Ok(combine(Vec::new(), Vec::new(), clauses, Vec::new(), required))
    }
}

/// Whether the last word is asked for as a prefix in a field that has none, and not as a value.
fn refuses_prefixes(leaf: &Leaf) -> bool {
    leaf.kind.is::<RankFeature>() || leaf.kind.is::<Completion>() || leaf.kind.is::<Binary>()
}

impl Match {
    fn strictly(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else {
            return lowering.term(&self.field, &self.query);
        };
        let leaf = Arc::clone(leaf);
        let text = scalar("match", &self.field, &self.query)?;
        let tokens = match lowering.tokens(&leaf, &text, self.terms.analyzer.as_deref(), false)? {
            Some(tokens) => tokens,
            None => {
                return match (&self.terms.fuzzy, leaf.kind.is::<Keyword>()) {
                    (_, true) if self.terms.prefix => {
                        let set =
                            lowering.term_set("match_bool_prefix", &self.field, &text, None)?;
                        Ok(super::lower::leaf(
                            set,
                            "PrefixQuery",
                            format!("{}:{text}*", self.field),
                        ))
                    }
                    _ if self.terms.prefix && refuses_prefixes(&leaf) => {
                        lowering.term_set("prefix", &self.field, &text, None)
                    }
                    (Some(expansion), _) => {
                        lowering.fuzzy_of(&leaf, &lowering.normalized(&leaf, &text), expansion)
                    }
                    (None, _) => lowering.term(&self.field, &self.query),
                };
            }
        };
        lowering.terms(&leaf, tokens, &self.terms)
    }
}

impl QueryClause for Match {
    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let name = if self.terms.prefix { "match_bool_prefix" } else { "match" };
        lowering.check_analyzer(name, self.terms.analyzer.as_deref())?;
        let lowered = self.strictly(lowering);
        if self.terms.lenient { lowered.or_else(|_| Ok(nothing())) } else { lowered }
    }

    fn is_composite(&self) -> bool {
        true
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            sought.text(&plain(&self.query), &self.terms)?;
        }
        Ok(())
    }
}

impl SoughtWords<'_> {
    /// Adds the words of a text.
    pub(super) fn text(&mut self, text: &str, terms: &MatchOptions) -> Result<(), Exception> {
        let Some(tokens) = self.tokens(text, terms.analyzer.as_deref(), false)? else {
            self.exactly(text);
            return Ok(());
        };
        let last = tokens.len().wrapping_sub(1);
        for (at, token) in tokens.into_iter().enumerate() {
            match &terms.fuzzy {
                _ if terms.prefix && at == last => {
                    self.accepted(Arc::new(move |term| term.starts_with(&token.text)));
                }
                Some(expansion) => self.fuzzy(&token.text, expansion)?,
                None => {
                    self.term(token.text);
                }
            }
        }
        Ok(())
    }
}

impl Lowering<'_> {
    /// The tokens of query text for a leaf; `None` for the types that take their values whole.
    pub(crate) fn tokens(
        &self,
        leaf: &Leaf,
        text: &str,
        analyzer: Option<&str>,
        quoted: bool,
    ) -> Result<Option<Vec<Token>>, Exception> {
        if let Some(name) = analyzer {
            let analyzer = self.analyzer(name)?;
            return analyzer.tokens_until(text, &self.work.cancel).map(Some);
        }
        if let Some(kind) = leaf.kind.get() {
            let analyzer = self.search_analyzer(kind, quoted)?;
            return analyzer.tokens_until(text, &self.work.cancel).map(Some);
        }
        match leaf.kind.get::<Keyword>() {
            Some(keyword) if keyword.split_queries_on_whitespace => {
                let analyzer = self.analyzer("whitespace")?;
                let mut tokens = analyzer.tokens_until(text, &self.work.cancel)?;
                tokens.iter_mut().for_each(|token| token.text = self.normalized(leaf, &token.text));
                Ok(Some(tokens))
            }
            _ => Ok(None),
        }
    }

    /// The tokens of a text as a boolean query.
    pub(crate) fn terms(
        &self,
        leaf: &Leaf,
        tokens: Vec<Token>,
        terms: &MatchOptions,
    ) -> Result<Lowered, Exception> {
        let mut clauses = Vec::new();
        if !leaf.kind.has_words() || self.searches_column(leaf) {
            // An analyzer was asked for by name, or there are no postings: each of its words is a value.
            for word in group_positions(tokens).into_iter().flat_map(|(_, words)| words) {
                clauses.push(match &terms.fuzzy {
                    Some(expansion) => self.fuzzy_of(leaf, &word, expansion)?,
                    None => self.term(&leaf.path, &Value::from(word))?,
                });
            }
            return terms.joined(clauses);
        }
        let field = self.indexed(leaf)?;
        if is_graph(&tokens) && !terms.prefix {
            return self.graph(leaf, field, &tokens, terms);
        }
        let places = group_positions(tokens);
        if let (Some(cutoff), None, false) = (terms.cutoff, &terms.fuzzy, terms.prefix) {
            let words: Option<Vec<String>> = places
                .iter()
                .map(|(_, words)| {
                    <&[String; 1]>::try_from(&words[..]).ok().map(|[word]| word.clone())
                })
                .collect();
            if let Some(words) = words.filter(|words| words.len() > 1) {
                let how = CommonWords {
                    cutoff,
                    frequent: terms.operator,
                    rare: terms.operator,
                    frequent_minimum: None,
                    rare_minimum: terms.minimum_should_match.clone(),
                };
                return self.common(leaf, field, &words, &how);
            }
        }
        let last = places.len().wrapping_sub(1);
        for (place, (_, words)) in places.into_iter().enumerate() {
            clauses.push(match (words.as_slice(), &terms.fuzzy) {
                ([word], _) if terms.prefix && place == last => {
                    let text = format!("{}:{word}*", leaf.path);
                    self.check_expansion("prefix")?;
                    let set = self.term_set("match_bool_prefix", &leaf.path, word, None)?;
                    super::lower::leaf(set, "PrefixQuery", text)
                }
                ([word], Some(expansion)) => self.fuzzy(leaf, word, expansion)?,
                ([word], None) => self.word(leaf, field, word)?,
                (words, _) => self.synonyms(leaf, field, words)?,
            });
        }
        terms.joined(clauses)
    }
}
