//! The metadata snapshot. (The store's room: this placeholder only lets its neighbours compile.)

/// Indices, mappings, settings and aliases of one domain at one moment.
#[derive(Clone, Debug, Default)]
pub struct Metadata {}
