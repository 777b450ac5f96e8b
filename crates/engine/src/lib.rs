//! Elasticsearch-shaped indexing and search over tantivy.

pub mod analysis;
