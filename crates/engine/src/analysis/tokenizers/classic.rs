//! `classic`: words, acronyms, companies, addresses, hosts and numbers, by the grammar of Lucene's `ClassicTokenizer`.

use std::sync::{Arc, LazyLock};

use regex::Regex;
use unicode_normalization::char::is_combining_mark;

use super::standard::TOKEN_LENGTH_MAX;
use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::Cursor;
use crate::analysis::steps::Tokenizer;
use crate::analysis::token::utf16_length;
use crate::exception::Exception;
use crate::work::Cancel;

#[derive(Debug)]
struct ClassicTokenizer {
    token_length_max: usize,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn Tokenizer>, Exception> {
    settings.only(&["max_token_length"])?;
    let token_length_max = settings.count("max_token_length", TOKEN_LENGTH_MAX)?;
    Ok(Arc::new(ClassicTokenizer { token_length_max }))
}

/// Characters that stand for themselves.
const CJ: &str = r"\u{3100}-\u{312f}\u{3040}-\u{309F}\u{30A0}-\u{30FF}\u{31F0}-\u{31FF}\u{3300}-\u{337f}\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{f900}-\u{faff}\u{ff65}-\u{ff9f}";

/// Bytes that one token may be looked for in: longer ones are thrown away.
const WINDOW_BYTES: usize = 2048;

/// The rules, in the order in which the first of the longest wins.
static RULES: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let letter = format!("[\\p{{L}}--[{CJ}]]");
    let alphanumeric = format!("(?:{letter}|\\p{{Nd}})+");
    let digits = format!("(?:{letter}|\\p{{Nd}})*\\p{{Nd}}(?:{letter}|\\p{{Nd}})*");
    let p = "[_\\-/.,]";
    let (a, d) = (&alphanumeric, &digits);
    let rules = [
        ("<ALPHANUM>", alphanumeric.clone()),
        ("<APOSTROPHE>", format!("{letter}+(?:'{letter}+)+")),
        ("<ACRONYM>", format!("{letter}\\.(?:{letter}\\.)+")),
        ("<COMPANY>", format!("{letter}+[&@]{letter}+")),
        ("<EMAIL>", format!("{a}(?:[.\\-_]{a})*@{a}(?:[.\\-]{a})+")),
        ("<HOST>", format!("{a}(?:\\.{a})+")),
        ("<NUM>", format!("{a}{p}{d}")),
        ("<NUM>", format!("{d}{p}{a}")),
        ("<NUM>", format!("{a}(?:{p}{d}{p}{a})+")),
        ("<NUM>", format!("{d}(?:{p}{a}{p}{d})+")),
        ("<NUM>", format!("{a}{p}{d}(?:{p}{a}{p}{d})+")),
        ("<NUM>", format!("{d}{p}{a}(?:{p}{d}{p}{a})+")),
        ("<CJ>", format!("[{CJ}]")),
        ("<ACRONYM_DEP>", format!("{a}\\.(?:{a}\\.)+")),
    ];
    rules
        .into_iter()
        .filter_map(|(kind, rule)| Some((kind, Regex::new(&format!("^(?:{rule})")).ok()?)))
        .collect()
});

impl Tokenizer for ClassicTokenizer {
    fn piece(&self, text: &str, cursor: &mut Cursor, _: usize, cancel: &Cancel) -> Vec<Token> {
        let (mut tokens, mut at) = (Vec::new(), cursor.byte);
        while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
            if cancel.is_cancelled() {
                break;
            }
            if !first.is_alphanumeric() || is_combining_mark(first) {
                at += first.len_utf8();
                continue;
            }
            let window = (at + WINDOW_BYTES..text.len()).find(|end| text.is_char_boundary(*end));
            let rest = text.get(at..window.unwrap_or(text.len())).unwrap_or_default();
            let mut best: (usize, &'static str) = (0, "");
            for (kind, rule) in RULES.iter() {
                let length = rule.find(rest).map_or(0, |found| found.end());
                if length > best.0 {
                    best = (length, kind);
                }
            }
            let (length, kind) = best;
            if length == 0 {
                at += first.len_utf8();
                continue;
            }
            let word = rest.get(..length).unwrap_or_default();
            if utf16_length(word) <= self.token_length_max {
                // Lucene has called these hosts for a long time.
                let kind = if kind == "<ACRONYM_DEP>" { "<HOST>" } else { kind };
                tokens.push(Token::new(word, cursor.position, at, at + length, kind));
                cursor.position += 1;
            } else {
                // A word that is too long leaves a gap.
                cursor.position += 1;
            }
            at += length;
        }
        cursor.byte = text.len();
        tokens
    }
}
