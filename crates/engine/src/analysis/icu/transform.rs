//! The transforms of `icu_transform`: a list of names with `;` between them, each with the set of characters that it changes.
//!
//! Source: ICU's "Transforms", and Unicode's CLDR, of whose tables `rules/icu_transforms.txt` and `rules/icu_han.txt` say what ICU
//! 74.2 makes of each code point. Those of its transforms that look at more than a code point are not here.

use std::collections::HashMap;
use std::sync::LazyLock;

use icu_properties::CodePointMapData;
use icu_properties::props::Script;

use super::unicode_set::UnicodeSet;
use crate::exception::Exception;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, is_combining_mark};

/// Most transforms in a list.
const STEPS_MAX: usize = 100;

/// A list of transforms, each with the characters that it changes.
#[derive(Debug)]
pub(in crate::analysis) struct Transform {
    steps: Vec<(Option<UnicodeSet>, TransformStep)>,
    /// The characters that all of them change.
    within: Option<UnicodeSet>,
}

impl Transform {
    /// The transform that `id` says, or its inverse.
    ///
    /// # Errors
    /// A transform or a property that is not here (501); a set that is none.
    pub(in crate::analysis) fn read(id: &str, inverse: bool) -> Result<Transform, Exception> {
        let mut transform = Transform { steps: Vec::new(), within: None };
        let parts: Vec<String> = parts(id).into_iter().filter(|part| !part.is_empty()).collect();
        for (at, part) in parts.iter().enumerate() {
            let (set, name) = match part.starts_with('[') {
                true => UnicodeSet::at(part, "id").map(|(set, rest)| (Some(set), rest))?,
                false => (None, part.clone()),
            };
            let (name, back) = name.split_once('(').unwrap_or((&name, ""));
            let (name, back) = (name.trim(), back.trim_end_matches(')').trim());
            if name.is_empty() && back.is_empty() && at == 0 {
                transform.within = set;
                continue;
            }
            let change = match (inverse, back) {
                (true, "") => TransformStep::named(name, true),
                (true, back) => TransformStep::named(back, false),
                (false, _) => TransformStep::named(name, false),
            };
            let Some(change) = change else {
                let of = if inverse { "the inverse of the transform" } else { "the transform" };
                return Err(Exception::not_implemented(&format!("{of} [{name}] of icu_transform")));
            };
            transform.steps.push((set, change));
        }
        if transform.steps.len() > STEPS_MAX {
            return Err(Exception::illegal_argument(format!(
                "[id] of icu_transform has [{}] transforms, at most [{STEPS_MAX}] are allowed",
                transform.steps.len()
            )));
        }
        if inverse {
            transform.steps.reverse();
        }
        Ok(transform)
    }

    /// What becomes of `text`.
    pub(in crate::analysis) fn of(&self, text: &str) -> String {
        let all = |text: &str| {
            self.steps.iter().fold(text.to_owned(), |text, (set, change)| match set {
                Some(set) => set.changed(&text, |run| change.of(run)),
                None => change.of(&text),
            })
        };
        match &self.within {
            Some(within) => within.changed(text, all),
            None => all(text),
        }
    }
}

/// The parts of a list, at each `;` that is in no set.
fn parts(id: &str) -> Vec<String> {
    let (mut parts, mut depth, mut escaped) = (vec![String::new()], 0_usize, false);
    for letter in id.chars() {
        match letter {
            ';' if depth == 0 && !escaped => {
                parts.push(String::new());
                continue;
            }
            '[' if !escaped => depth += 1,
            ']' if !escaped => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
        parts.last_mut().into_iter().for_each(|part| part.push(letter));
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// What one transform does to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TransformStep {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
    Lower,
    Upper,
    /// Takes all out.
    Remove,
    /// Nothing.
    Null,
    /// Marks of Latin letters go, and what is left becomes ASCII.
    LatinAscii,
    /// Hiragana, in which long vowels are written out.
    KatakanaHiragana,
    /// By the table of this name.
    Table(&'static str),
    /// By the table of this name, and composed.
    ComposedTable(&'static str),
    /// By the table of this name, with marks of voice as part of their letters.
    VoicedTable(&'static str),
}

/// The transforms, by their names in small letters without `any-`, and their inverses.
const CHANGES: &[(&str, TransformStep, &str)] = &[
    ("nfc", TransformStep::Nfc, "nfd"),
    ("nfd", TransformStep::Nfd, "nfc"),
    ("nfkc", TransformStep::Nfkc, "nfkd"),
    ("nfkd", TransformStep::Nfkd, "nfkc"),
    ("lower", TransformStep::Lower, "upper"),
    ("upper", TransformStep::Upper, "lower"),
    ("remove", TransformStep::Remove, "null"),
    ("null", TransformStep::Null, "null"),
    ("latin-ascii", TransformStep::LatinAscii, ""),
    ("cyrillic-latin", TransformStep::Table("Cyrillic-Latin"), ""),
    ("fullwidth-halfwidth", TransformStep::Table("Fullwidth-Halfwidth"), "halfwidth-fullwidth"),
    (
        "halfwidth-fullwidth",
        TransformStep::VoicedTable("Halfwidth-Fullwidth"),
        "fullwidth-halfwidth",
    ),
    ("katakana-hiragana", TransformStep::KatakanaHiragana, "hiragana-katakana"),
    ("hiragana-katakana", TransformStep::ComposedTable("Hiragana-Katakana"), "katakana-hiragana"),
    (
        "traditional-simplified",
        TransformStep::Table("Traditional-Simplified"),
        "simplified-traditional",
    ),
    ("hant-hans", TransformStep::Table("Traditional-Simplified"), "hans-hant"),
    (
        "simplified-traditional",
        TransformStep::Table("Simplified-Traditional"),
        "traditional-simplified",
    ),
    ("hans-hant", TransformStep::Table("Simplified-Traditional"), "hant-hans"),
];

/// What is written for a letter.
type Table = HashMap<char, &'static str>;

/// The tables by their names. A line of the file is a code point and what is written for it.
static TABLES: LazyLock<HashMap<&str, Table>> = LazyLock::new(|| {
    let mut tables: HashMap<&str, Table> = HashMap::new();
    let mut name = "";
    for line in include_str!("../rules/icu_transforms.txt").lines() {
        if let Some(next) = line.strip_prefix("# ") {
            name = next;
        } else if let Some((code, text)) = line.split_once(' ')
            && let Some(letter) = u32::from_str_radix(code, 16).ok().and_then(char::from_u32)
        {
            tables.entry(name).or_default().insert(letter, text);
        }
    }
    // A line is the name of a table, and characters, each with the one for it behind it.
    for line in include_str!("../rules/icu_han.txt").lines() {
        let Some((name, pairs)) = line.split_once(' ') else { continue };
        let table = tables.entry(name).or_default();
        let places: Vec<(usize, char)> = pairs.char_indices().collect();
        for pair in places.chunks_exact(2) {
            if let [(_, letter), (at, other)] = pair {
                table.insert(*letter, pairs.get(*at..at + other.len_utf8()).unwrap_or_default());
            }
        }
    }
    tables
});

impl TransformStep {
    /// The transform called `name`, or the inverse of that one.
    fn named(name: &str, inverse: bool) -> Option<TransformStep> {
        let name = name.trim().to_lowercase();
        let find = |name: &str| {
            let name = name.strip_prefix("any-").unwrap_or(name);
            CHANGES.iter().find(|(known, ..)| *known == name)
        };
        let (_, change, other) = find(&name)?;
        if inverse { find(other).map(|(_, change, _)| *change) } else { Some(*change) }
    }

    /// What becomes of `text`.
    fn of(self, text: &str) -> String {
        match self {
            TransformStep::Nfc => text.nfc().collect(),
            TransformStep::Nfd => text.nfd().collect(),
            TransformStep::Nfkc => text.nfkc().collect(),
            TransformStep::Nfkd => text.nfkd().collect(),
            TransformStep::Lower => text.to_lowercase(),
            TransformStep::Upper => text.to_uppercase(),
            TransformStep::Remove => String::new(),
            TransformStep::Null => text.to_owned(),
            TransformStep::Table(name) => mapped(name, text),
            TransformStep::ComposedTable(name) => mapped(name, text).nfc().collect(),
            TransformStep::VoicedTable(name) => voiced(&mapped(name, text)),
            TransformStep::LatinAscii => latin_ascii(text),
            TransformStep::KatakanaHiragana => hiragana(text),
        }
    }
}

fn mapped(name: &str, text: &str) -> String {
    let Some(table) = TABLES.get(name) else { return text.to_owned() };
    let mut made = String::with_capacity(text.len());
    for letter in text.chars() {
        match table.get(&letter) {
            Some(other) => made.push_str(other),
            None => made.push(letter),
        }
    }
    made
}

fn latin_ascii(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut is_latin = false;
    for letter in text.nfd() {
        if is_combining_mark(letter) {
            if is_latin {
                continue;
            }
        } else {
            is_latin = letter.is_ascii_digit()
                || CodePointMapData::<Script>::new().get(letter) == Script::Latin;
        }
        bare.push(letter);
    }
    let composed: String = bare.nfc().collect();
    mapped("Latin-ASCII", &composed)
}

/// `text` with the marks of voice as part of the letters before them.
fn voiced(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_mark = matches!(letter, '\u{3099}' | '\u{309A}');
        let before = made.chars().next_back().filter(|_| is_mark);
        match before.and_then(|before| compose(before, letter)) {
            Some(whole) => {
                made.pop();
                made.push(whole);
            }
            None => made.push(letter),
        }
    }
    made
}

fn hiragana(text: &str) -> String {
    let mapped: String = mapped("Katakana-Hiragana", text).nfc().collect();
    let mut made = String::with_capacity(mapped.len());
    let mut before = None;
    for letter in mapped.chars() {
        let letter =
            if letter == 'ー' { before.and_then(vowel).unwrap_or(letter) } else { letter };
        made.push(letter);
        before = Some(letter);
    }
    made
}

/// The vowel that a letter of Hiragana ends in.
fn vowel(letter: char) -> Option<char> {
    const ROWS: [(char, &str); 5] = [
        ('あ', "ぁあかがさざただなはばぱまゃやらゎわゕ"),
        ('い', "ぃいきぎしじちぢにひびぴみりゐ"),
        ('う', "ぅうくぐすずっつづぬふぶぷむゅゆるゔ"),
        ('え', "ぇえけげせぜてでねへべぺめれゑゖ"),
        ('お', "ぉおこごそぞとどのほぼぽもょよろを"),
    ];
    ROWS.iter().find(|(_, row)| row.contains(letter)).map(|(vowel, _)| *vowel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_transformed_as_by_icu() {
        // What ICU 74.2 makes of each: the transform, a text, and what becomes of it.
        let rows = include_str!("transforms.txt").lines();
        let wrong: Vec<String> = rows
            .filter_map(|line| {
                let mut cells = line.split('\t');
                let (id, text, theirs) = (cells.next()?, cells.next()?, cells.next()?);
                let ours = Transform::read(id, false).unwrap().of(text);
                (ours != theirs).then(|| format!("{id} {text}: {ours}, theirs {theirs}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    fn an_inverse_goes_the_other_way_from_the_last_transform_on() {
        let transform = Transform::read("NFD (NFC); Katakana-Hiragana; Lower", true).unwrap();
        assert_eq!(transform.of("あE\u{301}"), "アÉ");
    }

    #[test]
    fn what_is_not_here_is_refused_by_name() {
        for (id, inverse, seen) in [
            ("Any-Latin", false, "the transform [Any-Latin] of icu_transform"),
            ("NFC; Greek-Latin", false, "[Greek-Latin]"),
            ("Latin-ASCII", true, "the inverse of the transform [Latin-ASCII]"),
            ("[:Surprise:] Remove", false, "the property [Surprise] in [id]"),
            ("[a-z & [b]] Remove", false, "an operator or a string in [id]"),
        ] {
            let refusal = Transform::read(id, inverse).unwrap_err();
            assert_eq!(refusal.status(), 501, "{id}");
            assert!(refusal.reason().contains(seen), "{}", refusal.reason());
        }
        assert_eq!(Transform::read("[a-", false).unwrap_err().status(), 400);
    }
}
