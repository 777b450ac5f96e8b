//! What is written down of a request: one schema, whatever became of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use policy::{Context, HeldPolicy};
use serde::{Deserialize, Serialize};

use super::layer::Layer;
use super::request_id::request_id;
use super::stage::Stage;

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
    pub kind: Cow<'static, str>,
    /// The access key id that the request claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The user name that came with a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// How it says who it is: `signature`, `presigned` or `basic`; absent without credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Cow<'static, str>>,
    /// The signature, or the password, was checked and is right. Otherwise the rest is only what was claimed.
    pub proven: bool,
}

/// One statement that decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatementRecord {
    /// The kind of policy: `identity`, `resource`, `permissionsBoundary`, `session`, `serviceControl`,
    /// `resourceControl`, `vpcEndpoint`.
    pub kind: Cow<'static, str>,
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

/// A policy that was considered for a denial.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRecord {
    /// The kind of policy, as in [`StatementRecord`].
    pub kind: Cow<'static, str>,
    /// The policy's name or ARN; empty for a layer that has none.
    pub policy: String,
    /// The level of the organisation, or which endpoint's.
    #[serde(skip_serializing_if = "is_first")]
    pub level: u32,
    /// SHA-256 of its text as it was, by which that is kept (`audit/policies.rs`); absent for a layer that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What a denial was judged on, until its record is written.
#[derive(Debug)]
pub struct JudgedOn {
    /// What was known of the request.
    pub context: Context,
    /// The policies that bore on it.
    pub policies: Vec<HeldPolicy>,
}

/// What the policies said about one resource.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DecisionRecord {
    /// `allowed`, `implicitDeny` or `explicitDeny`.
    pub outcome: Cow<'static, str>,
    /// The action that was asked for.
    pub action: String,
    /// The resource that was asked about.
    pub resource: String,
    /// The statements that decided.
    pub by: Vec<StatementRecord>,
    /// Every policy that was considered: its kind and its name.
    pub considered: Vec<(Cow<'static, str>, String)>,
    /// The account of the resource: whose the resource's own policy is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_account: Option<String>,
    /// Statements that nearly decided otherwise, and the clauses that failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near_misses: Vec<NearMissRecord>,
    /// Condition keys that statements asked for and the request did not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Whether a request that has them may be decided otherwise.
    #[serde(skip)]
    pub may_differ: bool,
    /// The denial as the client read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Of a denial, condition keys that are other than in the record's `context`; without values where it has none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, Vec<String>>,
    /// Of a denial, for which documents it was asked: `some` or `every`; absent where none were touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Cow<'static, str>>,
    /// What a denial was judged on, until the record is written.
    #[serde(skip)]
    pub judged_on: Option<Arc<JudgedOn>>,
    /// The resource's own policies had a part in it that the reader of another account may not see (`audit/view.rs`).
    #[serde(skip_serializing_if = "is_false")]
    pub resource_side_hidden: bool,
}

impl DecisionRecord {
    /// Whether it is a decision of roles.
    #[must_use]
    pub fn is_of_roles(&self) -> bool {
        self.considered.first().is_some_and(|(kind, _)| kind == "role")
    }

    /// Whether a policy of the record had a part in this decision.
    #[must_use]
    pub fn considers(&self, policy: &PolicyRecord) -> bool {
        let named = |(kind, name): &(Cow<'static, str>, String)| {
            *kind == policy.kind && *name == policy.policy
        };
        policy.digest.is_none() || self.considered.iter().any(named)
    }
}

/// One request. The same fields whatever became of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditRecord {
    /// The version of this schema (`docs/reference/audit-records.md`).
    pub version: SchemaVersion,
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
    /// The fields that it touched, where policies or roles ask for fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// There were more.
    #[serde(skip_serializing_if = "is_false")]
    pub fields_left_out: bool,
    /// What the policies said: the request's own decision first, then those of denied items.
    pub decisions: Vec<DecisionRecord>,
    /// How many more there were.
    #[serde(skip_serializing_if = "is_zero")]
    pub decisions_left_out: usize,
    /// Of a denial, what was known of the request: condition keys with their values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, Vec<String>>,
    /// Of a denial, every policy that was considered, with what its text was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyRecord>,
    /// Whose record it is: a domain's owner. On other listeners absent: it is the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Which signature form matched (`aws`, `raw-query` …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_form: Option<Cow<'static, str>>,
    /// Why it was refused, in one line, for the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The layer that refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// What refused it: a stable name, such as `signature_mismatch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal_kind: Option<String>,
    /// Why the service did it without being asked by a caller: `first start`, `workload`, `provisioning`,
    /// `settings`, `host`, `migration`, `audit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_reason: Option<String>,
    /// What the client was not told: the reason behind words that are Amazon's and give none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Refused requests of one address that are counted by this record and not written (`audit/sample.rs`).
    #[serde(skip_serializing_if = "is_zero")]
    pub requests_left_out: usize,
    /// Its items are judged one by one, and denied ones are told in a response of status 200.
    #[serde(skip)]
    pub has_items: bool,
    /// The HTTP status of the answer; 499 when the client went away before it, 0 when it was about to run.
    pub status: u16,
    /// From the head to the answer, in microseconds.
    pub duration_micros: u64,
    /// Bytes of the body as sent.
    pub bytes_in: u64,
    /// Bytes of the answer's body.
    pub bytes_out: u64,
}

/// The version of the schema of records: it changes when a member means something else or is gone, not when one is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchemaVersion;

impl Serialize for SchemaVersion {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u32(1)
    }
}

impl<'de> Deserialize<'de> for SchemaVersion {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        u32::deserialize(from).map(|_| Self)
    }
}

fn is_first(level: &u32) -> bool {
    *level == 0
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

impl AuditRecord {
    /// The record of what the service does of its own accord.
    #[must_use]
    pub fn of_service(now: Timestamp, action: &str) -> Self {
        let principal = PrincipalRecord {
            arn: "service".to_owned(),
            kind: "service".into(),
            proven: true,
            ..PrincipalRecord::default()
        };
        Self {
            time: Some(now),
            request_id: request_id(),
            listener: "service".to_owned(),
            stage: Stage::Serve,
            principal,
            action: Some(action.to_owned()),
            ..Self::default()
        }
    }

    /// Whether policies or roles denied it, or something that it names.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.decisions.iter().any(|decision| decision.outcome != "allowed")
    }

    /// Whether somebody asked for something else than an explanation.
    #[must_use]
    pub fn is_of_somebody(&self) -> bool {
        let explains = ["/_countersign/explain/", "/authorization-details/"];
        self.service_reason.is_none()
            && self.listener != "service"
            && self.requests_left_out == 0
            && !explains.iter().any(|path| self.path.starts_with(path))
    }

    /// Whether it was refused before anybody proved who they are: such a record is kept apart.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        let served = matches!(self.stage, Stage::Serve | Stage::Respond);
        !self.principal.proven && !served
    }
}
