//! The cluster of one: metadata, health, and what clients ask a node about itself.

pub mod blocks;
mod date_math;
pub(crate) mod health;
pub(crate) mod info;
pub mod metadata;
pub mod names;
pub mod search_settings;
pub mod settings;

pub use metadata::Metadata;
