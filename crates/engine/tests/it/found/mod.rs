//! What comparing random worlds with the real servers found (`conformance/differential`): one behaviour each.

mod aggregations;
mod dates;
mod fielddata;
mod mappings;
mod programs;
mod queries;
mod rank_eval;
mod refusals;
mod shown;
mod spans;
mod words;
