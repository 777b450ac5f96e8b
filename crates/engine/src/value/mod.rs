//! The readers of what Elasticsearch writes as text as often as anything else: scalars, times, sizes. Whoever reads a
//! setting, a parameter or an option reads it with these, and says in its own words what is wrong with it.

pub(crate) mod decimal;
pub(crate) mod java;
pub(crate) mod number_format;
pub(crate) mod path;
pub mod raw;
pub mod scalar;
pub(crate) mod size;
pub(crate) mod time;
