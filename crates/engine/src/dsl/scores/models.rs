//! The similarities that are models: divergence from randomness and from independence, information-based and language models.
//! Each word is scored by itself; a phrase is the sum over its words, each as frequent as the phrase.
//!
//! Source: `SimilarityBase` and its subclasses, Lucene 8.7 and 9.12. They compute in 64 bits what these do, and in 32 bits
//! what these do.

use std::sync::Arc;

use super::{ScoredHit, TermStatistics};
use crate::dsl::bm25::FieldStatistics;
use crate::dsl::explanation::Explanation;
use crate::similarity::{
    AfterEffect, BasicModel, Distribution, Independence, Lambda, Normalization, Similarity,
};

/// A similarity, and what its field and its words tell it.
pub(crate) struct Model {
    similarity: Arc<Similarity>,
    /// Documents with a term in the field.
    documents: u64,
    /// Terms in the field, over all documents.
    tokens: u64,
    words: Vec<TermStatistics>,
}

impl Model {
    pub(super) fn new(statistics: &FieldStatistics, terms: &[TermStatistics]) -> Model {
        Model {
            similarity: Arc::clone(&statistics.similarity),
            documents: statistics.documents,
            tokens: statistics.terms,
            words: terms.to_vec(),
        }
    }

    /// The score of a document whose field is of `length` and has `frequency` matches.
    pub(super) fn score(&self, frequency: f32, length: f32, boost: f32) -> f32 {
        let (frequency, length, boost) = (frequency.into(), length.into(), boost.into());
        let one = |word: &TermStatistics| {
            f64::from(ModelWord { model: self, word: *word }.score(frequency, length, boost) as f32)
        };
        self.words.iter().map(one).sum::<f64>() as f32
    }

    /// Why `hit` scores as it does.
    pub(super) fn explain(&self, hit: &ScoredHit<'_>) -> Explanation {
        let one = |word: &TermStatistics| ModelWord { model: self, word: *word }.explain(hit);
        let mut each: Vec<Explanation> = self.words.iter().map(one).collect();
        if each.len() == 1
            && let Some(only) = each.pop()
        {
            return only;
        }
        Explanation::of(self.score(hit.frequency, hit.length, hit.boost), "sum of:", each)
    }
}

/// One word of a query.
pub(super) struct ModelWord<'a> {
    model: &'a Model,
    pub(super) word: TermStatistics,
}

fn log2(value: f64) -> f64 {
    value.ln() / std::f64::consts::LN_2
}

impl ModelWord<'_> {
    pub(super) fn similarity(&self) -> &Similarity {
        &self.model.similarity
    }

    /// How many documents have a term in the field.
    pub(super) fn all_documents(&self) -> u64 {
        self.model.documents
    }

    /// How many terms the field has, over all documents.
    pub(super) fn tokens(&self) -> u64 {
        self.model.tokens
    }

    /// How many documents have it.
    pub(super) fn documents(&self) -> f64 {
        self.word.documents as f64
    }

    /// How often it is in all documents.
    pub(super) fn occurrences(&self) -> f64 {
        self.word.occurrences as f64
    }

    pub(super) fn average_length(&self) -> f64 {
        self.model.tokens as f64 / self.model.documents as f64
    }

    pub(super) fn score(&self, frequency: f64, length: f64, boost: f64) -> f64 {
        match &*self.model.similarity {
            Similarity::Dfr(model, effect, normalization) => {
                let tfn = self.normalized(*normalization, frequency, length);
                boost * self.basic(*model, tfn, self.effect(*effect))
            }
            Similarity::Ib(distribution, lambda, normalization) => {
                let tfn = self.normalized(*normalization, frequency, length);
                boost * spread(*distribution, tfn, self.lambda(*lambda).into())
            }
            Similarity::Dfi(independence) => {
                let expected = self.expected(length);
                if frequency <= expected {
                    return 0.0;
                }
                boost * log2(distance(*independence, frequency, expected) + 1.0)
            }
            Similarity::LmDirichlet(mu) => {
                let mu = f64::from(*mu);
                let word = (1.0 + frequency / (mu * self.probability())).ln();
                (boost * (word + (mu / (length + mu)).ln())).max(0.0)
            }
            Similarity::LmJelinekMercer(lambda) => {
                let lambda = f64::from(*lambda);
                let seen = (1.0 - lambda) * frequency / length;
                boost * (1.0 + seen / (lambda * self.probability())).ln()
            }
            // These are no models.
            Similarity::Bm25(_) | Similarity::Boolean => boost,
        }
    }

    /// How probable the word is anywhere.
    pub(super) fn probability(&self) -> f64 {
        (self.occurrences() + 1.0) / (self.model.tokens as f64 + 1.0)
    }

    /// How often a field of `length` is to be expected to have the word.
    pub(super) fn expected(&self, length: f64) -> f64 {
        (self.occurrences() + 1.0) * length / (self.model.tokens as f64 + 1.0)
    }

    pub(super) fn normalized(
        &self,
        normalization: Normalization,
        frequency: f64,
        length: f64,
    ) -> f64 {
        let average = self.average_length();
        match normalization {
            Normalization::No => frequency,
            Normalization::H1(c) => frequency * f64::from(c) * (average / length),
            Normalization::H2(c) => frequency * log2(1.0 + f64::from(c) * average / length),
            Normalization::H3(mu) => {
                let share = (self.occurrences() as f32 + 1.0) / (self.model.tokens as f32 + 1.0);
                let mu_share = f64::from(mu * share);
                (frequency + mu_share) / (length + f64::from(mu)) * f64::from(mu)
            }
            Normalization::Z(z) => frequency * (average / length).powf(z.into()),
        }
    }

    pub(super) fn basic(&self, model: BasicModel, tfn: f64, effect: f64) -> f64 {
        let all = self.model.documents as f64;
        let by = |frequency: f64| log2((all + 1.0) / (frequency + 0.5));
        let weight = match model {
            BasicModel::G => {
                let lambda = self.geometric();
                let (b, a) = (log2(lambda + 1.0), log2((1.0 + lambda) / lambda));
                return (a - (a - b) / (1.0 + tfn)) * effect;
            }
            BasicModel::If => log2(1.0 + (all + 1.0) / (self.occurrences() + 0.5)),
            BasicModel::In => by(self.documents()),
            BasicModel::Ine => by(self.expected_documents()),
        };
        weight * effect * (1.0 - 1.0 / (1.0 + tfn))
    }

    /// The lambda of the geometric model.
    pub(super) fn geometric(&self) -> f64 {
        let occurrences = self.occurrences() + 1.0;
        occurrences / (self.model.documents as f64 + occurrences)
    }

    /// How many documents are to be expected to have the word.
    pub(super) fn expected_documents(&self) -> f64 {
        let all = self.model.documents as f64;
        all * (1.0 - ((all - 1.0) / all).powf(self.occurrences()))
    }

    /// The after effect, times one more than the normalized frequency.
    pub(super) fn effect(&self, effect: AfterEffect) -> f64 {
        match effect {
            AfterEffect::B => (self.occurrences() + 2.0) / (self.documents() + 1.0),
            AfterEffect::L => 1.0,
        }
    }

    pub(super) fn lambda(&self, lambda: Lambda) -> f32 {
        let of = |count: f64| ((count + 1.0) / (self.model.documents as f64 + 1.0)) as f32;
        match lambda {
            Lambda::Df => match of(self.documents()) {
                1.0 => 1.0_f32.next_down(),
                lambda => lambda,
            },
            Lambda::Ttf => match of(self.occurrences()) {
                1.0 => 1.0_f32.next_up(),
                lambda => lambda,
            },
        }
    }
}

pub(super) fn spread(distribution: Distribution, tfn: f64, lambda: f64) -> f64 {
    match distribution {
        Distribution::Ll => -(lambda / (tfn + lambda)).ln(),
        Distribution::Spl => {
            let exponent = match 1.0 - 1.0 / (tfn + 1.0) {
                1.0 => 1.0_f64.next_down(),
                exponent => exponent,
            };
            let mut power = lambda.powf(exponent);
            if power == lambda {
                power = if lambda < 1.0 { lambda.next_up() } else { lambda.next_down() };
            }
            -((power - lambda) / (1.0 - lambda)).ln()
        }
    }
}

pub(super) fn distance(independence: Independence, frequency: f64, expected: f64) -> f64 {
    let more = frequency - expected;
    match independence {
        Independence::Standardized => more / expected.sqrt(),
        Independence::Saturated => more / expected,
        Independence::ChiSquared => more * more / expected,
    }
}
