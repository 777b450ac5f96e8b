//! How the word delimiter filters cut a word: at signs, at changes of case, between letters and digits (Lucene's
//! `WordDelimiterIterator`), and their settings.

use std::collections::{HashMap, HashSet};

use crate::analysis::part_settings::PartSettings;
use crate::exception::Exception;

const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;
const DELIMITER: u8 = 8;
/// Letters.
pub(super) const ALPHA: u8 = LOWER | UPPER;

/// The settings of a word delimiter filter.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(super) struct WordDelimiterSettings {
    pub(super) word_parts: bool,
    pub(super) number_parts: bool,
    pub(super) catenate_words: bool,
    pub(super) catenate_numbers: bool,
    pub(super) catenate_all: bool,
    pub(super) preserve_original: bool,
    pub(super) ignore_keywords: bool,
    pub(super) adjust_offsets: bool,
    case_change: bool,
    numerics: bool,
    possessive: bool,
    protected: HashSet<String>,
    types: HashMap<char, u8>,
}

impl WordDelimiterSettings {
    /// Reads them.
    pub(super) fn read(settings: &PartSettings<'_>, graph: bool) -> Result<Self, Exception> {
        let mut keys = vec![
            "generate_word_parts",
            "generate_number_parts",
            "catenate_words",
            "catenate_numbers",
            "catenate_all",
            "preserve_original",
            "split_on_case_change",
            "split_on_numerics",
            "stem_english_possessive",
            "protected_words",
            "protected_words_path",
            "type_table",
            "type_table_path",
        ];
        if graph {
            keys.extend(["adjust_offsets", "ignore_keywords"]);
        }
        settings.only(&keys)?;
        let protected = settings.words("protected_words")?.unwrap_or_default();
        Ok(WordDelimiterSettings {
            word_parts: settings.flag("generate_word_parts", true)?,
            number_parts: settings.flag("generate_number_parts", true)?,
            catenate_words: settings.flag("catenate_words", false)?,
            catenate_numbers: settings.flag("catenate_numbers", false)?,
            catenate_all: settings.flag("catenate_all", false)?,
            preserve_original: settings.flag("preserve_original", false)?,
            ignore_keywords: settings.flag("ignore_keywords", false)?,
            adjust_offsets: settings.flag("adjust_offsets", true)?,
            case_change: settings.flag("split_on_case_change", true)?,
            numerics: settings.flag("split_on_numerics", true)?,
            possessive: settings.flag("stem_english_possessive", true)?,
            protected: protected.into_iter().collect(),
            types: types(settings)?,
        })
    }

    /// Whether words like this are left alone.
    pub(super) fn protects(&self, word: &str) -> bool {
        self.protected.contains(word)
    }

    /// Whether parts of this kind come out by themselves.
    pub(super) fn generates(&self, kind: u8) -> bool {
        self.word_parts && kind & ALPHA != 0 || self.number_parts && kind & DIGIT != 0
    }

    /// Whether neighbouring parts of this kind come out joined.
    pub(super) fn catenates(&self, kind: u8) -> bool {
        self.catenate_words && kind & ALPHA != 0 || self.catenate_numbers && kind & DIGIT != 0
    }

    fn kind(&self, letter: char) -> u8 {
        if let Some(kind) = self.types.get(&letter) {
            return *kind;
        }
        if u32::from(letter) > 0xFFFF {
            // Java sees two surrogates.
            return ALPHA | DIGIT;
        }
        if letter.is_uppercase() {
            UPPER
        } else if letter.is_lowercase() {
            LOWER
        } else if letter.is_alphabetic() || unicode_normalization::char::is_combining_mark(letter) {
            ALPHA
        } else if letter.is_numeric() {
            DIGIT
        } else {
            DELIMITER
        }
    }

    fn breaks(&self, last: u8, kind: u8) -> bool {
        let is_alpha = |kind: u8| kind & ALPHA != 0;
        let is_digit = |kind: u8| kind & DIGIT != 0;
        if kind & last != 0 {
            return false;
        }
        if !self.case_change && is_alpha(last) && is_alpha(kind) {
            return false;
        }
        if last & UPPER != 0 && is_alpha(kind) {
            return false;
        }
        self.numerics || !(is_alpha(last) && is_digit(kind) || is_digit(last) && is_alpha(kind))
    }
}

/// `type_table`: `$ => DIGIT`.
fn types(settings: &PartSettings<'_>) -> Result<HashMap<char, u8>, Exception> {
    let mut types = HashMap::new();
    for rule in settings.words("type_table")?.unwrap_or_default() {
        let refusal = |what: &str| Exception::illegal_argument(format!("{what} : [{rule}]"));
        let (from, to) = rule.rsplit_once("=>").ok_or_else(|| refusal("Invalid Mapping Rule"))?;
        let kind = match to.trim() {
            "LOWER" => LOWER,
            "UPPER" => UPPER,
            "ALPHA" => ALPHA,
            "DIGIT" => DIGIT,
            "ALPHANUM" => ALPHA | DIGIT,
            "SUBWORD_DELIM" => DELIMITER,
            _ => return Err(refusal("Invalid Mapping Rule")),
        };
        let from = crate::analysis::char_filters::unescaped(from.trim());
        let mut letters = from.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => types.insert(letter, kind),
            _ => return Err(refusal("Invalid Mapping Rule. Only a single character is allowed")),
        };
    }
    Ok(types)
}

/// A part of a word: from and to, in letters, and what it is of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WordPart {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: u8,
}

/// The parts of a word.
#[derive(Debug)]
pub(super) struct WordParts {
    pub(super) parts: Vec<WordPart>,
    /// Whether there is only one, with nothing but signs around it.
    pub(super) is_single: bool,
}

impl WordParts {
    /// Cuts `word`.
    pub(super) fn of(word: &[char], settings: &WordDelimiterSettings) -> WordParts {
        let kind = |at: usize| word.get(at).map_or(DELIMITER, |letter| settings.kind(*letter));
        let is_delimiter = |at: usize| kind(at) & DELIMITER != 0;
        let start = (0..word.len()).find(|at| !is_delimiter(*at)).unwrap_or(word.len());
        let end =
            (start..word.len()).rev().find(|at| !is_delimiter(*at)).map_or(start, |at| at + 1);
        let possessive = |behind: usize| {
            settings.possessive
                && behind > 2
                && word.get(behind - 2) == Some(&'\'')
                && matches!(word.get(behind - 1), Some('s' | 'S'))
                && kind(behind - 3) & ALPHA != 0
                && (behind == end || is_delimiter(behind))
        };
        let final_possessive = possessive(end);
        let mut parts: Vec<WordPart> = Vec::new();
        let (mut at, mut skip) = (start, false);
        loop {
            if skip {
                at += 2;
                skip = false;
            }
            while at < end && is_delimiter(at) {
                at += 1;
            }
            if at >= end {
                break;
            }
            let mut last = kind(at);
            let mut to = at + 1;
            while to < end && !settings.breaks(last, kind(to)) {
                last = kind(to);
                to += 1;
            }
            if to + 1 < end && possessive(to + 2) {
                skip = true;
            }
            let first = kind(at);
            let of = if first == LOWER || first == UPPER { ALPHA } else { first };
            parts.push(WordPart { from: at, to, kind: of });
            at = to;
        }
        let is_single = parts.first().is_some_and(|part| {
            part.from == start && part.to == if final_possessive { end - 2 } else { end }
        });
        WordParts { parts, is_single }
    }
}
