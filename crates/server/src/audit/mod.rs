//! Phase 9, **audit**: one record for every request, allowed, denied, malformed or abandoned alike.
//!
//! Records are JSON lines of one schema ([`Record`]). They hold no secret (`audit/redact.rs`): no `Authorization`,
//! no session token, no presigned signature, no password, no body. The newest are in memory for `explain`; with a
//! data folder they are in `audit/audit.jsonl`, those of callers who proved nothing and were refused in
//! `audit/unproven.jsonl`, so that strangers cannot push out the others (decision 0091).

pub mod explain;
mod files;
mod index;
pub mod layer;
mod lookups;
mod redact;
mod ring;
mod sample;
mod store;
mod view;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit::layer::Layer;
use crate::guards::limits;
use crate::service::clock::Stopwatch;

pub use index::find;
pub use lookups::Lookups;
pub use redact::{control_path, control_query, domain_path, key_id, redacted, shortened};
pub use store::{Audit, Unrecorded};
pub use view::seen_by;

/// The phases, in the order of the walk: how far a request came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The head was being read.
    #[default]
    Parse,
    /// The signature was being checked.
    Authenticate,
    /// The key's owner was being looked up.
    Identify,
    /// The operation was being found.
    Route,
    /// The policies were being asked.
    Authorize,
    /// The operation was running.
    Serve,
    /// Everything was done.
    Respond,
}

/// Who asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PrincipalRecord {
    /// The ARN that policies and denials name; `anonymous` without credentials.
    pub arn: String,
    /// The account of the identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// `user`, `assumed-role`, `root`, `federated-user` or `anonymous`.
    pub kind: String,
    /// The access key id that the request claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The user name that came with a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// How it says who it is: `signature`, `presigned` or `basic`; absent without credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<String>,
    /// The signature, or the password, was checked and is right. Otherwise the rest is only what was claimed.
    pub proven: bool,
}

/// One statement that decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatementRecord {
    /// The kind of policy: `identity`, `resource`, `permissionsBoundary`, `session`, `serviceControl`.
    pub kind: String,
    /// The policy's name or ARN.
    pub policy: String,
    /// The statement's place in its policy, from 0.
    pub statement: usize,
    /// The statement's `Sid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// A statement that nearly decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NearMissRecord {
    /// The statement.
    #[serde(flatten)]
    pub statement: StatementRecord,
    /// `Resource expects A, the request has B`.
    pub failed: String,
}

/// What the policies said about one resource.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DecisionRecord {
    /// `allowed`, `implicitDeny` or `explicitDeny`.
    pub outcome: String,
    /// The action that was asked for.
    pub action: String,
    /// The resource that was asked about.
    pub resource: String,
    /// The statements that decided.
    pub by: Vec<StatementRecord>,
    /// Every policy that was considered: its kind and its name.
    pub considered: Vec<(String, String)>,
    /// The account of the resource: whose the resource's own policy is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_account: Option<String>,
    /// Statements that nearly decided otherwise, and the clauses that failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near_misses: Vec<NearMissRecord>,
    /// Condition keys that statements asked for and the request did not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The denial as the client read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The resource's own policies had a part in it that the reader of another account may not see (`audit/view.rs`).
    #[serde(skip_serializing_if = "is_false")]
    pub resource_side_hidden: bool,
}

/// One request. The same fields whatever became of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Record {
    /// When the head had arrived.
    pub time: Option<Timestamp>,
    /// What `x-amzn-RequestId` said.
    pub request_id: String,
    /// `control`, or `domain/NAME`.
    pub listener: String,
    /// Address and port of the other end.
    pub peer: String,
    /// The client's address: the peer's, or the one that a trusted proxy named.
    pub client_address: String,
    /// The method as sent.
    pub method: String,
    /// The path as sent, shortened; on the control listener nothing that is no path.
    pub path: String,
    /// The query, shortened, secrets removed; on the control listener a closed list of harmless parameters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// What the client calls itself: never to be trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The client's own mark on the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opaque_id: Option<String>,
    /// How far it came.
    pub stage: Stage,
    /// Who asked, as far as it was known.
    pub principal: PrincipalRecord,
    /// The IAM action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The resources that were asked about, at most 100.
    pub resources: Vec<String>,
    /// How many more there were.
    #[serde(skip_serializing_if = "is_zero")]
    pub resources_left_out: usize,
    /// What the policies said: the request's own decision first, then those of denied items.
    pub decisions: Vec<DecisionRecord>,
    /// How many more there were.
    #[serde(skip_serializing_if = "is_zero")]
    pub decisions_left_out: usize,
    /// Whose record it is: a domain's owner. On other listeners absent: it is the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Which signature form matched (`aws`, `raw-query` …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_form: Option<String>,
    /// Why it was refused, in one line, for the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The layer that refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// What refused it: a stable name, such as `signature_mismatch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal_kind: Option<String>,
    /// What the client was not told: the reason behind words that are Amazon's and give none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Refused requests of one address that are counted by this record and not written (`audit/sample.rs`).
    #[serde(skip_serializing_if = "is_zero")]
    pub requests_left_out: usize,
    /// The HTTP status of the answer; 499 when the client went away before it, 0 when it was about to run.
    pub status: u16,
    /// From the head to the answer, in microseconds.
    pub duration_micros: u64,
    /// Bytes of the body as sent.
    pub bytes_in: u64,
    /// Bytes of the answer's body.
    pub bytes_out: u64,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The record of a request that is under way. Written when it is dropped, so that none is ever lost:
/// not of a request whose client went away, not of one whose task panicked.
pub struct Entry {
    record: Record,
    stopwatch: Stopwatch,
    audit: Arc<Audit>,
    /// Set by another thread when the operation begins to run.
    begun: Option<Arc<AtomicBool>>,
}

impl Entry {
    /// Begins the record of a request.
    #[must_use]
    pub fn begin(audit: &Arc<Audit>, record: Record) -> Self {
        let record = Record { status: 499, ..record };
        Self { record, stopwatch: Stopwatch::start(), audit: Arc::clone(audit), begun: None }
    }

    /// The request is being served from the moment that `begun` is set, by whoever serves it, on: also when its client
    /// has left by then.
    pub fn serves_once(&mut self, begun: Arc<AtomicBool>) {
        self.begun = Some(begun);
    }

    /// Looks whether it is being served.
    pub fn served(&mut self) {
        if self.begun.take().is_some_and(|begun| begun.load(Ordering::Relaxed)) {
            self.record.stage = Stage::Serve;
        }
    }

    /// The request came to `stage`.
    pub fn reached(&mut self, stage: Stage) {
        self.record.stage = stage;
    }

    /// Time since the head had arrived.
    #[must_use]
    pub fn elapsed(&self) -> std::time::Duration {
        self.stopwatch.elapsed()
    }

    /// The record as far as it is known, to be written before the request is carried out where the operator wants nothing
    /// done that is not on record; the whole record follows when the entry is dropped.
    #[must_use]
    pub fn ahead(&self) -> Ahead {
        let wanted = self.audit.is_written_ahead();
        let record = || Record { status: 0, stage: Stage::Serve, ..self.record.clone() };
        Ahead(wanted.then(|| Box::new((Arc::clone(&self.audit), record()))))
    }

    /// Writes down what the policies said about one resource; of very many, the first.
    pub fn decision(&mut self, decision: DecisionRecord) {
        if self.record.decisions.len() < limits::AUDIT_DECISIONS_MAX {
            self.record.decisions.push(decision);
        } else {
            self.record.decisions_left_out += 1;
        }
    }

    /// Names a resource that was asked about.
    pub fn resource(&mut self, resource: &str) {
        if self.record.resources.len() < limits::AUDIT_RESOURCES_MAX {
            self.record.resources.push(resource.to_owned());
        } else {
            self.record.resources_left_out += 1;
        }
    }
}

/// A record that is written before its request is carried out, or none where nobody wants that.
pub struct Ahead(Option<Box<(Arc<Audit>, Record)>>);

impl Ahead {
    /// Writes it, once `fill` has completed it.
    ///
    /// # Errors
    /// Where it could not be written: then the request must not be carried out.
    pub fn write(self, fill: impl FnOnce(&mut Record)) -> Result<(), Unrecorded> {
        let Some(ahead) = self.0 else { return Ok(()) };
        let (audit, mut record) = *ahead;
        fill(&mut record);
        audit.write_ahead(&record)
    }
}

impl std::ops::Deref for Entry {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl std::ops::DerefMut for Entry {
    fn deref_mut(&mut self) -> &mut Record {
        &mut self.record
    }
}

impl Record {
    /// Whether it was refused before anybody proved who they are: such a record is kept apart.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        let served = matches!(self.stage, Stage::Serve | Stage::Respond);
        !self.principal.proven && !served
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.served();
        let micros = self.stopwatch.elapsed().as_micros();
        self.record.duration_micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.audit.write(std::mem::take(&mut self.record));
    }
}

#[cfg(test)]
mod tests;
