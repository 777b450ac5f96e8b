//! `html_strip`: takes HTML tags, comments and scripts out, and decodes entities (Lucene's `HTMLStripCharFilter`).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::{CharFilter, FilteredBuilder};
use crate::exception::Exception;

/// Takes HTML out.
#[derive(Debug, Default)]
pub(super) struct HtmlStrip {
    /// The tags that stay.
    escaped: Vec<String>,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn CharFilter>, Exception> {
    settings.only(&["escaped_tags"])?;
    Ok(Arc::new(HtmlStrip { escaped: settings.list("escaped_tags")?.unwrap_or_default() }))
}

impl CharFilter for HtmlStrip {
    fn run(&self, text: &str, out: &mut FilteredBuilder) {
        let mut at = 0;
        // Where the last tag that ends in the text ends: behind it, none is looked for.
        let last = text.rfind('>').unwrap_or(0);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let markup = if at < last { self.markup(rest) } else { None };
            if let Some((character, length)) = entity(rest) {
                at += length;
                out.replace(character.encode_utf8(&mut [0; 4]), at);
            } else if let Some((length, piece)) = markup {
                at += length;
                out.replace(&piece, at);
            } else if let Some(character) = rest.chars().next() {
                out.text.push(character);
                at += character.len_utf8();
            }
        }
    }
}

impl HtmlStrip {
    /// How long the markup is that `rest` begins with, and what stands in its place.
    fn markup(&self, rest: &str) -> Option<(usize, String)> {
        let inner = rest.strip_prefix('<')?;
        if let Some(comment) = inner.strip_prefix("!--") {
            return Some((4 + comment.find("-->")? + 3, String::new()));
        }
        if let Some(data) = inner.strip_prefix("![CDATA[") {
            let length = data.find("]]>")?;
            return Some((9 + length + 3, data.get(..length)?.to_owned()));
        }
        let is_tag =
            inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if !is_tag {
            return None;
        }
        let end = rest.find('>')?;
        let name: String = inner
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase();
        if self.escaped.contains(&name) {
            return Some((end + 1, rest.get(..=end)?.to_owned()));
        }
        if matches!(name.as_str(), "script" | "style") && !inner.starts_with('/') {
            let length = closing(rest, &name).unwrap_or(end + 1);
            return Some((length, "\n".to_owned()));
        }
        let breaks = !name.is_empty() && !is_inline(&name);
        Some((end + 1, if breaks { "\n" } else { "" }.to_owned()))
    }
}

/// Where the element `name` that `rest` begins with is closed.
fn closing(rest: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = rest.get(from..)?.find("</") {
        let at = from + found;
        let tag = rest.get(at + 2..at + 2 + name.len())?;
        if tag.eq_ignore_ascii_case(name) {
            return Some(at + rest.get(at..)?.find('>')? + 1);
        }
        from = at + 2;
    }
    None
}

/// Inline elements vanish; block elements end a line.
fn is_inline(name: &str) -> bool {
    const INLINE: &[&str] = &[
        "a", "abbr", "acronym", "b", "basefont", "bdo", "big", "cite", "code", "dfn", "em", "font",
        "i", "img", "input", "kbd", "label", "q", "s", "samp", "select", "small", "span", "strike",
        "strong", "sub", "sup", "textarea", "tt", "u", "var",
    ];
    INLINE.contains(&name)
}

/// Bytes of the longest entity, its ampersand and its semicolon counted.
const ENTITY_BYTES_MAX: usize = 11;

/// The named entities of HTML 4. A line for each: its name and its character.
static ENTITIES: LazyLock<HashMap<&'static str, char>> = LazyLock::new(|| {
    let lines = include_str!("../words/html_entities.txt").lines();
    lines.filter_map(|line| Some((line.split_once(' ')?.0, line.chars().last()?))).collect()
});

/// The character that `rest` begins with the entity of, and how long that is.
fn entity(rest: &str) -> Option<(char, usize)> {
    if !rest.starts_with('&') {
        return None;
    }
    // The longest that is known has ten letters; no semicolon is looked for further away.
    let semicolon = rest.bytes().take(ENTITY_BYTES_MAX).position(|byte| byte == b';');
    let end = semicolon?;
    let name = rest.get(1..end)?;
    let character = match name {
        "AMP" => '&',
        "LT" => '<',
        "GT" => '>',
        "QUOT" => '"',
        "COPY" => '©',
        "REG" => '®',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => match ENTITIES.get(name) {
            Some(character) => *character,
            None => {
                let digits = name.strip_prefix('#')?;
                let code = match digits.strip_prefix(['x', 'X']) {
                    Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                char::from_u32(code)?
            }
        },
    };
    Some((character, end + 1))
}
