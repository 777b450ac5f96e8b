//! The forms that `icu_normalizer` makes of a text. Source: UAX #15; The Unicode Standard, "Conformance", D147 and the property
//! NFKC_Casefold.

use icu_casemap::CaseMapper;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::unicode_set::UnicodeSet;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::steps::FilteredBuilder;
use crate::exception::Exception;

/// A form of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::analysis) enum NormalForm {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
    /// NFKC_Casefold.
    NfkcCf,
    /// The same, decomposed.
    NfkcCfDecomposed,
}

/// Characters that are not seen, which NFKC_Casefold takes away. Source: the property Default_Ignorable_Code_Point.
const IGNORABLE: &[(char, char)] = &[
    ('\u{AD}', '\u{AD}'),
    ('\u{34F}', '\u{34F}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180B}', '\u{180F}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFA0}', '\u{FFA0}'),
    ('\u{FFF0}', '\u{FFF8}'),
    ('\u{1BCA0}', '\u{1BCA3}'),
    ('\u{1D173}', '\u{1D17A}'),
    ('\u{E0000}', '\u{E0FFF}'),
];

fn is_ignorable(letter: char) -> bool {
    !letter.is_ascii() && IGNORABLE.iter().any(|(from, to)| (*from..=*to).contains(&letter))
}

impl NormalForm {
    /// `text` in this form.
    pub(in crate::analysis) fn of(self, text: &str) -> String {
        if text.is_ascii() {
            return if self.folds() { text.to_ascii_lowercase() } else { text.to_owned() };
        }
        match self {
            NormalForm::Nfc => text.nfc().collect(),
            NormalForm::Nfd => text.nfd().collect(),
            NormalForm::Nfkc => text.nfkc().collect(),
            NormalForm::Nfkd => text.nfkd().collect(),
            NormalForm::NfkcCf => casefolded(text),
            NormalForm::NfkcCfDecomposed => casefolded(text).nfd().collect(),
        }
    }

    fn folds(self) -> bool {
        matches!(self, NormalForm::NfkcCf | NormalForm::NfkcCfDecomposed)
    }
}

/// Most rounds of folding: what one leaves, such as a sign that is made of capitals, the next one folds.
const ROUNDS_MAX: usize = 4;

fn casefolded(text: &str) -> String {
    let mapper = CaseMapper::new();
    let mut known = text.to_owned();
    for _ in 0..ROUNDS_MAX {
        let apart: String = known.nfd().filter(|letter| !is_ignorable(*letter)).collect();
        let folded: String =
            mapper.fold_string(&apart).nfkc().filter(|letter| !is_ignorable(*letter)).collect();
        if folded == known {
            break;
        }
        known = folded;
    }
    known.nfc().collect()
}

/// Brings texts into a form, but for the characters that a set leaves out.
#[derive(Debug)]
pub(in crate::analysis) struct Normalizer {
    form: NormalForm,
    within: Option<UnicodeSet>,
}

impl Normalizer {
    /// Reads `name`, of those of ICU, and `unicode_set_filter`.
    ///
    /// # Errors
    /// A form, or a set, that is not known here.
    pub(in crate::analysis) fn read(
        settings: &PartSettings<'_>,
        decompose: bool,
    ) -> Result<Normalizer, Exception> {
        let normalizer = Normalizer::named(settings, "name", decompose)?;
        Ok(Normalizer { within: UnicodeSet::read(settings)?, ..normalizer })
    }

    /// Reads the name of a form, which the setting `key` has.
    ///
    /// # Errors
    /// A form that is not known here.
    pub(in crate::analysis) fn named(
        settings: &PartSettings<'_>,
        key: &str,
        decompose: bool,
    ) -> Result<Normalizer, Exception> {
        let form = match (settings.text(key).unwrap_or("nfkc_cf"), decompose) {
            ("nfc", false) => NormalForm::Nfc,
            ("nfc", true) => NormalForm::Nfd,
            ("nfkc", false) => NormalForm::Nfkc,
            ("nfkc", true) => NormalForm::Nfkd,
            ("nfkc_cf", false) => NormalForm::NfkcCf,
            ("nfkc_cf", true) => NormalForm::NfkcCfDecomposed,
            (other, _) => {
                return Err(settings.refuse(format!(
                    "has the unknown [{key}] [{other}]; known are [nfc], [nfkc] and [nfkc_cf]"
                )));
            }
        };
        Ok(Normalizer { form, within: None })
    }

    /// `text`, normalized.
    pub(in crate::analysis) fn of(&self, text: &str) -> String {
        let Some(within) = &self.within else { return self.form.of(text) };
        within.changed(text, |part| self.form.of(part))
    }

    /// Writes `text`, normalized piece by piece, so that it is known where each comes from.
    pub(in crate::analysis) fn write(&self, text: &str, out: &mut FilteredBuilder) {
        let mut start = 0;
        while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
            let length = piece(rest);
            let (piece, end) = (rest.get(..length).unwrap_or(rest), start + length);
            let made = self.of(piece);
            if made == piece {
                out.text.push_str(piece);
            } else {
                // What stands within a piece that grew comes from where the piece begins.
                let last = made.char_indices().next_back().map_or(0, |(at, _)| at);
                let (grown, last) = made.split_at_checked(last).unwrap_or_default();
                for letter in grown.chars() {
                    out.replace(letter.encode_utf8(&mut [0; 4]), start);
                }
                out.replace(last, end);
            }
            start = end;
        }
    }
}

/// Bytes of the first character with all that may combine with it.
fn piece(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1).map(|(at, letter)| (at, begins(letter)));
    letters.find(|(_, begins)| *begins).map_or(text.len(), |(at, _)| at)
}

/// Whether what stands before `letter` cannot change it.
fn begins(letter: char) -> bool {
    if letter.is_ascii() {
        return true;
    }
    let mut first = None;
    decompose_compatible(letter, |part| first = first.or(Some(part)));
    let first = first.unwrap_or(letter);
    canonical_combining_class(letter) == 0
        && canonical_combining_class(first) == 0
        && is_nfc_quick(std::iter::once(first)) != IsNormalized::Maybe
}
