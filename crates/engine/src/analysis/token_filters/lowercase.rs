//! `lowercase`.

use std::sync::Arc;

use super::{TokenFilter, each};
use crate::analysis::part_settings::PartSettings;
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Lower case.
#[derive(Debug)]
pub(in crate::analysis) struct Lowercase;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&[])?;
    Ok(Arc::new(Lowercase))
}

impl TokenFilter for Lowercase {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        each(tokens, |text| *text = lower(text))
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}

/// Lower case as Java's `Character.toLowerCase` does it: one character for one, so no context (final sigma) and no
/// expansion.
pub(in crate::analysis) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .map(|c| if c == 'İ' { 'i' } else { c.to_lowercase().next().unwrap_or(c) })
        .collect()
}
