//! The lives of indices: rollover, resizing, data streams, snapshots, tasks, what their settings may be.

mod buckets;
mod data_streams;
mod index_settings;
mod resize;
mod rollover;
mod snapshots;
mod tasks;
