//! Elasticsearch-shaped indexing and search over tantivy.
