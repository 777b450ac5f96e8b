//! `CheckNoNewAccess`, `CheckAccessNotGranted`, `CheckNoPublicAccess`: a policy passes, or the statements that do not are named.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html>

use policy::compare::{Effort, Granting, new_access, public_access};
use policy::{Policy, PolicyKind, ResourcePolicyKind};
use serde_json::{Map, Value, json};

use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits;
use crate::request::OperationRequest;

pub(crate) fn no_new_access(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let new = Document::of(request, "newPolicyDocument")?;
    let existing = Document::of(request, "existingPolicyDocument")?;
    let kind = new.kind(request);
    let (new_policy, existing) = (new.parsed(kind)?, existing.parsed(kind)?);
    let found = new_access(&existing, &new_policy, &effort());
    new.answer(found, &Words {
        passed: "The modified permissions do not grant new access compared to your existing policy.",
        failed: "The modified permissions grant new access compared to your existing policy.",
        reason: "New access in the statement with",
    })
}

/// Asked of the policy, and of the policy with a Deny of what it must not grant: what the first allows and the second does not is
/// granted.
pub(crate) fn access_not_granted(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let document = Document::of(request, "policyDocument")?;
    let kind = document.kind(request);
    let policy = document.parsed(kind)?;
    let list = request.input.get("access").and_then(Value::as_array);
    if list.is_none_or(Vec::is_empty) {
        // A check of nothing would pass whatever the policy grants.
        let text = "access: it is empty, expected actions or resources to ask about";
        return Err(ApiError::new(ErrorCode::InvalidParameter, text));
    }
    let mut found = Granting::default();
    let (effort, mut resources_named) = (effort(), false);
    for access in list.into_iter().flatten() {
        resources_named |= !entries(access, "resources").is_empty();
        let without = document.parsed_denying(kind, access)?;
        let granting = new_access(&without, &policy, &effort);
        found.statements.extend(granting.statements);
        found.doubt = found.doubt.or(granting.doubt);
    }
    found.statements.sort_unstable();
    found.statements.dedup();
    document.answer(found, match resources_named {
        true => &Words {
            passed: "The policy document does not grant access to perform the listed actions or resources.",
            failed: "The policy document grants access to perform one or more of the listed actions or resources.",
            reason: "One or more of the listed actions or resources in the statement with",
        },
        false => &Words {
            passed: "The policy document does not grant access to perform one or more of the listed actions.",
            failed: "The policy document grants access to perform one or more of the listed actions.",
            reason: "One or more of the listed actions in the statement with",
        },
    })
}

pub(crate) fn no_public_access(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let document = Document::of(request, "policyDocument")?;
    let kind = match request.text("resourceType") {
        Some("AWS::IAM::AssumeRolePolicyDocument") => PolicyKind::Trust,
        _ => PolicyKind::Resource(ResourcePolicyKind::Generic),
    };
    let found = public_access(&document.parsed(kind)?, &effort());
    document.answer(
        found,
        &Words {
            passed: "The resource policy does not grant public access for the given resource type.",
            failed: "The resource policy grants public access for the given resource type.",
            reason: "Public access granted in the following statement with",
        },
    )
}

fn effort() -> Effort {
    Effort::of(limits::POLICY_CHECK_CELLS_MAX)
}

/// Amazon's words for one check.
struct Words {
    passed: &'static str,
    failed: &'static str,
    /// What stands before `sid: NAME.` or `index: N.`
    reason: &'static str,
}

/// A policy text of the input.
struct Document<'a> {
    member: &'static str,
    text: &'a str,
    json: Value,
}

impl<'a> Document<'a> {
    fn of(request: &OperationRequest<'a>, member: &'static str) -> Result<Self, ApiError> {
        let text = request.input.get(member).and_then(Value::as_str).unwrap_or_default();
        let json = serde_json::from_str(text).map_err(|error| unreadable(member, &error))?;
        Ok(Self { member, text, json })
    }

    /// What the policy is on: where no statement names resources it says who may assume a role.
    fn kind(&self, request: &OperationRequest<'_>) -> PolicyKind {
        let names = |statement: &Value| {
            ["Resource", "NotResource"].iter().any(|name| statement.get(name).is_some())
        };
        match request.text("policyType") {
            Some("IDENTITY_POLICY") => PolicyKind::Identity,
            _ if self.statements().any(names) => PolicyKind::Resource(ResourcePolicyKind::Generic),
            _ => PolicyKind::Trust,
        }
    }

    fn statements(&self) -> impl Iterator<Item = &Value> {
        match self.json.get("Statement") {
            Some(Value::Array(list)) => list.iter(),
            Some(one) => std::slice::from_ref(one).iter(),
            None => [].iter(),
        }
    }

    fn parsed(&self, kind: PolicyKind) -> Result<Policy, ApiError> {
        Policy::parse(self.text, kind).map_err(|error| unreadable(self.member, &error))
    }

    /// The policy with one statement more, which denies `access` to everybody.
    fn parsed_denying(&self, kind: PolicyKind, access: &Value) -> Result<Policy, ApiError> {
        let (actions, resources) = (entries(access, "actions"), entries(access, "resources"));
        if actions.is_empty() && resources.is_empty() {
            let text = "access: it names neither actions nor resources";
            return Err(ApiError::new(ErrorCode::InvalidParameter, text));
        }
        let or_all = |list: &[Value]| if list.is_empty() { json!("*") } else { json!(list) };
        let mut deny = Map::from_iter([
            ("Effect".to_owned(), json!("Deny")),
            ("Action".to_owned(), or_all(actions)),
        ]);
        if kind != PolicyKind::Trust {
            deny.insert("Resource".to_owned(), or_all(resources));
        } else if !resources.is_empty() {
            let text = "access: a policy without Resource cannot be asked about resources";
            return Err(ApiError::new(ErrorCode::InvalidParameter, text));
        }
        if kind != PolicyKind::Identity {
            deny.insert("Principal".to_owned(), json!("*"));
        }
        let statements = self.statements().cloned().chain([Value::Object(deny)]).collect();
        let mut document = self.json.as_object().cloned().unwrap_or_default();
        document.insert("Statement".to_owned(), statements);
        let text = Value::Object(document).to_string();
        Policy::parse(&text, kind).map_err(|error| unreadable("access", &error))
    }

    fn answer(&self, found: Granting, words: &Words) -> Result<Value, ApiError> {
        if found.statements.is_empty() {
            return match found.doubt {
                None => Ok(json!({"result": "PASS", "message": words.passed})),
                Some(why) => {
                    let text = format!("The check cannot be decided: {why}");
                    Err(ApiError::new(ErrorCode::Unprocessable, text))
                }
            };
        }
        let reason = |at: &usize| {
            let sid =
                self.statements().nth(*at).and_then(|statement| statement.get("Sid")?.as_str());
            match sid {
                Some(sid) => json!({
                    "description": format!("{} sid: {sid}.", words.reason),
                    "statementIndex": at,
                    "statementId": sid,
                }),
                None => json!({
                    "description": format!("{} index: {at}.", words.reason),
                    "statementIndex": at,
                }),
            }
        };
        let reasons: Vec<Value> = found.statements.iter().map(reason).collect();
        Ok(json!({"result": "FAIL", "message": words.failed, "reasons": reasons}))
    }
}

fn entries<'a>(access: &'a Value, member: &str) -> &'a [Value] {
    access.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn unreadable(member: &str, why: &dyn std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::InvalidParameter, format!("{member} is no policy: {why}"))
}
