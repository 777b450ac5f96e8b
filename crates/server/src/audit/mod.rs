//! Phase 11, **audit**: one record for every request, allowed, denied, malformed or abandoned alike.
//!
//! Records are JSON lines of one schema ([`AuditRecord`]). They hold no secret (`audit/redact.rs`): no `Authorization`,
//! no session token, no presigned signature, no password, no body. The newest are in memory for `explain`; with a
//! data folder they are in `audit/audit.jsonl`, those of callers who proved nothing and were refused in
//! `audit/unproven.jsonl`, so that strangers cannot push out the others (decision 0091). The lines of each are a hash chain
//! that signed digests vouch for (decision 0132).

mod account_turns;
mod chain;
mod details;
mod digests;
mod entry;
pub(crate) mod explain;
mod fields;
mod files;
mod index;
pub(crate) mod layer;
mod line;
mod lookups;
mod newest;
mod page_token;
mod policies;
mod query;
mod queue;
mod record;
mod redact;
mod repair;
mod replay;
mod request_id;
mod ring;
mod sample;
#[cfg(test)]
mod schema;
mod search;
mod sinks;
mod stage;
mod store;
mod verify;
mod view;

pub(crate) use details::{details, document};
pub(crate) use digests::DigestKey;
pub(crate) use entry::{AuditEntry, RecordAhead};
pub(crate) use fields::TouchedFields;
pub(crate) use layer::Layer;
pub(crate) use lookups::RecordLookups;
pub use lookups::{ExplainedRecord, find_explained, find_record};
pub(crate) use policies::kind_of;
pub use query::{AuditQuery, AuditRecords, RecordDecision};
pub(crate) use queue::RecordQueue;
pub use record::AuditRecord;
pub(crate) use record::{
    DecisionRecord, JudgedOn, NearMissRecord, PrincipalRecord, StatementRecord,
};
pub(crate) use redact::{control_path, control_query, domain_path, key_id, redacted, shortened};
pub(crate) use repair::operators_text;
pub use repair::{RecordedDenials, RepairCall, RepairRecord, RepairSources, repairs};
pub(crate) use replay::ReplayOrder;
pub use replay::{ReplayPolicy, Replayed, ReplayedQuestion};
pub(crate) use request_id::{RequestIds, authorization_id, may_be_of, random_bytes};
pub(crate) use sample::Sampler;
pub(crate) use search::AuditSearch;
pub use stage::Stage;
pub(crate) use store::{Audit, AuditPlace, Unrecorded};
pub use verify::{AuditFault, AuditReport, VerifyError, verify_audit};
pub(crate) use view::{seen_by, seen_in_scan};

#[cfg(test)]
mod tampering;
#[cfg(test)]
mod tests;
