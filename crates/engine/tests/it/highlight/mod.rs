//! Highlighting.

mod fields;
