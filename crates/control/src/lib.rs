//! The control plane: the es, opensearch, iam and sts operations, the directory they change and the store that keeps it.
//!
//! A request goes [`wire::decode`] → [`Directory::identify`] → [`authorization`] → [`Control::execute`] → [`wire::encode`];
//! the server calls them in that order. Nothing here knows of HTTP libraries, threads or clocks: time and
//! randomness come in as values, and every decision is made on one immutable snapshot of the [`Directory`].
//!
//! Which operations exist is in `operations.rs`, every error in `err.rs`, every limit in [`limits`].
//!
//! ```
//! use control::wire::{self, WireRequest};
//! use control::{
//!     Control, ControlOptions, ControlSettings, OperationCall, SEALING_KEY_BYTES, StorePlace,
//!     authorization,
//! };
//!
//! let now: jiff::Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
//! let (place, sealing_key) = (StorePlace::Memory, [7; SEALING_KEY_BYTES]);
//! let settings = ControlSettings::default();
//! let control = Control::open(ControlOptions { place, sealing_key, settings }).unwrap();
//! let (key, _secret) = control.ensure_root("123456789012", None, now).unwrap().unwrap();
//!
//! let directory = control.directory();
//! let caller = directory.identify(&key, None, now).unwrap();
//! let request = WireRequest {
//!     signing_name: "iam",
//!     method: "POST",
//!     path: "/",
//!     query: "",
//!     content_type: Some("application/x-www-form-urlencoded"),
//!     body: b"Action=CreateUser&Version=2010-05-08&UserName=ann",
//! };
//! let (operation, input) = wire::decode(&request).unwrap();
//! let (region, context) = ("us-east-1", policy::Context::new());
//! let asked = authorization(operation, &input, &caller, &directory, region, &context).unwrap();
//! assert_eq!(asked.questions[0].action, "iam:CreateUser");
//! assert!(asked.questions.iter().all(|question| question.decide(&caller).is_allowed()));
//!
//! let call = OperationCall {
//!     operation,
//!     input: &input,
//!     caller: &caller,
//!     judged: directory.version(),
//!     context: &context,
//!     region,
//!     observer: &|_| None,
//!     now,
//!     request_id: "r-1",
//! };
//! let output = control.execute(&call).unwrap();
//! assert_eq!(wire::encode(operation, &output, "r-1").status, 200);
//! assert!(control.directory().user("123456789012", "ann").is_some());
//! ```

mod access_analyzer;
mod authorization;
mod certificates;
mod change;
mod clone;
mod control;
mod copy;
mod cursor_name;
mod directory;
mod err;
mod es;
mod gateway_news;
mod iam;
mod identity;
mod lifecycle;
pub mod limits;
mod live_sessions;
mod managed;
mod mint;
mod observer;
mod operation;
mod operations;
mod policies;
mod policy_words;
mod principals;
mod proof;
mod qr;
mod refused;
mod request;
mod reseal;
mod saml;
mod seal;
mod sealed;
mod security;
mod service;
mod session;
mod settings;
mod ssh_key;
mod store;
mod sts;
mod tags;
mod uses;
mod web_identity;
pub mod wire;

pub use authorization::{AccessQuestion, Authorization, authorization};
pub use certificates::certificate_names;
pub use clone::{AccountClone, ClonedKey};
pub use control::{Control, ControlOptions, OpenError, OperationCall};
pub use copy::{CopyError, CopyProgress};
pub use directory::entry::CompiledRecord;
pub use directory::snapshot::{Directory, DirectoryError};
pub use err::{ApiError, ErrorCode};
pub use es::advanced::{DomainOption, OPTIONS as DOMAIN_OPTIONS, REFUSED_OPTIONS};
pub use es::members::{DOMAIN_MEMBERS, DomainMember, MemberUse};
pub use gateway_news::{GatewayNews, HeardNews};
pub use identity::{IdentifiedCaller, IdentityError, ResourceSide};
pub use limits::PACKAGE_BYTES_MAX;
pub use live_sessions::{
    EndedSessions, LiveSessionAbout, LiveSessions, SessionsCall, SessionsHolder, SessionsMeant,
};
pub use mint::{Mint, MintError, SystemMint};
pub use observer::{
    ChangeStage, DomainObserver, HealthStatus, ObservedDomain, ObservedHealth, ObservedNode,
    StageStatus,
};
pub use operation::Operation;
pub use operations::table;
pub use policies::NamedPolicy;
pub use proof::password::{
    HASH_LANES, HASH_MEMORY_KIB, HASH_PASSES, LOGINS_PROVEN_MAX, Login, LoginError, Password,
    ProvenLogins,
};
pub use refused::REFUSED_MEMBERS;
pub use seal::{SEALING_KEY_BYTES, SealError};
pub use security::{
    ADMIN_ROLES, AskUser, InternalUser, SecurityCall, SecurityConfiguration, SecurityReply,
    is_reserved_role, mask_salt,
};
pub use service::{Service, WireProtocol};
pub use settings::{
    ControlSettings, EndpointPolicy, PackageReader, PolicyFile, SealingKeyReader, VpcSettings,
};
pub use store::port::{CommitListener, StoreError};
pub use store::port::{CountedMinute, ToldMinute};
pub use store::record::{self, Domain, DomainExtras, DomainMode};
pub use store::{PostgresPlace, PostgresUrl, StorePlace};
pub use web_identity::{Jwks, issuer_of};
