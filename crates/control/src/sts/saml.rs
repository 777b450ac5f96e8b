//! `AssumeRoleWithSAML`: a SAML provider's assertion for a role's session.
//!
//! The assertion is judged by [`crate::Directory::saml_bearer`] before any policy is asked; what it says reaches the role's
//! trust policy as `saml:sub`, `saml:aud` and their like.

use serde::Deserialize;
use serde_json::{Value, json};

use super::assume_role::{assumed_role_user, duration, find_role, issue};
use super::{keep, session_policies};
use crate::change::Change;
use crate::directory::sessions::holder;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::store::record::Session;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRoleWithSaml {
    role_arn: String,
    duration_seconds: Option<i64>,
}

pub(crate) fn assume_role_with_saml(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AssumeRoleWithSaml = request.input()?;
    let asserted = request.caller.asserted.clone();
    let unproven = || ApiError::new(ErrorCode::Internal, "no assertion was verified");
    let login = asserted.saml.ok_or_else(unproven)?;
    let role = find_role(request, &input.role_arn)?;
    let seconds = duration(input.duration_seconds.or(login.seconds), role, false)?;
    // "Or until the time specified in the SAML authentication response's SessionNotOnOrAfter value, whichever is shorter"
    // (STS API reference, `AssumeRoleWithSAML`).
    let left = login.ends.map_or(seconds, |end| end - request.now_seconds());
    let policies = session_policies::read(request, &role.account)?;
    let packed_percent = policies.packed_percent(&asserted.tags)?;
    let mut issued = issue(request, role, &login.session_name, seconds.min(left))?;
    issued.session = Session {
        policies: policies.texts,
        policy_arns: policies.arns,
        tags: asserted.tags,
        transitive_tags: asserted.transitive_tags,
        source_identity: asserted.source_identity.clone(),
        context: request.caller.session_context.clone(),
        assertion: Some(login.fingerprint),
        ..issued.session
    };
    check_not_replayed(request, &issued.session)?;
    let subject_type = Some(login.subject_type).filter(|it| !it.is_empty());
    Ok(json!({
        "Credentials": keep(request, issued, change)?,
        "AssumedRoleUser": assumed_role_user(role, &login.session_name),
        "Subject": login.subject,
        "SubjectType": subject_type,
        "Issuer": login.issuer,
        "Audience": login.audience,
        "NameQualifier": login.name_qualifier,
        "PackedPolicySize": packed_percent,
        "SourceIdentity": asserted.source_identity,
    }))
}

/// An assertion opens a role once. What it opened lives longer than the assertion, so that the sessions themselves remember
/// it. Source: SAML 2.0 profiles, section 4.1.4.5 ("bearer assertions are not replayed"); decision 0148.
fn check_not_replayed(request: &OperationRequest<'_>, new: &Session) -> Result<(), ApiError> {
    let owner = holder(new);
    let mut kept = request.directory.sessions().values();
    let used = kept.any(|it| it.entry.assertion == new.assertion && holder(&it.entry) == owner);
    if used {
        let text = "The assertion has been used for this role already";
        return Err(ApiError::new(ErrorCode::InvalidIdentityToken, text));
    }
    Ok(())
}
