//! Highlighting.

mod fields;
mod fvh;
mod plain;
mod spans;
