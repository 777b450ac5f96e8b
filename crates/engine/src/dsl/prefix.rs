//! `prefix`: terms that start with a text.

use std::sync::Arc;

use serde_json::Value;

use super::lower::{Lowered, Lowering, leaf, nothing};
use super::options::{QueryBody, one_field, scalar};
use super::term_set::{Accept, TermSet};
use super::words::SoughtWords;
use super::{Query, QueryClause};
use crate::exception::Exception;
use crate::mapping::text::TextRole;
use crate::mapping::{Column, FieldType};

/// A `prefix` query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prefix {
    /// The field.
    pub(crate) field: String,
    /// What terms start with.
    pub(crate) value: String,
    /// Whether letter case counts.
    pub(crate) case_insensitive: bool,
}

pub(super) fn parse(value: &Value, _depth: usize) -> Result<Query, Exception> {
    let (field, body) = one_field("prefix", value)?;
    match body {
        QueryBody::Short(value) => {
            let value = scalar("prefix", &field, value)?;
            Ok(Query::of(Prefix { field, value, case_insensitive: false }))
        }
        QueryBody::Long(options) => {
            let Some(value) = options.text("value")? else {
                let none = Exception::illegal_argument("value cannot be null");
                return Err(options.incomplete(EXPANDED, none));
            };
            only_constant(&options)?;
            let case_insensitive = options.flag("case_insensitive")?.unwrap_or(false);
            Query::with(Prefix { field, value, case_insensitive }, &options)
        }
    }
}

/// The options of a query that expands to terms.
pub(super) const EXPANDED: &[&str] = &["value", "rewrite", "case_insensitive", "boost", "_name"];

/// `rewrite` chooses how Lucene expands; only the rewrites with a constant score give the scores we give.
pub(super) fn only_constant(options: &super::options::Options<'_>) -> Result<(), Exception> {
    options.only("rewrite", &["constant_score", "constant_score_boolean"])
}

impl Prefix {
    /// The documents, whatever they score.
    pub(super) fn matching(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        if !self.case_insensitive {
            let several = lowering.beginnings(&self.field).filter(|_| self.value.contains(' '));
            let path = several.as_deref().unwrap_or(&self.field);
            return lowering.term_set("prefix", path, &self.value, None);
        }
        let wanted = self.value.to_lowercase();
        let accept: Accept = Arc::new(move |term| term.to_lowercase().starts_with(&wanted));
        lowering.term_set("prefix", &self.field, "", Some(accept))
    }
}

impl Lowering<'_> {
    /// The path of the field whose terms are the beginnings of several words of the `search_as_you_type` field at `path`.
    fn beginnings(&self, path: &str) -> Option<String> {
        let leaf = self.leaf(path)?;
        let is_as_you_type = matches!(&leaf.kind, FieldType::Text(text) if matches!(text.role, TextRole::AsYouType(_)));
        is_as_you_type.then(|| format!("{}._index_prefix", leaf.path))
    }

    /// The terms that a query over the text or keyword field at `path` stands for; none where there is no such field.
    ///
    /// # Errors
    /// `too_many_clauses`.
    pub(super) fn expanded(
        &self,
        path: &str,
        prefix: &str,
        accept: Option<&Accept>,
    ) -> Result<(String, Vec<String>), Exception> {
        let Some(leaf) = self.leaf(path) else { return Ok((path.to_owned(), Vec::new())) };
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
        let wanted = self.value.to_lowercase();
        let accept: Accept = Arc::new(move |term| term.to_lowercase().starts_with(&wanted));
        match self.case_insensitive {
            true => lowering.expanded(&self.field, "", Some(&accept)),
            false => lowering.expanded(&self.field, &self.value, None),
        }
    }

    fn lower(&self, lowering: &Lowering<'_>) -> Result<Lowered, Exception> {
        let text = format!("{}:{}*", self.field, self.value);
        Ok(leaf(self.matching(lowering)?, "PrefixQuery", text))
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
    /// The documents of the accepted terms of a text or keyword field; `query` names the asker.
    pub(crate) fn term_set(
        &self,
        query: &str,
        path: &str,
        prefix: &str,
        accept: Option<Accept>,
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
            return Err(self.refuse(format!(
                "Can only use {query} queries on keyword, text and wildcard fields - not on [{path}] which is of type [{}]",
                leaf.kind.name()
            )));
        }
        let field = self.indexed(leaf)?;
        let column = (leaf.column == Some(Column::Str))
            .then(|| crate::mapping::fields::stored_name(&leaf.path));
        let prefix = self.normalized(leaf, prefix);
        let cancel = self.work.cancel.clone();
        Ok(Box::new(TermSet { field, column, prefix, accept, cancel }))
    }
}
