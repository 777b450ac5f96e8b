//! `standard`: words in lower case.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::token_filters::{Lowercase, Stop};
use crate::analysis::tokenizers::{StandardTokenizer, TOKEN_LENGTH_MAX};
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&["max_token_length", "stopwords"])?;
    let token_length_max = settings.count("max_token_length", TOKEN_LENGTH_MAX)?;
    let stop = Stop::read(settings, "_none_")?;
    let tokenizer = Arc::new(StandardTokenizer { token_length_max });
    Ok(Analyzer::new(tokenizer, vec![Arc::new(Lowercase), Arc::new(stop)]))
}
