//! How likely a phrase is, by how often its words and their neighbours stand in a field (Elasticsearch's `WordScorer`s).

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value;
use tantivy::Term;
use tantivy::schema::{Field, IndexRecordOption};

use crate::dsl::lower::Lowering;
use crate::dsl::options::Options;
use crate::exception::{Exception, internal};

/// `smoothing`: what words are worth that were never seen beside each other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Smoothing {
    StupidBackoff { discount: f64 },
    Laplace { alpha: f64 },
    Linear { trigram: f64, bigram: f64, unigram: f64 },
}

impl Smoothing {
    /// Reads the object under `smoothing`.
    pub(super) fn parse(value: &Value) -> Result<Smoothing, Exception> {
        let Some((name, body)) = value.as_object().and_then(|object| object.iter().next()) else {
            return Err(Exception::parsing("Missing smoothing model"));
        };
        let options = Options::new("smoothing", body)?;
        let number = |key: &str, default: f64| -> Result<f64, Exception> {
            Ok(options.get(key).and_then(crate::value::scalar::number).unwrap_or(default))
        };
        let smoothing = match name.as_str() {
            "stupid_backoff" => Smoothing::StupidBackoff { discount: number("discount", 0.4)? },
            "laplace" => Smoothing::Laplace { alpha: number("alpha", 0.5)? },
            "linear" => {
                let linear = Smoothing::Linear {
                    trigram: number("trigram_lambda", 0.0)?,
                    bigram: number("bigram_lambda", 0.0)?,
                    unigram: number("unigram_lambda", 0.0)?,
                };
                if let Smoothing::Linear { trigram, bigram, unigram } = linear
                    && (trigram + bigram + unigram - 1.0).abs() > 0.001
                {
                    return Err(Exception::illegal_argument(
                        "linear smoothing lambdas must sum to 1",
                    ));
                }
                linear
            }
            other => {
                return Err(Exception::illegal_argument(format!(
                    "suggester[phrase] doesn't support object field [{other}]"
                )));
            }
        };
        options.finish()?;
        Ok(smoothing)
    }
}

/// The counts of a field.
pub(super) struct PhraseScorer<'a> {
    lowering: &'a Lowering<'a>,
    field: Field,
    smoothing: Smoothing,
    separator: String,
    /// Words of all documents together, and different ones.
    words: f64,
    terms: f64,
    counted: RefCell<HashMap<String, u64>>,
}

impl<'a> PhraseScorer<'a> {
    /// Of `field`.
    pub(super) fn new(
        lowering: &'a Lowering<'a>,
        field: Field,
        smoothing: Smoothing,
        separator: &str,
    ) -> Result<PhraseScorer<'a>, Exception> {
        let readers = lowering.searcher.segment_readers();
        let (mut words, mut documents, mut terms) = (0_u64, 0_u64, 0_u64);
        for reader in readers {
            let inverted = reader.inverted_index(field).map_err(internal)?;
            words += inverted.total_num_tokens();
            documents += u64::from(reader.max_doc());
            terms += inverted.terms().num_terms() as u64;
        }
        // Lucene does not count the different words of several segments.
        let terms = if readers.len() == 1 { terms } else { documents };
        Ok(PhraseScorer {
            lowering,
            field,
            smoothing,
            separator: separator.to_owned(),
            words: words as f64,
            terms: terms as f64,
            counted: RefCell::default(),
        })
    }

    /// How often `word` stands in the field.
    pub(super) fn count(&self, word: &str) -> Result<u64, Exception> {
        if let Some(count) = self.counted.borrow().get(word) {
            return Ok(*count);
        }
        let term = Term::from_field_text(self.field, word);
        let mut total = 0;
        for reader in self.lowering.searcher.segment_readers() {
            let inverted = reader.inverted_index(self.field).map_err(internal)?;
            let postings = inverted.read_postings(&term, IndexRecordOption::WithFreqs);
            let Some(mut postings) = postings.map_err(|error| internal(error.into()))? else {
                continue;
            };
            use tantivy::postings::Postings;
            use tantivy::{DocSet, TERMINATED};
            while postings.doc() != TERMINATED {
                self.lowering.work.check()?;
                total += u64::from(postings.term_freq());
                postings.advance();
            }
        }
        self.counted.borrow_mut().insert(word.to_owned(), total);
        Ok(total)
    }

    /// How much words there are in all.
    pub(super) fn words(&self) -> f64 {
        self.words
    }

    fn joined(&self, words: &[&str]) -> Result<f64, Exception> {
        Ok(self.count(&words.join(&self.separator))? as f64)
    }

    fn unigram(&self, word: &str) -> Result<f64, Exception> {
        let count = self.count(word)? as f64;
        Ok(match self.smoothing {
            Smoothing::Laplace { alpha } => (alpha + count) / (self.words + alpha * self.terms),
            _ => (1.0 + count) / (self.words + self.terms),
        })
    }

    /// How likely the last of `words` is behind the others, of which there are at most two.
    pub(super) fn likelihood(&self, words: &[&str]) -> Result<f64, Exception> {
        /// Keeps a division by nothing from being one.
        const TINY: f64 = 0.000_000_000_01;
        match *words {
            [first, word] => {
                let (both, before) = (self.joined(&[first, word])?, self.count(first)? as f64);
                Ok(match self.smoothing {
                    Smoothing::StupidBackoff { discount } if both < 1.0 => {
                        discount * self.unigram(word)?
                    }
                    Smoothing::StupidBackoff { .. } => both / (before + TINY),
                    Smoothing::Laplace { alpha } => (alpha + both) / (before + alpha * self.terms),
                    Smoothing::Linear { unigram, .. } if both < 1.0 => {
                        unigram * self.unigram(word)?
                    }
                    Smoothing::Linear { bigram, unigram, .. } => {
                        bigram * (both / (0.5 + before)) + unigram * self.unigram(word)?
                    }
                })
            }
            [first, second, word] => {
                let all = self.joined(&[first, second, word])?;
                Ok(match self.smoothing {
                    Smoothing::StupidBackoff { discount } => {
                        let both = self.joined(&[second, word])?;
                        if both < 1.0 {
                            discount * self.unigram(word)?
                        } else if all < 1.0 {
                            discount * (both / (self.count(second)? as f64 + TINY))
                        } else {
                            all / (both + TINY)
                        }
                    }
                    Smoothing::Laplace { alpha } => {
                        (alpha + all) / (self.joined(&[first, second])? + alpha * self.terms)
                    }
                    Smoothing::Linear { trigram, .. } => {
                        let fewer = self.likelihood(&[second, word])?;
                        if all < 1.0 {
                            fewer
                        } else {
                            trigram * (all / (1.0 + self.joined(&[first, second])?)) + fewer
                        }
                    }
                })
            }
            _ => self.unigram(words.last().copied().unwrap_or_default()),
        }
    }
}
