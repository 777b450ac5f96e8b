//! `AssumeRole`. Whether the caller may is the trust policy's matter and was decided in `authorization.rs`; here the
//! session is made: its length, its policies, its tags, and what it inherits in a chain of roles.

use policy::CallerKind;
use serde::Deserialize;
use serde_json::{Value, json};

use super::session_policies;
use super::{check_mfa_proof, keep};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::identity::IdentifiedCaller;
use crate::limits::TAGS_MAX;
use crate::request::OperationRequest;
use crate::session::{self, IssuedSession};
use crate::store::record::{Role, Session, SessionSubject, Tags};
use crate::tags::{TagInput, read_session_tags};

/// Seconds of a session that does not say.
pub(crate) const DURATION_SECONDS_DEFAULT: i64 = 3_600;
/// The longest session of a role assumed by a role (seconds).
const CHAINED_SECONDS_MAX: i64 = 3_600;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<i64>,
    #[serde(default)]
    tags: Vec<TagInput>,
    #[serde(default)]
    transitive_tag_keys: Vec<String>,
    source_identity: Option<String>,
}

pub(crate) fn assume_role(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AssumeRole = request.input()?;
    // A proof opens the role's trust policy and is used up; the session itself carries none, as at Amazon
    // (IAM user guide, "Secure API access with MFA").
    check_mfa_proof(request)?;
    let role = find_role(request, &input.role_arn)?;
    let seconds =
        duration(input.duration_seconds, role, request.caller.kind() == CallerKind::AssumedRole)?;
    let policies = session_policies::read(request, &role.account)?;
    let (tags, transitive_tags) =
        chain_tags(request.caller, read_session_tags(input.tags)?, input.transitive_tag_keys)?;
    let packed_percent = policies.packed_percent(&tags)?;
    // What a chain began with stands; that it is asked for again and differs was refused in `authorization.rs`.
    let source_identity = request.caller.source_identity.clone().or(input.source_identity);
    let mut issued = issue(request, role, &input.role_session_name, seconds)?;
    issued.session = Session {
        policies: policies.texts,
        policy_arns: policies.arns,
        tags,
        transitive_tags,
        source_identity: source_identity.clone(),
        ..issued.session
    };
    Ok(json!({
        "Credentials": keep(request, issued, change)?,
        "AssumedRoleUser": assumed_role_user(role, &input.role_session_name),
        "PackedPolicySize": packed_percent,
        "SourceIdentity": source_identity,
    }))
}

/// A fresh session of `role` that begins now.
pub(crate) fn issue(
    request: &OperationRequest<'_>,
    role: &Role,
    session_name: &str,
    seconds: i64,
) -> Result<IssuedSession, ApiError> {
    let subject = SessionSubject::Role {
        role: role.name.to_lowercase(),
        role_id: role.id.clone(),
        session_name: session_name.to_owned(),
    };
    let (now, key) = (request.now_seconds(), request.directory.sealing_key());
    session::issue(request.mint, key, &role.account, subject, (now, now + seconds))
}

/// The role of this ARN in any account of this deployment.
pub(crate) fn find_role<'d>(
    request: &OperationRequest<'d>,
    arn: &str,
) -> Result<&'d Role, ApiError> {
    let role = request.directory.role_by_arn(arn);
    // The authorizer has asked its trust policy; it can only have gone since.
    role.map(|entry| &entry.record)
        .ok_or_else(|| ApiError::access_denied("The role no longer exists."))
}

/// Seconds the session lives.
pub(crate) fn duration(asked: Option<i64>, role: &Role, chained: bool) -> Result<i64, ApiError> {
    let seconds = asked.unwrap_or(DURATION_SECONDS_DEFAULT);
    if chained && seconds > CHAINED_SECONDS_MAX {
        let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
        return Err(ApiError::new(ErrorCode::Validation, text));
    }
    if seconds > role.max_session_seconds {
        let text =
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(ApiError::new(ErrorCode::Validation, text));
    }
    Ok(seconds)
}

/// `AssumedRoleUser` of the reply.
pub(crate) fn assumed_role_user(role: &Role, session_name: &str) -> Value {
    json!({
        "AssumedRoleId": format!("{}:{session_name}", role.id),
        "Arn": format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account, role.name),
    })
}

/// The session's tags and which of them go on: what the caller's session handed down cannot be set anew.
fn chain_tags(
    caller: &IdentifiedCaller,
    own: Tags,
    asked: Vec<String>,
) -> Result<(Tags, Vec<String>), ApiError> {
    let inherited = &caller.transitive_tags;
    let is_inherited =
        |key: &str| inherited.iter().any(|(other, _)| other.eq_ignore_ascii_case(key));
    if own.iter().any(|(key, _)| is_inherited(key)) {
        let text = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
        return Err(ApiError::new(ErrorCode::InvalidParameterValue, text));
    }
    if let Some(missing) =
        asked.iter().find(|key| !own.iter().any(|(other, _)| other.eq_ignore_ascii_case(key)))
    {
        let text = format!(
            "The specified transitive tag key {missing} must be included in the requested tags."
        );
        return Err(ApiError::new(ErrorCode::InvalidParameterValue, text));
    }
    let transitive = inherited.iter().map(|(key, _)| key.clone()).chain(asked).collect();
    let tags: Tags = inherited.iter().cloned().chain(own).collect();
    if tags.len() > TAGS_MAX {
        let text = format!(
            "A session has at most {TAGS_MAX} tags, including those inherited from its role chain."
        );
        return Err(ApiError::new(ErrorCode::InvalidParameterValue, text));
    }
    Ok((tags, transitive))
}
