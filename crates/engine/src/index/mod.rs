//! One index on disk and in memory.

mod snapshot;

pub use snapshot::Snapshot;
