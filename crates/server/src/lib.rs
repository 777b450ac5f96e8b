//! The service: the walk of every request, and what it walks through.
//!
//! [`walk`] is the spine: `parse authenticate identify route authorize serve respond`, one file for each phase, in this
//! order. Around it: [`transport`] turns connections into requests, [`targets`] says what a request to a domain touches,
//! [`audit`] writes down what became of it, [`guards`] bound what it may cost, [`service`] starts, holds and stops
//! everything, [`settings`] is the operator's table, [`workloads`] and [`admin`] are the two listeners beside the walk.
//! `docs/internals/walk.md` tells the walk with its promises.

pub mod admin;
pub mod audit;
pub mod guards;
pub mod service;
pub mod settings;
pub mod targets;
pub mod transport;
pub mod walk;
pub mod workloads;

pub use audit::explain::prose;
pub use audit::{AuditRecord, find_record};
pub use guards::limits::TimeLimits;
pub use service::clock::{Clock, Stopwatch};
pub use service::first_start::SEARCH_APP;
pub use service::folder::quoted;
pub use service::options::{RootKey, StartOptions};
pub use service::pool::PoolBounds;
pub use service::start::{Service, StartError};

/// What only this crate's own tests look into: the judgement, piece by piece, and the values that they expect.
pub mod for_tests {
    pub use crate::audit::Stage;
    pub use crate::audit::layer::Layer;
    pub use crate::guards::limits;
    pub use crate::service::backends::{ControlPlane, ControlWork, Embedded, EmbeddedWork};
    pub use crate::service::cursor_sweep::expire;
    pub use crate::service::pool::WorkOwner;
    pub use crate::targets;
    pub use crate::transport::forwarded::network;
    pub use crate::transport::huffman;
    pub use crate::transport::tls::{Authority, loopback_names};
    pub use crate::walk::authenticate::Claimed;
    pub use crate::walk::authorize::permit::Permit;
    pub use crate::walk::identify::ClaimedIdentity;
    pub use crate::walk::judge;
    pub use crate::walk::prove::Caller;
}
