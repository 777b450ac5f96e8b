//! `lowercase`.

use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenFilter, each};
use crate::analysis::token::lower;
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
