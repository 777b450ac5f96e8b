//! The `term` suggester: for each word of a text, words of a field that are near it.

use serde_json::Value;

use super::spelling::{SPELLING_KEYS, Spelling};
use super::{Choice, Entry, field, options, required_field, words_of};
use crate::dsl::lower::Lowering;
use crate::exception::Exception;

/// A `term` suggester.
#[derive(Clone, Debug)]
pub(super) struct TermSuggester {
    field: String,
    analyzer: Option<String>,
    size: usize,
    shard_size: usize,
    by_frequency: bool,
    spelling: Spelling,
}

impl TermSuggester {
    /// Reads its options.
    pub(super) fn parse(value: &Value) -> Result<TermSuggester, Exception> {
        let known = [&["field", "analyzer", "size", "shard_size", "sort"], SPELLING_KEYS].concat();
        let options = options("term", value, &known)?;
        let field = required_field(&options)?;
        let size = positive(options.count("size")?, "size")?.unwrap_or(5);
        let shard_size = options.count("shard_size")?.map_or(size.max(5), |size| size as usize);
        let by_frequency = match options.text("sort")?.as_deref() {
            None | Some("score" | "SCORE") => false,
            Some("frequency" | "FREQUENCY") => true,
            Some(other) => {
                return Err(Exception::illegal_argument(format!(
                    "No enum constant org.elasticsearch.search.suggest.SortBy.{}",
                    other.to_uppercase()
                )));
            }
        };
        let suggester = TermSuggester {
            field,
            analyzer: options.text("analyzer")?,
            size,
            shard_size: shard_size.clamp(1, SIZE_MAX),
            by_frequency,
            spelling: Spelling::read(&options)?,
        };
        options.finish()?;
        Ok(suggester)
    }

    /// How many are shown for each word.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether the most frequent come first, and not the nearest.
    pub(super) fn by_frequency(&self) -> bool {
        self.by_frequency
    }

    /// What one index suggests for the words of `text`.
    pub(super) fn entries(
        &self,
        text: &str,
        lowering: &Lowering<'_>,
    ) -> Result<Vec<Entry>, Exception> {
        let leaf = field(&self.field, lowering)?;
        let tokens = lowering.tokens(leaf, text, self.analyzer.as_deref(), false)?;
        let tokens = tokens.unwrap_or_else(|| vec![crate::analysis::Token::whole(text)]);
        let units = |bytes: u32| text.get(..bytes as usize).unwrap_or(text).encode_utf16().count();
        let mut entries = Vec::new();
        for token in tokens {
            lowering.work.check()?;
            let near = match words_of(leaf) {
                Some(field) => self.spelling.near(&token.text, field, self.shard_size, lowering)?,
                None => Vec::new(),
            };
            let (start, end) = (units(token.start_offset), units(token.end_offset));
            entries.push(Entry {
                text: token.text,
                offset: start,
                length: end - start,
                options: near
                    .into_iter()
                    .map(|near| Choice {
                        text: near.text,
                        score: near.score,
                        frequency: Some(near.frequency),
                        highlighted: None,
                        collated: None,
                    })
                    .collect(),
            });
        }
        Ok(entries)
    }
}

/// Most suggestions for one word: each is compared with all others.
pub(super) const SIZE_MAX: usize = 1000;

/// A number that must not be 0.
pub(super) fn positive(number: Option<u32>, key: &str) -> Result<Option<usize>, Exception> {
    match number {
        Some(0) => Err(Exception::illegal_argument(format!("{key} must be positive"))),
        number => Ok(number.map(|number| (number as usize).min(SIZE_MAX))),
    }
}
