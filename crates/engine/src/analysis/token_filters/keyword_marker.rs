//! `keyword_marker`: words that are not stemmed.

use std::collections::HashSet;
use std::sync::Arc;

use super::stop::holds;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Marks words, so that stemmers leave them alone.
#[derive(Debug)]
pub(in crate::analysis) struct KeywordMarker {
    pub(in crate::analysis) words: HashSet<String>,
    pub(in crate::analysis) ignore_case: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&["keywords", "ignore_case"])?;
    let words = settings.list("keywords")?.unwrap_or_default().into_iter().collect();
    let ignore_case = settings.flag("ignore_case", false)?;
    Ok(Arc::new(KeywordMarker { words, ignore_case }))
}

impl TokenFilter for KeywordMarker {
    fn apply(&self, mut tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        for token in &mut tokens {
            token.keyword |= holds(&self.words, &token.text, self.ignore_case);
        }
        tokens
    }
}
