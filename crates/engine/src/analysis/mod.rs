//! Analysis: text → tokens, as Lucene 8's analyzers (Elasticsearch 7.10) do it.
//!
//! An [`Analyzer`] is a chain: character filters, one tokenizer, token filters. [`Analyzers`] holds the built-in ones
//! and those an index's settings define. Anything the settings name that is not built here is refused by name.
//!
//! Sources: Elasticsearch 7.10 reference, "Text analysis"; Unicode UAX #29; M. F. Porter, "An algorithm for suffix
//! stripping", 1980, with the departures of Lucene's `PorterStemmer`.

mod analyzers;
mod char_filters;
pub(crate) mod differences;
mod part_settings;
mod pieces;
mod registry;
#[cfg(test)]
mod tests;
mod token_filters;
mod tokenizers;

pub use pieces::Pieces;
pub use registry::Analyzers;

use std::fmt;
use std::sync::Arc;

use crate::exception::Exception;
use crate::work::Cancel;
use char_filters::CharFilter;
use token_filters::TokenFilter;
use tokenizers::Tokenizer;

/// One token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The term, as it is indexed and searched.
    pub text: String,
    /// Its position in the text; removed stop words leave gaps.
    pub position: u32,
    /// Where it starts in the original text, in bytes.
    pub start_offset: u32,
    /// Where it ends in the original text, in bytes (exclusive).
    pub end_offset: u32,
    /// What `_analyze` calls its `type`, such as `<ALPHANUM>`.
    pub kind: &'static str,
    /// A keyword is not stemmed.
    pub(crate) keyword: bool,
}

/// Settings that cannot be made into analyzers: Elasticsearch's `illegal_argument_exception` text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalysisError(pub String);

impl fmt::Display for AnalysisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AnalysisError {}

/// A chain from text to tokens.
#[derive(Clone, Debug)]
pub struct Analyzer {
    char_filters: Vec<Arc<dyn CharFilter>>,
    tokenizer: Arc<dyn Tokenizer>,
    filters: Vec<Arc<dyn TokenFilter>>,
    /// Elasticsearch's gap between the values of an array.
    position_increment_gap: u32,
}

/// Elasticsearch's default gap between the values of an array.
const POSITION_INCREMENT_GAP: u32 = 100;

impl Analyzer {
    /// A tokenizer and the filters behind it.
    fn new(tokenizer: Arc<dyn Tokenizer>, filters: Vec<Arc<dyn TokenFilter>>) -> Analyzer {
        let position_increment_gap = POSITION_INCREMENT_GAP;
        Analyzer { char_filters: Vec::new(), tokenizer, filters, position_increment_gap }
    }

    /// The tokens of `text`, in order of position.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        self.tokens_until(text, &Cancel::new()).unwrap_or_default()
    }

    /// As [`Analyzer::tokens`], of a text that may be long.
    ///
    /// # Errors
    /// `task_cancelled_exception` once `cancel` is set.
    pub fn tokens_until(&self, text: &str, cancel: &Cancel) -> Result<Vec<Token>, Exception> {
        let mut tokens = if self.char_filters.is_empty() {
            tokenizers::tokens(&*self.tokenizer, text, cancel)
        } else {
            let filtered = char_filters::apply(&self.char_filters, text);
            let mut tokens = tokenizers::tokens(&*self.tokenizer, &filtered.text, cancel);
            for token in &mut tokens {
                cancel.check()?;
                token.start_offset = filtered.original(token.start_offset);
                token.end_offset = filtered.original(token.end_offset);
            }
            tokens
        };
        for filter in &self.filters {
            // A tokenizer that was called off gave only the first tokens.
            cancel.check()?;
            tokens = token_filters::apply_until(&**filter, tokens, cancel)?;
        }
        cancel.check()?;
        Ok(tokens)
    }

    /// The single term a normalizer makes of `text`: no tokenization, only the filters that work on characters.
    pub fn normalize(&self, text: &str) -> String {
        let text = if self.char_filters.is_empty() {
            text.to_owned()
        } else {
            char_filters::apply(&self.char_filters, text).text
        };
        let mut tokens = vec![Token::whole(&text)];
        for filter in self.filters.iter().filter(|filter| filter.is_normalizing()) {
            tokens = filter.apply(tokens, &Cancel::new());
        }
        tokens.into_iter().next().map(|token| token.text).unwrap_or_default()
    }

    /// How many positions lie between two values of an array (`position_increment_gap`, 100).
    pub fn position_increment_gap(&self) -> u32 {
        self.position_increment_gap
    }
}

impl Token {
    /// A token that is the whole text.
    pub(crate) fn whole(text: &str) -> Token {
        Token::new(text, 0, 0, text.len(), "word")
    }

    /// A token; offsets in bytes.
    pub(crate) fn new(
        text: &str,
        position: u32,
        start: usize,
        end: usize,
        kind: &'static str,
    ) -> Token {
        Token {
            text: text.to_owned(),
            position,
            start_offset: u32::try_from(start).unwrap_or(u32::MAX),
            end_offset: u32::try_from(end).unwrap_or(u32::MAX),
            kind,
            keyword: false,
        }
    }
}
