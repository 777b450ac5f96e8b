//! `letter`: runs of letters; `lowercase`: the same in lower case.

use std::sync::Arc;

use super::runs::runs;
use super::standard::TOKEN_LENGTH_MAX;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::analysis::token::{is_letter, lower};
use crate::exception::Exception;
use crate::work::Cancel;

/// Runs of letters.
#[derive(Debug)]
pub(in crate::analysis) struct LetterTokenizer {
    /// Whether they are lowered, too.
    pub(in crate::analysis) lowercase: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(LetterTokenizer { lowercase: false }))
}

pub(super) fn parse_lowercase(
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&[])?;
    Ok(Arc::new(LetterTokenizer { lowercase: true }))
}

impl Tokenizer for LetterTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token> {
        let mut tokens = runs(text, is_letter, TOKEN_LENGTH_MAX, cursor, bytes, cancel);
        if self.lowercase {
            tokens.iter_mut().for_each(|token| token.text = lower(&token.text));
        }
        tokens
    }
}
