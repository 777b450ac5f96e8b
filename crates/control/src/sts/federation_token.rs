//! `GetFederationToken`: a session under a name of the caller's choosing, never wider than the caller.

use serde::Deserialize;
use serde_json::{Value, json};

use super::keep;
use super::session_policies;
use super::session_token::{calling_user, seconds};
use crate::change::Change;
use crate::err::ApiError;
use crate::request::OperationRequest;
use crate::session;
use crate::store::record::SessionSubject;
use crate::tags::{TagInput, read_session_tags};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetFederationToken {
    name: String,
    #[serde(default)]
    tags: Vec<TagInput>,
}

pub(crate) fn get_federation_token(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: GetFederationToken = request.input()?;
    let account = request.account();
    let policies = session_policies::read(request, account)?;
    let tags = read_session_tags(input.tags)?;
    let packed_percent = policies.packed_percent(&tags)?;
    let subject =
        SessionSubject::Federated { name: input.name.clone(), user: calling_user(request) };
    let now = request.now_seconds();
    let key = request.directory.sealing_key();
    let mut issued =
        session::issue(request.mint, key, account, subject, (now, now + seconds(request)))?;
    issued.session.policies = policies.texts;
    issued.session.policy_arns = policies.arns;
    issued.session.tags = tags;
    Ok(json!({
        "Credentials": keep(request, issued, change)?,
        "FederatedUser": {
            "FederatedUserId": format!("{account}:{}", input.name),
            "Arn": format!("arn:aws:sts::{account}:federated-user/{}", input.name),
        },
        "PackedPolicySize": packed_percent.unwrap_or(0),
    }))
}
