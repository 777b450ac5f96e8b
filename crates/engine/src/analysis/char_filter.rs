//! Character filters: `html_strip`, `mapping`, `pattern_replace`. Each keeps the way back to the original offsets.

use regex::Regex;

/// A step before the tokenizer.
#[derive(Clone, Debug)]
pub(super) enum CharFilter {
    /// Takes HTML tags out and decodes the common entities.
    HtmlStrip,
    /// Replaces strings; the longest match at a place wins.
    Mapping(Vec<(String, String)>),
    /// Replaces the matches of a pattern.
    PatternReplace { pattern: Regex, replacement: String },
}

/// A filtered text and where its bytes come from.
pub(super) struct Filtered {
    pub(super) text: String,
    /// (offset in the filtered text, offset in the original), rising; between two entries offsets run in parallel.
    anchors: Vec<(u32, u32)>,
}

impl Filtered {
    /// The offset in the original text of `offset` in the filtered one.
    pub(super) fn original(&self, offset: u32) -> u32 {
        let after = self.anchors.partition_point(|(filtered, _)| *filtered <= offset);
        match after.checked_sub(1).and_then(|at| self.anchors.get(at)) {
            Some((filtered, original)) => {
                let next = self.anchors.get(after).map_or(u32::MAX, |next| next.1);
                original.saturating_add(offset - filtered).min(next)
            }
            None => offset,
        }
    }
}

/// Runs `filters` in order over `text`.
pub(super) fn apply(filters: &[CharFilter], text: &str) -> Filtered {
    let mut filtered = Filtered { text: text.to_owned(), anchors: vec![(0, 0)] };
    for filter in filters {
        let mut next = Builder { text: String::new(), anchors: vec![(0, 0)] };
        filter.run(&filtered.text, &mut next);
        let anchors =
            next.anchors.iter().map(|(to, from)| (*to, filtered.original(*from))).collect();
        filtered = Filtered { text: next.text, anchors };
    }
    filtered
}

struct Builder {
    text: String,
    anchors: Vec<(u32, u32)>,
}

impl Builder {
    /// Puts `piece` in the place of what ends at `end` of the input.
    fn replace(&mut self, piece: &str, end: usize) {
        self.text.push_str(piece);
        let length = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.anchors.push((length, u32::try_from(end).unwrap_or(u32::MAX)));
    }
}

impl CharFilter {
    fn run(&self, text: &str, out: &mut Builder) {
        match self {
            CharFilter::HtmlStrip => html_strip(text, out),
            CharFilter::Mapping(table) => mapping(text, table, out),
            CharFilter::PatternReplace { pattern, replacement } => {
                let mut from = 0;
                for captures in pattern.captures_iter(text) {
                    let Some(whole) = captures.get(0) else { continue };
                    out.text.push_str(text.get(from..whole.start()).unwrap_or_default());
                    let mut piece = String::new();
                    captures.expand(replacement, &mut piece);
                    out.replace(&piece, whole.end());
                    from = whole.end();
                }
                out.text.push_str(text.get(from..).unwrap_or_default());
            }
        }
    }
}

fn mapping(text: &str, table: &[(String, String)], out: &mut Builder) {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let longest = table
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

fn html_strip(text: &str, out: &mut Builder) {
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
