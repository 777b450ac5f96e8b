//! `simple_pattern`: the matches of a pattern; `simple_pattern_split`: what stands between them. The patterns are Lucene's,
//! without its operators for complements, intersections, intervals and automata.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct SimplePattern {
    pattern: Option<Regex>,
    split: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    read(settings, false)
}

pub(super) fn parse_split(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    read(settings, true)
}

fn read(settings: &PartSettings<'_>, split: bool) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["pattern"])?;
    let pattern = settings.text("pattern").unwrap_or_default();
    if pattern.is_empty() {
        return Ok(Arc::new(SimplePattern { pattern: None, split }));
    }
    if pattern.contains(['~', '&', '<', '@', '#', '"']) {
        let what = format!("the operators ~ & < @ # and \" in the pattern [{pattern}]");
        return Err(Exception::not_implemented(&what));
    }
    let compiled =
        RegexBuilder::new(pattern).dot_matches_new_line(true).size_limit(1 << 20).build();
    let pattern = compiled.map_err(|error| {
        let reason = format!("the pattern [{pattern}] cannot be used here: {error}");
        Exception::illegal_argument(reason)
    })?;
    Ok(Arc::new(SimplePattern { pattern: Some(pattern), split }))
}

impl Tokenizer for SimplePattern {
    fn piece(&self, text: &str, cursor: &mut Cursor, _: usize, cancel: &Cancel) -> Vec<Token> {
        cursor.byte = text.len();
        let found = self.pattern.iter().flat_map(|pattern| pattern.find_iter(text));
        let found =
            found.take_while(|_| !cancel.is_cancelled()).map(|found| (found.start(), found.end()));
        let mut spans: Vec<(usize, usize)> = Vec::new();
        if self.split {
            let mut from = 0;
            for (start, end) in found.filter(|(start, end)| start < end) {
                spans.push((from, start));
                from = end;
            }
            spans.push((from, text.len()));
        } else {
            spans.extend(found);
        }
        let words = spans.into_iter().filter(|(from, to)| from < to).enumerate();
        words
            .map(|(position, (from, to))| {
                let position = u32::try_from(position).unwrap_or(u32::MAX);
                Token::new(text.get(from..to).unwrap_or_default(), position, from, to, "word")
            })
            .collect()
    }
}
