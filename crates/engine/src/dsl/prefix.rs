//! `prefix`: terms that start with a text.

use std::sync::Arc;

use serde_json::Value;

use super::column_search::ColumnTest;
use super::index_names::cased;
use super::lower::{Lowered, Lowering, constant, nothing};
use super::lowered::combine;
use super::options::{QueryBody, one_field, scalar};
use super::rewrite::{MultiTermWords, Rewrite};
use super::term_set::{TermAcceptor, TermSet};
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::mapping::keyword::{Keyword, KeywordFamily};
use crate::mapping::text::{PREFIXES_SUFFIX, PrefixLengths, Text, TextRole};
use crate::mapping::{Column, Leaf};

/// A `prefix` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prefix {
    /// The field.
    pub(crate) field: String,
    /// What terms start with.
    pub(crate) value: String,
    /// Whether letter case counts.
    pub(crate) case_insensitive: bool,
    /// How the terms are run and scored.
    pub(crate) rewrite: Option<String>,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("prefix", value)?;
    match body {
        QueryBody::Short(value) => {
            let value = scalar("prefix", &field, value)?;
            Ok(Query::of(Prefix { field, value, case_insensitive: false, rewrite: None }))
        }
        QueryBody::Long(options) => {
            let Some(value) = options.text("value")? else {
                let none = Exception::illegal_argument("value cannot be null");
                return Err(options.incomplete(EXPANDED, none));
            };
            let case_insensitive = options.flag("case_insensitive")?.unwrap_or(false);
            let rewrite = options.text("rewrite")?;
            Query::with(Prefix { field, value, case_insensitive, rewrite }, &options)
        }
    }
}

/// The options of a query that expands to terms.
pub(super) const EXPANDED: &[&str] = &["value", "rewrite", "case_insensitive", "boost", "_name"];

impl Lowering<'_> {
    /// The path of the field whose terms are the beginnings of several words of the `search_as_you_type` field at `path`.
    fn beginnings(&self, path: &str) -> Option<String> {
        let leaf = self.leaf(path)?;
        let role = leaf.kind.get::<Text>()?.role;
        matches!(role, TextRole::AsYouType(_)).then(|| format!("{}{PREFIXES_SUFFIX}", leaf.path))
    }

    /// The field of the beginnings of the words of `leaf`, where it has one, and how long they are. (`index_prefixes`)
    pub(super) fn prefixes(&self, leaf: &Leaf) -> Option<(Arc<Leaf>, PrefixLengths)> {
        let lengths = leaf.kind.get::<Text>()?.prefixes?;
        let beside = self.leaf(&format!("{}{PREFIXES_SUFFIX}", leaf.path))?;
        Some((Arc::clone(beside), lengths))
    }

    /// The terms that a `query` over the text or keyword field at `path` stands for; none where there is no such field.
    ///
    /// # Errors
    /// `too_many_clauses`.
    pub(super) fn expanded(
        &self,
        query: &str,
        path: &str,
        prefix: &str,
        accept: Option<&TermAcceptor>,
    ) -> Result<(String, Vec<String>), Exception> {
        let Some(leaf) = self.leaf(path) else { return Ok((path.to_owned(), Vec::new())) };
        if !leaf.kind.has_words() {
            return Err(self.no_words(query, path, leaf));
        }
        let keyword = leaf.kind.get::<Keyword>();
        if keyword.is_some_and(|keyword| keyword.family == KeywordFamily::Wildcard) {
            return Err(self.failed(Exception::illegal_argument(
                "unsupported inner query, should be org.apache.lucene.search.MultiTermQuery but was \
                 org.opensearch.index.mapper.WildcardFieldMapper$WildcardMatchingQuery",
            )));
        }
        let field = self.indexed(leaf)?;
        let found = self.terms_accepted(field, prefix, accept, super::CLAUSES_MAX + 1)?;
        if found.len() > super::CLAUSES_MAX {
            return Err(super::query::too_many_clauses());
        }
        Ok((leaf.path.clone(), found.into_iter().collect()))
    }
}

impl QueryClause for Prefix {
    fn is_multi_term(&self) -> bool {
        true
    }

    fn expansions(&self, lowering: &Lowering<'_>) -> Result<(String, Vec<String>), Exception> {
        let no_text = |leaf: &&Arc<Leaf>| !leaf.kind.is::<Text>();
        if let Some(leaf) = lowering.leaf(&self.field).filter(no_text) {
            return Err(lowering.failed(Exception::illegal_argument(format!(
                "Can only use span prefix queries on text fields - not on [{}] which is of type [{}]",
                self.field,
                leaf.kind.capability()
            ))));
        }
        if !self.case_insensitive
            && let Some(leaf) = lowering.leaf(&self.field)
            && let Some((beside, lengths)) = lowering.prefixes(leaf)
            && lengths.covers(&self.value)
        {
            return Ok((beside.path.clone(), vec![self.value.clone()]));
        }
        match self.case_insensitive {
            true => lowering.expanded("prefix", &self.field, "", Some(&self.acceptor())),
            false => lowering.expanded("prefix", &self.field, &self.value, None),
        }
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if self.field == "_index" {
            return Ok(lowering.index_named(&self.index_pattern()));
        }
        let text = format!("{}:{}*", self.field, self.value);
        let words = MultiTermWords { kind: "PrefixQuery", text };
        let rewrite = self.rewrite.as_deref();
        if let Some(found) = self.in_prefixes(lowering)? {
            return Ok(found);
        }
        if self.case_insensitive {
            let accept = Some(self.acceptor());
            return lowering.multi_term("prefix", &self.field, ("", accept), rewrite, words);
        }
        let several = lowering.beginnings(&self.field).filter(|_| self.value.contains(' '));
        let path = several.as_deref().unwrap_or(&self.field);
        lowering.multi_term("prefix", path, (&self.value, None), rewrite, words)
    }

    fn is_composite(&self) -> bool {
        self.rewrite.is_some()
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        match self.field.as_str() {
            "_index" => Ok(lowering.index_names().matches(&self.index_pattern())),
            field => Ok(lowering.is_mapped(field)),
        }
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        // What is found by its beginning, which is a term itself, is no word that is sought.
        let beginnings = sought.leaf.kind.get::<Text>().and_then(|text| text.prefixes);
        let by_beginning = beginnings.is_some_and(|lengths| lengths.covers(&self.value));
        if sought.counts(&self.field) && !by_beginning {
            let start = self.value.clone();
            sought.accepted(Arc::new(move |term| term.starts_with(&start)));
        }
        Ok(())
    }
}

impl Prefix {
    fn index_pattern(&self) -> String {
        cased(format!("{}*", self.value), self.case_insensitive)
    }

    fn acceptor(&self) -> TermAcceptor {
        let wanted = self.value.to_lowercase();
        Arc::new(move |term| term.to_lowercase().starts_with(&wanted))
    }

    /// The documents by the beginnings of words that are terms themselves, where the field has such. A text that lacks one
    /// character of a term stands for all terms with one more. (`PrefixFieldType.prefixQuery`)
    fn in_prefixes(&self, lowering: &Lowering<'_>) -> Result<Option<Lowered>, Exception> {
        let Some(leaf) = lowering.leaf(&self.field) else { return Ok(None) };
        let Some((beside, lengths)) = lowering.prefixes(leaf) else { return Ok(None) };
        let rewrite = lowering.rewrite(self.rewrite.as_deref(), Rewrite::Constant)?;
        let is_short = self.value.chars().count() + 1 == lengths.min;
        if !is_short && !lengths.covers(&self.value) {
            return Ok(None);
        }
        let path = &beside.path;
        let (start, accept): (&str, Option<TermAcceptor>) = match self.case_insensitive {
            true => {
                let (wanted, length) =
                    (self.value.to_lowercase(), self.value.chars().count().max(lengths.min));
                (
                    "",
                    Some(Arc::new(move |term| {
                        term.chars().count() == length && term.to_lowercase().starts_with(&wanted)
                    })),
                )
            }
            false if is_short => {
                (&self.value, Some(Arc::new(move |term| term.chars().count() == lengths.min)))
            }
            false => {
                let field = lowering.indexed(&beside)?;
                let term = lowering.scored(
                    &beside,
                    field,
                    tantivy::Term::from_field_text(field, &self.value),
                )?;
                let scores = !matches!(rewrite, Rewrite::Constant | Rewrite::ConstantBoolean);
                return Ok(Some(if scores { term } else { constant(term) }));
            }
        };
        let words =
            MultiTermWords { kind: "ConstantScoreQuery", text: format!("{path}:{}", self.value) };
        let set = lowering.term_set("prefix", path, start, accept.clone())?;
        let rewrite = if self.case_insensitive { Rewrite::Constant } else { rewrite };
        let found = lowering.expanded_terms(&beside, set, (start, accept), rewrite, words)?;
        if !is_short {
            return Ok(Some(found));
        }
        // The word that is no longer than that has no beginning of its own.
        let field = lowering.indexed(leaf)?;
        let word =
            lowering.scored(leaf, field, tantivy::Term::from_field_text(field, &self.value))?;
        let both = combine(Vec::new(), Vec::new(), vec![found, word], Vec::new(), 1);
        let scores = !matches!(rewrite, Rewrite::Constant | Rewrite::ConstantBoolean);
        Ok(Some(if scores { both } else { constant(both) }))
    }
}

impl Lowering<'_> {
    /// The refusal of a `query` over the words of a field that has none.
    fn no_words(&self, query: &str, path: &str, leaf: &Leaf) -> Exception {
        self.refuse(format!(
            "Can only use {query} queries on keyword, text and wildcard fields - not on [{path}] which is of type [{}]",
            leaf.kind.capability()
        ))
    }

    /// The documents of the accepted terms of a text or keyword field; `query` names the asker.
    pub(crate) fn term_set(
        &self,
        query: &str,
        path: &str,
        prefix: &str,
        accept: Option<TermAcceptor>,
    ) -> Result<Lowered, Exception> {
        if let Some(flat) = self.flat_object(path) {
            return self.flat_terms(&flat, prefix, accept);
        }
        let Some(leaf) = self.leaf(path) else {
            let id = super::term_set::TermSet {
                field: crate::mapping::fields::ID,
                column: None,
                prefix: prefix.to_owned(),
                accept,
                cancel: self.work.cancel.clone(),
            };
            return Ok(if path == "_id" { Box::new(id) } else { nothing() });
        };
        if !leaf.kind.has_words() {
            return Err(self.no_words(query, path, leaf));
        }
        if self.searches_column(leaf) {
            let test = ColumnTest::Accepted(self.normalized(leaf, prefix), accept);
            return Ok(self.in_column(leaf, test));
        }
        let field = self.indexed(leaf)?;
        let column = (leaf.column == Some(Column::Str))
            .then(|| crate::mapping::fields::stored_name(&leaf.path));
        let prefix = self.normalized(leaf, prefix);
        let cancel = self.work.cancel.clone();
        Ok(Box::new(TermSet { field, column, prefix, accept, cancel }))
    }
}
