//! One file per feature of sorting.

mod fields;
mod missing;
mod modes;
mod search_after;
