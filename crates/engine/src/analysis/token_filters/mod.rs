//! Token filters: what is done to tokens behind the tokenizer.

mod asciifolding;
mod keyword_marker;
mod length;
mod lowercase;
mod ngram;
mod pattern_replace;
mod porter_stem;
mod reverse;
mod shingle;
mod stemmer;
mod stop;
mod synonym;
mod trim;
mod truncate;
mod unique;
mod uppercase;

use std::sync::Arc;

use super::error::AnalysisError;
use super::part_settings::PartSettings;
use super::steps::TokenFilter;
pub(super) use keyword_marker::KeywordMarker;
pub(super) use lowercase::Lowercase;
pub(super) use porter_stem::PorterStem;
pub(super) use stemmer::EnglishPossessive;
pub(super) use stop::Stop;

/// THE table of token filters: type and what reads its settings. A new one is its file and its row here.
const TOKEN_FILTERS: &[(&str, ParseTokenFilter)] = &[
    ("asciifolding", asciifolding::parse),
    ("edgeNGram", ngram::parse_edge),
    ("edge_ngram", ngram::parse_edge),
    ("keyword_marker", keyword_marker::parse),
    ("length", length::parse),
    ("lowercase", lowercase::parse),
    ("nGram", ngram::parse),
    ("ngram", ngram::parse),
    ("pattern_replace", pattern_replace::parse),
    ("porter_stem", porter_stem::parse),
    ("reverse", reverse::parse),
    ("shingle", shingle::parse),
    ("stemmer", stemmer::parse),
    ("stop", stop::parse),
    ("synonym", synonym::parse),
    ("trim", trim::parse),
    ("truncate", truncate::parse),
    ("unique", unique::parse),
    ("uppercase", uppercase::parse),
];

type ParseTokenFilter = fn(&PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError>;

/// The token filter of type `type_name` with `settings`.
///
/// # Errors
/// A type, or a setting of it, that is not known here.
pub(super) fn parse(
    type_name: &str,
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    match TOKEN_FILTERS.iter().find(|(known, _)| *known == type_name) {
        Some((_, parse)) => parse(settings),
        None => Err(AnalysisError(format!(
            "Unknown filter type [{type_name}] for [{}]",
            settings.name()
        ))),
    }
}
