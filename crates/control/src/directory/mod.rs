//! The directory: everything control knows, as one immutable snapshot with its policies compiled.
//!
//! Requests read a snapshot and never lock. A change makes the next snapshot: tables that did not change are shared,
//! policies of records that did not change stay compiled. Nothing in this folder knows of operations.

mod callers;
pub(crate) mod entry;
mod everybody;
mod identify;
pub(crate) mod operator_policies;
pub(crate) mod sessions;
pub(crate) mod snapshot;
