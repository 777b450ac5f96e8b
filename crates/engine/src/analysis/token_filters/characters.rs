//! Filters that change each word by itself and have no settings: `apostrophe`, the filters of letters, and the stemmers that
//! have a name of their own.

use std::sync::Arc;

use super::{ParseTokenFilter, Row};
use crate::analysis::normalization as n;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::parts::plain;
use crate::analysis::stemmers as s;
use crate::analysis::steps::TokenFilter;
use crate::analysis::text_filter::TextFilter;
use crate::exception::Exception;

macro_rules! characters {
    ($($name:literal $kind:ident $change:expr),* $(,)?) => {
        &[$((
            $name,
            plain((|settings: &PartSettings<'_>| -> Result<Arc<dyn TokenFilter>, Exception> {
                TextFilter::$kind($change).without_settings(settings)
            }) as ParseTokenFilter),
        )),*]
    };
}

/// Their rows.
pub(super) const CHARACTERS: &[Row] = characters! {
    "apostrophe" Words apostrophe,
    "arabic_normalization" Characters n::arabic,
    "arabic_stem" Stemmer s::arabic,
    "bengali_normalization" Characters n::bengali,
    "cjk_width" Characters n::cjk_width,
    "czech_stem" Stemmer s::czech,
    "decimal_digit" Characters n::decimal_digit,
    "german_normalization" Characters n::german,
    "hindi_normalization" Characters n::hindi,
    "indic_normalization" Characters n::indic,
    "kstem" Stemmer s::kstem,
    "persian_normalization" Characters n::persian,
    "persian_stem" Stemmer s::persian,
    "scandinavian_folding" Characters n::scandinavian_folding,
    "scandinavian_normalization" Characters n::scandinavian,
    "serbian_normalization" Characters n::serbian,
    "sorani_normalization" Characters n::sorani,
};

/// Nothing from an apostrophe on: what follows is a suffix in Turkish.
pub(in crate::analysis) fn apostrophe(letters: &mut Vec<char>) {
    if let Some(at) = letters.iter().position(|letter| matches!(letter, '\'' | '\u{2019}')) {
        letters.truncate(at);
    }
}
