//! Why a document scores as it does: the tree that is told, and the part of it that BM25 makes.

use serde_json::{Value, json};
use tantivy::{DocId, Searcher, SegmentReader};

use crate::value::java::{java_float, shortest};

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
    pub(super) fn not(description: impl Into<String>, details: Vec<Explanation>) -> Explanation {
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

/// The parts of a score by BM25.
pub(super) struct Bm25Parts<'a> {
    /// As Lucene writes the query.
    pub(super) shown: &'a str,
    /// How many documents have each of its terms, and what that weighs.
    pub(super) frequencies: Vec<(u64, f64)>,
    /// Documents with a term in the field, and the average length of those.
    pub(super) documents: u64,
    pub(super) average: f32,
    /// How often it is in the document, and in which words.
    pub(super) frequency: f32,
    pub(super) frequency_words: String,
    /// How long the field of the document is.
    pub(super) length: f32,
    pub(super) boost: f32,
    pub(super) doc: DocId,
}

impl Bm25Parts<'_> {
    /// The explanation, and with it the score.
    pub(super) fn explain(&self) -> Explanation {
        const K1: f32 = 1.2;
        const B: f32 = 0.75;
        let one = |&(frequency, value): &(u64, f64)| {
            let details = vec![
                Explanation::whole(frequency, "n, number of documents containing term"),
                Explanation::whole(self.documents, "N, total number of documents with field"),
            ];
            (
                value,
                Explanation::of(
                    value as f32,
                    "idf, computed as log(1 + (N - n + 0.5) / (n + 0.5)) from:",
                    details,
                ),
            )
        };
        let each: Vec<(f64, Explanation)> = self.frequencies.iter().map(one).collect();
        let sum: f64 = each.iter().map(|(value, _)| f64::from(*value as f32)).sum();
        let mut each: Vec<Explanation> =
            each.into_iter().map(|(_, explanation)| explanation).collect();
        let idf = match each.len() {
            1 => each.pop().unwrap_or_else(|| Explanation::of(0.0, "", Vec::new())),
            _ => Explanation::of(sum as f32, "idf, sum of:", each),
        };
        let inverse = 1.0 / (K1 * ((1.0 - B) + B * self.length / self.average));
        let tf = 1.0 - 1.0 / (1.0 + self.frequency * inverse);
        let boost = self.boost * (K1 + 1.0);
        let weight = boost * idf.number();
        let score = weight - weight / (1.0 + self.frequency * inverse);
        let tf = Explanation::of(
            tf,
            "tf, computed as freq / (freq + k1 * (1 - b + b * dl / avgdl)) from:",
            vec![
                Explanation::of(self.frequency, self.frequency_words.clone(), Vec::new()),
                Explanation::of(K1, "k1, term saturation parameter", Vec::new()),
                Explanation::of(B, "b, length normalization parameter", Vec::new()),
                Explanation::of(self.length, "dl, length of field", Vec::new()),
                Explanation::of(self.average, "avgdl, average length of field", Vec::new()),
            ],
        );
        let inner = Explanation::of(
            score,
            format!(
                "score(freq={}), computed as boost * idf * tf from:",
                java_float(self.frequency)
            ),
            vec![Explanation::of(boost, "boost", Vec::new()), idf, tf],
        );
        let head =
            format!("weight({} in {}) [PerFieldSimilarity], result of:", self.shown, self.doc);
        Explanation::of(score, head, vec![inner])
    }
}
