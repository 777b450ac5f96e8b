//! One value of a document on its way into the index.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use tantivy::TantivyDocument;

use super::document::{IndexDocument, TextLength};
use super::kept::NumberValue;
use super::leaf::Leaf;
use crate::exception::{Exception, ExceptionKind};
use crate::work::Cancel;

/// Where a field's type puts what it makes of a value (Elasticsearch: `ParseContext`).
pub(crate) struct ParseContext<'c> {
    /// The field.
    pub(super) leaf: &'c Leaf,
    /// The document's id.
    pub(super) id: &'c str,
    /// Set when nobody waits for the document.
    pub(super) cancel: &'c Cancel,
    pub(super) document: &'c mut IndexDocument,
    pub(super) kept: &'c mut ParsedValues,
    /// How many pieces of shapes there are so far.
    pub(super) pieces: &'c mut u32,
    /// Whether a malformed value was left out.
    pub(super) is_ignored: bool,
}

/// What types keep of one document while it is read.
#[derive(Default)]
pub(super) struct ParsedValues {
    /// The keys of what it may have once.
    once: BTreeSet<String>,
    /// What waits until all of it was read.
    pub(super) waiting: Vec<AtEnd>,
}

/// What is done with a document once all of it was read.
pub(super) type AtEnd =
    Box<dyn FnOnce(&WholeSource<'_>, &mut IndexDocument) -> Result<(), Exception>>;

/// All of a document.
pub(super) struct WholeSource<'s> {
    pub(super) source: &'s Value,
    /// The fields of its mapping.
    pub(super) leaf: &'s dyn Fn(&str) -> Option<Arc<Leaf>>,
    pub(super) cancel: &'s Cancel,
}

impl ParseContext<'_> {
    /// What was read of a value; one that is malformed is left out where the field `ignores_malformed`.
    ///
    /// # Errors
    /// That of the value.
    pub(super) fn unless_malformed<T>(
        &mut self,
        parsed: Result<Option<T>, Exception>,
    ) -> Result<Option<T>, Exception> {
        if parsed.is_err() && self.leaf.kind.ignores_malformed() {
            self.is_ignored = true;
            return Ok(None);
        }
        parsed
    }

    /// Adds the words of a text, a `gap` behind those before; whether the field has any.
    ///
    /// # Errors
    /// `task_cancelled_exception`; for a word that is too long.
    pub(super) fn text(&mut self, text: &str, gap: u32) -> Result<bool, Exception> {
        let leaf = self.leaf;
        let (Some(field), Some(analyzer)) = (leaf.field, &leaf.analyzers.documents) else {
            return Ok(false);
        };
        let length = match self.leaf.similarity.discounts_overlaps() {
            _ if !self.leaf.kind.has_frequencies() => TextLength::DifferentWords,
            true => TextLength::Places,
            false => TextLength::Tokens,
        };
        self.document.add_text(field, analyzer, gap, text, length)?;
        if leaf.kind.has_places() && self.document.counts_again(field) {
            let path = &leaf.path;
            return Err(Exception::new(
                ExceptionKind::IllegalState,
                format!(
                    "field \"{path}\": cannot index positions while using custom TermFrequencyAttribute"
                ),
            ));
        }
        Ok(true)
    }

    /// Adds a number; whether there is one.
    pub(super) fn number(&mut self, value: Option<NumberValue>) -> bool {
        if let (Some(value), Some(field)) = (value, self.leaf.field) {
            let values = &mut self.document.values;
            match value {
                NumberValue::I64(value) => values.add_i64(field, value),
                NumberValue::U64(value) => values.add_u64(field, value),
                NumberValue::F64(value) => values.add_f64(field, value),
            }
        }
        value.is_some()
    }

    /// Adds bytes.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if let Some(field) = self.leaf.field {
            self.document.values.add_bytes(field, bytes);
        }
    }

    /// Adds a term as it is.
    pub(super) fn term(&mut self, text: &str) {
        if let Some(field) = self.leaf.field {
            self.document.values.add_text(field, text);
        }
    }

    /// The terms, numbers and columns of the document.
    pub(super) fn values(&mut self) -> &mut TantivyDocument {
        &mut self.document.values
    }

    /// Whether the document had nothing called `key` before.
    pub(super) fn is_first(&mut self, key: &str) -> bool {
        self.kept.once.insert(key.to_owned())
    }

    /// Has `work` done once all of the document was read.
    pub(super) fn at_end(&mut self, work: AtEnd) {
        self.kept.waiting.push(work);
    }
}
