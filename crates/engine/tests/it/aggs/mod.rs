//! One file per aggregation.

mod cardinality;
mod composite;
mod crowd;
mod date_histogram;
mod date_range;
mod fielddata;
mod filters;
mod geo_distance;
mod geo_grid;
mod geo_metrics;
mod hdr;
mod histogram;
mod max_buckets;
mod metrics;
mod mixtures;
mod more_buckets;
mod percentiles;
mod pipeline;
mod range;
mod ranges_in_histograms;
mod requests;
mod samples;
mod stats;
mod terms;
mod top_hits;
mod widths;
