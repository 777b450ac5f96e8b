//! Ingest pipelines: what is done to a document between its request and its index.
//!
//! `Pipelines` is the registry, kept in the cluster's metadata; a `Pipeline` is a list of steps, each a
//! `processors` one with its failure handlers; an `IngestDocument` is what they work on. Nothing here writes or reads
//! an index: a pipeline is a function of the document, the registry and the time, which the authorizer runs too, to learn
//! where a document goes ([`document::destination`](crate::document::destination)).
//!
//! Source: Elasticsearch 7.10 reference, "Ingest node"; the words of errors are those of the real servers.

pub(crate) mod api;
pub(crate) mod definition;
mod document;
mod grok;
mod java;
mod leads;
mod pipeline;
mod processors;
mod registry;
mod request;
mod run;
mod script;
pub(crate) mod simulate;
mod template;

pub(crate) use document::IngestDocument;
pub(crate) use java::class as java_class;
pub use leads::{ScriptPlace, check_pipeline, check_script, check_stored_script};
pub(crate) use processors::{java_split, regex};
pub(crate) use registry::Pipelines;
pub(crate) use request::{Ingested, Prepared, destination, prepare};
