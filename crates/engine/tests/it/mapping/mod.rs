//! One file per field type.

mod beside_text;
mod boolean;
mod boost;
mod change;
mod date;
mod date_nanos;
mod dynamic;
mod field_caps;
mod flat_object;
mod geo_point;
mod histogram;
mod icu_collation_keyword;
mod ignored;
mod ip;
mod keyword;
mod murmur3;
mod number;
mod object;
mod range;
mod search_as_you_type;
mod source;
mod text;
mod token_count;
mod words;
