//! One file per kind of analysis component.

mod analyzers;
mod char_filters;
mod conditions;
mod languages;
mod min_hash;
mod token_filters;
mod tokenizers;
