//! The cluster of one: metadata, health, and what clients ask a node about itself.

pub(crate) mod allocation;
pub mod blocks;
pub(crate) mod cluster_settings;
mod date_math;
pub(crate) mod defaults;
pub mod elsewhere;
pub(crate) mod health;
pub(crate) mod info;
pub(crate) mod measured;
pub mod metadata;
pub mod names;
pub(crate) mod nodes;
pub mod portable;
pub mod registries;
pub mod search_settings;
pub(crate) mod setting_values;
pub mod settings;
pub(crate) mod state;
pub(crate) mod statistics;
pub(crate) mod tasks;
pub(crate) mod templates;
pub(crate) mod watermarks;

pub use health::Health;
pub use metadata::Metadata;

/// Whether a JSON value says `true`, as itself or as text.
pub(crate) fn truth(value: &serde_json::Value) -> bool {
    crate::value::scalar::boolean(value) == Some(true)
}
