//! `pattern_capture`: the groups of patterns beside each token (Lucene's `PatternCaptureGroupTokenFilter`).

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::TokenFilter;
use crate::exception::Exception;
use crate::java_regex::JavaRegex;
use crate::work::Cancel;

#[derive(Debug)]
struct PatternCapture {
    patterns: Vec<JavaRegex>,
    preserve_original: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&["patterns", "preserve_original"])?;
    let Some(patterns) = settings.list("patterns")? else {
        let reason = "required setting 'patterns' is missing for token filter";
        return Err(Exception::illegal_argument(format!("{reason} [{}]", settings.name())));
    };
    let patterns =
        patterns.iter().map(|pattern| JavaRegex::new(pattern, "")).collect::<Result<_, _>>()?;
    Ok(Arc::new(PatternCapture {
        patterns,
        preserve_original: settings.flag("preserve_original", true)?,
    }))
}

impl PatternCapture {
    /// The groups of every match, by where they start; of those at one place, as the patterns and groups stand.
    fn groups<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut found = Vec::new();
        for pattern in &self.patterns {
            for captures in pattern.captures(text) {
                let groups = captures.iter().skip(1).flatten();
                let whole = |from: usize, length: usize| {
                    self.preserve_original && from == 0 && length == text.len()
                };
                for group in groups {
                    let (from, to) = (group.start(), group.end());
                    if from < to && !whole(from, to - from) {
                        found.push((from, text.get(from..to).unwrap_or_default()));
                    }
                }
            }
        }
        found.sort_by_key(|(from, _)| *from);
        found.into_iter().map(|(_, group)| group).collect()
    }
}

impl TokenFilter for PatternCapture {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        for token in tokens {
            if cancel.is_cancelled() {
                break;
            }
            let groups = self.groups(&token.text);
            if self.preserve_original || groups.is_empty() {
                out.push(token.clone());
            }
            out.extend(
                groups.iter().map(|text| Token { text: (*text).to_owned(), ..token.clone() }),
            );
        }
        out
    }
}
