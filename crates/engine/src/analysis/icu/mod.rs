//! What the plugin `analysis-icu` has: Unicode's normal forms, folding, and words of scripts that are written without spaces.

mod dictionary;
mod folding;
mod normal;
mod transform;
mod unicode_set;
mod words;

pub(super) use dictionary::southeast_asian;
pub(super) use folding::folded;
pub(super) use normal::Normalizer;
pub(super) use transform::Transform;
pub(super) use unicode_set::UnicodeSet;
pub(super) use words::icu_words;
