//! A field as documents have it.

use std::sync::Arc;

use tantivy::schema::Field;

use super::analyzers::FieldAnalyzers;
use super::column::Column;
use super::field_type::FieldType;
use crate::similarity::Similarity;

/// One field that documents have values for: its type, and where tantivy keeps it.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The full path (`o.x`, or `title.raw` for a multi-field).
    pub path: String,
    /// The type with its parameters.
    pub(crate) kind: FieldType,
    /// The tantivy field; `None` where nothing but `_source` keeps the value.
    pub field: Option<Field>,
    /// Whether the field has terms (`index`).
    pub indexed: bool,
    /// The column kept for sorting and aggregating, if any (`doc_values`).
    pub column: Option<Column>,
    /// What its texts go through.
    pub analyzers: FieldAnalyzers,
    /// How its hits are scored.
    pub similarity: Arc<Similarity>,
    /// The paths of the fields beside it that are given its values, too.
    pub(super) fed: Vec<String>,
    /// Whether it stands in for one that is not mapped, or that a view hides: nothing of a segment is its own.
    pub(crate) is_absent: bool,
    /// What the scores of its terms are multiplied by (`boost`).
    pub(crate) boost: f32,
}

impl Leaf {
    /// Why it cannot be sorted or aggregated on, in Elasticsearch's words.
    pub(crate) fn no_column(&self) -> String {
        self.kind.no_column(&self.path)
    }

    /// The last part of its path.
    pub(super) fn name(&self) -> &str {
        last_name(&self.path)
    }
}

/// The last part of a path.
pub(super) fn last_name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
