//! A chain of steps from text to tokens.

use std::sync::Arc;

use super::steps::{self, CharFilter, TokenFilter, Tokenizer};
use super::token::Token;
use crate::exception::Exception;
use crate::work::Cancel;

/// A chain from text to tokens.
#[derive(Clone, Debug)]
pub struct Analyzer {
    pub(super) char_filters: Vec<Arc<dyn CharFilter>>,
    pub(super) tokenizer: Arc<dyn Tokenizer>,
    pub(super) filters: Vec<Arc<dyn TokenFilter>>,
    /// Elasticsearch's gap between the values of an array.
    pub(super) position_increment_gap: u32,
}

/// Elasticsearch's default gap between the values of an array.
pub(super) const POSITION_INCREMENT_GAP: u32 = 100;

impl Analyzer {
    /// A tokenizer and the filters behind it.
    pub(super) fn new(
        tokenizer: Arc<dyn Tokenizer>,
        filters: Vec<Arc<dyn TokenFilter>>,
    ) -> Analyzer {
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
            steps::tokens(&*self.tokenizer, text, cancel)
        } else {
            let filtered = steps::filtered(&self.char_filters, text);
            let mut tokens = steps::tokens(&*self.tokenizer, &filtered.text, cancel);
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
            tokens = steps::apply_until(&**filter, tokens, cancel)?;
        }
        cancel.check()?;
        Ok(tokens)
    }

    /// The single term a normalizer makes of `text`: no tokenization, only the filters that work on characters.
    pub fn normalize(&self, text: &str) -> String {
        let text = if self.char_filters.is_empty() {
            text.to_owned()
        } else {
            steps::filtered(&self.char_filters, text).text
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
