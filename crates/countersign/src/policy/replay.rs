//! `countersign policy simulate --replay AUDIT --with NEW`: what recorded requests would read under another policy.
//!
//! NEW takes the place of the resource's policy when it names principals, else of the caller's identity policies. What the
//! others said, the record tells: every statement that allowed, every kind of policy that was considered. Where it does
//! not tell enough, the answer is that it is not known, and why.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use ::policy::simulation::{self, CallerType};
use ::policy::{
    AccessRequest, Context, DocumentScope, Outcome, Policies, Policy, PolicyKind, PolicySet,
    evaluate_with_reasons,
};
use serde_json::Value;

use super::file::{self, FileKind};
use crate::Failure;

/// Requests of a kind that would be answered otherwise, as many as are shown.
const SHOWN_MAX: usize = 100;

/// What becomes of a recorded decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Replayed {
    Same,
    Denied,
    Allowed,
    Unknown(String),
}

/// A policy with principals is taken for a domain's.
fn load(path: &Path) -> Result<Policy, Failure> {
    match file::told_by(&super::read(path)?) {
        FileKind::Identity => file::load(path, Some(FileKind::Identity)),
        _ => file::load(path, Some(FileKind::Domain)),
    }
}

/// Reads the records and tells what would change.
pub(super) fn run(files: &[PathBuf], new: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let new = NewPolicy::of(load(new)?);
    let (mut changes, mut same, mut questions) = (BTreeMap::new(), 0_usize, 0_usize);
    for path in files {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(|error| named(&error))?;
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            let line = line.map_err(|error| named(&error))?;
            let record: Value = serde_json::from_str(&line)
                .map_err(|error| named(&format!("line {number}: {error}")))?;
            for (question, replayed) in new.replay(&record) {
                questions += 1;
                match replayed {
                    Replayed::Same => same += 1,
                    change => *changes.entry((change, question)).or_insert(0_usize) += 1,
                }
            }
        }
    }
    for ((change, question), count) in changes.iter().take(SHOWN_MAX) {
        let often = if *count > 1 { format!(" ({count} times)") } else { String::new() };
        writeln!(out, "{change}: {question}{often}")?;
    }
    if let more @ 1.. = changes.len().saturating_sub(SHOWN_MAX) {
        writeln!(out, "and {more} more kinds of requests")?;
    }
    writeln!(out, "{same} of {questions} recorded decisions stay as they were")?;
    match questions - same {
        0 => Ok(()),
        others => Err(format!("{others} decisions would change, or are not known").into()),
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

/// The policy that takes another's place.
struct NewPolicy {
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

impl NewPolicy {
    fn of(policy: Policy) -> NewPolicy {
        let replaces = if file::names_principals(&policy) { "resource" } else { "identity" };
        NewPolicy { set: PolicySet::single("new", policy), replaces }
    }

    /// Every decision of a record with what becomes of it. Requests that were never judged have none.
    fn replay(&self, record: &Value) -> Vec<(String, Replayed)> {
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
        let replayed = decisions.map(|decision| {
            let (action, resource) = (text(decision, "action"), text(decision, "resource"));
            let question = format!("{arn} {action} {resource}");
            (question, self.replay_one(record, decision, &arn, &action, &resource))
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

    fn policy(principal: bool, statements: Value) -> NewPolicy {
        let kind = match principal {
            true => PolicyKind::Resource(::policy::ResourcePolicyKind::Domain),
            false => PolicyKind::Identity,
        };
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        NewPolicy::of(Policy::parse(&text, kind).unwrap())
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

    fn replayed(new: &NewPolicy, record: &Value) -> Replayed {
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
    fn a_request_whose_caller_was_not_proven_says_nothing() {
        let mut claimed = record("allowed", &["resource"], &[]);
        claimed["principal"]["proven"] = false.into();
        assert_eq!(policy(true, grant("es:*")).replay(&claimed), []);
    }
}
