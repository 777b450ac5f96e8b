//! `keyword`: the whole text.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::tokenizers::KeywordTokenizer;
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&[])?;
    Ok(Analyzer::new(Arc::new(KeywordTokenizer), Vec::new()))
}
