//! `pattern`: what stands between the matches of a pattern, or (with a group) the group of each match.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::exception::Exception;
use crate::java_regex::JavaRegex;
use crate::work::Cancel;

/// Cuts at a pattern, or takes a group of each of its matches.
#[derive(Debug)]
pub(in crate::analysis) struct PatternTokenizer {
    pub(in crate::analysis) pattern: JavaRegex,
    pub(in crate::analysis) group: Option<usize>,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["pattern", "flags", "group"])?;
    let group = match settings.get("group").map(ToString::to_string).as_deref() {
        None | Some("-1" | "\"-1\"") => None,
        Some(_) => Some(settings.count("group", 0)?),
    };
    Ok(Arc::new(PatternTokenizer { pattern: settings.pattern(r"\W+")?, group }))
}

impl Tokenizer for PatternTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, _: usize, cancel: &Cancel) -> Vec<Token> {
        cursor.byte = text.len();
        by_pattern(text, &self.pattern, self.group, cancel)
    }
}

fn by_pattern(
    text: &str,
    pattern: &JavaRegex,
    group: Option<usize>,
    cancel: &Cancel,
) -> Vec<Token> {
    let mut spans = Vec::new();
    if let Some(group) = group {
        spans.extend(
            pattern
                .captures(text)
                .take_while(|_| !cancel.is_cancelled())
                .filter_map(|captures| captures.get(group).map(|m| (m.start(), m.end()))),
        );
    } else {
        let mut from = 0;
        for (start, end) in pattern.spans(text).take_while(|_| !cancel.is_cancelled()) {
            spans.push((from, start));
            from = end;
        }
        spans.push((from, text.len()));
    }
    let words = spans.into_iter().filter(|(from, to)| from < to);
    words
        .enumerate()
        .map(|(position, (from, to))| {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            Token::new(text.get(from..to).unwrap_or_default(), position, from, to, "word")
        })
        .collect()
}
