//! `length`: only the tokens of some lengths.

use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Keeps tokens of `min` to `max` UTF-16 code units.
#[derive(Debug)]
struct Length {
    min: usize,
    max: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&["min", "max"])?;
    let (min, max) = (settings.count("min", 0)?, settings.count("max", usize::MAX)?);
    Ok(Arc::new(Length { min, max }))
}

impl TokenFilter for Length {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        tokens.retain(|token| (self.min..=self.max).contains(&utf16_length(&token.text)));
        tokens
    }
}

fn utf16_length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}
