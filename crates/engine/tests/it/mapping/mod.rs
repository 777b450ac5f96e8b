//! One file per field type.

mod boolean;
mod change;
mod date;
mod date_nanos;
mod dynamic;
mod flat_object;
mod geo_point;
mod ip;
mod keyword;
mod number;
mod object;
mod range;
mod source;
mod text;
mod words;
