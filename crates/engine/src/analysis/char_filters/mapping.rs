//! `mapping`: replaces strings; the longest match at a place wins.

use std::sync::Arc;

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{CharFilter, FilteredBuilder};
use crate::exception::{Exception, ExceptionKind};

/// What is replaced, and by what.
#[derive(Debug)]
struct Mapping(Vec<(String, String)>);

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn CharFilter>, Exception> {
    settings.only(&["mappings", "mappings_path"])?;
    let rules = settings.words("mappings")?.ok_or_else(|| {
        let reason = "mapping requires either `mappings` or `mappings_path` to be configured";
        Exception::illegal_argument(reason)
    })?;
    let mut table: Vec<(String, String)> = Vec::new();
    for rule in rules {
        let (from, to) = rule
            .rsplit_once("=>")
            .map(|(from, to)| (unescaped(from.trim()), unescaped(to.trim())))
            .filter(|(from, _)| !from.is_empty())
            .ok_or_else(|| {
                let reason = format!("Invalid Mapping Rule : [{rule}]");
                Exception::new(ExceptionKind::Runtime, reason)
            })?;
        if table.iter().any(|(known, _)| *known == from) {
            let reason = format!("match \"{from}\" was already added");
            return Err(Exception::illegal_argument(reason));
        }
        table.push((from, to));
    }
    Ok(Arc::new(Mapping(table)))
}

/// `text` with its escapes (`\n`, `\u00e9`) as what they stand for.
pub(in crate::analysis) fn unescaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            made.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => made.push('\n'),
            Some('t') => made.push('\t'),
            Some('r') => made.push('\r'),
            Some('b') => made.push('\u{8}'),
            Some('f') => made.push('\u{C}'),
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                made.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            Some(other) => made.push(other),
            None => made.push('\\'),
        }
    }
    made
}

impl CharFilter for Mapping {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let longest = self
                .0
                .iter()
                .filter(|(from, _)| !from.is_empty() && rest.starts_with(from.as_str()))
                .max_by_key(|(from, _)| from.len());
            if let Some((from, to)) = longest {
                at += from.len();
                out.replace(to, at);
            } else if let Some(character) = rest.chars().next() {
                out.text.push(character);
                at += character.len_utf8();
            }
        }
    }
}
