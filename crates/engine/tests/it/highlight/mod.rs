//! Highlighting.

mod fields;
mod spans;
