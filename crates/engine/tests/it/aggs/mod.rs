//! One file per aggregation.

mod cardinality;
mod crowd;
mod date_histogram;
mod date_range;
mod filters;
mod histogram;
mod metrics;
mod percentiles;
mod pipeline;
mod range;
mod requests;
mod stats;
mod terms;
mod top_hits;
