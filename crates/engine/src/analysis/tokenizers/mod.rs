//! Tokenizers: where a text is cut into tokens.

mod keyword;
mod letter;
mod ngram;
mod pattern;
mod runs;
mod standard;
mod whitespace;

use std::sync::Arc;

use super::error::AnalysisError;
use super::part_settings::PartSettings;
use super::steps::Tokenizer;
pub(super) use keyword::KeywordTokenizer;
pub(super) use letter::LetterTokenizer;
pub(super) use pattern::PatternTokenizer;
pub(super) use standard::{StandardTokenizer, TOKEN_LENGTH_MAX};
pub(super) use whitespace::WhitespaceTokenizer;

/// THE table of tokenizers: type and what reads its settings. A new one is its file and its row here.
const TOKENIZERS: &[(&str, ParseTokenizer)] = &[
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

type ParseTokenizer = fn(&PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, AnalysisError>;

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
