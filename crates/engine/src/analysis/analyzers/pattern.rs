//! `pattern`: what stands between the matches of a pattern.

use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::Parts;
use crate::analysis::steps::TokenFilter;
use crate::analysis::token_filters::{Lowercase, Stop};
use crate::analysis::tokenizers::PatternTokenizer;
use crate::exception::Exception;

pub(super) fn parse(settings: &PartSettings<'_>, _: &Parts) -> Result<Analyzer, Exception> {
    settings.only(&["pattern", "flags", "lowercase", "stopwords"])?;
    let pattern = settings.pattern(r"\W+")?;
    let mut filters: Vec<Arc<dyn TokenFilter>> = Vec::new();
    if settings.flag("lowercase", true)? {
        filters.push(Arc::new(Lowercase));
    }
    filters.push(Arc::new(Stop::read(settings, "_none_")?));
    Ok(Analyzer::new(Arc::new(PatternTokenizer { pattern, group: None }), filters))
}
