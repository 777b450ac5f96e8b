//! One file per feature of sorting.

mod fields;
mod geo_distance;
mod missing;
mod modes;
mod ranges;
mod search_after;
