//! `dictionary_decompounder`: the parts of compound words that stand in a list, beside the word. `hyphenation_decompounder`
//! wants a file of hyphenation patterns, and there are none here.

use std::collections::HashSet;
use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{ForSynonyms, TokenFilter};
use crate::analysis::token::lower;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct Decompounder {
    words: HashSet<String>,
    word_least: usize,
    part_least: usize,
    part_most: usize,
    only_longest: bool,
}

const KEYS: &[&str] = &[
    "word_list",
    "word_list_path",
    "min_word_size",
    "min_subword_size",
    "max_subword_size",
    "only_longest_match",
    "hyphenation_patterns_path",
    "no_sub_matches",
    "no_overlapping_matches",
];

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(KEYS)?;
    let words = settings.words("word_list")?.ok_or_else(|| {
        let reason = "word_list must be provided for [dictionary_decompounder], either as a path to a file, or directly";
        Exception::illegal_argument(reason)
    })?;
    Ok(Arc::new(Decompounder {
        words: words.iter().map(|word| lower(word)).collect(),
        word_least: settings.count("min_word_size", 5)?,
        part_least: settings.count("min_subword_size", 2)?,
        part_most: settings.count("max_subword_size", 15)?,
        only_longest: settings.flag("only_longest_match", false)?,
    }))
}

pub(super) fn parse_hyphenation(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(KEYS)?;
    Err(Exception::illegal_argument(match settings.text("hyphenation_patterns_path") {
        None => "hyphenation_patterns_path is a required setting.",
        Some(_) => "Exception while reading hyphenation_patterns_path.",
    }))
}

impl TokenFilter for Decompounder {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        for token in tokens {
            if cancel.is_cancelled() {
                break;
            }
            let letters: Vec<char> = token.text.chars().collect();
            out.push(token.clone());
            if letters.len() < self.word_least {
                continue;
            }
            for start in 0..=letters.len().saturating_sub(self.part_least) {
                let lengths = self.part_least.max(1)..=self.part_most;
                let mut found = lengths.filter_map(|length| {
                    let part: String = letters.get(start..start + length)?.iter().collect();
                    self.words.contains(&lower(&part)).then_some(part)
                });
                if self.only_longest {
                    out.extend(found.next_back().map(|text| Token { text, ..token.clone() }));
                } else {
                    out.extend(found.by_ref().map(|text| Token { text, ..token.clone() }));
                }
            }
        }
        out
    }

    fn for_synonyms(&self) -> ForSynonyms {
        ForSynonyms::Refused
    }
}
