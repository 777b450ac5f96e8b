//! One file per kind of analysis component.

mod analyzers;
mod char_filters;
mod token_filters;
mod tokenizers;
