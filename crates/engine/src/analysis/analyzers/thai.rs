//! `thai`: words of Thai without stop words.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::normalization::decimal_digit;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::text_filter::TextFilter;
use crate::analysis::token_filters::{Lowercase, Stop};
use crate::analysis::tokenizers::ThaiTokenizer;
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&["stopwords", "stopwords_path"])?;
    let stop = Arc::new(Stop::read(settings, "_thai_")?);
    let digits = Arc::new(TextFilter::Characters(decimal_digit));
    Ok(Analyzer::new(Arc::new(ThaiTokenizer), vec![Arc::new(Lowercase), digits, stop]))
}
