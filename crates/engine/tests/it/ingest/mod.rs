//! Ingest pipelines.

mod pipelines;
mod processors;
mod scripts;
mod simulate;
mod writes;
