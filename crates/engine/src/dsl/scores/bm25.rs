//! BM25: idf = ln(1 + (N − n + 0.5) / (n + 0.5)), tf = freq / (freq + k1 · (1 − b + b · length / average)), and, where a
//! similarity is set, the factor (k1 + 1).

use super::{ScoredHit, length};
use crate::dsl::bm25::FieldStatistics;
use crate::dsl::explanation::Explanation;
use crate::similarity::Bm25Parameters;
use crate::value::java::java_float;

/// The weight of a term that `frequency` of `documents` have.
pub(crate) fn idf(frequency: u64, documents: u64) -> f64 {
    let (frequency, documents) = (frequency as f64, documents.max(frequency) as f64);
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln()
}

/// Scores of one query in one field.
#[derive(Clone)]
pub(crate) struct Bm25 {
    weight: f32,
    norms: [f32; 256],
    /// Of a length that there is no code for.
    k1: f32,
}

impl Bm25 {
    /// With the summed idf of the query's terms.
    pub(super) fn new(parameters: Bm25Parameters, idf: f64, statistics: &FieldStatistics) -> Bm25 {
        let Bm25Parameters { k1, b, .. } = parameters;
        let average = statistics.average();
        let mut norms = [0.0; 256];
        for (code, norm) in (0..=u8::MAX).zip(norms.iter_mut()) {
            *norm = k1 * ((1.0 - b) + b * length(code) / average);
        }
        let factor = if statistics.plain { 1.0 } else { k1 + 1.0 };
        Bm25 { weight: idf as f32 * factor, norms, k1 }
    }

    /// The score of a document with `frequency` matches and the length code `code`.
    pub(super) fn score(&self, frequency: f32, code: u8, boost: f32) -> f32 {
        let norm = self.norms.get(usize::from(code)).copied().unwrap_or(self.k1);
        boost * self.weight * (frequency / (frequency + norm))
    }
}

/// Why `hit` scores as it does.
pub(super) fn explain(parameters: Bm25Parameters, hit: &ScoredHit<'_>) -> Explanation {
    let Bm25Parameters { k1, b, .. } = parameters;
    let statistics = hit.statistics;
    // Of one word, no document less has its field than has the word: a word of several fields is counted in all of them.
    let documents = match hit.terms {
        [only] => statistics.documents.max(only.documents),
        _ => statistics.documents,
    };
    let one = |term: &super::TermStatistics| {
        let value = idf(term.documents, statistics.documents);
        let details = vec![
            Explanation::whole(term.documents, "n, number of documents containing term"),
            Explanation::whole(documents, "N, total number of documents with field"),
        ];
        let words = "idf, computed as log(1 + (N - n + 0.5) / (n + 0.5)) from:";
        Explanation::of(value as f32, words, details)
    };
    let mut each: Vec<Explanation> = hit.terms.iter().map(one).collect();
    let idf = match each.len() {
        1 => each.pop().unwrap_or_else(|| Explanation::of(0.0, "", Vec::new())),
        _ => {
            let sum: f64 = each.iter().map(|part| f64::from(part.number())).sum();
            Explanation::of(sum as f32, "idf, sum of:", each)
        }
    };
    let average = statistics.average();
    let norm = k1 * ((1.0 - b) + b * hit.length / average);
    let inverse = 1.0 / norm;
    let boost = hit.boost * (k1 + 1.0);
    let weight = boost * idf.number();
    let score = weight - weight / (1.0 + hit.frequency * inverse);
    let own = (boost != 1.0).then(|| Explanation::of(boost, "boost", Vec::new()));
    let tf = Explanation::of(
        1.0 - 1.0 / (1.0 + hit.frequency * inverse),
        "tf, computed as freq / (freq + k1 * (1 - b + b * dl / avgdl)) from:",
        vec![
            hit.explain_frequency(),
            Explanation::of(k1, "k1, term saturation parameter", Vec::new()),
            Explanation::of(b, "b, length normalization parameter", Vec::new()),
            Explanation::of(hit.length, "dl, length of field", Vec::new()),
            Explanation::of(average, "avgdl, average length of field", Vec::new()),
        ],
    );
    Explanation::of(
        score,
        format!("score(freq={}), computed as boost * idf * tf from:", java_float(hit.frequency)),
        own.into_iter().chain([idf, tf]).collect(),
    )
}
