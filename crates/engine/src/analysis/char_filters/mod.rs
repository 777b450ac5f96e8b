//! Character filters: what is done to a text before the tokenizer. Each keeps the way back to the original offsets.

mod html_strip;
mod mapping;
mod pattern_replace;

use std::fmt::Debug;
use std::sync::Arc;

use super::AnalysisError;
use super::part_settings::PartSettings;

/// THE table of character filters: type and what reads its settings. A new one is its file and its row here.
const CHAR_FILTERS: &[(&str, Parse)] = &[
    ("html_strip", html_strip::parse),
    ("mapping", mapping::parse),
    ("pattern_replace", pattern_replace::parse),
];

type Parse = fn(&PartSettings<'_>) -> Result<Arc<dyn CharFilter>, AnalysisError>;

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

/// One step from text to text.
pub(super) trait CharFilter: Debug + Send + Sync {
    /// Writes what becomes of `text`.
    fn run(&self, text: &str, out: &mut FilteredBuilder);
}

/// A filtered text and where its bytes come from.
pub(super) struct Filtered {
    pub(super) text: String,
    /// (offset in the filtered text, offset in the original), rising; between two entries offsets run in parallel.
    anchors: Vec<(u32, u32)>,
}

impl Filtered {
    /// The offset in the original text of `offset` in the filtered one.
    pub(super) fn original(&self, offset: u32) -> u32 {
        let after = self.anchors.partition_point(|(filtered, _)| *filtered <= offset);
        match after.checked_sub(1).and_then(|at| self.anchors.get(at)) {
            Some((filtered, original)) => {
                let next = self.anchors.get(after).map_or(u32::MAX, |next| next.1);
                original.saturating_add(offset - filtered).min(next)
            }
            None => offset,
        }
    }
}

/// Runs `filters` in order over `text`.
pub(super) fn apply(filters: &[Arc<dyn CharFilter>], text: &str) -> Filtered {
    let mut filtered = Filtered { text: text.to_owned(), anchors: vec![(0, 0)] };
    for filter in filters {
        let mut next = FilteredBuilder { text: String::new(), anchors: vec![(0, 0)] };
        filter.run(&filtered.text, &mut next);
        let anchors =
            next.anchors.iter().map(|(to, from)| (*to, filtered.original(*from))).collect();
        filtered = Filtered { text: next.text, anchors };
    }
    filtered
}

/// A filtered text in the making.
pub(super) struct FilteredBuilder {
    text: String,
    anchors: Vec<(u32, u32)>,
}

impl FilteredBuilder {
    /// Puts `piece` in the place of what ends at `end` of the input.
    fn replace(&mut self, piece: &str, end: usize) {
        self.text.push_str(piece);
        let length = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.anchors.push((length, u32::try_from(end).unwrap_or(u32::MAX)));
    }
}
