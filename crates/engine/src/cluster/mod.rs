//! The cluster of one: metadata, health, and what clients ask a node about itself.

pub mod metadata;
pub mod settings;
