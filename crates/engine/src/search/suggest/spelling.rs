//! Words of a field that are near another (Lucene's `DirectSpellChecker`).

use tantivy::Term;
use tantivy::schema::Field;

use super::distance::Distance;
use crate::dsl::fuzzy::{Expansion, Fuzziness};
use crate::dsl::lower::Lowering;
use crate::dsl::options::Options;
use crate::exception::{Exception, internal};

/// For which words something is suggested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SuggestMode {
    /// Those that are not in the index.
    Missing,
    /// Every one, but only what is in more documents.
    Popular,
    /// Every one.
    Always,
}

impl SuggestMode {
    fn parse(name: &str) -> Result<SuggestMode, Exception> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "missing" => SuggestMode::Missing,
            "popular" => SuggestMode::Popular,
            "always" => SuggestMode::Always,
            _ => {
                return Err(Exception::illegal_argument(format!(
                    "No enum constant org.elasticsearch.search.suggest.term.TermSuggestionBuilder.SuggestMode.{}",
                    name.to_uppercase()
                )));
            }
        })
    }
}

/// How near a word must be, and how often it must be there.
#[derive(Clone, Debug)]
pub(super) struct Spelling {
    pub(super) mode: SuggestMode,
    pub(super) distance: Distance,
    accuracy: f32,
    edits_max: usize,
    inspections_max: usize,
    /// Words in more documents than this need no correction: a share below 1, else a number.
    frequency_max: f32,
    /// Suggestions must be in this many documents: a share below 1, else a number.
    pub(super) frequency_min: f32,
    prefix_length: usize,
    length_min: usize,
}

/// A near word.
#[derive(Clone, Debug)]
pub(super) struct NearWord {
    pub(super) text: String,
    pub(super) frequency: u64,
    pub(super) score: f32,
}

/// The options that the term suggester and the generators of the phrase suggester share.
pub(super) const SPELLING_KEYS: &[&str] = &[
    "suggest_mode",
    "string_distance",
    "accuracy",
    "max_edits",
    "max_inspections",
    "max_term_freq",
    "min_doc_freq",
    "prefix_length",
    "min_word_length",
];

impl Default for Spelling {
    fn default() -> Spelling {
        Spelling {
            mode: SuggestMode::Missing,
            distance: Distance::Internal,
            accuracy: 0.5,
            edits_max: 2,
            inspections_max: 5,
            frequency_max: 0.01,
            frequency_min: 0.0,
            prefix_length: 1,
            length_min: 4,
        }
    }
}

impl Spelling {
    /// Reads the options that the term suggester and the generators of the phrase suggester share.
    pub(super) fn read(options: &Options<'_>) -> Result<Spelling, Exception> {
        let count = |key: &str, default: u32| -> Result<usize, Exception> {
            Ok(options.count(key)?.unwrap_or(default) as usize)
        };
        let edits_max = count("max_edits", 2)?;
        if !(1..=2).contains(&edits_max) {
            return Err(Exception::illegal_argument("maxEdits must be between 1 and 2"));
        }
        let mode = options.text("suggest_mode")?;
        let distance = options.text("string_distance")?;
        Ok(Spelling {
            mode: mode.as_deref().map_or(Ok(SuggestMode::Missing), SuggestMode::parse)?,
            distance: distance.as_deref().map_or(Ok(Distance::Internal), Distance::parse)?,
            accuracy: options.float("accuracy")?.unwrap_or(0.5),
            edits_max,
            inspections_max: count("max_inspections", 5)?,
            frequency_max: options.float("max_term_freq")?.unwrap_or(0.01),
            frequency_min: options.float("min_doc_freq")?.unwrap_or(0.0),
            prefix_length: count("prefix_length", 1)?,
            length_min: count("min_word_length", 4)?,
        })
    }

    /// The nearest words, best first, at most `size`.
    pub(super) fn near(
        &self,
        word: &str,
        field: Field,
        size: usize,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<NearWord>, Exception> {
        if word.chars().count() < self.length_min {
            return Ok(Vec::new());
        }
        let frequency_of = |text: &str| -> Result<u64, Exception> {
            lowering.searcher.doc_freq(&Term::from_field_text(field, text)).map_err(internal)
        };
        let own = frequency_of(word)?;
        let readers = lowering.searcher.segment_readers();
        let documents: u64 = readers.iter().map(|reader| u64::from(reader.max_doc())).sum();
        let share = |share: f32| {
            if share >= 1.0 { share } else { (share * documents as f32).ceil() }
        };
        if self.mode == SuggestMode::Missing && own > 0 || own as f32 > share(self.frequency_max) {
            return Ok(Vec::new());
        }
        let mut least = if self.mode == SuggestMode::Popular { own } else { 0 };
        if self.frequency_min >= 1.0 {
            least = least.max(self.frequency_min as u64);
        } else if self.frequency_min > 0.0 {
            least = least.max(((self.frequency_min * documents as f32) as u64).saturating_sub(1));
        }
        let inspections = size.saturating_mul(self.inspections_max).max(1);
        let mut found = self.within(1, (word, field), least, inspections, lowering)?;
        if self.edits_max > 1 && found.len() < inspections {
            for near in self.within(self.edits_max, (word, field), least, inspections, lowering)? {
                if !found.iter().any(|known| known.text == near.text) {
                    found.push(near);
                }
            }
        }
        found.sort_by(|a, b| {
            let order = b.score.total_cmp(&a.score).then(b.frequency.cmp(&a.frequency));
            order.then_with(|| a.text.cmp(&b.text))
        });
        found.truncate(size);
        Ok(found)
    }

    fn within(
        &self,
        edits: usize,
        (word, field): (&str, Field),
        least: u64,
        most: usize,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<NearWord>, Exception> {
        let expansion = Expansion {
            fuzziness: Fuzziness::Edits(edits),
            prefix_length: self.prefix_length.max(edits - 1),
            max_expansions: usize::MAX,
            transpositions: true,
            rewrite: None,
        };
        let length = word.chars().count();
        let mut found = Vec::new();
        for (edits, text) in lowering.expand(field, word, &expansion)? {
            if text == word {
                continue;
            }
            let term = Term::from_field_text(field, &text);
            let frequency = lowering.searcher.doc_freq(&term).map_err(internal)?;
            if frequency <= least {
                continue;
            }
            let shorter = length.min(text.chars().count()).max(1);
            let near = 1.0 - edits as f32 / shorter as f32;
            let score = self.distance.of(word, &text).unwrap_or(near);
            if score >= self.accuracy {
                found.push(NearWord { text, frequency, score });
            }
            // They come nearest first.
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }
}
