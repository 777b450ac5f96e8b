//! `pattern_replace`: the matches of a pattern are replaced.

use std::sync::Arc;

use regex::Regex;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenFilter, each};
use crate::analysis::{AnalysisError, Token};
use crate::work::Cancel;

/// Replaces the matches of a pattern.
#[derive(Debug)]
struct PatternReplace {
    pattern: Regex,
    replacement: String,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, AnalysisError> {
    settings.only(&["pattern", "replacement", "flags"])?;
    let replacement = settings.text("replacement").unwrap_or_default().to_owned();
    Ok(Arc::new(PatternReplace { pattern: settings.pattern("")?, replacement }))
}

impl TokenFilter for PatternReplace {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        each(tokens, |text| {
            *text = self.pattern.replace_all(text, self.replacement.as_str()).into_owned();
        })
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}
