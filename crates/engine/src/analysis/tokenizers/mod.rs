//! Tokenizers: where a text is cut into tokens.

mod keyword;
mod letter;
mod ngram;
mod pattern;
mod runs;
mod standard;
mod whitespace;

use std::fmt::Debug;
use std::sync::Arc;

use super::part_settings::PartSettings;
use super::pieces::Cursor;
use super::{AnalysisError, Token};
use crate::work::Cancel;
pub(super) use keyword::KeywordTokenizer;
pub(super) use letter::LetterTokenizer;
pub(super) use pattern::PatternTokenizer;
pub(super) use standard::{StandardTokenizer, TOKEN_LENGTH_MAX};
pub(super) use whitespace::WhitespaceTokenizer;

/// THE table of tokenizers: type and what reads its settings. A new one is its file and its row here.
const TOKENIZERS: &[(&str, Parse)] = &[
    ("edgeNGram", ngram::parse_edge),
    ("edge_ngram", ngram::parse_edge),
    ("keyword", keyword::parse),
    ("letter", letter::parse),
    ("lowercase", letter::parse_lowercase),
    ("nGram", ngram::parse),
    ("ngram", ngram::parse),
    ("pattern", pattern::parse),
    ("standard", standard::parse),
    ("whitespace", whitespace::parse),
];

type Parse = fn(&PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, AnalysisError>;

/// The tokenizer of type `type_name` with `settings`.
///
/// # Errors
/// A type, or a setting of it, that is not known here.
pub(super) fn parse(
    type_name: &str,
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn Tokenizer>, AnalysisError> {
    match TOKENIZERS.iter().find(|(known, _)| *known == type_name) {
        Some((_, parse)) => parse(settings),
        None => Err(AnalysisError(format!(
            "Unknown tokenizer type [{type_name}] for [{}]",
            settings.name()
        ))),
    }
}

/// One step from text to tokens.
pub(super) trait Tokenizer: Debug + Send + Sync {
    /// The tokens from where `cursor` is to at least `bytes` further, or as far as the tokenizer must read at once; moves
    /// the cursor behind them. Only the first tokens once `cancel` is set, and then the cursor is at the end.
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token>;
}

/// The tokens of `text`; only the first of them once `cancel` is set.
pub(super) fn tokens(tokenizer: &dyn Tokenizer, text: &str, cancel: &Cancel) -> Vec<Token> {
    tokenizer.piece(text, &mut Cursor::default(), usize::MAX, cancel)
}
