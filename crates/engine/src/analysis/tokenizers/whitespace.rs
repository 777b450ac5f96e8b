//! `whitespace`: runs of anything but white space.

use std::sync::Arc;

use super::runs::runs;
use super::standard::TOKEN_LENGTH_MAX;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::exception::Exception;
use crate::work::Cancel;

/// Runs of anything but white space.
#[derive(Debug)]
pub(in crate::analysis) struct WhitespaceTokenizer {
    pub(in crate::analysis) token_length_max: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["max_token_length"])?;
    let token_length_max = settings.count("max_token_length", TOKEN_LENGTH_MAX)?;
    Ok(Arc::new(WhitespaceTokenizer { token_length_max }))
}

impl Tokenizer for WhitespaceTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token> {
        runs(text, |c| !c.is_whitespace(), self.token_length_max, cursor, bytes, cancel)
    }
}
