//! The porch and the walk of every request.
//!
//! The file list is the order of the phases: `accept parse authenticate identify route authorize serve
//! audit respond`, with [`walk`] as their spine. Around them: what they share ([`porch`]), where work runs
//! ([`pool`]), how a service starts and stops. `docs/internals/walk.md` tells the walk with its promises.

pub mod audit;
pub mod clock;
pub mod explain;
pub mod folder;
pub mod hex;
pub mod limits;
pub mod pool;
pub mod private_file;
pub mod shutdown;
pub mod targets;
pub mod tls;
