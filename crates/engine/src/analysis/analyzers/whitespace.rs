//! `whitespace`: what stands between white space.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::tokenizers::{TOKEN_LENGTH_MAX, WhitespaceTokenizer};
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&[])?;
    let tokenizer = WhitespaceTokenizer { token_length_max: TOKEN_LENGTH_MAX };
    Ok(Analyzer::new(Arc::new(tokenizer), Vec::new()))
}
