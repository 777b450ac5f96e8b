//! Inline policies of users, groups and roles: `Put…Policy`, `Get…Policy`, `Delete…Policy`, `List…Policies`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::page;
use super::{groups, nothing, roles, url_encoded, users};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::{GROUP_INLINE_CHARS_MAX, ROLE_INLINE_CHARS_MAX, USER_INLINE_CHARS_MAX};
use crate::policies::{check_identity, size_without_space};
use crate::request::OperationRequest;
use crate::store::record::{Permissions, Record};

/// A user, group or role that holds policies: a copy of its record.
pub(crate) struct PolicyHolder {
    pub(crate) record: Record,
    /// `user`, `group`, `role`.
    pub(crate) kind: &'static str,
    pub(crate) name: String,
}

impl PolicyHolder {
    /// The holder that the input's `UserName`, `GroupName` or `RoleName` means.
    pub(crate) fn of(request: &OperationRequest<'_>) -> Result<PolicyHolder, ApiError> {
        let text = |member: &str| request.input.get(member).and_then(Value::as_str);
        let (directory, account) = (request.directory, request.account());
        if let Some(name) = text("UserName") {
            let user = users::find(directory, account, name)?.record.clone();
            return Ok(PolicyHolder {
                name: user.name.clone(),
                record: Record::User(user),
                kind: "user",
            });
        }
        if let Some(name) = text("GroupName") {
            let group = groups::find(directory, account, name)?.record.clone();
            return Ok(PolicyHolder {
                name: group.name.clone(),
                record: Record::Group(group),
                kind: "group",
            });
        }
        let role =
            roles::find(directory, account, text("RoleName").unwrap_or_default())?.record.clone();
        Ok(PolicyHolder { name: role.name.clone(), record: Record::Role(role), kind: "role" })
    }

    /// Its policies.
    pub(crate) fn permissions(&mut self) -> Result<&mut Permissions, ApiError> {
        match &mut self.record {
            Record::User(r) => Ok(&mut r.permissions),
            Record::Group(r) => Ok(&mut r.permissions),
            Record::Role(r) => Ok(&mut r.permissions),
            other => Err(ApiError::new(
                ErrorCode::Internal,
                format!("a {} holds no policies", other.kind().name()),
            )),
        }
    }

    fn inline_chars_max(&self) -> usize {
        match self.kind {
            "user" => USER_INLINE_CHARS_MAX,
            "group" => GROUP_INLINE_CHARS_MAX,
            _ => ROLE_INLINE_CHARS_MAX,
        }
    }

    /// `UserName` and its like.
    fn member(&self) -> &'static str {
        match self.kind {
            "user" => "UserName",
            "group" => "GroupName",
            _ => "RoleName",
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InlinePolicyInput {
    policy_name: String,
    policy_document: Option<String>,
}

pub(crate) fn put(request: &OperationRequest<'_>, change: &mut Change) -> Result<Value, ApiError> {
    let input: InlinePolicyInput = request.input()?;
    let mut holder = PolicyHolder::of(request)?;
    let document = input.policy_document.unwrap_or_default();
    check_identity(&document)?;
    let permissions = holder.permissions()?;
    permissions.inline.insert(input.policy_name, document);
    let size: usize = permissions.inline.values().map(|text| size_without_space(text)).sum();
    let limit = holder.inline_chars_max();
    if size > limit {
        let text = format!(
            "Maximum policy size of {limit} bytes exceeded for {} {}",
            holder.kind, holder.name
        );
        return Err(ApiError::new(ErrorCode::LimitExceeded, text));
    }
    change.put(holder.record);
    Ok(nothing())
}

pub(crate) fn get(request: &OperationRequest<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let input: InlinePolicyInput = request.input()?;
    let mut holder = PolicyHolder::of(request)?;
    let (kind, member, name) = (holder.kind, holder.member(), holder.name.clone());
    let text = holder.permissions()?.inline.get(&input.policy_name);
    let text = text.ok_or_else(|| no_policy(kind, &input.policy_name))?;
    Ok(json!({member: name, "PolicyName": input.policy_name, "PolicyDocument": url_encoded(text)}))
}

pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let input: InlinePolicyInput = request.input()?;
    let mut holder = PolicyHolder::of(request)?;
    let kind = holder.kind;
    if holder.permissions()?.inline.remove(&input.policy_name).is_none() {
        return Err(no_policy(kind, &input.policy_name));
    }
    change.put(holder.record);
    Ok(nothing())
}

pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let mut holder = PolicyHolder::of(request)?;
    let names: Vec<String> = holder.permissions()?.inline.keys().cloned().collect();
    page(request, "PolicyNames", names.into_iter().map(|name| (name.clone(), Value::String(name))))
}

fn no_policy(kind: &str, name: &str) -> ApiError {
    ApiError::new(
        ErrorCode::NoSuchEntity,
        format!("The {kind} policy with name {name} cannot be found."),
    )
}
