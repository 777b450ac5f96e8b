//! AWS credential chain and signed, streaming HTTP: the outbound side.
//!
//! - [`chain`] finds credentials as every AWS SDK does (aws-config); [`credentials`] keeps them fresh.
//! - [`spool`] hashes a body before it is sent, in bounded memory.
//! - [`https`] is the one HTTP client; [`outbound`] signs requests for one fixed endpoint and sends them by it.
//! - [`proxy`] is `countersign proxy`: a local listener in front of an outbound; [`listener`] are the bytes under
//!   it, [`framing`] watches them (and those of the service's own listeners).
//! - [`signed`] is the client of a search endpoint that programs use; [`sdk`] gives its credentials to clients of others.
//! - [`cluster`] is a cluster elsewhere: its nodes, and which of them is asked.
//! - [`s3`] are the objects of one bucket.
//! - [`fetch`] is one GET, signed or not.
//! - [`doctor`] looks at an endpoint step by step, for `countersign doctor`.
//!
//! `sigv4` signs. The clock is an argument here too.

pub mod chain;
pub mod cluster;
pub mod credentials;
pub mod doctor;
pub mod endpoint;
pub mod fetch;
pub mod framing;
pub mod headers;
pub mod https;
pub mod listener;
pub mod metrics;
pub mod outbound;
pub mod proxy;
pub mod s3;
pub mod sdk;
pub mod signed;
pub mod spool;
mod wrong_passwords;
