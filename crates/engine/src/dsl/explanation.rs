//! Why a document scores as it does: the tree that is told.

use serde_json::{Value, json};
use tantivy::{DocId, Searcher, SegmentReader};

use crate::value::java::shortest;

/// One document of one segment.
pub(crate) struct DocumentAt<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) reader: &'a SegmentReader,
    pub(crate) doc: DocId,
}

/// Why a document matches and scores, or why not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Explanation {
    pub(crate) matched: bool,
    pub(crate) value: Value,
    pub(crate) description: String,
    pub(crate) details: Vec<Explanation>,
}

impl Explanation {
    /// Of a number that counts.
    pub(crate) fn of(
        value: f32,
        description: impl Into<String>,
        details: Vec<Explanation>,
    ) -> Explanation {
        let value = shortest(value);
        Explanation { matched: true, value, description: description.into(), details }
    }

    /// Of a whole number.
    pub(super) fn whole(value: u64, description: impl Into<String>) -> Explanation {
        Explanation {
            matched: true,
            value: value.into(),
            description: description.into(),
            details: Vec::new(),
        }
    }

    /// Of what does not match.
    pub(crate) fn not(description: impl Into<String>, details: Vec<Explanation>) -> Explanation {
        Explanation { matched: false, ..Explanation::of(0.0, description, details) }
    }

    /// As it is printed.
    pub(crate) fn to_json(&self) -> Value {
        let details: Vec<Value> = self.details.iter().map(Explanation::to_json).collect();
        json!({"value": self.value, "description": self.description, "details": details})
    }

    pub(crate) fn number(&self) -> f32 {
        self.value.as_f64().unwrap_or_default() as f32
    }
}
