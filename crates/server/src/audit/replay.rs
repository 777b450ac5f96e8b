//! What recorded requests would read under another policy (`countersign policy simulate --replay`, `POST /_countersign/replay`).
//!
//! The new policy takes the place of the resource's policy when it names principals, else of the caller's identity policies.
//! What the others said, the record tells: every statement that allowed, every kind of policy that was considered. Where it
//! does not tell enough, the answer is that it is not known, and why.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use jiff::Timestamp;
use policy::simulation::{self, CallerType};
use policy::{
    AccessRequest, Context, DocumentScope, Outcome, Policies, Policy, PolicyKind, PolicySet,
    ResourcePolicyKind, evaluate_with_reasons,
};
use serde_json::{Value, json};

use super::query::{AuditQuery, AuditRecords};
use super::record::AuditRecord;
use super::store::Audit;
use super::view::seen_in_scan;
use crate::guards::limits;
use crate::service::clock::Stopwatch;

/// What becomes of a recorded decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Replayed {
    /// It is as it was.
    Same,
    /// It was allowed, and would be denied.
    Denied,
    /// It was denied, and would be allowed.
    Allowed,
    /// Nobody knows, and why not.
    Unknown(String),
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplayedQuestion {
    /// Who asked.
    pub principal: String,
    /// For what.
    pub action: String,
    /// On what.
    pub resource: String,
}

impl fmt::Display for ReplayedQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { principal, action, resource } = self;
        write!(f, "{principal} {action} {resource}")
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Replayed::Same => f.write_str("as it was"),
            Replayed::Denied => f.write_str("denied"),
            Replayed::Allowed => f.write_str("allowed"),
            Replayed::Unknown(why) => write!(f, "not known, {why}"),
        }
    }
}

/// What somebody wants to know of the recorded traffic.
pub(crate) struct ReplayOrder {
    policy: ReplayPolicy,
    asked: AuditQuery,
}

/// The members of the body of a replay.
const MEMBERS: [&str; 6] = ["policy", "replaces", "principal", "resource", "from", "until"];

impl ReplayOrder {
    /// Reads `{"policy": …, "replaces": …, "principal": …, "resource": …, "from": …, "until": …}`; without `from` it is the last week before `now`.
    ///
    /// # Errors
    /// In words: what was seen, and what was expected.
    pub(crate) fn read(body: &[u8], now: Timestamp) -> Result<Self, String> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| format!("the body is no JSON object with a policy: {error}"))?;
        let members = body.as_object().ok_or("the body is no JSON object with a policy")?;
        if let Some(other) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(format!("unknown member '{other}', expected {}", MEMBERS.join(", ")));
        }
        let text = match members.get("policy") {
            Some(Value::String(text)) => text.clone(),
            Some(document @ Value::Object(_)) => document.to_string(),
            _ => return Err("'policy' is missing: expected a policy, or its text".to_owned()),
        };
        let time = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(value) => {
                let time = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
                let expected =
                    || format!("'{name}' is {value}, expected a time such as 2026-11-30T00:00:00Z");
                time.ok_or_else(expected).map(Some)
            }
        };
        let week = now.checked_sub(jiff::SignedDuration::from_hours(7 * 24)).ok();
        let pattern = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(pattern)) => Ok(Some(pattern.clone())),
            Some(other) => Err(format!("'{name}' is {other}, expected an ARN")),
        };
        let asked = AuditQuery {
            principal: pattern("principal")?,
            resource: pattern("resource")?,
            from: time("from")?.or(week),
            until: time("until")?,
            ..AuditQuery::default()
        };
        let policy = match members.get("replaces").map(Value::as_str) {
            None => ReplayPolicy::read(&text)?,
            Some(Some("resource")) => {
                ReplayPolicy::parse(&text, PolicyKind::Resource(ResourcePolicyKind::Domain))?
            }
            Some(Some("identity")) => ReplayPolicy::parse(&text, PolicyKind::Identity)?,
            Some(_) => return Err("'replaces' is neither \"resource\" nor \"identity\"".to_owned()),
        };
        Ok(Self { policy, asked })
    }

    /// What becomes of the records that account `reader` may see. It reads files: not for a thread that others wait for. It ends
    /// when it has taken too long, and says so.
    ///
    /// # Errors
    /// Where the files cannot be read.
    pub(crate) fn run(&self, audit: &Audit, reader: &str) -> io::Result<Value> {
        let (watch, mut found) = (Stopwatch::start(), ReplayReport::default());
        let mut complete = true;
        match audit.folder() {
            None => {
                audit.newest_first().for_each(|it| self.add(&mut found, it, reader));
            }
            Some(folder) => {
                let mut records = AuditRecords::open(&folder)?.since(self.asked.from);
                while let Some((record, _)) = records.read()? {
                    self.add(&mut found, record, reader);
                    if watch.elapsed() > limits::AUDIT_REPLAY_TIME {
                        complete = false;
                        break;
                    }
                }
            }
        }
        Ok(found.told(self.policy.replaces, complete))
    }

    fn add(&self, found: &mut ReplayReport, record: AuditRecord, reader: &str) {
        if !self.asked.takes(&record) {
            return;
        }
        let Some(record) = seen_in_scan(record, reader) else { return };
        found.records += 1;
        found.last = record.time.max(found.last);
        let record = serde_json::to_value(&record).unwrap_or_default();
        for (question, replayed) in self.policy.replay(&record) {
            if self.asked.takes_resource(&question.resource) {
                found.add(question, replayed);
            }
        }
    }
}

/// What became of recorded decisions.
#[derive(Default)]
struct ReplayReport {
    records: usize,
    decisions: usize,
    same: usize,
    changes: BTreeMap<(Replayed, ReplayedQuestion), usize>,
    /// Decisions that would change, of more kinds than are kept.
    left_out: usize,
    last: Option<Timestamp>,
}

impl ReplayReport {
    fn add(&mut self, question: ReplayedQuestion, replayed: Replayed) {
        self.decisions += 1;
        if replayed == Replayed::Same {
            self.same += 1;
            return;
        }
        let kinds = self.changes.len();
        match self.changes.entry((replayed, question)) {
            std::collections::btree_map::Entry::Occupied(mut known) => *known.get_mut() += 1,
            std::collections::btree_map::Entry::Vacant(new)
                if kinds < limits::AUDIT_REPLAY_KINDS_MAX =>
            {
                new.insert(1);
            }
            std::collections::btree_map::Entry::Vacant(_) => self.left_out += 1,
        }
    }

    fn told(self, replaces: &str, complete: bool) -> Value {
        let changes = self.changes.into_iter().map(|((replayed, question), times)| {
            let ReplayedQuestion { principal, action, resource } = question;
            let (becomes, why) = match replayed {
                Replayed::Unknown(why) => ("unknown", Some(why)),
                Replayed::Denied => ("denied", None),
                Replayed::Allowed | Replayed::Same => ("allowed", None),
            };
            json!({"becomes": becomes, "why": why, "principal": principal, "action": action,
                "resource": resource, "times": times})
        });
        json!({
            "replaces": replaces,
            "records": self.records,
            "decisions": self.decisions,
            "same": self.same,
            "changes": changes.collect::<Vec<_>>(),
            "changesLeftOut": self.left_out,
            "complete": complete,
            "last": self.last.map(|time| time.to_string()),
        })
    }
}

/// The policy that takes another's place.
#[derive(Clone, Debug)]
pub struct ReplayPolicy {
    set: PolicySet,
    /// The kind of policy whose place it takes, as records call it.
    replaces: &'static str,
}

/// Of one recorded decision, what bears on it.
struct Recorded<'r> {
    outcome: &'r str,
    /// The kinds of the statements that decided.
    by: Vec<&'r str>,
    /// The kinds of the policies that were considered.
    considered: Vec<&'r str>,
    across_accounts: bool,
}

impl ReplayPolicy {
    /// A policy that names principals takes the place of the resource's, another that of the caller's own.
    #[must_use]
    pub fn of(policy: Policy) -> Self {
        let names_principals = matches!(policy.kind(), PolicyKind::Resource(_) | PolicyKind::Trust);
        let replaces = if names_principals { "resource" } else { "identity" };
        Self { set: PolicySet::single("new", policy), replaces }
    }

    /// Reads a policy of which its statements tell the kind.
    ///
    /// # Errors
    /// In the reader's words, with the place.
    pub fn read(text: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).unwrap_or_default();
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let named = |it: &Value| it.get("Principal").or(it.get("NotPrincipal")).is_some();
        let kind = match statements.iter().any(named) {
            true => PolicyKind::Resource(ResourcePolicyKind::Domain),
            false => PolicyKind::Identity,
        };
        Self::parse(text, kind)
    }

    /// Reads a policy of this kind.
    fn parse(text: &str, kind: PolicyKind) -> Result<Self, String> {
        let policy = Policy::parse(text, kind).map_err(|error| format!("policy: {error}"))?;
        Ok(Self::of(policy))
    }

    /// Every decision of a record with what becomes of it. Requests that were never judged have none.
    #[must_use]
    pub fn replay(&self, record: &Value) -> Vec<(ReplayedQuestion, Replayed)> {
        let text = |value: &Value, field: &str| {
            value.get(field).and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
        };
        let Some(caller) = record.get("principal") else { return Vec::new() };
        if caller.get("proven").and_then(Value::as_bool) != Some(true)
            && text(caller, "arn") != "anonymous"
        {
            return Vec::new();
        }
        let arn = text(caller, "arn");
        let decisions = record.get("decisions").and_then(Value::as_array);
        let decisions = decisions.map(Vec::as_slice).unwrap_or_default().iter();
        // What roles decided, no policy does.
        let decisions = decisions
            .filter(|it| it.pointer("/considered/0/0").and_then(Value::as_str) != Some("role"));
        let replayed = decisions.map(|decision| {
            let (action, resource) = (text(decision, "action"), text(decision, "resource"));
            let replayed = self.replay_one(record, decision, &arn, &action, &resource);
            (ReplayedQuestion { principal: arn.clone(), action, resource }, replayed)
        });
        replayed.collect()
    }

    fn replay_one(
        &self,
        record: &Value,
        decision: &Value,
        arn: &str,
        action: &str,
        resource: &str,
    ) -> Replayed {
        let Some(kind) = CallerType::of(arn) else {
            return Replayed::Unknown("the caller is of no kind that can be simulated".to_owned());
        };
        let Ok(principal) = simulation::caller(arn, kind, None) else {
            return Replayed::Unknown(format!("`{arn}` is not the ARN of a caller"));
        };
        let owner = decision.get("resourceAccount").and_then(Value::as_str);
        let told = Recorded::of(decision, owner.is_some() && owner != principal.account());
        let mut context = context(record);
        context.describe(&principal);
        if let Some(owner) = owner {
            context.set("aws:ResourceAccount", owner);
        }
        context.set_scope(DocumentScope::Some);
        let request = AccessRequest {
            principal: &principal,
            action,
            resource,
            resource_account: owner,
            context: &context,
        };
        let others = self.others(&told);
        let (everything, nothing) = (everything(), PolicySet::empty());
        let own = if others { &everything } else { &nothing };
        let policies = match self.replaces {
            "resource" => Policies { identity: own, resource: Some(&self.set), ..Policies::NONE },
            _ => Policies { identity: &self.set, ..Policies::NONE },
        };
        let policies = Policies {
            session: (kind == CallerType::FederatedUser).then_some(&everything),
            ..policies
        };
        let reasoned = evaluate_with_reasons(&policies, &request);
        if let [key, ..] = reasoned.missing.as_slice() {
            return Replayed::Unknown(format!("records do not hold {key}"));
        }
        told.becomes(reasoned.decision.outcome(), self.replaces)
    }

    /// Whether the caller's own policies are taken to allow it, where the resource's policy is another: they did, or are those
    /// of an account that the record of a denial says nothing of.
    fn others(&self, told: &Recorded<'_>) -> bool {
        let allowed = told.outcome == "allowed";
        self.replaces == "resource"
            && (allowed && told.by.contains(&"identity") || !allowed && told.across_accounts)
    }
}

impl<'r> Recorded<'r> {
    fn of(decision: &'r Value, across_accounts: bool) -> Recorded<'r> {
        let list = |field: &str| {
            decision.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
        };
        Recorded {
            outcome: decision.get("outcome").and_then(Value::as_str).unwrap_or_default(),
            by: list("by").iter().filter_map(|it| it.get("kind")?.as_str()).collect(),
            considered: list("considered").iter().filter_map(|it| it.get(0)?.as_str()).collect(),
            across_accounts,
        }
    }

    /// What the decision becomes where the new policy, with what the record tells of the others, says `now`.
    fn becomes(&self, now: Outcome, replaces: &str) -> Replayed {
        let was_allowed = self.outcome == "allowed";
        match now {
            Outcome::ExplicitDeny if was_allowed => Replayed::Denied,
            Outcome::ExplicitDeny => Replayed::Same,
            Outcome::Allowed if was_allowed => Replayed::Same,
            Outcome::ImplicitDeny if was_allowed => {
                // Root needs no Allow of its own, and a grant by the resource may suffice.
                let other =
                    self.by.iter().find(|kind| **kind == "resource" && replaces != "resource");
                match other {
                    Some(_) => {
                        Replayed::Unknown("the resource's policy allowed it, too".to_owned())
                    }
                    None => Replayed::Denied,
                }
            }
            Outcome::ImplicitDeny => Replayed::Same,
            Outcome::Allowed => self.denied_till_now(replaces),
        }
    }

    /// The new policy allows what was denied: whether another one still denies it.
    fn denied_till_now(&self, replaces: &str) -> Replayed {
        let others_deny = self.by.iter().any(|kind| *kind != replaces);
        if self.outcome == "explicitDeny" && others_deny {
            return Replayed::Same;
        }
        let limits = ["permissionsBoundary", "session", "serviceControl", "vpcEndpoint"];
        if let Some(limit) = self.considered.iter().find(|kind| limits.contains(kind)) {
            return Replayed::Unknown(format!("a {limit} policy has a say, and may not allow it"));
        }
        match self.across_accounts {
            true => Replayed::Unknown("the other account must allow it, too".to_owned()),
            false => Replayed::Allowed,
        }
    }
}

/// A policy that allows everything: in place of those of which the record says that they did.
fn everything() -> PolicySet {
    const TEXT: &str = r#"{"Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    match Policy::parse(TEXT, PolicyKind::Identity) {
        Ok(policy) => PolicySet::single("everything", policy),
        Err(_) => PolicySet::empty(),
    }
}

/// What a record tells of the context.
fn context(record: &Value) -> Context {
    let mut context = Context::new();
    let text = |field: &str| record.get(field).and_then(Value::as_str);
    let address = text("clientAddress").map(|it| it.trim_matches(['[', ']']));
    for (key, value) in [
        ("aws:SourceIp", address),
        ("aws:UserAgent", text("userAgent")),
        ("aws:CurrentTime", text("time")),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            context.set(key, value);
        }
    }
    context.set("aws:SecureTransport", "true");
    context.set("aws:ViaAWSService", "false");
    context
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ANN: &str = "arn:aws:iam::123456789012:user/ann";
    const DOMAIN: &str = "arn:aws:es:us-east-1:123456789012:domain/dev";

    fn policy(principal: bool, statements: Value) -> ReplayPolicy {
        let kind = match principal {
            true => PolicyKind::Resource(ResourcePolicyKind::Domain),
            false => PolicyKind::Identity,
        };
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        ReplayPolicy::of(Policy::parse(&text, kind).unwrap())
    }

    fn record(outcome: &str, by: &[&str], considered: &[&str]) -> Value {
        let by: Vec<Value> = by.iter().map(|kind| json!({"kind": kind})).collect();
        let considered: Vec<Value> = considered.iter().map(|kind| json!([kind, "p"])).collect();
        json!({
            "principal": {"arn": ANN, "proven": true}, "clientAddress": "203.0.113.7",
            "decisions": [{"outcome": outcome, "action": "es:ESHttpGet",
                "resource": format!("{DOMAIN}/a/_search"), "by": by, "considered": considered,
                "resourceAccount": "123456789012"}],
        })
    }

    fn replayed(new: &ReplayPolicy, record: &Value) -> Replayed {
        new.replay(record).pop().unwrap().1
    }

    fn grant(action: &str) -> Value {
        json!([{"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": action, "Resource": format!("{DOMAIN}/*")}])
    }

    #[test]
    fn what_the_access_policy_alone_allowed_is_denied_when_the_new_one_does_not() {
        let allowed = record("allowed", &["resource"], &["identity", "resource"]);
        assert_eq!(replayed(&policy(true, grant("es:ESHttpGet")), &allowed), Replayed::Same);
        assert_eq!(replayed(&policy(true, grant("es:ESHttpPut")), &allowed), Replayed::Denied);
        // The caller's own policies allowed it as well.
        let twice = record("allowed", &["resource", "identity"], &["identity", "resource"]);
        assert_eq!(replayed(&policy(true, grant("es:ESHttpPut")), &twice), Replayed::Same);
    }

    #[test]
    fn what_nothing_allowed_is_allowed_when_the_new_policy_does_and_nothing_else_has_a_say() {
        let new = policy(true, grant("es:*"));
        let denied = record("implicitDeny", &[], &["identity", "resource"]);
        assert_eq!(replayed(&new, &denied), Replayed::Allowed);
        let limited = record("implicitDeny", &[], &["identity", "serviceControl"]);
        assert!(matches!(replayed(&new, &limited), Replayed::Unknown(_)));
        let by_another = record("explicitDeny", &["identity"], &["identity"]);
        assert_eq!(replayed(&new, &by_another), Replayed::Same);
        let by_itself = record("explicitDeny", &["resource"], &["resource"]);
        assert_eq!(replayed(&new, &by_itself), Replayed::Allowed);
    }

    #[test]
    fn an_identity_policy_is_asked_with_what_the_record_tells_of_the_request() {
        let from = |network: &str| {
            policy(
                false,
                json!([{"Effect": "Allow", "Action": "es:*", "Resource": "*",
                    "Condition": {"IpAddress": {"aws:SourceIp": network}}}]),
            )
        };
        let allowed = record("allowed", &["identity"], &["identity"]);
        assert_eq!(replayed(&from("203.0.113.0/24"), &allowed), Replayed::Same);
        assert_eq!(replayed(&from("198.51.100.0/24"), &allowed), Replayed::Denied);
        let by_tag = policy(
            false,
            json!([{"Effect": "Allow", "Action": "es:*", "Resource": "*",
                "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}]),
        );
        assert_eq!(
            replayed(&by_tag, &allowed),
            Replayed::Unknown("records do not hold aws:PrincipalTag/team".to_owned())
        );
    }

    #[test]
    fn across_accounts_the_record_of_a_denial_does_not_tell_what_the_callers_side_says() {
        let mut foreign = record("implicitDeny", &[], &["identity", "resource"]);
        foreign["decisions"][0]["resourceAccount"] = "210987654321".into();
        assert!(matches!(replayed(&policy(true, grant("es:*")), &foreign), Replayed::Unknown(_)));
        assert_eq!(replayed(&policy(true, grant("es:ESHttpPut")), &foreign), Replayed::Same);
    }

    #[test]
    fn what_roles_decided_is_not_replayed() {
        let denied = record("implicitDeny", &[], &["role"]);
        assert_eq!(policy(true, grant("es:*")).replay(&denied), []);
    }

    #[test]
    fn a_request_whose_caller_was_not_proven_says_nothing() {
        let mut claimed = record("allowed", &["resource"], &[]);
        claimed["principal"]["proven"] = false.into();
        assert_eq!(policy(true, grant("es:*")).replay(&claimed), []);
    }
}
