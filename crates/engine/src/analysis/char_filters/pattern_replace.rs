//! `pattern_replace`: replaces the matches of a pattern.

use std::sync::Arc;

use regex::Regex;

use crate::analysis::AnalysisError;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{CharFilter, FilteredBuilder};

/// Replaces the matches of a pattern.
#[derive(Debug)]
struct PatternReplace {
    pattern: Regex,
    replacement: String,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn CharFilter>, AnalysisError> {
    settings.only(&["pattern", "replacement", "flags"])?;
    let replacement = settings.text("replacement").unwrap_or_default().to_owned();
    Ok(Arc::new(PatternReplace { pattern: settings.pattern("")?, replacement }))
}

impl CharFilter for PatternReplace {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        let mut from = 0;
        for captures in self.pattern.captures_iter(text) {
            let Some(whole) = captures.get(0) else { continue };
            out.text.push_str(text.get(from..whole.start()).unwrap_or_default());
            let mut piece = String::new();
            captures.expand(&self.replacement, &mut piece);
            out.replace(&piece, whole.end());
            from = whole.end();
        }
        out.text.push_str(text.get(from..).unwrap_or_default());
    }
}
