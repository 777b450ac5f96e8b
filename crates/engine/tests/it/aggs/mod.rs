//! One file per aggregation.

mod cardinality;
mod composite;
mod crowd;
mod date_histogram;
mod date_range;
mod filters;
mod histogram;
mod metrics;
mod mixtures;
mod more_buckets;
mod percentiles;
mod pipeline;
mod range;
mod requests;
mod samples;
mod stats;
mod terms;
mod top_hits;
mod widths;
