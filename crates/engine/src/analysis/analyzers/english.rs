//! `english`: the stems of English words.

use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::token_filters::{
    EnglishPossessive, KeywordMarker, Lowercase, PorterStem, Stop,
};
use crate::analysis::tokenizers::{StandardTokenizer, TOKEN_LENGTH_MAX};
use crate::analysis::{AnalysisError, Analyzer};

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, AnalysisError> {
    settings.only(&["stopwords", "stem_exclusion"])?;
    let stop = Stop::read(settings, "_english_")?;
    let words = settings.list("stem_exclusion")?.unwrap_or_default().into_iter().collect();
    let tokenizer = Arc::new(StandardTokenizer { token_length_max: TOKEN_LENGTH_MAX });
    Ok(Analyzer::new(
        tokenizer,
        vec![
            Arc::new(EnglishPossessive),
            Arc::new(Lowercase),
            Arc::new(stop),
            Arc::new(KeywordMarker { words, ignore_case: false }),
            Arc::new(PorterStem),
        ],
    ))
}
