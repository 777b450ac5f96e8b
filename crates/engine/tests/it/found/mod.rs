//! What comparing random worlds with the real servers found (`conformance/differential`): one behaviour each.

mod fielddata;
mod programs;
mod queries;
mod rank_eval;
mod shown;
mod words;
