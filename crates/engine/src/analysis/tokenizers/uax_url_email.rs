//! `uax_url_email`: the words of UAX #29, addresses and URLs whole. Source: RFC 3986 and RFC 5321, as Lucene's
//! `UAX29URLEmailTokenizer` reads them.

use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::standard::{StandardTokenizer, TOKEN_LENGTH_MAX};
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct UrlEmailTokenizer {
    words: StandardTokenizer,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["max_token_length"])?;
    let token_length_max = settings.count("max_token_length", TOKEN_LENGTH_MAX)?;
    Ok(Arc::new(UrlEmailTokenizer { words: StandardTokenizer { token_length_max } }))
}

/// Bytes that one URL or address may be looked for in.
const WINDOW_BYTES: usize = 4096;

/// An address, a URL with a scheme, and one without: that needs a domain that exists.
static WHOLE: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let label = "[A-Za-z0-9](?:[A-Za-z0-9\\-]*[A-Za-z0-9])?";
    let top = "(?:[A-Za-z]{2}|(?i:com|org|net|edu|gov|mil|int|info|biz|name|pro|aero|coop|museum|mobi|jobs|travel|tel|cat|asia|post|arpa|app|dev|xyz|online|site|shop|store|blog|cloud|tech|space|club|live|news|world|email|page|wiki|top|link))";
    let host = format!("(?:(?:{label}\\.)+{top}\\b|\\d{{1,3}}(?:\\.\\d{{1,3}}){{3}}\\b)");
    let rest = "(?::\\d+)?(?:/(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*)?(?:\\?(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?(?:#(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?";
    let atom = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]+";
    let rules = [
        ("<EMAIL>", format!("{atom}(?:\\.{atom})*@(?:{label}\\.)+{label}")),
        (
            "<URL>",
            format!(
                "(?i:https?|ftp|file)://(?:{label}(?:\\.{label})*\\.?|\\[[0-9A-Fa-f:.]+\\])?{rest}"
            ),
        ),
        ("<URL>", format!("{host}{rest}")),
    ];
    rules
        .into_iter()
        .filter_map(|(kind, rule)| Some((kind, Regex::new(&format!("^(?:{rule})")).ok()?)))
        .collect()
});

impl Tokenizer for UrlEmailTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, bytes: usize, cancel: &Cancel) -> Vec<Token> {
        let words = self.words.piece(text, &mut Cursor::default(), usize::MAX, cancel);
        let _ = bytes;
        cursor.byte = text.len();
        let (mut tokens, mut behind, mut position) = (Vec::new(), 0_usize, 0);
        for mut word in words {
            let start = word.start_offset as usize;
            if cancel.is_cancelled() {
                break;
            }
            if start < behind {
                // A word that begins within a URL and ends behind it cannot be: URLs end where words do.
                continue;
            }
            let window = (start + WINDOW_BYTES..text.len()).find(|end| text.is_char_boundary(*end));
            let rest = text.get(start..window.unwrap_or(text.len())).unwrap_or_default();
            let whole = WHOLE
                .iter()
                .filter_map(|(kind, rule)| Some((rule.find(rest)?.end(), *kind)))
                .max_by_key(|(length, _)| *length);
            if let Some((length, kind)) = whole.filter(|(length, _)| *length >= word.text.len()) {
                word = Token::new(
                    rest.get(..length).unwrap_or_default(),
                    0,
                    start,
                    start + length,
                    kind,
                );
                behind = start + length;
            }
            word.position = position;
            position += 1;
            tokens.push(word);
        }
        cursor.position = position;
        tokens
    }
}
