//! Managed policies on users, groups and roles: `Attach…Policy`, `Detach…Policy`, `ListAttached…Policies`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::inline_policies::PolicyHolder;
use super::page::page;
use super::roles::refuse_linked;
use super::{limit_exceeded, nothing};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::ATTACHED_POLICIES_MAX;
use crate::request::OperationRequest;
use crate::store::record::Record;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttachInput {
    policy_arn: String,
}

pub(crate) fn attach(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AttachInput = request.input()?;
    check_arn(&input.policy_arn)?;
    let mut holder = PolicyHolder::of(request)?;
    if request.directory.managed_policy_for(request.account(), &input.policy_arn).is_none() {
        let text = format!("Policy {} does not exist or is not attachable.", input.policy_arn);
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    }
    if let Record::Role(role) = &holder.record {
        refuse_linked(role)?;
    }
    let attached = &mut holder.permissions()?.attached;
    if attached.contains(&input.policy_arn) {
        return Ok(nothing());
    }
    if attached.len() >= ATTACHED_POLICIES_MAX {
        return Err(limit_exceeded(
            &format!("PoliciesPer{}", titled(holder.kind)),
            ATTACHED_POLICIES_MAX,
        ));
    }
    attached.push(input.policy_arn);
    change.put(holder.record);
    Ok(nothing())
}

/// Amazon's words, two spaces included.
fn check_arn(arn: &str) -> Result<(), ApiError> {
    if arn.starts_with("arn:") && arn.splitn(6, ':').count() == 6 {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::Validation, "Invalid ARN:  Could not be parsed!"))
}

pub(crate) fn detach(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: AttachInput = request.input()?;
    check_arn(&input.policy_arn)?;
    let mut holder = PolicyHolder::of(request)?;
    let attached = &mut holder.permissions()?.attached;
    let before = attached.len();
    attached.retain(|arn| *arn != input.policy_arn);
    if attached.len() == before {
        let text = format!("Policy {} was not found.", input.policy_arn);
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    }
    change.put(holder.record);
    Ok(nothing())
}

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let under = request.input.get("PathPrefix").and_then(Value::as_str).unwrap_or("/");
    let mut holder = PolicyHolder::of(request)?;
    let mut arns = holder.permissions()?.attached.clone();
    arns.sort();
    let policies = arns.iter().filter_map(|arn| request.directory.managed_policy(arn));
    let listed = policies.filter(|policy| policy.path.starts_with(under));
    let values = listed.map(|policy| {
        (policy.arn(), json!({"PolicyName": policy.name, "PolicyArn": policy.arn()}))
    });
    page(request, "AttachedPolicies", values)
}

fn titled(kind: &str) -> &'static str {
    match kind {
        "user" => "User",
        "group" => "Group",
        _ => "Role",
    }
}
