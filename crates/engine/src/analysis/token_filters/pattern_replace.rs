//! `pattern_replace`: the matches of a pattern are replaced, all or the first.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{TokenFilter, each};
use crate::exception::Exception;
use crate::java_regex::{JavaRegex, JavaReplacement};
use crate::work::Cancel;

#[derive(Debug)]
struct PatternReplace {
    pattern: JavaRegex,
    replacement: JavaReplacement,
    all: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["pattern", "replacement", "flags", "all"])?;
    settings.required(
        "pattern",
        &format!(
            "pattern is missing for [{}] token filter of type 'pattern_replace'",
            settings.name()
        ),
    )?;
    let pattern = settings.pattern("")?;
    let replacement =
        JavaReplacement::new(settings.text("replacement").unwrap_or_default(), &pattern);
    Ok(Arc::new(PatternReplace { pattern, replacement, all: settings.flag("all", true)? }))
}

impl TokenFilter for PatternReplace {
    fn apply(&self, tokens: Vec<Token>, _: &Cancel) -> Vec<Token> {
        each(tokens, |text| {
            let mut made = String::with_capacity(text.len());
            let mut from = 0;
            for captures in self.pattern.captures(text).take(if self.all { usize::MAX } else { 1 })
            {
                let Some(whole) = captures.get(0) else { continue };
                made.push_str(text.get(from..whole.start()).unwrap_or_default());
                self.replacement.write(&captures, &mut made);
                from = whole.end();
            }
            made.push_str(text.get(from..).unwrap_or_default());
            *text = made;
        })
    }

    fn is_normalizing(&self) -> bool {
        true
    }
}
