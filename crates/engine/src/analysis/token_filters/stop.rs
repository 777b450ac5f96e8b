//! `stop`: takes stop words out.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::analysis::token::lower;
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Takes words out; the positions behind them stay.
#[derive(Debug)]
pub(in crate::analysis) struct Stop {
    words: HashSet<String>,
    ignore_case: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&["stopwords", "ignore_case"])?;
    Ok(Arc::new(Stop::read(settings, "_english_")?))
}

impl Stop {
    /// Reads `stopwords`, which are `default` where there are none, and `ignore_case`.
    pub(in crate::analysis) fn read(
        settings: &PartSettings<'_>,
        default: &str,
    ) -> Result<Stop, AnalysisError> {
        let listed = settings.list("stopwords")?.unwrap_or_else(|| vec![default.to_owned()]);
        let mut words = HashSet::new();
        for word in listed {
            match word.as_str() {
                "_none_" => {}
                "_english_" => words.extend(ENGLISH.iter().map(|word| (*word).to_owned())),
                special if special.starts_with('_') && special.ends_with('_') => {
                    return Err(
                        settings.refuse(format!("does not support stopwords [{special}] here"))
                    );
                }
                _ => {
                    words.insert(word);
                }
            }
        }
        let ignore_case = settings.flag("ignore_case", false)?;
        if ignore_case {
            words = words.iter().map(|word| lower(word)).collect();
        }
        Ok(Stop { words, ignore_case })
    }
}

impl TokenFilter for Stop {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        tokens.retain(|token| !holds(&self.words, &token.text, self.ignore_case));
        tokens
    }
}

/// Whether `text` is one of `words`, which are in lower case where case is ignored.
pub(super) fn holds(words: &HashSet<String>, text: &str, ignore_case: bool) -> bool {
    if ignore_case { words.contains(&lower(text)) } else { words.contains(text) }
}

/// `_english_`, the default of the stop filter (Lucene's `EnglishAnalyzer.ENGLISH_STOP_WORDS_SET`).
const ENGLISH: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these",
    "they", "this", "to", "was", "will", "with",
];
