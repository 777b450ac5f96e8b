//! Elasticsearch-shaped indexing and search over tantivy: one [`Engine`] per domain.
//!
//! The walk through this crate: [`rest::route`] reads the request's head against **the** path table, [`rest::parse`]
//! reads its body strictly, [`Engine::execute`] runs the result on one metadata snapshot, touching only what its
//! [`View`] lets it touch. Nothing here knows HTTP libraries, signatures or policies.
//!
//! ```
//! use engine::rest::{Flavor, parse, route};
//! use engine::{Engine, EngineSettings, View, Work};
//! use jiff::Timestamp;
//!
//! let engine = Engine::open(
//!     EngineSettings {
//!         directory: None,
//!         flavor: Flavor::OpenSearch219,
//!         cluster_name: "123456789012:books".to_owned(),
//!         publish_address: "127.0.0.1:9200".to_owned(),
//!     },
//!     Timestamp::UNIX_EPOCH,
//! )?;
//! let ask = |method: &str, path: &str, query: &str, body: &'static str| {
//!     let route = route(method, path, query, engine.flavor()).expect("a path of the table");
//!     let work = Work::unbounded();
//!     let parsed = parse(route, Some("application/json"), body.into(), &work).expect("a body as it asks for");
//!     let view = View::everything("the one who keeps its cursors");
//!     engine.execute(&parsed, &engine.metadata(), &view, Timestamp::UNIX_EPOCH, &work)
//! };
//! assert_eq!(ask("PUT", "/books/_doc/1", "refresh=true", r#"{"title": "Emma"}"#).status, 201);
//! let found = ask("GET", "/books/_search", "q=title:emma&filter_path=hits.total.value", "");
//! assert_eq!(found.body, r#"{"hits":{"total":{"value":1}}}"#);
//! # Ok::<(), engine::OpenError>(())
//! ```

pub mod aggs;
pub mod analysis;
pub mod cluster;
pub mod document;
pub mod dsl;
pub mod exception;
pub mod index;
pub mod ingest;
mod java_regex;
pub mod limits;
pub mod mapping;
pub mod objects;
pub mod rest;
pub mod script;
pub mod search;
mod search_pipeline;
pub mod snapshots;
pub mod value;

mod blocks;
mod cat;
mod column_block;
mod columns;
mod disk_watch;
mod document_rule;
mod engine;
mod flavor;
mod geo;
mod key_hash;
mod lucene_automaton;
mod lucene_regexp;
mod murmur3;
mod name_pattern;
mod place;
mod response;
mod restriction;
mod routing;
mod similarity;
mod slow_log;
mod value_mask;
mod vectors;
mod view;
mod visible_fields;
mod work;

pub use cluster::measured::DiskUse;
pub use cluster::tasks::BackgroundTask;
pub use disk_watch::WatchedDisk;
pub use document_rule::{
    DocumentRule, FieldObserver, FieldRules, OnlyValues, ShownFields, TestedValue, ValueTest,
};
pub use engine::{Engine, EngineSettings, OpenError};
pub use index::{ChangeFeed, OutgoingDocument, OutgoingDocuments};
pub use response::Response;
pub use restriction::Restrictions;
pub use slow_log::{SlowLogKind, SlowLogSettings};
pub use value_mask::ValueMask;
pub use view::{CursorBound, CursorOwner, CursorQuestion, CursorShare, Grants, View};
pub use work::{Budget, Cancel, HeldMemory, SpareThread, Work};

/// The id of the only node, as `_nodes`, `failed_shards` and `_cat/nodes` print it (22 characters, as real ones have).
pub const NODE_ID: &str = "countersign-node-00001";

/// The id that a real node gets anew with each start.
pub const EPHEMERAL_ID: &str = "countersign-start-0001";

/// The name of the only node.
pub const NODE_NAME: &str = "countersign";
