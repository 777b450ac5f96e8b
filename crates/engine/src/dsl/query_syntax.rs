//! What `query_string` and `simple_query_string` parse to, and how that is lowered over several fields.

use std::sync::Arc;

use serde_json::Value;

use super::exists::Exists;
use super::fuzzy::{Expansion, Fuzziness};
use super::lower::{Lowered, Lowering, any_of, boosted, nothing};
use super::lowered::{Role, best_of, has_no_terms, joined, no_terms};
use super::match_phrase::{MatchPhrase, group_positions};
use super::match_query::{MatchOptions, Operator};
use super::multi_match::{MultiMatch, MultiMatchType};
use super::prefix::Prefix;
use super::range::Range;
use super::regexp::{self, Regexp};
use super::rewrite::Rewrite;
use super::wildcard::{Pattern, Wildcard};
use super::words::SoughtWords;
use super::{Query, QueryClause, minimum_should_match};
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::mapping::query::RangeBounds;
use crate::mapping::text::Text;

/// One piece of a query written as text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SyntaxNode {
    /// `*:*`
    All,
    /// Words, through the analyzer.
    Text { field: Option<String>, text: String },
    /// `"…"~slop`
    Phrase { field: Option<String>, text: String, slop: Option<u32> },
    /// `wor*`
    Prefix { field: Option<String>, text: String },
    /// `w?r*d`
    Wildcard { field: Option<String>, text: String },
    /// `/w.*/`
    Regexp { field: Option<String>, text: String },
    /// `word~2`
    Fuzzy { field: Option<String>, text: String, edits: Option<usize> },
    /// `[a TO b}`, `>=a`
    Range { field: Option<String>, from: Option<(String, bool)>, to: Option<(String, bool)> },
    /// `_exists_:field`
    Exists { field: String },
    /// Clauses.
    Bool(Vec<(Occur, SyntaxNode)>),
    /// Everything but this, as `simple_query_string` reads `-word`.
    Not(Box<SyntaxNode>),
    /// `…^2`
    Boosted(Box<SyntaxNode>, f32),
}

/// How a clause counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occur {
    Must,
    Should,
    MustNot,
}

/// How the pieces are looked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QueryStringSettings {
    /// Fields with boosts, for pieces that name none.
    pub(crate) fields: Vec<(String, f32)>,
    /// How words are joined.
    pub(crate) operator: Operator,
    /// An analyzer instead of the fields'.
    pub(crate) analyzer: Option<String>,
    /// An analyzer for quoted text instead of the fields'.
    pub(crate) quote_analyzer: Option<String>,
    /// Whether a text of the wrong type matches nothing instead of failing; unset: only when no field is named.
    pub(crate) lenient: Option<bool>,
    /// How many of the outermost optional clauses must match.
    pub(crate) minimum_should_match: Option<String>,
    /// How the fields are joined.
    pub(crate) kind: MultiMatchType,
    /// What of the other fields' scores is added to the best; unset: what `kind` says.
    pub(crate) tie_breaker: Option<f32>,
    /// The slop of phrases that name none.
    pub(crate) phrase_slop: u32,
    /// What is added to the name of a field that a phrase is looked for in, where there is such a field.
    pub(crate) quote_field_suffix: Option<String>,
    /// Whether a word that the analyzer left out leaves a gap in a phrase.
    pub(crate) has_gaps: bool,
    /// Whether a text that words begin with is cut as a text is.
    pub(crate) analyze_wildcard: bool,
    /// How prefixes, patterns and expressions are run and scored.
    pub(crate) rewrite: Option<String>,
    /// How fuzzy words are expanded.
    pub(crate) expansion: Expansion,
    /// The zone of dates in ranges.
    pub(crate) time_zone: Option<String>,
}

impl QueryStringSettings {
    /// What `tree`, read of `text`, matches; nothing where it is empty.
    ///
    /// # Errors
    /// `query_shard_exception` for a text that could not be read.
    pub(super) fn lower_text(
        &self,
        text: &str,
        tree: Result<Option<SyntaxNode>, Exception>,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        let tree = tree.map_err(|cause| {
            let cause = match cause.kind() {
                ExceptionKind::QuerySyntax => {
                    let reason = format!("Cannot parse '{text}': {}", cause.reason());
                    Exception::new(ExceptionKind::QuerySyntax, reason).caused_by(cause)
                }
                _ => cause,
            };
            lowering.refuse(format!("Failed to parse query [{text}]")).caused_by(cause)
        })?;
        for given in [&self.rewrite, &self.expansion.rewrite] {
            lowering.rewrite(given.as_deref(), Rewrite::Constant)?;
        }
        tree.map_or_else(|| Ok(nothing()), |node| self.lower(&node, lowering))
    }

    /// The query of `node`, the outermost.
    pub(super) fn lower(
        &self,
        node: &SyntaxNode,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        match node {
            SyntaxNode::Bool(clauses) => {
                self.clauses(clauses, self.minimum_should_match.as_deref(), lowering)
            }
            SyntaxNode::Not(inner) => {
                self.negated(inner, self.minimum_should_match.as_deref(), lowering)
            }
            // The words of one text are the outermost clauses themselves.
            SyntaxNode::Text { .. } | SyntaxNode::Prefix { .. } => {
                self.leaves(node, self.minimum_should_match.as_deref(), lowering)
            }
            node => self.node(node, lowering),
        }
    }

    fn node(&self, node: &SyntaxNode, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        match node {
            SyntaxNode::All => lowering.lower(&Query::all()),
            SyntaxNode::Bool(clauses) => self.clauses(clauses, None, lowering),
            SyntaxNode::Not(inner) => self.negated(inner, None, lowering),
            SyntaxNode::Boosted(inner, boost) => Ok(boosted(self.node(inner, lowering)?, *boost)),
            SyntaxNode::Exists { field } => Exists { field: field.clone() }.lower(lowering),
            node => self.leaves(node, None, lowering),
        }
    }

    /// A piece over its fields: the best of them counts.
    fn leaves(
        &self,
        node: &SyntaxNode,
        minimum: Option<&str>,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        let field = match node {
            SyntaxNode::Text { field, .. }
            | SyntaxNode::Phrase { field, .. }
            | SyntaxNode::Prefix { field, .. }
            | SyntaxNode::Wildcard { field, .. }
            | SyntaxNode::Regexp { field, .. }
            | SyntaxNode::Fuzzy { field, .. }
            | SyntaxNode::Range { field, .. } => field,
            SyntaxNode::All
            | SyntaxNode::Exists { .. }
            | SyntaxNode::Bool(_)
            | SyntaxNode::Not(_)
            | SyntaxNode::Boosted(..) => &None,
        };
        let own = field.as_ref().map(|field| vec![(field.clone(), 1.0)]);
        let (mut fields, _) = lowering.expand_fields(own.as_deref().unwrap_or(&self.fields))?;
        if let (SyntaxNode::Phrase { .. }, Some(suffix)) = (node, &self.quote_field_suffix) {
            for (field, _) in &mut fields {
                let quoted = format!("{field}{suffix}");
                if lowering.leaf(&quoted).is_some() {
                    *field = quoted;
                }
            }
        }
        // Where no field is named, none of the pieces is strict, not even one that names its own.
        let lenient = self.lenient.unwrap_or_else(|| lowering.searches_all(&self.fields));
        if field.is_none()
            && matches!(node, SyntaxNode::Wildcard { text, .. } if text == "*")
            && lowering.searches_all(&self.fields)
        {
            return lowering.lower(&Query::all());
        }
        if let SyntaxNode::Text { text, .. } = node {
            let whole = fields.len() == 1
                || self.kind == MultiMatchType::CrossFields
                    && lowering.is_one_text(&fields, self.analyzer.as_deref());
            let minimum = minimum.filter(|_| whole);
            return self.text(text, lenient, minimum).over(fields, lenient, lowering);
        }
        let minimum = minimum.filter(|_| fields.len() == 1);
        let mut queries = Vec::new();
        for (field, boost) in fields {
            match self.piece(node, &field, lenient, minimum, lowering) {
                Ok(query) => queries.push(boosted(query, boost)),
                Err(_) if lenient => {}
                Err(cause) => return Err(cause),
            }
        }
        let tie_breaker = self.tie_breaker.unwrap_or_else(|| self.kind.tie_breaker());
        Ok(best_of(queries, tie_breaker))
    }

    /// Words over several fields.
    fn text(&self, text: &str, lenient: bool, minimum: Option<&str>) -> MultiMatch {
        let terms = MatchOptions {
            minimum_should_match: minimum.map(str::to_owned),
            lenient,
            ..self.joined_words()
        };
        let tie_breaker = self.tie_breaker.unwrap_or_else(|| self.kind.tie_breaker());
        MultiMatch { terms, tie_breaker, ..MultiMatch::new(text.into(), self.kind) }
    }

    /// How words are joined.
    fn joined_words(&self) -> MatchOptions {
        MatchOptions {
            operator: self.operator,
            analyzer: self.analyzer.clone(),
            ..MatchOptions::default()
        }
    }

    /// Everything but `inner`; of a text without terms, nothing, as of the text itself.
    fn negated(
        &self,
        inner: &SyntaxNode,
        minimum: Option<&str>,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        let query = self.node(inner, lowering)?;
        if has_no_terms(&query) {
            return Ok(query);
        }
        let required = match minimum {
            Some(specification) => minimum_should_match::calculate(specification, 1)?.max(1),
            None => 1,
        };
        let all = lowering.lower(&Query::all())?;
        Ok(joined(vec![(Role::MustNot, query), (Role::Should, all)], required))
    }

    fn clauses(
        &self,
        clauses: &[(Occur, SyntaxNode)],
        minimum: Option<&str>,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        let (mut must, mut should) = (0, 0);
        let mut lowered = Vec::new();
        for (occur, node) in clauses {
            let query = self.node(node, lowering)?;
            if has_no_terms(&query) {
                continue;
            }
            let role = match occur {
                Occur::Must => Role::Must,
                Occur::Should => Role::Should,
                Occur::MustNot => Role::MustNot,
            };
            must += usize::from(role == Role::Must);
            should += usize::from(role == Role::Should);
            lowered.push((role, query));
        }
        if lowered.is_empty() {
            return Ok(no_terms());
        }
        let least = usize::from(must == 0 && should > 0);
        let required = match minimum {
            Some(specification) => {
                minimum_should_match::calculate(specification, should)?.max(least)
            }
            None => least,
        };
        Ok(joined(lowered, required))
    }

    // long: one arm for each kind of node
    fn piece(
        &self,
        node: &SyntaxNode,
        field: &str,
        lenient: bool,
        minimum: Option<&str>,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        match node {
            SyntaxNode::Phrase { text, slop, .. } => MatchPhrase {
                slop: slop.unwrap_or(self.phrase_slop),
                analyzer: self.quote_analyzer.clone().or_else(|| self.analyzer.clone()),
                lenient,
                has_gaps: self.has_gaps,
                ..MatchPhrase::new(field, Value::from(text.as_str()))
            }
            .lower(lowering),
            SyntaxNode::Prefix { text, .. } if self.analyze_wildcard => {
                self.analyzed_prefix(field, text, minimum, lowering)
            }
            SyntaxNode::Prefix { text, .. } => {
                let value = self.characters(field, text, lowering)?;
                self.prefix(field, value).lower(lowering)
            }
            SyntaxNode::Wildcard { text, .. } if text == "*" => {
                Exists { field: field.to_owned() }.lower(lowering)
            }
            // As one of the field itself, whose terms are not those of its values.
            SyntaxNode::Wildcard { .. }
                if lowering.flavor() == Flavor::OpenSearch219
                    && lowering.flat_object(field).is_some() =>
            {
                Ok(nothing())
            }
            SyntaxNode::Wildcard { text, .. } => {
                let value = self.pattern(field, text, lowering)?;
                let (field, rewrite) = (field.to_owned(), self.rewrite.clone());
                Wildcard { field, value, case_insensitive: false, rewrite }.lower(lowering)
            }
            // OpenSearch looks through the terms of the field, whatever its type is: one of numbers has none.
            SyntaxNode::Regexp { .. }
                if lowering.flavor() == Flavor::OpenSearch219
                    && (lowering.leaf(field).is_some_and(|leaf| !leaf.kind.has_words())
                        || lowering.flat_object(field).is_some()) =>
            {
                Ok(nothing())
            }
            SyntaxNode::Regexp { text, .. } => {
                Regexp::new(field.to_owned(), text.clone(), self.rewrite.clone()).lower(lowering)
            }
            SyntaxNode::Fuzzy { text, edits, .. } => {
                let Some(leaf) = lowering.leaf(field) else { return Ok(nothing()) };
                let fuzziness = edits.map_or(self.expansion.fuzziness, Fuzziness::Edits);
                let expansion = Expansion { fuzziness, rewrite: None, ..self.expansion.clone() };
                let term = self.characters(field, text, lowering)?;
                lowering.fuzzy_of(leaf, &term, &expansion)
            }
            SyntaxNode::Range { from, to, .. } => {
                let bound =
                    |bound: &Option<(String, bool)>| -> Result<Option<(Value, bool)>, Exception> {
                        let Some((text, included)) = bound else { return Ok(None) };
                        Ok(Some((self.characters(field, text, lowering)?.into(), *included)))
                    };
                let is_date =
                    lowering.leaf(field).is_some_and(|leaf| leaf.kind.as_date().is_some());
                let time_zone = self.time_zone.clone().filter(|_| is_date);
                let (from, to) = (bound(from)?, bound(to)?);
                let field = field.to_owned();
                let bounds = RangeBounds { field, from, to, format: None, time_zone };
                Range { bounds, relation: Default::default() }.lower(lowering)
            }
            SyntaxNode::All
            | SyntaxNode::Text { .. }
            | SyntaxNode::Exists { .. }
            | SyntaxNode::Bool(_)
            | SyntaxNode::Not(_)
            | SyntaxNode::Boosted(..) => self.node(node, lowering),
        }
    }

    fn prefix(&self, field: &str, value: String) -> Prefix {
        let (field, rewrite) = (field.to_owned(), self.rewrite.clone());
        Prefix { field, value, case_insensitive: false, rewrite }
    }

    /// The words of `text`, of which the last is only the start of one.
    /// (`getPossiblyAnalyzedPrefixQuery` of Elasticsearch 7.10.)
    fn analyzed_prefix(
        &self,
        field: &str,
        text: &str,
        minimum: Option<&str>,
        lowering: &Lowering<'_>,
    ) -> Result<Lowered, Exception> {
        let words = lowering.leaf(field).filter(|leaf| leaf.kind.is::<Text>());
        let Some(leaf) = words.cloned() else {
            return self.prefix(field, text.to_owned()).lower(lowering);
        };
        let tokens = lowering.tokens(&leaf, text, self.analyzer.as_deref(), false)?;
        let mut places = group_positions(tokens.unwrap_or_default());
        let Some((_, last)) = places.pop() else { return Ok(nothing()) };
        let indexed = lowering.indexed(&leaf)?;
        let mut clauses = Vec::new();
        for (_, words) in places {
            clauses.push(match words.as_slice() {
                [word] => lowering.word(&leaf, indexed, word)?,
                words => lowering.synonyms(&leaf, indexed, words)?,
            });
        }
        let starts = last.into_iter().map(|word| self.prefix(field, word).lower(lowering));
        clauses.push(any_of(starts.collect::<Result<Vec<_>, _>>()?.into_iter()));
        let minimum_should_match = minimum.map(str::to_owned);
        MatchOptions { minimum_should_match, ..self.joined_words() }.joined(clauses)
    }

    /// A word as the field's analyzer would change its characters, without cutting it.
    fn characters(
        &self,
        field: &str,
        text: &str,
        lowering: &Lowering<'_>,
    ) -> Result<String, Exception> {
        match lowering.leaf(field).and_then(|leaf| leaf.kind.get()) {
            Some(kind) => {
                let analyzer = match &self.analyzer {
                    Some(name) => lowering.analyzer(name)?,
                    None => lowering.search_analyzer(kind, false)?,
                };
                Ok(analyzer.normalize(text))
            }
            None => Ok(text.to_owned()),
        }
    }

    /// The literal parts of a pattern through [`Self::characters`].
    fn pattern(
        &self,
        field: &str,
        text: &str,
        lowering: &Lowering<'_>,
    ) -> Result<String, Exception> {
        let mut out = String::new();
        let mut literal = String::new();
        for character in text.chars() {
            if matches!(character, '*' | '?') {
                out.push_str(&self.characters(field, &literal, lowering)?);
                literal.clear();
                out.push(character);
            } else {
                literal.push(character);
            }
        }
        out.push_str(&self.characters(field, &literal, lowering)?);
        Ok(out)
    }
}

impl SoughtWords<'_> {
    /// Adds the words of a query string's tree.
    pub(super) fn node(
        &mut self,
        node: &SyntaxNode,
        settings: &QueryStringSettings,
    ) -> Result<(), Exception> {
        let field = match node {
            SyntaxNode::Bool(clauses) => {
                let wanted = clauses.iter().filter(|(occur, _)| *occur != Occur::MustNot);
                return wanted.into_iter().try_for_each(|(_, node)| self.node(node, settings));
            }
            SyntaxNode::Not(_) => return Ok(()),
            SyntaxNode::Boosted(node, _) => return self.node(node, settings),
            SyntaxNode::All | SyntaxNode::Exists { .. } | SyntaxNode::Range { .. } => return Ok(()),
            SyntaxNode::Text { field, .. }
            | SyntaxNode::Phrase { field, .. }
            | SyntaxNode::Prefix { field, .. }
            | SyntaxNode::Wildcard { field, .. }
            | SyntaxNode::Regexp { field, .. }
            | SyntaxNode::Fuzzy { field, .. } => field,
        };
        let own = field.as_ref().map(|field| vec![(field.clone(), 1.0)]);
        if !self.any_counts(own.as_deref().unwrap_or(&settings.fields))? {
            return Ok(());
        }
        match node {
            SyntaxNode::Text { text, .. } => {
                let terms =
                    MatchOptions { analyzer: settings.analyzer.clone(), ..MatchOptions::default() };
                self.text(text, &terms)?
            }
            SyntaxNode::Phrase { text, slop, .. } => {
                let phrase = MatchPhrase {
                    slop: slop.unwrap_or(settings.phrase_slop),
                    ..MatchPhrase::new(&self.leaf.path, text.as_str().into())
                };
                self.phrase(&phrase)?;
            }
            SyntaxNode::Prefix { text, .. } => {
                let start = text.to_lowercase();
                self.accepted(Arc::new(move |term| term.to_lowercase().starts_with(&start)));
            }
            SyntaxNode::Wildcard { text, .. } => {
                let pattern = Pattern::new(&text.to_lowercase());
                self.accepted(Arc::new(move |term| pattern.matches(&term.to_lowercase())));
            }
            SyntaxNode::Regexp { text, .. } => {
                let expression =
                    regexp::compile(text, false, self.lowering.settings.max_regex_length)?;
                self.accepted(Arc::new(move |term| expression.is_match(term)));
            }
            SyntaxNode::Fuzzy { text, .. } => {
                self.fuzzy(&text.to_lowercase(), &settings.expansion)?
            }
            _ => {}
        }
        Ok(())
    }
}
