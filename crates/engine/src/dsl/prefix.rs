//! `prefix`: terms that start with a text.

use std::sync::Arc;

use serde_json::Value;

use super::column_search::ColumnTest;
use super::lower::{Lowered, Lowering, nothing};
use super::options::{QueryBody, one_field, scalar};
use super::rewrite::MultiTermWords;
use super::term_set::{TermAcceptor, TermSet};
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::mapping::keyword::{Keyword, KeywordFamily};
use crate::mapping::text::{Text, TextRole};
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
        matches!(role, TextRole::AsYouType(_)).then(|| format!("{}._index_prefix", leaf.path))
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
        let wanted = self.value.to_lowercase();
        let accept: TermAcceptor = Arc::new(move |term| term.to_lowercase().starts_with(&wanted));
        match self.case_insensitive {
            true => lowering.expanded("prefix", &self.field, "", Some(&accept)),
            false => lowering.expanded("prefix", &self.field, &self.value, None),
        }
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let text = format!("{}:{}*", self.field, self.value);
        let words = MultiTermWords { kind: "PrefixQuery", text };
        let rewrite = self.rewrite.as_deref();
        if self.case_insensitive {
            let wanted = self.value.to_lowercase();
            let accept: TermAcceptor =
                Arc::new(move |term| term.to_lowercase().starts_with(&wanted));
            return lowering.multi_term("prefix", &self.field, ("", Some(accept)), rewrite, words);
        }
        let several = lowering.beginnings(&self.field).filter(|_| self.value.contains(' '));
        let path = several.as_deref().unwrap_or(&self.field);
        lowering.multi_term("prefix", path, (&self.value, None), rewrite, words)
    }

    fn is_composite(&self) -> bool {
        self.rewrite.is_some()
    }

    fn may_match(&self, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        match (self.field.as_str(), self.case_insensitive) {
            ("_index", false) => Ok(lowering.index.starts_with(&self.value)),
            ("_index", true) => {
                Ok(lowering.index.to_lowercase().starts_with(&self.value.to_lowercase()))
            }
            _ => Ok(lowering.is_mapped(&self.field)),
        }
    }

    fn words(&self, sought: &mut SoughtWords<'_>) -> Result<(), Exception> {
        if sought.counts(&self.field) {
            let start = self.value.clone();
            sought.accepted(Arc::new(move |term| term.starts_with(&start)));
        }
        Ok(())
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
