//! Principals in stored policies: they must exist when a policy is set, and they mean that very user or role for ever.
//!
//! When a user or role is deleted, policies that name its ARN name its unique id from then on, as Amazon shows it; a
//! new principal of the same name is not meant. A renamed user is still meant: policies follow.

use policy::{Policy, PolicyKind, PrincipalName};
use serde_json::Value;

use crate::change::Change;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::limits::TRUST_POLICY_CHARS_MAX;
use crate::policies::{parse, principal_arn_parts, size_without_space};
use crate::request::OperationRequest;
use crate::store::record::{Domain, Record, Role};

/// Puts `to` where trust and access policies name the principal `from`.
pub(crate) fn replace(directory: &Directory, from: &str, to: &str, change: &mut Change) {
    for role in directory.all_roles() {
        if let Some(trust) = replaced(&role.trust, from, to)
            && !change
                .deletes
                .iter()
                .any(|(_, key)| *key == Record::Role(role.record.clone()).key())
        {
            change.put(Record::Role(Role { trust, ..role.record.clone() }));
        }
    }
    for domain in directory.domains() {
        if let Some(text) =
            domain.access_policy.as_deref().and_then(|text| replaced(text, from, to))
        {
            change
                .put(Record::Domain(Domain { access_policy: Some(text), ..domain.record.clone() }));
        }
    }
}

/// Checks a trust policy; whom it names must exist.
pub(crate) fn check_trust(request: &OperationRequest<'_>, text: &str) -> Result<(), ApiError> {
    let policy = parse(text, PolicyKind::Trust)?;
    if size_without_space(text) > TRUST_POLICY_CHARS_MAX {
        let why = format!("Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_CHARS_MAX}");
        return Err(ApiError::new(ErrorCode::LimitExceeded, why));
    }
    match unknown_principal(request, &policy) {
        Some(principal) => {
            let why = format!("Invalid principal in policy: \"AWS\":\"{principal}\"");
            Err(ApiError::new(ErrorCode::MalformedPolicyDocument, why))
        }
        None => Ok(()),
    }
}

/// Checks that a boundary is a managed policy of `account` or Amazon's. Another account's reads like one that does not
/// exist: who asks learns nothing of what others have.
pub(crate) fn check_boundary(
    directory: &Directory,
    account: &str,
    arn: &str,
) -> Result<(), ApiError> {
    if directory.managed_policy_for(account, arn).is_some() {
        return Ok(());
    }
    let why = format!("Scope ARN: {arn} does not exist or is not attachable.");
    Err(ApiError::new(ErrorCode::NoSuchEntity, why))
}

/// The first AWS principal of a policy that does not exist here, as the text writes it.
///
/// Accounts that exist, their users and roles, sessions of their roles, federated users of theirs, and unique ids are
/// fine; service and federated principals are not Amazon's to check. Those of accounts that are not here are unknown unless
/// the settings take them (docs/decisions/0141-accounts-that-nobody-can-be.md).
pub(crate) fn unknown_principal(request: &OperationRequest<'_>, policy: &Policy) -> Option<String> {
    let known = |name: &PrincipalName| {
        exists(request.directory, name)
            || (request.settings.foreign_principals && is_foreign(request.directory, name))
    };
    let unknown = policy.principals().find(|name| !known(name))?;
    Some(match unknown {
        PrincipalName::Account(number) => format!("arn:aws:iam::{number}:root"),
        other => other.as_str().to_owned(),
    })
}

/// Whether it is an account that is not here, or of one.
fn is_foreign(directory: &Directory, name: &PrincipalName) -> bool {
    let account = match name {
        PrincipalName::Account(number) => number.as_str(),
        PrincipalName::Arn { arn, .. } => match principal_arn_parts(arn) {
            Some((account, "user" | "role" | "assumed-role" | "federated-user", _)) => account,
            _ => return false,
        },
        _ => return false,
    };
    account.len() == 12 && directory.account(account).is_none()
}

fn exists(directory: &Directory, name: &PrincipalName) -> bool {
    let arn = match name {
        PrincipalName::Account(number) => return directory.account(number).is_some(),
        PrincipalName::Arn { arn, .. } => arn,
        _ => return true,
    };
    let Some((account, kind, name)) = principal_arn_parts(arn) else { return false };
    match kind {
        "user" => directory.user(account, name).is_some_and(|user| user.arn() == *arn),
        "role" => directory.role(account, name).is_some_and(|role| role.arn() == *arn),
        "assumed-role" => directory.role(account, name).is_some(),
        "federated-user" => directory.account(account).is_some(),
        _ => false,
    }
}

/// The policy with `to` in place of the principal `from`, or `None` when it does not name it.
fn replaced(text: &str, from: &str, to: &str) -> Option<String> {
    if !text.contains(from) {
        return None;
    }
    let mut policy: Value = serde_json::from_str(text).ok()?;
    let mut found = false;
    let statements = match policy.get_mut("Statement") {
        Some(Value::Array(items)) => items.iter_mut().collect(),
        Some(single) => vec![single],
        None => Vec::new(),
    };
    for statement in statements {
        for element in ["Principal", "NotPrincipal"] {
            let aws = statement.get_mut(element).and_then(|principal| principal.get_mut("AWS"));
            found |= aws.is_some_and(|aws| replace_in(aws, from, to));
        }
    }
    found.then(|| policy.to_string())
}

fn replace_in(aws: &mut Value, from: &str, to: &str) -> bool {
    match aws {
        Value::String(one) if one == from => {
            *one = to.to_owned();
            true
        }
        Value::Array(items) => {
            let mut found = false;
            for item in items {
                found |= replace_in(item, from, to);
            }
            found
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_principals_are_replaced_never_conditions_or_resources() {
        let text = r#"{"Statement":[{"Principal":{"AWS":["arn:x","arn:y"]},"Condition":{"StringEquals":{"k":"arn:x"}}}]}"#;
        let after = r#"{"Statement":[{"Principal":{"AWS":["AIDA1","arn:y"]},"Condition":{"StringEquals":{"k":"arn:x"}}}]}"#;
        assert_eq!(replaced(text, "arn:x", "AIDA1").as_deref(), Some(after));
        assert_eq!(replaced(text, "arn:z", "AIDA1"), None);
    }
}
