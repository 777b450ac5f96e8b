//! Analysis: text → tokens, as Lucene 8's analyzers (Elasticsearch 7.10) do it.
//!
//! An [`Analyzer`] is a chain: character filters, one tokenizer, token filters. [`Analyzers`] holds the built-in ones
//! and those an index's settings define. Anything the settings name that is not built here is refused by name.
//!
//! Sources: Elasticsearch 7.10 reference, "Text analysis"; Unicode UAX #29; M. F. Porter, "An algorithm for suffix
//! stripping", 1980, with the departures of Lucene's `PorterStemmer`.

mod analyzer;
mod analyzers;
mod char_filters;
mod collation;
pub(crate) mod differences;
pub(crate) mod files;
mod icu;
mod known_words;
mod kuromoji;
mod normalization;
mod part_settings;
mod parts;
mod phonetic;
mod pieces;
mod registry;
mod stemmers;
mod steps;
mod stop_words;
#[cfg(test)]
mod tests;
mod text_filter;
mod token;
mod token_filters;
mod tokenizers;
pub(crate) mod ways;

pub use analyzer::{Analyzed, Analyzer, StepNames};
pub use collation::Collation;
pub use kuromoji::JapaneseDictionary;
pub use pieces::TextPieces;
pub use registry::{Analyzers, CustomAnalyzer, PartName};
pub use token::Token;

/// `text` without its HTML, as the character filter `html_strip` leaves it.
pub(crate) fn without_html(text: &str) -> String {
    steps::filtered(&[char_filters::html_strip()], text).text
}
