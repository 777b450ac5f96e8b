//! Elasticsearch-shaped indexing and search over tantivy: one [`Engine`] per domain.
//!
//! The walk through this crate: [`rest::route`] reads the request's head against **the** path table, [`rest::parse`]
//! reads its body strictly, [`Engine::execute`] runs the result on one metadata snapshot, touching only what its
//! [`View`] lets it touch. Nothing here knows HTTP libraries, signatures or policies.

pub mod aggs;
pub mod analysis;
pub mod cluster;
pub mod document;
pub mod dsl;
pub mod exception;
pub mod index;
pub mod limits;
pub mod mapping;
pub mod rest;
pub mod search;
pub mod value;

mod cat;
mod columns;
mod engine;
mod flavor;
mod name_pattern;
mod response;
mod restriction;
mod view;
mod visible_fields;
mod work;

pub use engine::{Engine, EngineSettings, OpenError};
pub use response::Response;
pub use restriction::Restrictions;
pub use view::{Grants, Owner, Question, View};
pub use work::{Budget, Cancel, Held, Work};

/// The id of the only node, as `_nodes`, `failed_shards` and `_cat/nodes` print it (22 characters, as real ones have).
pub const NODE_ID: &str = "countersign-node-00001";

/// The name of the only node.
pub const NODE_NAME: &str = "countersign";
