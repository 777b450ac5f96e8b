//! Ingest pipelines.

mod pipelines;
mod processors;
mod simulate;
mod writes;
