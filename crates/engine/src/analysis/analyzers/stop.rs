//! `stop`: runs of letters in lower case, without stop words.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::token_filters::Stop;
use crate::analysis::tokenizers::LetterTokenizer;
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&["stopwords"])?;
    let stop = Stop::read(settings, "_english_")?;
    let tokenizer = Arc::new(LetterTokenizer { lowercase: true });
    Ok(Analyzer::new(tokenizer, vec![Arc::new(stop)]))
}
