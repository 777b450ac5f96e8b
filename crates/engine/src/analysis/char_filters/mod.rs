//! Character filters: what is done to a text before the tokenizer. Each keeps the way back to the original offsets.

mod html_strip;
mod mapping;
mod pattern_replace;

use std::sync::Arc;

use super::error::AnalysisError;
use super::part_settings::PartSettings;
use super::steps::CharFilter;

/// THE table of character filters: type and what reads its settings. A new one is its file and its row here.
const CHAR_FILTERS: &[(&str, ParseCharFilter)] = &[
    ("html_strip", html_strip::parse),
    ("mapping", mapping::parse),
    ("pattern_replace", pattern_replace::parse),
];

type ParseCharFilter = fn(&PartSettings<'_>) -> Result<Arc<dyn CharFilter>, AnalysisError>;

/// The character filter of type `type_name` with `settings`.
///
/// # Errors
/// A type, or a setting of it, that is not known here.
pub(super) fn parse(
    type_name: &str,
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn CharFilter>, AnalysisError> {
    match CHAR_FILTERS.iter().find(|(known, _)| *known == type_name) {
        Some((_, parse)) => parse(settings),
        None => Err(AnalysisError(format!(
            "Unknown char_filter type [{type_name}] for [{}]",
            settings.name()
        ))),
    }
}
