//! One file per field type.

mod boolean;
mod change;
mod date;
mod dynamic;
mod ip;
mod keyword;
mod number;
mod object;
mod text;
