//! `fingerprint`: all words of a text, folded and sorted, as one.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::token_filters::{AsciiFolding, Fingerprint, Lowercase, Stop};
use crate::analysis::tokenizers::{StandardTokenizer, TOKEN_LENGTH_MAX};
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&["separator", "max_output_size", "stopwords", "stopwords_path"])?;
    let stop = Stop::read(settings, "_none_")?;
    let tokenizer = Arc::new(StandardTokenizer { token_length_max: TOKEN_LENGTH_MAX });
    Ok(Analyzer::new(
        tokenizer,
        vec![
            Arc::new(Lowercase),
            Arc::new(AsciiFolding { preserve_original: false }),
            Arc::new(stop),
            Arc::new(Fingerprint::read(settings)?),
        ],
    ))
}
