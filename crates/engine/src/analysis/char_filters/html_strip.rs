//! `html_strip`: takes HTML tags out and decodes the common entities.

use std::sync::Arc;

use crate::analysis::AnalysisError;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{CharFilter, FilteredBuilder};

/// Takes HTML out.
#[derive(Debug)]
struct HtmlStrip;

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn CharFilter>, AnalysisError> {
    settings.only(&[])?;
    Ok(Arc::new(HtmlStrip))
}

impl CharFilter for HtmlStrip {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        html_strip(text, out);
    }
}

fn html_strip(text: &str, out: &mut FilteredBuilder) {
    let mut at = 0;
    // Where the last tag that ends in the text ends: behind it, none is looked for.
    let last = text.rfind('>').unwrap_or(0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let tag = rest.strip_prefix('<').is_some_and(|inner| {
            inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
        });
        let entity = rest.starts_with('&').then(|| entity(rest)).flatten();
        if let Some((character, length)) = entity {
            at += length;
            out.replace(character.encode_utf8(&mut [0; 4]), at);
        } else if let Some(end) = (tag && at < last).then(|| rest.find('>')).flatten() {
            let name = rest.get(1..end).unwrap_or_default().trim_start_matches('/');
            at += end + 1;
            out.replace(if is_block(name) { "\n" } else { "" }, at);
        } else if let Some(character) = rest.chars().next() {
            out.text.push(character);
            at += character.len_utf8();
        }
    }
}

/// Block elements end a line; inline ones vanish.
fn is_block(tag: &str) -> bool {
    let name: String =
        tag.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    !matches!(
        name.as_str(),
        "a" | "abbr"
            | "acronym"
            | "b"
            | "basefont"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "img"
            | "input"
            | "kbd"
            | "label"
            | "q"
            | "s"
            | "samp"
            | "select"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "textarea"
            | "tt"
            | "u"
            | "var"
    )
}

/// Bytes of the longest entity, its ampersand and its semicolon counted.
const ENTITY_BYTES_MAX: usize = 11;

fn entity(rest: &str) -> Option<(char, usize)> {
    // The longest that is known has ten letters; no semicolon is looked for further away.
    let end = rest.bytes().take(ENTITY_BYTES_MAX).position(|byte| byte == b';')?;
    let name = rest.get(1..end)?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((character, end + 1))
}
