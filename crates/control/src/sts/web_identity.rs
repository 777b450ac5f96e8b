//! `AssumeRoleWithWebIdentity`: an identity provider's token for a role's session.
//!
//! The token is judged by [`crate::Directory::web_identity`] before any policy is asked; what it says reaches the role's
//! trust policy as `ISSUER:sub` and `ISSUER:aud`. The provider's keys come in as a value: fetching them is the server's.

use serde::Deserialize;
use serde_json::{Value, json};

use super::assume_role::{assumed_role_user, duration, find_role, issue};
use super::{keep, session_policies};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::store::record::Session;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRoleWithWebIdentity {
    role_arn: String,
    role_session_name: String,
    provider_id: Option<String>,
    duration_seconds: Option<i64>,
}

pub(crate) fn assume_role_with_web_identity(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AssumeRoleWithWebIdentity = request.input()?;
    if let Some(id) = input.provider_id {
        let text = format!(
            "ProviderId {id}: OAuth 2.0 access tokens are not accepted, only OpenID Connect tokens"
        );
        return Err(ApiError::new(ErrorCode::InvalidParameterValue, text));
    }
    let role = find_role(request, &input.role_arn)?;
    let seconds = duration(input.duration_seconds, role, false)?;
    let policies = session_policies::read(request, &role.account)?;
    let asserted = request.caller.asserted.clone();
    let packed_percent = policies.packed_percent(&asserted.tags)?;
    let mut issued = issue(request, role, &input.role_session_name, seconds)?;
    issued.session = Session {
        policies: policies.texts,
        policy_arns: policies.arns,
        tags: asserted.tags,
        transitive_tags: asserted.transitive_tags,
        source_identity: asserted.source_identity.clone(),
        context: request.caller.session_context.clone(),
        ..issued.session
    };
    let asserted_value = |suffix: &str| {
        let keys = request.caller.session_context.iter();
        let mut values =
            keys.filter(|(key, _)| key.ends_with(suffix)).filter_map(|(_, values)| values.first());
        values.next().cloned()
    };
    Ok(json!({
        "Credentials": keep(request, issued, change)?,
        "SubjectFromWebIdentityToken": asserted_value(":sub"),
        "Audience": asserted_value(":aud"),
        "Provider": request.caller.arn,
        "AssumedRoleUser": assumed_role_user(role, &input.role_session_name),
        "PackedPolicySize": packed_percent,
        "SourceIdentity": asserted.source_identity,
    }))
}
