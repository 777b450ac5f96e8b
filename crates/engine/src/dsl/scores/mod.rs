//! What a hit scores by the similarity of its field, and why, in Lucene's words.
//!
//! Source: `LegacyBM25Similarity` (Elasticsearch 7, OpenSearch 2), `BooleanSimilarity` and what stands on `SimilarityBase`.

mod bm25;
mod model_words;
mod models;

use std::sync::Arc;

use tantivy::DocId;
use tantivy::fieldnorm::FieldNormReader;

use super::bm25::FieldStatistics;
use super::explanation::Explanation;
use crate::similarity::Similarity;
pub(super) use bm25::{Bm25, idf};
use models::Model;

/// How frequent a word is, over all segments, deleted documents included as in Lucene.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TermStatistics {
    /// Documents that have it.
    pub(crate) documents: u64,
    /// How often they have it; 0 where the similarity does not ask.
    pub(crate) occurrences: u64,
}

/// Scores of one query in one field.
#[derive(Clone)]
pub(crate) enum Scores {
    Bm25(Box<Bm25>),
    Boolean,
    Model(Arc<Model>),
}

impl Scores {
    /// Of a query for `terms` in a field with `statistics`.
    pub(crate) fn new(statistics: &FieldStatistics, terms: &[TermStatistics]) -> Scores {
        match &*statistics.similarity {
            Similarity::Bm25(parameters) => {
                let idf = |term: &TermStatistics| idf(term.documents, statistics.documents);
                Scores::Bm25(Box::new(Bm25::new(
                    *parameters,
                    terms.iter().map(idf).sum(),
                    statistics,
                )))
            }
            Similarity::Boolean => Scores::Boolean,
            _ => Scores::Model(Arc::new(Model::new(statistics, terms))),
        }
    }

    /// The score of a document with `frequency` matches and the length code `code`.
    pub(crate) fn score(&self, frequency: f32, code: u8, boost: f32) -> f32 {
        match self {
            Scores::Bm25(bm25) => bm25.score(frequency, code, boost),
            Scores::Boolean => boost,
            Scores::Model(model) => model.score(frequency, length(code), boost),
        }
    }
}

/// The length that `code` stands for.
pub(super) fn length(code: u8) -> f32 {
    FieldNormReader::id_to_fieldnorm(code) as f32
}

/// A hit of a query in one field, as far as its score depends on it.
pub(super) struct ScoredHit<'a> {
    /// As Lucene writes the query.
    pub(super) shown: &'a str,
    /// What of its field and of its words counts.
    pub(super) statistics: &'a FieldStatistics,
    pub(super) terms: &'a [TermStatistics],
    /// How often it is in the document, and in which words.
    pub(super) frequency: f32,
    pub(super) frequency_words: String,
    /// How long the field of the document is.
    pub(super) length: f32,
    pub(super) boost: f32,
    pub(super) doc: DocId,
}

impl ScoredHit<'_> {
    /// The explanation, and with it the score.
    pub(super) fn explain(&self) -> Explanation {
        let inner = match &*self.statistics.similarity {
            Similarity::Bm25(parameters) => bm25::explain(*parameters, self),
            Similarity::Boolean => Explanation::of(
                self.boost,
                "score(BooleanWeight), computed from:",
                vec![Explanation::of(self.boost, "boost, query boost", Vec::new())],
            ),
            _ => Model::new(self.statistics, self.terms).explain(self),
        };
        let head =
            format!("weight({} in {}) [PerFieldSimilarity], result of:", self.shown, self.doc);
        Explanation::of(inner.number(), head, vec![inner])
    }

    /// How often the query is in the document.
    fn explain_frequency(&self) -> Explanation {
        Explanation::of(self.frequency, self.frequency_words.clone(), Vec::new())
    }
}
