//! Character filters: what is done to a text before the tokenizer. Each keeps the way back to the original offsets.

mod cjk_width;
mod html_strip;
mod icu_normalizer;
mod kuromoji_iteration_mark;
mod mapping;
mod pattern_replace;

use std::sync::Arc;

use super::part_settings::PartSettings;
use super::parts::{PartType, plain, reader, settled};
use super::steps::CharFilter;
use crate::exception::Exception;
pub(super) use cjk_width::CjkWidth;
pub(super) use icu_normalizer::IcuNormalizer;
pub(super) use mapping::unescaped;

/// THE table of character filters: type and what reads its settings. A new one is its file and its row here.
const CHAR_FILTERS: &[(&str, PartType<ParseCharFilter>)] = &[
    ("html_strip", plain(html_strip::parse)),
    ("icu_normalizer", plain(icu_normalizer::parse)),
    ("kuromoji_iteration_mark", plain(kuromoji_iteration_mark::parse)),
    ("mapping", settled(mapping::parse)),
    ("pattern_replace", settled(pattern_replace::parse)),
];

type ParseCharFilter = fn(&PartSettings<'_>) -> Result<Arc<dyn CharFilter>, Exception>;

/// The character filter `html_strip`.
pub(super) fn html_strip() -> Arc<dyn CharFilter> {
    Arc::new(html_strip::HtmlStrip::default())
}

/// The character filter of type `type_name` with `settings`.
///
/// # Errors
/// A type, or a setting of it, that is not known here.
pub(super) fn parse(
    type_name: &str,
    settings: &PartSettings<'_>,
) -> Result<Arc<dyn CharFilter>, Exception> {
    reader(CHAR_FILTERS, "char_filter", type_name, settings)?(settings)
}
