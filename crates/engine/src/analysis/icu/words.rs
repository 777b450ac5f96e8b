//! The words of `icu_tokenizer`: a text is parted by script, and each part by UAX #29 or by a dictionary.
//!
//! Source: Lucene's `ICUTokenizer`, `ScriptIterator` and `DefaultICUTokenizerConfig`; UTR #24 for marks between scripts.

use icu_properties::CodePointMapData;
use icu_properties::props::Script;
use unicode_normalization::char::is_combining_mark;

use super::dictionary::{chinese_japanese, southeast_asian};
use crate::work::Cancel;

/// A word: its bytes within the text, and its type.
pub(in crate::analysis) type IcuWord = (usize, usize, &'static str);

/// What cuts a part of a text into the segments of UAX #29, with their places.
type Segments = for<'t> fn(&'t str) -> Box<dyn Iterator<Item = (usize, &'t str)> + 't>;

/// What says of a segment which type of word it is; `None`: it is none.
type Kind = fn(&str) -> Option<&'static str>;

/// Hands each word of `text` to `take`; only the first ones once `cancel` is set.
pub(in crate::analysis) fn icu_words(
    text: &str,
    (segments, kind): (Segments, Kind),
    cancel: &Cancel,
    take: &mut dyn FnMut(IcuWord),
) {
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        if cancel.is_cancelled() {
            return;
        }
        let (length, japanese) = script_run(rest);
        let run = rest.get(..length).unwrap_or(rest);
        let mut open = DictionaryRun { text: run, start, span: None, japanese, cancel };
        for (at, segment) in segments(run) {
            let own = kind(segment);
            let is_written_without_spaces = match japanese {
                true => segment.chars().next().is_some_and(is_chinese_japanese),
                // Digits are of one word with letters beside them.
                false => matches!(own, Some("<SOUTHEAST_ASIAN>" | "<NUM>")),
            };
            if is_written_without_spaces {
                open.span = Some((open.span.map_or(at, |(from, _)| from), at + segment.len()));
                continue;
            }
            open.end(take);
            for (from, to, kind) in typed(segment, kind) {
                take((start + at + from, start + at + to, kind));
            }
        }
        open.end(take);
        start += length;
    }
}

/// A run that a dictionary cuts, as far as it is known.
struct DictionaryRun<'a> {
    text: &'a str,
    /// Where the text begins.
    start: usize,
    span: Option<(usize, usize)>,
    japanese: bool,
    cancel: &'a Cancel,
}

impl DictionaryRun<'_> {
    fn end(&mut self, take: &mut dyn FnMut(IcuWord)) {
        let Some((from, to)) = self.span.take() else { return };
        let run = self.text.get(from..to).unwrap_or_default();
        let (offsets, letters): (Vec<usize>, Vec<char>) = run.char_indices().unzip();
        // Signs of repetition that repeat nothing are no words.
        if letters.iter().all(|letter| matches!(letter, '\u{3005}' | '\u{303B}')) {
            return;
        }
        let (ends, kind) = match self.japanese {
            true => (chinese_japanese(&letters, self.cancel), "<IDEOGRAPHIC>"),
            false if letters.last().is_some_and(|last| last.is_numeric()) => {
                (self.with_digits(&letters), "<NUM>")
            }
            false => (self.with_digits(&letters), "<ALPHANUM>"),
        };
        // Marks that have no letter are no words.
        let marks = letters.iter().take_while(|letter| is_combining_mark(**letter)).count();
        let mut begin = offsets.get(marks).copied().unwrap_or(run.len());
        for end in ends {
            let end = offsets.get(end).copied().unwrap_or(run.len());
            if end <= begin {
                continue;
            }
            take((self.start + from + begin, self.start + from + end, kind));
            begin = end;
        }
    }

    /// Where the words of letters of Southeast Asia end, of which those beside digits are one word with them.
    fn with_digits(&self, letters: &[char]) -> Vec<usize> {
        let is_digit = |letter: &char| letter.is_numeric() || matches!(letter, '.' | ',' | '\'');
        let (mut ends, mut at) = (Vec::new(), 0);
        for part in letters.chunk_by(|a, b| is_digit(a) == is_digit(b)) {
            if !part.first().is_some_and(is_digit) {
                let inner = southeast_asian(part, self.cancel).into_iter();
                ends.extend(inner.filter(|end| *end < part.len()).map(|end| at + end));
            }
            at += part.len();
        }
        ends.push(letters.len());
        ends
    }
}

/// The words of a segment with their types: Hangul apart from what is behind it, and a number what ends in a digit.
fn typed(segment: &str, kind: Kind) -> Vec<IcuWord> {
    let first = segment.chars().next();
    let is_sign = first
        .is_none_or(|first| is_combining_mark(first) || !first.is_alphanumeric() && first != '_');
    let Some(own) = kind(segment).filter(|kind| !is_sign || *kind == "<EMOJI>") else {
        return Vec::new();
    };
    let ends_in_digit = segment.chars().rfind(|letter| !is_combining_mark(*letter));
    let ends_in_digit = ends_in_digit.is_some_and(|last| last.is_numeric());
    if segment.chars().any(is_hangul) {
        return hangul_apart(segment);
    }
    let own = if own == "<ALPHANUM>" && ends_in_digit { "<NUM>" } else { own };
    vec![(0, segment.len(), own)]
}

/// Hangul, and what stands between it.
fn hangul_apart(segment: &str) -> Vec<IcuWord> {
    let mut parts: Vec<IcuWord> = Vec::new();
    for (at, letter) in segment.char_indices() {
        let kind = if is_hangul(letter) { "<HANGUL>" } else { "<NUM>" };
        let end = at + letter.len_utf8();
        match parts.last_mut().filter(|(.., last)| *last == kind || is_combining_mark(letter)) {
            Some(part) => part.1 = end,
            None => parts.push((at, end, kind)),
        }
    }
    parts
}

fn is_hangul(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}')
}

fn is_chinese_japanese(letter: char) -> bool {
    script(letter) == Script::Han || matches!(letter, '\u{30FC}' | '\u{FF70}')
}

/// The script that `letter` counts for: Han for Hiragana and Katakana, too; Latin for full-width digits, of which the
/// dictionary knows nothing.
fn script(letter: char) -> Script {
    if ('\u{FF10}'..='\u{FF19}').contains(&letter) {
        return Script::Latin;
    }
    match CodePointMapData::<Script>::new().get(letter) {
        Script::Hiragana | Script::Katakana => Script::Han,
        script => script,
    }
}

/// How many bytes of `text` are of one script, and whether that is Japanese or Chinese.
fn script_run(text: &str) -> (usize, bool) {
    let is_common = |script: Script| script == Script::Common || script == Script::Inherited;
    let mut own = Script::Common;
    for (at, letter) in text.char_indices() {
        let script = if letter.is_ascii_alphabetic() { Script::Latin } else { script(letter) };
        let same = script == own || is_common(script) || is_common(own);
        if !same && !is_combining_mark(letter) {
            return (at, own == Script::Han);
        }
        if is_common(own) && !is_common(script) {
            own = script;
        }
    }
    (text.len(), own == Script::Han)
}
