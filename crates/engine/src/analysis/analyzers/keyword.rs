//! `keyword`: the whole text.

use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::tokenizers::KeywordTokenizer;
use crate::analysis::{AnalysisError, Analyzer};

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, AnalysisError> {
    settings.only(&[])?;
    Ok(Analyzer::new(Arc::new(KeywordTokenizer), Vec::new()))
}
