//! `pattern_replace`: replaces the matches of a pattern.

use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{CharFilter, FilteredBuilder};
use crate::exception::Exception;
use crate::java_regex::{JavaRegex, JavaReplacement};

/// Replaces the matches of a pattern.
#[derive(Debug)]
struct PatternReplace {
    pattern: JavaRegex,
    replacement: JavaReplacement,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn CharFilter>, Exception> {
    settings.only(&["pattern", "replacement", "flags"])?;
    settings.required(
        "pattern",
        &format!(
            "pattern is missing for [{}] char filter of type 'pattern_replace'",
            settings.name()
        ),
    )?;
    let pattern = settings.pattern("")?;
    let replacement =
        JavaReplacement::new(settings.text("replacement").unwrap_or_default(), &pattern);
    Ok(Arc::new(PatternReplace { pattern, replacement }))
}

impl CharFilter for PatternReplace {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        let mut from = 0;
        for captures in self.pattern.captures(text) {
            let Some(whole) = captures.get(0) else { continue };
            out.text.push_str(text.get(from..whole.start()).unwrap_or_default());
            let mut piece = String::new();
            self.replacement.write(&captures, &mut piece);
            out.replace(&piece, whole.end());
            from = whole.end();
        }
        out.text.push_str(text.get(from..).unwrap_or_default());
    }
}
