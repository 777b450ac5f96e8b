//! Policy files whose kind the document itself tells.

use std::path::Path;

use ::policy::{
    Arn, DomainRules, ParseOptions, Policy, PolicyKind, PrincipalName, ResourcePolicyKind,
    UnsupportedKeys,
};
use serde_json::Value;

use crate::Failure;

/// What a policy file is.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum FileKind {
    /// On a user, group or role.
    Identity,
    /// On any resource.
    Resource,
    /// A domain's access policy, with Amazon's peculiarities.
    Domain,
    /// On a role: who may assume it.
    Trust,
    /// Of an organisation, for the principals of an account.
    ServiceControl,
    /// Of an organisation, for the resources of an account.
    ResourceControl,
}

impl FileKind {
    /// The kind as the parser takes it.
    pub(super) fn policy_kind(self) -> PolicyKind {
        match self {
            FileKind::Identity => PolicyKind::Identity,
            FileKind::Resource => PolicyKind::Resource(ResourcePolicyKind::Generic),
            FileKind::Domain => PolicyKind::Resource(ResourcePolicyKind::Domain),
            FileKind::Trust => PolicyKind::Trust,
            FileKind::ServiceControl => PolicyKind::ServiceControl,
            FileKind::ResourceControl => PolicyKind::ResourceControl,
        }
    }
}

/// Reads a policy; without a kind, one that names principals and resources is a resource policy,
/// one that names principals alone a trust policy.
pub(super) fn load(path: &Path, kind: Option<FileKind>) -> Result<Policy, Failure> {
    let text = super::read(path)?;
    let kind = kind.unwrap_or_else(|| told_by(&text)).policy_kind();
    let domain = DomainRules { unsupported_keys: UnsupportedKeys::Absent, vpc: false };
    let options = ParseOptions { bytes_max: None, domain };
    Policy::parse_with(&text, kind, &options)
        .map_err(|error| format!("{}:{error}", path.display()).into())
}

/// Malformed text is told its mistakes by the parser, whatever the kind.
pub(super) fn told_by(text: &str) -> FileKind {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let some_has = |names: [&str; 2]| {
        statements.iter().any(|it| names.iter().any(|name| it.get(name).is_some()))
    };
    match (some_has(["Principal", "NotPrincipal"]), some_has(["Resource", "NotResource"])) {
        (false, _) => FileKind::Identity,
        (true, true) => FileKind::Resource,
        (true, false) => FileKind::Trust,
    }
}

/// Whether the policy is of a kind that names principals.
pub(super) fn names_principals(policy: &Policy) -> bool {
    matches!(policy.kind(), PolicyKind::Resource(_) | PolicyKind::Trust)
}

/// The one account that the policy's resources name, or else its principals.
pub(super) fn account(policy: &Policy) -> Option<String> {
    let printed: Value = serde_json::from_str(&policy.to_string()).unwrap_or_default();
    let mut accounts: Vec<String> =
        strings(printed.get("Statement")?, &["Resource", "NotResource"])
            .filter_map(|arn| Some(Arn::parse(arn).ok()?.account().to_owned()))
            .filter(|account| account.len() == 12)
            .collect();
    if accounts.is_empty() {
        accounts.extend(policy.principals().filter_map(|name| match name {
            PrincipalName::Account(account) => Some(account.clone()),
            PrincipalName::Arn { arn, .. } => Some(Arn::parse(arn).ok()?.account().to_owned()),
            _ => None,
        }));
    }
    accounts.sort_unstable();
    accounts.dedup();
    match accounts.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// Every text under the named elements of the statements.
fn strings<'a>(statements: &'a Value, elements: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let list = statements.as_array().map(Vec::as_slice).unwrap_or_default();
    let values = list.iter().flat_map(move |it| elements.iter().filter_map(|name| it.get(name)));
    values.flat_map(|value| match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
        one => one.as_str().into_iter().collect(),
    })
}
