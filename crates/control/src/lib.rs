//! The control plane: the es, opensearch, iam and sts operations, the directory they change and the store that keeps it.
//!
//! A request goes [`wire::decode`] → [`Directory::identify`] → [`authorization`] → [`Control::execute`] → [`wire::encode`];
//! the server calls them in that order. Nothing here knows of HTTP libraries, threads or clocks: time and
//! randomness come in as values, and every decision is made on one immutable snapshot of the [`Directory`].
//!
//! Which operations exist is in `operations.rs`, every error in `err.rs`, every limit in [`limits`].

mod authorization;
mod change;
mod control;
mod directory;
mod err;
mod es;
mod iam;
mod identity;
mod lifecycle;
pub mod limits;
mod managed;
mod mint;
mod operation;
mod operations;
mod policies;
mod principals;
mod proof;
mod request;
mod seal;
mod service;
mod session;
mod settings;
mod store;
mod sts;
mod tags;
mod web_identity;
pub mod wire;

pub use authorization::{AccessQuestion, Authorization, authorization};
pub use control::{Control, ControlOptions, OpenError, OperationCall};
pub use directory::entry::CompiledRecord;
pub use directory::snapshot::{Directory, DirectoryError};
pub use err::{ApiError, ErrorCode};
pub use es::advanced::{DomainOption, OPTIONS as DOMAIN_OPTIONS, REFUSED_OPTIONS};
pub use identity::{IdentifiedCaller, IdentityError};
pub use mint::{Mint, MintError, SystemMint};
pub use operation::Operation;
pub use operations::table;
pub use policies::NamedPolicy;
pub use proof::password::{
    HASH_LANES, HASH_MEMORY_KIB, HASH_PASSES, LOGINS_PROVEN_MAX, Login, LoginError, Password,
    ProvenLogins,
};
pub use seal::{SEALING_KEY_BYTES, SealError};
pub use service::{Service, WireProtocol};
pub use settings::ControlSettings;
pub use store::StorePlace;
pub use store::port::StoreError;
pub use store::record::{self, Domain, DomainExtras, DomainMode};
pub use web_identity::{Jwks, issuer_of};
