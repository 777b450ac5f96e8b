//! What the plugin `analysis-kuromoji` does with a dictionary: the words of Japanese, their parts of speech and readings.
//!
//! Source: Lucene 9's `JapaneseTokenizer`. The dictionary is MeCab's compiled IPADIC, which the operator provides
//! (docs/decisions/0156).

mod characters;
mod dictionary;
mod lattice;
mod lexicon;
mod morpheme;
mod nbest;
mod romanization;
#[cfg(test)]
mod tests;
mod user_dictionary;

pub use dictionary::JapaneseDictionary;
pub(super) use lattice::{Lattice, Mode, Parsing};
pub(super) use lexicon::Lexicon;
pub(super) use morpheme::Morpheme;
pub(super) use nbest::cost_of_examples;
pub(super) use romanization::romanized;
pub(super) use user_dictionary::UserDictionary;
