//! The control plane: the es, opensearch, iam and sts operations, the directory they change and the store that keeps it.
//!
//! A request goes [`wire::decode`] → [`Directory::identify`] → [`authorization`] → [`Control::execute`] → [`wire::encode`];
//! the porch (`server`) calls them in that order. Nothing here knows of HTTP libraries, threads or clocks: time and
//! randomness come in as values, and every decision is made on one immutable snapshot of the [`Directory`].
//!
//! Which operations exist is in `operations.rs`, every error in `err.rs`, every limit in [`limits`].

mod authorization;
mod change;
mod control;
mod directory;
mod err;
mod es;
mod guesses;
mod iam;
mod identity;
mod lifecycle;
pub mod limits;
mod managed;
mod mfa;
mod mint;
mod operations;
mod password;
mod policies;
mod principals;
mod request;
mod seal;
mod service;
mod session;
mod session_table;
mod store;
mod sts;
mod totp;
mod web_identity;
pub mod wire;

pub use authorization::{Authorization, Question, authorization};
pub use control::{Call, Control, OpenError, Options, Settings};
pub use directory::{Directory, DirectoryError, Entry};
pub use err::{ApiError, ErrorCode};
pub use identity::{Identified, IdentityError, IdentityKind};
pub use mint::{Mint, MintError, SystemMint};
pub use operations::{Operation, table};
pub use password::{
    HASH_LANES, HASH_MEMORY_KIB, HASH_PASSES, LOGINS_PROVEN_MAX, Login, LoginError, Password,
    ProvenLogins,
};
pub use policies::Named;
pub use seal::{SEALING_KEY_BYTES, SealError};
pub use service::{Protocol, Service};
pub use store::record::{self, Domain, DomainExtras, DomainMode};
pub use store::{Place, StoreError};
pub use web_identity::{Jwks, issuer_of};
